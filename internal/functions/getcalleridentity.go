package functions

import (
	"context"
	"fmt"

	"github.com/pulumi/pulumi-go-provider/infer"
)

// GetCallerIdentity tells whose credentials the provider uses.
type GetCallerIdentity struct{ Connection }

// GetCallerIdentityArgs are its arguments: none.
type GetCallerIdentityArgs struct{}

// GetCallerIdentityResult is what it returns.
type GetCallerIdentityResult struct {
	AccountID    string `pulumi:"accountId"`
	ARN          string `pulumi:"arn"`
	IdentityType string `pulumi:"identityType"`
	PrincipalID  string `pulumi:"principalId"`
}

// Annotate describes the function.
func (f *GetCallerIdentity) Annotate(a infer.Annotator) {
	a.Describe(&f, "Tells whose credentials the provider uses, from STS `GetCallerIdentity`. Its accountId serves as vpcOwnerId of bound VPCs.")
	a.SetToken("index", "getCallerIdentity")
}

// Annotate describes the result.
func (r *GetCallerIdentityResult) Annotate(a infer.Annotator) {
	a.Describe(&r.AccountID, "The id of the account: a string of digits, since it does not fit a 32-bit integer.")
	a.Describe(&r.ARN, "The Alibaba Cloud Resource Name of the caller.")
	a.Describe(&r.IdentityType, "What the caller is: `Account`, `RAMUser` or `AssumedRoleUser`.")
	a.Describe(&r.PrincipalID, "The id of the caller.")
}

// Invoke calls STS.
func (f *GetCallerIdentity) Invoke(
	ctx context.Context, _ infer.FunctionRequest[GetCallerIdentityArgs],
) (resp infer.FunctionResponse[GetCallerIdentityResult], err error) {
	client, err := f.Client(ctx)
	if err != nil {
		return resp, err
	}
	identity, err := client.GetCallerIdentity(ctx)
	if err != nil {
		return resp, fmt.Errorf("asking for the identity of the caller: %w", err)
	}
	resp.Output = GetCallerIdentityResult(identity)
	return resp, nil
}
