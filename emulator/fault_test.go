package emulator

import (
	"context"
	"errors"
	"io"
	"net/http"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func inject(t testing.TB, s *Server, faults ...Fault) {
	t.Helper()
	if err := s.Inject(faults...); err != nil {
		t.Fatal(err)
	}
}

// Each refusing fault answers with its status and code, has no effect, and is over after one call.
func TestRefusingFaults(t *testing.T) {
	s, c := start(t, Options{})
	for name, f := range map[string]struct {
		service, action string
		fault           Fault
		status          int
		code            string
	}{
		"KMS throttles":       {serviceKMS, "ListKmsInstances", Fault{Kind: FaultThrottle}, 429, "Rejected.Throttling"},
		"BSS throttles":       {serviceBSS, "QueryAvailableInstances", Fault{Kind: FaultThrottle}, 400, "Throttling.User"},
		"KMS fails":           {serviceKMS, "ListKmsInstances", Fault{Kind: FaultHTTP500}, 500, "InternalFailure"},
		"BSS fails":           {serviceBSS, "QueryAvailableInstances", Fault{Kind: FaultHTTP500}, 500, "InternalError"},
		"KMS is unavailable":  {serviceKMS, "ListKmsInstances", Fault{Kind: FaultHTTP503}, 503, "SerivceUnvailableTemporary"},
		"STS is unavailable":  {serviceSTS, "GetCallerIdentity", Fault{Kind: FaultHTTP503}, 503, "ServiceUnavailable"},
		"KMS says no":         {serviceKMS, "ListKmsInstances", Fault{Kind: FaultBusiness}, 400, "UnsupportedOperation"},
		"BSS says no":         {serviceBSS, "CreateInstance", Fault{Kind: FaultBusiness}, 200, "PAY.INSUFFICIENT_BALANCE"},
		"BSS says no by HTTP": {serviceBSS, "CreateInstance", Fault{Kind: FaultBusiness, Status: 400, Code: "X"}, 400, "X"},
		"KMS forbids once":    {serviceKMS, "ListKmsInstances", Fault{Kind: FaultRefuse, Count: 1}, 403, "Forbidden.NoPermission"},
	} {
		p := params{}
		if f.action == "CreateInstance" {
			p = order(nil)
		}
		before := s.Totals().Paid
		inject(t, s, f.fault)
		r := c.refused(f.service, f.action, p, f.status, f.code)
		if f.service == serviceBSS && f.status == 200 {
			r.is(false, "Success")
		}
		if call := last(s); call.Fault != string(f.fault.Kind) || call.Code != f.code || call.Effect != "" || s.Totals().Paid != before {
			t.Errorf("%s: the journal has %+v", name, call)
		}
		c.ok(f.service, f.action, p)
	}
}

// lost makes a call whose answer must not arrive.
func (c client) lost(service, action string, p params) error {
	c.t.Helper()
	c.http.CloseIdleConnections() // a call on a fresh connection is not repeated by net/http itself
	r, err := c.try(service, action, p)
	if err == nil {
		c.t.Fatalf("%s was answered: HTTP %d %s", action, r.status, r.raw)
	}
	return err
}

// A lost answer: the order was placed, the client does not know. Its retry with the same token buys nothing.
// Promise (Emulator): Faults hit before or after the effect of a call.
func TestLostAnswersBuyOnce(t *testing.T) {
	for _, kind := range []FaultKind{FaultReset, FaultMalformed, FaultTruncated} {
		t.Run(string(kind), func(t *testing.T) {
			s, c := start(t, Options{})
			p := order(params{"ClientToken": "token"})
			inject(t, s, Fault{Action: "CreateInstance", Kind: kind})
			err := c.lost(serviceBSS, "CreateInstance", p)
			if kind == FaultReset && !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, io.EOF) {
				t.Errorf("the reset looks like %v", err)
			}
			equal(t, s.Totals(), Totals{Calls: 1})

			inject(t, s, Fault{Action: "CreateInstance", Kind: kind.After()})
			_ = c.lost(serviceBSS, "CreateInstance", p)
			equal(t, s.Totals(), Totals{Calls: 2, Orders: 1, Paid: 741})
			placed := last(s)
			if placed.Effect != EffectOrdered || placed.OrderID == "" || placed.Amount != 741 || placed.Fault != string(kind.After()) {
				t.Errorf("journal: %+v", placed)
			}
			equal(t, c.buy(p), placed.InstanceID)
			equal(t, s.Totals(), Totals{Calls: 3, Orders: 1, Paid: 741, Replays: 1})
		})
	}
}

