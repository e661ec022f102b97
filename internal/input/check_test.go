package input

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	generate "github.com/pulumi/pulumi/sdk/v3/go/property/testing"
	"pgregory.net/rapid"
)

// fields has one field of every kind.
var fields = []Field{
	{Name: "name", Rule: func(text string) string {
		if strings.ToLower(text) != text {
			return "in lower case"
		}
		return ""
	}},
	{Name: "id", Required: true, Meaning: "the id of the thing", Rule: func(text string) string {
		if !strings.HasPrefix(text, "id-") {
			return `an id that starts with "id-"`
		}
		return ""
	}},
	{Name: "mode", Values: []string{"On", "Off"}},
	{Name: "key", Secret: true, Rule: func(string) string { return "another key" }},
	{Name: "size", Type: Integer, Min: 1, Max: 10},
	{Name: "count", Type: Integer},
	{Name: "step", Type: Integer, Allowed: []int{0, 5, 10}},
	{Name: "on", Type: Boolean},
	{Name: "zones", Type: List, Min: 1, Max: 3, Distinct: true, Element: &Field{Required: true}},
	{Name: "parts", Type: List, DistinctBy: "id", Element: &Field{Type: Object, Fields: []Field{{Name: "id", Required: true}, {Name: "size", Type: Integer}}}},
	{Name: "tags", Type: Map, Max: 2, Rule: func(key string) string {
		if key == "" || strings.Contains(key, " ") {
			return "a word"
		}
		return ""
	}, Element: &Field{Empty: true, Rule: func(text string) string {
		if strings.Contains(text, "!") {
			return "calm"
		}
		return ""
	}}},
	{Name: "role", Type: Object, Fields: []Field{{Name: "arn", Required: true}, {Name: "policy"}}},
}

func object(pairs ...any) property.Map {
	m := map[string]property.Value{}
	for pair := range slices.Chunk(pairs, 2) {
		m[fmt.Sprint(pair[0])] = value(pair[1])
	}
	return property.NewMap(m)
}

func value(v any) property.Value {
	return resource.FromResourcePropertyValue(resource.NewPropertyValueRepl(v, nil, func(v any) (resource.PropertyValue, bool) {
		if m, is := v.(property.Map); is {
			v = property.New(m)
		}
		value, is := v.(property.Value)
		return resource.ToResourcePropertyValue(value), is
	}))
}

func secret(v any) property.Value { return value(v).WithSecret(true) }

var unknown = property.New(property.Computed)

