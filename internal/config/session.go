package config

import (
	"context"
	"fmt"
	"time"

	"github.com/aliyun/credentials-go/credentials"
)

// session is a set of credentials. It prints without its secrets.
type session struct {
	accessKeyID     string
	accessKeySecret string
	securityToken   string
	obtained        time.Time
	expires         time.Time // zero: never
	way             string    // where it comes from, in the words of the SDKs' user agent, e.g. "ram_role_arn"
}

// Format keeps the secrets out of every verb of fmt.
func (session) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("[secret]")) }

// renewBefore is how long before their end credentials are renewed: 3 minutes, or a fifth of their life if that is less.
func (s session) renewBefore() time.Duration {
	return min(3*time.Minute, s.expires.Sub(s.obtained)/5)
}

func (s session) fresh(now time.Time) bool {
	return s.expires.IsZero() || s.expires.Sub(now) > s.renewBefore()
}

func (s session) valid(now time.Time) bool {
	return s.expires.IsZero() || now.Before(s.expires)
}

// source obtains credentials: from a value, a service or a command. It need not be safe for concurrent use.
type source interface {
	obtain(ctx context.Context) (session, error)
}

// cache asks a source for credentials and keeps them until shortly before they expire. It is safe for concurrent use: of
// several callers one asks and the others wait for the outcome.
type cache struct {
	source  source
	timeout time.Duration // of one asking

	turn    chan struct{}
	current *session
	pause   time.Time // after a failed renewal: not to be tried again before
}

func newCache(s source, timeout time.Duration) *cache {
	return &cache{source: s, timeout: timeout, turn: make(chan struct{}, 1)}
}

// Format keeps the secrets out of every verb of fmt.
func (*cache) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("[secret]")) }

// get returns credentials that are still valid for a while. It gives up when ctx ends.
func (c *cache) get(ctx context.Context) (session, error) {
	select {
	case c.turn <- struct{}{}:
	case <-ctx.Done():
		return session{}, context.Cause(ctx)
	}
	defer func() { <-c.turn }()
	if now := time.Now(); c.current != nil && (c.current.fresh(now) || c.current.valid(now) && now.Before(c.pause)) {
		return *c.current, nil
	}
	ctx, cancel := context.WithTimeoutCause(ctx, c.timeout, fmt.Errorf("no answer within %s", c.timeout))
	defer cancel()
	s, err := c.source.obtain(ctx)
	if err == nil {
		s.obtained = time.Now()
		if !s.valid(s.obtained) {
			err = fmt.Errorf("the credentials have expired at %s already; look at the clock of this machine", s.expires.UTC().Format(time.RFC3339))
		}
	}
	if err != nil {
		if now := time.Now(); c.current != nil && c.current.valid(now) {
			// What there is still works: an outage of the source that ends in time is none.
			c.pause = now.Add(c.current.expires.Sub(now) / 4)
			return *c.current, nil
		}
		return session{}, err
	}
	c.current = &s
	return s, nil
}

// Discard forgets the session of an access key that a service takes for expired, and reports whether the source may give
// another one: fixed credentials stay what they are.
func (c *cache) Discard(ctx context.Context, accessKeyID string) bool {
	select {
	case c.turn <- struct{}{}:
	case <-ctx.Done():
		return false
	}
	defer func() { <-c.turn }()
	if c.current == nil || c.current.accessKeyID != accessKeyID {
		return true // somebody else has renewed them meanwhile
	}
	if !renews(c.source) {
		return false
	}
	c.current, c.pause = nil, time.Time{}
	return true
}

// renews reports whether a source may give other credentials than before.
func renews(s source) bool {
	switch s := s.(type) {
	case keys:
		return false
	case *lateSource:
		return s.source != nil && renews(s.source)
	case *chain:
		return s.chosen != nil && renews(s.chosen)
	}
	return true
}

// The methods of credentials.Credential, by which the client asks for credentials before each request.

// GetCredential returns the credentials of now, renewed if need be.
func (c *cache) GetCredential() (*credentials.CredentialModel, error) {
	s, err := c.get(context.Background())
	if err != nil {
		return nil, err
	}
	kind := "access_key"
	if s.securityToken != "" {
		kind = "sts"
	}
	return &credentials.CredentialModel{
		AccessKeyId:     &s.accessKeyID,
		AccessKeySecret: &s.accessKeySecret,
		SecurityToken:   &s.securityToken,
		Type:            &kind,
		ProviderName:    &s.way,
	}, nil
}

// GetAccessKeyId returns the id of the key pair.
func (c *cache) GetAccessKeyId() (*string, error) {
	return part(c, func(m *credentials.CredentialModel) *string { return m.AccessKeyId })
}

// GetAccessKeySecret returns the secret of the key pair.
func (c *cache) GetAccessKeySecret() (*string, error) {
	return part(c, func(m *credentials.CredentialModel) *string { return m.AccessKeySecret })
}

// GetSecurityToken returns the STS token, "" if there is none.
func (c *cache) GetSecurityToken() (*string, error) {
	return part(c, func(m *credentials.CredentialModel) *string { return m.SecurityToken })
}

// GetBearerToken returns "": no way of configuration gives one.
func (c *cache) GetBearerToken() *string { return new(string) }

// GetType returns the kind of the credentials in general, which the client does not look at.
func (c *cache) GetType() *string {
	kind := "sts"
	return &kind
}

func part(c *cache, pick func(*credentials.CredentialModel) *string) (*string, error) {
	m, err := c.GetCredential()
	if err != nil {
		return nil, err
	}
	return pick(m), nil
}

// keys is the source of fixed credentials.
type keys struct{ session }

func (k keys) obtain(context.Context) (session, error) { return k.session, nil }
