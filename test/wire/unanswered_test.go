package wire_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/wire"
)

// impatient makes calls that never succeed fail soon.
var impatient = map[string]any{"maxRetryTimeout": 1}

func unanswered(t *testing.T, o wire.Options) (*wire.Bench, wire.Outcome) {
	t.Helper()
	o.Config = impatient
	b := wire.New(t, o)
	strike(t, b, emulator.Fault{Action: "CreateInstance", Kind: emulator.FaultResetAfter, Count: -1})
	out := b.Create(b.Checked(wire.Subscription(nil)), 0)
	mustBeOpen(t, out)
	b.Cloud.ClearFaults()
	return b, out
}

func strike(t *testing.T, b *wire.Bench, f emulator.Fault) {
	t.Helper()
	if err := b.Cloud.Inject(f); err != nil {
		t.Fatal(err)
	}
}

func mustBeOpen(t *testing.T, out wire.Outcome) {
	t.Helper()
	if out.Err != nil || !strings.HasPrefix(out.ID, "order:") || len(out.Reasons) != 1 ||
		!strings.Contains(out.Reasons[0], "may have been placed") {
		t.Fatalf("the order is not recorded as open: id %q, reasons %q, error %v", out.ID, out.Reasons, out.Err)
	}
}

// An error hook makes the engine call Create again. What that try fails of says nothing about the order before it.
func TestSecondCreateKeepsAnOpenOrder(t *testing.T) {
	b, _ := unanswered(t, wire.Options{})
	inputs := b.Checked(wire.Subscription(nil))
	strike(t, b, emulator.Fault{Action: "CreateInstance", Kind: emulator.FaultRefuse})
	mustBeOpen(t, b.Create(inputs, 0))
	b.Cloud.ClearFaults()

	out := b.Create(inputs, 0)
	b.MustHaveWorked(out)
	if !strings.HasPrefix(out.ID, "kst-") || b.Cloud.Totals().Orders != 1 {
		t.Errorf("the third try ends with %q, %d orders", out.ID, b.Cloud.Totals().Orders)
	}
}

// The gateway's refusal of a repeated order leaves it open, too; only BSS itself can settle it.
func TestRepeatedOrderRefusedByTheGateway(t *testing.T) {
	b, open := unanswered(t, wire.Options{})
	strike(t, b, emulator.Fault{Action: "CreateInstance", Kind: emulator.FaultRefuse})
	mustBeOpen(t, b.Update(open.Resource, open.Inputs, 0))
}

// An open order is repeated, or given up, only where it was placed: elsewhere its token is unknown, and what it bought
// cannot be seen.
func TestOpenOrderElsewhere(t *testing.T) {
	theirs := emulator.Credential{AccessKeyID: "theirs", Secret: "s", AccountID: "9999999999999999"}
	mine := emulator.Credential{AccessKeyID: emulator.DefaultAccessKeyID, Secret: emulator.DefaultAccessKeySecret}
	b, open := unanswered(t, wire.Options{Emulator: emulator.Options{
		Credentials: []emulator.Credential{mine, theirs}, Regions: []string{"cn-hangzhou", "cn-shanghai"},
	}})
	for name, elsewhere := range map[string]map[string]any{
		"belongs to account": {"accessKey": "theirs", "secretKey": "s"},
		"is in region":       {"region": "cn-shanghai"},
	} {
		other := wire.Attach(t, b.Cloud, wire.Options{Config: elsewhere})
		out := other.Update(open.Resource, open.Inputs, 0)
		if out.Err == nil || !strings.Contains(out.Err.Error(), name) {
			t.Errorf("the update ends with %v, %q", out.Err, out.Reasons)
		}
		if err := other.Delete(open.Resource, 0); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("the delete ends with %v", err)
		}
	}
	if n := b.Cloud.Totals().Orders; n != 1 {
		t.Errorf("%d orders", n)
	}
}

// nameless keeps the provider from finding out whose credentials it has.
func nameless(t *testing.T, b *wire.Bench) {
	t.Helper()
	for _, action := range []string{"GetCallerIdentity", "ListKmsInstances"} {
		strike(t, b, emulator.Fault{Action: action, Kind: emulator.FaultRefuse, Count: -1})
	}
}

