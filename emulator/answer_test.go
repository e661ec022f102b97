package emulator

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// answerCase is a fault that changes an answer, in the form in which it is injected over the admin API.
type answerCase struct {
	fault  string
	status int
	// fields is what the body must hold; an absent one is written as nil. Body is the whole body if it is no JSON.
	fields  map[string]any
	body    string
	headers map[string]string
}

// instance stands for the id of the instance that was bought.
const instance = "the id"

var answerCases = map[string]answerCase{
	"a redirect": {
		fault:  `{"kind":"answer-after","status":302,"headers":{"Location":"http://127.0.0.1:9/"},"body":""}`,
		status: 302, headers: map[string]string{"Location": "http://127.0.0.1:9/"},
	},
	"any status and body": {
		fault: `{"kind":"answer-after","status":409,"body":"{\"Code\":\"Conflict\"}"}`, status: 409, fields: map[string]any{"Code": "Conflict"},
	},
	"a page in place of the answer": {
		fault: `{"kind":"malformed-after"}`, status: 200, body: "<html><body><h1>502 Bad Gateway</h1></body></html>",
		headers: map[string]string{"Content-Type": "text/html"},
	},
	"a failure that names the instance": {
		fault:  `{"kind":"answer-after","merge":{"Success":false,"Code":"SYSTEM.ERROR","Message":"?"}}`,
		status: 200, fields: map[string]any{"Success": false, "Code": "SYSTEM.ERROR", "Data.InstanceId": instance},
	},
	"no instance id": {
		fault: `{"kind":"answer-after","merge":{"Data":{"InstanceId":null}}}`, status: 200, fields: map[string]any{"Data.InstanceId": nil, "Data.OrderId": ""},
	},
	"a data of another type": {
		fault: `{"kind":"answer-after","status":500,"merge":{"Data":"kst-1"}}`, status: 500, fields: map[string]any{"Data": "kst-1"},
	},
}

// An order that took effect, or not, is answered in any way that a test asks for.
func TestAnswersOnDemand(t *testing.T) {
	for name, r := range answerCases {
		t.Run(name, func(t *testing.T) { r.try(t) })
	}
}

func (r answerCase) try(t *testing.T) {
	s, c := start(t, Options{})
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.admin("POST", "faults", r.fault, 200, nil)
	got, err := c.try(serviceBSS, "CreateInstance", order(nil))
	if got.status != r.status || (err == nil) != (r.fields != nil) || r.fields == nil && got.raw != r.body {
		t.Errorf("HTTP %d %s (%v)", got.status, got.raw, err)
	}
	bought := s.Instances()
	if len(bought) != 1 {
		t.Fatalf("%d instances were bought", len(bought))
	}
	for path, want := range r.fields {
		outer, inner, nested := strings.Cut(path, ".")
		value := got.at(outer)
		if nested {
			value = got.at(outer, inner)
		}
		switch want {
		case instance:
			want = bought[0].ID
		case "":
			want = bought[0].OrderID
		}
		if value != want {
			t.Errorf("%s is %#v, want %#v, in %s", path, value, want, got.raw)
		}
	}
	for name, want := range r.headers {
		if value := got.header.Get(name); value != want {
			t.Errorf("%s is %q, want %q", name, value, want)
		}
	}
	calls := s.Journal()
	if last := calls[len(calls)-1]; last.Status != r.status || last.Effect != EffectOrdered || last.Fault == "" {
		t.Errorf("the journal has %+v", last)
	}

	// The same before the order takes effect.
	var fault Fault
	if err := json.Unmarshal([]byte(r.fault), &fault); err != nil {
		t.Fatal(err)
	}
	fault.Kind, _ = fault.split()
	inject(t, s, fault)
	if got, _ := c.try(serviceBSS, "CreateInstance", order(nil)); got.status != r.status {
		t.Errorf("before the effect: HTTP %d %s", got.status, got.raw)
	}
	if got := len(s.Instances()); got != 1 {
		t.Errorf("before the effect: %d instances", got)
	}
}
