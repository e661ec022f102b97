package emulator

import (
	"bytes"
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
	set := func(change func(*client)) func(client) client {
		return func(c client) client { change(&c); return c }
	}
	type refusal struct {
		name    string
		service string
		action  string
		params  params
		client  func(client) client
		status  int
		code    string
		only    string // one form of signature, if it says nothing of the other
	}
	refusals := []refusal{
		{name: "unknown action", service: serviceKMS, action: "CreateKmsInstance", status: 404, code: "InvalidApi.NotFound"},
		{name: "action of another service", service: serviceKMS, action: "CreateInstance", status: 404, code: "InvalidApi.NotFound"},
		{name: "unknown version", service: "none", action: "GetKmsInstance", status: 400, code: "MissingVersion", only: formV1},
		{
			name: "wrong version", service: serviceSTS, action: "GetKmsInstance", status: 404, code: "InvalidApi.NotFound",
		},
		{
			name: "missing parameter", service: serviceKMS, action: "GetKmsInstance", status: 400, code: "MissingKmsInstanceId",
		},
		{
			name: "empty parameter", service: serviceKMS, action: "GetKmsInstance", params: params{"KmsInstanceId": ""},
			status: 400, code: "MissingKmsInstanceId",
		},
		{
			name: "missing parameter of an order", service: serviceBSS, action: "CreateInstance", status: 400, code: "MissingProductCode",
		},
		{
			name: "connect by GET", service: serviceKMS, action: "ConnectKmsInstance",
			client: set(func(c *client) { c.method = http.MethodGet }), status: 400, code: "UnsupportedHTTPMethod",
		},
		{
			name: "PUT", service: serviceKMS, action: "ListKmsInstances",
			client: set(func(c *client) { c.method = http.MethodPut }), status: 400, code: "UnsupportedHTTPMethod",
		},
		{
			name: "unknown key", service: serviceKMS, action: "ListKmsInstances",
			client: set(func(c *client) { c.key = "nobody" }), status: 404, code: "InvalidAccessKeyId.NotFound",
		},
		{
			name: "inactive key", service: serviceKMS, action: "ListKmsInstances",
			client: set(func(c *client) { c.key = "off" }), status: 400, code: "InvalidAccessKeyId.Inactive",
		},
		{
			name: "wrong secret", service: serviceKMS, action: "ListKmsInstances",
			client: set(func(c *client) { c.secret = "s" }), status: 400, code: "SignatureDoesNotMatch",
		},
		{
			name: "no permission", service: serviceKMS, action: "ListKmsInstances",
			client: set(func(c *client) { c.key = "limited" }), status: 403, code: "Forbidden.NoPermission",
		},
		{
			name: "token with a lasting key", service: serviceKMS, action: "ListKmsInstances",
			client: set(func(c *client) { c.token = tokenPrefix + "x" }), status: 400, code: "InvalidSecurityToken.MismatchWithAccessKey",
		},
		{
			name: "clock 16 minutes slow", service: serviceKMS, action: "ListKmsInstances",
			client: set(func(c *client) { c.at = time.Now().Add(-16 * time.Minute) }), status: 400, code: "InvalidTimeStamp.Expired",
		},
		{
			name: "clock 16 minutes fast", service: serviceKMS, action: "ListKmsInstances",
			client: set(func(c *client) { c.at = time.Now().Add(16 * time.Minute) }), status: 400, code: "InvalidTimeStamp.Expired",
		},
		{
			name: "changed byte of the query", service: serviceKMS, action: "GetKmsInstance", params: params{"KmsInstanceId": "kst-1"},
			client: set(func(c *client) {
				c.tamper = func(r *http.Request) { r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "kst-1", "kst-2", 1) }
			}),
			status: 400, code: "SignatureDoesNotMatch", only: formACS3,
		},
		{
			name: "changed byte of the form", service: serviceKMS, action: "GetKmsInstance", params: params{"KmsInstanceId": "kst-1"},
			client: set(func(c *client) {
				c.tamper = func(r *http.Request) { r.Body = io.NopCloser(bytes.NewReader([]byte("KmsInstanceId=kst-2"))) }
			}),
			status: 400, code: "SignatureDoesNotMatch", only: formV1,
		},
		{
			name: "changed header", service: serviceKMS, action: "GetKmsInstance", params: params{"KmsInstanceId": "kst-1"},
			client: set(func(c *client) {
				c.tamper = func(r *http.Request) { r.Header.Set("x-acs-action", "ReleaseKmsInstance") }
			}),
			status: 400, code: "SignatureDoesNotMatch", only: formACS3,
		},
		{
			name: "body without its hash", service: serviceKMS, action: "ListKmsInstances",
			client: set(func(c *client) {
				c.tamper = func(r *http.Request) {
					r.Body, r.ContentLength = io.NopCloser(strings.NewReader("PageSize=1")), 10
					r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				}
			}),
			status: 400, code: "SignatureDoesNotMatch", only: formACS3,
		},
		{
			name: "unsigned", service: serviceKMS, action: "ListKmsInstances",
			client: set(func(c *client) { c.tamper = func(r *http.Request) { r.Header.Del("Authorization") } }),
			status: 400, code: "MissingAccessKeyId", only: formACS3,
		},
		{
			name: "another Authorization", service: serviceKMS, action: "ListKmsInstances",
			client: set(func(c *client) {
				c.tamper = func(r *http.Request) { r.Header.Set("Authorization", "Basic YTpi") }
			}),
			status: 400, code: "InvalidSignatureMethod", only: formACS3,
		},
		{
			name: "no timestamp for KMS", service: serviceKMS, action: "ListKmsInstances",
			client: set(func(c *client) {
				c.common = func(p url.Values) { p.Del("Timestamp") }
				c.edit = func(h http.Header) { h.Del("x-acs-date") }
			}),
			status: 400, code: "IllegalTimestamp",
		},
		{
			name: "no timestamp for BSS", service: serviceBSS, action: "QueryAvailableInstances",
			client: set(func(c *client) {
				c.common = func(p url.Values) { p.Del("Timestamp") }
				c.edit = func(h http.Header) { h.Del("x-acs-date") }
			}),
			status: 400, code: "MissingTimestamp",
		},
		{
			name: "malformed timestamp", service: serviceKMS, action: "ListKmsInstances",
			client: set(func(c *client) {
				c.common = func(p url.Values) { p.Set("Timestamp", "yesterday") }
				c.edit = func(h http.Header) { h.Set("x-acs-date", "yesterday") }
			}),
			status: 400, code: "InvalidTimeStamp.Format",
		},
		{
			name: "no nonce", service: serviceKMS, action: "ListKmsInstances",
			client: set(func(c *client) {
				c.common = func(p url.Values) { p.Del("SignatureNonce") }
				c.edit = func(h http.Header) { h.Del("x-acs-signature-nonce") }
			}),
			status: 400, code: "MissingSignatureNonce",
		},
		{
			name: "unknown signature method", service: serviceKMS, action: "ListKmsInstances",
			client: set(func(c *client) { c.common = func(p url.Values) { p.Set("SignatureMethod", "HMAC-MD5") } }),
			status: 400, code: "InvalidSignatureMethod", only: formV1,
		},
		{
			name: "no signature", service: serviceKMS, action: "ListKmsInstances",
			client: set(func(c *client) {
				c.tamper = func(r *http.Request) {
					q := r.URL.Query()
					q.Del("Signature")
					r.URL.RawQuery = q.Encode()
				}
			}),
			status: 400, code: "MissingSignature", only: formV1,
		},
		{
			name: "another path", service: serviceKMS, action: "ListKmsInstances",
			client: set(func(c *client) { c.base += "/v2" }), status: 404, code: "InvalidApi.NotFound",
		},
		{
			name: "malformed query", service: serviceKMS, action: "ListKmsInstances",
			client: set(func(c *client) {
				c.tamper = func(r *http.Request) { r.URL.RawQuery += "&x=%zz" }
			}),
			status: 400, code: "InvalidParameter.Format",
		},
		{
			name: "a nonce that is in an unsigned header", service: serviceKMS, action: "ListKmsInstances",
			client: set(func(c *client) {
				c.tamper = func(r *http.Request) {
					r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), ";x-acs-signature-nonce", "", 1))
				}
			}),
			status: 400, code: "SignatureDoesNotMatch", only: formACS3,
		},
	}
	eachForm(t, c, func(t *testing.T, c client) {
		for _, refusal := range refusals {
			if refusal.only != "" && refusal.only != c.form {
				continue
			}
			t.Run(refusal.name, func(t *testing.T) {
				c := c
				c.t = t
				if refusal.client != nil {
					c = refusal.client(c)
				}
				r := c.refused(refusal.service, refusal.action, refusal.params, refusal.status, refusal.code)
				if r.text("RequestId") == "" || r.text("Message") == "" || r.text("HostId") == "" || r.text("Recommend") == "" {
					t.Fatalf("the error lacks a field: %s", r.raw)
				}
				if r.text("RequestId") != r.header.Get("x-acs-request-id") {
					t.Fatal("the request id of the header is another one")
				}
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
		c.ok(serviceKMS, "ListKmsInstances", nil) // the failed try did not use the nonce up
	})
}

func TestSkewWithinFifteenMinutesIsAccepted(t *testing.T) {
	_, c := start(t, Options{})
	for _, skew := range []time.Duration{-14 * time.Minute, 14 * time.Minute} {
		c.at = time.Now().Add(skew)
		c.ok(serviceKMS, "ListKmsInstances", nil)
	}
}

// The parameters may be in the query, in the form, or in both; the action in the query or in a header.
func TestParametersFromQueryAndForm(t *testing.T) {
	s, c := start(t, Options{})
	i, err := s.Seed(Instance{Name: "somewhere"})
	if err != nil {
		t.Fatal(err)
	}
	query := url.Values{
		"Action": {"ListKmsInstances"}, "Version": {"2016-01-20"}, "Format": {"json"}, "AccessKeyId": {c.key},
		"Timestamp": {time.Now().UTC().Format(timestampFormat)}, "SignatureNonce": {"n"}, "SignatureMethod": {"HMAC-SHA1"},
		"SignatureVersion": {"1.0"}, "PageNumber": {"1"}, "SignatureType": {""},
	}
	form := url.Values{"PageSize": {"7"}, "Filters": {`[{"Key":"InstanceName","Values":["somewhere"]}]`}}
	query.Set("Signature", v1Sign(v1StringToSign(http.MethodPost, query, form), c.secret))
	req := c.newRequest(http.MethodPost, c.base+"/?"+query.Encode(), form.Encode())
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	req.Header.Set("x-acs-action", "ListKmsInstances")
	res, err := c.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"PageSize":7`, i.ID, `"TotalCount":1`} {
		if !strings.Contains(string(body), want) {
			t.Errorf("%s is not in %s", want, body)
		}
	}
}

// A header that no signature covers must not turn a signed action into another one.
func TestUnsignedHeaderDoesNotChooseTheAction(t *testing.T) {
	s, c := start(t, Options{})
	i, err := s.Seed(Instance{PaymentType: PayAsYouGo})
	if err != nil {
		t.Fatal(err)
	}
	c.form = formV1
	c.tamper = func(r *http.Request) { r.Header.Set("x-acs-action", "ReleaseKmsInstance") }
	c.ok(serviceKMS, "GetKmsInstance", params{"KmsInstanceId": i.ID, "ForceDeleteWithoutBackup": "true"})
	if got := s.Totals().Releases; got != 0 {
		t.Fatal("the instance was released")
	}
}

func TestErrorShape(t *testing.T) {
	_, c := start(t, Options{Credentials: []Credential{{AccessKeyID: "a", Secret: "s", Deny: []string{"*"}}}})
	r := c.refused(serviceKMS, "ListTagResources", nil, 403, "Forbidden.NoPermission")
	if got := r.text("AccessDeniedDetail", "AuthAction"); got != "kms:ListTagResources" {
		t.Errorf("AuthAction %q", got)
	}
	if got := number(t, r.at("HttpStatus")); got != 403 {
		t.Errorf("HttpStatus %d", got)
	}
	if got := r.text("HostId"); got != "kms.cn-hangzhou.aliyuncs.com" {
		t.Errorf("HostId %q", got)
	}
	r = c.refused(serviceBSS, "RefundInstance", nil, 403, "NotAuthorized")
	if got := r.text("AccessDeniedDetail", "AuthAction"); got != "bss:RefundBatchRemainRefund" {
		t.Errorf("AuthAction %q", got)
	}
	r = c.refused(serviceSTS, "GetCallerIdentity", nil, 403, "NoPermission")
	if got := r.text("AccessDeniedDetail", "AuthAction"); got != "sts:GetCallerIdentity" {
		t.Errorf("AuthAction %q", got)
	}
}

func TestTooLargeABodyIsRefused(t *testing.T) {
	_, c := start(t, Options{})
	req := c.newRequest(http.MethodPost, c.base+"/?Action=ListKmsInstances", strings.Repeat("x", maxBody+1))
	res, err := c.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusRequestEntityTooLarge {
		t.Fatalf("HTTP %d", res.StatusCode)
	}
}

func TestRateLimits(t *testing.T) {
	_, c := start(t, Options{RateLimits: true, VirtualClock: true, Regions: []string{"cn-hangzhou", "cn-beijing"}})
	for range 50 {
		c.ok(serviceKMS, "ListKmsInstances", nil)
	}
	c.refused(serviceKMS, "ListKmsInstances", nil, 429, "Rejected.Throttling")
	c.refused(serviceKMS, "OpenKmsService", nil, 400, "Forbidden.Opened")
	c.refused(serviceKMS, "OpenKmsService", nil, 429, "Rejected.Throttling")
	c.ok(serviceKMS, "DescribeRegions", nil)
}

// Connecting and binding count together.
func TestSharedRateLimit(t *testing.T) {
	s, c := start(t, Options{RateLimits: true, VirtualClock: true})
	i := seed(t, s, Instance{})
	bind := params{"KmsInstanceId": i.ID, "BindVpcs": "[]"}
	for range 6 {
		c.refused(serviceKMS, "ConnectKmsInstance", connection(i.ID, nil), 400, "UnsupportedOperation")
	}
	for range 4 {
		c.ok(serviceKMS, "UpdateKmsInstanceBindVpc", bind)
	}
	c.refused(serviceKMS, "UpdateKmsInstanceBindVpc", bind, 429, "Rejected.Throttling")
	c.refused(serviceKMS, "ConnectKmsInstance", connection(i.ID, nil), 429, "Rejected.Throttling")
}

func TestRateLimitsAreForRegionAndSecond(t *testing.T) {
	s, c := start(t, Options{RateLimits: true, VirtualClock: true, Regions: []string{"cn-hangzhou", "cn-beijing"}})
	c.ok(serviceKMS, "DescribeAccountKmsStatus", nil)
	c.refused(serviceKMS, "DescribeAccountKmsStatus", nil, 429, "Rejected.Throttling")
	other := c
	other.base = s.URL("cn-beijing")
	other.ok(serviceKMS, "DescribeAccountKmsStatus", nil)
	s.Advance(time.Second)
	c.ok(serviceKMS, "DescribeAccountKmsStatus", nil)
}
