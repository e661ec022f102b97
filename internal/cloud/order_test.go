package cloud

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// A cancellation does not tear an order that is on its way, and its answer counts.
func TestOrderSurvivesCancellation(t *testing.T) {
	t.Parallel()
	for name, call := range map[string]func(context.Context, *Client) (string, error){
		"create": func(ctx context.Context, c *Client) (string, error) {
			r, err := c.CreateInstance(ctx, sampleOrder())
			return r.InstanceID + " " + r.OrderID, err
		},
		"modify": func(ctx context.Context, c *Client) (string, error) {
			r, err := c.ModifyInstance(ctx, sampleSizes())
			return "kst-1 " + r.OrderID, err
		},
		"refund": func(ctx context.Context, c *Client) (string, error) {
			id, err := c.RefundInstance(ctx, "kst-1", "token-1")
			return "kst-1 " + id, err
		},
	} {
		bubble(t, name, func(t *testing.T) {
			f := serve(t, replies(reply{body: okBSS, after: 25 * time.Second}))
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			got, err := call(ctx, f.client())
			if err != nil || got != "kst-1 2001" {
				t.Errorf("got %q, %v; want the answer that came after the cancellation", got, err)
			}
		})
	}
}

// After the cancellation an order is not tried again, and what is open is told.
func TestOrderEndsAfterCancellation(t *testing.T) {
	t.Parallel()
	bubble(t, "no answer", func(t *testing.T) {
		f := serve(t, replies(reply{hang: true}))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		start := time.Now()
		_, err := f.client().CreateInstance(ctx, sampleOrder())
		if took := time.Since(start); took != orderTryTimeout || f.count() != 1 {
			t.Errorf("%d tries in %s, want one of %s", f.count(), took, orderTryTimeout)
		}
		if !errors.Is(err, context.Canceled) || !HasCode(err, CodeTimeout) || !MayHaveTakenEffect(err) {
			t.Errorf("error %v, may have taken effect: %t", err, MayHaveTakenEffect(err))
		}
	})
	bubble(t, "between tries", func(t *testing.T) {
		f := serve(t, replies(apiError(400, "Throttling")))
		ctx, cancel := context.WithCancel(t.Context())
		var stopped time.Time
		time.AfterFunc(20*time.Second, func() { stopped = time.Now(); cancel() })
		_, err := f.client().CreateInstance(ctx, sampleOrder())
		if late := time.Since(stopped); late != 0 {
			t.Errorf("returned %s after the cancellation", late)
		}
		if !errors.Is(err, context.Canceled) || MayHaveTakenEffect(err) {
			t.Errorf("error %v, may have taken effect: %t", err, MayHaveTakenEffect(err))
		}
	})
	bubble(t, "short read time-out", func(t *testing.T) {
		f := serve(t, replies(reply{hang: true}))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		start := time.Now()
		_, _ = f.client(func(o *Options) { o.ReadTimeout = 4 * time.Second }).CreateInstance(ctx, sampleOrder())
		if took := time.Since(start); took != 4*time.Second {
			t.Errorf("the try took %s, want 4s", took)
		}
	})
}

