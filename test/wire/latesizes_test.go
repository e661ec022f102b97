package wire_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/wire"
)

// What was bought with the instance is not ordered again because the instance shows it late: the create waits for it.
func TestPurchasedSizesShownLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := wire.New(t, wire.Options{})
		inject(t, b, emulator.Fault{Action: "CreateInstance", Kind: emulator.FaultDelayedSizes, Seconds: 40})
		made := b.Created(b.Checked(wire.Subscription(map[string]any{"logStorage": 1000})))
		if got := made.Outputs.Get("keyNum"); !got.Equals(property.New(1000.0)) || !made.Outputs.Get("pendingOrder").IsNull() {
			t.Errorf("keyNum is %v, the open order %v", got, wire.Go(made.Outputs)["pendingOrder"])
		}
		if got := b.Cloud.Totals(); got.Orders != 1 || got.Modifications != 0 {
			t.Errorf("totals are %+v", got)
		}
	})
}

// If the instance never shows it, that is a warning, now and with every later change, and still nothing is ordered again.
func TestPurchasedSizesNeverShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := wire.New(t, wire.Options{})
		inject(t, b, emulator.Fault{Action: "CreateInstance", Kind: emulator.FaultDelayedSizes})
		start := time.Now()
		made := b.Created(b.Checked(wire.Subscription(map[string]any{"logStorage": 1000})))
		if took := time.Since(start); took > 90*time.Second {
			t.Errorf("the create takes %s", took)
		}
		wantSaid(t, "the output", b.Said(), "was accepted", "does not show it yet", "not ordered again")
		if got := made.Outputs.Get("logStorage"); !got.Equals(property.New(1000.0)) {
			t.Errorf("logStorage is %v", got)
		}
		time.Sleep(2 * time.Hour)
		b.Hush()
		refreshed := b.Refresh(made)
		b.MustHaveWorked(refreshed)
		start = time.Now()
		renamed := b.Updated(refreshed.Resource, b.Checked(wire.Subscription(map[string]any{"logStorage": 1000, "instanceName": "other"})))
		if took := time.Since(start); took > 30*time.Second {
			t.Errorf("the update takes %s", took)
		}
		wantSaid(t, "the output", b.Said(), "does not show it yet")
		if got := b.Cloud.Totals(); got.Modifications != 0 {
			t.Errorf("the sizes were ordered again: %+v", got)
		}
		// Another size is ordered alone, and what was bought still counts.
		b.Updated(renamed, b.Checked(wire.Subscription(map[string]any{"logStorage": 1000, "instanceName": "other", "keyNum": 2000})))
		calls := b.Calls("ModifyInstance")
		if len(calls) != 1 || calls[0].Parameters["Parameter.1.Code"] != "KeyNum" || calls[0].Parameters["Parameter.2.Code"] != "" {
			t.Errorf("the orders are %+v", calls)
		}
	})
}

// A program that goes back to what the instance shows, long after the order, has nothing left to order.
func TestOrderThatNeverShowedIsTakenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := wire.New(t, wire.Options{})
		made := b.Created(b.Checked(wire.Subscription(nil)))
		inject(t, b, emulator.Fault{Kind: emulator.FaultDelayedSizes})
		more := b.Updated(made, b.Checked(wire.Change(made.Inputs, map[string]any{"keyNum": 2000})))
		if more.Outputs.Get("pendingOrder").IsNull() {
			t.Fatal("the order is not recorded")
		}
		time.Sleep(time.Hour)
		back := b.Updated(more, b.Checked(wire.Change(made.Inputs, map[string]any{"instanceName": "other"})))
		if order := back.Outputs.Get("pendingOrder"); !order.IsNull() {
			t.Errorf("the order is still recorded: %v", wire.Go(back.Outputs)["pendingOrder"])
		}
		if n := len(b.Calls("ModifyInstance")); n != 1 {
			t.Errorf("%d orders were tried", n)
		}
	})
}

// Nor are accepted sizes forgotten with an order after them that got no answer, or was refused when it was repeated.
func TestAcceptedSizesOutliveALaterOrder(t *testing.T) {
	for name, end := range map[string]struct {
		fault     emulator.Fault
		secretNum int // in the next program; the lost order asks for 500
	}{
		"which is no longer wanted": {emulator.Fault{Kind: emulator.FaultReset, Count: -1}, 600},
		"which is refused":          {emulator.Fault{Kind: emulator.FaultReset, Count: -1}, 500},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := wire.New(t, wire.Options{})
				made := b.Created(b.Checked(wire.Subscription(nil)))
				inject(t, b, emulator.Fault{Kind: emulator.FaultDelayedSizes})
				more := b.Updated(made, b.Checked(wire.Change(made.Inputs, map[string]any{"keyNum": 2000})))
				end.fault.Action = "ModifyInstance"
				inject(t, b, end.fault)
				out := b.Update(more, b.Checked(wire.Change(made.Inputs, map[string]any{"keyNum": 2000, "secretNum": 500})), 0)
				if len(out.Reasons) != 1 {
					t.Fatalf("the update ends with %q, %v", out.Reasons, out.Err)
				}
				b.Cloud.ClearFaults()
				want := b.Checked(wire.Change(made.Inputs, map[string]any{"keyNum": 2000, "secretNum": end.secretNum}))
				if name == "which is refused" {
					inject(t, b, emulator.Fault{Action: "ModifyInstance", Kind: emulator.FaultBusiness, Code: "PAY.INSUFFICIENT_BALANCE"})
					out = b.Update(out.Resource, want, 0)
					if len(out.Reasons) != 1 {
						t.Fatalf("the update ends with %q, %v", out.Reasons, out.Err)
					}
				}
				b.Updated(out.Resource, want)
				keys := 0
				for _, call := range b.Calls("ModifyInstance") {
					if call.Parameters["Parameter.1.Code"] == "KeyNum" {
						keys++
					}
				}
				if keys != 1 {
					t.Errorf("keyNum was ordered %d times", keys)
				}
				if got := b.Cloud.Totals(); got.Modifications != 2 {
					t.Errorf("totals are %+v", got)
				}
			})
		})
	}
}
