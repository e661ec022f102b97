package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/tools/internal/tree"
)

// A page that shows an older program is found by -check and brought up to date, and nothing around the examples changes.
func TestOutdatedPageIsFoundAndCorrected(t *testing.T) {
	root := t.TempDir()
	for _, stack := range []string{minimal, "payasyougo", "keys"} {
		for _, l := range languages {
			write(t, filepath.Join(root, "examples", l.folder+"-"+stack, filepath.FromSlash(l.program)), l.fence+" of "+stack+"\n")
		}
		write(t, filepath.Join(root, "examples", "yaml-"+stack, "Pulumi.yaml"), "description: A "+stack+"\n")
	}
	var start strings.Builder
	for _, l := range languages {
		start.WriteString("\n```" + l.fence + " " + l.program + "\nstart\n```\n")
	}
	write(t, filepath.Join(root, "docs", "howto-start.md"), start.String())
	write(t, filepath.Join(root, "README.md"), start.String())
	for _, page := range pages {
		write(t, filepath.Join(root, filepath.FromSlash(page.file)), "Before.\n"+page.begin+"old\n"+page.end+"After.\n")
	}

	if err := tree.Update(root, true, "", generate); err == nil || !strings.Contains(err.Error(), "kmsinstance.md differs in line 3") {
		t.Errorf("-check of outdated pages: %v", err)
	}
	if err := tree.Update(root, false, "", generate); err != nil {
		t.Fatal(err)
	}
	if err := tree.Update(root, true, "", generate); err != nil {
		t.Errorf("-check right after writing: %v", err)
	}
	for _, page := range pages {
		content, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(page.file)))
		if err != nil {
			t.Fatal(err)
		}
		text := string(content)
		if !strings.HasPrefix(text, "Before.\n"+page.begin) || !strings.HasSuffix(text, page.end+"After.\n") || strings.Contains(text, "old") {
			t.Errorf("%s became\n%s", page.file, text)
		}
		for _, l := range languages {
			if want := "```" + l.fence + "\n"; page.file != "docs/howto-use.md" && !strings.Contains(text, want) {
				t.Errorf("%s has no %s", page.file, want)
			}
		}
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