// Without the account's id there is no ARN. The zones still tell the region, so that a refresh elsewhere drops nothing.
func TestRefreshInAnotherRegionWithoutArn(t *testing.T) {
	b := wire.New(t, wire.Options{Emulator: emulator.Options{Regions: []string{"cn-hangzhou", "cn-shanghai"}}})
	nameless(t, b)
	made := b.Created(b.Checked(wire.Subscription(nil)))
	if arn := made.Outputs.Get("arn"); !arn.IsNull() {
		t.Fatalf("the ARN is %v", arn)
	}
	other := wire.Attach(t, b.Cloud, wire.Options{Config: map[string]any{"region": "cn-shanghai"}})
	out := other.Refresh(made)
	if out.Err == nil || !strings.Contains(out.Err.Error(), "is in region cn-hangzhou") {
		t.Errorf("the refresh ends with id %q, %v", out.ID, out.Err)
	}
}

// A connection whose answer was lost may be under way before a look shows it. That a second one is refused then is no failure.
func TestConnectionThatShowsLate(t *testing.T) {
	t.Parallel()
	var (
		before    []byte // what a look showed before the connection
		connected atomic.Bool
		late      atomic.Int32
	)
	lag := func(cloud http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			action := r.Header.Get("x-acs-action")
			connected.CompareAndSwap(false, action == "ConnectKmsInstance")
			if action != "GetKmsInstance" {
				cloud.ServeHTTP(w, r)
				return
			}
			answer := httptest.NewRecorder()
			cloud.ServeHTTP(answer, r)
			body := answer.Body.Bytes()
			switch {
			case !connected.Load():
				before = body
			case late.Add(1) == 1:
				body = before
			}
			maps.Copy(w.Header(), answer.Header())
			w.Header().Del("Content-Length") // of the other body
			w.WriteHeader(answer.Code)
			_, _ = w.Write(body)
		})
	}
	b := wire.New(t, wire.Options{Wrap: lag})
	inject(t, b, emulator.Fault{Action: "ConnectKmsInstance", Kind: emulator.FaultResetAfter})
	b.Created(b.Checked(wire.Subscription(nil)))
	if n := len(b.Calls("ConnectKmsInstance")); n != 2 {
		t.Errorf("%d connections were asked for, want the lost and the refused one", n)
	}
}

// An instance stays until the one that takes its place is finished, even in a run in which that one's update was skipped because
// something failed that it depends on.
func TestOldInstanceOutlivesAnUnfinishedSuccessor(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{})
	old := b.Created(b.Checked(wire.Subscription(nil)))
	inject(t, b, emulator.Fault{Action: "ConnectKmsInstance", Kind: emulator.FaultRefuse})
	made := b.Create(b.Checked(wire.Subscription(map[string]any{"vpcId": "vpc-other"})), 0)
	b.Cloud.ClearFaults()
	if len(made.Reasons) != 1 {
		t.Fatalf("the create ends with %q, %v", made.Reasons, made.Err)
	}
	refused := func(b *wire.Bench) {
		t.Helper()
		err := b.Delete(old, 0)
		if err == nil {
			t.Fatal("the old instance is destroyed")
		}
		wantSaid(t, "the error", err.Error(), old.ID, made.ID, "is not finished")
	}
	refused(b)
	next := wire.Attach(t, b.Cloud, wire.Options{})
	if plan, err := next.Diff(made.Resource, made.Inputs); err != nil || !plan.Changes {
		t.Errorf("planned %+v, %v", plan, err)
	}
	refused(next)
	next.Updated(made.Resource, made.Inputs)
	if err := next.Delete(old, 0); err != nil {
		t.Error(err)
	}
	if got := b.Cloud.Totals(); got.Orders != 2 || got.Refunds != 1 {
		t.Errorf("totals are %+v", got)
	}
}

// A destroy has no such order: whatever is left is deleted.
func TestDestroyOfAnUnfinishedSuccessor(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{})
	old := b.Created(b.Checked(wire.Subscription(nil)))
	inject(t, b, emulator.Fault{Action: "ConnectKmsInstance", Kind: emulator.FaultRefuse})
	made := b.Create(b.Checked(wire.Subscription(map[string]any{"vpcId": "vpc-other"})), 0)
	for _, r := range []wire.Resource{made.Resource, old} {
		if err := b.Delete(r, 0); err != nil {
			t.Error(err)
		}
	}
	if got := b.Cloud.Totals(); got.Orders != 2 || got.Refunds != 2 {
		t.Errorf("totals are %+v", got)
	}
}
