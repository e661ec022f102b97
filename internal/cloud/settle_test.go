package cloud

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"
)

// What is known of an order in the end.
const (
	isPlaced     = "placed"
	isRefused    = "refused"
	isUnanswered = "unanswered"
)

// answers are the answers that an order can get. Each is tried as the only one and after a try whose answer was lost. A refusal
// settles an order only if no earlier try can have arrived.
var answers = []struct {
	name   string
	answer reply
	first  string // repeated from the first try on
	after  string // repeated after a try whose answer was lost
}{
	// What names the result settles the order, whatever else it says.
	{"success", reply{body: okBSS}, isPlaced, isPlaced},
	{"success with the code of a refusal", reply{body: `{"Success":true,"Code":"NoPermission","Data":{"InstanceId":"kst-1"}}`}, isPlaced, isPlaced},
	{"an id without Success", reply{body: `{"Data":{"InstanceId":"kst-1","OrderId":"1"}}`}, isPlaced, isPlaced},

	// Success without a usable id.
	{"no instance id", reply{body: `{"Code":"Success","Success":true,"Data":{"OrderId":"1"}}`}, isUnanswered, isUnanswered},
	{"a blank instance id", reply{body: `{"Success":true,"Data":{"InstanceId":" "}}`}, isUnanswered, isUnanswered},
	{"an id of something else", reply{body: `{"Success":true,"Data":{"InstanceId":"i-bp1abc"}}`}, isUnanswered, isUnanswered},
	{"an id with more behind it", reply{body: `{"Success":true,"Data":{"InstanceId":"kst-1 kst-2"}}`}, isUnanswered, isUnanswered},
	{"success with the code of a refusal and no id", reply{body: `{"Success":true,"Code":"PAY.X"}`}, isUnanswered, isUnanswered},

	// Refusals.
	{"no money", declined("PAY.INSUFFICIENT_BALANCE"), isRefused, isUnanswered},
	{"bad parameter", declined("InvalidParameter.Period"), isRefused, isUnanswered},
	{"missing parameter", apiError(400, "MissingPeriod"), isRefused, isUnanswered},
	{"no permission", apiError(403, "Forbidden.RAM"), isRefused, isUnanswered},
	{"unknown key", apiError(404, "InvalidAccessKeyId.NotFound"), isRefused, isUnanswered},
	{"throttled", apiError(400, "Throttling.User"), isRefused, isUnanswered},
	{"wrong site", declined(CodeNotApplicable), isRefused, isUnanswered},
	{"a refusal without Success", reply{body: `{"Code":"NoPermission","Message":"no"}`}, isRefused, isUnanswered},

	// Answers that decline, and name what was bought.
	{"a refusal with an instance id", reply{body: `{"Success":false,"Code":"PAY.X","Data":{"InstanceId":"kst-1"}}`}, isUnanswered, isUnanswered},
	{"a refusal with an order id", reply{body: `{"Success":false,"Code":"NoPermission","Data":{"OrderId":"1"}}`}, isUnanswered, isUnanswered},
	{"a refusal without Success, with an order id", reply{body: `{"Code":"InvalidParameter","Data":{"OrderId":"1"}}`}, isUnanswered, isUnanswered},
	{"a refusal with an instance id beside odd data", reply{body: `{"Success":false,"Code":"PAY.X","Data":{"InstanceId":"kst-1","OrderId":[1]}}`}, isUnanswered, isUnanswered},

	// Codes that say nothing about the order.
	{"unknown code", declined("SYSTEM.ERROR"), isUnanswered, isUnanswered},
	{"a code that only begins like a refusal", declined("NoPermissionAtAll"), isUnanswered, isUnanswered},
	{"no code", reply{body: `{"Success":false}`}, isUnanswered, isUnanswered},
	{"internal error", declined(codeInternalError), isUnanswered, isUnanswered},
	{"another order in work", declined(codeConcurrentOperation), isUnanswered, isUnanswered},
	{"the token counts as used", declined("Duplicated.ClientToken"), isUnanswered, isUnanswered},
	{"the token was used for something else", apiError(400, "IdempotentParameterMismatch"), isUnanswered, isUnanswered},

	// Statuses that say nothing, whatever the code.
	{"a redirection", reply{status: 302, header: map[string]string{"Location": "https://elsewhere.example/"}}, isUnanswered, isUnanswered},
	{"HTTP 408", apiError(http.StatusRequestTimeout, "NoPermission"), isUnanswered, isUnanswered},
	{"HTTP 409", apiError(http.StatusConflict, "NoPermission"), isUnanswered, isUnanswered},
	{"HTTP 500 with a refusal", apiError(500, "NoPermission"), isUnanswered, isUnanswered},
	{"HTTP 400 with an unknown code", apiError(400, "Strange"), isUnanswered, isUnanswered},

	// Bodies that cannot be read.
	{"HTTP 429 with HTML", reply{status: 429, body: "<html>"}, isUnanswered, isUnanswered},
	{"HTTP 403 with HTML", reply{status: 403, body: "<html>"}, isUnanswered, isUnanswered},
	{"an empty body", reply{body: ""}, isUnanswered, isUnanswered},
	{"half a body", reply{body: okBSS, cut: true}, isUnanswered, isUnanswered},

	// No answer.
	{"a lost connection", reply{reset: true}, isUnanswered, isUnanswered},
	{"a time-out", reply{hang: true}, isUnanswered, isUnanswered},
}

// Each code that declines an order is in the list with its source.
func TestRefusalsHaveSources(t *testing.T) {
	for _, r := range refusals {
		if r.code == "" || r.source == "" {
			t.Errorf("%+v", r)
		}
	}
}

