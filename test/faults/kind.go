package faults

import (
	"math"
	"net/http"
	"slices"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
)

// callAt is the nth call of an action in an operation, from 1.
type callAt struct {
	action string
	nth    int
}

// class is what kinds of faults have in common for whoever meets one.
type class string

const (
	transient      class = "busy, broken"          // a bad answer, once or a few times
	requestLost    class = "no answer, no effect"  // once
	answerLostOnce class = "no answer, but effect" // once
	exhausted      class = "no good answer at all" // until the operation gives up
	refused        class = "refused"
	timedOut       class = "time-out"
	ctrlC          class = "Ctrl-C"
	killed         class = "kill -9"
	restarted      class = "cloud restarts"
	lateOrBroken   class = "outcome of the instance" // Error, never connected, late
)

// classes are all of them, in the order of the docs.
var classes = []class{transient, requestLost, answerLostOnce, exhausted, refused, timedOut, ctrlC, killed, restarted, lateOrBroken}

// kind is a kind of fault: what goes wrong at a call.
type kind struct {
	name  string
	class class
	// faults are what the emulator does; Action and Nth are filled in.
	faults []emulator.Fault
	// hit is what happens to something else than the call, before or after it took effect. The call's answer is lost if
	// silent.
	hit    hit
	after  bool
	silent bool
	// timeouts of the provider's configuration; timed gives the operation itself a time-out.
	timeouts timeouts
	timed    bool
	// applies tells where the kind makes sense; nil means everywhere.
	applies func(s *scenario, at callAt) bool
	// refreshes says that a refresh comes before anything else; otherwise the seed decides.
	refreshes bool
}

// hit is what strikes outside of the emulator.
type hit string

const (
	hitKill     hit = "kill"     // kill -9 of the plugin
	hitCancel   hit = "cancel"   // Ctrl-C
	hitRestart  hit = "restart"  // the cloud loses its connections and starts again from its state file
	hitDeadline hit = "deadline" // the call is held for longer than the operation may take
	hitKeys     hit = "keys"     // the access key is deleted
	hitOffline  hit = "offline"  // the network is gone
)

// patience is the time-out of all other operations: what waits for longer waits for what never comes.
const patience = time.Minute

// operationTimeout is the time-out of operations with a timed kind.
const operationTimeout = 7 * time.Second

// readActions change nothing in the cloud: there is no difference between before and after their effect.
var readActions = []string{
	"GetKmsInstance", "GetCallerIdentity", "ListTagResources", "QueryAvailableInstances", "ListKmsInstances", "GetOrderDetail",
	"GetKmsInstanceQuotaInfos", "DescribeVSwitches", "DescribeVpcs",
}

func changes(_ *scenario, at callAt) bool { return !slices.Contains(readActions, at.action) }

func only(actions ...string) func(*scenario, callAt) bool {
	return func(_ *scenario, at callAt) bool { return slices.Contains(actions, at.action) }
}

// orders cost or give back money.
var orders = only("CreateInstance", "ModifyInstance", "RefundInstance")

// hasDeadline: the time for a refresh and for an import cannot be set.
func hasDeadline(s *scenario, at callAt) bool {
	return s.act != refresh && (!s.imported || changes(s, at))
}

// short are time-outs that make a hanging call and a call that never succeeds fail soon.
var short = timeouts{read: 1500 * time.Millisecond, retry: time.Second}

var (
	answerLost = &kind{
		name: "connection reset after the effect, until the operation gives up", class: exhausted, applies: changes, timeouts: short,
		faults: []emulator.Fault{{Kind: emulator.FaultResetAfter, Count: -1}},
	}
	unreachable = &kind{
		name: "connection reset before the effect, until the operation gives up", class: exhausted, timeouts: short,
		faults: []emulator.Fault{{Kind: emulator.FaultResetBefore, Count: -1}},
	}
	offline   = &kind{name: "no connection from the call on", class: exhausted, hit: hitOffline, silent: true, timeouts: timeouts{retry: short.retry}}
	cancelled = &kind{name: "Ctrl-C, and the call is lost", class: ctrlC, hit: hitCancel, silent: true}
)

