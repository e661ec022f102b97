package cloud

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"
)

const (
	backoffBase = 500 * time.Millisecond
	backoffCap  = 10 * time.Second
	// orderPatience and callPatience bound all tries of a call unless the user set a bound; the latter counts only
	// where the context has no deadline.
	orderPatience = 5 * time.Minute
	callPatience  = 2 * time.Minute
	// longestOrder bounds all tries of an order whatever the user set. BSS is taken to remember a client token for an
	// hour; a try after that could buy a second time.
	longestOrder = 30 * time.Minute
	// unreachablePatience bounds the tries to connect to a host that never answered: its name is more likely wrong
	// than the host down.
	unreachablePatience = 15 * time.Second
	// refreshPatience bounds the tries to refresh credentials that have worked before.
	refreshPatience = time.Minute
	// malformedTries bounds the tries of a call that is answered with something else than a result: it is more likely
	// that something else than the API answers.
	malformedTries = 5
)

// do makes the call, again and again if need be, and returns nil or an *Error. It is the one place that decides about
// retries.
func (c *Client) do(ctx context.Context, cl call) error {
	var (
		start     = time.Now()
		site      = cl.site
		switched  bool
		renewed   bool
		ambiguous bool // a try may have taken effect, and nothing has settled that
		malformed int
		last      *Error
	)
	for attempt := 1; ; attempt++ {
		if c.pace.wait(ctx, cl.action); ctx.Err() != nil {
			return c.ended(ctx, cl, last)
		}
		if cl.kind == order && last != nil && time.Since(start) > longestOrder {
			return last
		}
		f := c.try(ctx, cl, site)
		c.pace.learn(cl.action, f != nil && f.throttled())
		if f == nil {
			if cl.service == bss && (cl.kind != read || switched) {
				c.learnSite(site) // an empty list alone would prove nothing
			}
			return nil
		}
		if f.malformed && f.HTTPStatus < 500 && !f.throttled() {
			malformed++
		}
		v := cl.judge(f)
		ambiguous = (ambiguous || v.ambiguous) && !v.settles
		if cl.service == bss && f.business && f.Code != CodeNotApplicable && switched {
			c.learnSite(site)
		}

		last = f.Error
		last.Attempts, last.Elapsed = attempt, time.Since(start)
		last.mayHaveTaken = ambiguous && cl.kind != read
		last.settled = v.settles
		if f.Code == CodeNotApplicable && cl.service == bss {
			if !switched && !c.siteConfigured {
				site, switched = site.other(), true
				continue
			}
			last.bothSites = switched
			if c.siteConfigured {
				last.site = site
			}
		}
		if f.Code == CodeTokenExpired && !renewed && c.credentials.discard(ctx, f.keyID) {
			renewed = true
			continue
		}
		if f.interrupted || !v.again || cl.kind != order && malformed >= malformedTries {
			return last
		}

		if ctx.Err() != nil {
			return c.ended(ctx, cl, last)
		}
		wait := backoff(attempt)
		if spent := time.Since(start) + wait; spent > c.patience(ctx, cl, f) {
			return last
		}
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= wait {
			return last
		}
		noticeRetry(ctx, Retry{Action: cl.action, Attempt: attempt, Wait: wait, Err: last})
		pause(ctx, wait)
	}
}

// ended is the error of a call that is not tried (again) because the context ended.
func (c *Client) ended(ctx context.Context, cl call, last *Error) *Error {
	if last != nil {
		last.endedBy = ctx.Err()
		return last
	}
	f := failure{Error: &Error{Action: cl.action, Endpoint: c.endpoint(cl.service, cl.site).host, service: cl.service}}
	f.end(ctx)
	return f.Error
}

// patience is how long the call may be tried, given how the last try failed.
func (c *Client) patience(ctx context.Context, cl call, f *failure) time.Duration {
	if c.maxRetryTimeout > 0 {
		if cl.kind == order {
			return min(c.maxRetryTimeout, longestOrder)
		}
		return c.maxRetryTimeout
	}
	const forever = 1<<63 - 1
	patience := time.Duration(forever)
	if _, ok := ctx.Deadline(); !ok {
		patience = callPatience
	}
	if cl.kind == order {
		patience = orderPatience
	}
	switch {
	case f.Code == CodeInvalidCredentials:
		patience = min(patience, refreshPatience)
	case f.HTTPStatus == 0 && !f.sent && !c.hasAnswered(f.Endpoint):
		patience = min(patience, unreachablePatience)
	}
	return patience
}

// backoff is exponential with full jitter.
func backoff(attempt int) time.Duration {
	limit := backoffCap
	if attempt < 6 {
		limit = min(backoffCap, backoffBase<<(attempt-1))
	}
	return rand.N(limit) //nolint:gosec // spreading load needs no secrecy
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
	settles   bool // no earlier try can have taken effect
}

// judge decides about a failed try.
func (cl call) judge(f *failure) verdict {
	if f.permanent {
		return verdict{settles: f.business && cl.kind == order}
	}
	switch {
	case f.interrupted:
		return verdict{ambiguous: f.sent}
	case f.Code == CodeInvalidCredentials:
		return verdict{again: f.refresh}
	case f.Code == CodeTimeout, f.Code == CodeConnectionFailed:
		return cl.unanswered(f.sent)
	case f.throttled():
		return verdict{again: true}
	case f.malformed:
		return cl.unanswered(true)
	case f.HTTPStatus >= 500, slices.Contains(temporaryCodes, f.Code):
		return cl.unanswered(true)
	case f.Code == CodeSignatureNonceUsed:
		return verdict{again: true}
	case cl.service == bss && (f.Code == CodeConcurrentOperation || f.Code == CodeCheckOrder):
		return verdict{again: true}
	case cl.kind == order && f.tokenUsed():
		return verdict{ambiguous: true}
	case cl.service == kms && cl.kind != read && f.Code == CodeInstanceInUpgrade:
		return verdict{again: true}
	case cl.action == actionConnect && f.Code == CodeRoleNotFound:
		return verdict{again: true}
	}
	// A token makes BSS answer a repeated order with the first one's result, so a refusal of BSS itself says that there
	// was none. A refusal by the gateway says nothing.
	return verdict{settles: f.business && cl.kind == order}
}

// temporaryCodes are the APIs' words for "something broke here", whatever the HTTP status.
var temporaryCodes = []string{
	CodeInternalError, "InternalFailure", "InternalServerError",
	"ServiceUnavailable", "SerivceUnvailableTemporary", "ServiceUnavailableTemporary",
}

// unanswered judges a try that got no usable answer.
func (cl call) unanswered(sent bool) verdict {
	return verdict{again: !sent || cl.kind != once, ambiguous: sent}
}
