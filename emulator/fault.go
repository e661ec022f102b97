package emulator

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// FaultKind names what goes wrong.
type FaultKind string

// Faults that hit before the call takes effect. Appending "-after" (FaultKind.After) lets the call take effect
// first and only then spoils its answer.
const (
	FaultThrottle  FaultKind = "throttle"  // the service's throttling code
	FaultHTTP500   FaultKind = "http500"   // HTTP 500 with an error body
	FaultHTTP503   FaultKind = "http503"   // HTTP 503 with an error body
	FaultAnswer    FaultKind = "answer"    // an answer with another Status, Headers or Body, or with Merge put into its body
	FaultMalformed FaultKind = "malformed" // the same with a body that is not JSON
	FaultTruncated FaultKind = "truncated" // an answer that ends in the middle
	FaultHang      FaultKind = "hang"      // no answer for Seconds, or until the client leaves; then the connection is closed
	FaultReset     FaultKind = "reset"     // the connection is reset without an answer
	FaultSlow      FaultKind = "slow"      // the call is answered as usual, but only after Seconds
)

// Faults that are refusals, and never take effect.
const (
	FaultBusiness FaultKind = "business" // BSS: HTTP 200 with Success:false; elsewhere HTTP 400
	FaultRefuse   FaultKind = "refuse"   // HTTP 403, no permission; for ever unless Count is given
)

// Faults of the instance that a call is about: CreateInstance or ConnectKmsInstance. The call itself succeeds.
const (
	FaultErrorStatus       FaultKind = "error-status"       // it ends in Error instead of Connected
	FaultNeverConnected    FaultKind = "never-connected"    // it stays Connecting
	FaultDelayedVisibility FaultKind = "delayed-visibility" // it becomes visible only after Seconds (CreateInstance only)
	FaultAutoRefund        FaultKind = "auto-refund"        // it is paid back after Seconds, without ever becoming visible (CreateInstance only)
)

// After returns the kind that lets the call take effect before it hits: a lost answer.
func (k FaultKind) After() FaultKind { return k + "-after" }

// The reset without and with effect, spelled out.
const (
	FaultResetBefore FaultKind = "reset-before"
	FaultResetAfter  FaultKind = "reset-after"
)

