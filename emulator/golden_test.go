package emulator

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// goldenRequest is a whole request whose signature was made by the official clients.
type goldenRequest struct {
	method string
	host   string
	query  string
	header map[string]string
	// hostSigned says that the signature covers the host.
	hostSigned bool
	// status and code are those of the answer once the signature is accepted.
	status int
	code   string
}

var goldenRequests = map[string]goldenRequest{
	formACS3: {
		method: http.MethodPost, host: "kms.cn-hangzhou.aliyuncs.com", hostSigned: true,
		query: "RegionId=cn-hangzhou&ResourceId.1=kst-1&ResourceType=instance&Tag.1.Key=a+b&Tag.1.Value=v~%2A%2B%2F%E4%B8%AD&Tag.2.Key=k2&Tag.2.Value=",
		header: map[string]string{
			"x-acs-action": "TagResources", "x-acs-version": "2016-01-20", "x-acs-date": "2026-01-02T03:04:05Z",
			"x-acs-signature-nonce": "0123456789abcdef0123456789abcdef", "x-acs-credentials-provider": "static_ak",
			"x-acs-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
			"Authorization": "ACS3-HMAC-SHA256 Credential=testid,SignedHeaders=host;x-acs-action;x-acs-content-sha256;" +
				"x-acs-credentials-provider;x-acs-date;x-acs-signature-nonce;x-acs-version," +
				"Signature=6343319d597a9e83a4ed4e63ec753ca960d3c4931a2a19eae0833975a7d3ea52",
		},
		status: 400, code: "InvalidParameter.TagKey", // its first key has a space
	},
	formV1: {
		method: http.MethodGet, host: "kms.cn-hangzhou.aliyuncs.com",
		query: "Action=UpdateKmsInstanceBindVpc&Format=json&Version=2016-01-20&Timestamp=2026-01-02T03%3A04%3A05Z" +
			"&SignatureNonce=0123456789abcdef0123456789abcdef&SignatureMethod=HMAC-SHA1&SignatureVersion=1.0&AccessKeyId=testid" +
			"&KmsInstanceId=kst-1&BindVpcs=%5B%5D&Signature=LYwUQYsqAfn5KIh1MuRl0qgP2OY%3D",
		status: 200, code: "",
	},
}

// send makes the request, which must get an answer.
func (g goldenRequest) send(c client) reply {
	c.t.Helper()
	req := c.newRequest(g.method, "http://"+g.host+"/?"+g.query, "")
	for name, value := range g.header {
		req.Header.Set(name, value)
	}
	res, err := c.http.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	r, err := decoded(res, string(raw))
	if err != nil {
		c.t.Fatal(err)
	}
	return r
}

// changed returns the request with one byte changed, for every byte of what is signed and of the signature itself.
func (g goldenRequest) changed() map[string]goldenRequest {
	all := map[string]goldenRequest{}
	other := func(text string, at int) string {
		b := byte('x')
		if text[at] == b {
			b = 'y'
		}
		return text[:at] + string(b) + text[at+1:]
	}
	for at := range g.query {
		one := g
		one.query = other(g.query, at)
		all["query: "+one.query] = one
	}
	for name, value := range g.header {
		for at := range value {
			one := g
			one.header = map[string]string{}
			for n, v := range g.header {
				one.header[n] = v
			}
			one.header[name] = other(value, at)
			all[name+": "+one.header[name]] = one
		}
	}
	if g.hostSigned {
		for at := range g.host {
			one := g
			one.host = other(g.host, at)
			all["host: "+one.host] = one
		}
	}
	one := g
	one.method = map[string]string{http.MethodGet: http.MethodPost, http.MethodPost: http.MethodGet}[g.method]
	all["method: "+one.method] = one
	return all
}

