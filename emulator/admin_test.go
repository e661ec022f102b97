package emulator

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// admin makes an admin request and decodes its answer.
func (c client) admin(method, path, body string, status int, into any) string {
	c.t.Helper()
	res, err := c.http.Do(c.newRequest(method, c.base+"/_admin/"+path, body))
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	if res.StatusCode != status {
		c.t.Fatalf("%s %s: HTTP %d %s, want %d", method, path, res.StatusCode, raw, status)
	}
	if into != nil {
		if err := json.Unmarshal(raw, into); err != nil {
			c.t.Fatalf("%s %s: %v in %s", method, path, err, raw)
		}
	}
	return string(raw)
}

func TestAdminFaults(t *testing.T) {
	_, c := start(t, Options{})
	var faults []Fault
	c.admin("POST", "faults", `{"action":"ListKmsInstances","kind":"http503"}`, 200, &faults)
	c.admin("POST", "faults", ` [{"kind":"refuse","action":"GetKmsInstance"},{"kind":"throttle","nth":2}]`, 200, &faults)
	if len(faults) != 3 || faults[0].Nth != 1 || faults[0].Count != 1 || faults[1].Count != -1 || faults[2].Action != "*" {
		t.Fatalf("faults %+v", faults)
	}
	c.refused(serviceKMS, "ListKmsInstances", nil, 503, "SerivceUnvailableTemporary")
	c.admin("GET", "faults", "", 200, &faults)
	if len(faults) != 2 {
		t.Fatalf("a spent fault is still shown: %+v", faults)
	}
	c.admin("DELETE", "faults", "", 204, nil)
	for range 3 {
		c.get("kst-1")
	}
	for _, body := range []string{"", "x", `{"kind":"earthquake"}`, `{"knd":"throttle"}`, `[{"kind":"throttle"},{}]`, `{"kind":"throttle"} {}`} {
		c.admin("POST", "faults", body, 400, nil)
	}
	c.ok(serviceKMS, "ListKmsInstances", nil)
}

func TestAdminJournalAndTotals(t *testing.T) {
	_, c := start(t, Options{})
	id := c.buy(order(nil))
	c.get(id)
	c.get(id)
	var calls []Call
	c.admin("GET", "journal", "", 200, &calls)
	if len(calls) != 3 || calls[0].Effect != EffectOrdered || calls[0].InstanceID != id {
		t.Fatalf("journal %+v", calls)
	}
	c.admin("GET", "journal?action=GetKmsInstance&after=2", "", 200, &calls)
	if len(calls) != 1 || calls[0].Seq != 3 {
		t.Fatalf("filtered journal %+v", calls)
	}
	text := c.admin("GET", "journal?format=text", "", 200, nil)
	if lines := strings.Split(strings.TrimSpace(text), "\n"); len(lines) != 3 || !strings.Contains(lines[0], "CreateInstance "+id) {
		t.Fatalf("as text: %s", text)
	}
	c.admin("GET", "journal?after=x", "", 400, nil)
	var totals Totals
	c.admin("GET", "totals", "", 200, &totals)
	if totals.Orders != 1 || totals.Calls != 3 || totals.Paid == 0 {
		t.Fatalf("totals %+v", totals)
	}
	var orders []Order
	c.admin("GET", "orders", "", 200, &orders)
	if len(orders) != 1 || orders[0].InstanceID != id || orders[0].Kind != "CreateInstance" {
		t.Fatalf("orders %+v", orders)
	}
	c.admin("POST", "reset", "", 204, nil)
	c.admin("GET", "journal", "", 200, &calls)
	if len(calls) != 0 {
		t.Fatalf("after the reset: %+v", calls)
	}
}

func TestAdminClock(t *testing.T) {
	for _, virtual := range []bool{true, false} {
		_, c := start(t, Options{VirtualClock: virtual, Connect: time.Hour})
		id := c.buy(order(nil))
		c.connect(id)
		var clock struct {
			Now     time.Time
			Virtual bool
		}
		c.admin("GET", "clock", "", 200, &clock)
		before := clock.Now
		c.admin("POST", "clock/advance", `{"seconds":3600}`, 200, &clock)
		if got := clock.Now.Sub(before); clock.Virtual != virtual || got < time.Hour || virtual && got != time.Hour {
			t.Errorf("virtual %v: the clock moved by %s", clock.Virtual, got)
		}
		if got := c.status(id); got != StatusConnected {
			t.Errorf("status %q an hour later", got)
		}
		for _, body := range []string{"", "{}", `{"seconds":-1}`, `{"minutes":1}`, `{"seconds":1e300}`} {
			c.admin("POST", "clock/advance", body, 400, nil)
		}
	}
}

