package e2e_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

// TestWayBackAfterKill: the CLI is killed while the instance that it has just bought connects, so that the engine has no
// resource. What docs/reliability.md says to type then brings the instance back without a second order.
func TestWayBackAfterKill(t *testing.T) {
	t.Parallel()
	options := e2e.Quick()
	options.Connect = time.Second
	cloud := e2e.NewCloud(t, options)
	p := e2e.NewProject(t, cloud, small)
	running := p.Start("up", "--yes", "--skip-preview")
	e2e.Eventually(t, "the instance connects", func() bool { return len(cloud.Calls("ConnectKmsInstance")) > 0 })
	running.Prints("is bought")
	printed := running.Kill()
	id := cloud.Only().ID
	if !strings.Contains(printed, id+" is bought") || !strings.Contains(printed, "client token") {
		t.Errorf("the token and the id were not printed before the end:\n%s", printed)
	}
	p.Pulumi("cancel", "--yes") // a killed CLI may leave its lock

	p.Write(small + "    options:\n      import: " + id + "\n")
	p.Up().Succeeds()
	p.Pulumi("refresh", "--yes", "--skip-preview", "--clear-pending-creates").Succeeds()
	p.Write(small)
	p.Up().Succeeds()
	p.Preview("--expect-no-changes").Succeeds()
	if r := p.Instance(); r.ID != id || r.Outputs["status"] != emulator.StatusConnected {
		t.Errorf("the stack has %+v, want %s connected", r, id)
	}
	cloud.WantBill(e2e.Bill{Orders: 1})
}
