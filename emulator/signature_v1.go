package emulator

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // the cloud's V1 signature is HMAC-SHA1
	"encoding/base64"
	"maps"
	"net/url"
	"slices"
	"strings"
)

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
	var pairs []string
	for _, key := range slices.Sorted(maps.Keys(all)) {
		for _, value := range all[key] {
			pairs = append(pairs, rfc3986(key)+"="+rfc3986(value))
		}
	}
	return method + "&%2F&" + rfc3986(strings.Join(pairs, "&"))
}

func v1Sign(stringToSign, secret string) string {
	mac := hmac.New(sha1.New, []byte(secret+"&"))
	mac.Write([]byte(stringToSign))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func v1Matches(signature, stringToSign, secret string) bool {
	return hmac.Equal([]byte(v1Sign(stringToSign, secret)), []byte(signature))
}
