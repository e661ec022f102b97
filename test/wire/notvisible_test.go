package wire_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/wire"
)

// lost makes an order whose tries all end with the fault; the resource is left with its provisional id.
func lost(t *testing.T, o wire.Options, kind emulator.FaultKind) (*wire.Bench, wire.Outcome) {
	t.Helper()
	o.Config = impatient
	b := wire.New(t, o)
	inject(t, b, emulator.Fault{Action: "CreateInstance", Kind: kind, Count: -1})
	out := b.Create(b.Checked(wire.Subscription(nil)), 0)
	mustBeOpen(t, out)
	b.Cloud.ClearFaults()
	return b, out
}

// wantOwned demands that nothing is paid for that the stack does not know: whatever was bought is there and not given back.
func wantOwned(t *testing.T, b *wire.Bench) {
	t.Helper()
	if got := b.Cloud.Totals(); got.Orders != 1 || got.Refunds+got.Releases != 0 {
		t.Errorf("totals are %+v", got)
	}
}

// An order that never arrived is repeated at the end of its hour, which buys. What it bought is then as young as any other
// purchase: the refresh that gives it its id may not see it yet.
func TestOrderRepeatedLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, open := lost(t, wire.Options{Emulator: emulator.Options{OrderVisible: 4 * time.Minute}}, emulator.FaultReset)
		time.Sleep(59 * time.Minute)
		bought := b.Update(open.Resource, open.Inputs, 0)
		if len(bought.Reasons) != 1 || !strings.Contains(bought.Reasons[0], "bought kst-") {
			t.Fatalf("the repetition ends with %q, %v", bought.Reasons, bought.Err)
		}
		time.Sleep(2 * time.Minute)
		young := b.Refresh(bought.Resource)
		if id := b.Cloud.Instances()[0].ID; young.ID != id || len(young.Reasons) != 1 {
			t.Fatalf("the refresh gives id %q, %q, %v", young.ID, young.Reasons, young.Err)
		}
		wantSaid(t, "the reason", young.Reasons[0], "not visible yet")
		time.Sleep(3 * time.Minute)
		b.MustHaveWorked(b.Update(young.Resource, young.Inputs, 0))
		wantOwned(t, b)
	})
}

// A destroy right after an order that lost its answer waits for what it may have bought.
func TestDestroyOfAnOrderThatArrived(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, open := lost(t, wire.Options{Emulator: emulator.Options{OrderVisible: 30 * time.Second}}, emulator.FaultResetAfter)
		err := b.Delete(open.Resource, 0)
		if err == nil {
			t.Fatal("the order is given up")
		}
		wantSaid(t, "the error", err.Error(), "unconnected instances were bought since", b.Cloud.Instances()[0].ID)
		wantOwned(t, b)
	})
}

// The tries of an order may take longer than what it buys needs to appear: the time counts from the last of them.
func TestDestroyOfAnOrderWhoseLastTryArrived(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := wire.New(t, wire.Options{Emulator: emulator.Options{OrderVisible: 2 * time.Minute}})
		inject(t, b, emulator.Fault{Action: "CreateInstance", Kind: emulator.FaultReset, Count: -1})
		time.AfterFunc(4*time.Minute+20*time.Second, func() {
			b.Cloud.ClearFaults()
			inject(t, b, emulator.Fault{Action: "CreateInstance", Kind: emulator.FaultResetAfter, Count: -1})
		})
		open := b.Create(b.Checked(wire.Subscription(nil)), 0)
		mustBeOpen(t, open)
		b.Cloud.ClearFaults()
		err := b.Delete(open.Resource, 0)
		if err == nil {
			t.Fatal("the order is given up")
		}
		wantSaid(t, "the error", err.Error(), "unconnected instances were bought since", b.Cloud.Instances()[0].ID)
		wantOwned(t, b)
	})
}

