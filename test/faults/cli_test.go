package faults

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

// cliProgram is the program of the cases with the CLI; the configuration makes an operation give up soon.
const cliProgram = `name: faults
runtime: yaml
config:
  alicloud-kms:region: cn-hangzhou
  alicloud-kms:maxRetryTimeout: 20
  alicloud-kms:clientReadTimeout: 5000
resources:
  main:
    type: alicloud-kms:index:KmsInstance
    properties:
      vpcId: vpc-main
      zoneIds: [cn-hangzhou-k, cn-hangzhou-j]
      vswitchIds: [vsw-main]
      paymentType: Subscription
      productVersion: "3"
      spec: 1000
      keyNum: 1000
      secretNum: 0
      vpcNum: 1
      renewStatus: NotRenewal
      instanceName: main
`

// What strikes a command of the CLI.
const (
	killCLI    = "kill -9 of the CLI, the plugin lives on"
	killAll    = "kill -9 of the CLI and the plugin"
	killPlugin = "kill -9 of the plugin"
	interrupt  = "Ctrl-C"
	giveUp     = "Ctrl-C, and another one"
	restart    = "restart of the cloud"
)

// What is struck, if it is not a create.
const (
	ofChange  = "change of sizes"
	ofReplace = "replacement"
	ofDelete  = "destroy"
	ofRefresh = "refresh"
	ofImport  = "import"
)

// cliCase is a command of the CLI that is struck at a call.
type cliCase struct {
	hit    string
	action string
	nth    int
	after  bool   // after the call took effect
	of     string // what is struck; empty for a create
}

