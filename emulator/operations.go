package emulator

import (
	"cmp"
	"net/http"
	"strings"
	"time"
)

// result is the answer of an action, without what all answers of its service have.
type result = map[string]any

// operation is one action of an API: what has to be there for it, and what it does.
type operation struct {
	// required are the parameters without which the gateway refuses the call; "Tag.N" is a list of at least one.
	required []string
	// booleans are parameters that may only be true or false.
	booleans []string
	// needs finds the instance that the call is about, or refuses the call; nil: the action has no such instance.
	needs func(s *Server, r *request) *Instance
	// effect is what a call that succeeds does, for the journal; empty if it only reads.
	effect string
	// perSecond is the documented rate of KMS, for an account in a region; 0 is the usual one. countsAs is another action
	// whose rate it shares.
	perSecond int
	countsAs  string
	// postOnly refuses GET. unsigned needs no signature. order is answered from its client token if that was used before.
	postOnly, unsigned, order bool
	// run does it, with Server.mu held. It may refuse the call.
	run func(s *Server, r *request) result
}

var operations = map[string]map[string]operation{
	serviceKMS: kmsOperations,
	serviceBSS: bssOperations,
	serviceSTS: stsOperations,
	serviceVPC: vpcOperations,
}

// lookUp finds the operation of a call. The gateway does this before it looks at the signature.
func lookUp(r *request) operation {
	op, known := operations[r.service][r.action]
	method, path := r.http.Method, strings.TrimPrefix(r.http.URL.Path, "/")
	switch {
	case method != http.MethodPost && (method != http.MethodGet || op.postOnly && path == ""):
		badRequest("UnsupportedHTTPMethod", "This http method %s is not supported.", method)
	case path == "" && r.action == "":
		missing("Action")
	case path == "" && r.version == "":
		missing("Version")
	case path != "" || !known:
		notFound("InvalidApi.NotFound", "Specified api is not found, please check your url and method.")
	}
	return op
}

// run checks a call against its operation and does it.
func (s *Server) run(r *request, op operation) result {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.opts.RateLimits && r.service == serviceKMS && !s.limits.allow(r, op) {
		refuse(throttled(serviceKMS))
	}
	if r.caller.denies(r.action) || r.service == serviceVPC && s.opts.NoVPCPermission {
		refuse(noPermission(r.service, r.action))
	}
	for _, parameter := range op.required {
		if list, ok := strings.CutSuffix(parameter, ".N"); ok && !r.has(list) {
			missing(list)
		} else if !ok && r.get(parameter) == "" {
			missing(parameter)
		}
	}
	if op.order {
		if again := s.replay(r); again != nil {
			return again
		}
	}
	if r.service == serviceBSS && (s.otherSite(r.get("ProductType")) || s.otherSite(r.get("ProductCode"))) {
		refuse(businessFailure("NotApplicable", "This API is not applicable for caller."))
	}
	for _, name := range op.booleans {
		r.boolean(name)
	}
	if op.needs != nil {
		r.instance = op.needs(s, r)
	}
	answer := op.run(s, r)
	r.effect.kind = op.effect
	return answer
}

// usualRate is the documented rate of most actions of KMS, in calls per second.
const usualRate = 50

// rateLimiter counts calls in windows of one second, by account, region and action. It is guarded by Server.mu.
type rateLimiter map[string]rateWindow

type rateWindow struct {
	second time.Time
	calls  int
}

// allow counts a call and says whether it is within the rate.
func (l rateLimiter) allow(r *request, op operation) bool {
	key := r.caller.accountID + "\n" + r.region + "\n" + cmp.Or(op.countsAs, r.action)
	w, second := l[key], r.now.Truncate(time.Second)
	if !w.second.Equal(second) {
		w = rateWindow{second: second}
	}
	w.calls++
	l[key] = w
	return w.calls <= cmp.Or(op.perSecond, usualRate)
}
