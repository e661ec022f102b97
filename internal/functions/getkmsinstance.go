package functions

import (
	"context"

	"github.com/pulumi/pulumi-go-provider/infer"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/kmsinstance"
)

// GetKmsInstance reads one instance.
type GetKmsInstance struct{ connection Connection }

// NewGetKmsInstance returns the function.
func NewGetKmsInstance(c Connection) *GetKmsInstance { return &GetKmsInstance{c} }

// GetKmsInstanceArgs names the instance. Users call the argument `id`, which infer reserves; the provider renames it.
type GetKmsInstanceArgs struct {
	ID string `pulumi:"instanceId"`
}

// The argument of getKmsInstance that has two names: the one users know and the one infer allows.
const (
	IDArgument  = "id"
	IDInferName = "instanceId"
)

// Annotate describes the function.
func (f *GetKmsInstance) Annotate(a infer.Annotator) {
	a.Describe(&f, "Reads a KMS instance, whether a program manages it or not. An instance that does not exist is an error.")
	a.SetToken("index", "getKmsInstance")
}

// Annotate describes the arguments.
func (g *GetKmsInstanceArgs) Annotate(a infer.Annotator) {
	a.Describe(&g.ID, "The id of the instance (`kst-…`).")
}

// Invoke reads the instance.
func (f *GetKmsInstance) Invoke(
	ctx context.Context, req infer.FunctionRequest[GetKmsInstanceArgs],
) (infer.FunctionResponse[kmsinstance.Instance], error) {
	var resp infer.FunctionResponse[kmsinstance.Instance]
	client, err := f.connection.Client(ctx)
	if err != nil {
		return resp, err
	}
	resp.Output, err = kmsinstance.NewReader(ctx, client).Describe(ctx, req.Input.ID)
	return resp, err
}