func TestAdminInstances(t *testing.T) {
	s, c := start(t, Options{})
	var i Instance
	c.admin("POST", "instances", `{"instanceId":"kst-seed","instanceName":"x","sizes":{"productVersion":"5","keyNum":100},"tags":{"a":"b"}}`, 201, &i)
	if i.ID != "kst-seed" || i.Status != StatusConnected || i.PaymentType != Subscription || i.KeyNum != 100 || i.Renewal.Status != ManualRenewal {
		t.Fatalf("seeded %+v", i)
	}
	for _, body := range []string{
		`{"instanceId":"kst-seed"}`, `{"status":"Asleep"}`, `{"paymentType":"Free"}`, `{"region":"cn-beijing"}`, `{"id":"kst-1"}`,
		`{"renewal":{"status":"AutoRenewal"}}`, "",
	} {
		c.admin("POST", "instances", body, 400, nil)
	}
	end := "2031-02-03T04:05:06Z"
	c.admin("PATCH", "instances/kst-seed", `{
		"instanceName":"renamed","status":"Error","keyNum":300,"secretNum":7,"vpcNum":3,"spec":200,"log":1,"logStorage":1000,"productVersion":"3",
		"vpcId":"vpc-9","zoneIds":["cn-hangzhou-h"],"vswitchIds":["vsw-9"],"tags":{"acs:reserved":"1"},"deletionProtection":true,
		"bindVpcs":[{"vpcId":"vpc-2","vswitchId":"vsw-2","regionId":"cn-hangzhou","vpcOwnerId":"7"}],
		"renewal":{"status":"AutoRenewal","period":1,"unit":"Y"},"endDate":"`+end+`","saleStatus":"Odd"}`, 200, &i)
	r := c.get("kst-seed")
	for name, want := range map[string]any{
		"InstanceName": "renamed", "Status": "Error", "SecretNum": "7", "ProductVersion": "3", "VpcId": "vpc-9", "DeletionProtection": true,
		"EndDate": end, "SaleStatus": "Odd", "KeyNum": json.Number("300"), "Spec": json.Number("200"), "VpcNum": json.Number("3"),
		"Log": json.Number("1"), "LogStorage": json.Number("1000"),
	} {
		if got := r.at("KmsInstance", name); got != want {
			t.Errorf("%s is %#v, want %#v", name, got, want)
		}
	}
	if r.text("KmsInstance", "ZoneIds", 0) != "cn-hangzhou-h" || r.text("KmsInstance", "BindVpcs", "BindVpc", 0, "VpcId") != "vpc-2" {
		t.Errorf("lists: %s", r.raw)
	}
	if got := c.tags("kst-seed"); len(got) != 1 || got["acs:reserved"] != "1" {
		t.Errorf("tags %v", got)
	}
	// The sizes have the form in which the instance is shown.
	c.admin("PATCH", "instances/kst-seed", `{"sizes":{"keyNum":400,"productVersion":"5"},"instanceName":"renamed"}`, 200, &i)
	if i.KeyNum != 400 || i.ProductVersion != "5" || i.Spec != 200 {
		t.Errorf("sizes %+v", i.Sizes)
	}
	c.admin("PATCH", "instances/kst-seed", `{"bindVpcs":[],"tags":{}}`, 200, nil)
	if cleared, _ := s.Instance("kst-seed"); len(cleared.BindVpcs) != 0 || len(cleared.Tags) != 0 || cleared.Name != "renamed" {
		t.Errorf("cleared %+v", cleared)
	}
	for _, body := range []string{`{"status":"Asleep"}`, `{"nme":"x"}`, `{"renewal":{"status":"AutoRenewal"}}`, "", `{"sizes":{"keys":1}}`, `{"sizes":{"vpcId":"vpc-1"}}`, `{"sizes":7}`} {
		c.admin("PATCH", "instances/kst-seed", body, 400, nil)
	}
	c.admin("PATCH", "instances/kst-none", `{}`, 404, nil)
	c.admin("GET", "instances/kst-none", "", 404, nil)
	c.admin("DELETE", "instances/kst-none", "", 404, nil)
	c.admin("DELETE", "instances/kst-seed", "", 204, nil)
	if got := c.get("kst-seed").text("KmsInstance", "InstanceId"); got != "" {
		t.Error("it is still there")
	}
	var all []Instance
	c.admin("GET", "instances", "", 200, &all)
	if len(all) != 1 || !all[0].Gone {
		t.Errorf("instances %+v", all)
	}
	c.admin("GET", "nothing", "", 404, nil)
	c.admin("PUT", "instances", "", 404, nil)
	for _, path := range []string{"", "../_admin"} {
		if got := c.admin("GET", path, "", 404, nil); !strings.Contains(got, "journal") {
			t.Errorf("%s does not help: %s", path, got)
		}
	}
}

