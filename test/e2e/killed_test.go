package e2e_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

// impatient makes creates look again for two seconds instead of a minute.
const impatient = "ALICLOUD_KMS_LOOK_AGAIN=2s"

// killAt starts a command, and kills it or its plugin at a call of an action.
func killAt(t *testing.T, cloud *e2e.Cloud, p *e2e.Project, action string, kill func(*e2e.Running) string, arguments ...string) string {
	t.Helper()
	before := len(cloud.Calls(action))
	fault := emulator.Fault{Action: action, Kind: emulator.FaultHang.After(), Count: -1}
	if action == "ConnectKmsInstance" {
		fault.Kind = emulator.FaultHang
	}
	cloud.Fail(fault)
	running := p.Start(append([]string{"up", "--yes", "--skip-preview"}, arguments...)...)
	e2e.Eventually(t, action+" is called", func() bool { return len(cloud.Calls(action)) > before })
	printed := kill(running)
	cloud.ClearFaults()
	p.Pulumi("cancel", "--yes") // a killed CLI may leave its lock
	return printed
}

// A killed create is found by the next up, which buys nothing, and the ways in its message lead to a finished stack.
// Promise (Purchase): After a kill, the next `pulumi up` finds the bought instance and buys no second one; each way of its message leads to a finished stack.
func TestKilledCreate(t *testing.T) {
	t.Parallel()
	for who, kill := range map[string]func(*e2e.Running) string{"CLI": (*e2e.Running).KillAll, "plugin": (*e2e.Running).KillPlugin} {
		for _, action := range []string{
			"ListKmsInstances", "CreateInstance", "GetOrderDetail", "GetKmsInstance", "ConnectKmsInstance", "ListTagResources",
			"GetKmsInstanceQuotaInfos", "UpdateKmsInstanceBindVpc", "UpdateKmsInstance", "TagResources", "SetDeletionProtection",
		} {
			t.Run(who+"/"+action, func(t *testing.T) {
				cloud, p := start(t, small+declaring)
				p.SetEnv(impatient)
				killAt(t, cloud, p, action, kill)
				if action == "ListKmsInstances" {
					p.Up().Succeeds()
					wantFinished(t, cloud, p)
					return
				}
				id := cloud.Only().ID
				p.Up().Fails().Shows("nothing was bought: an earlier run may have bought this instance already: "+id, "(1) If this stack has it",
					"(2)", "ignoreInstances", "(3)", "`import: "+id+"`")
				cloud.WantBill(e2e.Bill{Orders: 1})
				p.ImportInstead(id)
				wantFinished(t, cloud, p)
			})
		}
	}
}

// A purchase that the plugin goes on with after the CLI was killed is found by the next up.
func TestKilledWithCLIOnly(t *testing.T) {
	cloud, p := start(t, small, func(o *emulator.Options) { o.Connect = time.Second })
	p.SetEnv(impatient)
	printed := killAt(t, cloud, p, "GetOrderDetail", (*e2e.Running).Kill)
	id := cloud.Only().ID
	if !strings.Contains(printed, id+" is bought") || !strings.Contains(printed, "client token") {
		t.Errorf("the token and the id were not printed before the end:\n%s", printed)
	}
	p.Up().Fails().Shows(id)
	cloud.WantBill(e2e.Bill{Orders: 1})
	p.ImportInstead(id)
	wantFinished(t, cloud, p)
}

