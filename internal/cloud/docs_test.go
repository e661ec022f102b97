package cloud

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func page(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// docs/ram-policy.json allows every action that the client calls, by the name that its hints tell users, and nothing else.
func TestPolicyAllowsWhatIsCalled(t *testing.T) {
	names := regexp.MustCompile(`\b(kms|bss|bssapi|sts|vpc|ram):\w+`)
	allowed := names.FindAllString(page(t, "ram-policy.json"), -1)
	needed := []string{"ram:CreateServiceLinkedRole"} // of a role that is made by KMS itself
	for action := range operations {
		if !strings.HasPrefix(action, "AssumeRole") {
			denied := &Error{Action: action, Code: "NoPermission"}
			needed = append(needed, names.FindAllString(denied.hint(), -1)...)
		}
	}
	slices.Sort(allowed)
	slices.Sort(needed)
	allowed = slices.DeleteFunc(allowed, func(name string) bool { return name == "ram:ServiceName" }) // of its condition
	if needed = slices.Compact(needed); !slices.Equal(allowed, needed) {
		t.Errorf("the policy allows %v, needed are %v", allowed, needed)
	}
}

// docs/troubleshooting.md has a row for every code that the client treats in a way of its own, and promises nothing about others.
func TestKnownCodesAreDocumented(t *testing.T) {
	_, table, _ := strings.Cut(page(t, "troubleshooting.md"), "| code |")
	table, _, _ = strings.Cut(table, "\n\n")
	var documented []string
	for line := range strings.Lines(table) {
		if cells := strings.Split(line, "|"); len(cells) > 1 && strings.HasPrefix(cells[1], " `") {
			for _, code := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cells[1], -1) {
				documented = append(documented, code[1])
			}
		}
	}
	known := slices.Concat(deniedCodes, busyCodes, temporaryCodes, []string{
		codeInstanceNotFound, codeResourceNotExists, codeSignatureNonceUsed, "Throttling", "Throttling.*", "Rejected.Throttling",
		"Duplicated.ClientToken", "IdempotentParameterMismatch", // of orders, which are not settled by them
	})
	for _, h := range hints {
		known = append(known, strings.Fields(h.codes)...)
	}
	for _, code := range known {
		if !slices.Contains(ownCodes, code) && !slices.ContainsFunc(documented, func(d string) bool { return matches(d, code) || matches(code, d) }) {
			t.Errorf("%s has no row in docs/troubleshooting.md", code)
		}
	}
	for _, d := range documented {
		if !slices.ContainsFunc(known, func(code string) bool { return matches(d, code) || matches(code, d) }) {
			t.Errorf("%s is documented, but the client treats it like any other code", d)
		}
	}
}
