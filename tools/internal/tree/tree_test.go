package tree

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestUpdate(t *testing.T) {
	root := t.TempDir()
	there := func(name string) bool {
		_, err := os.Stat(filepath.Join(root, name))
		return err == nil
	}
	for _, name := range []string{
		"other.txt", "own/a.txt", "own/old.txt", "own/node_modules/x.js", "own/lib.egg-info/PKG", "own/bin/generated.txt", "own/bin/stray.txt",
	} {
		if err := (Files{name: []byte("one\nzwei\n")}).Write(root); err != nil {
			t.Fatal(err)
		}
	}
	// A generated file in a folder with the name of build output makes the whole folder ours.
	generate := func(string) (Files, error) {
		return Files{"own/a.txt": []byte("one\ntwo\n"), "own/bin/generated.txt": []byte("one\nzwei\n"), "own/sub/b.txt": nil}, nil
	}
	err := Update(root, true, "make it", generate, "own")
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
	if err := Update(root, false, "", generate, "own"); err != nil {
		t.Fatal(err)
	}
	if err := Update(root, true, "", generate, "own"); err != nil {
		t.Error(err)
	}
	if there("own/old.txt") || there("own/bin/stray.txt") || !there("own/node_modules/x.js") || !there("own/lib.egg-info/PKG") || !there("other.txt") {
		t.Error("it removes strays, no build output, and nothing elsewhere")
	}
}

func TestFillWithoutMarks(t *testing.T) {
	root := t.TempDir()
	if err := (Files{"a.md": []byte("begin\n")}).Write(root); err != nil {
		t.Fatal(err)
	}
	if err := (Files{}).Fill(root, "a.md", "begin", "end", "x"); err == nil || !strings.Contains(err.Error(), "does not have the marks") {
		t.Errorf("a page without marks: %v", err)
	}
}
