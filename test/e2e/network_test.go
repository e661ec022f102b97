package e2e_test

import (
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

// A vSwitch of another VPC is refused at preview with those that would do, before anything is bought or replaced.
// Promise (Preview): A vSwitch that cannot work is refused before anything is bought.
func TestWrongVSwitchAtPreview(t *testing.T) {
	cloud, p := start(t, small)
	for _, n := range []emulator.Network{
		{VpcID: "vpc-main", VSwitches: []emulator.VSwitch{{ID: "vsw-right", ZoneID: "cn-hangzhou-k"}}},
		{VpcID: "vpc-other", VSwitches: []emulator.VSwitch{{ID: "vsw-main", ZoneID: "cn-hangzhou-k"}}},
	} {
		if _, err := cloud.AddNetwork(n); err != nil {
			t.Fatal(err)
		}
	}
	for _, run := range []e2e.Result{p.Preview(), p.Up()} {
		run.Fails().Shows("vswitchIds[0]", "vsw-main is not among the vSwitches of vpc-main", "These would do: vsw-right (cn-hangzhou-k)", "verifyNetwork")
	}
	wantNothingBought(t, cloud, p)

	p.Edit("vsw-main", "vsw-right")
	p.Up().Succeeds()
	p.Preview("--expect-no-changes").Succeeds()
	looks := len(cloud.Calls("DescribeVSwitches"))
	p.Preview().Succeeds()
	if now := len(cloud.Calls("DescribeVSwitches")); now != looks {
		t.Errorf("the preview of an unchanged stack looks at VPC")
	}

	// A replacement is refused before the old instance goes.
	p.Edit("vpcId: vpc-main", "vpcId: vpc-other")
	p.Up().Fails().Shows("vsw-right is not among the vSwitches of vpc-other", "These would do: vsw-main (cn-hangzhou-k)")
	p.Edit("alicloud-kms:region: cn-hangzhou", "alicloud-kms:region: cn-hangzhou\n  alicloud-kms:verifyNetwork: false")
	p.Preview().Succeeds().Shows("(replace)")
	cloud.WantBill(e2e.Bill{Orders: 1})
}
