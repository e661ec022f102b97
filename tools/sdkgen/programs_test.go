package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every program whose build file names a version of the SDK gets the new one, and nothing else in the file changes.
func TestProgramsTakeTheVersion(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	const version = "1.2.3-no-release" // the files name another one
	files, err := programs(root, version)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"examples/java-minimal/pom.xml", "test/sdks/testdata/bad/java/pom.xml",
		"examples/go-minimal/go.mod", "examples/go-payasyougo/go.mod", "examples/go-subscription/go.mod",
	} {
		before, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		changed := changedLines(string(before), string(files[name]))
		if len(changed) != 1 || !strings.Contains(changed[0], version) {
			t.Errorf("%s: want one line with %s, got %q", name, version, changed)
		}
		delete(files, name)
	}
	for name := range files {
		t.Errorf("this test does not know %s", name)
	}
}

func changedLines(before, after string) []string {
	old := strings.Split(before, "\n")
	var changed []string
	for i, line := range strings.Split(after, "\n") {
		if i >= len(old) || line != old[i] {
			changed = append(changed, line)
		}
	}
	return changed
}

// A build file that names the SDK in another form would keep its old version: that is an error.
func TestProgramsMustNameTheSDK(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for name, content := range map[string]string{
		"examples/java/pom.xml":               "<dependency><groupId>com.pulumiverse</groupId><artifactId>other</artifactId><version>1</version></dependency>",
		"test/sdks/testdata/bad/java/pom.xml": "",
	} {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := programs(root, version); err == nil || !strings.Contains(err.Error(), "does not name the SDK") {
		t.Errorf("got %v", err)
	}
}
