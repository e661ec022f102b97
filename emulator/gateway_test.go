package emulator

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestGatewayRefusals(t *testing.T) {
	_, c := start(t, Options{Credentials: []Credential{
		{AccessKeyID: "ak", Secret: "sk"},
		{AccessKeyID: "off", Secret: "sk", Inactive: true},
		{AccessKeyID: "limited", Secret: "sk", Deny: []string{"ListKmsInstances"}},
	}})
	type refusal struct {
		service, action, form string // one form of signature, if it says nothing of the other
		status                int
		code                  string
		change                func(c *client)
	}
	list := func(form string, status int, code string, change func(c *client)) refusal {
		return refusal{serviceKMS, "ListKmsInstances", form, status, code, change}
	}
	tamper := func(change func(r *http.Request)) func(*client) { return func(c *client) { c.tamper = change } }
	query := func(change func(q url.Values)) func(*client) {
		return tamper(func(r *http.Request) { q := r.URL.Query(); change(q); r.URL.RawQuery = q.Encode() })
	}
	leaveOut := func(parameter, header string) func(c *client) {
		return func(c *client) {
			c.common = func(p url.Values) { p.Del(parameter) }
			c.edit = func(h http.Header) { h.Del(header) }
		}
	}
	refusals := map[string]refusal{
		"unknown action":         {serviceKMS, "CreateKmsInstance", "", 404, "InvalidApi.NotFound", nil},
		"action of another one":  {serviceKMS, "CreateInstance", "", 404, "InvalidApi.NotFound", nil},
		"unknown version":        {"none", "GetKmsInstance", formV1, 400, "MissingVersion", nil},
		"wrong version":          {serviceSTS, "GetKmsInstance", "", 404, "InvalidApi.NotFound", nil},
		"missing parameter":      {serviceKMS, "GetKmsInstance", "", 400, "MissingKmsInstanceId", nil},
		"PUT":                    list("", 400, "UnsupportedHTTPMethod", func(c *client) { c.method = http.MethodPut }),
		"another path":           list("", 404, "InvalidApi.NotFound", func(c *client) { c.base += "/v2" }),
		"malformed query":        list("", 400, "InvalidParameter.Format", tamper(func(r *http.Request) { r.URL.RawQuery += "&x=%zz" })),
		"unknown key":            list("", 404, "InvalidAccessKeyId.NotFound", func(c *client) { c.key = "nobody" }),
		"inactive key":           list("", 400, "InvalidAccessKeyId.Inactive", func(c *client) { c.key = "off" }),
		"wrong secret":           list("", 400, "SignatureDoesNotMatch", func(c *client) { c.secret = "s" }),
		"no permission":          list("", 403, "Forbidden.NoPermission", func(c *client) { c.key = "limited" }),
		"token of a lasting key": list("", 400, "InvalidSecurityToken.MismatchWithAccessKey", func(c *client) { c.token = tokenPrefix + "x" }),
		"clock 16 minutes slow":  list("", 400, "InvalidTimeStamp.Expired", func(c *client) { c.at = time.Now().Add(-16 * time.Minute) }),
		"clock 16 minutes fast":  list("", 400, "InvalidTimeStamp.Expired", func(c *client) { c.at = time.Now().Add(16 * time.Minute) }),
		"no timestamp for KMS":   list("", 400, "IllegalTimestamp", leaveOut("Timestamp", "x-acs-date")),
		"no timestamp for BSS":   {serviceBSS, "QueryAvailableInstances", "", 400, "MissingTimestamp", leaveOut("Timestamp", "x-acs-date")},
		"no nonce":               list("", 400, "MissingSignatureNonce", leaveOut("SignatureNonce", "x-acs-signature-nonce")),
		"unsigned":               list(formACS3, 400, "MissingAccessKeyId", tamper(func(r *http.Request) { r.Header.Del("Authorization") })),
		"no signature":           list(formV1, 400, "MissingSignature", query(func(q url.Values) { q.Del("Signature") })),
		"another Authorization":  list(formACS3, 400, "InvalidSignatureMethod", tamper(func(r *http.Request) { r.Header.Set("Authorization", "Basic YTpi") })),
		"another method":         list(formV1, 400, "InvalidSignatureMethod", func(c *client) { c.common = func(p url.Values) { p.Set("SignatureMethod", "HMAC-MD5") } }),
		"changed query":          list("", 400, "SignatureDoesNotMatch", query(func(q url.Values) { q.Set("PageSize", "2") })),
		"changed header": list(formACS3, 400, "SignatureDoesNotMatch", tamper(func(r *http.Request) {
			r.Header.Set("x-acs-version", "2017-12-14")
			r.Header.Set("x-acs-action", "QueryAvailableInstances")
		})),
		"body without its hash": list(formACS3, 400, "SignatureDoesNotMatch", tamper(func(r *http.Request) { r.Body, r.ContentLength = io.NopCloser(strings.NewReader("x")), 1 })),
		"changed form": list(formV1, 400, "SignatureDoesNotMatch", tamper(func(r *http.Request) {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader("PageSize=2")), 10
		})),
		"malformed timestamp": list("", 400, "InvalidTimeStamp.Format", func(c *client) {
			c.common = func(p url.Values) { p.Set("Timestamp", "yesterday") }
			c.edit = func(h http.Header) { h.Set("x-acs-date", "yesterday") }
		}),
		"unsigned nonce": list(formACS3, 400, "SignatureDoesNotMatch", tamper(func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), ";x-acs-signature-nonce", "", 1))
		})),
		"a body that is too large": list(formV1, 413, "InvalidParameter.Format", tamper(func(r *http.Request) {
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader(strings.Repeat("x", maxBody+1))), maxBody+1
		})),
	}
	eachForm(t, c, func(t *testing.T, c client) {
		for name, refusal := range refusals {
			if refusal.form != "" && refusal.form != c.form {
				continue
			}
			t.Run(name, func(t *testing.T) {
				c := c
				c.t = t
				if refusal.change != nil {
					refusal.change(&c)
				}
				r := c.refused(refusal.service, refusal.action, nil, refusal.status, refusal.code)
				for _, field := range []string{"RequestId", "Message", "HostId", "Recommend"} {
					if r.text(field) == "" {
						t.Errorf("the error has no %s: %s", field, r.raw)
					}
				}
				r.is(r.header.Get("x-acs-request-id"), "RequestId")
			})
		}
	})
}

