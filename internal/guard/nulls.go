package guard

import (
	"fmt"
	"regexp"
	"strconv"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// nulls finds nulls inside lists, maps and objects: infer crashes on them. A null at the top is a property that is left out.
func nulls(inputs property.Map) []p.CheckFailure {
	var failures []p.CheckFailure
	for name, v := range inputs.AllStable {
		failures = append(failures, nullsIn(name, v)...)
	}
	return failures
}

func nullsIn(path string, v property.Value) []p.CheckFailure {
	var failures []p.CheckFailure
	visit := func(path string, v property.Value) {
		if v.IsNull() {
			failures = append(failures, p.CheckFailure{
				Property: path, Reason: fmt.Sprintf("%s is null: give it a value, or take the element out", path),
			})
			return
		}
		failures = append(failures, nullsIn(path, v)...)
	}
	switch {
	case v.IsArray():
		for i, item := range v.AsArray().All {
			visit(fmt.Sprintf("%s[%d]", path, i), item)
		}
	case v.IsMap():
		for key, item := range v.AsMap().AllStable {
			visit(PathTo(path, key), item)
		}
	}
	return failures
}

var plainKey = regexp.MustCompile(`^[A-Za-z_$][0-9A-Za-z_$]*$`)

// PathTo is the property path of a key below path.
func PathTo(path, key string) string {
	if plainKey.MatchString(key) {
		return path + "." + key
	}
	return path + "[" + strconv.Quote(key) + "]"
}
