package emulator

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// The golden vectors were made with the official clients.
// Promise (Emulator): Both signatures are verified.
func TestGoldenACS3Signature(t *testing.T) {
	query := url.Values{
		"RegionId": {"cn-hangzhou"}, "ResourceType": {"instance"}, "ResourceId.1": {"kst-1"},
		"Tag.1.Key": {"a b"}, "Tag.1.Value": {"v~*+/中"}, "Tag.2.Key": {"k2"}, "Tag.2.Value": {""},
	}
	wantQuery := "RegionId=cn-hangzhou&ResourceId.1=kst-1&ResourceType=instance&Tag.1.Key=a%20b&Tag.1.Value=v~%2A%2B%2F%E4%B8%AD&Tag.2.Key=k2&Tag.2.Value="
	equal(t, acs3CanonicalQuery(query), wantQuery)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://kms.cn-hangzhou.aliyuncs.com/?"+query.Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	const emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	for name, value := range map[string]string{
		"x-acs-action": "TagResources", "x-acs-version": "2016-01-20", "x-acs-date": "2026-01-02T03:04:05Z",
		"x-acs-signature-nonce": "0123456789abcdef0123456789abcdef", "x-acs-credentials-provider": "static_ak",
		"x-acs-content-sha256": emptyHash,
	} {
		r.Header.Set(name, value)
	}
	signed := "host;x-acs-action;x-acs-content-sha256;x-acs-credentials-provider;x-acs-date;x-acs-signature-nonce;x-acs-version"
	canonical := acs3CanonicalRequest(r, query, strings.Split(signed, ";"))
	const want = "6343319d597a9e83a4ed4e63ec753ca960d3c4931a2a19eae0833975a7d3ea52"
	equal(t, acs3Sign(canonical, "testsecret"), want)
	parsed := parseACS3("ACS3-HMAC-SHA256 Credential=testid,SignedHeaders=" + signed + ",Signature=" + want)
	if !parsed.complete() || !parsed.matches(r, canonical, nil, "testsecret") {
		t.Fatal("the golden request is not accepted")
	}
	if parsed.matches(r, canonical, []byte("x"), "testsecret") {
		t.Fatal("another body is accepted")
	}
	if parsed.matches(r, canonical, nil, "testsecre") {
		t.Fatal("another secret is accepted")
	}
}

// Promise (Emulator): Both signatures are verified.
func TestGoldenV1Signature(t *testing.T) {
	query := url.Values{
		"Action": {"UpdateKmsInstanceBindVpc"}, "Format": {"json"}, "Version": {"2016-01-20"},
		"Timestamp": {"2026-01-02T03:04:05Z"}, "SignatureNonce": {"0123456789abcdef0123456789abcdef"},
		"SignatureMethod": {"HMAC-SHA1"}, "SignatureVersion": {"1.0"}, "AccessKeyId": {"testid"},
		"KmsInstanceId": {"kst-1"}, "BindVpcs": {"[]"},
	}
	const want = "LYwUQYsqAfn5KIh1MuRl0qgP2OY="
	toSign := v1StringToSign(http.MethodGet, query, nil)
	equal(t, v1Sign(toSign, "testsecret"), want)
	query.Set("Signature", want)
	equal(t, v1StringToSign(http.MethodGet, query, nil), toSign)
	if v1Matches(want, v1StringToSign(http.MethodPost, query, nil), "testsecret") {
		t.Fatal("another method is accepted")
	}
}
