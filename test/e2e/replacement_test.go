package e2e_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

// A replacement is announced with its reason and with the loss of all keys, and a preview buys nothing.
// Promise (Replacement): A replacement is announced with its reason and with the keys and secrets that it destroys.
func TestReplacementIsAnnounced(t *testing.T) {
	cloud, p := bought(t, small)
	id := cloud.Only().ID
	for _, change := range []struct{ name, old, new string }{
		{"vpcId", "vpcId: vpc-main", "vpcId: vpc-other"},
		{"zoneIds", "cn-hangzhou-j]", "cn-hangzhou-i]"},
		{"vswitchIds", "vsw-main", "vsw-other"},
	} {
		p.Edit(change.old, change.new)
		p.Preview().Succeeds().Shows("(replace)", "1 to replace", change.name,
			"warning: "+id+" will be replaced: "+change.name+" changes", "ALL KEYS AND SECRETS IN IT ARE DESTROYED")
		p.Edit(change.new, change.old)
	}
	p.Edit("zoneIds: [cn-hangzhou-k, cn-hangzhou-j]", "zoneIds: [cn-hangzhou-j, cn-hangzhou-k]")
	p.Pulumi("preview", "--expect-no-changes").Succeeds()
	cloud.WantBill(e2e.Bill{Orders: 1})
}

// A replacement refunds the old instance after the new one is bought; deleteBeforeReplace, before that; retainOnDelete, never.
func TestReplacement(t *testing.T) {
	cloud, p := bought(t, small)
	orders := 1
	replace := func(program, vpc string, want ...string) {
		t.Helper()
		old := cloud.Only().ID
		p.Write(strings.Replace(program, "vpcId: vpc-main", "vpcId: "+vpc, 1))
		p.Up().Succeeds().Shows("1 replaced")
		if now := cloud.Only(); now.ID == old || now.VpcID != vpc || p.Instance().ID != now.ID {
			t.Errorf("after the replacement of %s there is %+v, and the stack has %s", old, now, p.Instance().ID)
		}
		var kinds []string
		for _, o := range cloud.Orders()[orders:] {
			kinds = append(kinds, o.Kind)
		}
		if orders += len(kinds); !slices.Equal(kinds, want) {
			t.Errorf("the orders were %v, want %v", kinds, want)
		}
	}
	replace(small, "vpc-other", "CreateInstance", "RefundInstance")
	replace(small+"    options:\n      deleteBeforeReplace: true\n", "vpc-main", "RefundInstance", "CreateInstance")

	p.Write(small + "    options:\n      retainOnDelete: true\n")
	p.Up().Succeeds()
	now := cloud.Only().ID
	p.Destroy().Succeeds()
	cloud.WantBill(e2e.Bill{Orders: 3, Refunds: 2})
	if left := p.Instances(); len(left) > 0 || cloud.Only().ID != now {
		t.Errorf("the stack has %+v, and %s is there, want %s", left, cloud.Only().ID, now)
	}
}

// With deletion protection a replacement fails at preview, and a destroy does nothing.
// Promise (Replacement): An instance with deletion protection is not replaced: the preview fails, and nothing is bought.
func TestProtectedInstance(t *testing.T) {
	cloud, p := bought(t, small+"      deletionProtection: true\n")
	id := cloud.Only().ID

	p.Edit("vpcId: vpc-main", "vpcId: vpc-other")
	p.Preview().Fails().Shows(id+" cannot be replaced (vpcId changes)", "deletion protection is on", "Nothing was bought", "set deletionProtection to false")
	p.Up().Fails().Shows("deletion protection is on")
	cloud.WantBill(e2e.Bill{Orders: 1})

	p.Edit("vpcId: vpc-other", "vpcId: vpc-main")
	p.Destroy().Fails().Shows("deleting KMS instance "+id, "its deletion protection is on", "Set deletionProtection to false and run `pulumi up`")
	cloud.WantBill(e2e.Bill{Orders: 1})
	if got := p.Instance().ID; got != id {
		t.Errorf("the stack has %q, want %s", got, id)
	}

	p.Edit("      deletionProtection: true\n", "")
	p.Up().Succeeds().Shows("1 updated")
	if cloud.Only().DeletionProtection {
		t.Error("taken out of the program, the protection is still on")
	}
	p.Destroy().Succeeds()
	cloud.WantBill(e2e.Bill{Orders: 1, Refunds: 1})
}

// A refused refund keeps the instance in the stack, and the message says what is left to do: to let it expire, and to let go of it.
// Promise (Delete): A refused refund keeps the instance in the stack and says what to do.
func TestRefundRefused(t *testing.T) {
	cloud, p := bought(t, small)
	cloud.Fail(emulator.Fault{Action: "RefundInstance", Kind: emulator.FaultBusiness, Code: "PAY.REFUND_FAILED", Message: "No refund.", Count: -1})
	p.Destroy().Fails().Shows("PAY.REFUND_FAILED", "pulumi state delete",
		"set renewStatus to NotRenewal, run `pulumi up` and let the instance expire, then remove it with the option retainOnDelete")
	if got := p.Instance().ID; got != cloud.Only().ID {
		t.Errorf("the stack has %q, want %s", got, cloud.Only().ID)
	}
	p.Edit("vpcNum: 3", "vpcNum: 3\n      renewStatus: NotRenewal", "vswitchIds: [vsw-main]", "vswitchIds: [vsw-main]\n    options:\n      retainOnDelete: true")
	p.Up().Succeeds()
	p.Destroy().Succeeds()
	if i := cloud.Only(); i.Renewal.Status != emulator.NotRenewal || len(p.Instances()) > 0 {
		t.Errorf("the instance is %+v, the stack has %d", i, len(p.Instances()))
	}
	cloud.WantBill(e2e.Bill{Orders: 1})
}

// A downgrade warns at preview, and its refusal leaves everything else as it was.
// Promise (Changes): A downgrade is warned of; if it is refused, nothing else changes.
func TestDowngradeRefused(t *testing.T) {
	cloud, p := bought(t, small)
	p.Edit("keyNum: 1000", "keyNum: 500", "instanceName: small", "instanceName: changed")
	p.Preview().Succeeds().Shows("keyNum from 1000 to 500 is a downgrade", "expect the order to be refused")
	p.Up().Fails().Shows("the order of KeyNum 500 was refused", "KMS documents no downgrades")
	cloud.WantBill(e2e.Bill{Orders: 1})
	if name := cloud.Only().Name; name != "small" {
		t.Errorf("the instance is called %q, although its update was refused", name)
	}
	p.Edit("keyNum: 500", "keyNum: 1000")
	p.Up().Succeeds()
	cloud.WantBill(e2e.Bill{Orders: 1})
}
