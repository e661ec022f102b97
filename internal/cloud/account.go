package cloud

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"
)

const (
	// AccountTimeout bounds the question for the account where somebody waits for nothing else: what it is asked for must not
	// hold anybody up for long where STS cannot be reached.
	AccountTimeout = 5 * time.Second
	// accountPause is how long it is not asked again, but by somebody with more patience, after there was no answer.
	accountPause = time.Minute
)

// accountGuard knows which account the client works in, and which one it is meant to. Of several calls that want to know
// one asks, and the others wait for its answer: turn guards the fields below it.
type accountGuard struct {
	want string // "" = any
	warn func(context.Context, string)

	warned atomic.Bool

	turn     chan struct{}
	err      error         // why there was no answer
	patience time.Duration // how long it was waited for
	again    time.Time     // it is not asked before
}

// Account returns the account of the credentials. It asks STS once, for as long as the patience lasts; where STS is not allowed or
// not reachable, the ARN of any KMS instance tells it, too. An error holds for a while.
func (c *Client) Account(ctx context.Context, patience time.Duration) (string, error) {
	g := &c.account
	select {
	case g.turn <- struct{}{}:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	defer func() { <-g.turn }()
	if account := c.knownAccount(); account != "" {
		return account, nil
	}
	if patience <= g.patience && time.Now().Before(g.again) {
		return "", g.err
	}
	// A slow provider of credentials says nothing of STS.
	if _, err := c.credentials.get(ctx, call{}, c.readTimeout); err != nil {
		return "", err
	}
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	identity, err := c.GetCallerIdentity(limited)
	if err == nil {
		return identity.AccountID, nil
	}
	if ctx.Err() != nil {
		return "", err
	}
	if account := c.listedAccount(ctx); account != "" {
		c.learnAccount(account)
		return account, nil
	}
	if ctx.Err() == nil {
		g.err, g.patience, g.again = err, patience, time.Now().Add(accountPause)
	}
	return "", err
}

// ConfiguredAccount is the account that the user has configured, or "".
func (c *Client) ConfiguredAccount() string { return c.account.want }

// listedAccount is the account in the ARN of an instance of the region, or "".
func (c *Client) listedAccount(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, AccountTimeout)
	defer cancel()
	refs, err := c.ListInstances(ctx, nil)
	if err != nil {
		return ""
	}
	for _, ref := range refs {
		if account := AccountOf(ref.ARN); account != "" {
			return account
		}
	}
	return ""
}

// AccountOf is the account in the ARN of an instance, or "".
func AccountOf(arn string) string {
	if parts := strings.Split(arn, ":"); len(parts) == 5 {
		return parts[3]
	}
	return ""
}

// VerifyAccount compares the account of the credentials with Options.AccountID, and fails if they differ. That STS does not
// answer is no failure, and is warned of once. Every call that changes something does this first.
func (c *Client) VerifyAccount(ctx context.Context) error {
	g := &c.account
	if g.want == "" {
		return nil
	}
	account, err := c.Account(ctx, AccountTimeout)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		c.tellOfAccount(ctx, err)
		return nil
	case account != g.want:
		return fmt.Errorf("accountId is %s, but the credentials are those of account %s, so nothing was sent", g.want, account)
	}
	return nil
}

func (c *Client) tellOfAccount(ctx context.Context, err error) {
	g := &c.account
	if g.warn == nil || !g.warned.CompareAndSwap(false, true) {
		return
	}
	reason := strings.TrimRight(err.Error(), ".")
	var e *Error
	if errors.As(err, &e) && e.Code == CodeCanceled {
		reason = fmt.Sprintf("%s gave no answer within %s", e.Endpoint, AccountTimeout)
	}
	g.warn(ctx, fmt.Sprintf("accountId is %s, but the account of the credentials could not be compared with it: %s. "+
		"Changes are made without the comparison.", g.want, reason))
}

func (c *Client) knownAccount() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.accountID
}

func (c *Client) learnAccount(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.accountID = id
}

// wrongAccount describes a try that was not sent because of the account.
func (f *failure) wrongAccount(ctx context.Context, err error) {
	if ctx.Err() != nil {
		f.end(ctx)
		return
	}
	f.Code, f.Message, f.permanent = CodeWrongAccount, err.Error(), true
	f.Endpoint = "" // which has not been called
}