func TestNonceCountsOnce(t *testing.T) {
	_, c := start(t, Options{Credentials: []Credential{{AccessKeyID: "a", Secret: "s"}, {AccessKeyID: "b", Secret: "s"}}})
	eachForm(t, c, func(t *testing.T, c client) {
		c.nonce = "nonce-" + c.form
		c.ok(serviceKMS, "ListKmsInstances", nil)
		c.refused(serviceKMS, "ListKmsInstances", nil, 400, "SignatureNonceUsed")
		other := c
		other.key = "b"
		other.ok(serviceKMS, "ListKmsInstances", nil)
		c.nonce = "fresh-" + c.form
		c.secret = "wrong"
		c.refused(serviceKMS, "ListKmsInstances", nil, 400, "SignatureDoesNotMatch")
		c.secret = "s"
		c.at = time.Now().Add(-14 * time.Minute)  // is near enough
		c.ok(serviceKMS, "ListKmsInstances", nil) // the failed try did not use the nonce up
	})
}

// A header that no signature covers must not turn a signed action into another one.
func TestUnsignedHeaderDoesNotChooseTheAction(t *testing.T) {
	s, c := start(t, Options{})
	c.form = formV1
	c.tamper = func(r *http.Request) { r.Header.Set("x-acs-action", "ReleaseKmsInstance") }
	c.ok(serviceKMS, "ListKmsInstances", nil)
	equal(t, last(s).Action, "ListKmsInstances")
}

func TestErrorShape(t *testing.T) {
	_, c := start(t, Options{Credentials: []Credential{{AccessKeyID: "a", Secret: "s", Deny: []string{"*"}}}})
	for action, want := range map[string]struct{ service, code, permission, host string }{
		"ListTagResources":  {serviceKMS, "Forbidden.NoPermission", "kms:ListTagResources", "kms.cn-hangzhou.aliyuncs.com"},
		"RefundInstance":    {serviceBSS, "NotAuthorized", "bss:RefundBatchRemainRefund", "business.aliyuncs.com"},
		"GetCallerIdentity": {serviceSTS, "NoPermission", "sts:GetCallerIdentity", "sts.aliyuncs.com"},
		"DescribeVSwitches": {serviceVPC, "Forbidden.RAM", "vpc:DescribeVSwitches", "vpc.cn-hangzhou.aliyuncs.com"},
	} {
		r := c.refused(want.service, action, nil, 403, want.code)
		r.is(want.permission, "AccessDeniedDetail", "AuthAction")
		r.is(want.host, "HostId")
		if want.service == serviceKMS {
			r.is(403, "HttpStatus")
		}
	}
	_, c = start(t, Options{NoVPCPermission: true})
	c.refused(serviceVPC, "DescribeVSwitches", params{"VpcId": "vpc-bp1example"}, 403, "Forbidden.RAM")
	c.ok(serviceKMS, "ListKmsInstances", nil)
}

// The rates are those of an account, a region, a second and an action; connecting and binding count together.
func TestRateLimits(t *testing.T) {
	s, c := start(t, Options{RateLimits: true, VirtualClock: true, Regions: []string{"cn-hangzhou", "cn-beijing"}})
	i := seed(t, s, Instance{})
	bind := params{"KmsInstanceId": i.ID, "BindVpcs": "[]"}
	for range 50 {
		c.ok(serviceKMS, "ListKmsInstances", nil)
	}
	for range 5 {
		c.refused(serviceKMS, "ConnectKmsInstance", connection(i.ID, nil), 400, "UnsupportedOperation")
		c.ok(serviceKMS, "UpdateKmsInstanceBindVpc", bind)
	}
	c.refused(serviceKMS, "ListKmsInstances", nil, 429, "Rejected.Throttling")
	c.refused(serviceKMS, "UpdateKmsInstanceBindVpc", bind, 429, "Rejected.Throttling")
	c.refused(serviceKMS, "ConnectKmsInstance", connection(i.ID, nil), 429, "Rejected.Throttling")
	c.refused(serviceKMS, "OpenKmsService", nil, 400, "Forbidden.Opened")
	c.refused(serviceKMS, "OpenKmsService", nil, 429, "Rejected.Throttling")
	other := c
	other.base = s.URL("cn-beijing")
	other.ok(serviceKMS, "ListKmsInstances", nil)
	s.Advance(time.Second)
	c.ok(serviceKMS, "ListKmsInstances", nil)
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
	equal(t, last(s).Parameters, map[string]string{"RegionId": "cn-hangzhou"})
	c.tamper = func(r *http.Request) { r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "192.0.2.1", "192.0.2.2", 1) }
	c.refused(serviceKMS, "DescribeRegions", nil, 400, "SignatureDoesNotMatch")
}
