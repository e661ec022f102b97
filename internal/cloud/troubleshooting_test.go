package cloud

import (
	"go/ast"
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

// documented are the codes of the table in docs/troubleshooting.md. A row that is about any code of a call has none.
func documented(t *testing.T) []string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "troubleshooting.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(page), "| code |")
	if !found {
		t.Fatal("the page has no table of codes")
	}
	table, _, _ = strings.Cut(table, "\n\n")
	var codes []string
	for line := range strings.Lines(table) {
		cells := strings.Split(line, "|")
		if len(cells) < 2 || !strings.HasPrefix(cells[1], " `") {
			continue
		}
		for _, span := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cells[1], -1) {
			codes = append(codes, span[1])
		}
	}
	return codes
}

// TestDocumentedCodesAreKnown: the page promises nothing about codes that this client treats like any other.
func TestDocumentedCodesAreKnown(t *testing.T) {
	t.Parallel()
	codes := documented(t)
	if len(codes) < 20 {
		t.Fatalf("the page has only %d codes: %v", len(codes), codes)
	}
	for _, code := range codes {
		if code == CodeInstanceNotFound || code == CodeResourceNotExists {
			continue // they mean that the instance is gone
		}
		// `Some.*` stands for every code that begins so.
		code = strings.Replace(code, "*", "Anything", 1)
		known := false
		for _, call := range []call{
			{service: kms, action: "UpdateKmsInstance", kind: level}, {service: kms, action: actionConnect, kind: once},
			{service: bss, action: "CreateInstance", kind: order},
		} {
			f := &failure{Error: &Error{Action: call.action, Code: code, HTTPStatus: 400, service: call.service}}
			known = known || f.Hint() != "" || call.judge(f).again
		}
		if !known {
			t.Errorf("%s is documented, but the client neither has a hint for it nor tries again", code)
		}
	}
}

// TestKnownCodesAreDocumented: whatever code the client treats in a way of its own, the page tells users about it.
func TestKnownCodesAreDocumented(t *testing.T) {
	t.Parallel()
	known := codesInSource(t, "hints.go", "errors.go", "retry.go")
	if len(known) < 30 {
		t.Fatalf("found only %d codes in the source: %v", len(known), known)
	}
	codes := documented(t)
	for _, k := range known {
		if !slices.ContainsFunc(codes, k.covers) {
			t.Errorf("%s: %q is not in docs/troubleshooting.md", k.where, k.text)
		}
	}
}

// knownCode is a code, or a part of one, that the source compares with.
type knownCode struct {
	text, where string
	covers      func(documented string) bool
}

// codesInSource finds the codes that Error.Code is compared with: in comparisons, cases and lists as a whole, in calls of
// HasPrefix and Contains as a part. Codes of the client itself are not shown to users, so they need no row.
func codesInSource(t *testing.T, files ...string) []knownCode {
	t.Helper()
	var found []knownCode
	constants := map[string]string{}
	fileset := token.NewFileSet()
	var parsed []*ast.File
	for _, name := range files {
		file, err := parser.ParseFile(fileset, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, file)
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == 1 && strings.HasPrefix(spec.Names[0].Name, "Code") {
				constants[spec.Names[0].Name] = literal(spec.Values[0])
			}
			return true
		})
	}
	add := func(n ast.Expr, covers func(documented, code string) bool) {
		text := literal(n)
		if name, ok := n.(*ast.Ident); ok {
			text = constants[name.Name]
		}
		if !regexp.MustCompile(`^[A-Z][A-Za-z_.]+$`).MatchString(text) || (&Error{Code: text}).ownCode() {
			return
		}
		found = append(found, knownCode{text, fileset.Position(n.Pos()).String(), func(d string) bool { return covers(d, text) }})
	}
	equal := func(documented, code string) bool { return strings.EqualFold(documented, code) }
	for _, file := range parsed {
		prefixes := map[ast.Node]bool{}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.RangeStmt:
				if value, ok := n.Value.(*ast.Ident); ok && value.Name == "prefix" {
					prefixes[n.X] = true
				}
			case *ast.CompositeLit:
				for _, element := range n.Elts {
					if prefixes[n] {
						add(element, strings.HasPrefix)
					} else {
						add(element, equal)
					}
				}
			case *ast.BinaryExpr:
				if n.Op == token.EQL {
					add(n.Y, equal)
				}
			case *ast.CaseClause:
				for _, e := range n.List {
					add(e, equal)
				}
			case *ast.CallExpr:
				called, ok := n.Fun.(*ast.SelectorExpr)
				if !ok || len(n.Args) != 2 {
					return true
				}
				switch called.Sel.Name {
				case "HasPrefix":
					add(n.Args[1], strings.HasPrefix)
				case "Contains":
					add(n.Args[1], func(documented, part string) bool {
						return strings.Contains(strings.ToUpper(documented), strings.ToUpper(part))
					})
				}
			}
			return true
		})
	}
	return found
}

func literal(e ast.Expr) string {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return ""
	}
	text, err := strconv.Unquote(l.Value)
	if err != nil {
		return ""
	}
	return text
}
