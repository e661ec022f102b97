package cloud

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	openapiutil "github.com/alibabacloud-go/darabonba-openapi/v2/utils"
	"github.com/alibabacloud-go/tea/dara"
)

// verifyACS3 checks the signature of a request with an empty body the way Alibaba Cloud documents it.
func verifyACS3(r *http.Request, key, secret string) error {
	fields := map[string]string{}
	scheme, rest, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	for field := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(field, "=")
		fields[name] = value
	}
	if scheme != "ACS3-HMAC-SHA256" || fields["Credential"] != key {
		return fmt.Errorf("the authorization is %q", r.Header.Get("Authorization"))
	}
	empty := sha256.Sum256(nil)
	if got := r.Header.Get("x-acs-content-sha256"); got != hex.EncodeToString(empty[:]) {
		return fmt.Errorf("the body's hash is %q", got)
	}
	signed := strings.Split(fields["SignedHeaders"], ";")
	for _, name := range []string{"host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce", "x-acs-version"} {
		if !slices.Contains(signed, name) {
			return fmt.Errorf("the header %s is not signed", name)
		}
	}
	if want := signACS3(r, signed, secret); fields["Signature"] != want {
		return fmt.Errorf("the signature is %s, want %s", fields["Signature"], want)
	}
	return nil
}

func signACS3(r *http.Request, signed []string, secret string) string {
	var query []string
	for _, name := range slices.Sorted(maps.Keys(r.URL.Query())) { // by name: TagKey.1 comes before TagKey.10
		query = append(query, name+"="+rfc3986(r.URL.Query().Get(name)))
	}
	var headers strings.Builder
	for _, name := range signed {
		value := strings.Join(r.Header.Values(name), "")
		if name == "host" {
			value = r.Host
		}
		headers.WriteString(name + ":" + strings.TrimSpace(value) + "\n")
	}
	canonical := strings.Join([]string{
		r.Method, "/", strings.Join(query, "&"), headers.String(), strings.Join(signed, ";"), r.Header.Get("x-acs-content-sha256"),
	}, "\n")
	hash := sha256.Sum256([]byte(canonical))
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("ACS3-HMAC-SHA256\n" + hex.EncodeToString(hash[:])))
	return hex.EncodeToString(mac.Sum(nil))
}

func rfc3986(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// The signature of a fixed request, worked out by hand from the documentation, must be the one that the SDK makes with
// our way of calling it.
func TestGoldenSignature(t *testing.T) {
	t.Parallel()
	key, secret, host := "testid", "testsecret", "kms.cn-hangzhou.aliyuncs.com"
	var signature string
	carried := &carrier{client: &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		_, signature, _ = strings.Cut(r.Header["Authorization"][0], ",Signature=")
		// net/http sends the keys that the SDK wrote in lower case as they are; a server reads them in any case.
		canonical := http.Header{}
		for name, values := range r.Header {
			canonical[http.CanonicalHeaderKey(name)] = values
		}
		r = r.Clone(r.Context())
		r.Header = canonical
		if err := verifyACS3(r, key, secret); err != nil {
			t.Error(err)
		}
		return nil, http.ErrServerClosed
	})}}
	sdk, err := openapi.NewClient(&openapiutil.Config{
		Credential: &fixedCredential{Credentials{AccessKeyID: key, AccessKeySecret: secret, Provider: "static_ak"}},
		Endpoint:   &host,
		HttpClient: carried,
	})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = sdk.CallApiWithCtx(t.Context(), &openapiutil.Params{
		Action: dara.String("TagResources"), Version: dara.String("2016-01-20"), Protocol: dara.String("HTTPS"),
		Pathname: dara.String("/"), Method: dara.String("POST"), AuthType: dara.String("AK"), Style: dara.String("RPC"),
		ReqBodyType: dara.String("formData"), BodyType: dara.String("json"),
	}, &openapiutil.OpenApiRequest{
		Query: pointers(map[string]string{
			"RegionId": "cn-hangzhou", "ResourceType": "instance", "ResourceId.1": "kst-1",
			"Tag.1.Key": "a b", "Tag.1.Value": "v~*+/中", "Tag.2.Key": "k2", "Tag.2.Value": "",
		}),
		Headers: pointers(map[string]string{
			"x-acs-date":                 "2026-01-02T03:04:05Z",
			"x-acs-signature-nonce":      "0123456789abcdef0123456789abcdef",
			"x-acs-credentials-provider": "static_ak",
		}),
	}, &dara.RuntimeOptions{})
	if want := "6343319d597a9e83a4ed4e63ec753ca960d3c4931a2a19eae0833975a7d3ea52"; signature != want {
		t.Errorf("the signature is %q, want %q", signature, want)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
