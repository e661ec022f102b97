package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestSentences: what the troubleshooting page quotes of the provider's messages is what the provider says.
func TestSentences(t *testing.T) {
	t.Parallel()
	source := messages(t)
	text, err := os.ReadFile(filepath.Join(root, "docs", "troubleshooting.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(text), "| sentence |")
	if !found {
		t.Fatal("the page has no table of sentences")
	}
	quotes := regexp.MustCompile(`"([^"]+)"`).FindAllStringSubmatch(table, -1)
	if len(quotes) < 10 {
		t.Errorf("the page quotes only %d sentences", len(quotes))
	}
	for _, quote := range quotes {
		for _, part := range strings.FieldsFunc(strings.ReplaceAll(quote[1], "kst-", "…"), func(r rune) bool { return r == '…' }) {
			if !strings.Contains(source, strings.TrimSpace(part)) {
				t.Errorf("the page quotes %q, but no message of the provider has %q", quote[1], part)
			}
		}
	}
}

// messages is the source of what the provider is made of, with texts put together that are split over lines.
func messages(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, name := range goFiles(t, "cloud", "config", "credentials", "functions", "guard", "input", "kmsinstance") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return regexp.MustCompile(`" \+\s+"`).ReplaceAllString(all.String(), "")
}
