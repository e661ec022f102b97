package states

import (
	"path/filepath"
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

// TestStacksOfSamples takes each recorded stack up with the real CLI, goes on with its program, and gives everything back.
func TestStacksOfSamples(t *testing.T) {
	t.Parallel()
	for _, s := range samples(t) {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			cloud := e2e.NewCloud(t, e2e.Quick())
			s.put(t, cloud.Server)
			p := e2e.NewProject(t, cloud, string(s.read(t, programFile)))
			export, err := filepath.Abs(filepath.Join(s.dir, exportFile))
			if err != nil {
				t.Fatal(err)
			}
			p.Pulumi("stack", "import", "--file", export).Succeeds()
			if s.finished() {
				p.Pulumi("preview", "--expect-no-changes").Succeeds()
			} else {
				p.Preview().Succeeds().Shows("1 to update").Hides("(replace)")
				p.Up().Succeeds()
			}
			p.Refresh().Succeeds()
			p.Pulumi("preview", "--expect-no-changes").Succeeds()
			bill := e2e.Bill{Refunds: 1}
			switch s.kind() {
			case "pay-as-you-go":
				bill = e2e.Bill{Releases: 1}
			case "imported":
				p.Edit("deletionProtection: true", "deletionProtection: false")
				p.Up().Succeeds()
			}
			p.Destroy().Succeeds().Shows("2 deleted")
			cloud.WantBill(bill)
		})
	}
}
