//go:build sdks

package sdks

import (
	"os"
	"path/filepath"
	"testing"
)

// TestGeneratedProgramsCompile compiles what `pulumi import` and `pulumi convert` write. The tests of tools/ compile it in Go.
func TestGeneratedProgramsCompile(t *testing.T) {
	t.Parallel()
	out := work(t, "tree", "generated")
	goCommand(t, root(t, "tools"), "run", "./programgen", "-schema", root(t, "schema.json"), "-out", out)
	for _, name := range []string{"imported", "converted"} {
		t.Run("typescript-"+name, func(t *testing.T) {
			t.Parallel()
			folder := filepath.Join(out, "typescript-"+name)
			if err := os.Symlink(work(t, "tree", "examples", "typescript-subscription", "node_modules"), filepath.Join(folder, "node_modules")); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(folder, "tsconfig.json"), read(t, work(t, "tree", "examples", "typescript-minimal", "tsconfig.json")))
			wantDone(t, folder, filepath.Join("node_modules", ".bin", "tsc"), "--noEmit")
		})
		t.Run("python-"+name, func(t *testing.T) {
			t.Parallel()
			if out, ok := mypy(t, filepath.Join(out, "python-"+name), "__main__.py"); !ok {
				t.Error(out)
			}
		})
		t.Run("csharp-"+name, func(t *testing.T) {
			t.Parallel()
			checkCSharp(t, filepath.Join(out, "csharp-"+name, "Program.cs"))
		})
	}
}

// wantDone runs a compiler, which must not complain.
func wantDone(t *testing.T, folder, name string, arguments ...string) {
	t.Helper()
	if out, ok := tool(t, folder, name, arguments...); !ok {
		t.Error(out)
	}
}
