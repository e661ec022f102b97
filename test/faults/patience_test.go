package faults

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/wire"
)

// The tests of this file run on a virtual clock, so that neither an hour nor the machine's load has a part in them.

// longConnect is how long an instance takes to connect here.
const longConnect = 55 * time.Minute

// cancelWithin is how soon an operation ends after Ctrl-C unless an order is in flight, which ends within its own time-out.
const (
	cancelWithin = 2 * time.Second
	orderWithin  = 30 * time.Second
)

// TestLongConnect: the time-out of an hour is enough for a connection that takes 55 minutes, with credentials that expire
// every quarter of an hour on the way.
func TestLongConnect(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := wire.New(t, wire.Options{
			Emulator: emulator.Options{OrderVisible: time.Minute, Connect: longConnect, MaxSession: 15 * time.Minute},
			Config:   map[string]any{"assumeRole": map[string]any{"roleArn": "acs:ram::" + emulator.DefaultAccountID + ":role/buyer"}},
		})
		start := time.Now()
		b.Created(wire.Subscription(nil))
		if took := time.Since(start); took < longConnect || took > longConnect+2*time.Minute {
			t.Errorf("the create took %s", took)
		}
		sessions := 0
		for _, call := range b.Cloud.Journal() {
			switch {
			case call.Action == "AssumeRole":
				sessions++
			case call.Status != http.StatusOK:
				t.Errorf("%s after %s was answered with %s", call.Action, call.Time.Sub(start), call.Code)
			}
		}
		if sessions < 4 || sessions > 8 {
			t.Errorf("credentials were taken %d times in an hour, with a life of 15 minutes", sessions)
		}
		if n := b.Cloud.Totals().Orders; n != 1 {
			t.Errorf("%d instances bought", n)
		}
	})
}

// cancelled runs a create that is cancelled after a while, and returns what came of it and how long it went on.
func cancelledCreate(t *testing.T, b *wire.Bench, after time.Duration) (wire.Outcome, time.Duration) {
	t.Helper()
	ended := make(chan wire.Outcome)
	inputs := b.Checked(wire.Subscription(nil))
	go func() { ended <- b.Create(inputs, 0) }()
	time.Sleep(after)
	start := time.Now()
	b.Cancel()
	out := <-ended
	return out, time.Since(start)
}

// TestCancelAnySecond: whenever Ctrl-C comes during a long create, it ends soon, with the id kept; also if the cloud stops
// answering at that moment.
func TestCancelAnySecond(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(*seed, 1))
	var moments []time.Duration
	for n := range 20 { // the purchase, the first looks, the connection
		moments = append(moments, time.Duration(n)*400*time.Millisecond+time.Duration(random.Int64N(int64(400*time.Millisecond))))
	}
	for range 10 {
		moments = append(moments, time.Duration(random.Int64N(int64(longConnect))))
	}
	for n, moment := range moments {
		t.Run(fmt.Sprint(moment), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var silent atomic.Bool
				b := wire.New(t, wire.Options{
					Emulator: emulator.Options{OrderVisible: 3 * time.Second, Connect: longConnect},
					Wrap: func(next http.Handler) http.Handler {
						return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
							select {
							case <-time.After(300 * time.Millisecond):
							case <-r.Context().Done():
							}
							if silent.Load() && actionOf(r) != "CreateInstance" {
								<-r.Context().Done()
							}
							next.ServeHTTP(w, r)
						})
					},
				})
				if n%2 == 1 {
					time.AfterFunc(moment, func() { silent.Store(true) })
				}
				out, took := cancelledCreate(t, b, moment)
				if took > cancelWithin {
					t.Errorf("the create went on for %s", took)
				}
				totals := b.Cloud.Totals()
				if totals.Orders == 0 {
					if out.Err == nil || !strings.Contains(out.Err.Error(), "nothing was bought") {
						t.Errorf("nothing was bought, and the create says %v %v", out.Err, out.Reasons)
					}
					return
				}
				if out.ID != b.Cloud.Instances()[0].ID || len(out.Reasons) == 0 || !strings.Contains(out.Reasons[0], "cancelled") {
					t.Errorf("the create kept %q and says %v %v", out.ID, out.Reasons, out.Err)
				}
			})
		})
	}
}

