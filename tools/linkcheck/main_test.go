package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestBrokenLinksAreNamedWithTheirPlace(t *testing.T) {
	root := t.TempDir()
	const home = "https://github.com/pulumiverse/pulumi-alicloud-kms/"
	write(t, root, "a.md", "# Title `code`\n\n[ok](sub/b.md#more-of-it-1) [ok](#title-code) [web](https://example.com/x)\n"+
		"```\n[not a link](nowhere.md)\n```\n`[nor](this.md)`\n[gone](gone.md)\n[ref]: sub/b.md#missing\n[plain](http://example.com)\n")
	write(t, root, "sub/b.md", "## More of it\n## More of it\n[up](../a.md) [root](/a.md)\n")
	write(t, root, "node_modules/c.md", "[gone](gone.md)\n")
	// Links to the repository on GitHub are links to its files.
	write(t, root, "d.md", "# Here\n[ok]("+home+"blob/main/d.md#here) [ok]("+home+"tree/main/sub) [issues]("+home+"issues)\n"+
		"[gone]("+home+"tree/main/gone)\n[no heading]("+home+"blob/main/d.md#there)\n")
	err := run(root)
	if err == nil {
		t.Fatal("no error")
	}
	wants := []string{
		"a.md:8: gone.md", "a.md:9: sub/b.md#missing", "a.md:10: http://example.com", "d.md:3: " + home + "tree/main/gone", "d.md:4: " + home + "blob/main/d.md#there",
	}
	for _, want := range wants {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not reported in:\n%v", want, err)
		}
	}
	if lines := strings.Count(err.Error(), "\n"); lines != len(wants) {
		t.Errorf("%d broken links, want %d:\n%v", lines, len(wants), err)
	}
}

func write(t *testing.T, root, name, content string) {
	t.Helper()
	file := filepath.Join(root, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
