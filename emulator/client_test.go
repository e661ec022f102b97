package emulator

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// client is a small signing client for the tests; it can be told to sign badly.
type client struct {
	t      testing.TB
	http   *http.Client
	base   string
	form   string // formACS3 or formV1
	key    string
	secret string
	token  string
	method string
	nonce  string                      // fixed nonce, or "" for a new one each time
	at     time.Time                   // time of signing, or zero for now
	tamper func(*http.Request)         // changes the request after it was signed
	common func(parameters url.Values) // changes V1's common parameters before signing
	edit   func(header http.Header)    // changes ACS3's headers before signing
}

// reply is an answer: its HTTP status and decoded body.
type reply struct {
	t      testing.TB
	status int
	header http.Header
	raw    string
	body   map[string]any
}

// at walks down maps and lists: at("KmsInstance", "Status").
func (r reply) at(path ...any) any {
	var v any = r.body
	for _, step := range path {
		object, _ := v.(map[string]any)
		list, _ := v.([]any)
		switch key := step.(type) {
		case string:
			v = object[key]
		case int:
			v = append(slices.Clone(list), make([]any, key+1)...)[key] // nil behind its end
		}
	}
	return v
}

func (r reply) text(path ...any) string {
	s, _ := r.at(path...).(string)
	return s
}

// is fails the test if a value in the answer is not as wanted.
func (r reply) is(want any, path ...any) {
	r.t.Helper()
	if got := r.at(path...); fmt.Sprint(got) != fmt.Sprint(want) {
		r.t.Errorf("%v is %v, want %v: %s", path, got, want, r.raw)
	}
}

// len is the length of the list at a path.
func (r reply) len(path ...any) int {
	list, _ := r.at(path...).([]any)
	return len(list)
}

var serviceVersions = map[string]string{serviceKMS: "2016-01-20", serviceBSS: "2017-12-14", serviceSTS: "2015-04-01", serviceVPC: "2016-04-28"}

type params map[string]string

// call makes a call that must get an answer.
func (c client) call(service, action string, p params) reply {
	c.t.Helper()
	r, err := c.try(service, action, p)
	if err != nil {
		c.t.Fatalf("%s: %v", action, err)
	}
	return r
}

// ok makes a call that must succeed, in BSS's sense too.
func (c client) ok(service, action string, p params) reply {
	c.t.Helper()
	r := c.call(service, action, p)
	if r.status != http.StatusOK || r.body["Success"] == false {
		c.t.Fatalf("%s: HTTP %d %s", action, r.status, r.raw)
	}
	return r
}

// refused makes a call that must be refused with a code.
func (c client) refused(service, action string, p params, status int, code string) reply {
	c.t.Helper()
	r := c.call(service, action, p)
	if r.status != status || r.text("Code") != code {
		c.t.Fatalf("%s: got HTTP %d %s, want %d %s", action, r.status, r.raw, status, code)
	}
	return r
}

// refusal is how a call that is refused differs from one that is accepted, and the answer to it.
type refusal struct {
	more   params
	status int
	code   string
}

func (c client) refusesEach(service, action string, accepted params, refusals map[string]refusal) {
	c.t.Helper()
	for name, r := range refusals {
		got := c.call(service, action, with(accepted, r.more))
		if got.status != r.status || got.text("Code") != r.code {
			c.t.Errorf("%s with %s: HTTP %d %s, want %d %s", action, name, got.status, got.raw, r.status, r.code)
		}
	}
}

func (c client) try(service, action string, p params) (reply, error) {
	req := c.request(service, action, p)
	if c.tamper != nil {
		c.tamper(req)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return reply{}, err
	}
	r := reply{t: c.t, status: res.StatusCode, header: res.Header, raw: string(raw)}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	return r, decoder.Decode(&r.body)
}

func (c client) request(service, action string, p params) *http.Request {
	at, nonce, method := cmp.Or(c.at, time.Now()), cmp.Or(c.nonce, randomHex(16)), cmp.Or(c.method, http.MethodPost)
	values := url.Values{}
	for name, value := range p {
		values.Set(name, value)
	}
	if c.form == formV1 {
		return c.requestV1(method, serviceVersions[service], action, values, at, nonce)
	}
	req := c.newRequest(method, c.base+"/?"+values.Encode(), "")
	hash := sha256.Sum256(nil)
	for name, value := range map[string]string{
		"x-acs-action": action, "x-acs-version": serviceVersions[service], "x-acs-date": at.UTC().Format(timestampFormat),
		"x-acs-signature-nonce": nonce, "x-acs-content-sha256": hex.EncodeToString(hash[:]), "Accept": "application/json",
	} {
		req.Header.Set(name, value)
	}
	if c.token != "" {
		req.Header.Set("x-acs-accesskey-id", c.key)
		req.Header.Set("x-acs-security-token", c.token)
	}
	if c.edit != nil {
		c.edit(req.Header)
	}
	signed := []string{"host"}
	for name := range req.Header {
		if lower := strings.ToLower(name); strings.HasPrefix(lower, "x-acs-") {
			signed = append(signed, lower)
		}
	}
	slices.Sort(signed)
	canonical := acs3CanonicalRequest(req, values, signed)
	req.Header.Set("Authorization", fmt.Sprintf("%s Credential=%s,SignedHeaders=%s,Signature=%s",
		acs3Algorithm, c.key, strings.Join(signed, ";"), acs3Sign(canonical, c.secret)))
	return req
}