// A request that was reset on its way never arrived, so its nonce is still good; one whose answer was lost used it up.
func TestNonceOfAResetCall(t *testing.T) {
	s, c := start(t, Options{})
	c.nonce = "first"
	inject(t, s, Fault{Kind: FaultResetBefore})
	_ = c.lost(serviceKMS, "ListKmsInstances", nil)
	c.ok(serviceKMS, "ListKmsInstances", nil)
	c.nonce = "second"
	inject(t, s, Fault{Kind: FaultResetAfter})
	_ = c.lost(serviceKMS, "ListKmsInstances", nil)
	c.refused(serviceKMS, "ListKmsInstances", nil, 400, "SignatureNonceUsed")
}

func TestWhichCallIsStruck(t *testing.T) {
	s, c := start(t, Options{})
	outcomes := func(calls int, action string, p params) (struck string) {
		for range calls {
			if c.call(serviceKMS, action, p).status == http.StatusOK {
				struck += "."
			} else {
				struck += "x"
			}
		}
		return struck
	}
	for name, f := range map[string]struct {
		fault Fault
		want  string
	}{
		"the first":             {Fault{Kind: FaultHTTP500}, "x...."},
		"the third":             {Fault{Kind: FaultHTTP500, Nth: 3}, "..x.."},
		"two from the second":   {Fault{Kind: FaultHTTP500, Nth: 2, Count: 2}, ".xx.."},
		"refusal is permanent":  {Fault{Kind: FaultRefuse}, "xxxxx"},
		"of another action":     {Fault{Kind: FaultHTTP500, Action: "GetKmsInstance", Count: -1}, "....."},
		"any action, by a star": {Fault{Kind: FaultHTTP500, Action: "*", Nth: 5}, "....x"},
	} {
		s.ClearFaults()
		inject(t, s, f.fault)
		equal(t, outcomes(5, "ListKmsInstances", nil), f.want, name)
	}
	s.ClearFaults()
	inject(t, s, Fault{Kind: FaultHTTP500, InstanceID: "kst-1", Count: -1})
	equal(t, outcomes(2, "GetKmsInstance", params{"KmsInstanceId": "kst-1"}), "xx")
	equal(t, outcomes(2, "GetKmsInstance", params{"KmsInstanceId": "kst-2"}), "..")
	// Every fault counts every call; the first that is due strikes.
	s.ClearFaults()
	inject(t, s, Fault{Kind: FaultHTTP500, Nth: 2}, Fault{Kind: FaultHTTP503, Nth: 2, Count: 2})
	equal(t, outcomes(4, "ListKmsInstances", nil), ".xx.")
	equal(t, s.Faults(), []Fault{})
	// Calls that fail authentication are not counted.
	inject(t, s, Fault{Kind: FaultHTTP500})
	bad := c
	bad.secret = "wrong"
	bad.refused(serviceKMS, "ListKmsInstances", nil, 400, "SignatureDoesNotMatch")
	c.refused(serviceKMS, "ListKmsInstances", nil, 500, "InternalFailure")
}

