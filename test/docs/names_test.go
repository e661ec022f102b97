package docs

import (
	"encoding/json"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/pulumiverse/pulumi-alicloud-kms/"

// TestImportsPointDown: in docs/architecture.md each package stands above those that it imports, and the emulator imports none. So it
// is in the code, and no more is allowed in the configuration of depguard.
func TestImportsPointDown(t *testing.T) {
	t.Parallel()
	var list []string
	for _, match := range regexp.MustCompile("(?m)^- `([a-z/]+)`: ").FindAllStringSubmatch(read(t, "docs", "architecture.md"), -1) {
		list = append(list, match[1])
	}
	if len(list) != 9 {
		t.Fatalf("the page lists %q", list)
	}
	check := func(where, pkg, imported string) {
		of, to := slices.Index(list, pkg), slices.Index(list, imported)
		if pkg != imported && (to <= of || pkg == "emulator" || imported == "emulator") {
			t.Errorf("%s: %s may not import %s by docs/architecture.md", where, pkg, imported)
		}
	}
	for _, pkg := range list {
		for _, name := range sources(t, pkg) {
			file, err := parser.ParseFile(token.NewFileSet(), name, read(t, name), parser.ImportsOnly)
			if err != nil {
				t.Fatal(err)
			}
			for _, spec := range file.Imports {
				path, _ := strconv.Unquote(spec.Path.Value)
				if inside, ok := strings.CutPrefix(path, module); ok && !strings.HasPrefix(inside, pkg+"/") {
					check(name, pkg, inside)
				}
			}
		}
	}
	rules := strings.Split(read(t, ".golangci.yml"), `files: ["**/`)[1:]
	for _, rule := range rules {
		pkg, _, _ := strings.Cut(strings.ReplaceAll(rule, "/*.go", "/**"), "/**")
		rule, _, _ = strings.Cut(rule, "deny:")
		for _, match := range regexp.MustCompile("- "+module+"([a-z/]+)").FindAllStringSubmatch(rule, -1) {
			if slices.Contains(list, pkg) {
				check(".golangci.yml", pkg, match[1])
			}
		}
	}
	if len(rules) < len(list) {
		t.Errorf("depguard has rules for only %d packages", len(rules))
	}
}

// TestConfigurationIsDocumented: every environment variable that the configuration reads, and every mode of a profile that it knows,
// is on the page.
func TestConfigurationIsDocumented(t *testing.T) {
	t.Parallel()
	page := read(t, "docs", "installation-configuration.md")
	code := messages(t)
	found := regexp.MustCompile(`"((?:ALIBABA_?CLOUD|ALICLOUD)_[A-Z0-9_]+)"`).FindAllStringSubmatch(code, -1)
	for _, match := range regexp.MustCompile(`(?m)^var profileModes = \[\]string\{(.*)\}$`).FindAllStringSubmatch(code, -1) {
		found = append(found, regexp.MustCompile(`"(\w+)"`).FindAllStringSubmatch(match[1], -1)...)
	}
	if len(found) < 30 {
		t.Fatalf("found only %d names in the source", len(found))
	}
	for _, name := range found {
		if !strings.Contains(page, "`"+name[1]+"`") && name[1] != "ALICLOUD_KMS_LOOK_AGAIN" { // which is for tests
			t.Errorf("the page does not mention %s", name[1])
		}
	}
}

// TestMigrateNamesEveryInput: the table of docs/howto-migrate.md has every input of the schema, as Terraform calls it.
func TestMigrateNamesEveryInput(t *testing.T) {
	t.Parallel()
	_, table, _ := strings.Cut(read(t, "docs", "howto-migrate.md"), "| Terraform |")
	table, _, _ = strings.Cut(table, "\n\n")
	var schema struct {
		Resources map[string]struct{ InputProperties map[string]any }
	}
	if err := json.Unmarshal([]byte(read(t, "schema.json")), &schema); err != nil {
		t.Fatal(err)
	}
	inputs := schema.Resources["alicloud-kms:index:KmsInstance"].InputProperties
	if len(inputs) < 15 {
		t.Fatalf("the schema has only %d inputs", len(inputs))
	}
	for input := range inputs {
		theirs := regexp.MustCompile(`[A-Z]`).ReplaceAllStringFunc(input, func(c string) string { return "_" + strings.ToLower(c) })
		if !strings.Contains(table, "`"+theirs+"`") {
			t.Errorf("the table does not name %s", theirs)
		}
	}
}

// TestSentences: what the pages quote of the provider's messages is what the provider says.
func TestSentences(t *testing.T) {
	t.Parallel()
	source := messages(t)
	for page, lines := range map[string]string{"reliability.md": `(?m)^\| ([^|]*"[^|]*)`, "troubleshooting.md": `(?m)^- (".*?":)`} {
		quoted := 0
		for _, line := range regexp.MustCompile(lines).FindAllStringSubmatch(read(t, "docs", page), -1) {
			for _, quote := range regexp.MustCompile(`"([^"]+)"`).FindAllStringSubmatch(line[1], -1) {
				quoted++
				for part := range strings.SplitSeq(quote[1], "…") {
					if !strings.Contains(source, strings.TrimSpace(part)) {
						t.Errorf("%s quotes %q, but no message of the provider has %q", page, quote[1], part)
					}
				}
			}
		}
		if quoted < 10 {
			t.Errorf("%s quotes only %d sentences", page, quoted)
		}
	}
}

// messages is the source of what the provider is made of, with texts put together that are split over lines.
func messages(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, name := range sources(t, "internal/*") {
		all.WriteString(read(t, name))
	}
	return regexp.MustCompile(`" \+\s+"`).ReplaceAllString(all.String(), "")
}

// sources are the files of packages, below the root and without tests.
func sources(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, pattern, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s has no files: %v", pattern, err)
	}
	for i := range files {
		files[i] = strings.TrimPrefix(files[i], root+string(filepath.Separator))
	}
	return slices.DeleteFunc(files, func(name string) bool { return strings.HasSuffix(name, "_test.go") })
}

func read(t *testing.T, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(append([]string{root}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
