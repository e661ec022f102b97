package wire_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/wire"
)

// Right after it is connected, an instance may decline its settings for a while.
func TestSettingsThatAreDeclinedAtFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := wire.New(t, wire.Options{Emulator: emulator.Options{StateInvalid: time.Minute}})
		b.Created(b.Checked(wire.Subscription(map[string]any{"instanceName": "named", "deletionProtection": true, "tags": map[string]any{"a": "b"}})))
		declined := 0
		for _, call := range b.Cloud.Journal() {
			if call.Code == "Forbidden.DKMSInstanceStateInvalid" {
				declined++
			}
		}
		if i := b.Cloud.Instances()[0]; declined == 0 || i.Name != "named" || !i.DeletionProtection {
			t.Errorf("%d calls were declined; the instance is %+v", declined, i)
		}
	})
}

// An instance in a status that nobody knows is waited for for a minute, not for the whole time-out.
func TestUnknownStatus(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := wire.New(t, wire.Options{})
		made := b.Created(b.Checked(wire.Subscription(nil)))
		inject(t, b, emulator.Fault{
			Action: "GetKmsInstance", Kind: emulator.FaultAnswer.After(), Merge: map[string]any{"KmsInstance": map[string]any{"Status": "Frozen"}}, Count: -1,
		})
		start := time.Now()
		out := b.Update(made, b.Checked(wire.Subscription(map[string]any{"instanceName": "named"})), 0)
		if took := time.Since(start); took > 2*time.Minute {
			t.Errorf("the update waited for %s", took)
		}
		if len(out.Reasons) != 1 {
			t.Fatalf("the update ends with %v, %v", out.Reasons, out.Err)
		}
		wantSaid(t, "the reason", out.Reasons[0], made.ID, `status "Frozen"`, "KMS console")
		// Once it is connected again, the update goes on.
		b.Cloud.ClearFaults()
		b.Updated(out.Resource, out.Inputs)
	})
}

// An order that Alibaba Cloud takes back without showing an instance: the hour in which it may appear is waited for once. After
// that every command knows.
func TestOrderThatIsTakenBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := wire.New(t, wire.Options{Emulator: emulator.Options{OrderVisible: 2 * time.Hour}})
		inject(t, b, emulator.Fault{Action: "CreateInstance", Kind: emulator.FaultAutoRefund, Seconds: 60})
		made := b.Create(b.Checked(wire.Subscription(nil)), 0)
		if !strings.HasPrefix(made.ID, "kst-") || len(made.Reasons) != 1 {
			t.Fatalf("the create ends with %q, %v, %v", made.ID, made.Reasons, made.Err)
		}
		wantSaid(t, "the reason", made.Reasons[0], made.ID, "not visible yet", "pulumi up")
		for name, command := range map[string]func(b *wire.Bench) error{
			"update": func(b *wire.Bench) error {
				out := b.Update(made.Resource, made.Inputs, 0)
				if out.Err == nil || !strings.Contains(out.Err.Error(), "no longer exists") {
					t.Errorf("the update ends with %v, %v", out.Reasons, out.Err)
				}
				return nil
			},
			"refresh": func(b *wire.Bench) error {
				if out := b.Refresh(made.Resource); out.ID != "" {
					t.Errorf("the refresh keeps %q: %v", out.ID, out.Reasons)
				}
				return nil
			},
			"delete": func(b *wire.Bench) error { return b.Delete(made.Resource, 0) },
		} {
			start := time.Now()
			if err := command(wire.Attach(t, b.Cloud, wire.Options{})); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if took := time.Since(start); took > time.Minute {
				t.Errorf("%s waited for %s", name, took)
			}
		}
		if len(b.Calls("CreateInstance")) != 1 || len(b.Calls("RefundInstance")) > 0 {
			t.Errorf("totals are %+v", b.Cloud.Totals())
		}
	})
}

// A paged list whose pages repeat ends as an error, not in a loop.
func TestListThatRepeats(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{})
	page := `{"TotalCount":1000,"KmsInstances":{"KmsInstance":[{"KmsInstanceId":"kst-one","KmsInstanceArn":"acs:kms:cn-hangzhou:1:keystore/kst-one"}]}}`
	inject(t, b, emulator.Fault{Action: "ListKmsInstances", Kind: emulator.FaultAnswer, Body: &page, Count: -1})
	out := b.Create(b.Checked(wire.Subscription(nil)), 0)
	if out.Err == nil {
		t.Fatalf("the create goes on with %q", out.ID)
	}
	wantSaid(t, "the error", out.Err.Error(), "nothing was bought", "ListKmsInstances", "the pages of the list repeat")
	if n := len(b.Calls("ListKmsInstances")); n > 10 {
		t.Errorf("%d pages were read", n)
	}
}

// A kill leaves an order of sizes that nobody recorded, and somebody undoes it in the console. The next update takes its own order up
// again, and says when to look what has come of it. After that hour, an update orders anew.
func TestSizesThatSomebodyUndoes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := wire.New(t, wire.Options{})
		made := b.Created(b.Checked(wire.Subscription(map[string]any{"log": "0", "logStorage": 0})))
		wanted := b.Checked(wire.Subscription(map[string]any{"log": "1", "logStorage": 1000}))
		b.Update(made, wanted, 0) // of which a kill keeps nothing
		none := 0
		if _, err := b.Cloud.Change(made.ID, emulator.Patch{Log: &none, LogStorage: &none}); err != nil {
			t.Fatal(err)
		}
		next := wire.Attach(t, b.Cloud, wire.Options{})
		start := time.Now()
		again := next.Updated(made, wanted)
		if took := time.Since(start); took > 11*time.Minute || b.Cloud.Totals().Modifications != 1 {
			t.Errorf("the update took %s; totals %+v", took, b.Cloud.Totals())
		}
		wantSaid(t, "the update", next.Said(), "does not show it yet", "billing console", "pulumi up --refresh")
		time.Sleep(time.Hour)
		read := next.Refresh(again)
		if plan, err := next.Diff(read.Resource, wanted); err != nil || !plan.Changes {
			t.Fatalf("planned %+v, %v", plan, err)
		}
		next.Updated(read.Resource, wanted)
		if i, _ := b.Cloud.Instance(made.ID); i.Log != 1 || i.LogStorage != 1000 || b.Cloud.Totals().Modifications != 2 {
			t.Errorf("the instance has log %d with %d GB; totals %+v", i.Log, i.LogStorage, b.Cloud.Totals())
		}
	})
}
