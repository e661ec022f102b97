//go:build sdks

package sdks

import (
	"encoding/json"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

// TestGetSchema: the CLI gets the schema of the plugin's binary, and it is the one in the tree.
func TestGetSchema(t *testing.T) {
	t.Parallel()
	project := e2e.NewProject(t, nil, "name: any\nruntime: yaml\n")
	out := project.Pulumi("package", "get-schema", root(t, "bin", "pulumi-resource-alicloud-kms")).Succeeds().Output
	var got, want map[string]any
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("%v:\n%.500s", err, out)
	}
	if err := json.Unmarshal([]byte(read(t, root(t, "schema.json"))), &want); err != nil {
		t.Fatal(err)
	}
	if got["version"] != version(t) {
		t.Errorf("the schema has version %v, want %s", got["version"], version(t))
	}
	delete(got, "version")
	if !reflect.DeepEqual(got, want) {
		t.Error("the schema of the plugin is not schema.json")
	}
}

// TestPackageAdd: the CLI adds the plugin to a YAML project, which needs no SDK, and the project then uses it.
func TestPackageAdd(t *testing.T) {
	t.Parallel()
	cloud := e2e.NewCloud(t, e2e.Quick())
	program := read(t, root(t, "examples", "yaml-minimal", "Pulumi.yaml"))
	project := e2e.NewProject(t, cloud, program)
	write(t, filepath.Join(project.Dir, "Pulumi.yaml"), program) // without the plugin's folder

	project.Pulumi("package", "add", root(t, "bin", "pulumi-resource-alicloud-kms")).Succeeds()
	if text := project.Read("Pulumi.yaml"); !strings.Contains(text, "\npackages:\n  alicloud-kms: ") {
		t.Errorf("the project file has no package:\n%s", text)
	}
	project.Up().Succeeds().Shows("2 created")
	cloud.WantBill(e2e.Bill{Orders: 1})
	project.Destroy().Succeeds()
}
