// Command emptyprovider is the least provider that the framework allows: one resource that does nothing. It is what
// measurements of the real one are held against.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
)

// Thing is the resource.
type Thing struct{}

// ThingArgs are its inputs.
type ThingArgs struct {
	Label string `pulumi:"label"`
}

// ThingState is what is recorded of it.
type ThingState struct {
	ThingArgs
}

// Create records the inputs.
//
//nolint:unparam // the framework wants an error
func (Thing) Create(_ context.Context, req infer.CreateRequest[ThingArgs]) (infer.CreateResponse[ThingState], error) {
	return infer.CreateResponse[ThingState]{ID: req.Name, Output: ThingState{req.Inputs}}, nil
}

func main() {
	provider, err := infer.NewProviderBuilder().
		WithResources(infer.Resource(Thing{})).
		WithModuleMap(map[tokens.ModuleName]tokens.ModuleName{"main": "index"}).
		Build()
	if err == nil {
		err = provider.Run(context.Background(), "empty", "0.1.0")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "emptyprovider:", err)
		os.Exit(1)
	}
}
