package cloud

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

const (
	// accountTimeout bounds the comparison of accounts. It guards against a mistake, and must not hold anybody up for
	// long where STS cannot be reached.
	accountTimeout = 5 * time.Second
	// accountPause is how long STS is not asked again after it gave no answer.
	accountPause = time.Minute
)

// accountGuard holds the client to the account that it is meant to work in. Of several calls one asks, and the others wait
// for its answer: turn guards the fields below it.
type accountGuard struct {
	want string // "" = any
	warn func(context.Context, string)

	turn   chan struct{}
	again  time.Time // STS is not asked before
	warned bool
}

// VerifyAccount compares the account of the credentials with Options.AccountID, and fails if they differ; it asks STS once.
// That STS does not answer is no failure, and is warned of once. Every call that changes something does this first.
func (c *Client) VerifyAccount(ctx context.Context) error {
	g := &c.account
	if g.want == "" {
		return nil
	}
	select {
	case g.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-g.turn }()
	account := c.knownAccount()
	if account == "" {
		if time.Now().Before(g.again) {
			return nil
		}
		limited, cancel := context.WithTimeout(ctx, accountTimeout)
		defer cancel()
		identity, err := c.GetCallerIdentity(limited)
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			g.again = time.Now().Add(accountPause)
			g.tell(ctx, err)
			return nil
		}
		account = identity.AccountID
	}
	if account != g.want {
		return fmt.Errorf("accountId is %s, but the credentials are those of account %s, so nothing was sent", g.want, account)
	}
	return nil
}

func (g *accountGuard) tell(ctx context.Context, err error) {
	if g.warned || g.warn == nil {
		return
	}
	g.warned = true
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
