package cloud

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
)

const (
	// AccountTimeout is the limit for asking STS where the caller needs nothing else from it.
	AccountTimeout = 5 * time.Second
	// accountPause is how long STS is not asked again after it gave no answer, unless by somebody with more patience.
	accountPause = time.Minute
)

// account is what the client knows of the account of its credentials. Of several calls that want to know it one asks, and the others wait
// for its answer: turn guards the fields below it.
type account struct {
	known  atomic.Value // string
	warned atomic.Bool

	turn     *semaphore.Weighted
	err      error         // why there was no answer
	patience time.Duration // how long it was waited for
	again    time.Time     // when it may be asked again
}

// Account returns the account of the credentials. It asks STS once, for as long as the patience lasts; where STS is not allowed or
// not reachable, it takes the account from the ARN of any KMS instance. An error holds for a minute.
func (c *Client) Account(ctx context.Context, patience time.Duration) (string, error) {
	a := &c.account
	if id, ok := a.known.Load().(string); ok { // also if ctx has ended
		return id, nil
	}
	if err := a.turn.Acquire(ctx, 1); err != nil {
		return "", err
	}
	defer a.turn.Release(1)
	if id, ok := a.known.Load().(string); ok {
		return id, nil
	}
	if patience <= a.patience && time.Now().Before(a.again) {
		return "", a.err
	}
	// A slow provider of credentials says nothing of STS.
	if _, err := c.credentials(ctx, call{}); err != nil {
		return "", err
	}
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	identity, err := c.GetCallerIdentity(limited)
	if err == nil {
		return identity.AccountID, nil
	}
	if id := c.listedAccount(ctx); id != "" {
		a.known.Store(id)
		return id, nil
	}
	if ctx.Err() == nil {
		a.err, a.patience, a.again = err, patience, time.Now().Add(accountPause)
	}
	return "", err
}

// ConfiguredAccount is the account that the user has configured, or "".
func (c *Client) ConfiguredAccount() string { return c.options.AccountID }

// listedAccount is the account in the ARN of an instance of the region (acs:kms:cn-hangzhou:<account>:keystore/kst-1), or "".
func (c *Client) listedAccount(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, AccountTimeout)
	defer cancel()
	refs, _ := c.ListInstances(ctx)
	for _, ref := range refs {
		if parts := strings.Split(ref.ARN, ":"); len(parts) == 5 && parts[3] != "" {
			return parts[3]
		}
	}
	return ""
}

// verifyAccount fails if the account of the credentials is not the configured one. That STS does not answer is no failure, and is warned of
// once. Every call that changes something does this first.
func (c *Client) verifyAccount(ctx context.Context) error {
	want := c.options.AccountID
	if want == "" {
		return nil
	}
	id, err := c.Account(ctx, AccountTimeout)
	switch {
	case err != nil && ctx.Err() == nil:
		c.warnOfAccount(ctx, err)
	case err == nil && id != want:
		return fmt.Errorf("accountId is %s, but the credentials are those of account %s, so nothing was sent", want, id)
	}
	return nil
}

func (c *Client) warnOfAccount(ctx context.Context, err error) {
	if c.options.Warn == nil || !c.account.warned.CompareAndSwap(false, true) {
		return
	}
	reason := strings.TrimRight(err.Error(), ".")
	if e := in(err); e.Code == CodeCanceled {
		reason = fmt.Sprintf("%s gave no answer within %s", e.Endpoint, AccountTimeout)
	}
	c.options.Warn(ctx, fmt.Sprintf("accountId is %s, but the account of the credentials could not be compared with it: %s. "+
		"Changes are made without the comparison.", c.options.AccountID, reason))
}