func (c cliCase) String() string {
	when := "before"
	if c.after {
		when = "after"
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s %s %d %s", c.hit, when, c.action, c.nth, c.of))
}

// cliCases are all; the first few run without -full, too.
var cliCases = []cliCase{
	{hit: killAll, action: "CreateInstance", nth: 1, after: true},
	{hit: killPlugin, action: "ConnectKmsInstance", nth: 1},
	{hit: interrupt, action: "GetKmsInstance", nth: 2},

	{hit: killAll, action: "CreateInstance", nth: 1},
	{hit: killAll, action: "GetKmsInstance", nth: 1},
	{hit: killAll, action: "ConnectKmsInstance", nth: 1, after: true},
	{hit: killAll, action: "SetRenewal", nth: 1, after: true},
	{hit: killCLI, action: "CreateInstance", nth: 1},
	{hit: killCLI, action: "CreateInstance", nth: 1, after: true},
	{hit: killCLI, action: "ConnectKmsInstance", nth: 1, after: true},
	{hit: killPlugin, action: "CreateInstance", nth: 1},
	{hit: killPlugin, action: "CreateInstance", nth: 1, after: true},
	{hit: killPlugin, action: "GetKmsInstance", nth: 3},
	{hit: interrupt, action: "CreateInstance", nth: 1},
	{hit: interrupt, action: "CreateInstance", nth: 1, after: true},
	{hit: interrupt, action: "ConnectKmsInstance", nth: 1, after: true},
	{hit: interrupt, action: "UpdateKmsInstance", nth: 1},
	{hit: restart, action: "CreateInstance", nth: 1, after: true},
	{hit: restart, action: "ConnectKmsInstance", nth: 1},
	{hit: giveUp, action: "CreateInstance", nth: 1},
	{hit: giveUp, action: "CreateInstance", nth: 1, after: true},
	{hit: killAll, action: "ModifyInstance", nth: 1, after: true, of: ofChange},
	{hit: killPlugin, action: "ModifyInstance", nth: 1, after: true, of: ofChange},
	{hit: interrupt, action: "ModifyInstance", nth: 1, of: ofChange},
	{hit: restart, action: "ModifyInstance", nth: 1, after: true, of: ofChange},
	{hit: killAll, action: "CreateInstance", nth: 1, after: true, of: ofReplace},
	{hit: killAll, action: "ConnectKmsInstance", nth: 1, after: true, of: ofReplace},
	{hit: killCLI, action: "RefundInstance", nth: 1, of: ofReplace},
	{hit: interrupt, action: "GetKmsInstance", nth: 2, of: ofReplace},
	{hit: killAll, action: "RefundInstance", nth: 1, after: true, of: ofDelete},
	{hit: killPlugin, action: "RefundInstance", nth: 1, of: ofDelete},
	{hit: interrupt, action: "RefundInstance", nth: 1, of: ofDelete},
	{hit: killAll, action: "GetKmsInstance", nth: 1, of: ofRefresh},
	{hit: interrupt, action: "GetKmsInstance", nth: 1, after: true, of: ofRefresh},
	{hit: killAll, action: "GetKmsInstance", nth: 1, of: ofImport},
	{hit: killPlugin, action: "GetKmsInstance", nth: 1, after: true, of: ofImport},
}

// TestCLI does with the real CLI what the sweep does with a stand-in, for a few calls: after a fault it types what
// docs/reliability.md says, and demands one instance, connected and with all settings, and a clean preview.
func TestCLI(t *testing.T) {
	t.Parallel()
	list := cliCases
	if !*full {
		list = list[:3]
	}
	for _, c := range list {
		t.Run(c.String(), func(t *testing.T) {
			t.Parallel()
			c.play(t)
		})
	}
}

func (c cliCase) play(t *testing.T) {
	w, err := newWorld(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.close(); err != nil {
			t.Error(err)
		}
	})
	p := e2e.NewProject(t, nil, cliProgram)
	p.SetEnv(e2e.Endpoints("http://" + w.address)...)
	want := emulator.Totals{Orders: 1}
	program, vpc, keys := cliProgram, "vpc-main", 1000
	if c.of != "" {
		p.Up().Succeeds()
	}
	before := w.cloud().Orders()
	switch c.of {
	case ofChange:
		want.Modifications, keys = 1, 2000
		program = strings.Replace(program, "keyNum: 1000", "keyNum: 2000", 1)
	case ofReplace:
		want.Orders, want.Refunds, vpc = 2, 1, "vpc-new"
		program = strings.NewReplacer("vpc-main", "vpc-new", "vsw-main", "vsw-new").Replace(program)
	case ofDelete:
		want.Refunds = 1
	case ofImport:
		p.Pulumi("state", "delete", p.Instance().URN, "--yes").Succeeds()
		program += "    options:\n      import: " + before[0].InstanceID + "\n"
	}
	p.Write(program)
	w.takeGivingBack()

	printed := c.strike(t, w, p)

	w.arm(nil)
	switch c.hit {
	case killAll, killCLI, killPlugin, giveUp:
		p.Pulumi("cancel", "--yes") // a killed CLI may leave its lock
		if c.of == "" || c.of == ofReplace && c.action != "RefundInstance" {
			c.wayBack(t, w, p, program, len(before), printed)
		}
	}
	if c.of == ofDelete {
		if destroy := p.Destroy(); destroy.Code != 0 {
			p.Destroy().Succeeds()
		}
		c.judgeTotals(t, w, want)
		if left := p.Instances(); len(left) > 0 {
			t.Errorf("the stack still has %+v", left)
		}
		return
	}
	// An order without an answer takes two runs; `up --refresh` does for all others, too.
	if up := p.Up(); up.Code != 0 {
		p.Up("--refresh").Succeeds()
	}
	if c.of == ofImport {
		p.Write(cliProgram)
	}
	p.Pulumi("preview", "--expect-no-changes").Succeeds()
	p.Pulumi("refresh", "--yes", "--expect-no-changes").Succeeds()

	c.judgeTotals(t, w, want)
	for _, at := range w.takeGivingBack() {
		if c.of == ofReplace && !slices.ContainsFunc(at, func(i emulator.Instance) bool {
			return i.ID != before[0].InstanceID && i.Status == emulator.StatusConnected
		}) {
			t.Error("the old instance was given back before the new one was connected")
		}
	}
	kept := p.Instance()
	i, ok := w.cloud().Instance(kept.ID)
	if !ok || len(kept.InitErrors) > 0 {
		t.Fatalf("the stack has %q: %v", kept.ID, kept.InitErrors)
	}
	if i.Status != emulator.StatusConnected || i.Name != "main" || i.Renewal.Status != "NotRenewal" || i.KeyNum != keys ||
		i.VpcID != vpc {
		t.Errorf("the instance is %+v", i)
	}
}