// The account's site is found by the first refusal, the same token goes to the other site, and it is remembered.
func TestSiteSwitch(t *testing.T) {
	t.Parallel()
	international := func(_ int, r request) reply {
		if strings.HasSuffix(r.param("ProductType"), "_intl") {
			return success
		}
		return declined(CodeNotApplicable)
	}
	t.Run("order", func(t *testing.T) {
		t.Parallel()
		f := serve(t, international)
		c := f.client()
		if _, err := c.CreateInstance(t.Context(), sampleOrder()); err != nil {
			t.Fatal(err)
		}
		first, second := f.seen(1), f.seen(2)
		if first.Host != bssDomesticHost || second.Host != bssInternationalHost || first.param("ClientToken") != second.param("ClientToken") {
			t.Errorf("sent to %s and %s with tokens %s and %s", first.Host, second.Host, first.param("ClientToken"), second.param("ClientToken"))
		}
		if product := second.param("ProductType"); product != "kms_ddi_public_intl" || c.knownSite() != International {
			t.Errorf("the order is for %s, the site is %q", product, c.knownSite())
		}
		// The next order goes to the right site at once.
		if _, err := c.CreateInstance(t.Context(), sampleOrder()); err != nil || f.count() != 3 || f.seen(3).Host != bssInternationalHost {
			t.Errorf("error %v, %d requests", err, f.count())
		}
	})
	for name, call := range map[string]func(context.Context, *Client) error{
		"modify":      func(ctx context.Context, c *Client) error { _, err := c.ModifyInstance(ctx, sampleSizes()); return err },
		"refund":      sampleCalls["refund"],
		"renewal":     sampleCalls["renewal"],
		"get renewal": func(ctx context.Context, c *Client) error { _, err := c.GetRenewal(ctx, "kst-1"); return err },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := serve(t, international)
			c := f.client()
			if err := call(t.Context(), c); err != nil || f.count() != 2 || c.knownSite() != International {
				t.Errorf("error %v after %d requests, the site is %q", err, f.count(), c.knownSite())
			}
		})
	}
	t.Run("explicit endpoint", func(t *testing.T) {
		t.Parallel()
		f := serve(t, international)
		c := f.client(func(o *Options) { o.BSSEndpoint = "business.example.com" })
		if err := sampleCalls["order"](t.Context(), c); err != nil {
			t.Fatal(err)
		}
		for n := range f.count() {
			if host := f.seen(n + 1).Host; host != "business.example.com" {
				t.Errorf("sent to %s", host)
			}
		}
	})
	t.Run("configured", func(t *testing.T) {
		t.Parallel()
		f := serve(t, international)
		c := f.client(func(o *Options) { o.Site = Domestic })
		c.learnSiteFrom("kms_ddi_public_intl")
		err := sampleCalls["order"](t.Context(), c)
		if f.count() != 1 || !HasCode(err, CodeNotApplicable) || c.knownSite() != Domestic {
			t.Errorf("error %v after %d requests, the site is %q", err, f.count(), c.knownSite())
		}
		if err == nil || !strings.Contains(err.Error(), "accountType is Domestic; set it to International") {
			t.Errorf("the error is %v, want it to say what to set", err)
		}
	})
	t.Run("refused by both", func(t *testing.T) {
		t.Parallel()
		f := serve(t, replies(declined(CodeNotApplicable)))
		c := f.client()
		err := sampleCalls["order"](t.Context(), c)
		if f.count() != 2 || c.knownSite() != "" {
			t.Errorf("%d requests, the site is %q; want 2 and none", f.count(), c.knownSite())
		}
		if err == nil || !strings.Contains(err.Error(), "Both sites") || !strings.Contains(err.Error(), "accountType") {
			t.Errorf("the error is %v", err)
		}
	})
	t.Run("known by a refusal of the right one", func(t *testing.T) {
		t.Parallel()
		f := serve(t, replies(declined(CodeNotApplicable), declined("PAY.INSUFFICIENT_BALANCE")))
		c := f.client()
		if err := sampleCalls["order"](t.Context(), c); !HasCode(err, "PAY.INSUFFICIENT_BALANCE") || c.knownSite() != International {
			t.Errorf("error %v, the site is %q", err, c.knownSite())
		}
	})
	t.Run("observed", func(t *testing.T) {
		t.Parallel()
		f := serve(t, international)
		c := f.client()
		c.learnSiteFrom("")
		c.learnSiteFrom("something_else")
		if c.knownSite() != "" {
			t.Errorf("the site is %q before anything was seen", c.knownSite())
		}
		c.learnSiteFrom("kms_ppi_public_intl")
		if err := sampleCalls["order"](t.Context(), c); err != nil || f.count() != 1 || f.seen(1).Host != bssInternationalHost {
			t.Errorf("error %v after %d requests", err, f.count())
		}
	})
}

// An order without a token could be carried out twice.
func TestOrderNeedsToken(t *testing.T) {
	t.Parallel()
	f := serve(t, replies(success))
	o := sampleOrder()
	o.ClientToken = ""
	if _, err := f.client().CreateInstance(t.Context(), o); err == nil || f.count() != 0 {
		t.Errorf("error %v, %d requests", err, f.count())
	}
	if _, err := f.client().RefundInstance(t.Context(), "kst-1", ""); err == nil || f.count() != 0 {
		t.Errorf("error %v, %d requests", err, f.count())
	}
	if a, b := NewClientToken(), NewClientToken(); a == b || len(a) < 26 {
		t.Errorf("the tokens are %q and %q", a, b)
	}
}

