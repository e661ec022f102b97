//go:build sdks

package sdks

import (
	"path/filepath"
	"testing"
)

// run.sh has compiled the TypeScript example with @pulumi/alicloud.

// TestPythonExamplesAreTyped checks the examples' types with the published pulumi_alicloud.
func TestPythonExamplesAreTyped(t *testing.T) {
	t.Parallel()
	for _, example := range []string{"network", "subscription", "payasyougo"} {
		if out, ok := mypy(t, work(t, "tree", "examples", "python-"+example), "__main__.py"); !ok {
			t.Errorf("python-%s:\n%s", example, out)
		}
	}
}

// TestGoNetworkExampleCompiles compiles the example with a Go package of the alicloud provider that has just the two resources
// of the example, as @pulumi/alicloud declares them. The published module cannot be had on every machine that runs this.
func TestGoNetworkExampleCompiles(t *testing.T) {
	t.Parallel()
	module := filepath.Join(t.TempDir(), "alicloud")
	goCommand(t, root(t, "tools"), "run", "./gosdk", "-schema", root(t, "test", "sdks", "testdata", "alicloud.json"),
		"-out", filepath.Join(module, "go", "alicloud"))
	write(t, filepath.Join(module, "go.mod"), "module github.com/pulumi/pulumi-alicloud/sdk/v3\n\ngo 1.25.11\n\nrequire (\n"+
		"\tgithub.com/blang/semver v3.5.1+incompatible\n\tgithub.com/pulumi/pulumi/sdk/v3 v3.274.1\n)\n")

	folder := work(t, "tree", "examples", "go-network")
	goCommand(t, folder, "mod", "edit", "-replace", "github.com/pulumi/pulumi-alicloud/sdk/v3="+module)
	write(t, filepath.Join(folder, "go.sum"), read(t, work(t, "tree", "examples", "go-payasyougo", "go.sum")))
	goCommand(t, folder, "build", "-mod=mod", "-trimpath", "-buildvcs=false", "-o", filepath.Join("bin", "program"), ".")
}