// The golden requests are accepted over the wire, once and in their time; with any byte changed they are not.
func TestGoldenRequests(t *testing.T) {
	for form, golden := range goldenRequests {
		t.Run(form, func(t *testing.T) {
			inABubble(t, Options{
				Credentials: []Credential{{AccessKeyID: "testid", Secret: "testsecret"}}, Regions: []string{"cn-hangzhou"},
			}, func(t *testing.T, s *Server, c client) {
				time.Sleep(time.Until(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)))
				i := seed(t, s, Instance{ID: "kst-1", Sizes: Sizes{ProductVersion: "3", VpcNum: 1}, BindVpcs: []BindVpc{{VpcID: "vpc-2"}}})
				codes := map[string]int{}
				for name, changed := range golden.changed() {
					r := changed.send(c)
					codes[r.code()]++
					if r.status < 400 || r.code() == golden.code {
						t.Errorf("accepted with %s: %d %s", name, r.status, r.raw)
					}
					if !slices.Contains(refusalsOfTheGateway, r.code()) && !strings.HasPrefix(r.code(), "Missing") {
						t.Errorf("with %s: %s", name, r.raw)
					}
				}
				if codes["SignatureDoesNotMatch"] < 100 || codes["InvalidTimeStamp.Format"] == 0 || codes["InvalidAccessKeyId.NotFound"] == 0 {
					t.Errorf("codes %v", codes)
				}
				if now, _ := s.Instance(i.ID); len(now.BindVpcs) != 1 || len(now.Tags) != 0 {
					t.Errorf("a refused call changed the instance to %+v", now)
				}

				if r := golden.send(c); r.status != golden.status || r.code() != golden.code {
					t.Errorf("the golden request is answered by %d %s", r.status, r.raw)
				}
				if now, _ := s.Instance(i.ID); form == formV1 && len(now.BindVpcs) != 0 {
					t.Error("the golden request had no effect")
				}
				if r := golden.send(c); r.status != 400 || r.code() != "SignatureNonceUsed" {
					t.Errorf("the second time it is answered by %d %s", r.status, r.raw)
				}
				time.Sleep(15*time.Minute + time.Second)
				if r := golden.send(c); r.status != 400 || r.code() != "InvalidTimeStamp.Expired" {
					t.Errorf("a quarter of an hour later it is answered by %d %s", r.status, r.raw)
				}
			})
		})
	}
}

var refusalsOfTheGateway = []string{
	"SignatureDoesNotMatch", "InvalidAccessKeyId.NotFound", "InvalidApi.NotFound", "InvalidTimeStamp.Format", "InvalidTimeStamp.Expired",
	"InvalidSignatureMethod", "InvalidParameter.Format", "UnsupportedHTTPMethod", "IllegalTimestamp",
}

// Without its token a temporary key is refused, whichever signature it makes; so is a token that was changed.
func TestTokensAreSigned(t *testing.T) {
	_, c := start(t, Options{})
	eachForm(t, c, func(t *testing.T, c client) {
		session := c.with(c.ok(serviceSTS, "AssumeRole", params{"RoleArn": roleARN, "RoleSessionName": "ci"}))
		session.ok(serviceKMS, "ListKmsInstances", nil)
		stolen := session
		stolen.tamper = func(r *http.Request) {
			r.Header.Del("x-acs-security-token")
			q := r.URL.Query()
			q.Del("SecurityToken")
			r.URL.RawQuery = q.Encode()
		}
		stolen.refused(serviceKMS, "ListKmsInstances", nil, 400, "MissingSecurityToken")
	})
}

// The common parameters of V1 that a client may add are signed and are not parameters of the action.
func TestFurtherCommonParameters(t *testing.T) {
	s, c := start(t, Options{})
	c.form = formV1
	c.common = func(p url.Values) {
		p.Set("SourceIp", "192.0.2.1")
		p.Set("SecureTransport", "true")
		p.Set("SignatureType", "")
		p.Set("RegionId", "cn-hangzhou") // the cloud's command line sends it with every action
	}
	c.ok(serviceKMS, "DescribeRegions", nil)
	calls := s.Journal()
	if got := calls[len(calls)-1].Parameters; len(got) != 1 || got["RegionId"] != "cn-hangzhou" {
		t.Errorf("the parameters of the action are %v", got)
	}
	c.tamper = func(r *http.Request) { r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "192.0.2.1", "192.0.2.2", 1) }
	c.refused(serviceKMS, "DescribeRegions", nil, 400, "SignatureDoesNotMatch")
}
