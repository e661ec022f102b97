package cloud

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// The calls of the table below, one of every kind.
var sampleCalls = map[string]func(context.Context, *Client) error{
	"read":    func(ctx context.Context, c *Client) error { _, err := c.ListTags(ctx, "kst-1"); return err },
	"level":   func(ctx context.Context, c *Client) error { return c.RenameInstance(ctx, "kst-1", "n") },
	"connect": func(ctx context.Context, c *Client) error { return c.ConnectInstance(ctx, ConnectRequest{}) },
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
	t.Parallel()
	all := []string{"read", "level", "connect", "release", "order", "refund", "renewal"}
	repeatable := []string{"read", "level", "order", "refund", "renewal"}
	bssCalls := []string{"order", "refund", "renewal"}
	orders := []string{"order", "refund"} // only the answer to its token tells what became of an order
	for _, test := range []struct {
		name  string
		first reply
		again []string
	}{
		{"throttled by the gateway", apiError(400, "Throttling"), all},
		{"throttled by user", apiError(429, "Throttling.User"), all},
		{"throttled by KMS", apiError(400, "Rejected.Throttling"), all},
		{"throttled without a body", reply{status: 429, body: "<html>"}, all},
		{"throttled by BSS", declined("Throttling.Api"), all},
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
		{"JSON, but no object", reply{body: "null"}, repeatable},
		{"half a body", reply{body: success.body[:20]}, repeatable},
		{"other order in work", declined("SYSTEM.CONCURRENT_OPERATE"), bssCalls},
		{"order check failed", declined("CSS_CHECK_ORDER_ERROR"), bssCalls},
		{"state does not allow it yet", apiError(403, "Forbidden.DKMSInstanceStateInvalid"), []string{"level", "connect", "release"}},
		{"in upgrade", apiError(403, "Forbidden.KMSInstanceInUpgrade"), []string{"level", "connect", "release"}},
		{"no role", apiError(403, "Forbidden.RamRoleNotFound"), []string{"connect"}},
		{"no permission", apiError(403, "Forbidden.NoPermission"), nil},
		{"no permission for BSS", declined("NoPermission"), nil},
		{"unknown key", apiError(404, "InvalidAccessKeyId.NotFound"), nil},
		{"wrong secret", apiError(400, "SignatureDoesNotMatch"), nil},
		{"clock off", apiError(400, "InvalidTimeStamp.Expired"), nil},
		{"bad parameter", apiError(400, "InvalidParameter"), nil},
		{"not connected", apiError(400, "Rejected.Uninitialized"), orders},
		{"no balance", declined("PAY.INSUFFICIENT_BALANCE"), nil},
		{"redirection", reply{status: 307, header: map[string]string{"Location": "https://elsewhere.example/"}}, orders},
	} {
		for name, call := range sampleCalls {
			bubble(t, test.name+"/"+name, func(t *testing.T) {
				f := serve(t, replies(test.first, success))
				c := f.client(func(o *Options) { o.Site = Domestic })
				err := call(t.Context(), c)
				again := false
				for _, n := range test.again {
					again = again || n == name
				}
				switch {
				case again && (err != nil || f.count() != 2):
					t.Errorf("%d tries, error %v; want a second try that succeeds", f.count(), err)
				case !again && (err == nil || f.count() != 1):
					t.Errorf("%d tries, error %v; want a failure at once", f.count(), err)
				}
				if f.count() == 2 && f.seen(1).Header.Get("x-acs-signature-nonce") == f.seen(2).Header.Get("x-acs-signature-nonce") {
					t.Error("the second try has the nonce of the first")
				}
				if f.count() == 2 && f.seen(1).param("ClientToken") != f.seen(2).param("ClientToken") {
					t.Error("the second try has another client token")
				}
			})
		}
	}
}

