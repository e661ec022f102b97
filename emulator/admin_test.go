package emulator

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// admin makes an admin request and decodes its answer.
func (c client) admin(method, path, body string, status int, into any) {
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
}

// The admin API and the page are for this machine only, and not for web pages that are open on it.
func TestAdminStaysOnThisMachine(t *testing.T) {
	s, _ := start(t, Options{})
	for name, r := range map[string]struct {
		remote, host, origin string
		status               int
	}{
		"loopback":         {"127.0.0.1:5", "127.0.0.1:80", "", 200},
		"loopback by name": {"127.0.0.1:5", "localhost:80", "", 200},
		"mapped loopback":  {"[::ffff:127.0.0.1]:5", "localhost", "", 200},
		"its own page":     {"127.0.0.1:5", "127.0.0.1:80", "http://127.0.0.1:80", 200},
		"another machine":  {"192.0.2.1:5", "192.0.2.9:80", "", 403},
		"another name":     {"127.0.0.1:5", "rebound.example:80", "", 403},
		"another origin":   {"127.0.0.1:5", "127.0.0.1:80", "http://page.example", 403},
	} {
		for _, path := range []string{"/_admin/totals", "/"} {
			req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
			req.RemoteAddr, req.Host = r.remote, r.host
			if r.origin != "" {
				req.Header.Set("Origin", r.origin)
			}
			w := httptest.NewRecorder()
			s.Handler("cn-hangzhou").ServeHTTP(w, req)
			equal(t, w.Code, r.status, name, path)
		}
	}
}

// The admin API does what the methods of Server do, and refuses what it does not understand.
func TestAdminAPI(t *testing.T) {
	s, c := start(t, Options{VirtualClock: true, Connect: time.Hour})
	id := c.buy(order(nil))
	c.connect(id)
	var faults []Fault
	c.admin("POST", "faults", `{"action":"ListKmsInstances","kind":"http503"}`, 200, nil)
	c.admin("POST", "faults", ` [{"kind":"refuse","action":"GetKmsInstance"},{"kind":"throttle","nth":2}]`, 200, &faults)
	if len(faults) != 3 || faults[0].Nth != 1 || faults[0].Count != 1 || faults[1].Count != -1 || faults[2].Action != "*" {
		t.Errorf("faults %+v", faults)
	}
	c.refused(serviceKMS, "ListKmsInstances", nil, 503, "SerivceUnvailableTemporary")
	c.admin("DELETE", "faults", "", 204, nil)
	var clock struct{ Now time.Time }
	c.admin("POST", "clock/advance", `{"seconds":3600}`, 200, &clock)
	c.get(id).is(StatusConnected, "KmsInstance", "Status")
	equal(t, clock.Now, s.Now())
	var i Instance
	c.admin("POST", "instances", `{"instanceId":"kst-seed","sizes":{"productVersion":"5","keyNum":100},"tags":{"a":"b"}}`, 201, &i)
	c.admin("PATCH", "instances/kst-seed", `{"instanceName":"renamed","status":"Error","tags":{"acs:x":"1"},"bindVpcs":[{"vpcId":"vpc-2"}],
		"renewal":{"status":"AutoRenewal","period":1,"unit":"Y"},"endDate":"2031-02-03T04:05:06Z","sizes":{"keyNum":300,"productVersion":"3"}}`, 200, &i)
	r := c.get("kst-seed")
	for field, want := range map[string]any{"InstanceName": "renamed", "Status": "Error", "EndDate": "2031-02-03T04:05:06Z", "KeyNum": 300, "ProductVersion": 3} {
		r.is(want, "KmsInstance", field)
	}
	equal(t, c.tags("kst-seed"), map[string]string{"acs:x": "1"})
	equal(t, i.Renewal, Renewal{AutoRenewal, 1, "Y"})
	equal(t, i.BindVpcs, []BindVpc{{VpcID: "vpc-2"}})
	c.admin("DELETE", "instances/kst-seed", "", 204, nil)
	var all []Instance
	c.admin("GET", "instances", "", 200, &all)
	if len(all) != 2 || !all[0].Gone && !all[1].Gone {
		t.Errorf("instances %+v", all)
	}
	c.admin("POST", "networks", `{"vpcId":"vpc-put","vswitches":[{"vswitchId":"vsw-put","zoneId":"cn-hangzhou-h","freeIps":3}]}`, 201, nil)
	var calls []Call
	var orders []Order
	var totals Totals
	c.admin("GET", "journal", "", 200, &calls)
	c.admin("GET", "orders", "", 200, &orders)
	c.admin("GET", "totals", "", 200, &totals)
	if len(calls) != totals.Calls || calls[0].Effect != EffectOrdered || len(orders) != 1 || orders[0].InstanceID != id || totals.Paid == 0 {
		t.Errorf("journal %+v, orders %+v, totals %+v", calls, orders, totals)
	}
	for request, body := range map[string]string{
		"POST faults": `[{"kind":"throttle"},{}]`, "POST clock/advance": `{"seconds":-1}`, "POST instances": `{"instanceId":"` + id + `"}`,
		"POST networks": `{"vpc":"vpc-1"}`, "PATCH instances/" + id: `{"sizes":{"vpcId":"vpc-1"}}`, "POST faults/": "", "GET nothing": "",
		"PATCH instances/kst-none": `{}`, "GET instances/kst-none": "", "DELETE instances/kst-none": "",
	} {
		method, path, _ := strings.Cut(request, " ")
		status := 400
		if strings.Contains(path, "no") || strings.HasSuffix(path, "/") {
			status = 404
		}
		c.admin(method, path, body, status, nil)
	}
	for _, body := range []string{"", "x", `{"nme":"x"}`, `{"status":"Asleep"}`, `{"renewal":{"status":"AutoRenewal"}}`, `{} {}`} {
		c.admin("PATCH", "instances/"+id, body, 400, nil)
	}
	session := c.with(c.ok(serviceSTS, "AssumeRole", params{"RoleArn": roleARN, "RoleSessionName": "ci"}))
	c.admin("POST", "reset", "", 204, nil)
	if len(s.Instances())+len(s.Journal())+len(s.Orders()) != 0 || s.Totals() != (Totals{}) {
		t.Error("the reset left something")
	}
	session.refused(serviceKMS, "ListKmsInstances", nil, 404, "InvalidAccessKeyId.NotFound")
}

// The page is plain text, so that nothing a client or a test sent can act in a browser.
func TestStatusPage(t *testing.T) {
	s, c := start(t, Options{})
	id := c.buy(order(nil))
	change(t, s, id, Patch{Name: new("<b>\x1b[31m"), DeletionProtection: new(true)})
	res, err := c.http.Do(c.newRequest(http.MethodGet, c.base+"/", ""))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/plain") || res.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Fatalf("%v, %v", err, res.Header)
	}
	for _, want := range []string{id, "Uninitialized, protected", "1 bought", `"<b>\x1b[31m"`, "CreateInstance " + id + " -> 200 Success, ordered"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%q is not on the page:\n%s", want, text)
		}
	}
}
