package emulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// An order that took effect, or not, is answered in any way that a test asks for over the admin API.
func TestAnswersOnDemand(t *testing.T) {
	for fault, want := range map[string]string{ // a pattern of status, headers and body, with ID and ORDER for those of the instance
		`{"kind":"answer-after","status":302,"headers":{"Location":"http://127.0.0.1:9/"},"body":""}`: `^302 .*Location:\[http://127.0.0.1:9/\].*\]$`,
		`{"kind":"answer-after","status":409,"body":"{\"Code\":\"Conflict\"}"}`:                       `^409 .*\] {"Code":"Conflict"}$`,
		`{"kind":"malformed-after"}`: `^200 .*Content-Type:\[text/html\].*\] <html><body><h1>502 Bad Gateway</h1></body></html>$`,
		`{"kind":"answer-after","merge":{"Success":false,"Code":"SYSTEM.ERROR","Message":"?"}}`: `^200 .*\] {"Code":"SYSTEM.ERROR","Data":{"InstanceId":"ID","OrderId":"ORDER"},` +
			`"Message":"\?","RequestId":"[^"]*","Success":false}$`,
		`{"kind":"answer-after","merge":{"Data":{"InstanceId":null}}}`:  `^200 .*"Data":{"OrderId":"ORDER"}`,
		`{"kind":"answer-after","status":500,"merge":{"Data":"kst-1"}}`: `^500 .*"Data":"kst-1"`,
	} {
		s, c := start(t, Options{})
		c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		c.admin("POST", "faults", fault, 200, nil)
		got, _ := c.try(serviceBSS, "CreateInstance", order(nil))
		bought := s.Instances()
		if len(bought) != 1 {
			t.Fatalf("%d instances were bought", len(bought))
		}
		pattern := strings.NewReplacer("ID", bought[0].ID, "ORDER", bought[0].OrderID).Replace(want)
		text := strings.TrimSpace(fmt.Sprintf("%d %v %s", got.status, got.header, got.raw))
		if !regexp.MustCompile(pattern).MatchString(text) {
			t.Errorf("%s: the answer is %s, want %s", fault, text, pattern)
		}
		if call := last(s); call.Status != got.status || call.Effect != EffectOrdered || call.Fault == "" {
			t.Errorf("%s: the journal has %+v", fault, call)
		}

		// The same before the order takes effect.
		var before Fault
		if err := json.Unmarshal([]byte(fault), &before); err != nil {
			t.Fatal(err)
		}
		before.Kind, _ = before.split()
		inject(t, s, before)
		again, _ := c.try(serviceBSS, "CreateInstance", order(nil))
		if again.status != got.status || len(s.Instances()) != 1 {
			t.Errorf("%s before the effect: HTTP %d %s, %d instances", fault, again.status, again.raw, len(s.Instances()))
		}
	}
}