// How long calls are tried, with the defaults, against a server that never gets better.
func TestPatience(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		call     string
		deadline time.Duration
		options  func(*Options)
		least    time.Duration // the call is not given up before
		most     time.Duration // ... and is after
	}{
		{name: "call without deadline", call: "read", least: callPatience - backoffCap, most: callPatience},
		{name: "call with deadline", call: "read", deadline: time.Hour, least: time.Hour - backoffCap, most: time.Hour},
		{name: "order", call: "order", deadline: time.Hour, least: orderPatience - backoffCap, most: orderPatience},
		{name: "order with short deadline", call: "order", deadline: time.Minute, least: time.Minute - backoffCap, most: time.Minute},
		{
			name: "bound by the user", call: "read", deadline: time.Hour,
			options: func(o *Options) { o.MaxRetryTimeout = 10 * time.Minute }, least: 10*time.Minute - backoffCap, most: 10 * time.Minute,
		},
		{
			name: "order bound by the user", call: "order",
			options: func(o *Options) { o.MaxRetryTimeout = 2 * time.Minute }, least: 2*time.Minute - backoffCap, most: 2 * time.Minute,
		},
		{
			name: "order whose client token could be forgotten", call: "order",
			options: func(o *Options) { o.MaxRetryTimeout = 24 * time.Hour }, least: orderPatience - backoffCap, most: orderPatience,
		},
		{
			name: "other call that is bound by a day", call: "read",
			options: func(o *Options) { o.MaxRetryTimeout = 24 * time.Hour }, least: 24*time.Hour - backoffCap, most: 24 * time.Hour,
		},
	} {
		bubble(t, test.name, func(t *testing.T) {
			f := serve(t, replies(apiError(503, "ServiceUnavailable")))
			c := f.client(func(o *Options) {
				o.Site = Domestic
				if test.options != nil {
					test.options(o)
				}
			})
			ctx := t.Context()
			if test.deadline > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, test.deadline)
				defer cancel()
			}
			start := time.Now()
			err := sampleCalls[test.call](ctx, c)
			took := time.Since(start)
			e := asError(t, err)
			if took < test.least || took > test.most {
				t.Errorf("given up after %s, want between %s and %s", took, test.least, test.most)
			}
			if e.Attempts != f.count() || e.Elapsed != took || e.Code != "ServiceUnavailable" {
				t.Errorf("the error says %s after %d tries in %s; it were %d in %s", e.Code, e.Attempts, e.Elapsed, f.count(), took)
			}
			if want := fmt.Sprintf("tried %d times in %s", f.count(), took.Round(time.Second)); !strings.Contains(err.Error(), want) {
				t.Errorf("the error is %q, want it to say %q", err, want)
			}
			for n := 2; n <= f.count(); n++ {
				if gap := f.seen(n).At.Sub(f.seen(n - 1).At); gap > backoffCap {
					t.Errorf("%s between tries, want at most %s", gap, backoffCap)
				}
			}
			if n := f.count(); n < int(test.least/backoffCap) {
				t.Errorf("only %d tries", n)
			}
		})
	}
}

// slowly gives credentials at once the first time, and takes its time then.
func slowly(inner CredentialsProvider, wait time.Duration) provider {
	next := time.Duration(0)
	return func(ctx context.Context) (Credentials, error) {
		select {
		case <-time.After(next):
		case <-ctx.Done():
			return Credentials{}, context.Cause(ctx)
		}
		next = wait
		return inner.Credentials(ctx)
	}
}

// What an order waits for between its tries must not carry it beyond the life of its client token either.
func TestOrderWaitsNotTooLongForItsTurn(t *testing.T) {
	t.Parallel()
	bubble(t, "credentials", func(t *testing.T) {
		f := serve(t, replies(apiError(503, "ServiceUnavailable")))
		c := f.client(func(o *Options) {
			o.Credentials = slowly(o.Credentials, 50*time.Minute)
			o.Site, o.ReadTimeout, o.MaxRetryTimeout = Domestic, time.Hour, 24*time.Hour
		})
		start := time.Now()
		err := sampleCalls["order"](t.Context(), c)
		if took := time.Since(start); err == nil || took > orderPatience+2*orderCredentialsTimeout {
			t.Errorf("given up after %s: %v", took, err)
		}
	})
}

