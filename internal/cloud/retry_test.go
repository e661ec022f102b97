package cloud

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The calls of the table below, one of every kind.
var sampleCalls = map[string]func(context.Context, *Client) error{
	"read":    func(ctx context.Context, c *Client) error { _, err := c.ListTags(ctx, "kst-1"); return err },
	"set":     func(ctx context.Context, c *Client) error { return c.RenameInstance(ctx, "kst-1", "n") },
	"connect": func(ctx context.Context, c *Client) error { return c.ConnectInstance(ctx, "kst-1", "vpc-1", nil, nil) },
	"release": func(ctx context.Context, c *Client) error { return c.ReleaseInstance(ctx, "kst-1", false) },
	"order":   func(ctx context.Context, c *Client) error { _, err := c.CreateInstance(ctx, sampleOrder()); return err },
	"refund": func(ctx context.Context, c *Client) error {
		_, err := c.RefundInstance(ctx, "kst-1", "token")
		return err
	},
	"renewal": func(ctx context.Context, c *Client) error {
		return c.SetRenewal(ctx, "kst-1", Renewal{Status: ManualRenewal})
	},
}

func sampleOrder() Purchase {
	return Purchase{ClientToken: "token-1", PaymentType: Subscription, Sizes: map[string]string{"ProductVersion": "3"}, Period: 1}
}

// success answers any of the calls.
var success = reply{body: `{"Code":"Success","Success":true,"RequestId":"req-ok","TagResources":{"TagResource":[]},"Data":{"InstanceId":"kst-1","OrderId":"1"}}`}

// What is tried again, by call. Every first answer is followed by a success.
// Promise (Changes): Transient failures are retried with growing pauses; everything else fails at once.
func TestWhatIsTriedAgain(t *testing.T) {
	all := []string{"read", "set", "connect", "release", "order", "refund", "renewal"}
	repeatable := []string{"read", "set", "order", "refund", "renewal"}
	bssCalls := []string{"order", "refund", "renewal"}
	orders := []string{"order", "refund"} // only the answer to its token tells what became of an order
	for _, test := range []struct {
		name  string
		first reply
		again []string
	}{
		{"throttled by the gateway", apiError(400, "Throttling"), all},
		{"throttled by KMS", apiError(400, "Rejected.Throttling"), all},
		{"throttled without a body", reply{status: 429, body: "<html>"}, all},
		{"nonce used", apiError(400, "SignatureNonceUsed"), all},
		{"500", apiError(500, "InternalFailure"), repeatable},
		{"502 without JSON", reply{status: 502, body: "<html>bad gateway</html>"}, repeatable},
		{"503", apiError(503, "ServiceUnavailable"), repeatable},
		{"503 as KMS spells it", apiError(503, "SerivceUnvailableTemporary"), repeatable},
		{"internal error of BSS", declined("InternalError"), repeatable},
		{"reset", reply{reset: true}, repeatable},
		{"no answer", reply{hang: true}, repeatable},
		{"cut body", reply{body: success.body, cut: true}, repeatable},
		{"no JSON", reply{body: "hello"}, repeatable},
		{"other order in work", declined("SYSTEM.CONCURRENT_OPERATE"), bssCalls},
		{"order check failed", declined("CSS_CHECK_ORDER_ERROR"), bssCalls},
		{"state does not allow it yet", apiError(403, "Forbidden.DKMSInstanceStateInvalid"), []string{"set", "connect", "release"}},
		{"in upgrade", apiError(403, "Forbidden.KMSInstanceInUpgrade"), []string{"set", "connect", "release"}},
		{"no role", apiError(403, "Forbidden.RamRoleNotFound"), []string{"connect"}},
		{"no permission", apiError(403, "Forbidden.NoPermission"), nil},
		{"no permission for BSS", declined("NoPermission"), nil},
		{"bad parameter", apiError(400, "InvalidParameter"), nil},
		{"not connected", apiError(400, "Rejected.Uninitialized"), orders},
		{"no balance", declined("PAY.INSUFFICIENT_BALANCE"), nil},
		{"redirection", reply{status: 307, header: map[string]string{"Location": "https://elsewhere.example/"}}, orders},
	} {
		for name, call := range sampleCalls {
			bubble(t, test.name+"/"+name, func(t *testing.T) { triedAgain(t, test.first, call, slices.Contains(test.again, name)) })
		}
	}
}

