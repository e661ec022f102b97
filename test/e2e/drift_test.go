package e2e_test

import (
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

// A refresh shows drift of every managed setting, and the next up sets it back.
// Promise (Refresh and import): A refresh shows drift in each managed input.
func TestDriftIsShownAndUndone(t *testing.T) {
	cloud, p := bought(t, small+`      deletionProtection: true
      renewStatus: AutoRenewal
      renewPeriod: 6
      bindVpcs:
        - {vpcId: vpc-orders, vswitchId: vsw-orders}
      tags: {team: orders}
`)
	before := cloud.Only()

	cloud.Patch(before.ID, emulator.Patch{
		Name:               new("renamed"),
		DeletionProtection: new(false),
		Renewal:            &emulator.Renewal{Status: "ManualRenewal"},
		BindVpcs:           []emulator.BindVpc{{VpcID: "vpc-other", VSwitchID: "vsw-other", RegionID: "cn-hangzhou", VpcOwnerID: emulator.DefaultAccountID}},
		Tags:               map[string]string{"team": "payments", "acs:rm:rgId": "rg-1", "extra": "yes"},
		SecretNum:          new(0),
		KeyNum:             new(900),
	})
	p.Refresh().Succeeds().Shows(
		`instanceName      : "small" => "renamed"`, "deletionProtection: true => false", `renewStatus       : "AutoRenewal" => "ManualRenewal"`,
		"vpc-orders", "vpc-other", `"orders" => "payments"`, `extra: "yes"`, "keyNum            : 1000 => 900",
	).Hides("acs:rm:rgId", "(replace)")
	cloud.WantBill(e2e.Bill{Orders: 1})

	p.Preview().Succeeds().Shows(`instanceName      : "renamed" => "small"`, "deletionProtection: false => true", "1 to update")
	p.Up().Succeeds()
	cloud.WantBill(e2e.Bill{Orders: 1, Modifications: 1})
	after := cloud.Only()
	if after.Tags["acs:rm:rgId"] != "rg-1" {
		t.Errorf("the platform's own tag is gone: %v", after.Tags)
	}
	delete(after.Tags, "acs:rm:rgId")
	wantInstance(t, after, before, "vpc-orders")
	if !after.DeletionProtection {
		t.Error("deletion protection is still off")
	}
	wantSettled(p)
}

// A refresh takes a gone instance out of the stack, so that the next up buys another one; an up without a refresh buys none.
// Promise (Refresh and import): A refresh takes a gone instance out of the stack, and an update of one buys none.
func TestRefreshOfAGoneInstance(t *testing.T) {
	cloud, p := bought(t, small)
	gone := cloud.Only().ID
	if err := cloud.Remove(gone); err != nil {
		t.Fatal(err)
	}

	p.Edit("instanceName: small", "instanceName: changed")
	p.Up().Fails().Shows(gone + " no longer exists in cn-hangzhou: run `pulumi refresh`")
	cloud.WantBill(e2e.Bill{Orders: 1})

	p.Refresh().Succeeds().Shows("1 deleted")
	if left := p.Instances(); len(left) > 0 {
		t.Errorf("the stack still has %+v", left)
	}
	p.Up().Succeeds().Shows("1 created")
	cloud.WantBill(e2e.Bill{Orders: 2})
}
