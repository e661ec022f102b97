package emulator

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// What the emulator knows is on its page, and each of the rules there says where it comes from.
func TestDocumentation(t *testing.T) {
	raw, err := os.ReadFile("../docs/emulator.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(raw)
	named := func(what, name string) {
		if !regexp.MustCompile(`\b` + regexp.QuoteMeta(name) + `\b`).MatchString(page) {
			t.Errorf("the page does not name the %s %s", what, name)
		}
	}
	for _, actions := range operations {
		for action := range actions {
			named("action", action)
		}
	}
	for kind := range faultRules {
		named("fault", string(kind))
	}
	for field := range reflect.TypeFor[Patch]().NumField() {
		name := reflect.TypeFor[Patch]().Field(field).Tag.Get("json")
		if !strings.Contains(page, "`"+name+"`") {
			t.Errorf("the page does not say that %s can be changed", name)
		}
	}
	_, rules, _ := strings.Cut(page, "\n### Signatures and the gateway\n")
	rules, _, _ = strings.Cut(rules, "\n### Not modelled\n")
	mark := regexp.MustCompile(`^- \*\*[DCIO](, [DCIO])*\*\* [^ ]`)
	count := 0
	for line := range strings.SplitSeq(rules, "\n") {
		if !strings.HasPrefix(line, "- ") {
			continue
		}
		if count++; !mark.MatchString(line) {
			t.Errorf("a rule has no mark: %s", line)
		}
	}
	if count < 30 {
		t.Errorf("only %d rules were found", count)
	}
}