// triedAgain fails the test unless a call is tried again after its first answer, or is not.
func triedAgain(t *testing.T, first reply, call func(context.Context, *Client) error, again bool) {
	f := serve(t, replies(first, success))
	tries := 0
	c := f.client(func(o *Options) {
		o.Site = Domestic
		o.Credentials = provider(func(context.Context) (Credentials, error) {
			tries++
			return key(fmt.Sprint("STS.", tries), "secret", "token"), nil
		})
	})
	err := call(t.Context(), c)
	if !again {
		if err == nil || f.count() != 1 {
			t.Errorf("%d tries, error %v; want a failure at once", f.count(), err)
		}
		return
	}
	if err != nil || f.count() != 2 {
		t.Fatalf("%d tries, error %v; want a second try that succeeds", f.count(), err)
	}
	one, two := f.seen(1), f.seen(2)
	for _, header := range []string{"x-acs-signature-nonce", "x-acs-accesskey-id"} {
		if one.Header.Get(header) == two.Header.Get(header) {
			t.Errorf("the second try has the %s of the first", header)
		}
	}
	if one.param("ClientToken") != two.param("ClientToken") {
		t.Error("the second try has another client token")
	}
}

// How long calls are tried against a server that never gets better. That it answers without JSON does not count then.
func TestLimits(t *testing.T) {
	for _, test := range []struct {
		name, call                 string
		deadline, configured, want time.Duration
	}{
		{"call without deadline", "read", 0, 0, callLimit},
		{"call with deadline", "read", time.Hour, 0, time.Hour},
		{"order", "order", time.Hour, 0, orderLimit},
		{"order with short deadline", "order", time.Minute, 0, time.Minute},
		{"limited by the user", "read", time.Hour, 10 * time.Minute, 10 * time.Minute},
		{"order limited by the user", "order", 0, 2 * time.Minute, 2 * time.Minute},
		{"order whose client token could be forgotten", "order", 0, 24 * time.Hour, orderLimit},
	} {
		bubble(t, test.name, func(t *testing.T) {
			f := serve(t, replies(reply{status: 502, body: "<html>"}))
			c := f.client(func(o *Options) { o.Site, o.MaxRetryTimeout = Domestic, test.configured })
			ctx := t.Context()
			if test.deadline > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, test.deadline)
				defer cancel()
			}
			start := time.Now()
			err := sampleCalls[test.call](ctx, c)
			took := time.Since(start)
			if took < test.want-backoffCap || took > test.want || f.count() < int(test.want/backoffCap) {
				t.Errorf("given up after %s and %d tries, want about %s", took, f.count(), test.want)
			}
			if want := fmt.Sprintf("tried %d times in %s", f.count(), took.Round(time.Second)); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("the error is %q, want it to say %q", err, want)
			}
		})
	}
}

// A host that never answered is given up early, but one that did is waited for.
func TestUnreachableHost(t *testing.T) {
	for want, cause := range map[string]error{
		kmsHost + ": no connection: dial tcp: connection refused": syscall.ECONNREFUSED,
		"the host name " + kmsHost + " cannot be resolved":        &net.DNSError{Err: "no such host", Name: "x", IsNotFound: true},
	} {
		bubble(t, want, func(t *testing.T) {
			f := serve(t, replies(success))
			c := f.client(func(o *Options) { o.Transport = f.refusing(func(int) error { return cause }) })
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			for _, call := range []string{"read", "connect", "order"} {
				start := time.Now()
				err := sampleCalls[call](ctx, c)
				if took := time.Since(start); took > unreachableLimit || took < unreachableLimit-backoffCap || in(err).Attempts < 2 {
					t.Errorf("given up after %s and %d tries, want about %s", took, in(err).Attempts, unreachableLimit)
				}
				if !HasCode(err, CodeConnectionFailed) || MayHaveTakenEffect(err) || call == "read" && !strings.Contains(err.Error(), want) {
					t.Errorf("the error is %v, may have taken effect: %t; nothing was sent", err, MayHaveTakenEffect(err))
				}
			}
		})
	}
	bubble(t, "answered before", func(t *testing.T) {
		f := serve(t, replies(success))
		down := func(dial int) error {
			if dial > 1 && dial < 20 {
				return syscall.ECONNREFUSED
			}
			return nil
		}
		c := f.client(func(o *Options) { o.Transport = f.refusing(down) })
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		for _, call := range []string{"read", "connect"} { // which is repeated if nothing was sent
			if err := sampleCalls[call](ctx, c); err != nil {
				t.Fatal(err)
			}
		}
		if f.count() != 2 || f.dials != 20 {
			t.Errorf("%d requests, %d connections tried; want 2 and 20", f.count(), f.dials)
		}
	})
}

