//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/structpb"
)

// subject is a provider to be measured: ours or the empty one.
type subject struct {
	name   string // of the package
	path   string
	urn    string
	config map[string]any
	inputs map[string]any
}

func (b *bench) subjects() (ours, empty subject) {
	ours = subject{
		name: "alicloud-kms", path: b.plugin, urn: "urn:pulumi:bench::bench::alicloud-kms:index:KmsInstance::kms",
		config: map[string]any{"region": "cn-hangzhou", "accessKey": "key", "secretKey": "secret"},
		inputs: example(),
	}
	empty = subject{
		name: "empty", path: b.empty, urn: "urn:pulumi:bench::bench::empty:index:Thing::thing",
		inputs: map[string]any{"label": "thing"},
	}
	return ours, empty
}

// example are the inputs of a Subscription instance with three bound VPCs.
func example() map[string]any {
	bind := func(name string) map[string]any {
		return map[string]any{
			"vpcId": "vpc-bp1" + name, "vswitchId": "vsw-bp1" + name, "regionId": "cn-hangzhou", "vpcOwnerId": "1234567890123456",
		}
	}
	return map[string]any{
		"instanceName": "kms-subscription", "paymentType": "Subscription", "productVersion": "3", "period": 1,
		"renewStatus": "ManualRenewal", "renewPeriod": 3, "spec": 1000, "keyNum": 1000, "secretNum": 0, "vpcNum": 7, "log": "0",
		"logStorage": 0, "zoneIds": []any{"cn-hangzhou-k", "cn-hangzhou-j"}, "vpcId": "vpc-bp1main", "vswitchIds": []any{"vsw-bp1main"},
		"bindVpcs": []any{bind("orders"), bind("payments"), bind("reports")}, "tags": map[string]any{"environment": "example"},
	}
}

func pack(values map[string]any) (*structpb.Struct, error) {
	return plugin.MarshalProperties(resource.NewPropertyMapFromMap(values), plugin.MarshalOptions{KeepSecrets: true})
}

// configure does what the engine does before it asks for the first resource.
func (s subject) configure(ctx context.Context, p pulumirpc.ResourceProviderClient) error {
	config, err := pack(s.config)
	if err != nil {
		return err
	}
	checked, err := p.CheckConfig(ctx, &pulumirpc.CheckRequest{Urn: "urn:pulumi:bench::bench::pulumi:providers:" + s.name + "::default", News: config})
	if err != nil {
		return err
	}
	if len(checked.GetFailures()) > 0 {
		return fmt.Errorf("the configuration is refused: %v", checked.GetFailures())
	}
	_, err = p.Configure(ctx, &pulumirpc.ConfigureRequest{
		Args: checked.GetInputs(), AcceptSecrets: true, AcceptResources: true, SendsOldInputs: true, SendsOldInputsToDelete: true,
	})
	return err
}

// checkMethod is the method of a client.
type checkMethod = func(context.Context, *pulumirpc.CheckRequest, ...grpc.CallOption) (*pulumirpc.CheckResponse, error)

// check returns checked inputs.
func (s subject) check(ctx context.Context, check checkMethod) (*structpb.Struct, error) {
	news, err := pack(s.inputs)
	if err != nil {
		return nil, err
	}
	resp, err := check(ctx, &pulumirpc.CheckRequest{Urn: s.urn, News: news, RandomSeed: make([]byte, 32)})
	if err == nil && len(resp.GetFailures()) > 0 {
		err = fmt.Errorf("the inputs are refused: %v", resp.GetFailures())
	}
	return resp.GetInputs(), err
}

// preview asks what the creation of a resource would give.
func (s subject) preview(ctx context.Context, p pulumirpc.ResourceProviderClient) error {
	inputs, err := s.check(ctx, p.Check)
	if err != nil {
		return err
	}
	resp, err := p.Create(ctx, &pulumirpc.CreateRequest{Urn: s.urn, Properties: inputs, Preview: true})
	if err == nil && len(resp.GetProperties().GetFields()) == 0 {
		err = errors.New("the preview is empty")
	}
	return err
}
