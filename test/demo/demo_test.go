//go:build demo

package demo

import (
	"fmt"
	"maps"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

// demo is the demo under way.
type demo struct {
	t     *testing.T
	cloud *e2e.Cloud
	steps int

	subscription, payAsYouGo, imported *stack
}

// stack is a project, whose commands are shown.
type stack struct {
	*e2e.Project
	name string
	id   string // of its instance
}

func show(format string, arguments ...any) { _, _ = fmt.Fprintf(os.Stderr, format, arguments...) }

// title starts a step.
func (d *demo) title(text string) {
	d.steps++
	show("\n\n=== %d. %s\n", d.steps, text)
}

// check compares a fact with what it should be.
func (d *demo) check(ok bool, format string, arguments ...any) {
	d.t.Helper()
	text := fmt.Sprintf(format, arguments...)
	if !ok || d.t.Failed() {
		d.t.Fatal("this should hold, but does not: " + text)
	}
	show("  [ok] %s\n", text)
}

// bill compares the sums of the emulator's journal.
func (d *demo) bill(want e2e.Bill) {
	d.t.Helper()
	d.cloud.WantBill(want)
	d.check(true, "the emulator's journal counts: orders %d, modifications %d, refunds %d, releases %d",
		want.Orders, want.Modifications, want.Refunds, want.Releases)
}

func (d *demo) instance(s *stack) emulator.Instance {
	i, _ := d.cloud.Instance(s.id)
	return i
}

// newStack makes a project of a program, with a stack, and shows the command that writes the program.
func (d *demo) newStack(name, command, program string) *stack {
	s := &stack{Project: e2e.NewProject(d.t, d.cloud, program), name: name}
	s.SetEnv("ALICLOUD_KMS_LOOK_AGAIN=2s") // the demo does not wait a minute
	show("\n$ mkdir %s; cd %[1]s\n\n%[1]s$ %s\n\n%[1]s$ pulumi stack init dev\n", name, command)
	return s
}

// try shows a pulumi command, runs it, and shows what it prints.
func (s *stack) try(arguments string) e2e.Result {
	show("\n%s$ pulumi %s\n", s.name, arguments)
	r := s.Pulumi(strings.Fields(arguments)...)
	show("%s", r.Output)
	return r
}

// run runs commands that must succeed, and returns what the last one printed.
func (s *stack) run(commands ...string) (printed string) {
	for _, arguments := range commands {
		printed = s.try(arguments).Succeeds().Output
	}
	return printed
}

// edit changes the program, and shows the lines that change.
func (s *stack) edit(pairs ...string) {
	show("\n%s$ edit Pulumi.yaml\n", s.name)
	for n, text := range pairs {
		for line := range strings.SplitSeq(text, "\n") {
			show("  %s %s\n", []string{"-", "+"}[n%2], line)
		}
	}
	s.Edit(pairs...)
}

// TestDemo goes through the life of the example.
func TestDemo(t *testing.T) {
	start := time.Now()
	d := &demo{t: t, cloud: e2e.NewCloud(t, emulator.Options{ // delays that are long enough to watch
		OrderVisible: 500 * time.Millisecond, Connect: 2 * time.Second, Upgrade: 1500 * time.Millisecond,
		Refund: 500 * time.Millisecond, Release: 500 * time.Millisecond,
	})}
	d.title("An emulated Alibaba Cloud on loopback: nothing is bought, nothing leaves this machine")
	show("Listening on %s\n", d.cloud.URL(""))
	for _, step := range []func(){
		d.refuseNetwork, d.buySubscription, d.killCreate, d.finishCreate, d.changeInPlace, d.previewReplacement, d.refreshDrift,
		d.importInstance, d.destroy, d.balance,
	} {
		step()
	}
	show("\nEverything went as it should, in %s.\n", time.Since(start).Round(time.Second))
}

func (d *demo) refuseNetwork() {
	d.title("A vSwitch of another VPC is refused at preview, before anything is bought")
	d.subscription = d.newStack("subscription", "cp ../examples/yaml-minimal/Pulumi.yaml .", e2e.Example(d.t, "yaml-minimal"))
	d.subscription.run("config set vswitchId vsw-bp1orders000000000000")
	text := d.subscription.try("preview").Fails().Output
	d.check(strings.Contains(text, "vsw-bp1orders000000000000 is not among the vSwitches of vpc-bp1main00000000000000"), "the preview says what is wrong")
	d.check(strings.Contains(text, "These would do: vsw-bp1main00000000000000"), "and which vSwitch would do")
	d.bill(e2e.Bill{})
	d.subscription.run("config rm vswitchId")
}

func (d *demo) buySubscription() {
	d.title("Buy and connect a Subscription, with a second VPC bound to it")
	d.check(strings.Contains(d.subscription.run("up --yes"), ": paid "), "the price is printed")
	d.finished(d.subscription, e2e.Bill{Orders: 1})
}

// finished compares a stack and its instance with what the example asks for.
func (d *demo) finished(s *stack, want e2e.Bill) {
	s.id = strings.TrimSpace(s.run("stack output instanceId"))
	i := d.instance(s)
	d.check(i.Status == "Connected", "the instance %s is Connected", i.ID)
	d.check(boundOnlyTo(i, "vpc-bp1orders000000000000"), "the second VPC is bound to it")
	d.bill(want)
	s.run("preview --expect-no-changes")
}

func boundOnlyTo(i emulator.Instance, vpc string) bool {
	return len(i.BindVpcs) == 1 && i.BindVpcs[0].VpcID == vpc
}

func (d *demo) killCreate() {
	d.title("Buy a PayAsYouGo instance, and kill the CLI once the order is placed")
	d.payAsYouGo = d.newStack("payasyougo", "sed 's/kms-minimal/kms-payments/' ../examples/yaml-minimal/Pulumi.yaml > Pulumi.yaml",
		strings.ReplaceAll(e2e.Example(d.t, "yaml-minimal"), "kms-minimal", "kms-payments"))
	d.payAsYouGo.edit(
		"      paymentType: Subscription", "      paymentType: PayAsYouGo\n      forceDeleteWithoutBackup: true",
		"      spec: 1000\n      keyNum: 1000\n      secretNum: 0\n      vpcNum: 2\n      zoneIds:", "      zoneIds:",
	)
	show("\npayasyougo$ pulumi up --yes --skip-preview &\n")
	up := d.payAsYouGo.Start("up", "--yes", "--skip-preview")
	e2e.Eventually(d.t, "the order is placed", func() bool { return d.cloud.Totals().Orders == 2 })
	show("%s\npayasyougo$ kill -9\n\nA killed CLI may leave its lock.\n", up.KillAll())
	d.payAsYouGo.run("cancel --yes")
	d.bill(e2e.Bill{Orders: 2})
}

func (d *demo) finishCreate() {
	d.title("The next `up` finds that instance instead of buying another one; do what it says")
	s := d.payAsYouGo
	text := s.try("up --yes --skip-preview").Fails().Output
	_, rest, _ := strings.Cut(text, "`import: ")
	id, _, found := strings.Cut(rest, "`")
	d.check(found && strings.Contains(text, "nothing was bought: an earlier run may have bought this instance already: "+id), "%s is found", id)
	d.bill(e2e.Bill{Orders: 2})
	show("\nThe stack does not have it, nor has anybody else: the third way of the message.\n")
	const without = "        environment: example"
	with := without + "\n    options:\n      import: " + id
	s.edit(without, with)
	s.run("up --yes --skip-preview", "refresh --yes --skip-preview --clear-pending-creates")
	s.edit(with, without)
	d.finished(s, e2e.Bill{Orders: 2})
}

func (d *demo) changeInPlace() {
	d.title("Change sizes, name, tags and the bound VPC in place")
	d.subscription.edit(
		"      spec: 1000", "      spec: 2000",
		"      keyNum: 1000", "      keyNum: 2000",
		"      secretNum: 0", "      secretNum: 100",
		"      instanceName: kms-minimal", "      instanceName: kms-orders",
		"        environment: example", "        environment: demo\n        team: orders",
		"    default: vpc-bp1orders000000000000", "    default: vpc-bp1audit0000000000000",
	)
	d.check(strings.Contains(d.subscription.run("up --yes --diff"), ": paid "), "the price of the sizes is printed")
	d.changed()
}

// changed compares the Subscription in the cloud with the changed program.
func (d *demo) changed() {
	i := d.instance(d.subscription)
	d.check(i.Spec == 2000 && i.KeyNum == 2000 && i.SecretNum == 100, "%s has the new sizes", i.ID)
	d.check(i.Name == "kms-orders", "it has the new name")
	d.check(maps.Equal(i.Tags, map[string]string{"environment": "demo", "team": "orders"}), "it has the new tags")
	d.check(boundOnlyTo(i, "vpc-bp1audit0000000000000"), "it has the new bound VPC, and only that")
	d.bill(e2e.Bill{Orders: 2, Modifications: 1})
}

func (d *demo) previewReplacement() {
	d.title("Look at what moving to another VPC would mean: a replacement, which is only previewed here")
	d.subscription.run("config set vpcId vpc-bp1other0000000000000")
	text := d.subscription.run("preview --diff")
	d.subscription.run("config rm vpcId")
	still := d.instance(d.subscription)
	d.check(strings.Contains(text, "(replace)") && strings.Contains(text, "1 to replace"), "the preview shows a replacement")
	d.check(strings.Contains(text, "ALL KEYS AND SECRETS IN IT ARE DESTROYED"), "the preview warns that it destroys the keys")
	d.check(!still.Gone && still.VpcID == "vpc-bp1main00000000000000", "the instance is where it was")
	d.bill(e2e.Bill{Orders: 2, Modifications: 1})
}

func (d *demo) refreshDrift() {
	d.title("Somebody renames the instance and drops its tags in the console: refresh shows it, up corrects it")
	name := "renamed-in-the-console"
	d.cloud.Patch(d.subscription.id, emulator.Patch{Name: &name, Tags: map[string]string{}})
	text := d.subscription.run("refresh --yes --diff")
	d.check(strings.Contains(text, `instanceName: "kms-orders" => "renamed-in-the-console"`), "the refresh shows the new name")
	d.check(strings.Contains(text, `- team       : "orders"`), "the refresh shows the lost tags")
	d.subscription.run("up --yes")
	d.changed()
}

func (d *demo) importInstance() {
	d.title("Bring an instance that was bought in the console under Pulumi's management")
	existing := d.cloud.Put(emulator.Instance{
		Name: "bought-in-the-console", VpcID: "vpc-console", VSwitchIDs: []string{"vsw-console"}, ZoneIDs: []string{"cn-hangzhou-j", "cn-hangzhou-k"},
		Tags: map[string]string{"owner": "ops"}, Renewal: emulator.Renewal{Status: "AutoRenewal", Period: 1, Unit: "M"},
	})
	const project = "name: kms-imported\nruntime: yaml\nconfig:\n  alicloud-kms:region: cn-hangzhou\n"
	d.imported = d.newStack("imported", "cat > Pulumi.yaml <<END\n"+project+"END", project)
	d.imported.id = existing.ID
	d.imported.run("import alicloud-kms:index:KmsInstance existing " + existing.ID + " --yes --generate-code --out generated.yaml")
	show("\nimported$ cat generated.yaml >> Pulumi.yaml\n%s", d.imported.Read("generated.yaml"))
	d.imported.Write(project + d.imported.Read("generated.yaml"))
	d.imported.run("preview --expect-no-changes")
	d.bill(e2e.Bill{Orders: 2, Modifications: 1})
}

func (d *demo) destroy() {
	d.title("Give everything back: a Subscription is refunded, a PayAsYouGo instance released")
	show("\nAn imported resource is protected; that has to be taken back first.\n")
	d.imported.run("state unprotect --all --yes")
	for _, s := range []*stack{d.imported, d.payAsYouGo, d.subscription} {
		s.run("destroy --yes")
		d.check(d.instance(s).Gone, "%s is gone", s.id)
		s.run("stack rm --yes dev")
	}
}

// balance shows every order, and compares their number with what the stacks should have ordered.
func (d *demo) balance() {
	d.title("The bill: two purchases, one change of sizes, and refunds of the Subscription and the imported instance")
	orders := d.cloud.Orders()
	for _, o := range orders {
		show("  order %s  %-14s  %s  amount %6d\n", o.ID, o.Kind, o.InstanceID, o.Amount)
	}
	want := e2e.Bill{Orders: 2, Modifications: 1, Refunds: 2, Releases: 1}
	d.check(len(orders) == want.Orders+want.Modifications+want.Refunds, "these are all orders")
	d.bill(want)
}