// The successor of a killed replacement is found, and the old instance goes only if the user says so.
// Promise (Purchase): After a kill during a replacement, the next `pulumi up` finds the new instance.
func TestKilledReplacement(t *testing.T) {
	t.Parallel()
	moved := strings.NewReplacer("vpc-main", "vpc-other", "vsw-main", "vsw-other")
	killed := func(t *testing.T, program string) (cloud *e2e.Cloud, p *e2e.Project, old, lost string) {
		t.Helper()
		cloud, p = bought(t, program)
		p.SetEnv(impatient)
		old = cloud.Only().ID
		p.Write(moved.Replace(program))
		killAt(t, cloud, p, "CreateInstance", (*e2e.Running).KillAll)
		for _, i := range cloud.Instances() {
			if i.ID != old && !i.Gone {
				lost = i.ID
			}
		}
		return cloud, p, old, lost
	}
	t.Run("create first, keep the old one", func(t *testing.T) {
		cloud, p, old, lost := killed(t, small)
		p.Up().Fails().Shows("importing here deletes "+old, "To keep "+old+", undo the change", "import "+lost+" under another name")
		cloud.WantBill(e2e.Bill{Orders: 2})
		p.Write(small)
		p.Up().Succeeds()
		both := small + moved.Replace(named("successor", small))
		p.Write(both + "    options:\n      import: " + lost + "\n")
		p.Up().Succeeds()
		p.Write(both)
		p.Up().Succeeds()
		p.Preview("--expect-no-changes").Succeeds()
		cloud.WantBill(e2e.Bill{Orders: 2})
	})
	t.Run("create first, give the old one up", func(t *testing.T) {
		cloud, p, _, lost := killed(t, small)
		p.ImportInstead(lost)
		p.Preview("--expect-no-changes").Succeeds()
		cloud.WantBill(e2e.Bill{Orders: 2, Refunds: 1})
		if i := cloud.Only(); i.ID != lost || i.Status != emulator.StatusConnected {
			t.Errorf("there is %+v, want %s", i, lost)
		}
	})
	t.Run("delete first", func(t *testing.T) {
		cloud, p, _, lost := killed(t, small+"    options:\n      deleteBeforeReplace: true\n")
		p.Up().Fails().Shows("an earlier run may have bought this instance already: " + lost).Hides("importing here deletes")
		p.Edit("      deleteBeforeReplace: true\n", "      deleteBeforeReplace: true\n      import: "+lost+"\n")
		p.Up().Succeeds()
		p.Edit("      import: "+lost+"\n", "")
		p.Up().Succeeds()
		p.Preview("--expect-no-changes").Succeeds()
		cloud.WantBill(e2e.Bill{Orders: 2, Refunds: 1})
	})
}

// unnamed is the small program without the name of the instance.
var unnamed = strings.Replace(small, "      instanceName: small\n", "", 1)

// named is the resource of a program under another name, to be appended.
func named(name, program string) string {
	return strings.Replace(strings.Split(program, "resources:\n")[1], "  kms:", "  "+name+":", 1)
}

const secondURN = "urn:pulumi:dev::small::" + e2e.InstanceType + "::second"

// An instance of the stack that `--target` left out looks lost, and the first way of the message, `--refresh`, helps.
func TestWayOfRefresh(t *testing.T) {
	cloud, p := bought(t, unnamed)
	p.SetEnv(impatient)
	id := cloud.Only().ID
	p.Write(unnamed + named("second", unnamed))
	p.Up("--target", secondURN).Fails().Shows("nothing was bought", id, "with --refresh and without --target")
	cloud.WantBill(e2e.Bill{Orders: 1})
	p.Up("--refresh").Succeeds()
	cloud.WantBill(e2e.Bill{Orders: 2})
}

// Equal instances in one program do not stop each other, nor does a destroy stop the up after it.
func TestEqualInstancesInOneProgram(t *testing.T) {
	cloud, p := start(t, unnamed+named("second", unnamed))
	p.SetEnv(impatient)
	p.Up().Succeeds()
	cloud.WantBill(e2e.Bill{Orders: 2})
	p.Write(unnamed + named("second", unnamed) + named("third", unnamed))
	p.Up().Succeeds()
	cloud.WantBill(e2e.Bill{Orders: 3})
	p.Destroy().Succeeds()
	p.Up().Succeeds()
	cloud.WantBill(e2e.Bill{Orders: 6, Refunds: 3})
}

// An order that no try gets an answer to leaves nothing in the stack, and the next up finds its instance.
// Promise (Purchase): An order that is never answered leaves nothing in the state, and the next create looks for its instance.
func TestOrderWithoutAnswer(t *testing.T) {
	cloud, p := start(t, strings.Replace(small, "config:\n", "config:\n  alicloud-kms:maxRetryTimeout: 2\n", 1))
	p.SetEnv(impatient)
	cloud.Fail(emulator.Fault{Action: "CreateInstance", Kind: emulator.FaultResetAfter, Count: -1})
	p.Up().Fails().Shows("may have been placed", "client token", "run `pulumi up`", "look in the KMS console for an instance of")
	if left := p.Instances(); len(left) > 0 {
		t.Errorf("the stack has %+v", left)
	}
	bill := e2e.Bill{Orders: 1, Replays: cloud.Totals().Replays}
	cloud.WantBill(bill)
	cloud.ClearFaults()
	id := cloud.Only().ID
	for range 2 {
		p.Up().Fails().Shows("an earlier run may have bought this instance already: " + id)
		cloud.WantBill(bill)
	}
	p.Refresh().Succeeds()
	p.Destroy().Succeeds() // knows nothing of it
	cloud.WantBill(bill)
	p.ImportInstead(id)
	p.Preview("--expect-no-changes").Succeeds()
	cloud.WantBill(bill)
}
