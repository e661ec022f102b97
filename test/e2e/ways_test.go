package e2e_test

import (
	"strings"
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

// These tests follow the advice of messages exactly, where no other test does.

// TestWayOfIgnoring: an instance that somebody else has bought stops a purchase until its id is in ignoreInstances.
func TestWayOfIgnoring(t *testing.T) {
	cloud, p := start(t, small)
	p.SetEnv(impatient)
	id := cloud.Put(emulator.Instance{Status: emulator.StatusUninitialized}).ID
	p.Up().Fails().Shows("nothing was bought", id, "add its id to ignoreInstances in the provider configuration (alicloud-kms:ignoreInstances)")
	cloud.WantBill(e2e.Bill{})
	p.Pulumi("config", "set", "--path", "alicloud-kms:ignoreInstances[0]", id).Succeeds()
	p.Up().Succeeds().Hides(id)
	cloud.WantBill(e2e.Bill{Orders: 1})
}

// TestStacksSideBySide: two stacks that buy equal instances at the same time, with the look switched off.
func TestStacksSideBySide(t *testing.T) {
	t.Parallel()
	cloud := e2e.NewCloud(t, e2e.Quick())
	var running []*e2e.Running
	for range 2 {
		p := e2e.NewProject(t, cloud, small)
		p.Pulumi("config", "set", "alicloud-kms:ignoreInstances", `["*"]`).Succeeds()
		running = append(running, p.Start("up", "--yes", "--skip-preview"))
	}
	for _, r := range running {
		r.Wait().Succeeds()
	}
	cloud.WantBill(e2e.Bill{Orders: 2})
}

// TestWayOutOfErrorStatus: an instance in the status Error is replaced only if the user says so with --replace.
func TestWayOutOfErrorStatus(t *testing.T) {
	cloud, p := bought(t, small)
	broken := emulator.StatusError
	cloud.Patch(cloud.Only().ID, emulator.Patch{Status: &broken})
	p.Refresh()
	p.Up().Fails().Shows("has status Error", "run `pulumi up --refresh --replace` with its URN")
	cloud.WantBill(e2e.Bill{Orders: 1})
	p.Up("--refresh", "--replace", p.Instance().URN).Succeeds()
	cloud.WantBill(e2e.Bill{Orders: 2, Refunds: 1})
}

// TestWayOfStateDelete: an id in the stack that is not one of a KMS instance can be neither read nor deleted, only taken out.
func TestWayOfStateDelete(t *testing.T) {
	cloud, p := bought(t, small)
	p.Pulumi("stack", "export", "--file", "stack.json").Succeeds()
	edited := p.Read("stack.json")
	id := cloud.Only().ID
	p.WriteFile("stack.json", strings.ReplaceAll(edited, id, "not-an-id"))
	p.Pulumi("stack", "import", "--file", "stack.json").Succeeds()
	p.Destroy().Fails().Shows(`"not-an-id" is not the id of a KMS instance`, "`pulumi state delete`")
	p.Pulumi("state", "delete", p.Instance().URN, "--yes").Succeeds()
	p.Destroy().Succeeds()
	cloud.WantBill(e2e.Bill{Orders: 1})
}

// TestWayOfSwitchingTheLookOff: without the permission to list instances nothing is bought, until the look is switched off.
func TestWayOfSwitchingTheLookOff(t *testing.T) {
	cloud, p := start(t, small)
	denied := `{"RequestId":"r","Code":"Forbidden.NoPermission","Message":"This operation is forbidden by permission system."}`
	cloud.Fail(emulator.Fault{Action: "ListKmsInstances", Status: 403, Body: &denied, Kind: emulator.FaultAnswer, Count: -1})
	p.Up().Fails().Shows("nothing was bought", "kms:ListKmsInstances", "`ignoreInstances: [\"*\"]` in the provider configuration switches it off")
	cloud.WantBill(e2e.Bill{})
	p.Pulumi("config", "set", "--path", "alicloud-kms:ignoreInstances[0]", "*").Succeeds()
	p.Up().Succeeds()
	cloud.WantBill(e2e.Bill{Orders: 1})
}

// TestWayOfRefreshAfterANewKey: after a change of credentials, the first way of the look's message begins with
// `pulumi refresh --run-program`.
func TestWayOfRefreshAfterANewKey(t *testing.T) {
	cloud, p := start(t, unnamed)
	p.SetEnv(append(e2e.Credential("", ""), impatient)...)
	key := func(secret string) {
		p.Pulumi("config", "set-all", "--secret", "alicloud-kms:accessKey="+emulator.DefaultAccessKeyID, "--secret", "alicloud-kms:secretKey="+secret).Succeeds()
	}
	key(emulator.DefaultAccessKeySecret)
	p.Up().Succeeds()
	id := cloud.Only().ID
	key("no-longer-valid")
	p.Up().Succeeds() // records it
	key(emulator.DefaultAccessKeySecret)
	p.Write(unnamed + named("second", unnamed))
	p.Up("--target", secondURN).Fails().Shows(id,
		"run the same command with --refresh and without --target (after a change of credentials, `pulumi refresh --run-program` first)")
	p.Pulumi("refresh", "--yes", "--skip-preview", "--run-program").Succeeds()
	p.Up("--refresh").Succeeds()
	cloud.WantBill(e2e.Bill{Orders: 2})
}

// TestWayOfMoreVPCs: a binding that the instance has no room for is refused before the call, and goes after vpcNum is raised.
func TestWayOfMoreVPCs(t *testing.T) {
	cloud, p := bought(t, strings.Replace(small, "vpcNum: 3", "vpcNum: 1", 1))
	p.Edit("vpcNum: 1", "vpcNum: 1\n      bindVpcs: [{vpcId: vpc-a, vswitchId: vsw-a}, {vpcId: vpc-b, vswitchId: vsw-b}]")
	p.Up().Fails().Shows("bindVpcs has 2 elements", "raise vpcNum, or take a VPC out")
	if n := len(cloud.Calls("UpdateKmsInstanceBindVpc")); n > 0 {
		t.Errorf("the binding was asked for %d times", n)
	}
	p.Edit("vpcNum: 1", "vpcNum: 2")
	p.Up().Succeeds()
	if i := cloud.Only(); len(i.BindVpcs) != 2 {
		t.Errorf("the instance is bound to %v", i.BindVpcs)
	}
	cloud.WantBill(e2e.Bill{Orders: 1, Modifications: 1})
}

// TestMixedOrder: whether one order may raise a size and lower another is not documented, so both answers must do.
func TestMixedOrder(t *testing.T) {
	for name, accepted := range map[string]bool{"accepted": true, "refused": false} {
		t.Run(name, func(t *testing.T) {
			cloud, p := bought(t, small, func(o *emulator.Options) { o.MixedOrders = accepted })
			p.Edit("keyNum: 1000", "keyNum: 2000", "vpcNum: 3", "vpcNum: 2", "instanceName: small", "instanceName: other")
			up := p.Up().Shows("vpcNum from 3 to 2 is a downgrade")
			if !accepted {
				up.Fails().Shows("the order of", "was refused", "was not changed")
				if i := cloud.Only(); i.Name != "small" || i.KeyNum != 1000 {
					t.Errorf("the instance was changed: %+v", i)
				}
				p.Edit("vpcNum: 2", "vpcNum: 3")
				up = p.Up()
			}
			up.Succeeds()
			p.Preview("--expect-no-changes").Succeeds()
			cloud.WantBill(e2e.Bill{Orders: 1, Modifications: 1})
		})
	}
}
