package guard

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// nulls finds nulls inside lists, maps and objects: infer crashes on them. A null at the top is a property that is left out.
func nulls(inputs property.Map) []p.CheckFailure {
	var failures []p.CheckFailure
	for name, v := range inputs.AllStable {
		failures = append(failures, nullsIn(name, v, false)...)
	}
	return slices.Compact(failures)
}

// nullsIn finds nulls inside a value. What is secret hides the keys of its maps: a null there is told of the map.
func nullsIn(path string, v property.Value, secret bool) []p.CheckFailure {
	var failures []p.CheckFailure
	fail := func(path, what string) {
		failures = append(failures, p.CheckFailure{
			Property: path, Reason: fmt.Sprintf("%s %s: give it a value, or take the element out", path, what),
		})
	}
	secret = secret || v.Secret()
	switch {
	case v.IsArray():
		for i, item := range v.AsArray().All {
			at := fmt.Sprintf("%s[%d]", path, i)
			if item.IsNull() {
				fail(at, "is null")
			}
			failures = append(failures, nullsIn(at, item, secret)...)
		}
	case v.IsMap():
		for key, item := range v.AsMap().AllStable {
			at := PathTo(path, key)
			if secret {
				at = path
			}
			switch {
			case !item.IsNull():
				failures = append(failures, nullsIn(at, item, secret)...)
			case !secret:
				fail(at, "is null")
			default:
				fail(at, "has a null in it")
			}
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