// A host that never answered is given up early, but one that did is waited for.
func TestUnreachableHost(t *testing.T) {
	t.Parallel()
	bubble(t, "never answered", func(t *testing.T) {
		f := serve(t, replies(success))
		c := f.client(func(o *Options) { o.Transport = f.transport(func(int) bool { return true }) })
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		start := time.Now()
		err := sampleCalls["read"](ctx, c)
		if took := time.Since(start); took > unreachablePatience || took < unreachablePatience-backoffCap {
			t.Errorf("given up after %s, want about %s", took, unreachablePatience)
		}
		if e := asError(t, err); e.Code != CodeConnectionFailed || e.MayHaveTakenEffect() || e.Attempts < 2 {
			t.Errorf("the error is %s after %d tries, may have taken effect: %t", e.Code, e.Attempts, e.MayHaveTakenEffect())
		}
		if !strings.Contains(err.Error(), kmsHost) || !strings.Contains(err.Error(), "connection refused") {
			t.Errorf("the error is %q, want the host and the cause in it", err)
		}
	})
	bubble(t, "unknown host", func(t *testing.T) {
		f := serve(t, replies(success))
		c := f.client(func(o *Options) {
			o.Region = "cn-nowhere"
			dial := func(_ context.Context, _, address string) (net.Conn, error) {
				return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: address, IsNotFound: true}}
			}
			o.Transport = &http.Transport{DialContext: dial, DialTLSContext: dial}
		})
		err := sampleCalls["connect"](t.Context(), c)
		if !HasCode(err, CodeConnectionFailed) || MayHaveTakenEffect(err) {
			t.Errorf("error %v, may have taken effect: %t", err, MayHaveTakenEffect(err))
		}
		for _, want := range []string{"host name kms.cn-nowhere.aliyuncs.com cannot be resolved", "the region and the endpoints"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("the error is %q, want %q in it", err, want)
			}
		}
	})
	bubble(t, "answered before", func(t *testing.T) {
		f := serve(t, replies(success))
		down := func(dial int) bool { return dial > 1 && dial < 20 }
		c := f.client(func(o *Options) {
			transport := f.transport(down)
			transport.DisableKeepAlives = true
			o.Transport = transport
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		for range 2 {
			if err := sampleCalls["read"](ctx, c); err != nil {
				t.Fatal(err)
			}
		}
		if f.count() != 2 || f.dials != 20 {
			t.Errorf("%d requests, %d connections tried; want 2 and 20", f.count(), f.dials)
		}
	})
	bubble(t, "order", func(t *testing.T) {
		f := serve(t, replies(success))
		c := f.client(func(o *Options) { o.Transport = f.transport(func(int) bool { return true }) })
		if err := sampleCalls["order"](t.Context(), c); err == nil || MayHaveTakenEffect(err) {
			t.Errorf("error %v, may have taken effect: %t; nothing was sent", err, MayHaveTakenEffect(err))
		}
	})
	bubble(t, "connect is tried again if nothing was sent", func(t *testing.T) {
		f := serve(t, replies(success))
		c := f.client(func(o *Options) { o.Transport = f.transport(func(dial int) bool { return dial < 3 }) })
		if err := sampleCalls["connect"](t.Context(), c); err != nil || f.count() != 1 {
			t.Errorf("error %v after %d requests, want success with one", err, f.count())
		}
	})
}

// Something that answers, but not with results, is not asked for hours.
func TestMalformedAnswersEnd(t *testing.T) {
	t.Parallel()
	bubble(t, "read", func(t *testing.T) {
		f := serve(t, replies(reply{body: "<html>log in</html>", header: map[string]string{"x-acs-request-id": "req-1"}}))
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		err := sampleCalls["read"](ctx, f.client())
		e := asError(t, err)
		if f.count() != malformedTries || e.Code != CodeMalformedAnswer || e.HTTPStatus != 200 || e.RequestID != "req-1" {
			t.Errorf("%d tries, code %s, HTTP %d, request %s", f.count(), e.Code, e.HTTPStatus, e.RequestID)
		}
	})
	bubble(t, "proxy without JSON keeps its status", func(t *testing.T) {
		f := serve(t, replies(reply{status: 403, body: "<html>blocked</html>"}))
		if e := asError(t, sampleCalls["read"](t.Context(), f.client())); e.HTTPStatus != 403 || e.Code != CodeMalformedAnswer {
			t.Errorf("code %s, HTTP %d, want %s and 403", e.Code, e.HTTPStatus, CodeMalformedAnswer)
		}
	})
	bubble(t, "5xx without JSON is no such thing", func(t *testing.T) {
		f := serve(t, func(n int, _ request) reply {
			if n < 12 {
				return reply{status: 502, body: "<html>"}
			}
			return success
		})
		if err := sampleCalls["read"](t.Context(), f.client()); err != nil {
			t.Error(err)
		}
	})
}

// The end of the context ends a call promptly, in a try as well as between tries.
func TestCancellation(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]reply{"in a try": {hang: true}, "between tries": apiError(429, "Throttling.User")} {
		for _, call := range []string{"read", "level", "connect"} {
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
				if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "cancelled") {
					t.Errorf("the error is %v, want it to be the cancellation", err)
				}
				if want := first.hang && call != "read"; MayHaveTakenEffect(err) != want {
					t.Errorf("may have taken effect: %t, want %t", !want, want)
				}
				if !first.hang && !IsThrottled(err) {
					t.Errorf("the error is %v, want it to keep the last cause", err)
				}
			})
		}
	}
	bubble(t, "before the first try", func(t *testing.T) {
		f := serve(t, replies(success))
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for name, call := range sampleCalls {
			if err := call(ctx, f.client()); !errors.Is(err, context.Canceled) || MayHaveTakenEffect(err) {
				t.Errorf("%s: the error is %v", name, err)
			}
		}
		if f.count() != 0 {
			t.Errorf("%d requests were sent", f.count())
		}
	})
	bubble(t, "deadline in a try", func(t *testing.T) {
		f := serve(t, replies(reply{hang: true}))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := sampleCalls["read"](ctx, f.client())
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "time-out passed") {
			t.Errorf("the error is %v", err)
		}
	})
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
	t.Parallel()
	bubble(t, "notices", func(t *testing.T) {
		f := serve(t, replies(apiError(429, "Throttling.User"), apiError(503, "ServiceUnavailable"), success))
		var notices []Retry
		ctx := WithRetryNotice(t.Context(), func(r Retry) { notices = append(notices, r) })
		if err := sampleCalls["read"](ctx, f.client()); err != nil {
			t.Fatal(err)
		}
		if len(notices) != 2 {
			t.Fatalf("%d notices, want 2", len(notices))
		}
		for i, code := range []string{"Throttling.User", "ServiceUnavailable"} {
			n := notices[i]
			if n.Action != "ListTagResources" || n.Attempt != i+1 || !HasCode(n.Err, code) {
				t.Errorf("notice %d is %+v", i+1, n)
			}
			if gap := f.seen(i + 2).At.Sub(f.seen(i + 1).At); gap != n.Wait {
				t.Errorf("notice %d announces %s, it were %s", i+1, n.Wait, gap)
			}
		}
	})
}

