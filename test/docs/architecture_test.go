package docs

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/pulumiverse/pulumi-alicloud-kms/"

// TestImportTable: docs/architecture.md says what each package may import of this module, and that is what it imports.
func TestImportTable(t *testing.T) {
	t.Parallel()
	allowed := importTable(t)
	if len(allowed) < 10 {
		t.Fatalf("the page has a table of only %d packages", len(allowed))
	}
	for pkg, may := range allowed {
		imports := importsOf(t, pkg)
		for _, imported := range imports {
			inside := imported == pkg || strings.HasPrefix(imported, pkg+"/")
			if !inside && !slices.Contains(may, imported) {
				t.Errorf("%s imports %s; the table allows it %q", pkg, imported, may)
			}
		}
		for _, needless := range may {
			if !slices.Contains(imports, needless) {
				t.Errorf("the table allows %s to import %s, which it does not", pkg, needless)
			}
		}
	}
}

// TestShippedPackagesAreInTheTable: what the plugin is made of has a row of its own.
func TestShippedPackagesAreInTheTable(t *testing.T) {
	t.Parallel()
	allowed := importTable(t)
	for pkg, may := range allowed {
		for _, imported := range may {
			if _, ok := allowed[imported]; !ok {
				t.Errorf("%s may import %s, which has no row", pkg, imported)
			}
		}
	}
}

// importTable maps packages to what they may import, as the page says it.
func importTable(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "docs", "architecture.md"))
	if err != nil {
		t.Fatal(err)
	}
	code := regexp.MustCompile("`([^`]+)`")
	table := map[string][]string{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) != 5 || !strings.HasPrefix(cells[1], " `") || strings.Contains(cells[3], "anything") {
			continue
		}
		var may []string
		for _, span := range code.FindAllStringSubmatch(cells[3], -1) {
			may = append(may, span[1])
		}
		table[strings.Trim(cells[1], " `")] = may
	}
	return table
}

// importsOf lists what a package imports of this module, the packages below it and without tests.
func importsOf(t *testing.T, pkg string) []string {
	t.Helper()
	var imports []string
	err := filepath.WalkDir(filepath.Join(root, filepath.FromSlash(pkg)), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range file.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if inside, ok := strings.CutPrefix(name, module); ok {
				imports = append(imports, inside)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(imports)
	return slices.Compact(imports)
}
