package wire_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/wire"
)

// A replacement, and giving an instance back, say how many keys and secrets go with it.
func TestStakeIsSaid(t *testing.T) {
	onClock(t, wire.Options{Emulator: emulator.Options{UsedKeys: 12, UsedSecrets: 3}}, func(t *testing.T, b *wire.Bench) {
		r := b.Created(wire.Subscription(nil))
		if _, err := b.Diff(r, wire.Change(r.Inputs, map[string]any{"vswitchIds": []string{"vsw-z"}})); err != nil {
			t.Fatal(err)
		}
		wantSaid(t, "the plan", b.Said(), "ALL KEYS AND SECRETS IN IT ARE DESTROYED (12 keys and 3 secrets)")
		if err := b.Delete(r, 0); err != nil {
			t.Fatal(err)
		}
		wantSaid(t, "the delete", b.Said(), "giving it back with 12 keys and 3 secrets")
	})
}

// A refresh warns of a Subscription that ends within 30 days and is not renewed by itself.
func TestEndIsWarnedOf(t *testing.T) {
	const day = 24 * time.Hour
	type end struct {
		left   time.Duration
		status string
		warns  bool
	}
	each(t, map[string]end{
		"soon":            {29 * day, "ManualRenewal", true},
		"soon, not again": {29 * day, "NotRenewal", true},
		"later":           {31 * day, "ManualRenewal", false},
		"renewed":         {29 * day, "AutoRenewal", false},
	}, func(t *testing.T, c end) {
		b := wire.New(t, wire.Options{})
		renewal := emulator.Renewal{Status: c.status}
		if c.status == "AutoRenewal" {
			renewal.Period, renewal.Unit = 1, "M"
		}
		r := b.Import(seeded(t, b, emulator.Instance{Renewal: renewal, EndDate: time.Now().Add(c.left)})).Resource
		b.Hush()
		b.Refresh(r)
		if warns := strings.Contains(b.Said(), "warning: "+r.ID+": its Subscription ends on"); warns != c.warns {
			t.Errorf("said: %s", b.Said())
		}
	})
}

// A secret size or network is in no message of an update.
func TestSecretsOfAnUpdateAreNotSaid(t *testing.T) {
	each(t, map[string]map[string]any{
		"a size":    {"keyNum": wire.Secret(1333)},
		"a network": {"vpcId": wire.Secret("vpc-1333"), "vswitchIds": []any{wire.Secret("vsw-1333")}},
	}, func(t *testing.T, change map[string]any) {
		for _, refused := range []bool{false, true} {
			b := wire.New(t, wire.Options{})
			r := b.Created(wire.Subscription(nil))
			if refused {
				inject(t, b, emulator.Fault{Action: "ModifyInstance", Kind: emulator.FaultRefuse})
			}
			out := b.Update(r, b.Checked(wire.Change(r.Inputs, change)), 0)
			if text := b.Said() + reasons(out); strings.Contains(text, "1333") {
				t.Errorf("refused: %t: %s", refused, text)
			}
		}
	})
}

// A suspect that can no longer be read stops the create all the same.
func TestSuspectThatCannotBeReadAgain(t *testing.T) {
	onClock(t, wire.Options{}, func(t *testing.T, b *wire.Bench) {
		id := seeded(t, b, emulator.Instance{Status: emulator.StatusUninitialized})
		inject(t, b, emulator.Fault{Action: "GetKmsInstance", Kind: emulator.FaultRefuse, InstanceID: id, Nth: 2, Count: -1})
		wantFailed(t, b.Create(b.Checked(wire.Subscription(nil)), 0), "nothing was bought", id)
		wantSaid(t, "denied", b.Said(), "kms:GetKmsInstance")
		if n := b.Cloud.Totals().Orders; n > 0 {
			t.Errorf("%d orders", n)
		}
	})
}

// Nor is a lost purchase overlooked that only billing lists, and that may not be read.
func TestSuspectThatOnlyBillingLists(t *testing.T) {
	onClock(t, wire.Options{Emulator: emulator.Options{OrderVisible: 30 * time.Minute}}, func(t *testing.T, b *wire.Bench) {
		inject(t, b, emulator.Fault{Action: "CreateInstance", Kind: emulator.FaultResetAfter, Count: -1})
		wantFailed(t, b.Create(b.Checked(wire.PayAsYouGo(nil)), 0), "may have been placed")
		b.Cloud.ClearFaults()
		inject(t, b, emulator.Fault{Action: "GetKmsInstance", Kind: emulator.FaultRefuse, InstanceID: b.Cloud.Instances()[0].ID, Count: -1})
		next := wire.Attach(t, b.Cloud, wire.Options{})
		wantFailed(t, next.Create(next.Checked(wire.PayAsYouGo(nil)), 0), "nothing was bought", "kms:GetKmsInstance")
		if n := b.Cloud.Totals().Orders; n != 1 {
			t.Errorf("%d orders", n)
		}
	})
}

// Every instance that may be the lost one is named.
func TestSeveralSuspects(t *testing.T) {
	onClock(t, wire.Options{}, func(t *testing.T, b *wire.Bench) {
		first := seeded(t, b, emulator.Instance{Status: emulator.StatusUninitialized})
		second := seeded(t, b, emulator.Instance{Status: emulator.StatusUninitialized})
		out := b.Create(b.Checked(wire.Subscription(nil)), 0)
		wantFailed(t, out, "nothing was bought", first, second)
	})
}
