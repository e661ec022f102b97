package cloud

import (
	"context"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"time"

	"golang.org/x/time/rate"
)

// How long a call is tried, from the shortest time to the longest. The option MaxRetryTimeout replaces all but those of orders.
const (
	backoffBase = 500 * time.Millisecond
	backoffCap  = 10 * time.Second
	// unreachablePatience is for a host that never answered: its name is more likely wrong than the host down.
	unreachablePatience = 15 * time.Second
	// refreshPatience is for credentials that worked before and cannot be refreshed.
	refreshPatience = time.Minute
	// sameRefusalPatience is for an order that gets the same answer each time, which does not say whether it was placed.
	sameRefusalPatience = time.Minute
	// callPatience is for calls without a deadline.
	callPatience = 2 * time.Minute
	// statePatience is for an instance that has just become usable and does not take changes yet.
	statePatience = 2 * time.Minute
	// orderPatience is for orders: BSS must still know the client token. How long it does is not documented.
	orderPatience = 10 * time.Minute
	// forever is for calls with a deadline.
	forever = 1<<63 - 1
)

// malformedTries is how often a call is tried that is answered with something else than a result: it is more likely that
// something else than the API answers.
const malformedTries = 5

// The calls a second that a client makes at most. KMS allows an account 50 reads and changes a second in a region, and 10
// connections and bindings, which others use too.
const (
	callsPerSecond    = 30
	connectsPerSecond = 8
)

type limits struct{ calls, connects *rate.Limiter }

func newLimits() limits {
	return limits{rate.NewLimiter(callsPerSecond, callsPerSecond), rate.NewLimiter(connectsPerSecond, connectsPerSecond)}
}

// wait returns when the call may be made, or when ctx ends.
func (l limits) wait(ctx context.Context, cl call) {
	if cl.service != kms {
		return
	}
	_ = l.calls.Wait(ctx)
	if cl.action == actionConnect || cl.action == actionBind {
		_ = l.connects.Wait(ctx)
	}
}

// do makes the call, again and again if need be, and returns nil or an *Error. It is the one place that decides about
// retries.
func (c *Client) do(ctx context.Context, cl call) error {
	t := tries{client: c, call: cl, site: cl.site, start: time.Now(), ambiguous: cl.unanswered, differs: cl.unanswered}
	for {
		c.limits.wait(ctx, cl)
		if ctx.Err() != nil {
			return t.ended(ctx)
		}
		f := c.try(ctx, cl, t.site)
		if cl.service == bss && (f == nil && (cl.kind != read || t.switched) || f != nil && t.switched && f.business && f.Code != CodeNotApplicable) {
			c.learnSite(t.site) // an empty list alone would prove nothing
		}
		if f == nil {
			return nil
		}
		switch t.note(ctx, f) {
		case stop:
			return t.last
		case atOnce:
			continue
		case later:
		}
		wait := max(backoff(t.count), f.retryAfter)
		if ctx.Err() != nil || t.spent(wait) > t.patience(ctx, f) || endsWithin(ctx, wait) {
			return t.ended(ctx)
		}
		noticeRetry(ctx, Retry{Action: cl.action, Attempt: t.count, Wait: wait, Err: t.last})
		pause(ctx, wait)
	}
}

// tries is what the tries of one call have come to.
type tries struct {
	client    *Client
	call      call
	site      Site
	switched  bool // to the other site
	renewed   bool // the credentials
	start     time.Time
	count     int
	ambiguous bool // a try may have taken effect
	differs   bool // not every try got the same answer
	malformed int
	last      *Error
}

// next is what follows a failed try.
type next int

const (
	stop next = iota
	atOnce
	later
)

// note takes note of a failed try and decides what follows.
func (t *tries) note(ctx context.Context, f *failure) next {
	t.count++
	v := t.call.judge(f)
	t.ambiguous = t.ambiguous || v.ambiguous
	t.differs = t.differs || !f.isAnswer() || t.last != nil && (t.last.Code != f.Code || t.last.HTTPStatus != f.HTTPStatus)
	if f.malformed && f.HTTPStatus < 500 && !f.throttled() {
		t.malformed++
	}
	t.last = f.Error
	t.last.Attempts, t.last.Elapsed = t.count, time.Since(t.start)
	t.last.mayHaveTaken = t.ambiguous && t.call.kind != read
	t.last.sameAnswer = !t.differs
	switch {
	case f.interrupted:
		return stop
	case f.Code == CodeNotApplicable && t.call.service == bss && t.switchSite():
		return atOnce
	case f.Code == CodeTokenExpired && !t.renewed && t.client.credentials.discard(ctx, f.keyID):
		t.renewed = true
		return atOnce
	case t.call.kind == order && t.ambiguous && f.sent: // nothing but the answer to its token tells what became of it
		return later
	case !v.again, t.call.kind != order && t.malformed >= malformedTries:
		return stop
	}
	return later
}

// switchSite tries the other site once, unless the user has named one.
func (t *tries) switchSite() bool {
	if !t.switched && !t.client.siteConfigured {
		t.site, t.switched = t.site.other(), true
		return true
	}
	t.last.bothSites = t.switched
	if t.client.siteConfigured {
		t.last.site = t.site
	}
	return false
}