func complaints(m property.Map) []string {
	c := &Checker{}
	c.Map("Thing has no property", fields, Clean(fields, m))
	said := []string{}
	for _, f := range c.Failures {
		said = append(said, f.Property+": "+f.Reason)
	}
	return said
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		given []any
		want  []string
	}{
		"all right": {[]any{"name", "a", "mode", "On", "size", 10, "count", 0, "step", 5, "on", true, "zones", []any{"a", "b"},
			"parts", []any{object("id", "a"), object("id", "b", "size", 3)}, "tags", object("a", "", "b", "x"), "role", object("arn", "x")}, nil},
		"left out":        {[]any{"id", nil}, []string{"id: id is required: the id of the thing"}},
		"an unknown name": {[]any{"neme", "x"}, []string{`neme: Thing has no property "neme"; did you mean "name"?`}},
		"a name from elsewhere": {[]any{"availability", "x"}, []string{
			`availability: Thing has no property "availability"; it has name, id, mode, key, size, count, step, on, zones, parts, tags and role`}},
		"Terraform's spelling":        {[]any{"z_ones", "x"}, []string{`z_ones: Thing has no property "z_ones"; did you mean "zones"?`}},
		"an odd name":                 {[]any{"a\x1b[31m\nb", "x"}, []string{`["a\x1b[31m\nb"]: Thing has no property "a\x1b[31m\nb"; it has name, id, mode, key, size, count, step, on, zones, parts, tags and role`}},
		"an empty text":               {[]any{"name", ""}, []string{"name: name must not be empty; leave it out if you do not want to set it"}},
		"an empty id":                 {[]any{"id", ""}, []string{"id: id must not be empty"}},
		"a broken rule":               {[]any{"name", "A"}, []string{`name: name must be in lower case, but "A" was given`}},
		"a number for a text":         {[]any{"name", 7}, []string{`name: name must be a string, but 7 was given; put it in quotes: "7"`}},
		"a great number":              {[]any{"name", 1e17}, []string{`name: name must be a string, but 100000000000000000 was given; put it in quotes`}},
		"a number that no rule takes": {[]any{"id", 7}, []string{`id: id must be an id that starts with "id-", but 7 was given`}},
		"a rule and a list":           {[]any{"id", []any{"id-1"}}, []string{`id: id must be an id that starts with "id-", but a list was given`}},
		"another word":                {[]any{"mode", "on"}, []string{`mode: mode must be one of "On", "Off", but "on" was given`}},
		"no word":                     {[]any{"mode", ""}, []string{`mode: mode must be one of "On", "Off", but "" was given`}},
		"a secret field":              {[]any{"key", "hush"}, []string{"key: key must be another key, but a secret value was given"}},
		"too great":                   {[]any{"size", 11}, []string{"size: size must be a whole number from 1 to 10, but 11 was given"}},
		"too small":                   {[]any{"size", 0}, []string{"size: size must be a whole number from 1 to 10, but 0 was given"}},
		"a fraction":                  {[]any{"size", 1.5}, []string{"size: size must be a whole number from 1 to 10, but 1.5 was given"}},
		"in quotes":                   {[]any{"size", "7"}, []string{`size: size must be a whole number from 1 to 10, but "7" was given; give the number without quotes`}},
		"a word":                      {[]any{"size", "much"}, []string{`size: size must be a whole number from 1 to 10, but "much" was given`}},
		"below zero":                  {[]any{"count", -1}, []string{"count: count must be a whole number from 0 on, but -1 was given"}},
		"no 32-bit integer":           {[]any{"count", 3e9}, []string{"count: count must be a whole number from 0 on, but 3000000000 was given"}},
		"not among the few":           {[]any{"step", 7}, []string{"step: step must be one of 0, 5, 10, but 7 was given"}},
		"far from the few":            {[]any{"step", 1e300}, []string{"step: step must be one of 0, 5, 10, but 1" + strings.Repeat("0", 199) + "… was given"}},
		"no boolean":                  {[]any{"on", "true"}, []string{`on: on must be true or false, but "true" was given`}},
		"no elements":                 {[]any{"zones", []any{}}, []string{"zones: zones must have 1 to 3 elements, but it has 0"}},
		"too many entries":            {[]any{"tags", object("a", "", "b", "", "c", "")}, []string{"tags: tags must have at most 2 elements, but it has 3"}},
		"an element twice":            {[]any{"zones", []any{"a", "b", "a"}}, []string{"zones[2]: zones[2] is the same as zones[0]; each may be given once"}},
		"a null element":              {[]any{"zones", []any{"a", nil}}, []string{"zones[1]: zones[1] is null: give it a value, or take it out"}},
		"a list for a map":            {[]any{"tags", []any{}}, []string{"tags: tags must be a map of strings, but a list was given"}},
		"a text for a list":           {[]any{"zones", "a"}, []string{`zones: zones must be a list of strings, but "a" was given`}},
		"a text for objects":          {[]any{"parts", "a"}, []string{`parts: parts must be a list of objects with id and size, but "a" was given`}},
		"a text for an object":        {[]any{"role", "a"}, []string{`role: role must be an object with arn and policy, but "a" was given`}},
		"inside an object":            {[]any{"role", object("arm", 1)}, []string{`role.arm: role has no property "arm"; did you mean "arn"?`, "role.arn: role.arn is required"}},
		"a null field":                {[]any{"role", object("arn", nil)}, []string{"role.arn: role.arn is null: give it a value, or take it out"}},
		"inside a list": {[]any{"parts", []any{object("size", "x"), 7, object("id", "a"), object("id", "a")}}, []string{
			`parts[0].size: parts[0].size must be a whole number from 0 on, but "x" was given`, "parts[0].id: parts[0].id is required",
			"parts[1]: parts[1] must be an object with id and size, but 7 was given",
			"parts[3].id: parts[3].id is the same as parts[2].id; each may be given once"}},
		"a bad key and a bad value": {[]any{"tags", object("a b", "x!")}, []string{
			`tags["a b"]: a key of tags must be a word, but "a b" was given`, `tags["a b"]: tags["a b"] must be calm, but "x!" was given`}},
		"a null value":           {[]any{"tags", object("a", nil)}, []string{"tags.a: tags.a is null: give it a value, or take it out"}},
		"secrets":                {[]any{"name", secret("HUSH"), "size", secret(99), "mode", secret("hush")}, []string{`mode: mode must be one of "On", "Off", but a secret value was given`, "name: name must be in lower case, but a secret value was given", "size: size must be a whole number from 1 to 10, but a secret value was given"}},
		"a secret number":        {[]any{"name", secret(99)}, []string{"name: name must be a string, but a secret value was given; put it in quotes"}},
		"a secret list":          {[]any{"zones", secret([]any{7, nil})}, []string{"zones[0]: zones[0] must be a string, but a secret value was given; put it in quotes", "zones[1]: zones[1] is null: give it a value, or take it out"}},
		"a secret map":           {[]any{"tags", secret(object("hush hush", "!", "hush", nil))}, []string{"tags: tags has a null in it: give it a value, or take it out", "tags: a key of tags must be a word, but a secret value was given", "tags: tags must be calm, but a secret value was given"}},
		"a name in a secret":     {[]any{"role", secret(object("hush", 1, "arn", "x"))}, []string{"role: role has no property of that name; it has arn and policy"}},
		"unknown values":         {[]any{"name", unknown, "size", unknown, "zones", []any{unknown, unknown}, "parts", []any{unknown, object("id", unknown)}, "tags", object("a", unknown), "role", object("arn", unknown)}, nil},
		"unknown and secret":     {[]any{"name", unknown.WithSecret(true), "zones", unknown.WithSecret(true)}, nil},
		"beside unknown values":  {[]any{"zones", []any{unknown, 7}}, []string{`zones[1]: zones[1] must be a string, but 7 was given; put it in quotes: "7"`}},
		"a resource without id":  {[]any{"name", reference(property.New(property.Null))}, []string{"name: name must be a string, but a resource that has no id was given"}},
		"a long text":            {[]any{"name", strings.Repeat("A", 500)}, []string{`name: name must be in lower case, but "` + strings.Repeat("A", 200) + `…" was given`}},
		"terminal codes":         {[]any{"name", "A\x1b]0;x\a\u202e\xff"}, []string{`name: name must be in lower case, but "A\x1b]0;x\a\u202e\xff" was given`}},
		"a password in a URL":    {[]any{"name", "HTTPS://me:hush@host/?token=hush"}, []string{`name: name must be in lower case, but "HTTPS://…@host/?…" was given`}},
		"a long password":        {[]any{"name", "HTTPS://" + strings.Repeat("hush", 100) + "@host/"}, []string{`name: name must be in lower case, but "HTTPS://…@host/" was given`}},
		"a password without one": {[]any{"name", "Me:hush@host"}, []string{`name: name must be in lower case, but "…@host" was given`}},
	} {
		m := object(c.given...)
		if _, given := m.GetOk("id"); !given {
			m = m.Set("id", property.New("id-1"))
		}
		if got := complaints(m); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n  %s\nwant\n  %s", name, strings.Join(got, "\n  "), strings.Join(c.want, "\n  "))
		}
	}
}

