package cloud

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestPolicyAllowsWhatIsCalled: docs/ram-policy.json allows every action that the client calls, by the name that its hints
// tell users, and nothing else.
func TestPolicyAllowsWhatIsCalled(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "ram-policy.json"))
	if err != nil {
		t.Fatal(err)
	}
	var policy struct {
		Version   string
		Statement []struct {
			Effect string
			Action any
		}
	}
	if err := json.Unmarshal(text, &policy); err != nil {
		t.Fatal(err)
	}
	var allowed []string
	for _, statement := range policy.Statement {
		switch action := statement.Action.(type) {
		case string:
			allowed = append(allowed, action)
		case []any:
			for _, a := range action {
				name, _ := a.(string)
				allowed = append(allowed, name)
			}
		}
	}
	var needed []string
	for service, actions := range called(t) {
		for _, action := range actions {
			denied := &Error{Action: action, Code: "NoPermission", HTTPStatus: 403, service: service}
			needed = append(needed, regexp.MustCompile(`(kms|bss|bssapi|sts|vpc):\w+`).FindAllString(denied.Hint(), -1)...)
		}
	}
	if len(needed) < 10 {
		t.Fatalf("found only the actions %v in the source", needed)
	}
	for _, action := range needed {
		if !slices.Contains(allowed, action) {
			t.Errorf("the policy does not allow %s", action)
		}
	}
	needed = append(needed, "ram:CreateServiceLinkedRole") // of a role that is made by KMS itself
	for _, action := range allowed {
		if !slices.Contains(needed, action) {
			t.Errorf("the policy allows %s, which is not called", action)
		}
	}
}

// called finds the actions in the calls of the services. Those that assume a role are another matter: their permission belongs
// to whoever assumes it.
func called(t *testing.T) map[service][]string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	constants := map[string]string{}
	found := map[service][]string{}
	collect := func(inspect func(ast.Node)) {
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				inspect(n)
				return true
			})
		}
	}
	collect(func(n ast.Node) {
		if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == 1 && strings.HasPrefix(spec.Names[0].Name, "action") {
			constants[spec.Names[0].Name] = literal(spec.Values[0])
		}
	})
	services := map[string]service{"kms": kms, "bss": bss, "order": bss, "sts": sts, "vpc": vpc}
	collect(func(n ast.Node) {
		of, action := callOf(n)
		name := literal(action)
		if constant, ok := action.(*ast.Ident); ok {
			name = constants[constant.Name]
		}
		if s, ok := services[of]; ok && name != "" {
			found[s] = append(found[s], name)
		}
	})
	return found
}

// callOf is the service and the action of a call: c.kms(ctx, action, …) or call{service: kms, action: action, …}.
func callOf(n ast.Node) (of string, action ast.Expr) {
	switch n := n.(type) {
	case *ast.CallExpr:
		if method, ok := n.Fun.(*ast.SelectorExpr); ok && len(n.Args) > 1 {
			return method.Sel.Name, n.Args[1]
		}
	case *ast.CompositeLit:
		for _, element := range n.Elts {
			field, ok := element.(*ast.KeyValueExpr)
			if !ok {
				continue
			}
			switch name, _ := field.Key.(*ast.Ident); {
			case name == nil:
			case name.Name == "service":
				if value, ok := field.Value.(*ast.Ident); ok {
					of = value.Name
				}
			case name.Name == "action":
				action = field.Value
			}
		}
	}
	return of, action
}