// ended is the error of a call that is not tried (again).
func (t *tries) ended(ctx context.Context) *Error {
	if t.last != nil {
		t.last.endedBy = ctx.Err()
		return t.last
	}
	f := failure{Error: &Error{Action: t.call.action, Endpoint: t.client.endpoint(t.call.service, t.site).host, service: t.call.service}}
	f.end(ctx)
	f.mayHaveTaken = t.call.unanswered
	return f.Error
}

func (t *tries) spent(wait time.Duration) time.Duration { return time.Since(t.start) + wait }

// patience is how long the call may be tried, given how the last try failed.
func (t *tries) patience(ctx context.Context, f *failure) time.Duration {
	patience := time.Duration(forever)
	if _, ok := ctx.Deadline(); !ok {
		patience = callPatience
	}
	if t.client.maxRetryTimeout > 0 {
		patience = t.client.maxRetryTimeout
	}
	switch {
	case t.call.kind == order:
		patience = orderPatience
		if t.client.maxRetryTimeout > 0 {
			patience = min(t.client.maxRetryTimeout, orderPatience)
		}
		if t.ambiguous && !t.differs && !slices.Contains(busyCodes, f.Code) {
			patience = min(patience, sameRefusalPatience)
		}
	case f.Code == CodeStateInvalid:
		patience = min(patience, statePatience)
	}
	switch {
	case t.client.maxRetryTimeout > 0:
	case f.Code == CodeInvalidCredentials:
		patience = min(patience, refreshPatience)
	case f.HTTPStatus == 0 && !f.sent && !t.ambiguous && !t.client.hasAnswered(f.Endpoint):
		patience = min(patience, unreachablePatience)
	}
	return patience
}

// endsWithin tells whether the context ends before the wait does.
func endsWithin(ctx context.Context, wait time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return ok && time.Until(deadline) <= wait
}

// backoff is exponential with full jitter.
func backoff(attempt int) time.Duration {
	limit := backoffCap
	if attempt < 6 {
		limit = min(backoffCap, backoffBase<<(attempt-1))
	}
	return rand.N(limit) //nolint:gosec // spreading load needs no secrecy
}

// longestRetryAfter bounds what a server may ask for.
const longestRetryAfter = time.Minute

// retryAfter is the wait that an answer asks for, in seconds.
func retryAfter(header http.Header) time.Duration {
	seconds, err := strconv.Atoi(header.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return min(time.Duration(seconds)*time.Second, longestRetryAfter)
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// verdict is what a failed try means for the call.
type verdict struct {
	again     bool // try again
	ambiguous bool // the try may have taken effect
}

// judge decides about a failed try.
func (cl call) judge(f *failure) verdict {
	passes := f.throttled() || f.Code == CodeSignatureNonceUsed
	switch {
	case f.interrupted:
		return verdict{ambiguous: f.sent}
	case f.Code == CodeInvalidCredentials:
		return verdict{again: f.refresh}
	case cl.kind == order:
		switch f.outcome() {
		case neverSent:
			return verdict{again: !f.permanent}
		case refused:
			return verdict{again: passes}
		default:
			return verdict{again: true, ambiguous: true}
		}
	case f.permanent:
		return verdict{}
	case f.Code == CodeTimeout, f.Code == CodeConnectionFailed:
		return verdict{again: !f.sent || cl.kind != once, ambiguous: f.sent}
	case passes:
		return verdict{again: true}
	case f.malformed, f.HTTPStatus >= 500, slices.Contains(temporaryCodes, f.Code):
		return verdict{again: cl.kind != once, ambiguous: true}
	case cl.service == bss && slices.Contains(busyCodes, f.Code):
		return verdict{again: true}
	case cl.service == kms && cl.kind != read && (f.Code == CodeInstanceInUpgrade || f.Code == CodeStateInvalid):
		return verdict{again: true}
	case cl.action == actionConnect && f.Code == CodeRoleNotFound:
		return verdict{again: true}
	}
	return verdict{}
}

// isAnswer tells whether Alibaba Cloud answered, and will probably answer the same again.
func (f *failure) isAnswer() bool {
	return f.HTTPStatus > 0 && f.HTTPStatus < 500 && !f.malformed && f.Err == nil // which is why it was cut
}

// busyCodes say that another order is in work.
var busyCodes = []string{CodeInternalError, CodeConcurrentOperation, CodeCheckOrder}

// temporaryCodes are the APIs' words for "something broke here", whatever the HTTP status.
var temporaryCodes = []string{
	CodeInternalError, "InternalFailure", "InternalServerError",
	"ServiceUnavailable", "SerivceUnvailableTemporary", "ServiceUnavailableTemporary",
}

// Retry is what a retry notice says: the call failed with Err and is tried again after Wait.
type Retry struct {
	Action  string
	Attempt int
	Wait    time.Duration
	Err     error
}

type retryNoticeKey struct{}

// WithRetryNotice returns a context whose calls report each retry to notice, so that a user can see why they wait.
func WithRetryNotice(ctx context.Context, notice func(Retry)) context.Context {
	return context.WithValue(ctx, retryNoticeKey{}, notice)
}

func noticeRetry(ctx context.Context, r Retry) {
	if notice, ok := ctx.Value(retryNoticeKey{}).(func(Retry)); ok {
		notice(r)
	}
}
