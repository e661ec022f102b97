package docs

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const contractPage = root + "/docs/contract.md"

// testName is a test as the page names it: its package and its function.
var testName = regexp.MustCompile("`([a-z0-9-]+)\\.((?:Test|Fuzz)[A-Za-z0-9_]+)`")

// testFunction is a test in the code.
var testFunction = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Za-z0-9_]*)\(`)

// TestContractNamesTests: every test that docs/contract.md names is there, and every promise has one.
func TestContractNamesTests(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(contractPage)
	if err != nil {
		t.Fatal(err)
	}
	there, err := testsOf(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, complaint := range complaints(string(page), there) {
		t.Error(complaint)
	}
}

// TestContractComplaints: a test that is missing, and a promise without a test, are found.
func TestContractComplaints(t *testing.T) {
	t.Parallel()
	there := map[string]bool{"cloud.TestA": true, "e2e.TestB": true}
	row := "| promise | shown by |\n|---|---|\n"
	for page, want := range map[string][]string{
		row + "| a | `cloud.TestA`, `e2e.TestB` |\n":        nil,
		row + "| a | `cloud.TestB` |\n":                     {"line 3 names cloud.TestB, which does not exist"},
		row + "| a | `cloud.TestA` |\n| b | see above |\n":  {"line 4 has a promise without a test"},
		"`cloud.TestC`\n" + row + "| a | `cloud.TestA` |\n": {"line 1 names cloud.TestC, which does not exist"},
		"no table": {"the page has no promise"},
	} {
		if got := complaints(page, there); !slices.Equal(got, want) {
			t.Errorf("%q gives %q, want %q", page, got, want)
		}
	}
}

// complaints are what is wrong with the page.
func complaints(page string, there map[string]bool) []string {
	var found []string
	promises, inTable := 0, false
	for n, line := range strings.Split(page, "\n") {
		named := testName.FindAllStringSubmatch(line, -1)
		for _, m := range named {
			if name := m[1] + "." + m[2]; !there[name] {
				found = append(found, fmt.Sprintf("line %d names %s, which does not exist", n+1, name))
			}
		}
		switch {
		case !strings.HasPrefix(line, "|"):
			inTable = false
		case strings.HasPrefix(line, "|---"):
			inTable = true
		case inTable:
			promises++
			if len(named) == 0 {
				found = append(found, fmt.Sprintf("line %d has a promise without a test", n+1))
			}
		}
	}
	if promises == 0 {
		found = append(found, "the page has no promise")
	}
	return found
}

// testsOf are the tests of the repository, each with the folder that it is in.
func testsOf(folder string) (map[string]bool, error) {
	there := map[string]bool{}
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && slices.Contains([]string{".git", "bin", "dist", "node_modules", "sdk"}, entry.Name()) {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		code, err := os.ReadFile(path)
		for _, m := range testFunction.FindAllStringSubmatch(string(code), -1) {
			there[filepath.Base(filepath.Dir(path))+"."+m[1]] = true
		}
		return err
	})
	return there, err
}
