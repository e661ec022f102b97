package tree

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestVerifyAndSync(t *testing.T) {
	dir := t.TempDir()
	there := func(name string) bool {
		_, err := os.Stat(filepath.Join(dir, name))
		return err == nil
	}
	for _, name := range []string{"a.txt", "old.txt", "node_modules/x.js", "lib.egg-info/PKG", "bin/generated.txt", "bin/stray.txt"} {
		if err := (Files{name: []byte("one\nzwei\n")}).Write(dir); err != nil {
			t.Fatal(err)
		}
	}
	// A generated file in a folder with the name of build output makes the whole folder ours.
	files := Files{"a.txt": []byte("one\ntwo\n"), "bin/generated.txt": []byte("one\nzwei\n"), "sub/b.txt": nil}

	err := files.Verify(dir, "make it")
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"`make it`", "a.txt differs in line 2", "b.txt is missing", "old.txt is not generated", "stray.txt is not generated"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in: %v", want, err)
		}
	}
	if n := strings.Count(err.Error(), "\n"); n != 4 {
		t.Errorf("%d lines, want 4: %v", n, err)
	}
	if err := files.Sync(dir); err != nil {
		t.Fatal(err)
	}
	if err := files.Verify(dir, ""); err != nil {
		t.Error(err)
	}
	if there("old.txt") || there("bin/stray.txt") || !there("node_modules/x.js") || !there("lib.egg-info/PKG") {
		t.Error("Sync removes strays, and no build output")
	}
}
