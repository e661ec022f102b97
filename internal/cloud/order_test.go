package cloud

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

// A cancellation does not tear an order that is on its way, and its answer counts.
func TestOrderSurvivesCancellation(t *testing.T) {
	t.Parallel()
	for _, call := range []string{"order", "refund"} {
		bubble(t, call, func(t *testing.T) {
			f := serve(t, replies(reply{body: okBSS, after: 25 * time.Second}))
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			if err := sampleCalls[call](ctx, f.client()); err != nil {
				t.Errorf("got %v; want the answer that came after the cancellation", err)
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
	t.Run("get renewal", func(t *testing.T) {
		t.Parallel()
		f := serve(t, international)
		c := f.client()
		if _, err := c.GetRenewal(t.Context(), "kst-1"); err != nil || f.count() != 2 || c.knownSite() != International {
			t.Errorf("error %v after %d requests, the site is %q", err, f.count(), c.knownSite())
		}
	})
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
	f = serve(t, replies(reply{body: `{"Code":"ResourceNotExists","RequestId":"r"}`}, reply{body: `{"Code":"PAY.REFUND_FAILED","RequestId":"r"}`}))
	c = f.client()
	if _, err := c.RefundInstance(t.Context(), "kst-1", "t"); !errors.Is(err, ErrGone) {
		t.Errorf("without Success, the error is %v, want it to be %v", err, ErrGone)
	}
	if id, err := c.RefundInstance(t.Context(), "kst-1", "t"); err == nil || MayHaveTakenEffect(err) {
		t.Errorf("a refusal without Success counts as order %q: %v", id, err)
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
		{"automatic, number as a string", `{"InstanceID":"kst-1","RenewStatus":"AutoRenewal","RenewalDuration":"3","RenewalDurationUnit":"M"}`, &Renewal{AutoRenewal, 3, "M"}},
		{"none, with a left-over duration", `{"InstanceID":"kst-1","RenewStatus":"NotRenewal","RenewalDuration":1,"RenewalDurationUnit":"M"}`, &Renewal{Status: NotRenewal}},
		{"empty list", ``, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := serve(t, replies(list(test.rows)))
			c := f.client()
			got, err := c.GetRenewal(t.Context(), "kst-1")
			if err != nil || c.knownSite() != "" || (got == nil) != (test.want == nil) || got != nil && *got != *test.want { // a list proves no site
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
	bubble(t, "", func(t *testing.T) {
		broken := roundTripper(func(*http.Request) (*http.Response, error) { return nil, tls.RecordHeaderError{Msg: "no TLS record"} })
		c := serve(t, nil).client(func(o *Options) { o.Transport = broken })
		if err := sampleCalls["order"](t.Context(), c); !MayHaveTakenEffect(err) {
			t.Errorf("the order counts as not placed: %v", err)
		}
	})
}
