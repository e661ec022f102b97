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
	t.Parallel()
	cloud := e2e.NewCloud(t, e2e.Quick())
	p := e2e.NewProject(t, cloud, small)
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
	t.Parallel()
	cloud := e2e.NewCloud(t, e2e.Quick())
	p := e2e.NewProject(t, cloud, small)
	p.Up().Succeeds()
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
	t.Parallel()
	cloud := e2e.NewCloud(t, e2e.Quick())
	p := e2e.NewProject(t, cloud, small)
	p.Up().Succeeds()
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

// TestWayOfRefreshOfAGoneInstance: an update of an instance that is gone buys none; after `pulumi refresh` the next `up` does.
func TestWayOfRefreshOfAGoneInstance(t *testing.T) {
	t.Parallel()
	cloud := e2e.NewCloud(t, e2e.Quick())
	p := e2e.NewProject(t, cloud, small)
	p.Up().Succeeds()
	gone := true
	cloud.Patch(cloud.Only().ID, emulator.Patch{Gone: &gone})
	p.Edit("instanceName: small", "instanceName: other")
	p.Up().Fails().Shows("no longer exists in cn-hangzhou: run `pulumi refresh`")
	cloud.WantBill(e2e.Bill{Orders: 1})
	p.Refresh().Succeeds()
	p.Up().Succeeds()
	cloud.WantBill(e2e.Bill{Orders: 2})
}

// TestWayOfSwitchingTheLookOff: without the permission to list instances nothing is bought, until the look is switched off.
func TestWayOfSwitchingTheLookOff(t *testing.T) {
	t.Parallel()
	cloud := e2e.NewCloud(t, e2e.Quick())
	p := e2e.NewProject(t, cloud, small)
	denied := `{"RequestId":"r","Code":"Forbidden.NoPermission","Message":"This operation is forbidden by permission system."}`
	cloud.Fail(emulator.Fault{Action: "ListKmsInstances", Status: 403, Body: &denied, Kind: emulator.FaultAnswer, Count: -1})
	p.Up().Fails().Shows("nothing was bought", "kms:ListKmsInstances", "`ignoreInstances: [\"*\"]` in the provider configuration switches it off")
	cloud.WantBill(e2e.Bill{})
	p.Pulumi("config", "set", "--path", "alicloud-kms:ignoreInstances[0]", "*").Succeeds()
	p.Up().Succeeds()
	cloud.WantBill(e2e.Bill{Orders: 1})
}
