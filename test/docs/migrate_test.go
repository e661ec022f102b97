package docs

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestMigrateNamesEveryInput: the table of docs/howto-migrate.md has every input of the schema, as Terraform calls it.
func TestMigrateNamesEveryInput(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join(root, "docs", "howto-migrate.md"))
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for line := range strings.Lines(string(page)) {
		if cells := strings.Split(line, "|"); len(cells) == 6 {
			for _, name := range regexp.MustCompile(`[a-z_]+`).FindAllString(cells[1], -1) {
				named[name] = true
			}
		}
	}
	text, err := os.ReadFile(filepath.Join(root, "schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Resources map[string]struct {
			InputProperties map[string]any `json:"inputProperties"`
		} `json:"resources"`
	}
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	inputs := schema.Resources["alicloud-kms:index:KmsInstance"].InputProperties
	if len(inputs) < 15 {
		t.Fatalf("the schema has only %d inputs", len(inputs))
	}
	capital := regexp.MustCompile(`[A-Z]`)
	for input := range inputs {
		theirs := capital.ReplaceAllStringFunc(input, func(letter string) string { return "_" + strings.ToLower(letter) })
		if !named[theirs] {
			t.Errorf("the page's table does not name %s", theirs)
		}
	}
}
