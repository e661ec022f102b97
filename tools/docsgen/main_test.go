package main

import (
	"reflect"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

func TestTableKeepsCellsInTheirPlace(t *testing.T) {
	if got, want := table([]string{"A"}, [][]string{{"x | y\n z"}}), "| A |\n| --- |\n| x \\| y z |\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTypeNames(t *testing.T) {
	for want, spec := range map[string]schema.TypeSpec{
		"string":                            {Type: "string"},
		"string[]":                          {Type: "array", Items: &schema.TypeSpec{Type: "string"}},
		"map of string":                     {Type: "object", AdditionalProperties: &schema.TypeSpec{Type: "string"}},
		"[BindVpc](reference.md#bindvpc)[]": {Type: "array", Items: &schema.TypeSpec{Ref: "#/types/alicloud-kms:index:BindVpc"}},
	} {
		if got := typeName(spec); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestPromises(t *testing.T) {
	content := "// TestA proves two things.\n// Promise (Preview): One.\n// Promise (Delete): Two.\nfunc TestA(t *testing.T) {\n}\n\n" +
		"// Promise (Delete): Two.\nfunc FuzzB(f *testing.F) {\n"
	found, err := promisesIn([]byte(content), "e2e")
	if err != nil {
		t.Fatal(err)
	}
	want := []promise{
		{"Preview", "One.", []string{"e2e.TestA"}}, {"Delete", "Two.", []string{"e2e.TestA"}}, {"Delete", "Two.", []string{"e2e.FuzzB"}},
	}
	if !reflect.DeepEqual(found, want) {
		t.Errorf("found %+v", found)
	}
	if _, err := promises(found); err == nil || !strings.Contains(err.Error(), `no test has a promise about "Purchase"`) {
		t.Errorf("a page without promises about purchases: %v", err)
	}
}

func TestPromisesWithoutATest(t *testing.T) {
	for text, want := range map[string]string{
		"// Promise (Preview): One.\nfunc helper() {":    "line 2: no test follows",
		"// Promise (Preview): One.\n\nfunc TestA(":      "line 2: no test follows",
		"// Promise (Preview): One.":                     "no test follows",
		"// Promise (Weather): Sun.\nfunc TestA(":        `the topic "Weather"`,
		"// Promise: One.\nfunc TestA(":                  "has the form",
		"func TestA() {\n\t// Promise (Preview): One.\n": "has the form",
	} {
		if _, err := promisesIn([]byte(text), "e2e"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
	}
}