// The order number of a refund is a number, and a refund of nothing is told apart.
func TestRefund(t *testing.T) {
	t.Parallel()
	f := serve(t, replies(
		reply{body: `{"Code":"Success","Success":true,"RequestId":"r","Data":{"OrderId":204322301000000001,"HostId":"cn"}}`},
		declined(codeResourceNotExists),
	))
	c := f.client()
	if id, err := c.RefundInstance(t.Context(), "kst-1", "t"); err != nil || id != "204322301000000001" {
		t.Errorf("order %q, error %v", id, err)
	}
	if _, err := c.RefundInstance(t.Context(), "kst-1", "t"); !errors.Is(err, ErrGone) {
		t.Errorf("the error is %v, want it to be %v", err, ErrGone)
	}
	f = serve(t, replies(declined(codeResourceNotExists)))
	if _, err := f.client().ModifyInstance(t.Context(), sampleSizes()); errors.Is(err, ErrGone) {
		t.Error("an order of something else counts as gone")
	}
}

func TestRenewal(t *testing.T) {
	t.Parallel()
	list := func(rows string) reply {
		return reply{body: `{"Code":"Success","Success":true,"Data":{"InstanceList":[` + rows + `],"TotalCount":1}}`}
	}
	for _, test := range []struct {
		name string
		rows string
		want *Renewal
	}{
		{"automatic", `{"InstanceID":"kst-1","RenewStatus":"AutoRenewal","RenewalDuration":1,"RenewalDurationUnit":"Y"}`, &Renewal{AutoRenewal, 1, "Y"}},
		{"automatic, number as a string", `{"InstanceID":"kst-1","RenewStatus":"AutoRenewal","RenewalDuration":"3","RenewalDurationUnit":"M"}`, &Renewal{AutoRenewal, 3, "M"}},
		{"manual", `{"InstanceID":"kst-1","RenewStatus":"ManualRenewal"}`, &Renewal{Status: ManualRenewal}},
		{"none, with a left-over duration", `{"InstanceID":"kst-1","RenewStatus":"NotRenewal","RenewalDuration":1,"RenewalDurationUnit":"M"}`, &Renewal{Status: NotRenewal}},
		{"empty list", ``, nil},
		{"another instance", `{"InstanceID":"kst-2","RenewStatus":"ManualRenewal"}`, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := serve(t, replies(list(test.rows)))
			got, err := f.client().GetRenewal(t.Context(), "kst-1")
			if err != nil || (got == nil) != (test.want == nil) || got != nil && *got != *test.want {
				t.Errorf("got %+v, %v; want %+v", got, err, test.want)
			}
		})
	}
}

func sampleSizes() SizeOrder {
	return SizeOrder{ClientToken: "token-1", InstanceID: "kst-1", PaymentType: Subscription, Sizes: map[string]string{"KeyNum": "100"}}
}

func modifySample(ctx context.Context, c *Client) error {
	_, err := c.ModifyInstance(ctx, sampleSizes())
	return err
}

// A proxy that gives up on a slow answer may write its own into the encrypted stream. The order was sent all the same.
func TestBrokenEncryptionAfterAnOrder(t *testing.T) {
	t.Parallel()
	plain := httptest.NewUnstartedServer(nil) // for its certificate
	plain.StartTLS()
	t.Cleanup(plain.Close)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	var requests atomic.Int32
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				secure := tls.Server(conn, &tls.Config{Certificates: plain.TLS.Certificates, MinVersion: tls.VersionTLS12})
				if r, err := http.ReadRequest(bufio.NewReader(secure)); err == nil {
					_, _ = io.Copy(io.Discard, r.Body)
					requests.Add(1)
					_, _ = io.WriteString(conn, "HTTP/1.1 504 Gateway Timeout\r\nContent-Length: 0\r\n\r\n")
				}
			}()
		}
	}()
	client, err := New(Options{
		Region: "cn-hangzhou", Credentials: staticKey(t), MaxRetryTimeout: time.Second,
		BSSEndpoint: "https://" + listener.Addr().String(),
		Transport:   plain.Client().Transport,
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.CreateInstance(t.Context(), sampleOrder())
	if requests.Load() == 0 || !MayHaveTakenEffect(err) {
		t.Errorf("after %d requests the order counts as not placed: %v", requests.Load(), err)
	}
}
