package emulator

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // the cloud's V1 signature is HMAC-SHA1
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const acs3Algorithm = "ACS3-HMAC-SHA256"

// acs3Signature is the content of an ACS3 Authorization header.
type acs3Signature struct {
	accessKeyID   string
	signedHeaders []string
	signature     string
}

// parseACS3 reads what there is of an Authorization header.
func parseACS3(authorization string) acs3Signature {
	var s acs3Signature
	rest, ok := strings.CutPrefix(authorization, acs3Algorithm+" ")
	if !ok {
		return s
	}
	for field := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(field), "=")
		switch name {
		case "Credential":
			s.accessKeyID = value
		case "SignedHeaders":
			s.signedHeaders = strings.Split(value, ";")
		case "Signature":
			s.signature = value
		}
	}
	return s
}

func (s acs3Signature) complete() bool {
	return s.accessKeyID != "" && s.signature != "" && len(s.signedHeaders) > 0
}

// acs3Required are the headers that must be covered by a signature; without them a call could be replayed or redirected.
var acs3Required = []string{"host", "x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce", hashHeader}

const hashHeader = "x-acs-content-sha256"

// matches says whether the signature fits a canonical request and its body under the secret.
func (s acs3Signature) matches(r *http.Request, canonical string, body []byte, secret string) bool {
	for _, name := range acs3Required {
		if !slices.Contains(s.signedHeaders, name) {
			return false
		}
	}
	sum := sha256.Sum256(body)
	return r.Header.Get(hashHeader) == hex.EncodeToString(sum[:]) &&
		hmac.Equal([]byte(acs3Sign(canonical, secret)), []byte(strings.ToLower(s.signature)))
}

func acs3CanonicalRequest(r *http.Request, query url.Values, signedHeaders []string) string {
	path := r.URL.EscapedPath()
	if path == "" {
		path = "/"
	}
	var b strings.Builder
	b.WriteString(r.Method + "\n" + path + "\n" + acs3CanonicalQuery(query) + "\n")
	for _, name := range slices.Sorted(slices.Values(signedHeaders)) {
		value := strings.Join(r.Header.Values(name), ",")
		if strings.EqualFold(name, "host") {
			value = r.Host
		}
		b.WriteString(strings.ToLower(name) + ":" + strings.TrimSpace(value) + "\n")
	}
	b.WriteString("\n" + strings.Join(signedHeaders, ";") + "\n" + r.Header.Get(hashHeader))
	return b.String()
}

// acs3CanonicalQuery writes the query as clients sign it: whatever its encoding on the wire was, sorted by key and
// encoded by RFC 3986. Keys go in as they are; an empty value still has its "=".
func acs3CanonicalQuery(query url.Values) string {
	return pairs(query, func(key string) string { return key })
}

// pairs writes parameters as "key=value&…", sorted by key.
func pairs(values url.Values, encodeKey func(string) string) string {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(values)) {
		for _, value := range values[key] {
			all = append(all, encodeKey(key)+"="+rfc3986(value))
		}
	}
	return strings.Join(all, "&")
}

func acs3Sign(canonicalRequest, secret string) string {
	sum := sha256.Sum256([]byte(canonicalRequest))
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(acs3Algorithm + "\n" + hex.EncodeToString(sum[:])))
	return hex.EncodeToString(mac.Sum(nil))
}

// v1StringToSign is what a V1 signature covers: the method and all parameters of query and form but the signature.
func v1StringToSign(method string, query, form url.Values) string {
	all := url.Values{}
	for _, values := range []url.Values{query, form} {
		for key, list := range values {
			if key != "Signature" {
				all[key] = append(all[key], list...)
			}
		}
	}
	return method + "&%2F&" + rfc3986(pairs(all, rfc3986))
}

func v1Sign(stringToSign, secret string) string {
	mac := hmac.New(sha1.New, []byte(secret+"&"))
	mac.Write([]byte(stringToSign))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func v1Matches(signature, stringToSign, secret string) bool {
	return hmac.Equal([]byte(v1Sign(stringToSign, secret)), []byte(signature))
}

// rfc3986 percent-encodes everything but letters, digits and "-_.~".
func rfc3986(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") // a plus sign itself is %2B by then
}

const timestampFormat = "2006-01-02T15:04:05Z"

func parseTimestamp(text string) (time.Time, bool) {
	t, err := time.Parse(timestampFormat, text)
	return t, err == nil
}

// stamp writes a time as the cloud does.
func stamp(t time.Time) string {
	return t.UTC().Format(timestampFormat)
}
