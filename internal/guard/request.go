package guard

import (
	"context"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// Request is what the engine sent for the operation under way, before infer took it apart.
type Request struct {
	URN       resource.URN
	Inputs    property.Map // new inputs; of a read the recorded ones
	OldInputs property.Map
	State     property.Map // recorded outputs; empty for an import or a `.get`
	// IgnoreChanges are the property paths of the resource option of this name, of an update.
	IgnoreChanges []string
}

type requestKey struct{}

func withRequest(ctx context.Context, r Request) context.Context {
	return context.WithValue(ctx, requestKey{}, r)
}

// FromContext returns the request under way; it is empty outside of one.
func FromContext(ctx context.Context) Request {
	r, _ := ctx.Value(requestKey{}).(Request)
	return r
}
