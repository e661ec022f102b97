package functions

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"regexp/syntax"
	"slices"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/input"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/kmsinstance"
)

// arguments are the arguments of each function, as users know them.
var arguments = map[string][]input.Field{
	"getKmsInstance": {{Name: idArgument, Required: true, Meaning: "the id of the instance, which starts with \"kst-\"", Rule: idRule}},
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

// The argument of getKmsInstance that has two names: the one users know and the one infer allows.
const (
	idArgument  = "id"
	idInferName = "instanceId"
)

// Invoke calls any function.
type Invoke = func(context.Context, p.InvokeRequest) (p.InvokeResponse, error)

// Checked refuses arguments that a function of the package does not have or that are wrong, and renames the one whose name infer reserves.
// Unlike an input, no argument may be unknown.
func Checked(pkg string, inferred Invoke) Invoke {
	return func(ctx context.Context, req p.InvokeRequest) (p.InvokeResponse, error) {
		name := functionName(pkg, string(req.Token))
		if name == "" {
			names := slices.Sorted(maps.Keys(arguments))
			return p.InvokeResponse{}, fmt.Errorf("the package %s has no function %s; it has %s", pkg, input.Quote(string(req.Token)), input.And(names))
		}
		fields := arguments[name]
		args := input.Clean(fields, req.Args)
		c := &input.Checker{}
		c.Map(name+" has no argument", fields, args)
		for argument, v := range args.AllStable {
			if v.HasComputed() {
				c.Fail(input.Path("", argument), "%s is not known yet: call the function in its output form", input.Path("", argument))
			}
		}
		if len(c.Failures) > 0 {
			return p.InvokeResponse{Failures: c.Failures}, nil
		}
		if id, given := args.GetOk(idArgument); given {
			args = args.Delete(idArgument).Set(idInferName, id)
		}
		return inferred(ctx, p.InvokeRequest{Token: tokens.Type(pkg + ":index:" + name), Args: args})
	}
}

// functionName is the name of the function that a token means, which may lack the module or, as in the bridged providers, repeat
// the name there; "" if there is no such function.
func functionName(pkg, token string) string {
	for name := range arguments {
		if slices.Contains([]string{pkg + ":index:" + name, pkg + ":" + name, pkg + ":index/" + name + ":" + name}, token) {
			return name
		}
	}
	return ""
}

// NameArgument does the same renaming in the schema of getKmsInstance.
func NameArgument(inputs *schema.ObjectTypeSpec) {
	inputs.Properties[idArgument] = inputs.Properties[idInferName]
	delete(inputs.Properties, idInferName)
	inputs.Required = []string{idArgument}
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
	if mistake, ok := errors.AsType[*syntax.Error](err); ok {
		return fmt.Sprintf("a regular expression (RE2 finds: %s)", mistake.Code)
	}
	return ""
}
