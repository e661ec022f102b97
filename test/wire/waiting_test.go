package wire_test

import (
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/wire"
)

// Settings that an instance declines right after it is connected are made a while later.
func TestSettingsThatAreDeclinedAtFirst(t *testing.T) {
	onClock(t, wire.Options{Emulator: emulator.Options{StateInvalid: time.Minute}}, func(t *testing.T, b *wire.Bench) {
		b.Created(wire.Subscription(map[string]any{"instanceName": "named", "deletionProtection": true, "tags": map[string]any{"a": "b"}}))
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

// A connection whose answer was lost, and which shows late, is no failure although a second one is refused.
func TestConnectionThatShowsLate(t *testing.T) {
	b := fresh(t)
	inject(t, b, emulator.Fault{Action: "ConnectKmsInstance", Kind: emulator.FaultResetAfter}, emulator.Fault{
		Action: "GetKmsInstance", Nth: 2, Kind: emulator.FaultAnswer.After(), Merge: map[string]any{"KmsInstance": map[string]any{"Status": "Uninitialized"}},
	})
	b.Created(wire.Subscription(nil))
	if n := len(b.Calls("ConnectKmsInstance")); n != 2 {
		t.Errorf("%d connections were asked for, want the lost and the refused one", n)
	}
}

// An instance in a status that nobody knows is waited for for a minute, and the update goes on once it is connected again.
func TestUnknownStatus(t *testing.T) {
	onClock(t, wire.Options{}, func(t *testing.T, b *wire.Bench) {
		made := b.Created(wire.Subscription(nil))
		inject(t, b, emulator.Fault{
			Action: "GetKmsInstance", Kind: emulator.FaultAnswer.After(), Merge: map[string]any{"KmsInstance": map[string]any{"Status": "Frozen"}}, Count: -1,
		})
		start := time.Now()
		out := b.Update(made, b.Checked(wire.Subscription(map[string]any{"instanceName": "named"})), 0)
		if took := time.Since(start); took > 2*time.Minute {
			t.Errorf("the update waited for %s", took)
		}
		wantUnfinished(t, out, `status "Frozen"`, "KMS console")
		b.Cloud.ClearFaults()
		b.Updated(out.Resource, out.Inputs)
	})
}

// After a kill, an update finds its own order of sizes again; if somebody has undone it, the update orders anew after an hour.
func TestSizesThatSomebodyUndoes(t *testing.T) {
	onClock(t, wire.Options{}, func(t *testing.T, b *wire.Bench) {
		made := b.Created(wire.Subscription(map[string]any{"log": "0", "logStorage": 0}))
		wanted := b.Checked(wire.Subscription(map[string]any{"log": "1", "logStorage": 1000}))
		b.Update(made, wanted, 0) // of which a kill keeps nothing
		patch(t, b, made.ID, emulator.Patch{Log: new(0), LogStorage: new(0)})
		next := wire.Attach(t, b.Cloud, wire.Options{})
		start := time.Now()
		again := next.Updated(made, wanted)
		if took := time.Since(start); took > 11*time.Minute || b.Cloud.Totals().Modifications != 1 {
			t.Errorf("the update took %s; totals %+v", took, b.Cloud.Totals())
		}
		wantSaid(t, "the update", next.Said(), "does not show it yet", "billing console", "pulumi up --refresh")
		time.Sleep(time.Hour)
		read := next.Refresh(again).Resource
		if plan, err := next.Diff(read, wanted); err != nil || !plan.Changes {
			t.Fatalf("planned %+v, %v", plan, err)
		}
		next.Updated(read, wanted)
		if i, _ := b.Cloud.Instance(made.ID); i.Log != 1 || i.LogStorage != 1000 || b.Cloud.Totals().Modifications != 2 {
			t.Errorf("the instance has log %d with %d GB; totals %+v", i.Log, i.LogStorage, b.Cloud.Totals())
		}
	})
}

// A size that the cloud never reports is bought once, and ordered again only if the program changes it.
func TestSizeThatIsNeverReported(t *testing.T) {
	onClock(t, wire.Options{}, func(t *testing.T, b *wire.Bench) {
		inject(t, b, emulator.Fault{
			Action: "GetKmsInstance", Kind: emulator.FaultAnswer.After(), Merge: map[string]any{"KmsInstance": map[string]any{"LogStorage": nil}}, Count: -1,
		})
		inputs := func(storage int, name string) property.Map {
			return b.Checked(wire.Subscription(map[string]any{"log": "1", "logStorage": storage, "instanceName": name}))
		}
		r := b.Created(inputs(1000, "first"))
		for _, c := range []struct {
			storage, orders int
			name            string
		}{{1000, 0, "second"}, {2000, 1, "second"}, {2000, 1, "third"}} {
			time.Sleep(2 * time.Hour)
			read := b.Refresh(r)
			b.MustHaveWorked(read)
			r = b.Updated(read.Resource, inputs(c.storage, c.name))
			if n := b.Cloud.Totals().Modifications; n != c.orders || r.Outputs.Get("logStorage").AsNumber() != float64(c.storage) {
				t.Errorf("%+v: %d orders; the outputs are %v", c, n, wire.Go(r.Outputs))
			}
		}
	})
}

// An update reads what it has changed, and nothing that may fail besides.
func TestReadingWhatWasChanged(t *testing.T) {
	each(t, map[string]map[string]any{"name": {"instanceName": "mine"}, "size": {"keyNum": 3000}}, func(t *testing.T, change map[string]any) {
		b := wire.New(t, wire.Options{})
		r := b.Created(wire.Subscription(nil))
		inject(t, b, emulator.Fault{Action: "QueryAvailableInstances", Kind: emulator.FaultHTTP503, Nth: 2, Count: -1},
			emulator.Fault{Action: "ListTagResources", Kind: emulator.FaultHTTP503, Nth: 2, Count: -1})
		start := time.Now()
		b.Updated(r, wire.Subscription(change))
		if took := time.Since(start); took > time.Minute {
			t.Errorf("it took %s", took)
		}
	})
}
