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

// What hits a command of the CLI.
const (
	killCLI    = "kill -9 of the CLI, the plugin lives on"
	killAll    = "kill -9 of the CLI and the plugin"
	killPlugin = "kill -9 of the plugin"
	interrupt  = "Ctrl-C"
	giveUp     = "Ctrl-C, and another one"
	restart    = "restart of the cloud"
)

// What is hit, if it is not a create.
const (
	ofChange  = "change of sizes"
	ofReplace = "replacement"
	ofDelete  = "destroy"
	ofRefresh = "refresh"
	ofImport  = "import"
)

// cliCase is a command of the CLI that is hit at a call.
type cliCase struct {
	hit    string
	action string
	nth    int
	after  bool   // after the call took effect
	of     string // what is hit; empty for a create
}

func (c cliCase) String() string {
	when := "before"
	if c.after {
		when = "after"
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s %s %d %s", c.hit, when, c.action, c.nth, c.of))
}

// cliCases are those that the tests with the CLI alone do not have; the first few run without -full, too.
var cliCases = []cliCase{
	{hit: killCLI, action: "CreateInstance", nth: 1},
	{hit: killPlugin, action: "ModifyInstance", nth: 1, after: true, of: ofChange},
	{hit: interrupt, action: "GetKmsInstance", nth: 2},

	{hit: killCLI, action: "ConnectKmsInstance", nth: 1, after: true},
	{hit: interrupt, action: "UpdateKmsInstance", nth: 1},
	{hit: restart, action: "CreateInstance", nth: 1, after: true},
	{hit: restart, action: "ConnectKmsInstance", nth: 1},
	{hit: giveUp, action: "CreateInstance", nth: 1},
	{hit: giveUp, action: "CreateInstance", nth: 1, after: true},
	{hit: killAll, action: "ModifyInstance", nth: 1, after: true, of: ofChange},
	{hit: interrupt, action: "ModifyInstance", nth: 1, of: ofChange},
	{hit: restart, action: "ModifyInstance", nth: 1, after: true, of: ofChange},
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

// After a kill, Ctrl-C or restart at a call, the ways that the messages of the real CLI name lead to one finished instance.
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
	p.SetEnv(e2e.Endpoints(w.server.URL)...)
	p.SetEnv("ALICLOUD_KMS_LOOK_AGAIN=2s")
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

	c.strike(t, w, p)

	w.arm(nil)
	p.Pulumi("cancel", "--yes") // a killed CLI may leave its lock
	if c.of == ofDelete {
		if destroy := p.Destroy(); destroy.Code != 0 {
			p.Destroy().Succeeds()
		}
		if left := p.Instances(); len(left) > 0 {
			t.Errorf("the stack still has %+v", left)
		}
	} else {
		c.goOn(t, w, p, len(before))
		i, ok := w.cloud().Instance(p.Instance().ID)
		if !ok || i.Status != emulator.StatusConnected || i.Name != "main" || i.Renewal.Status != "NotRenewal" || i.KeyNum != keys || i.VpcID != vpc {
			t.Errorf("the instance is %+v", i)
		}
	}
	for _, at := range w.takeGivingBack() {
		if c.of == ofReplace && !slices.ContainsFunc(at, func(i emulator.Instance) bool {
			return i.ID != before[0].InstanceID && i.Status == emulator.StatusConnected
		}) {
			t.Error("the old instance was given back before the new one was connected")
		}
	}
	totals := w.cloud().Totals()
	if have := (emulator.Totals{Orders: totals.Orders, Modifications: totals.Modifications, Refunds: totals.Refunds, Releases: totals.Releases}); have != want {
		t.Errorf("the cloud counts %+v, want %+v", have, want)
	}
}

// strike runs the command, hit at the call.
func (c cliCase) strike(t *testing.T, w *world, p *e2e.Project) {
	t.Helper()
	reached, done := make(chan struct{}), make(chan struct{})
	release := sync.OnceFunc(func() { close(done) })
	hold := func() {
		close(reached)
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
		running.Wait().Succeeds()
		return
	}
	<-reached
	defer release()
	switch c.hit {
	case killAll:
		running.KillAll()
	case killCLI:
		running.Kill()
	case killPlugin:
		running.KillPlugin()
	case giveUp:
		running.Interrupt()
		running.GiveUp()
	default:
		running.Interrupt()
		go func() {
			// The engine passes the interruption on to the plugin. When it has, nobody can see from here.
			waitFor(t.Context(), time.Second)
			release()
		}()
		running.Wait()
	}
}

// goOn types a plain `up`, and then what its message says, until nothing is left to do.
func (c cliCase) goOn(t *testing.T, w *world, p *e2e.Project, ordered int) {
	t.Helper()
	if buys := c.of == "" || c.of == ofReplace && c.action != "RefundInstance"; buys && (c.hit == killCLI || c.hit == giveUp) {
		// The order that the plugin had sent comes through although nobody waits for it.
		e2e.Eventually(t, "the order is placed", func() bool { return w.cloud().Totals().Orders == ordered+1 })
	}
	w.cloud().Advance(time.Minute) // by then the console shows what was bought
	up := p.Up()
	if named := importNamed.FindStringSubmatch(up.Output); named != nil {
		up.Fails().Shows("nothing was bought")
		p.ImportInstead(named[1])
	} else if up.Code != 0 {
		p.Up("--refresh").Succeeds()
	}
	if c.of == ofImport {
		p.Write(cliProgram)
	}
	p.Pulumi("preview", "--expect-no-changes").Succeeds()
	p.Pulumi("refresh", "--yes", "--expect-no-changes").Succeeds()
}
