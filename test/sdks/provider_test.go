//go:build sdks

package sdks

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

// TestJavaProvider: Java's SDK sends all that is no plain string as JSON text, with Pulumi's markers for secret and unknown values in it.
// A provider made of such values is planned, works, and shows no secret.
func TestJavaProvider(t *testing.T) {
	t.Parallel()
	const external, timeout = "hidden-external-id", "43219"
	options := e2e.Quick()
	options.Site = emulator.SiteInternational
	cloud := e2e.NewCloud(t, options)
	file := filepath.Join(t.TempDir(), "Pulumi.yaml")
	write(t, file, "name: provider\nruntime: java\nconfig:\n  alicloud-kms:region: cn-hangzhou\n")
	p := compiledJava(t, work(t, "provider"), root(t, "test", "sdks", "testdata", "provider", "App.java"))
	project := p.newProject(t, cloud, file)

	p.run(project, "preview").Fails().Shows("4 to create", "no changes were expected").Hides("warning", external, timeout)
	p.run(project, "up").Succeeds().Shows("4 created").Hides("warning", external, timeout)
	cloud.WantBill(e2e.Bill{Orders: 2})
	session := cloud.Instances()[0].ID // the first, whose id names the session
	if !slices.ContainsFunc(cloud.Journal(), func(call emulator.Call) bool {
		return call.Action == "AssumeRole" && call.Parameters["ExternalId"] == external && call.Parameters["RoleSessionName"] == session
	}) {
		t.Errorf("no role was assumed with the external id and the session %s", session)
	}
	for _, secret := range []string{external, timeout} {
		if strings.Contains(project.Checkpoint(), secret) {
			t.Errorf("the stack has %q in clear", secret)
		}
	}
	p.run(project, "preview").Succeeds()
	p.run(project, "destroy").Succeeds().Shows("4 deleted")
}
