package e2e_test

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

// The binaries and the schema that Pulumi gets from the plugin have the version of the Makefile.
// Promise (Packages): The binary knows its version.
func TestBuiltVersion(t *testing.T) {
	root, want := e2e.Root(t), e2e.Version(t)
	_, p := start(t, empty)
	p.Pulumi("package", "get-schema", filepath.Join(root, "bin", "pulumi-resource-alicloud-kms")).Succeeds().Shows(`"version": "` + want + `"`)
	said, err := exec.CommandContext(t.Context(), filepath.Join(root, "bin", "alicloud-kms-emulator"), "--version").Output()
	if err != nil || string(said) != "alicloud-kms-emulator "+want+"\n" {
		t.Errorf("the emulator says %q (%v), want %s", said, err, want)
	}
}