// TestCancelWhileOrdering: Ctrl-C does not tear an order. The operation ends when the order has its answer, or when the time
// for it is over, and says what it waits for.
func TestCancelWhileOrdering(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		answer time.Duration // 0: never
	}{
		{"slow", 20 * time.Second},
		{"lost", 0},
	} {
		for _, moment := range []time.Duration{0, 7 * time.Second, 19 * time.Second} {
			t.Run(fmt.Sprintf("%s %s", c.name, moment), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					b := wire.New(t, wire.Options{Emulator: emulator.Options{Connect: longConnect}})
					fault := emulator.Fault{Action: "CreateInstance", Kind: emulator.FaultSlow, Seconds: c.answer.Seconds()}
					limit := c.answer - moment + cancelWithin
					if c.answer == 0 {
						fault = emulator.Fault{Action: "CreateInstance", Kind: emulator.FaultHang.After(), Count: -1}
						limit = orderWithin - moment + cancelWithin
					}
					if err := b.Cloud.Inject(fault); err != nil {
						t.Fatal(err)
					}
					out, took := cancelledCreate(t, b, moment+time.Millisecond)
					if took > limit {
						t.Errorf("the create went on for %s, want at most %s", took, limit)
					}
					order := b.Cloud.Orders()[0]
					switch {
					case c.answer > 0 && (out.ID != order.InstanceID || len(out.Reasons) == 0):
						t.Errorf("the create kept %q (%v), want %s", out.ID, out.Reasons, order.InstanceID)
					case c.answer == 0 && (out.ID != "" || out.Err == nil || !strings.Contains(out.Err.Error(), order.Token+" of ")):
						t.Errorf("the create kept %q and says %v, want the client token %s", out.ID, out.Err, order.Token)
					}
					if said := b.Said(); !strings.Contains(said, "waiting for its answer") {
						t.Errorf("the create does not say why it goes on:\n%s", said)
					}
				})
			})
		}
	}
}

// TestCancelWhileChanging: the same for an order of sizes and for a refund.
func TestCancelWhileChanging(t *testing.T) {
	t.Parallel()
	for name, act := range map[string]func(*wire.Bench, wire.Resource) error{
		"ModifyInstance": func(b *wire.Bench, r wire.Resource) error {
			out := b.Update(r, b.Checked(wire.Subscription(map[string]any{"keyNum": 3000})), 0)
			if len(out.Reasons) == 0 || out.Outputs.Get("pendingOrder").IsNull() || out.Outputs.Get("lastOrderId").IsNull() {
				return fmt.Errorf("the update kept %v and says %v %w", wire.Go(out.Outputs), out.Reasons, out.Err)
			}
			return nil
		},
		"RefundInstance": func(b *wire.Bench, r wire.Resource) error {
			if err := b.Delete(r, 0); err == nil {
				return fmt.Errorf("the delete succeeded before the instance was gone")
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := wire.New(t, wire.Options{Emulator: emulator.Options{Upgrade: time.Hour, Refund: time.Hour}})
				r := b.Created(wire.Subscription(nil))
				if err := b.Cloud.Inject(emulator.Fault{Action: name, Kind: emulator.FaultSlow, Seconds: 20}); err != nil {
					t.Fatal(err)
				}
				ended := make(chan error)
				go func() { ended <- act(b, r) }()
				time.Sleep(5 * time.Second)
				start := time.Now()
				b.Cancel()
				if err := <-ended; err != nil {
					t.Error(err)
				}
				if took := time.Since(start); took > 15*time.Second+cancelWithin {
					t.Errorf("it went on for %s", took)
				}
				if said := b.Said(); !strings.Contains(said, "waiting for its answer") {
					t.Errorf("it does not say why it goes on:\n%s", said)
				}
			})
		})
	}
}
