package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every program whose build file names a version of the SDK gets the new one. A build file that names the SDK in another form would
// keep its old version: that is an error.
func TestProgramsTakeTheVersion(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	write := func(name, content string) {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	before := map[string]string{
		"examples/a/pom.xml": "<groupId>com.pulumiverse</groupId>\n  <artifactId>alicloudkms</artifactId>\n  <version>OLD</version><version>1</version>",
		"examples/b/go.mod":  "a v1\n\tgithub.com/pulumiverse/pulumi-alicloud-kms/sdk/go/alicloudkms vOLD\nb v2",
	}
	for name, content := range before {
		write(name, content)
	}
	files, err := programs(root, version)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range before {
		if got := string(files[name]); got != strings.Replace(content, "OLD", version, 1) {
			t.Errorf("%s became\n%s", name, got)
		}
	}
	write("examples/c/pom.xml", "<dependency><groupId>com.pulumiverse</groupId><artifactId>other</artifactId><version>1</version></dependency>")
	if _, err := programs(root, version); err == nil || !strings.Contains(err.Error(), "does not name the SDK") {
		t.Errorf("got %v", err)
	}
}
