package e2e_test

import (
	"slices"
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

const vpcMain, vpcOther = "vpcId: vpc-main\n", "vpcId: vpc-other\n"

// The old instance goes first with deleteBeforeReplace, and stays with retainOnDelete.
func TestDeleteBeforeReplaceAndRetain(t *testing.T) {
	t.Parallel()
	cloud := e2e.NewCloud(t, e2e.Quick())
	p := e2e.NewProject(t, cloud, small)
	p.Up().Succeeds()
	old := cloud.Only().ID

	p.Write(small + "    options:\n      deleteBeforeReplace: true\n")
	p.Edit(vpcMain, vpcOther)
	p.Up().Succeeds().Shows("1 replaced")
	var kinds []string
	for _, o := range cloud.Orders() {
		kinds = append(kinds, o.Kind)
	}
	if want := []string{"CreateInstance", "RefundInstance", "CreateInstance"}; !slices.Equal(kinds, want) {
		t.Errorf("the orders were %v, want %v", kinds, want)
	}
	now := cloud.Only()
	if now.ID == old || now.VpcID != "vpc-other" {
		t.Errorf("after the replacement of %s there is %+v", old, now)
	}

	p.Write(small + "    options:\n      retainOnDelete: true\n")
	p.Edit(vpcMain, vpcOther)
	p.Up().Succeeds()
	p.Destroy().Succeeds()
	cloud.WantBill(e2e.Bill{Orders: 2, Refunds: 1})
	if left := p.Instances(); len(left) > 0 || cloud.Only().ID != now.ID {
		t.Errorf("the stack has %+v, and %s is there, want %s", left, cloud.Only().ID, now.ID)
	}
}
