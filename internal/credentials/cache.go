package credentials

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

// obtainTimeout bounds how long one request for credentials takes, all tries together.
const obtainTimeout = time.Minute

// source obtains credentials: from a value, a service or a command. It need not be safe for concurrent use.
type source func(ctx context.Context) (cloud.Session, error)

// Cache asks a source for credentials and keeps them until shortly before they expire. It is safe for concurrent use: of
// several callers one asks and the others wait for the outcome.
type Cache struct {
	source source

	turn    *semaphore.Weighted // which a caller whose context ends stops waiting for
	current cloud.Session       // without an access key: none
	renewal time.Time           // when to ask for the next ones
}

func newCache(s source) *Cache { return &Cache{source: s, turn: semaphore.NewWeighted(1)} }

// Format keeps the secrets out of every verb of fmt.
func (*Cache) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("[secret]")) }

// Credentials returns credentials that are still valid for a while. It gives up when ctx ends.
func (c *Cache) Credentials(ctx context.Context) (cloud.Credentials, error) {
	if c.turn.Acquire(ctx, 1) != nil {
		return cloud.Credentials{}, context.Cause(ctx)
	}
	defer c.turn.Release(1)
	if now := time.Now(); c.valid(now) && (c.current.Expires.IsZero() || now.Before(c.renewal)) {
		return c.current.Credentials, nil
	}
	ctx, cancel := context.WithTimeoutCause(ctx, obtainTimeout, fmt.Errorf("no answer within %s", obtainTimeout))
	defer cancel()
	s, err := c.source(ctx)
	now := time.Now()
	if err == nil && !s.Expires.IsZero() && !now.Before(s.Expires) {
		err = fmt.Errorf("the credentials have expired at %s already; look at the clock of this machine", s.Expires.UTC().Format(time.RFC3339))
	}
	switch {
	case err == nil:
		// They are renewed 3 minutes before their end, or when a fifth of their life is left if that is less.
		c.current, c.renewal = s, s.Expires.Add(-min(3*time.Minute, s.Expires.Sub(now)/5))
	case c.valid(now):
		// What there is still works: an outage of the source that ends in time is none.
		c.renewal = now.Add(c.current.Expires.Sub(now) / 4)
	default:
		return cloud.Credentials{}, err
	}
	return c.current.Credentials, nil
}

func (c *Cache) valid(now time.Time) bool {
	return c.current.AccessKeyID != "" && (c.current.Expires.IsZero() || now.Before(c.current.Expires))
}

// Discard forgets the credentials of an access key that a service takes for expired, and reports whether the source may give
// others: credentials without an end stay what they are.
func (c *Cache) Discard(ctx context.Context, accessKeyID string) bool {
	if c.turn.Acquire(ctx, 1) != nil {
		return false
	}
	defer c.turn.Release(1)
	if c.current.AccessKeyID != accessKeyID {
		return true // somebody else has renewed them meanwhile
	}
	if c.current.Expires.IsZero() {
		return false
	}
	c.current = cloud.Session{}
	return true
}

// fixed is the source of credentials that are given as such.
func fixed(id, secret, token string) source {
	s := cloud.Session{Credentials: cloud.Credentials{AccessKeyID: id, AccessKeySecret: secret, SecurityToken: token, Provider: "static_ak"}}
	if token != "" {
		s.Provider = "static_sts"
	}
	return func(context.Context) (cloud.Session, error) { return s, nil }
}

// later is a source that is built when it is first asked, because building it reads files.
func later(build func() (source, error)) source {
	var built source
	return func(ctx context.Context) (cloud.Session, error) {
		if built == nil {
			s, err := build()
			if err != nil {
				return cloud.Session{}, err
			}
			built = s
		}
		return built(ctx)
	}
}