// So it does if the last try has its answer and the work ends before the instance is visible.
func TestDestroyOfAnOrderWhoseLastTryWasAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := wire.New(t, wire.Options{Emulator: emulator.Options{OrderVisible: 3 * time.Minute}})
		inject(t, b, emulator.Fault{Action: "CreateInstance", Kind: emulator.FaultReset, Count: -1})
		time.AfterFunc(4*time.Minute+20*time.Second, b.Cloud.ClearFaults)
		made := b.Create(b.Checked(wire.Subscription(nil)), 5*60+30)
		if len(made.Reasons) != 1 || len(b.Cloud.Instances()) != 1 {
			t.Fatalf("the create ends with %q, %v", made.Reasons, made.Err)
		}
		// Billing may be as late as KMS.
		inject(t, b, emulator.Fault{Action: "RefundInstance", Kind: emulator.FaultBusiness, Code: "ResourceNotExists"})
		if err := b.Delete(made.Resource, 60); err == nil {
			t.Fatal("the instance is forgotten")
		}
		wantOwned(t, b)
	})
}

// A destroy that is interrupted while it looks says so in words.
func TestInterruptedDestroyOfAnOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, open := lost(t, wire.Options{Emulator: emulator.Options{OrderVisible: 2 * time.Minute}}, emulator.FaultResetAfter)
		time.AfterFunc(10*time.Second, func() { b.Cancel() })
		err := b.Delete(open.Resource, 0)
		if err == nil {
			t.Fatal("the order is given up")
		}
		wantSaid(t, "the error", err.Error(), "cancelled after", "stays in the stack")
		if strings.Contains(err.Error(), "context") {
			t.Errorf("the error is %v", err)
		}
		wantOwned(t, b)
	})
}

// If the deadline leaves no time for that, the order is not given up either.
func TestHastyDestroyOfAnOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, open := lost(t, wire.Options{Emulator: emulator.Options{OrderVisible: 2 * time.Minute}}, emulator.FaultResetAfter)
		err := b.Delete(open.Resource, 20)
		if err == nil {
			t.Fatal("the order is given up")
		}
		wantSaid(t, "the error", err.Error(), "may not be visible yet", "run `pulumi destroy` again after", "`pulumi up`")
		wantOwned(t, b)
	})
}

// One that bought nothing is given up when it would have appeared.
func TestDestroyOfAnOrderThatDidNotArrive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, open := lost(t, wire.Options{}, emulator.FaultReset)
		start := time.Now()
		if err := b.Delete(open.Resource, 0); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took < 4*time.Minute || took > 6*time.Minute {
			t.Errorf("the destroy takes %s", took)
		}
		wantSaid(t, "the output", b.Said(), "no unconnected instance bought since exists")
	})
}

// An hour after the first try, but minutes after the last, an order is not called lost.
func TestLateOrderIsNotCalledLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, open := lost(t, wire.Options{Emulator: emulator.Options{OrderVisible: 3 * time.Minute}}, emulator.FaultReset)
		time.Sleep(59*time.Minute + 30*time.Second)
		inject(t, b, emulator.Fault{Action: "CreateInstance", Kind: emulator.FaultResetAfter, Count: -1})
		again := b.Update(open.Resource, open.Inputs, 0)
		b.Cloud.ClearFaults()
		time.Sleep(time.Minute)
		out := b.Update(again.Resource, again.Inputs, 0)
		if out.Err == nil {
			t.Fatal("the update succeeds")
		}
		wantSaid(t, "the error", out.Err.Error(), "may not be visible yet", "run `pulumi up` again after")
		time.Sleep(5 * time.Minute)
		out = b.Update(again.Resource, again.Inputs, 0)
		wantSaid(t, "the error", out.Err.Error(), "too long ago to repeat it safely", b.Cloud.Instances()[0].ID)
		wantOwned(t, b)
	})
}

