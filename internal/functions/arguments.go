package functions

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"regexp/syntax"
	"slices"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/input"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/kmsinstance"
)

// arguments are the arguments of each function, as users know them.
var arguments = map[string][]input.Field{
	"getKmsInstance": {{Name: IDArgument, Required: true, Meaning: "the id of the instance, which starts with \"kst-\"", Rule: idRule}},
	"getKmsInstances": {
		{Name: "ids", Type: input.List, Element: &input.Field{Required: true, Rule: idRule}},
		{Name: "nameRegex", Rule: patternRule, Empty: true},
		{Name: "instanceName", Empty: true},
		{Name: "status", Values: []string{
			cloud.StatusUninitialized, cloud.StatusConnecting, cloud.StatusConnected, cloud.StatusDisconnected, cloud.StatusError,
		}},
	},
	"getCallerIdentity": {},
}

// Names are the names of the functions.
func Names() []string { return slices.Sorted(maps.Keys(arguments)) }

// Check returns the arguments of a function as it takes them, and what is wrong with them. Unlike an input, no argument may be
// unknown.
func Check(name string, given property.Map) (property.Map, []p.CheckFailure) {
	fields := arguments[name]
	given = input.Clean(fields, given)
	c := &input.Checker{}
	c.Map(name+" has no argument", fields, given)
	for argument, v := range given.AllStable {
		if v.HasComputed() {
			c.Fail(input.Path("", argument), "%s is not known yet: call the function in its output form", input.Path("", argument))
		}
	}
	return given, c.Failures
}

func idRule(id string) string {
	if kmsinstance.CheckID(id) != nil {
		return "the id of a KMS instance, which starts with \"kst-\""
	}
	return ""
}

// patternRule says of a wrong pattern only what kind of mistake is in it: it may be a secret.
func patternRule(pattern string) string {
	_, err := regexp.Compile(pattern)
	var mistake *syntax.Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &mistake):
		return fmt.Sprintf("a regular expression (RE2 finds: %s)", mistake.Code)
	}
	return "a regular expression (RE2)"
}
