package e2e_test

import (
	"testing"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

// A refund that is refused while the instance is connecting is asked for again once it is connected.
func TestDestroyWhileConnecting(t *testing.T) {
	cloud, p := start(t, small, func(o *emulator.Options) {
		o.Connect, o.RefundRefusedIn = 8*time.Second, []string{emulator.StatusConnecting}
	})
	up := p.Start("up", "--yes", "--skip-preview")
	e2e.Eventually(t, "the instance is connecting", func() bool { return cloud.LooksSince("ConnectKmsInstance") > 0 })
	up.Interrupt()
	up.Wait().Fails()
	p.Destroy().Succeeds().Shows("waiting until it can be refunded").Hides("renewStatus", "reseller")
	cloud.WantBill(e2e.Bill{Orders: 1, Refunds: 1})
}

// For an instance in Error that cannot be refunded, the message names a ticket first and `pulumi state delete` after it.
func TestDestroyOfABrokenInstance(t *testing.T) {
	cloud, p := start(t, small, func(o *emulator.Options) { o.RefundRefusedIn = []string{emulator.StatusError} })
	cloud.Fail(emulator.Fault{Action: "ConnectKmsInstance", Kind: emulator.FaultErrorStatus})
	p.Up().Fails()
	p.Destroy().Fails().Shows("its status is Error", "Open a ticket with Alibaba Cloud", "pulumi state delete").Hides("renewStatus", "reseller")
	if kept := p.Instance().ID; kept != cloud.Only().ID {
		t.Errorf("the stack has %q", kept)
	}
	cloud.WantBill(e2e.Bill{Orders: 1})
	// What the message says.
	p.Pulumi("state", "delete", p.Instance().URN, "--yes").Succeeds()
	p.Destroy().Succeeds()
}

// If Alibaba Cloud does not tell whether deletion protection is on, the recorded protection counts.
// Promise (Delete): Deletion protection, as answered or as recorded, stops a delete.
func TestDestroyOfARecordedProtection(t *testing.T) {
	cloud, p := bought(t, small+"      deletionProtection: true\n")
	cloud.Fail(emulator.Fault{
		Action: "GetKmsInstance", Kind: emulator.FaultAnswer.After(), Count: -1,
		Merge: map[string]any{"KmsInstance": map[string]any{"DeletionProtection": nil}},
	})
	p.Destroy().Fails().Shows("deletion protection is on", "deletionProtection to false")
	cloud.WantBill(e2e.Bill{Orders: 1})
}
