package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/pkg/v3/resource/plugin"

	"github.com/pulumiverse/pulumi-alicloud-kms/test/engine"
)

// TestBuiltVersion: the binaries that `make build` has built say that they are of the version in the Makefile, and so does
// the schema that the engine gets from the plugin.
// Promise (Packages): The binary knows its version.
func TestBuiltVersion(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^VERSION := (\d+\.\d+\.\d+\S*)$`).FindSubmatch(makefile)
	if line == nil {
		t.Fatal("the Makefile has no line VERSION")
	}
	want := string(line[1])

	binary := engine.Binary{Path: filepath.Join(root, "bin", "pulumi-resource-alicloud-kms"), Dir: t.TempDir()}
	running, err := engine.Launch(t.Context(), binary, "127.0.0.1:1") // it has nothing to say to an engine
	if err != nil {
		t.Fatalf("the plugin does not start (`make build` builds it): %v", err)
	}
	t.Cleanup(func() {
		if err := running.Close(); err != nil {
			t.Error(err)
		}
	})
	info, err := running.GetPluginInfo(t.Context())
	if err != nil || info.Version == nil || info.Version.String() != want {
		t.Errorf("the plugin says that it is %v (%v), want %s", info.Version, err, want)
	}
	schema, err := running.GetSchema(t.Context(), plugin.GetSchemaRequest{})
	if err != nil || !strings.Contains(string(schema.Schema), `"version":"`+want+`"`) {
		t.Errorf("the schema is not of version %s (%v)", want, err)
	}

	said, err := exec.CommandContext(t.Context(), filepath.Join(root, "bin", "alicloud-kms-emulator"), "--version").Output()
	if err != nil || string(said) != "alicloud-kms-emulator "+want+"\n" {
		t.Errorf("the emulator says %q (%v), want %s", said, err, want)
	}
}