// A certificate that is not trusted does not get better, and nothing was sent.
func TestUntrustedServer(t *testing.T) {
	t.Parallel()
	f := newTLSServer(t)
	c, err := New(Options{Region: "cn-hangzhou", Credentials: staticKey(t), BSSEndpoint: f, KMSEndpoint: f})
	if err != nil {
		t.Fatal(err)
	}
	for _, call := range []string{"read", "order"} {
		err := sampleCalls[call](t.Context(), c)
		if e := asError(t, err); e.Attempts != 1 || e.Code != CodeConnectionFailed || e.MayHaveTakenEffect() {
			t.Errorf("%s: %d tries, may have taken effect: %t: %v", call, e.Attempts, e.MayHaveTakenEffect(), err)
		}
		if !strings.Contains(err.Error(), "certificate") {
			t.Errorf("the error is %q, want it to name the certificate", err)
		}
	}
}

// An order is never sent on to another host. Whether the first one placed it is not known.
func TestRedirectionIsNotFollowed(t *testing.T) {
	t.Parallel()
	bubble(t, "order", func(t *testing.T) {
		f := serve(t, replies(reply{status: http.StatusTemporaryRedirect, header: map[string]string{"Location": "https://elsewhere.example/"}}))
		err := sampleCalls["order"](t.Context(), f.client())
		for n := range f.count() {
			if host := f.seen(n + 1).Host; host != bssDomesticHost {
				t.Errorf("sent to %s", host)
			}
		}
		if !HasCode(err, CodeMalformedAnswer) || !MayHaveTakenEffect(err) {
			t.Errorf("error %v", err)
		}
	})
}
