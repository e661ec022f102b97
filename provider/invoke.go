package provider

import (
	"context"
	"fmt"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/functions"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/guard"
)

const getInstanceToken tokens.Type = Name + ":index:getKmsInstance"

// arguments are the names of the arguments of each function, as users know them.
var arguments = map[tokens.Type][]string{
	getInstanceToken:                  {functions.IDArgument},
	Name + ":index:getKmsInstances":   {"ids", "nameRegex", "instanceName", "status"},
	Name + ":index:getCallerIdentity": {},
}

type invoke = func(context.Context, p.InvokeRequest) (p.InvokeResponse, error)

// namedArguments refuses arguments that a function does not have and renames the one whose name infer reserves.
func namedArguments(inferred invoke) invoke {
	return func(ctx context.Context, req p.InvokeRequest) (p.InvokeResponse, error) {
		names, known := arguments[req.Token]
		if !known {
			return p.InvokeResponse{}, fmt.Errorf("the package %s has no function %s", Name, req.Token)
		}
		if failures := guard.CheckArguments(req.Args, names); len(failures) > 0 {
			return p.InvokeResponse{Failures: failures}, nil
		}
		if req.Token == getInstanceToken {
			id, given := req.Args.GetOk(functions.IDArgument)
			if !given || !id.IsString() {
				return p.InvokeResponse{Failures: []p.CheckFailure{{
					Property: functions.IDArgument, Reason: "id is required: the id of the instance, which starts with \"kst-\"",
				}}}, nil
			}
			req.Args = req.Args.Delete(functions.IDArgument).Set(functions.IDInferName, id)
		}
		return inferred(ctx, req)
	}
}

// nameArgument does the same renaming in the schema.
func nameArgument(inputs *schema.ObjectTypeSpec) {
	inputs.Properties[functions.IDArgument] = inputs.Properties[functions.IDInferName]
	delete(inputs.Properties, functions.IDInferName)
	inputs.Required = []string{functions.IDArgument}
}
