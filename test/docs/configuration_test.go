package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestConfigurationIsDocumented: every environment variable that the configuration reads, and every mode of a profile that
// it knows, is on the page.
func TestConfigurationIsDocumented(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join(root, "docs", "installation-configuration.md"))
	if err != nil {
		t.Fatal(err)
	}
	variables := regexp.MustCompile(`"((?:ALIBABA_?CLOUD|ALICLOUD)_[A-Z0-9_]+)"`)
	modes := regexp.MustCompile(`(?m)^var profileModes = \[\]string\{(.*)\}$`)
	found := map[string]bool{}
	for _, name := range goFiles(t, "config", "credentials", "cloud") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range variables.FindAllStringSubmatch(string(text), -1) {
			found[match[1]] = true
		}
		for _, match := range modes.FindAllStringSubmatch(string(text), -1) {
			for mode := range strings.SplitSeq(match[1], ", ") {
				found[strings.Trim(mode, `"`)] = true
			}
		}
	}
	if len(found) < 30 || !found["ChainableRamRoleArn"] {
		t.Fatalf("found only %d names in the source", len(found))
	}
	for name := range found {
		if !strings.Contains(string(page), "`"+name+"`") {
			t.Errorf("the page does not mention %s", name)
		}
	}
}

// goFiles are the sources of packages below internal, without tests.
func goFiles(t *testing.T, packages ...string) []string {
	t.Helper()
	var files []string
	for _, pkg := range packages {
		found, err := filepath.Glob(filepath.Join(root, "internal", pkg, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range found {
			if !strings.HasSuffix(name, "_test.go") {
				files = append(files, name)
			}
		}
	}
	return files
}
