package tree

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestWrittenTreeHasNoDifferences(t *testing.T) {
	dir := t.TempDir()
	files := Files{"a.txt": []byte("one\ntwo\n"), "sub/b.txt": []byte("b")}
	if err := files.Write(dir); err != nil {
		t.Fatal(err)
	}
	if lines, err := files.Differences(dir); err != nil || len(lines) > 0 {
		t.Errorf("differences %v, error %v", lines, err)
	}
	if strays, err := files.Strays(dir); err != nil || len(strays) > 0 {
		t.Errorf("strays %v, error %v", strays, err)
	}
}

func TestDifferencesNameMissingAndChangedFiles(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "a.txt", "one\nzwei\n")
	files := Files{"a.txt": []byte("one\ntwo\n"), "b.txt": nil}
	lines, err := files.Differences(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{filepath.Join(dir, "a.txt") + " differs in line 2", filepath.Join(dir, "b.txt") + " is missing"}
	if !slices.Equal(lines, want) {
		t.Errorf("got %q, want %q", lines, want)
	}
}

func TestPruneRemovesStraysButNoBuildOutput(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.txt", "old.txt", "node_modules/x.js", "lib.egg-info/PKG", "bin/generated.txt", "bin/stray.txt"} {
		put(t, dir, name, "x")
	}
	// A generated file in a folder with the name of build output makes the whole folder ours.
	files := Files{"a.txt": []byte("x"), "bin/generated.txt": []byte("x")}
	if err := files.Prune(dir); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{
		"a.txt": true, "old.txt": false, "node_modules/x.js": true, "lib.egg-info/PKG": true,
		"bin/generated.txt": true, "bin/stray.txt": false,
	} {
		if _, err := os.Stat(filepath.Join(dir, name)); (err == nil) != want {
			t.Errorf("%s there: %t, want %t", name, err == nil, want)
		}
	}
}

func put(t *testing.T, dir, name, content string) {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