// strikes is how many calls the emulator strikes, at least and at most.
func (k *kind) strikes() (least, most int) {
	for _, f := range k.faults {
		switch {
		case f.Count < 0 || f.Kind == emulator.FaultRefuse && f.Count == 0:
			least, most = least+1, math.MaxInt
		case most < math.MaxInt:
			least, most = least+max(f.Count, 1), most+max(f.Count, 1)
		}
	}
	return least, most
}

// typed tells whether something has to be typed after most faults of a class.
func (c class) typed() bool {
	return !slices.Contains([]class{transient, requestLost, answerLostOnce, restarted}, c)
}

// kinds are all kinds of faults.
func kinds() []*kind {
	once := func(name string, c class, fault emulator.FaultKind, applies func(*scenario, callAt) bool) *kind {
		return &kind{name: name, class: c, faults: []emulator.Fault{{Kind: fault}}, applies: applies}
	}
	hanging := timeouts{read: 1500 * time.Millisecond}
	return append(answersOnOrders(), []*kind{
		once("throttled once", transient, emulator.FaultThrottle, nil),
		{name: "throttled five times", class: transient, faults: []emulator.Fault{{Kind: emulator.FaultThrottle, Count: 5}}},
		{name: "throttled until the operation gives up", class: exhausted, timeouts: short, faults: []emulator.Fault{{Kind: emulator.FaultThrottle, Count: -1}}},
		once("HTTP 500", transient, emulator.FaultHTTP500, nil),
		once("HTTP 500 after the effect", answerLostOnce, emulator.FaultHTTP500.After(), changes),
		once("HTTP 503", transient, emulator.FaultHTTP503, nil),
		once("an answer that is no JSON", transient, emulator.FaultMalformed, nil),
		once("an answer that is no JSON, after the effect", answerLostOnce, emulator.FaultMalformed.After(), changes),
		once("an answer that breaks off, after the effect", answerLostOnce, emulator.FaultTruncated.After(), changes),
		{
			name: "404 from something else than the API, until the operation gives up", class: exhausted,
			faults: []emulator.Fault{{Kind: emulator.FaultMalformed, Status: 404, Count: -1}}, timeouts: short,
		},
		{name: "no answer in time", class: requestLost, timeouts: hanging, faults: []emulator.Fault{{Kind: emulator.FaultHang}}},
		{
			name: "no answer in time, after the effect", class: answerLostOnce, timeouts: hanging, applies: changes,
			faults: []emulator.Fault{{Kind: emulator.FaultHang.After()}},
		},
		once("connection reset before the effect", requestLost, emulator.FaultResetBefore, nil),
		once("connection reset after the effect", answerLostOnce, emulator.FaultResetAfter, changes),
		unreachable,
		answerLost,
		offline,
		{
			name: "connection reset after the effect, then throttled until the operation gives up", class: exhausted, applies: changes,
			timeouts: timeouts{read: short.read, retry: 3 * time.Second}, // time for a second try
			faults:   []emulator.Fault{{Kind: emulator.FaultResetAfter}, {Kind: emulator.FaultThrottle, Count: -1}},
		},
		once("refused (balance, unsupported operation)", refused, emulator.FaultBusiness, nil),
		{
			name: "one answer that there is no such instance", class: transient, applies: only("GetKmsInstance"),
			faults: []emulator.Fault{{Kind: emulator.FaultRefuse, Status: http.StatusForbidden, Code: "Forbidden.DKMSInstanceNotFound", Message: "gone", Count: 1}},
		},
		{
			name: "one answer without an instance", class: transient, applies: only("GetKmsInstance"),
			faults: []emulator.Fault{{Kind: emulator.FaultAnswer, Merge: map[string]any{"KmsInstance": map[string]any{"InstanceId": ""}}}},
		},
		{name: "no permission, until it is given", class: refused, faults: []emulator.Fault{{Kind: emulator.FaultRefuse}}},
		{name: "access key deleted, until another is given", class: refused, hit: hitKeys},
		{name: "time-out of the operation, and the call is lost", class: timedOut, hit: hitDeadline, silent: true, timed: true, applies: hasDeadline},
		{
			name: "time-out of the operation during the call", class: timedOut, hit: hitDeadline, after: true, timed: true,
			applies: func(s *scenario, at callAt) bool { return hasDeadline(s, at) && changes(s, at) },
		},
		cancelled,
		{name: "Ctrl-C during the call", class: ctrlC, hit: hitCancel, after: true},
		{name: "Ctrl-C, and the answer is lost after the effect", class: ctrlC, hit: hitCancel, after: true, silent: true, applies: changes},
		{name: "kill -9 of the plugin", class: killed, hit: hitKill, silent: true},
		{name: "kill -9 of the plugin, after the effect", class: killed, hit: hitKill, after: true, silent: true, applies: changes},
		{name: "restart of the cloud from its state file", class: restarted, hit: hitRestart, silent: true},
		{name: "restart of the cloud from its state file, after the effect", class: restarted, hit: hitRestart, after: true, silent: true, applies: changes},
		{
			name: "status Error instead of Connected", class: lateOrBroken, applies: only("ConnectKmsInstance"),
			faults: []emulator.Fault{{Kind: emulator.FaultErrorStatus}},
		},
		{
			name: "status Connecting for ever", class: lateOrBroken, applies: only("ConnectKmsInstance"), timed: true,
			faults: []emulator.Fault{{Kind: emulator.FaultNeverConnected}},
		},
		{
			name: "the instance appears late", class: lateOrBroken, applies: only("CreateInstance"),
			faults: []emulator.Fault{{Kind: emulator.FaultDelayedVisibility, Seconds: 6}},
		},
		{
			name: "Ctrl-C during the order, and the instance appears late", class: lateOrBroken, applies: only("CreateInstance"), hit: hitCancel, after: true,
			faults: []emulator.Fault{{Kind: emulator.FaultDelayedVisibility, Seconds: 6}}, refreshes: true,
		},
	}...)
}

