package e2e_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

// wantUnfinished requires that the stack kept a paid instance whose create did not end well, marked as such.
func wantUnfinished(t *testing.T, cloud *e2e.Cloud, p *e2e.Project) {
	t.Helper()
	cloud.WantBill(e2e.Bill{Orders: 1})
	kept := p.Instance()
	if kept.ID != cloud.Only().ID {
		t.Errorf("the stack has %q, want %s", kept.ID, cloud.Only().ID)
	}
	if len(kept.InitErrors) == 0 {
		t.Error("the stack takes the instance for finished")
	}
}

// wantFinished requires that the instance works, that it was bought once, and that nothing is left to do.
func wantFinished(t *testing.T, cloud *e2e.Cloud, p *e2e.Project) {
	t.Helper()
	cloud.WantBill(e2e.Bill{Orders: 1})
	if i := cloud.Only(); i.Status != emulator.StatusConnected || i.Name != "small" {
		t.Errorf("the instance is %+v", i)
	}
	if left := p.Instance().InitErrors; len(left) > 0 {
		t.Errorf("the stack still says %v", left)
	}
	wantSettled(p)
}

// After a wrong vSwitch is corrected, the next up connects the paid instance, and nothing is bought again.
// Promise (Purchase): Another network before the connection is an update, not a replacement.
func TestWrongVswitch(t *testing.T) {
	cloud, p := start(t, strings.Replace(small, "vsw-main", "vsw-missing-1", 1))
	p.Up().Fails().Shows("is bought but not finished", "(status: Uninitialized)", "InvalidVSwitchId.NotFound", "`pulumi up` goes on with it without buying again")
	wantUnfinished(t, cloud, p)

	p.Up().Fails().Shows("InvalidVSwitchId.NotFound")
	wantUnfinished(t, cloud, p)
	p.Refresh() // shows the same state and keeps the mark
	wantUnfinished(t, cloud, p)

	p.Edit("vsw-missing-1", "vsw-main")
	p.Preview().Succeeds().Shows("1 to update").Hides("(replace)")
	p.Up().Succeeds().Shows("1 updated")
	wantFinished(t, cloud, p)
}

// Ctrl-C does not tear an order: its answer is waited for and kept.
// Promise (Purchase): Ctrl-C waits for the answer of an order, at most 30 seconds, and keeps it.
func TestInterruptWhileOrdering(t *testing.T) {
	cloud, p := start(t, small)
	cloud.Fail(emulator.Fault{Action: "CreateInstance", Kind: emulator.FaultSlow, Seconds: 10})

	up := p.Start("up", "--yes", "--skip-preview")
	e2e.Eventually(t, "the order is on its way", func() bool { return len(cloud.Calls("CreateInstance")) == 1 })
	up.Interrupt()
	up.Wait().Fails().Shows("cancelled while the order is on its way", "waiting for its answer", "is bought")
	wantUnfinished(t, cloud, p)

	p.Up().Succeeds()
	wantFinished(t, cloud, p)
}

// customTimeouts ends a create, to the fraction of a second, and the next up goes on.
func TestCustomTimeouts(t *testing.T) {
	const options = "    options:\n      customTimeouts:\n        create: 7.9s\n        update: 7900ms\n"
	cloud, p := start(t, small+options, func(o *emulator.Options) { o.Connect = time.Hour })
	for range 2 {
		p.Up().Fails().Shows("is bought but not finished", "the time for this operation ran out after 8s while connecting (takes about 30 minutes)")
		wantUnfinished(t, cloud, p)
	}

	cloud.Advance(2 * time.Hour)
	p.Up().Succeeds()
	wantFinished(t, cloud, p)
}

// An instance that ends in the status Error is kept and never replaced by itself.
func TestErrorStatus(t *testing.T) {
	cloud, p := start(t, small)
	cloud.Fail(emulator.Fault{Kind: emulator.FaultErrorStatus})
	p.Up().Fails().Shows(cloud.Only().ID+" (status: Error)", "KMS console")
	wantUnfinished(t, cloud, p)
	p.Up().Fails().Shows("status Error")
	wantUnfinished(t, cloud, p)
	p.Destroy().Succeeds()
	cloud.WantBill(e2e.Bill{Orders: 1, Refunds: 1})
}

// Sizes are ordered once, however often the update is interrupted while they do not show yet.
// Promise (Changes): Sizes are ordered once, however often the update is interrupted.
func TestInterruptedUpdate(t *testing.T) {
	cloud, p := bought(t, small, func(o *emulator.Options) { o.Upgrade = time.Hour })
	p.Edit("keyNum: 1000", "keyNum: 2000", "instanceName: small", "instanceName: changed")

	up := p.Start("up", "--yes", "--skip-preview")
	e2e.Eventually(t, "the sizes are ordered", func() bool { return cloud.LooksSince("ModifyInstance") > 1 })
	up.Interrupt()
	up.Wait().Fails().Shows("is changed in part", "cancelled after", "while waiting for the ordered sizes", "`pulumi up` goes on with the rest")

	cloud.Advance(2 * time.Hour)
	p.Up().Succeeds()
	cloud.WantBill(e2e.Bill{Orders: 1, Modifications: 1})
	if i := cloud.Only(); i.KeyNum != 2000 || i.Name != "changed" {
		t.Errorf("the instance is %+v", i)
	}
	p.Pulumi("preview", "--expect-no-changes").Succeeds()
}

// ignoreChanges does not keep an instance from its first connection and settings.
func TestIgnoredBeforeTheConnection(t *testing.T) {
	cloud, p := start(t, small+"      deletionProtection: true\n    options:\n      ignoreChanges: [vswitchIds, deletionProtection]\n")
	cloud.Fail(emulator.Fault{Action: "ConnectKmsInstance", Kind: emulator.FaultRefuse, Count: 1})
	p.Up().Fails().Shows("is bought but not finished")
	p.Up().Succeeds()
	if i := cloud.Only(); i.Status != emulator.StatusConnected || !i.DeletionProtection {
		t.Errorf("the instance is %+v", i)
	}
	cloud.WantBill(e2e.Bill{Orders: 1})
}