// An instance that nobody has seen is neither gone nor released because KMS does not know it yet.
func TestDestroyBeforeTheInstanceIsVisible(t *testing.T) {
	for _, name := range []string{"Subscription", "PayAsYouGo"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := wire.New(t, wire.Options{Emulator: emulator.Options{OrderVisible: 8 * time.Minute}})
				program := wire.PayAsYouGo(map[string]any{"forceDeleteWithoutBackup": true})
				if name == "Subscription" {
					program = wire.Subscription(nil)
				}
				made := b.Create(b.Checked(program), 10)
				if name == "Subscription" {
					// Billing may be as late as KMS.
					inject(t, b, emulator.Fault{Action: "RefundInstance", Kind: emulator.FaultBusiness, Code: "ResourceNotExists"})
				}
				err := b.Delete(made.Resource, 120)
				if err == nil {
					t.Fatalf("the destroy succeeds; totals %+v", b.Cloud.Totals())
				}
				wantSaid(t, "the error", err.Error(), made.ID, "not visible yet", "stays in the stack")
				wantOwned(t, b)

				time.Sleep(8 * time.Minute)
				if err := b.Delete(made.Resource, 0); err != nil {
					t.Fatal(err)
				}
				if got := b.Cloud.Totals(); got.Refunds+got.Releases != 1 {
					t.Errorf("totals are %+v", got)
				}
			})
		})
	}
}

// Without a recorded account nobody can tell an instance that is gone from one of another account.
func TestGoneInAnUnknownAccount(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{Emulator: emulator.Options{Credentials: []emulator.Credential{
		{AccessKeyID: emulator.DefaultAccessKeyID, Secret: emulator.DefaultAccessKeySecret},
		{AccessKeyID: "theirs", Secret: "s", AccountID: "9999999999999999"},
	}}})
	nameless(t, b)
	made := b.Created(b.Checked(wire.Subscription(nil)))
	b.Cloud.ClearFaults()
	other := wire.Attach(t, b.Cloud, wire.Options{Config: map[string]any{"accessKey": "theirs", "secretKey": "s"}})
	out := other.Refresh(made)
	if out.Err == nil {
		t.Fatalf("the refresh gives id %q", out.ID)
	}
	wantSaid(t, "the error", out.Err.Error(), "in which account", "pulumi state delete")
	if err := other.Delete(made, 0); err == nil {
		t.Error("the destroy succeeds")
	}
	wantOwned(t, b)
	// The next refresh in the right account records the ARN.
	again := wire.Attach(t, b.Cloud, wire.Options{})
	if arn := again.Refresh(made).Outputs.Get("arn"); arn.IsNull() {
		t.Error("a refresh records no ARN")
	}
}

// Whose order it is is known before it goes out: the outage that swallows its answer may swallow that one, too.
func TestOrderRecordsItsAccountFirst(t *testing.T) {
	t.Parallel()
	var down, over atomic.Bool
	outage := func(cloud http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			action := r.Header.Get("x-acs-action")
			if action == "CreateInstance" {
				down.Store(true)
			}
			if action == "GetCallerIdentity" && down.Load() && !over.Load() {
				panic(http.ErrAbortHandler)
			}
			cloud.ServeHTTP(w, r)
		})
	}
	b := wire.New(t, wire.Options{Config: impatient, Wrap: outage, Emulator: emulator.Options{Credentials: []emulator.Credential{
		{AccessKeyID: emulator.DefaultAccessKeyID, Secret: emulator.DefaultAccessKeySecret},
		{AccessKeyID: "theirs", Secret: "s", AccountID: "9999999999999999"},
	}}})
	inject(t, b, emulator.Fault{Action: "CreateInstance", Kind: emulator.FaultResetAfter, Count: -1})
	open := b.Create(b.Checked(wire.Subscription(nil)), 0)
	mustBeOpen(t, open)
	b.Cloud.ClearFaults()
	over.Store(true)
	other := wire.Attach(t, b.Cloud, wire.Options{Config: map[string]any{"accessKey": "theirs", "secretKey": "s"}})
	if out := other.Update(open.Resource, open.Inputs, 0); out.Err == nil || !strings.Contains(out.Err.Error(), "belongs to account") {
		t.Errorf("the update elsewhere ends with %q, %v", out.Reasons, out.Err)
	}
	wantOwned(t, b)
}