func (c cliCase) judgeTotals(t *testing.T, w *world, want emulator.Totals) {
	t.Helper()
	totals := w.cloud().Totals()
	have := emulator.Totals{Orders: totals.Orders, Modifications: totals.Modifications, Refunds: totals.Refunds, Releases: totals.Releases}
	if have != want {
		t.Errorf("the cloud counts %+v, want %+v", have, want)
	}
}

// strike runs the command, struck at the call, and returns what it printed.
func (c cliCase) strike(t *testing.T, w *world, p *e2e.Project) string {
	t.Helper()
	struck, done := make(chan struct{}), make(chan struct{})
	release := sync.OnceFunc(func() { close(done) })
	hold := func() {
		close(struck)
		<-done
	}
	silent := true
	switch c.hit {
	case restart:
		hold = w.restart
	case killCLI, giveUp:
		silent = false // the plugin gets its answer
	case interrupt:
		silent = !c.after
	}
	w.arm(&strike{action: c.action, nth: c.nth, after: c.after, silent: silent, do: hold})
	command := "up"
	if c.of == ofDelete || c.of == ofRefresh {
		command = c.of
	}
	running := p.Start(command, "--yes", "--skip-preview")
	if c.hit == restart {
		return running.Wait().Succeeds().Output
	}
	e2e.Eventually(t, "the call is made", w.struck)
	<-struck
	defer release()
	if buys := c.of == "" || c.of == ofReplace; buys && (c.hit == killAll || c.hit == killCLI) {
		running.Prints("client token")
		if c.action != "CreateInstance" {
			running.Prints("is bought")
		}
	}
	switch c.hit {
	case killAll:
		return running.KillAll()
	case killCLI:
		return running.Kill()
	case killPlugin:
		return running.KillPlugin()
	}
	running.Interrupt()
	if c.hit == giveUp {
		return running.GiveUp()
	}
	go func() {
		// The engine passes the interruption on to the plugin. When it has, nobody can see from here.
		waitFor(t.Context(), time.Second)
		release()
	}()
	return running.Wait().Output
}

// wayBack types what the docs say after a kill during a create, with the id that was printed, or that is looked up.
func (c cliCase) wayBack(t *testing.T, w *world, p *e2e.Project, program string, ordered int, printed string) {
	t.Helper()
	if c.hit == killCLI || c.hit == giveUp {
		// The order that the plugin had sent comes through although nobody waits for it.
		e2e.Eventually(t, "the order is placed", func() bool { return w.cloud().Totals().Orders == ordered+1 })
	}
	orders := w.cloud().Orders()[ordered:]
	if len(orders) == 0 {
		p.Pulumi("refresh", "--yes", "--skip-preview", "--clear-pending-creates").Succeeds()
		return
	}
	if !strings.Contains(printed, orders[0].Token) {
		t.Errorf("the client token was not printed before the end:\n%s", printed)
	}
	id := orders[0].InstanceID
	w.cloud().Advance(time.Minute) // by then the console shows it
	if answered := c.action != "CreateInstance"; answered && !strings.Contains(printed, id+" is bought") {
		t.Errorf("the id was not printed before the end:\n%s", printed)
	}
	p.Write(program + "    options:\n      import: " + id + "\n")
	p.Up().Succeeds()
	p.Pulumi("refresh", "--yes", "--skip-preview", "--clear-pending-creates").Succeeds()
	p.Write(program)
}
