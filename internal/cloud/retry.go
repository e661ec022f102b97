package cloud

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"
)

// How long a call is tried, from the shortest time to the longest. The option MaxRetryTimeout replaces all but those of orders.
const (
	backoffBase = 500 * time.Millisecond
	backoffCap  = 10 * time.Second
	// unreachableLimit is for a host that never answered: its name is more likely wrong than the host down.
	unreachableLimit = 15 * time.Second
	// refreshLimit is for credentials that worked before and cannot be refreshed.
	refreshLimit = time.Minute
	// sameAnswerLimit is for an order that gets the same answer each time, which does not say whether it was placed.
	sameAnswerLimit = time.Minute
	// callLimit is for calls without a deadline (others end with it), and for an instance that has just become usable and does not take
	// changes yet.
	callLimit = 2 * time.Minute
	// orderLimit is for orders: BSS must still know the client token. How long it does is not documented.
	orderLimit = 10 * time.Minute
)

// malformedTries is how often a call is tried that is answered with something else than a result: it is more likely that
// something else than the API answers.
const malformedTries = 5

// tries is what the tries of one call have come to.
type tries struct {
	client      *Client
	call        call
	site        Site
	start       time.Time
	count       int
	malformed   int
	otherSite   bool // the other site was tried
	renewed     bool // the credentials were renewed
	mayHaveDone bool // a try may have taken effect
	differs     bool // not every try got the same answer
	last        *Error
}