func TestFaultsOfInstances(t *testing.T) {
	s, c := start(t, Options{VirtualClock: true, Connect: time.Minute})
	for _, f := range []struct {
		fault  Fault
		status string // two minutes after the connection began
	}{
		{Fault{Kind: FaultErrorStatus}, StatusError},
		{Fault{Kind: FaultErrorStatus, Action: "CreateInstance"}, StatusError},
		{Fault{Kind: FaultNeverConnected}, StatusConnecting},
		{Fault{Kind: FaultNeverConnected, Action: "CreateInstance"}, StatusConnecting},
	} {
		inject(t, s, f.fault)
		id, other := c.buy(order(nil)), c.buy(order(nil))
		c.connect(id)
		c.connect(other)
		c.get(id).is(StatusConnecting, "KmsInstance", "Status")
		s.Advance(2 * time.Minute)
		c.get(id).is(f.status, "KmsInstance", "Status")
		c.get(other).is(StatusConnected, "KmsInstance", "Status")
		change(t, s, id, Patch{Status: new(StatusConnected)})
		s.Advance(time.Minute)
		c.get(id).is(StatusConnected, "KmsInstance", "Status")
	}

	// Such a fault waits for a call that takes effect.
	inject(t, s, Fault{Kind: FaultDelayedVisibility, Seconds: 90}, Fault{Action: "CreateInstance", Kind: FaultThrottle})
	c.refused(serviceBSS, "CreateInstance", order(nil), 400, "Throttling.User")
	id := c.buy(order(nil))
	s.Advance(89 * time.Second)
	c.get(id).is("", "KmsInstance", "InstanceId")
	s.Advance(time.Second)
	c.get(id).is(StatusUninitialized, "KmsInstance", "Status")

	before := s.Totals()
	inject(t, s, Fault{Kind: FaultAutoRefund, Seconds: 60})
	listed := params{"InstanceIDs": c.buy(order(nil))}
	c.ok(serviceBSS, "QueryAvailableInstances", listed).is("Creating", "Data", "InstanceList", 0, "Status")
	equal(t, s.Totals().Refunds, before.Refunds)
	s.Advance(time.Minute)
	c.ok(serviceBSS, "QueryAvailableInstances", listed).is(0, "Data", "TotalCount")
	if after := s.Totals(); after.Paid-before.Paid != after.Refunded-before.Refunded || after.Refunds != before.Refunds+1 {
		t.Errorf("from %+v to %+v", before, after)
	}
}

func TestFaultsThatMakeNoSense(t *testing.T) {
	s, _ := start(t, Options{})
	for _, f := range []Fault{
		{}, {Kind: "earthquake"}, {Kind: "business-after"}, {Kind: "slow"}, {Kind: FaultHTTP500, Nth: -1}, {Kind: FaultHTTP500, Count: -2},
		{Kind: FaultHTTP500, Status: 99}, {Kind: FaultHang, Seconds: -1}, {Kind: FaultDelayedVisibility},
		{Kind: FaultAnswer}, {Kind: FaultAnswer, Code: "X", Status: 400}, {Kind: FaultThrottle, Body: new("")}, {Kind: FaultMalformed, Message: "x"},
		{Kind: FaultAnswer, Body: new(""), Merge: map[string]any{"a": 1}}, {Kind: FaultErrorStatus, Merge: map[string]any{"a": 1}},
		{Kind: FaultErrorStatus, Action: "GetKmsInstance"}, {Kind: FaultDelayedVisibility, Seconds: 1, Action: "*"},
	} {
		if err := s.Inject(Fault{Kind: FaultHTTP500}, f); err == nil {
			t.Errorf("%+v was accepted", f)
		}
	}
	equal(t, s.Faults(), []Fault{}) // none of a refused list is kept
}

func TestHang(t *testing.T) {
	inABubble(t, Options{}, func(t *testing.T, s *Server, c client) {
		begin := time.Now()
		inject(t, s, Fault{Kind: FaultHang, Seconds: 42})
		_ = c.lost(serviceKMS, "ListKmsInstances", nil)
		equal(t, time.Since(begin), 42*time.Second)

		begin = time.Now()
		inject(t, s, Fault{Kind: FaultSlow, Seconds: 7.5})
		c.ok(serviceKMS, "ListKmsInstances", nil)
		equal(t, time.Since(begin), 7500*time.Millisecond)

		// Without an end it hangs until the client leaves. Meanwhile the journal shows it.
		inject(t, s, Fault{Kind: FaultHang.After(), Action: "CreateInstance"})
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		req := c.request(serviceBSS, "CreateInstance", order(nil)).WithContext(ctx)
		answered := make(chan error, 1)
		go func() {
			res, err := c.http.Do(req)
			if err == nil {
				_ = res.Body.Close()
			}
			answered <- err
		}()
		time.Sleep(30 * time.Minute)
		if call := last(s); call.Done || call.Effect != EffectOrdered || call.Status != 0 {
			t.Errorf("journal: %+v", call)
		}
		if err := <-answered; !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the client saw %v", err)
		}
		synctest.Wait()
		equal(t, last(s).Done, true)
	})
}
