package faults

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/e2e"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/emulator"
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
	restart    = "restart of the cloud"
)

// cliCase is a command of the CLI that is struck at a call.
type cliCase struct {
	hit    string
	action string
	nth    int
	after  bool // after the call took effect
	// changes says that it is an update of sizes that is struck, not a create.
	changes bool
}

func (c cliCase) String() string {
	when := "before"
	if c.after {
		when = "after"
	}
	return fmt.Sprintf("%s %s %s %d", c.hit, when, c.action, c.nth)
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
	{hit: killAll, action: "ModifyInstance", nth: 1, after: true, changes: true},
	{hit: killPlugin, action: "ModifyInstance", nth: 1, after: true, changes: true},
	{hit: interrupt, action: "ModifyInstance", nth: 1, changes: true},
	{hit: restart, action: "ModifyInstance", nth: 1, after: true, changes: true},
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
	modifications := 0
	if c.changes {
		p.Up().Succeeds()
		modifications = 1
		p.Write(strings.Replace(cliProgram, "keyNum: 1000", "keyNum: 2000", 1))
	}

	printed := c.strike(t, w, p)

	switch c.hit {
	case killAll, killCLI, killPlugin:
		p.Pulumi("cancel", "--yes") // a killed CLI may leave its lock
		if !c.changes {
			c.wayBack(t, w, p, printed)
		}
	}
	w.arm(nil)
	// An order without an answer takes two runs; `up --refresh` does for all others, too.
	if up := p.Up(); up.Code != 0 {
		p.Up("--refresh").Succeeds()
	}
	p.Pulumi("preview", "--expect-no-changes").Succeeds()
	p.Pulumi("refresh", "--yes", "--expect-no-changes").Succeeds()

	totals := w.cloud().Totals()
	if totals.Orders != 1 || totals.Modifications != modifications || totals.Refunds+totals.Releases > 0 {
		t.Errorf("the cloud counts %+v", totals)
	}
	kept := p.Instance()
	i, ok := w.cloud().Instance(kept.ID)
	if !ok || len(kept.InitErrors) > 0 {
		t.Fatalf("the stack has %q: %v", kept.ID, kept.InitErrors)
	}
	if i.Status != emulator.StatusConnected || i.Name != "main" || i.Renewal.Status != "NotRenewal" || i.KeyNum != 1000*(1+modifications) {
		t.Errorf("the instance is %+v", i)
	}
}

// strike runs `pulumi up`, struck at the call, and returns what it printed.
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
	case killCLI:
		silent = false // the plugin gets its answer
	case interrupt:
		silent = !c.after
	}
	w.arm(&strike{action: c.action, nth: c.nth, after: c.after, silent: silent, do: hold})
	running := p.Start("up", "--yes", "--skip-preview")
	if c.hit == restart {
		return running.Wait().Succeeds().Output
	}
	e2e.Eventually(t, "the call is made", w.struck)
	<-struck
	defer release()
	switch c.hit {
	case killAll:
		return running.KillAll()
	case killCLI:
		return running.Kill()
	case killPlugin:
		return running.KillPlugin()
	}
	running.Interrupt()
	go func() {
		// The engine passes the interruption on to the plugin. When it has, nobody can see from here.
		waitFor(t.Context(), time.Second)
		release()
	}()
	return running.Wait().Output
}

// wayBack types what the docs say after a kill during a create, with the id that was printed, or that is looked up.
func (c cliCase) wayBack(t *testing.T, w *world, p *e2e.Project, printed string) {
	t.Helper()
	if c.hit == killCLI {
		// The order that the plugin had sent comes through although nobody waits for it.
		e2e.Eventually(t, "the order is placed", func() bool { return w.cloud().Totals().Orders == 1 })
	}
	orders := w.cloud().Orders()
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
	p.Write(cliProgram + "    options:\n      import: " + id + "\n")
	p.Up().Succeeds()
	p.Pulumi("refresh", "--yes", "--skip-preview", "--clear-pending-creates").Succeeds()
	p.Write(cliProgram)
}