// The admin API and the page are for this machine only, and not for web pages that are open on it.
func TestAdminStaysOnThisMachine(t *testing.T) {
	s, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	for name, r := range map[string]struct {
		remote, host, origin string
		status               int
	}{
		"loopback":           {"127.0.0.1:5", "127.0.0.1:80", "", 200},
		"loopback by name":   {"127.0.0.1:5", "localhost:80", "", 200},
		"loopback of IPv6":   {"[::1]:5", "[::1]:80", "", 200},
		"mapped loopback":    {"[::ffff:127.0.0.1]:5", "localhost", "", 200},
		"its own page":       {"127.0.0.1:5", "127.0.0.1:80", "http://127.0.0.1:80", 200},
		"another machine":    {"192.0.2.1:5", "192.0.2.9:80", "", 403},
		"another name":       {"127.0.0.1:5", "rebound.example:80", "", 403},
		"another origin":     {"127.0.0.1:5", "127.0.0.1:80", "http://page.example", 403},
		"an unreadable peer": {"@", "127.0.0.1:80", "", 403},
	} {
		for _, path := range []string{"/_admin/totals", "/"} {
			req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
			req.RemoteAddr, req.Host = r.remote, r.host
			if r.origin != "" {
				req.Header.Set("Origin", r.origin)
			}
			w := httptest.NewRecorder()
			s.Handler("cn-hangzhou").ServeHTTP(w, req)
			if w.Code != r.status {
				t.Errorf("%s, %s: HTTP %d, want %d", name, path, w.Code, r.status)
			}
		}
	}
}

func TestStatusPage(t *testing.T) {
	s, c := start(t, Options{VirtualClock: true})
	page := func() string {
		t.Helper()
		res, err := c.http.Do(c.newRequest(http.MethodGet, c.base+"/", ""))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		text, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		if res.StatusCode != 200 || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
			t.Fatalf("HTTP %d, %s", res.StatusCode, res.Header.Get("Content-Type"))
		}
		return string(text)
	}
	if got := page(); !strings.Contains(got, "No calls yet") {
		t.Errorf("the empty page: %s", got)
	}
	id := c.buy(order(nil))
	const hostile = `"><script>alert(1)</script><b '{{.Account}}`
	if _, err := s.Change(id, Patch{
		Name: ptr(hostile), VpcID: ptr(hostile), ProductVersion: ptr(hostile), DeletionProtection: ptr(true),
		BindVpcs: []BindVpc{{VpcID: hostile}}, Renewal: &Renewal{Status: ManualRenewal},
	}); err != nil {
		t.Fatal(err)
	}
	gone := seed(t, s, Instance{})
	if err := s.Remove(gone.ID); err != nil {
		t.Fatal(err)
	}
	for range journalOnPage - 1 {
		c.ok(serviceKMS, "ListKmsInstances", nil)
	}
	// What a call sends and is told is in the journal, and so on the page.
	c.refused(serviceBSS, "CreateInstance", order(params{"Parameter.2.Value": hostile}), 200, "ProductCheckError")
	got := page()
	for _, want := range []string{
		id, gone.ID, "Uninitialized", "protected", "gone", "1 bought", "ListKmsInstances", "virtual clock",
		fmt.Sprintf("The last %d calls", journalOnPage),
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not on the page", want)
		}
	}
	if strings.Contains(got, "<script") || strings.Contains(got, "<b '") {
		t.Errorf("a name is not escaped: %s", got)
	}
	if n := strings.Count(got, "&lt;script&gt;alert(1)&lt;/script&gt;&lt;b &#39;{{.Account}}"); n != 5 {
		t.Errorf("the hostile text is shown %d times: %s", n, got)
	}
	if got := strings.Count(got, "<tr"); got != 3 {
		t.Errorf("the page has %d rows", got)
	}
	if strings.Contains(got, DefaultAccessKeySecret) {
		t.Error("the secret is on the page")
	}
}

func TestChangesOfWhatIsNotThere(t *testing.T) {
	s, _ := start(t, Options{})
	if _, err := s.Change("kst-0", Patch{}); err == nil {
		t.Error("Change")
	}
	if err := s.Remove("kst-0"); err == nil {
		t.Error("Remove")
	}
	if _, ok := s.Instance("kst-0"); ok {
		t.Error("Instance")
	}
}
