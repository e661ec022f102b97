package provider

import (
	"context"
	"fmt"
	"slices"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/functions"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/input"
)

const getInstanceToken tokens.Type = Name + ":index:getKmsInstance"

type invoke = func(context.Context, p.InvokeRequest) (p.InvokeResponse, error)

// namedArguments refuses arguments that a function does not have or that are wrong, and renames the one whose name infer reserves.
func namedArguments(inferred invoke) invoke {
	return func(ctx context.Context, req p.InvokeRequest) (p.InvokeResponse, error) {
		name := functionName(string(req.Token))
		if name == "" {
			return p.InvokeResponse{}, fmt.Errorf("the package %s has no function %s; it has %s", Name, input.Quote(string(req.Token)), input.And(functions.Names()))
		}
		req.Token = tokens.Type(Name + ":index:" + name)
		args, failures := functions.Check(name, req.Args)
		if len(failures) > 0 {
			return p.InvokeResponse{Failures: failures}, nil
		}
		if req.Token == getInstanceToken {
			args = args.Delete(functions.IDArgument).Set(functions.IDInferName, args.Get(functions.IDArgument))
		}
		req.Args = args
		return inferred(ctx, req)
	}
}

// functionName is the name of the function that a token means, which may lack the module or, as in the bridged providers, repeat
// the name there; "" if there is no such function.
func functionName(token string) string {
	for _, name := range functions.Names() {
		if slices.Contains([]string{Name + ":index:" + name, Name + ":" + name, Name + ":index/" + name + ":" + name}, token) {
			return name
		}
	}
	return ""
}

// nameArgument does the same renaming in the schema.
func nameArgument(inputs *schema.ObjectTypeSpec) {
	inputs.Properties[functions.IDArgument] = inputs.Properties[functions.IDInferName]
	delete(inputs.Properties, functions.IDInferName)
	inputs.Required = []string{functions.IDArgument}
}
