package states

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

// A stack that any version has recorded is gone on with by the real CLI, without a change of its own, and is destroyed.
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

// A stack of version 0.1.0 has no record of what was declared. What its program takes out stays, with a warning that says how to clear
// it; after any other update the record is there, and it goes.
func TestSettingsOfTheFirstVersion(t *testing.T) {
	t.Parallel()
	s := load(t, filepath.Join("testdata", "v0.1.0", "subscription"))
	program := string(s.read(t, programFile))
	bare, _, _ := strings.Cut(program, "      deletionProtection:")
	for _, updated := range []bool{false, true} {
		cloud := e2e.NewCloud(t, e2e.Quick())
		s.put(t, cloud.Server)
		p := e2e.NewProject(t, cloud, program)
		p.WriteFile(exportFile, string(s.read(t, exportFile)))
		p.Pulumi("stack", "import", "--file", exportFile).Succeeds()
		want := "tags is not in the program. It stays as it is"
		if updated {
			p.Edit("instanceName: sample", "instanceName: other")
			p.Up().Succeeds()
			want = "the tags that it had set are removed"
		}
		p.Write(bare)
		p.Preview().Succeeds().Shows(want)
		p.Up().Succeeds()
		if i := cloud.Only(); len(i.Tags) == 0 != updated || len(i.BindVpcs) == 0 != updated {
			t.Errorf("updated before: %t; the instance has the tags %v and the bindings %v", updated, i.Tags, i.BindVpcs)
		}
		p.Preview("--expect-no-changes").Succeeds()
	}
}
