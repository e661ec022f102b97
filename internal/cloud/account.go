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
	// accountTimeout bounds the question for the account. What it is asked for, an ARN or a comparison that guards against
	// a mistake, must not hold anybody up for long where STS cannot be reached.
	accountTimeout = 5 * time.Second
	// accountPause is how long STS is not asked again after it gave no answer.
	accountPause = time.Minute
)

// accountGuard knows which account the client works in, and which one it is meant to. Of several calls that want to know
// one asks, and the others wait for its answer: turn guards the fields below it.
type accountGuard struct {
	want string // "" = any
	warn func(context.Context, string)

	warned atomic.Bool

	turn  chan struct{}
	err   error     // why STS gave no answer
	again time.Time // STS is not asked before
}

// Account returns the account of the credentials. It asks STS once, for a few seconds at most; an error holds for a while.
func (c *Client) Account(ctx context.Context) (string, error) {
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
	if time.Now().Before(g.again) {
		return "", g.err
	}
	// A slow provider of credentials says nothing of STS.
	if _, err := c.credentials.get(ctx, c.readTimeout); err != nil {
		return "", err
	}
	limited, cancel := context.WithTimeout(ctx, accountTimeout)
	defer cancel()
	identity, err := c.GetCallerIdentity(limited)
	if err != nil {
		if ctx.Err() == nil {
			g.err, g.again = err, time.Now().Add(accountPause)
		}
		return "", err
	}
	return identity.AccountID, nil
}

// VerifyAccount compares the account of the credentials with Options.AccountID, and fails if they differ. That STS does not
// answer is no failure, and is warned of once. Every call that changes something does this first.
func (c *Client) VerifyAccount(ctx context.Context) error {
	g := &c.account
	if g.want == "" {
		return nil
	}
	account, err := c.Account(ctx)
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
		reason = fmt.Sprintf("%s gave no answer within %s", e.Endpoint, accountTimeout)
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