// Nor is an order repeated or given up by somebody who cannot say whose credentials they have.
func TestOpenOrderOfAnUnknownAccount(t *testing.T) {
	t.Parallel()
	b, open := lost(t, wire.Options{Emulator: emulator.Options{Credentials: []emulator.Credential{
		{AccessKeyID: emulator.DefaultAccessKeyID, Secret: emulator.DefaultAccessKeySecret},
		{AccessKeyID: "theirs", Secret: "s", AccountID: "9999999999999999"},
	}}}, emulator.FaultResetAfter)
	inject(t, b, emulator.Fault{Action: "GetCallerIdentity", Kind: emulator.FaultRefuse})
	other := wire.Attach(t, b.Cloud, wire.Options{Config: map[string]any{"accessKey": "theirs", "secretKey": "s"}})
	if out := other.Update(open.Resource, open.Inputs, 0); out.Err == nil || !strings.Contains(out.Err.Error(), "could not be compared") {
		t.Errorf("the update ends with %q, %v", out.Reasons, out.Err)
	}
	if err := other.Delete(open.Resource, 20); err == nil || !strings.Contains(err.Error(), "could not be compared") {
		t.Errorf("the destroy ends with %v", err)
	}
	wantOwned(t, b)
}

// What an open order has bought must be known before it can be replaced.
func TestOpenOrderIsNotReplaced(t *testing.T) {
	t.Parallel()
	b, open := lost(t, wire.Options{}, emulator.FaultResetAfter)
	plan, err := b.Diff(open.Resource, b.Checked(wire.PayAsYouGo(nil)))
	if err != nil || len(plan.Replaces) != 0 || !plan.Changes {
		t.Errorf("planned %+v, %v", plan, err)
	}
}

// However long the provider may try, it does not repeat an order with a token that the cloud may have forgotten.
func TestRepetitionEndsWithTheHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, open := lost(t, wire.Options{}, emulator.FaultReset)
		patient := wire.Attach(t, b.Cloud, wire.Options{Config: map[string]any{"maxRetryTimeout": 3600}})
		time.Sleep(50 * time.Minute)
		inject(t, b, emulator.Fault{Action: "CreateInstance", Kind: emulator.FaultReset, Count: -1})
		mustBeOpen(t, patient.Update(open.Resource, open.Inputs, 0))
		calls := b.Calls("CreateInstance")
		if last := calls[len(calls)-1].Time.Sub(calls[0].Time); last > time.Hour || last < 59*time.Minute {
			t.Errorf("it was repeated for the last time %s after the first", last)
		}
	})
}

// What a program keeps secret is not shown by the order that repeats it.
func TestSecretInAnOrder(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{Config: impatient})
	inject(t, b, emulator.Fault{Action: "CreateInstance", Kind: emulator.FaultResetAfter, Count: -1})
	open := b.Create(b.Checked(wire.Subscription(map[string]any{"keyNum": wire.Secret(1234)})), 0)
	mustBeOpen(t, open)
	if !open.Outputs.Get("pendingOrder").Secret() {
		t.Errorf("the order is %#v", open.Outputs.Get("pendingOrder"))
	}
	b.Cloud.ClearFaults()
	found := b.Update(open.Resource, open.Inputs, 0)
	if !found.Outputs.Get("pendingOrder").Secret() || len(found.Reasons) != 1 {
		t.Errorf("after its answer it is %#v, %q", found.Outputs.Get("pendingOrder"), found.Reasons)
	}
	refreshed := b.Refresh(found.Resource)
	b.Updated(refreshed.Resource, refreshed.Inputs)
	wantOwned(t, b)
}
