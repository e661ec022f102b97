//go:build sdks

package sdks

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

// work is the folder in which run.sh has built the SDKs.
func work(t testing.TB, names ...string) string {
	t.Helper()
	folder := os.Getenv("SDKTEST_WORK")
	if folder == "" {
		t.Fatal("the SDKs are not built: run `make test-sdks`")
	}
	return filepath.Join(append([]string{folder}, names...)...)
}

// root is the folder of the repository.
func root(t testing.TB, names ...string) string {
	t.Helper()
	return filepath.Join(append([]string{e2e.Root(t)}, names...)...)
}

func read(t testing.TB, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func write(t testing.TB, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// tool runs a compiler or the like in a folder. It returns what the tool printed, and whether it ended with exit code 0.
func tool(t testing.TB, folder, name string, arguments ...string) (string, bool) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, arguments...)
	cmd.Dir = folder
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(out), err == nil
}

// wantDone runs a compiler or the like, which must not complain.
func wantDone(t testing.TB, folder, name string, arguments ...string) {
	t.Helper()
	if out, ok := tool(t, folder, name, arguments...); !ok {
		t.Fatalf("%s %s failed:\n%s", name, strings.Join(arguments, " "), out)
	}
}