// Something that answers, but not with results, is not asked for hours.
func TestMalformedAnswersEnd(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		f := serve(t, replies(reply{status: 403, body: "<html>log in</html>", header: map[string]string{"x-acs-request-id": "req-1"}}))
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		e := in(sampleCalls["read"](ctx, f.client()))
		if f.count() != malformedTries || e.Code != CodeMalformedAnswer || e.HTTPStatus != 403 || e.RequestID != "req-1" {
			t.Errorf("%d tries, code %s, HTTP %d, request %s", f.count(), e.Code, e.HTTPStatus, e.RequestID)
		}
	})
}

// The end of the context ends a call promptly, in a try as well as between tries.
func TestCancellation(t *testing.T) {
	for name, first := range map[string]reply{"in a try": {hang: true}, "between tries": apiError(429, "Throttling.User")} {
		for _, call := range []string{"read", "set", "connect"} {
			bubble(t, name+"/"+call, func(t *testing.T) {
				f := serve(t, replies(first))
				c := f.client()
				ctx, cancel := context.WithCancel(t.Context())
				stopped := time.Time{}
				time.AfterFunc(30*time.Second, func() { stopped = time.Now(); cancel() })
				err := sampleCalls[call](ctx, c)
				if late := time.Since(stopped); late != 0 {
					t.Errorf("returned %s after the cancellation", late)
				}
				if want := first.hang && call != "read"; MayHaveTakenEffect(err) != want {
					t.Errorf("may have taken effect: %t, want %t", !want, want)
				}
				if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "cancelled") || !first.hang && !HasCode(err, "Throttling.User") {
					t.Errorf("the error is %v, want it to be the cancellation, with the last cause", err)
				}
			})
		}
	}
	bubble(t, "a try's own time-out is not the operation's", func(t *testing.T) {
		f := serve(t, replies(reply{hang: true}))
		err := sampleCalls["connect"](t.Context(), f.client(func(o *Options) { o.ReadTimeout = 7 * time.Second }))
		if errors.Is(err, context.DeadlineExceeded) || !HasCode(err, CodeTimeout) || !strings.Contains(err.Error(), "7s") {
			t.Errorf("the error is %v", err)
		}
	})
}

// Who waits hears why.
func TestRetryNotice(t *testing.T) {
	bubble(t, "notices", func(t *testing.T) {
		f := serve(t, replies(apiError(503, "ServiceUnavailable"), success))
		var waited []time.Duration
		ctx := WithRetryNotice(t.Context(), func(failed *Error, wait time.Duration) {
			if waited = append(waited, wait); failed.Action != "ListTagResources" || failed.Code != "ServiceUnavailable" {
				t.Errorf("the notice is about %v", failed)
			}
		})
		if err := sampleCalls["read"](ctx, f.client()); err != nil || len(waited) != 1 || waited[0] != f.seen(2).At.Sub(f.seen(1).At) {
			t.Errorf("%v with the notices %v", err, waited)
		}
	})
}

// A certificate that is not trusted, or a server without encryption, does not get better, and nothing was sent.
func TestUntrustedServer(t *testing.T) {
	for want, start := range map[string]func(*httptest.Server){"certificate": (*httptest.Server).StartTLS, "HTTP response": (*httptest.Server).Start} {
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a request arrived") }))
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		start(server)
		t.Cleanup(server.Close)
		c, err := New(Options{Region: "cn-hangzhou", Credentials: staticKey, BSSEndpoint: server.Listener.Addr().String()})
		if err != nil {
			t.Fatal(err)
		}
		err = sampleCalls["order"](t.Context(), c)
		if e := in(err); e.Attempts != 1 || e.Code != CodeConnectionFailed || e.mayHaveTakenEffect || !strings.Contains(err.Error(), want) {
			t.Errorf("%d tries, may have taken effect: %t: %v", e.Attempts, e.mayHaveTakenEffect, err)
		}
	}
}
