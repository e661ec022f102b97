package wire_test

import (
	"fmt"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
)

// What no SDK sends is answered in a sentence, and the provider lives on.
func TestOddCalls(t *testing.T) {
	b := fresh(t)
	seeded(t, b, emulator.Instance{ID: "kst-1"})
	ctx := t.Context()
	args := &structpb.Struct{Fields: map[string]*structpb.Value{"id": structpb.NewStringValue("kst-1")}}
	for _, token := range []string{"alicloud-kms:getKmsInstance", "alicloud-kms:index/getKmsInstance:getKmsInstance"} {
		resp, err := b.Server.Invoke(ctx, &pulumirpc.InvokeRequest{Tok: token, Args: args})
		if err != nil || resp.GetReturn().GetFields()["instanceId"].GetStringValue() != "kst-1" {
			t.Errorf("%s gives %v, %v", token, resp, err)
		}
	}
	for _, urn := range []string{"", "kms", "urn:pulumi:dev", "urn:pulumi:dev::p::::n"} {
		_, err := b.Server.Check(ctx, &pulumirpc.CheckRequest{Urn: urn})
		wantSaid(t, "Check of "+urn, fmt.Sprint(err), "is not the URN of a resource")
		_, err = b.Server.Read(ctx, &pulumirpc.ReadRequest{Urn: urn, Id: "kst-1"})
		wantSaid(t, "Read of "+urn, fmt.Sprint(err), "is not the URN of a resource")
	}
	for _, accepts := range []bool{true, false} {
		_, err := b.Server.Construct(ctx, &pulumirpc.ConstructRequest{Type: "alicloud-kms:index:Vault", AcceptsOutputValues: accepts})
		wantSaid(t, "Construct", fmt.Sprint(err), `the package alicloud-kms has no component resource "alicloud-kms:index:Vault"`)
		_, err = b.Server.Call(ctx, &pulumirpc.CallRequest{Tok: "alicloud-kms:index:KmsInstance/open", AcceptsOutputValues: accepts})
		wantSaid(t, "Call", fmt.Sprint(err), `the package alicloud-kms has no method "alicloud-kms:index:KmsInstance/open"`)
	}
}
