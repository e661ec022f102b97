//go:build sdks

package sdks

import (
	"path/filepath"
	"testing"
)

// TestCSharp checks the .NET SDK and the C# examples without a .NET SDK: they parse, the SDK says what the schema says, and
// what the examples take from the SDK is there. It does not check their types.
func TestCSharp(t *testing.T) {
	t.Parallel()
	programs, err := filepath.Glob(root(t, "examples", "csharp-*", "Program.cs"))
	if err != nil || len(programs) == 0 {
		t.Fatalf("found no C# examples: %v", err)
	}
	checkCSharp(t, programs...)
}

func checkCSharp(t testing.TB, programs ...string) {
	t.Helper()
	script := root(t, "test", "sdks", "runners", "csharp.py")
	wantDone(t, root(t), work(t, "venv", "bin", "python"), append([]string{script, root(t, "schema.json"), root(t, "sdk", "dotnet")}, programs...)...)
}
