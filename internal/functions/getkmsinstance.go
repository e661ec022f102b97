package functions

import (
	"context"

	"github.com/pulumi/pulumi-go-provider/infer"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/kmsinstance"
)

// GetKmsInstance reads one instance.
type GetKmsInstance struct{ Connection }

// GetKmsInstanceArgs names the instance. Users call the argument `id`, which infer reserves; the provider renames it.
type GetKmsInstanceArgs struct {
	ID string `pulumi:"instanceId"`
}

// Annotate describes the function.
func (f *GetKmsInstance) Annotate(a infer.Annotator) {
	a.Describe(&f, "Reads a KMS instance, whether a program manages it or not. An instance that does not exist is an error.")
	a.SetToken("index", "getKmsInstance")
}

// Annotate describes the arguments.
func (g *GetKmsInstanceArgs) Annotate(a infer.Annotator) {
	a.Describe(&g.ID, "The id of the instance (`kst-…`).")
}

// GetKmsInstanceResult is the instance and its quotas.
type GetKmsInstanceResult struct {
	kmsinstance.Instance
	Quotas []kmsinstance.Quota `pulumi:"quotas"`
}

// Annotate describes the result.
func (r *GetKmsInstanceResult) Annotate(a infer.Annotator) {
	a.Describe(&r, "A KMS instance as it is in the cloud, and how full it is.")
	kmsinstance.DescribeInstance(a, &r.Instance)
	a.Describe(&r.Quotas, "How many keys, secrets and so on the instance may hold and holds. Empty unless it is connected.")
}

// Invoke reads the instance.
func (f *GetKmsInstance) Invoke(
	ctx context.Context, req infer.FunctionRequest[GetKmsInstanceArgs],
) (resp infer.FunctionResponse[GetKmsInstanceResult], err error) {
	client, err := f.Client(ctx)
	if err != nil {
		return resp, err
	}
	reader := kmsinstance.NewReader(ctx, client)
	instance, err := reader.Describe(ctx, req.Input.ID, func(cloud.Instance) bool { return true })
	if err == nil {
		resp.Output = GetKmsInstanceResult{*instance, reader.Quotas(ctx, instance)}
	}
	return resp, err
}
