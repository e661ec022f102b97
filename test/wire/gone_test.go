package wire_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/wire"
)

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
// Promise (Replacement): The old instance stays until its successor is finished.
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

// wantOwned demands that nothing is paid for that the stack does not know: whatever was bought is there and not given back.
func wantOwned(t *testing.T, b *wire.Bench) {
	t.Helper()
	if got := b.Cloud.Totals(); got.Orders != 1 || got.Refunds+got.Releases != 0 {
		t.Errorf("totals are %+v", got)
	}
}

// nameless keeps the provider from finding out whose credentials it has.
func nameless(t *testing.T, b *wire.Bench) {
	t.Helper()
	for _, action := range []string{"GetCallerIdentity", "ListKmsInstances"} {
		inject(t, b, emulator.Fault{Action: action, Kind: emulator.FaultRefuse, Count: -1})
	}
}

// withoutArn is the resource as somebody recorded it who could not find out the account.
func withoutArn(r wire.Resource) wire.Resource {
	r.Outputs = r.Outputs.Delete("arn")
	return r
}

// Without the account's id there is no ARN. The zones still tell the region, so a refresh elsewhere drops nothing.
func TestRefreshInAnotherRegionWithoutArn(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{Emulator: emulator.Options{Regions: []string{"cn-hangzhou", "cn-shanghai"}}})
	made := withoutArn(b.Created(b.Checked(wire.Subscription(nil))))
	other := wire.Attach(t, b.Cloud, wire.Options{Config: map[string]any{"region": "cn-shanghai"}})
	nameless(t, b)
	out := other.Refresh(made)
	if out.Err == nil {
		t.Fatalf("the refresh ends with id %q", out.ID)
	}
	wantSaid(t, "the error", out.Err.Error(), "is in region cn-hangzhou")
}

var theirs = emulator.Credential{AccessKeyID: "theirs", Secret: "s", AccountID: "9999999999999999"}

func twoAccounts() wire.Options {
	return wire.Options{Emulator: emulator.Options{Credentials: []emulator.Credential{
		{AccessKeyID: emulator.DefaultAccessKeyID, Secret: emulator.DefaultAccessKeySecret}, theirs,
	}}}
}

// Without a recorded account nobody can tell an instance that is gone from one of another account, until accountId says it.
func TestGoneInAnUnknownAccount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := wire.New(t, twoAccounts())
		made := withoutArn(b.Created(b.Checked(wire.Subscription(nil))))
		other := wire.Attach(t, b.Cloud, wire.Options{Config: map[string]any{"accessKey": theirs.AccessKeyID, "secretKey": theirs.Secret}})
		out := other.Refresh(made)
		if out.Err == nil {
			t.Fatalf("the refresh gives id %q", out.ID)
		}
		wantSaid(t, "the error", out.Err.Error(), made.ID, "is not known", "Set accountId")
		if err := other.Delete(made, 0); err == nil {
			t.Error("the destroy succeeds")
		}
		wantOwned(t, b)
		// With the account in which it was bought, the wrong credentials are noticed.
		named := wire.Attach(t, b.Cloud, wire.Options{Config: map[string]any{
			"accessKey": theirs.AccessKeyID, "secretKey": theirs.Secret, "accountId": emulator.DefaultAccountID,
		}})
		if out := named.Refresh(made); out.Err == nil {
			t.Errorf("the refresh gives id %q", out.ID)
		} else {
			wantSaid(t, "the error", out.Err.Error(), "belongs to account "+emulator.DefaultAccountID)
		}
		// The next refresh in the right account records the ARN.
		again := wire.Attach(t, b.Cloud, wire.Options{})
		if arn := again.Refresh(made).Outputs.Get("arn"); arn.IsNull() {
			t.Error("a refresh records no ARN")
		}
		// An instance that is gone counts as gone with accountId, even if nobody can ask for the account.
		if err := b.Cloud.Remove(made.ID); err != nil {
			t.Fatal(err)
		}
		nameless(t, b)
		mute := wire.Attach(t, b.Cloud, wire.Options{Config: map[string]any{"accountId": emulator.DefaultAccountID}})
		gone := mute.Refresh(made)
		mute.MustHaveWorked(gone)
		if gone.ID != "" {
			t.Errorf("the refresh keeps %q", gone.ID)
		}
	})
}