func reference(id property.Value) property.Value {
	return property.New(property.NewResourceReference(urn.URN("urn:pulumi:dev::p::a:b:C::c"), id, ""))
}

// Whatever is given, each complaint has a path and a text that any terminal can show, and cleaning twice is cleaning once.
func TestCheckOfAnything(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		m := generate.Map(4).Draw(rt, "anything").AsMap()
		for _, f := range fields {
			if rapid.Bool().Draw(rt, f.Name) {
				m[f.Name] = generate.Value(4).Draw(rt, f.Name)
			}
		}
		cleaned := Clean(fields, property.NewMap(m))
		if !Clean(fields, cleaned).Equals(cleaned) {
			rt.Errorf("not clean: %#v", cleaned)
		}
		c := &Checker{}
		c.Map("Thing has no property", fields, cleaned)
		for _, f := range c.Failures {
			for _, text := range []string{f.Property, f.Reason} {
				if text == "" || !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
					rt.Errorf("%q: %q", f.Property, f.Reason)
				}
			}
		}
	})
}

func TestNearest(t *testing.T) {
	t.Parallel()
	names := []string{"vpcId", "zoneIds", "vswitchIds", "keyNum", "tags"}
	for given, want := range map[string]string{
		"vpcID": "vpcId", "VPC_ID": "vpcId", "zones": "zoneIds", "vswitches": "vswitchIds", "keyNumber": "keyNum", "tag": "tags", "colour": "", "": "",
		strings.Repeat("vpcId", 100): "",
	} {
		if got := Nearest(given, names); got != want {
			t.Errorf("nearest to %q is %q, want %q", given, got, want)
		}
	}
	if got := Nearest("x", nil); got != "" {
		t.Errorf("nearest to nothing is %q", got)
	}
}

func TestPath(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ parent, name, want string }{
		{"", "a", "a"}, {"a", "b_1$", "a.b_1$"}, {"", "a b", `["a b"]`}, {"a", "b.c", `a["b.c"]`}, {"a", "", `a[""]`}, {"a", "\x00", `a["\x00"]`},
		{"", strings.Repeat("a", 300), strings.Repeat("a", 200) + "…"},
	} {
		if got := Path(c.parent, c.name); got != c.want {
			t.Errorf("%q below %q is %s, want %s", c.name, c.parent, got, c.want)
		}
	}
}

// TestLargeInputs: all complaints come, and soon. What grew with the square of the size took minutes here.
func TestLargeInputs(t *testing.T) {
	t.Parallel()
	const n = 100_000
	zones, parts, tags := make([]any, n), make([]any, n), map[string]any{}
	for i := range n {
		zones[i] = fmt.Sprint("zone-", i/2)
		parts[i] = map[string]any{"id": fmt.Sprint("id-", i/2), "size": -1, fmt.Sprint("name", i): 1}
		tags[fmt.Sprint("key ", i)] = "!"
	}
	m := object("id", "id-1", "zones", zones, "parts", parts, "tags", tags, strings.Repeat("name", n), 1, strings.Repeat("x", 10_000_000), "y")
	start := time.Now()
	said := complaints(m)
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("%d complaints took %s", len(said), took)
	}
	if want := n/2 + 1 + n/2 + 2*n + 2*n + 1 + 2; len(said) != want {
		t.Errorf("%d complaints, want %d", len(said), want)
	}
	for _, text := range said {
		if len(text) > 1000 {
			t.Fatalf("a complaint has %d characters", len(text))
		}
	}
}