// Fault says which calls go wrong, and how.
type Fault struct {
	// Action is the action that is hit; "*" or empty means any (or, for the faults of an instance, the one that
	// they are about).
	Action string `json:"action,omitempty"`
	// InstanceID limits the fault to calls about one instance.
	InstanceID string `json:"instanceId,omitempty"`
	// Nth is the first call that is hit, counted from the injection and from 1. Zero means 1. Calls that fail
	// authentication are not counted.
	Nth int `json:"nth,omitempty"`
	// Count is how many calls are hit from there on; zero means 1 (for "refuse": all), -1 means all.
	Count int       `json:"count,omitempty"`
	Kind  FaultKind `json:"kind"`
	// Status, Code and Message replace those that the kind has by itself. A redirect is an answer with Status 302 and the
	// header Location.
	Status  int    `json:"status,omitempty"`
	Code    string `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
	// Headers, Body and Merge are for answer and malformed. Body is the whole body. Merge is put into the usual body,
	// field by field and at every depth; a nil (null) takes a field out.
	Headers map[string]string `json:"headers,omitempty"`
	Body    *string           `json:"body,omitempty"`
	Merge   map[string]any    `json:"merge,omitempty"`
	// Seconds is for hang (0: until the client leaves), slow, delayed-visibility and auto-refund.
	Seconds float64 `json:"seconds,omitempty"`
}

func (f Fault) seconds() time.Duration { return time.Duration(f.Seconds * float64(time.Second)) }

// split returns the plain kind and whether the fault hits after the effect.
func (f Fault) split() (kind FaultKind, after bool) {
	plain, after := strings.CutSuffix(string(f.Kind), "-after")
	return FaultKind(strings.TrimSuffix(plain, "-before")), after
}

// faultRule is what goes with a kind of fault.
type faultRule struct {
	after   bool     // it can hit after the effect, too
	answers bool     // it takes headers, body and merge
	seconds bool     // it needs seconds
	actions []string // for the faults of an instance: the actions that they are about, the usual one first
}

var faultRules = map[FaultKind]faultRule{
	FaultThrottle: {after: true}, FaultHTTP500: {after: true}, FaultHTTP503: {after: true}, FaultTruncated: {after: true},
	FaultHang: {after: true}, FaultReset: {after: true},
	FaultAnswer: {after: true, answers: true}, FaultMalformed: {after: true, answers: true},
	FaultSlow: {seconds: true}, FaultBusiness: {}, FaultRefuse: {},
	FaultErrorStatus:       {actions: []string{"ConnectKmsInstance", "CreateInstance"}},
	FaultNeverConnected:    {actions: []string{"ConnectKmsInstance", "CreateInstance"}},
	FaultDelayedVisibility: {actions: []string{"CreateInstance"}, seconds: true},
	FaultAutoRefund:        {actions: []string{"CreateInstance"}},
}

// ofInstance says that the fault changes what becomes of an instance rather than the call.
func (f Fault) ofInstance() bool { return faultRules[f.Kind].actions != nil }

func (f Fault) matches(r *request) bool {
	if f.InstanceID != "" && f.InstanceID != r.get("KmsInstanceId") && f.InstanceID != r.get("InstanceId") {
		return false
	}
	return f.Action == "*" || f.Action == r.action
}

// checked returns the fault with what it leaves out, or says why it makes no sense.
func (f Fault) checked() (Fault, error) {
	kind, _ := f.split()
	rule := faultRules[kind]
	if why := f.nonsense(kind, rule); why != "" {
		return f, fmt.Errorf("fault %s: %s", f.Kind, why)
	}
	f.Action = cmp.Or(f.Action, append(slices.Clone(rule.actions), "*")[0])
	if f.Kind == FaultRefuse {
		f.Count = cmp.Or(f.Count, -1)
	}
	f.Nth, f.Count = cmp.Or(f.Nth, 1), cmp.Or(f.Count, 1)
	return f, nil
}

func (f Fault) nonsense(kind FaultKind, rule faultRule) string {
	_, known := faultRules[kind]
	replaces := f.Headers != nil || f.Body != nil || f.Merge != nil
	switch {
	case !known || kind != f.Kind && !rule.after:
		return fmt.Sprintf("the kind is unknown; there are %v, most of them also with -after", slices.Sorted(maps.Keys(faultRules)))
	case f.Nth < 0 || f.Count < -1 || f.Seconds < 0:
		return "nth, count and seconds cannot be negative (count -1 means all)"
	case f.Status != 0 && (f.Status < 200 || f.Status > 599):
		return fmt.Sprintf("%d is not an HTTP status", f.Status)
	case rule.seconds && f.Seconds == 0:
		return "it needs seconds"
	case replaces && !rule.answers:
		return fmt.Sprintf("only %s and %s take headers, body and merge", FaultAnswer, FaultMalformed)
	case f.Body != nil && f.Merge != nil:
		return "give body or merge, not both"
	case kind == FaultAnswer && !replaces && f.Status == 0:
		return "give status, headers, body or merge"
	case f.Code+f.Message != "" && rule.answers:
		return "put code and message into merge"
	case rule.actions != nil && f.Action != "" && !slices.Contains(rule.actions, f.Action):
		return fmt.Sprintf("it is about %s, not %s", strings.Join(rule.actions, " or "), f.Action)
	}
	return ""
}

// faultList holds the injected faults. It is guarded by Server.mu.
type faultList []*armedFault

type armedFault struct {
	Fault
	seen int // matching calls since the injection
}

func (l *faultList) add(faults []Fault) error {
	var armed faultList
	for _, f := range faults {
		checked, err := f.checked()
		if err != nil {
			return err
		}
		armed = append(armed, &armedFault{Fault: checked})
	}
	*l = append(*l, armed...)
	return nil
}

func (l faultList) pending() []Fault {
	pending := []Fault{}
	for _, f := range l {
		if !f.spent() {
			pending = append(pending, f.Fault)
		}
	}
	return pending
}

func (f *armedFault) spent() bool {
	return f.Count >= 0 && f.seen >= f.Nth+f.Count-1
}

// due counts a call against the faults. It returns the first one that is due, and those that decide what becomes of the
// call's instance; the latter are left for another call if this one will not take effect.
func (l faultList) due(r *request) (due *Fault, outcomes []Fault) {
	for _, f := range l {
		if !f.ofInstance() && f.hits(r) && due == nil {
			due = &f.Fault
		}
	}
	if due != nil && due.prevents() {
		return due, nil
	}
	for _, f := range l {
		if f.ofInstance() && f.hits(r) {
			outcomes = append(outcomes, f.Fault)
		}
	}
	return due, outcomes
}

// hits counts a call against the fault and says whether it is due.
func (f *armedFault) hits(r *request) bool {
	if f.spent() || !f.matches(r) {
		return false
	}
	f.seen++
	return f.seen >= f.Nth
}

// prevents says whether a call that is hit does not take effect.
func (f Fault) prevents() bool {
	_, after := f.split()
	return !after && f.Kind != FaultSlow
}

// replace returns the answer that the fault gives in place of the usual one.
func (f Fault) replace(status int, body []byte) (int, []byte) {
	if f.Status != 0 {
		status = f.Status
	}
	switch kind, _ := f.split(); {
	case f.Body != nil:
		return status, []byte(*f.Body)
	case kind == FaultMalformed && f.Merge == nil:
		return status, []byte("<html><body><h1>502 Bad Gateway</h1></body></html>")
	case f.Merge == nil:
		return status, body
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var usual map[string]any
	if err := decoder.Decode(&usual); err != nil {
		panic("emulator: a usual answer cannot be decoded: " + err.Error())
	}
	return status, encode(merged(usual, f.Merge))
}

// merged puts the fields of a change into a body; nil takes one out.
func merged(body, change map[string]any) map[string]any {
	if body == nil {
		body = map[string]any{}
	}
	for name, value := range change {
		inner, isMap := value.(map[string]any)
		switch {
		case value == nil:
			delete(body, name)
		case isMap:
			old, _ := body[name].(map[string]any)
			body[name] = merged(old, inner)
		default:
			body[name] = value
		}
	}
	return body
}

// refusal is the error that a fault answers with.
func (f Fault) refusal(r *request) *apiError {
	kind, _ := f.split()
	var e *apiError
	isKMS := r.service == serviceKMS
	switch {
	case kind == FaultThrottle:
		e = throttled(r.service)
	case kind == FaultHTTP500 && isKMS:
		e = fail(http.StatusInternalServerError, "InternalFailure", "Internal Failure")
	case kind == FaultHTTP500:
		e = fail(http.StatusInternalServerError, "InternalError", "The request processing has failed due to some unknown error.")
	case kind == FaultHTTP503 && isKMS:
		e = fail(http.StatusServiceUnavailable, "SerivceUnvailableTemporary", "Service Unvailable Temporary")
	case kind == FaultHTTP503:
		e = fail(http.StatusServiceUnavailable, "ServiceUnavailable", "The request has failed due to a temporary failure of the server.")
	case kind == FaultRefuse:
		e = noPermission(r.service, r.action)
	case r.service == serviceBSS:
		e = businessFailure("PAY.INSUFFICIENT_BALANCE", "The account balance is insufficient.")
	default:
		e = unsupportedOperation("It was refused on request.")
	}
	if f.Status != 0 {
		e.status = f.Status
		e.business = e.business && f.Status == http.StatusOK
	}
	e.code, e.message = cmp.Or(f.Code, e.code), cmp.Or(f.Message, e.message)
	return e
}

func throttled(service string) *apiError {
	if service == serviceKMS {
		return fail(http.StatusTooManyRequests, "Rejected.Throttling", "QPS Limit Exceeded")
	}
	return fail(http.StatusBadRequest, "Throttling.User", "Request was denied due to user flow control.")
}
