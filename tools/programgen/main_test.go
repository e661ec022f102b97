package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestGoProgramsCompile compiles the Go programs against the SDK in the tree. The tests of the SDKs compile those in other languages.
func TestGoProgramsCompile(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	if err := run(filepath.Join(root, "schema.json"), out); err != nil {
		t.Fatal(err)
	}
	example := filepath.Join(root, "examples", "go-minimal")
	for _, name := range []string{"go-imported", "go-converted"} {
		folder := filepath.Join(out, name)
		module := read(t, filepath.Join(example, "go.mod"))
		module = strings.Replace(module, "=> ../../", "=> "+root+"/", 1)
		write(t, filepath.Join(folder, "go.mod"), module)
		write(t, filepath.Join(folder, "go.sum"), read(t, filepath.Join(example, "go.sum")))
		build := exec.CommandContext(t.Context(), "go", "build", "-o", os.DevNull, ".")
		build.Dir = folder
		if out, err := build.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s\n%s", name, err, out, read(t, filepath.Join(folder, "main.go")))
		}
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
