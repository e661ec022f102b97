package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/pulumiverse/pulumi-alicloud-kms/tools/internal/tree"
)

const goPath = "github.com/pulumiverse/pulumi-alicloud-kms/sdk/go/alicloudkms"

// goModule adds go.mod and go.sum, with the modules that generated code imports in the versions of the provider itself. The go command
// works out the rest, from the module cache if it has the modules.
func goModule(ctx context.Context, files tree.Files, from source) (readme, error) {
	dir, err := os.MkdirTemp("", "sdkgen")
	if err != nil {
		return readme{}, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := files.Write(dir); err != nil {
		return readme{}, err
	}
	// The oldest Go that generated code compiles with; tidy raises it to what the Pulumi SDK needs.
	commands := [][]string{{"init", goPath}, {"edit", "-go=1.21"}}
	for line := range strings.Lines(string(from.goMod)) {
		if words := strings.Fields(line); len(words) > 1 && (words[0] == "github.com/pulumi/pulumi/sdk/v3" || words[0] == "github.com/blang/semver") {
			commands = append(commands, []string{"edit", "-require=" + words[0] + "@" + words[1]})
		}
	}
	for _, command := range append(commands, []string{"tidy"}) {
		cmd := exec.CommandContext(ctx, "go", append([]string{"mod"}, command...)...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
		if out, err := cmd.CombinedOutput(); err != nil {
			return readme{}, fmt.Errorf("go mod %s of the generated module: %w\n%s", command[0], err, out)
		}
	}
	var sumErr error
	files["go.mod"], err = os.ReadFile(filepath.Join(dir, "go.mod"))
	files["go.sum"], sumErr = os.ReadFile(filepath.Join(dir, "go.sum"))
	return readme{Language: "Go", Install: "go get " + goPath, Fence: "go", Example: "go-minimal/main.go"}, errors.Join(err, sumErr)
}
