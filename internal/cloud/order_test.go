package cloud

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"net/http/httptrace"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// The account's site is found by the first refusal, the same token goes to the other site, and it is remembered.
func TestSiteSwitch(t *testing.T) {
	international := func(_ int, r request) reply {
		if strings.HasSuffix(r.param("ProductType"), "_intl") {
			return success
		}
		return declined(CodeNotApplicable)
	}
	renewal := func(ctx context.Context, c *Client) error { _, err := c.GetRenewal(ctx, "kst-1"); return err }
	twice := func(ctx context.Context, c *Client) error {
		return errors.Join(sampleCalls["order"](ctx, c), sampleCalls["order"](ctx, c))
	}
	both := []string{bssDomesticHost, bssInternationalHost}
	const own = "business.example.com"
	for name, test := range map[string]struct {
		script  func(int, request) reply
		options Options
		learnt  string // product type that was observed before
		call    func(context.Context, *Client) error
		hosts   []string
		site    Site   // that is known afterwards
		says    string // the error; "" = none
	}{
		"order":             {international, Options{}, "", sampleCalls["order"], both, International, ""},
		"two orders":        {international, Options{}, "", twice, append(both, bssInternationalHost), International, ""},
		"get renewal":       {international, Options{}, "", renewal, both, International, ""},
		"explicit endpoint": {international, Options{BSSEndpoint: own}, "", sampleCalls["order"], []string{own, own}, International, ""},
		"observed":          {international, Options{}, "kms_ppi_public_intl", sampleCalls["order"], both[1:], International, ""},
		"configured": {
			international, Options{Site: Domestic}, "kms_ddi_public_intl", sampleCalls["order"], both[:1], Domestic,
			"accountType is Domestic; set it to International",
		},
		"refused by both": {
			replies(declined(CodeNotApplicable)), Options{}, "", sampleCalls["order"], both, "",
			"Both sites of Alibaba Cloud refused the account: set accountType",
		},
		"known by a refusal of the right one": {
			replies(declined(CodeNotApplicable), declined("PAY.INSUFFICIENT_BALANCE")), Options{}, "", sampleCalls["order"], both, International,
			"PAY.INSUFFICIENT_BALANCE",
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := serve(t, test.script)
			c := f.client(func(o *Options) { o.Site, o.BSSEndpoint = test.options.Site, test.options.BSSEndpoint })
			c.learnSiteFrom(test.learnt)
			err := test.call(t.Context(), c)
			if (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) || c.knownSite() != test.site {
				t.Errorf("error %v, the site is %q; want %q and %q", err, c.knownSite(), test.says, test.site)
			}
			var hosts []string
			for _, r := range f.requests {
				if hosts = append(hosts, r.Host); r.param("ClientToken") != f.seen(1).param("ClientToken") {
					t.Error("the other site got another token")
				}
			}
			if !slices.Equal(hosts, test.hosts) {
				t.Errorf("sent to %v, want %v", hosts, test.hosts)
			}
		})
	}
}

// An order without a token could be carried out twice.
func TestOrderNeedsToken(t *testing.T) {
	f := serve(t, replies(success))
	_, bought := f.client().CreateInstance(t.Context(), Purchase{PaymentType: PayAsYouGo})
	_, refunded := f.client().RefundInstance(t.Context(), "kst-1", "")
	if bought == nil || refunded == nil || f.count() != 0 {
		t.Errorf("errors %v and %v, %d requests", bought, refunded, f.count())
	}
	if a, b := NewClientToken(), NewClientToken(); a == b || len(a) < 26 {
		t.Errorf("the tokens are %q and %q", a, b)
	}
}

// The order number of a refund is a number, and a refund of nothing is told apart.
func TestRefund(t *testing.T) {
	refund := func(answer string) (string, error) {
		return serve(t, replies(reply{body: answer})).client().RefundInstance(t.Context(), "kst-1", "t")
	}
	if id, err := refund(`{"Code":"Success","Success":true,"Data":{"OrderId":204322301000000001,"HostId":"cn"}}`); err != nil || id != "204322301000000001" {
		t.Errorf("order %q, error %v", id, err)
	}
	for _, answer := range []string{declined(codeResourceNotExists).body, `{"Code":"ResourceNotExists","RequestId":"r"}`} {
		if _, err := refund(answer); !errors.Is(err, ErrGone) {
			t.Errorf("the error is %v, want it to be %v", err, ErrGone)
		}
	}
	if id, err := refund(`{"Code":"PAY.REFUND_FAILED","RequestId":"r"}`); err == nil || MayHaveTakenEffect(err) {
		t.Errorf("a refusal without Success counts as order %q: %v", id, err)
	}
	if err := modifySample(t.Context(), serve(t, replies(declined(codeResourceNotExists))).client()); errors.Is(err, ErrGone) {
		t.Error("an order of something else counts as gone")
	}
}

func TestRenewal(t *testing.T) {
	for rows, want := range map[string]*Renewal{
		`{"InstanceID":"kst-1","RenewStatus":"AutoRenewal","RenewalDuration":"3","RenewalDurationUnit":"M"}`: {AutoRenewal, 3, "M"},
		`{"InstanceID":"kst-1","RenewStatus":"NotRenewal","RenewalDuration":1,"RenewalDurationUnit":"M"}`:    {Status: NotRenewal},
		``: nil,
	} {
		c := serve(t, replies(reply{body: `{"Success":true,"Data":{"InstanceList":[` + rows + `],"TotalCount":1}}`})).client()
		got, err := c.GetRenewal(t.Context(), "kst-1")
		if err != nil || c.knownSite() != "" || !reflect.DeepEqual(got, want) { // a list proves no site
			t.Errorf("got %+v, %v; want %+v", got, err, want)
		}
	}
}

func modifySample(ctx context.Context, c *Client) error {
	_, err := c.ModifyInstance(ctx, Purchase{ClientToken: "token-1", InstanceID: "kst-1", PaymentType: Subscription, Sizes: map[string]string{"KeyNum": "100"}})
	return err
}

// brokenTransport has a connection whose encryption breaks while an answer is awaited.
type brokenTransport struct{}

func (brokenTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	httptrace.ContextClientTrace(r.Context()).GotConn(httptrace.GotConnInfo{})
	return nil, tls.RecordHeaderError{Msg: "no TLS record"}
}

// A proxy that gives up on a slow answer may write its own into the encrypted stream. The order was sent all the same.
func TestBrokenEncryptionAfterAnOrder(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		c := serve(t, nil).client(func(o *Options) { o.Transport = brokenTransport{} })
		if err := sampleCalls["order"](t.Context(), c); !MayHaveTakenEffect(err) {
			t.Errorf("the order counts as not placed: %v", err)
		}
	})
}
