package config

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// issuer is a source whose sessions live for a while; it fails while failing is set.
type issuer struct {
	life    time.Duration
	takes   time.Duration
	asked   atomic.Int32
	failing atomic.Bool
}

var errOutage = errors.New("outage")

func (i *issuer) obtain(ctx context.Context) (session, error) {
	n := i.asked.Add(1)
	select {
	case <-time.After(i.takes):
	case <-ctx.Done():
		return session{}, context.Cause(ctx)
	}
	if i.failing.Load() {
		return session{}, errOutage
	}
	return session{accessKeyID: string('a' + n - 1), expires: time.Now().Add(i.life)}, nil
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
			cached := newCache(i, time.Minute)
			get := func(after time.Duration, want string) {
				t.Helper()
				time.Sleep(after)
				if s, err := cached.get(t.Context()); err != nil || s.accessKeyID != want {
					t.Errorf("life %s: got %q, %v; want %q", c.life, s.accessKeyID, err, want)
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
		cached := newCache(i, time.Minute)
		if _, err := cached.get(t.Context()); err != nil {
			t.Fatal(err)
		}
		i.failing.Store(true)
		time.Sleep(58 * time.Minute)
		for range 10 {
			if s, err := cached.get(t.Context()); err != nil || s.accessKeyID != "a" {
				t.Fatal(s.accessKeyID, err)
			}
		}
		if n := i.asked.Load(); n != 2 {
			t.Errorf("asked %d times; want the first time and one renewal", n)
		}
		time.Sleep(3 * time.Minute)
		if _, err := cached.get(t.Context()); !errors.Is(err, errOutage) {
			t.Errorf("got %v after the end of the credentials", err)
		}
		i.failing.Store(false)
		if s, err := cached.get(t.Context()); err != nil || s.accessKeyID == "a" {
			t.Errorf("got %q, %v after the outage", s.accessKeyID, err)
		}
	})
}

// Of many callers at once one asks.
func TestCacheAsksOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{life: time.Hour, takes: time.Second}
		cached := newCache(i, time.Minute)
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				if s, err := cached.get(t.Context()); err != nil || s.accessKeyID != "a" {
					t.Error(s.accessKeyID, err)
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
		cached := newCache(i, time.Minute)
		impatient, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() {
				start := time.Now()
				if _, err := cached.get(impatient); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
					t.Errorf("got %v after %s", err, time.Since(start))
				}
			})
		}
		all.Go(func() {
			if _, err := cached.get(t.Context()); err != nil {
				t.Error(err)
			}
		})
		all.Wait()
	})
}

func TestCacheTimesOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cached := newCache(&issuer{life: time.Hour, takes: time.Hour}, time.Minute)
		if _, err := cached.get(t.Context()); err == nil || err.Error() != "no answer within 1m0s" {
			t.Errorf("got %v", err)
		}
	})
}

// Credentials that are over when they come point at the clock.
func TestCacheRefusesExpired(t *testing.T) {
	t.Parallel()
	if _, err := newCache(&issuer{life: -time.Hour}, time.Minute).get(t.Context()); err == nil {
		t.Error("want an error")
	}
}

func TestCredentialInterface(t *testing.T) {
	t.Parallel()
	c := newCache(keys{session{accessKeyID: testAccessKey, accessKeySecret: testSecretKey, securityToken: testToken, way: "static_sts"}}, time.Minute)
	m, err := c.GetCredential()
	if err != nil || *m.AccessKeyId != testAccessKey || *m.AccessKeySecret != testSecretKey || *m.SecurityToken != testToken ||
		*m.Type != "sts" || *m.ProviderName != "static_sts" {
		t.Error(m, err)
	}
	for want, get := range map[string]func() (*string, error){
		testAccessKey: c.GetAccessKeyId, testSecretKey: c.GetAccessKeySecret, testToken: c.GetSecurityToken,
	} {
		if got, err := get(); err != nil || *got != want {
			t.Errorf("got %v", err)
		}
	}
	if *c.GetType() == "" || *c.GetBearerToken() != "" {
		t.Error("wrong type or bearer token")
	}
}
