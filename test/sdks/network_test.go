//go:build sdks

package sdks

import (
	"path/filepath"
	"testing"
)

// standIn gives a Go program, in the place of the published module of the alicloud provider, one with just the resources that the
// examples use, as @pulumi/alicloud declares them. The published module cannot be had on every machine that runs this.
func standIn(t testing.TB, folder string) {
	t.Helper()
	module := filepath.Join(t.TempDir(), "alicloud")
	wantDone(t, root(t, "tools"), "go", "run", "./gosdk", "-schema", root(t, "test", "sdks", "testdata", "alicloud.json"),
		"-out", filepath.Join(module, "go", "alicloud"))
	write(t, filepath.Join(module, "go.mod"), "module github.com/pulumi/pulumi-alicloud/sdk/v3\n\ngo 1.25.11\n\nrequire (\n"+
		"\tgithub.com/blang/semver v3.5.1+incompatible\n\tgithub.com/pulumi/pulumi/sdk/v3 v3.274.1\n)\n")
	wantDone(t, folder, "go", "mod", "edit", "-replace", "github.com/pulumi/pulumi-alicloud/sdk/v3="+module)
	write(t, filepath.Join(folder, "go.sum"), read(t, work(t, "tree", "examples", base(t, inLanguage(t, "go")).name, "go.sum")))
}
