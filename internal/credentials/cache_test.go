package credentials

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

// issuer is a source whose sessions live for a while; it fails while failing is set.
type issuer struct {
	life    time.Duration
	takes   time.Duration
	asked   atomic.Int32
	failing atomic.Bool
}

var errOutage = errors.New("outage")

func (i *issuer) obtain(ctx context.Context) (cloud.Session, error) {
	n := i.asked.Add(1)
	select {
	case <-time.After(i.takes):
	case <-ctx.Done():
		return cloud.Session{}, context.Cause(ctx)
	}
	if i.failing.Load() {
		return cloud.Session{}, errOutage
	}
	return cloud.Session{Credentials: cloud.Credentials{AccessKeyID: string('a' + n - 1)}, Expires: time.Now().Add(i.life)}, nil
}

// Credentials are renewed 3 minutes before their end, or when a fifth of a short life is left.
func TestCacheRenewsInTime(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ life, kept, renewed time.Duration }{
		{time.Hour, 57*time.Minute - time.Second, 57*time.Minute + time.Second},
		{10 * time.Second, 8*time.Second - time.Millisecond, 8*time.Second + time.Millisecond},
	} {
		synctest.Test(t, func(t *testing.T) {
			i := &issuer{life: c.life}
			cached := newCache(i.obtain)
			get := func(after time.Duration, want string) {
				t.Helper()
				time.Sleep(after)
				if s, err := cached.Credentials(t.Context()); err != nil || s.AccessKeyID != want {
					t.Errorf("life %s: got %q, %v; want %q", c.life, s.AccessKeyID, err, want)
				}
			}
			get(0, "a")
			get(c.kept, "a")
			get(c.renewed-c.kept, "b")
			get(c.kept, "b")
			if n := i.asked.Load(); n != 2 {
				t.Errorf("asked %d times", n)
			}
		})
	}
}

// An outage of the source that ends before the credentials do is none, and is not asked about at every call.
func TestCacheBridgesAnOutage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{life: time.Hour}
		cached := newCache(i.obtain)
		if _, err := cached.Credentials(t.Context()); err != nil {
			t.Fatal(err)
		}
		i.failing.Store(true)
		time.Sleep(58 * time.Minute)
		for range 10 {
			if s, err := cached.Credentials(t.Context()); err != nil || s.AccessKeyID != "a" {
				t.Fatal(s.AccessKeyID, err)
			}
		}
		if n := i.asked.Load(); n != 2 {
			t.Errorf("asked %d times; want the first time and one renewal", n)
		}
		time.Sleep(3 * time.Minute)
		if _, err := cached.Credentials(t.Context()); !errors.Is(err, errOutage) {
			t.Errorf("got %v after the end of the credentials", err)
		}
		i.failing.Store(false)
		if s, err := cached.Credentials(t.Context()); err != nil || s.AccessKeyID == "a" {
			t.Errorf("got %q, %v after the outage", s.AccessKeyID, err)
		}
	})
}

// Of many callers at once one asks.
func TestCacheAsksOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{life: time.Hour, takes: time.Second}
		cached := newCache(i.obtain)
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				if s, err := cached.Credentials(t.Context()); err != nil || s.AccessKeyID != "a" {
					t.Error(s.AccessKeyID, err)
				}
			})
		}
		all.Wait()
		if n := i.asked.Load(); n != 1 {
			t.Errorf("asked %d times", n)
		}
	})
}

// A caller that gives up leaves at once, whether it asks or waits, and does not spoil it for the others.
func TestCacheIsCancellable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{life: time.Hour, takes: 10 * time.Second}
		cached := newCache(i.obtain)
		impatient, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() {
				start := time.Now()
				if _, err := cached.Credentials(impatient); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
					t.Errorf("got %v after %s", err, time.Since(start))
				}
			})
		}
		all.Go(func() {
			if _, err := cached.Credentials(t.Context()); err != nil {
				t.Error(err)
			}
		})
		all.Wait()
	})
}

func TestCacheTimesOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cached := newCache((&issuer{life: time.Hour, takes: time.Hour}).obtain)
		if _, err := cached.Credentials(t.Context()); err == nil || err.Error() != "no answer within 1m0s" {
			t.Errorf("got %v", err)
		}
	})
}

// Credentials that are over when they come point at the clock.
func TestCacheRefusesExpired(t *testing.T) {
	t.Parallel()
	if _, err := newCache((&issuer{life: -time.Hour}).obtain).Credentials(t.Context()); err == nil {
		t.Error("want an error")
	}
}

// Neither the cache nor what it holds shows a secret.
func TestCachePrintsNoSecrets(t *testing.T) {
	t.Parallel()
	c := newCache(fixed("id", testSecretKey, testToken))
	got, err := c.Credentials(t.Context())
	if want := (cloud.Credentials{AccessKeyID: "id", AccessKeySecret: testSecretKey, SecurityToken: testToken, Provider: "static_sts"}); err != nil || got != want {
		t.Errorf("got %v, want %v", got == want, err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		assertNoSecrets(t, verb, fmt.Sprintf(verb, c)+fmt.Sprintf(verb, got))
	}
}