func (c client) requestV1(method, version, action string, values url.Values, at time.Time, nonce string) *http.Request {
	common := url.Values{
		"Action": {action}, "Version": {version}, "Format": {"json"}, "AccessKeyId": {c.key},
		"Timestamp": {at.UTC().Format(timestampFormat)}, "SignatureNonce": {nonce},
		"SignatureMethod": {"HMAC-SHA1"}, "SignatureVersion": {"1.0"},
	}
	if c.token != "" {
		common.Set("SecurityToken", c.token)
	}
	if c.common != nil {
		c.common(common)
	}
	form := values
	if method == http.MethodGet {
		form = url.Values{}
		maps.Copy(common, values)
	}
	common.Set("Signature", v1Sign(v1StringToSign(method, common, form), c.secret))
	req := c.newRequest(method, c.base+"/?"+common.Encode(), form.Encode())
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return req
}

func (c client) newRequest(method, target, body string) *http.Request {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, target, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	return req
}

// start starts an emulator over loopback and returns it with an ACS3 client of its default credential.
func start(t testing.TB, opts Options) (*Server, client) {
	t.Helper()
	s, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		if err := s.Close(); err != nil {
			t.Errorf("closing the emulator: %v", err)
		}
	})
	return s, client{
		t: t, http: &http.Client{Transport: transport}, base: s.URL(""), form: formACS3,
		key: s.opts.Credentials[0].AccessKeyID, secret: s.opts.Credentials[0].Secret,
	}
}

// with replaces parameters, adds some, or (with "-") removes them.
func with(p, more params) params {
	all := maps.Clone(p)
	maps.Copy(all, more)
	maps.DeleteFunc(all, func(_, value string) bool { return value == "-" })
	return all
}

// order is a valid purchase; more changes it.
func order(more params) params {
	return with(params{
		"ProductCode": "kms", "ProductType": "kms_ddi_public_cn", "SubscriptionType": "Subscription", "Period": "1",
		"Parameter.1.Code": "Region", "Parameter.1.Value": "cn-hangzhou",
		"Parameter.2.Code": "ProductVersion", "Parameter.2.Value": "3",
		"Parameter.3.Code": "Spec", "Parameter.3.Value": "1000",
		"Parameter.4.Code": "KeyNum", "Parameter.4.Value": "1000",
		"Parameter.5.Code": "SecretNum", "Parameter.5.Value": "10",
		"Parameter.6.Code": "VpcNum", "Parameter.6.Value": "2",
	}, more)
}

func payAsYouGoOrder(more params) params {
	return with(params{
		"ProductCode": "kms", "ProductType": "kms_ppi_public_cn", "SubscriptionType": "PayAsYouGo",
		"Parameter.1.Code": "Region", "Parameter.1.Value": "cn-hangzhou",
		"Parameter.2.Code": "ProductVersion", "Parameter.2.Value": "3",
	}, more)
}

// modification is an order of other sizes.
func modification(id string, sizes map[string]string, more params) params {
	p := params{
		"ProductCode": "kms", "ProductType": "kms_ddi_public_cn", "SubscriptionType": "Subscription", "ModifyType": "Upgrade", "InstanceId": id,
	}
	for n, code := range slices.Sorted(maps.Keys(sizes)) {
		p[fmt.Sprintf("Parameter.%d.Code", n+1)], p[fmt.Sprintf("Parameter.%d.Value", n+1)] = code, sizes[code]
	}
	return with(p, more)
}

func connection(id string, more params) params {
	return with(params{
		"KmsInstanceId": id, "VpcId": "vpc-1", "ZoneIds": "cn-hangzhou-k,cn-hangzhou-j", "VSwitchIds": "vsw-1", "KMProvider": "Aliyun",
	}, more)
}

func refund(id string) params { return params{"InstanceId": id, "ProductCode": "kms"} }

func (c client) buy(p params) string {
	c.t.Helper()
	return c.ok(serviceBSS, "CreateInstance", p).text("Data", "InstanceId")
}

func (c client) connect(id string) {
	c.t.Helper()
	c.ok(serviceKMS, "ConnectKmsInstance", connection(id, nil))
}

func (c client) get(id string) reply {
	c.t.Helper()
	return c.ok(serviceKMS, "GetKmsInstance", params{"KmsInstanceId": id})
}

// eachForm runs a test with both signatures.
func eachForm(t *testing.T, c client, test func(t *testing.T, c client)) {
	for _, form := range []string{formACS3, formV1} {
		t.Run(form, func(t *testing.T) {
			c.t, c.form = t, form
			test(t, c)
		})
	}
}

// last is the last call in the journal.
func last(s *Server) Call {
	calls := s.Journal()
	return calls[len(calls)-1]
}

func seed(t testing.TB, s *Server, i Instance) Instance {
	t.Helper()
	kept, err := s.Seed(i)
	if err != nil {
		t.Fatal(err)
	}
	return kept
}

func change(t testing.TB, s *Server, id string, p Patch) {
	t.Helper()
	if _, err := s.Change(id, p); err != nil {
		t.Fatal(err)
	}
}

// equal fails the test if a value is not as wanted.
func equal[T any](t testing.TB, got, want T, of ...any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%v: got %+v, want %+v", of, got, want)
	}
}