// answersOnOrders are answers that say less about an order than they seem to: once and then no more, and until the operation gives
// up, with the order placed and without.
func answersOnOrders() []*kind {
	answer := func(status int, body string) emulator.Fault { return emulator.Fault{Status: status, Body: &body} }
	redirect := answer(http.StatusFound, "")
	redirect.Headers = map[string]string{"Location": "http://console.invalid/"}
	page := answer(http.StatusTooManyRequests, "<html><body>Too many requests</body></html>")
	page.Headers = map[string]string{"Content-Type": "text/html"}
	data := func(id, order any) emulator.Fault {
		return emulator.Fault{Merge: map[string]any{"Data": map[string]any{"InstanceId": id, "OrderId": order}}}
	}
	answers := []struct {
		name string
		emulator.Fault
	}{
		{"a redirect", redirect},
		{"Success:false with an unknown code", answer(http.StatusOK, `{"Success":false,"Code":"SYSTEM.CONCURRENT_OPERATE"}`)},
		{"HTTP 400 with an unknown code", answer(http.StatusBadRequest, `{"Code":"Order.Undetermined","Message":"undetermined"}`)},
		{"HTTP 408", answer(http.StatusRequestTimeout, `{"Code":"RequestTimeout","Message":"time-out"}`)},
		{"HTTP 409", answer(http.StatusConflict, `{"Code":"IdempotentProcessing","Message":"in progress"}`)},
		{"HTTP 429 from something else", page},
		{"a refusal that names the instance", emulator.Fault{Merge: map[string]any{"Success": false, "Code": "NoPermission"}}},
		{"a success without an id", data(nil, nil)},
		{"a success with an id that is none", data("null\n", "0")},
	}
	var list []*kind
	for _, a := range answers {
		const untilGivesUp = ", until the operation gives up"
		once := a.Fault
		once.Kind = emulator.FaultAnswer.After()
		forever := once
		forever.Count = -1
		list = append(list,
			&kind{name: a.name + " on an order that was placed", class: answerLostOnce, applies: orders, faults: []emulator.Fault{once}},
			&kind{name: a.name + " on an order that was placed" + untilGivesUp, class: exhausted, applies: orders, faults: []emulator.Fault{forever}, timeouts: short},
		)
		if a.Merge == nil {
			never := forever
			never.Kind = emulator.FaultAnswer
			list = append(list, &kind{
				name: a.name + " on an order that was not placed" + untilGivesUp, class: exhausted, applies: orders, faults: []emulator.Fault{never}, timeouts: short,
			})
		}
	}
	return list
}