// Promise (Purchase): Only an instance id of the right form or a known refusal settles a purchase.
func TestWhatSettlesAnOrder(t *testing.T) {
	for _, a := range answers {
		for name, c := range map[string]struct {
			script []reply
			want   string
		}{
			"first":               {[]reply{a.answer}, a.first},
			"after a lost answer": {[]reply{{reset: true}, a.answer}, a.after},
		} {
			bubble(t, a.name+"/"+name, func(t *testing.T) {
				f := serve(t, replies(c.script...))
				start := time.Now()
				result, err := f.client().CreateInstance(t.Context(), sampleOrder())
				got := isRefused
				switch {
				case err == nil:
					got = isPlaced
				case MayHaveTakenEffect(err):
					got = isUnanswered
				}
				if got != c.want {
					t.Errorf("the order is %s, want %s: %+v %v", got, c.want, result, err)
				}
				if took := time.Since(start); took > orderLimit+orderTryTimeout || got == isUnanswered && took < sameAnswerLimit-backoffCap {
					t.Errorf("it was tried for %s", took)
				}
				for n := range f.count() {
					if r := f.seen(n + 1); r.param("ClientToken") != "token-1" || !strings.HasPrefix(r.Host, "business.") { // of a redirection
						t.Errorf("try %d went to %s with the token %s", n+1, r.Host, r.param("ClientToken"))
					}
				}
			})
		}
	}
}

// The order id of an answer without an instance id is what a user can ask Alibaba Cloud about.
func TestUnansweredOrderShowsIDs(t *testing.T) {
	for body, want := range map[string][]string{
		`{"Success":true,"Data":{"OrderId":"2100001"}}`:                            {"order 2100001"},
		`{"Success":true,"Data":{"OrderId":2100001,"InstanceId":"null"}}`:          {"order 2100001", `instance id "null"`},
		`{"Success":false,"Code":"SYSTEM.ERROR","Data":{"InstanceId":"kst-9"}}`:    {"SYSTEM.ERROR", `instance id "kst-9"`},
		`{"Success":false,"Code":"NoPermission","Data":{"OrderId":"\u001b[31m7"}}`: {"NoPermission", "order [31m7"},
	} {
		bubble(t, body, func(t *testing.T) {
			f := serve(t, replies(reply{body: body}))
			_, err := f.client().CreateInstance(t.Context(), sampleOrder())
			for _, text := range want {
				if err == nil || !strings.Contains(err.Error(), text) {
					t.Errorf("the error is %q, want %q in it", err, text)
				}
			}
		})
	}
}

// An order that gets the same answer each time is tried for a minute, and the error says that it was the same.
func TestSameAnswerToAnOrder(t *testing.T) {
	unknown, other := declined("SYSTEM.ERROR"), declined("SYSTEM.OTHER")
	for name, c := range map[string]struct {
		script   func(int, request) reply
		same     bool
		patience time.Duration
	}{
		"always the same":    {replies(unknown), true, sameAnswerLimit},
		"a redirection":      {replies(reply{status: 302}), true, sameAnswerLimit},
		"two answers":        {replies(unknown, other), false, orderLimit},
		"lost at first":      {replies(reply{reset: true}, unknown), false, orderLimit},
		"always lost":        {replies(reply{reset: true}), false, orderLimit},
		"always cut":         {replies(reply{body: unknown.body, cut: true}), false, orderLimit},
		"always unavailable": {replies(apiError(503, "ServiceUnavailable")), false, orderLimit},
		"always in work":     {replies(declined(codeConcurrentOperation)), true, orderLimit},
	} {
		bubble(t, name, func(t *testing.T) {
			f := serve(t, c.script)
			start := time.Now()
			_, err := f.client().CreateInstance(t.Context(), sampleOrder())
			if took := time.Since(start); took > c.patience || took < c.patience-backoffCap {
				t.Errorf("it was tried for %s, want about %s", took, c.patience)
			}
			if GotSameAnswer(err) != c.same || !MayHaveTakenEffect(err) {
				t.Errorf("same answer: %t, may have taken effect: %t", GotSameAnswer(err), MayHaveTakenEffect(err))
			}
		})
	}
}

// A server's Retry-After is respected, within reason.
func TestRetryAfter(t *testing.T) {
	for header, want := range map[string]time.Duration{"20": 20 * time.Second, "100000": longestRetryAfter, "9999999999": longestRetryAfter, "soon": 0, "-5": 0} {
		bubble(t, header, func(t *testing.T) {
			busy := apiError(503, "ServiceUnavailable")
			busy.header = map[string]string{"Retry-After": header}
			f := serve(t, replies(busy, success))
			if err := sampleCalls["read"](t.Context(), f.client()); err != nil {
				t.Fatal(err)
			}
			if gap := f.seen(2).At.Sub(f.seen(1).At); gap < want || gap > max(want, backoffBase) {
				t.Errorf("tried again after %s, want %s", gap, want)
			}
		})
	}
}

// A refusal does not settle an order of which an earlier call got no answer, and neither does the end of the operation.
func TestRefusalOfARepeatedOrder(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		f := serve(t, replies(apiError(403, "NoPermission")))
		again := Purchase{ClientToken: "a", PaymentType: PayAsYouGo, Unanswered: true}
		if _, err := f.client().CreateInstance(t.Context(), again); !MayHaveTakenEffect(err) {
			t.Errorf("the order counts as refused: %v", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := f.client().CreateInstance(ctx, again); !MayHaveTakenEffect(err) {
			t.Errorf("the order counts as refused: %v", err)
		}
	})
}
