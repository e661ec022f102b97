//go:build sdks

package sdks

import (
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
	java := inLanguage(t, "java")
	p := java.start(t, cloud, fork(t, base(t, java), map[string]string{
		java.file:     read(t, root(t, "test", "sdks", "testdata", "provider", "App.java")),
		"Pulumi.yaml": java.project("provider", ""),
	}))

	noWarning(t, p.run("preview").Fails().Shows("4 to create", "no changes were expected").Hides(external, timeout))
	noWarning(t, p.run("up").Succeeds().Shows("4 created").Hides(external, timeout))
	cloud.WantBill(e2e.Bill{Orders: 2})
	session := cloud.Instances()[0].ID // the first, whose id names the session
	if !slices.ContainsFunc(cloud.Journal(), func(call emulator.Call) bool {
		return call.Action == "AssumeRole" && call.Parameters["ExternalId"] == external && call.Parameters["RoleSessionName"] == session
	}) {
		t.Errorf("no role was assumed with the external id and the session %s", session)
	}
	for _, secret := range []string{external, timeout} {
		if strings.Contains(p.Checkpoint(), secret) {
			t.Errorf("the stack has %q in clear", secret)
		}
	}
	p.run("preview").Succeeds()
	p.run("destroy").Succeeds().Shows("4 deleted")
}