// do makes the call, again and again if need be, and returns nil or an *Error. It is the one place that decides about
// retries.
func (c *Client) do(ctx context.Context, cl call) error {
	t := &tries{client: c, call: cl, start: time.Now(), mayHaveDone: cl.unanswered, differs: cl.unanswered}
	t.site = cmp.Or(c.knownSite(), Domestic)
	for {
		if cl.service() == kms {
			_ = c.calls.Wait(ctx)
		}
		if ctx.Err() != nil && t.last != nil {
			t.last.ended = ctx.Err()
			return t.last
		}
		e := c.try(ctx, cl, t.site)
		t.learnSite(e)
		if e == nil {
			return nil
		}
		t.add(e)
		switch {
		case t.repairs(ctx):
			continue
		case !t.goesOn():
			return e
		case ctx.Err() != nil:
			continue
		}
		wait := max(backoff(t.count), e.retryAfter)
		deadline, ends := ctx.Deadline()
		if ends && time.Until(deadline) <= wait || time.Since(t.start)+wait > t.limit(ends) {
			return e
		}
		if notice, ok := ctx.Value(retryNoticeKey{}).(func(*Error, time.Duration)); ok {
			notice(e, wait)
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
	}
}

// add takes note of a failed try.
func (t *tries) add(e *Error) {
	t.count++
	t.mayHaveDone = t.mayHaveDone || e.unanswered()
	answered := e.HTTPStatus > 0 && e.HTTPStatus < 500 && !e.unusable
	t.differs = t.differs || !answered || t.last != nil && (t.last.Code != e.Code || t.last.HTTPStatus != e.HTTPStatus)
	if e.Code == CodeMalformedAnswer && e.HTTPStatus < 500 && !e.throttled() {
		t.malformed++
	}
	t.last = e
	e.Attempts, e.Elapsed = t.count, time.Since(t.start)
	e.mayHaveTakenEffect = t.mayHaveDone && t.call.effect() != readOnly
	e.sameAnswer = !t.differs
}

// repairs tells whether something was changed after a failure, so that the call can be tried again at once: the credentials, or the site,
// unless the user has named one.
func (t *tries) repairs(ctx context.Context) bool {
	e, o := t.last, t.client.options
	switch {
	case e.Code == CodeTokenExpired && !t.renewed && o.Credentials != nil:
		t.renewed = o.Credentials.Discard(ctx, e.accessKeyID)
		return t.renewed
	case e.Code != CodeNotApplicable || t.call.service() != bss:
	case o.Site != "":
		e.siteHint = "The account seems to belong to the other site: accountType is " + string(o.Site) + "; set it to " +
			string(o.Site.other()) + " or leave it out"
	case t.otherSite:
		e.siteHint = "Both sites of Alibaba Cloud refused the account: set accountType to Domestic or International, as the account was " +
			"registered, and check that the account may place orders through the API"
	default:
		t.site, t.otherSite = t.site.other(), true
		return true
	}
	return false
}

// learnSite learns the account's site from what BSS did not refuse. An empty list alone would prove nothing.
func (t *tries) learnSite(e *Error) {
	answered := e != nil && e.HTTPStatus == http.StatusOK && !e.unusable && e.Code != CodeNotApplicable
	accepted := e == nil && t.call.effect() != readOnly
	if t.call.service() == bss && (accepted || t.otherSite && (e == nil || answered)) {
		t.client.site.Store(t.site)
	}
}

// goesOn tells whether the call is tried again after its last failure.
func (t *tries) goesOn() bool {
	e, effect := t.last, t.call.effect()
	switch {
	case e.Code == CodeCanceled:
		return false
	case effect == order && e.sent && t.mayHaveDone: // nothing but the answer to its token tells what became of it
		return true
	case effect != order && t.malformed >= malformedTries:
		return false
	case !e.sent:
		return !e.permanent
	case e.unanswered():
		return effect != notRepeatable
	case e.throttled(), e.Code == codeSignatureNonceUsed:
		return true
	case effect == order:
		return false
	case t.call.service() == bss:
		return slices.Contains(busyCodes, e.Code)
	case e.Code == codeRoleNotFound:
		return t.call.action == "ConnectKmsInstance"
	}
	return effect != readOnly && (e.Code == codeInstanceInUpgrade || e.Code == codeStateInvalid)
}

// limit is how long the call may be tried, given how the last try failed.
func (t *tries) limit(hasDeadline bool) time.Duration {
	e, isOrder, limit := t.last, t.call.effect() == order, t.client.options.MaxRetryTimeout
	_, reachable := t.client.answered.Load(e.Endpoint)
	switch {
	case limit > 0:
	case e.Code == CodeInvalidCredentials:
		limit = refreshLimit
	case e.HTTPStatus == 0 && !e.sent && !t.mayHaveDone && !reachable:
		limit = unreachableLimit
	case isOrder, hasDeadline: // which end it
		limit = math.MaxInt64
	default:
		limit = callLimit
	}
	switch {
	case isOrder && t.mayHaveDone && !t.differs && !slices.Contains(busyCodes, e.Code):
		return min(limit, sameAnswerLimit)
	case isOrder:
		return min(limit, orderLimit)
	case e.Code == codeStateInvalid:
		return min(limit, callLimit)
	}
	return limit
}

// backoff is exponential with full jitter.
func backoff(attempt int) time.Duration {
	return rand.N(min(backoffCap, backoffBase<<min(attempt-1, 10))) //nolint:gosec // spreading load needs no secrecy
}

// longestRetryAfter is the longest wait that a server may ask for.
const longestRetryAfter = time.Minute

// busyCodes say that another order is in work.
var busyCodes = []string{codeInternalError, codeConcurrentOperation, codeCheckOrder}

// temporaryCodes are the APIs' words for "something broke here", whatever the HTTP status.
var temporaryCodes = []string{
	codeInternalError, "InternalFailure", "InternalServerError",
	"ServiceUnavailable", "SerivceUnvailableTemporary", "ServiceUnavailableTemporary",
}

type retryNoticeKey struct{}

// WithRetryNotice returns a context whose calls report to notice each failure after which they wait and try again, so that a user can see
// why.
func WithRetryNotice(ctx context.Context, notice func(failed *Error, wait time.Duration)) context.Context {
	return context.WithValue(ctx, retryNoticeKey{}, notice)
}
