package wire_test

import (
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/test/wire"
)

// An instance can go between two calls of one refresh. It is gone then, and that is no failure.
func TestRefreshOfAVanishingInstance(t *testing.T) {
	t.Parallel()
	var vanish atomic.Pointer[func()]
	b := wire.New(t, wire.Options{Wrap: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if do := vanish.Load(); do != nil && r.Header.Get("x-acs-action") == "ListTagResources" {
				(*do)()
			}
			next.ServeHTTP(w, r)
		})
	}})
	made := b.Created(b.Checked(wire.Subscription(nil)))
	var once atomic.Bool
	remove := func() {
		if once.CompareAndSwap(false, true) {
			if err := b.Cloud.Remove(made.ID); err != nil {
				t.Error(err)
			}
		}
	}
	vanish.Store(&remove)
	out := b.Refresh(made)
	b.MustHaveWorked(out)
	if out.ID != "" {
		t.Errorf("the refresh keeps %q", out.ID)
	}
}