// liar answers calls of GetKmsInstance as if there were no such instance, for as often as it is told.
type liar struct {
	left   atomic.Int32
	status int
	body   string
}

func (l *liar) wrap(cloud http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("x-acs-action") == "GetKmsInstance" && l.left.Add(-1) >= 0 {
			w.WriteHeader(l.status)
			_, _ = w.Write([]byte(l.body))
			return
		}
		cloud.ServeHTTP(w, r)
	})
}

const goneBody = `{"RequestId":"r","KmsInstance":{"InstanceId":""}}`

// One answer that an instance does not exist is not believed.
func TestOneGoneAnswer(t *testing.T) {
	t.Parallel()
	for name, l := range map[string]*liar{
		"an empty id":         {status: 200, body: goneBody},
		"the documented code": {status: 403, body: `{"RequestId":"r","Code":"Forbidden.DKMSInstanceNotFound","Message":"not found"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := wire.New(t, wire.Options{Wrap: l.wrap})
				made := b.Created(b.Checked(wire.Subscription(nil)))
				l.left.Store(1)
				refreshed := b.Refresh(made)
				b.MustHaveWorked(refreshed)
				if refreshed.ID != made.ID {
					t.Fatalf("the refresh gives %q", refreshed.ID)
				}
				l.left.Store(1)
				b.Updated(made, b.Checked(wire.Subscription(map[string]any{"instanceName": "other"})))
				l.left.Store(1)
				if err := b.Delete(made, 0); err != nil {
					t.Fatal(err)
				}
				if got := b.Cloud.Totals(); got.Refunds != 1 {
					t.Errorf("the destroy is done without a refund: %+v", got)
				}
			})
		})
	}
}

// KMS's list is asked, too: what it lists is not gone, however often the instance is said not to exist.
func TestGoneButListed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &liar{status: 200, body: goneBody}
		b := wire.New(t, wire.Options{Wrap: l.wrap})
		made := b.Created(b.Checked(wire.Subscription(nil)))
		l.left.Store(1000)
		out := b.Refresh(made)
		if out.Err == nil {
			t.Fatalf("the refresh gives %q", out.ID)
		}
		wantSaid(t, "the error", out.Err.Error(), "ListKmsInstances lists it")
		if err := b.Delete(made, 60); err == nil {
			t.Error("the destroy succeeds")
		}
		wantOwned(t, b)
		// Who may not list instances relies on two answers.
		inject(t, b, emulator.Fault{Action: "ListKmsInstances", Kind: emulator.FaultRefuse, Count: -1})
		if out := b.Refresh(made); out.Err != nil || out.ID != "" {
			t.Errorf("the refresh gives %q, %v", out.ID, out.Err)
		}
	})
}

// A KMS endpoint whose name does not say its region may be another one's: what it does not know is not gone.
func TestEndpointOfAnUnknownRegion(t *testing.T) {
	t.Parallel()
	for host, gone := range map[string]bool{
		"kms.company.example": false, "kms.cn-hangzhou.aliyuncs.com": true, "kms-vpc.cn-hangzhou.aliyuncs.com": true, "127.0.0.1:8080": true,
	} {
		t.Run(host, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := wire.New(t, wire.Options{})
				made := b.Created(b.Checked(wire.Subscription(nil)))
				if err := b.Cloud.Remove(made.ID); err != nil {
					t.Fatal(err)
				}
				config := map[string]any{"endpoints": map[string]any{"kms": host}}
				if host == "127.0.0.1:8080" {
					config["endpoints"] = map[string]any{"kms": "http://" + host}
				}
				out := wire.Attach(t, b.Cloud, wire.Options{Config: config}).Refresh(made)
				if gone != (out.Err == nil && out.ID == "") {
					t.Fatalf("the refresh ends with %q, %v", out.ID, out.Err)
				}
				if !gone {
					wantSaid(t, "the error", out.Err.Error(), "does not exist on the configured endpoint", "Leave out endpoints.kms", "pulumi state delete")
				}
			})
		})
	}
}
