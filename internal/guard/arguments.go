package guard

import (
	"fmt"
	"slices"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// CheckArguments finds arguments that a function does not have, and nulls inside the others.
func CheckArguments(args property.Map, names []string) []p.CheckFailure {
	failures := nulls(args)
	for name := range args.AllStable {
		if slices.Contains(names, name) {
			continue
		}
		hint := ""
		if near := Nearest(name, names); near != "" {
			hint = fmt.Sprintf("; did you mean %q?", near)
		}
		failures = append(failures, p.CheckFailure{Property: name, Reason: fmt.Sprintf("there is no argument %q%s", name, hint)})
	}
	return failures
}
