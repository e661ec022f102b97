package provider

import (
	"context"
	"encoding/json"
	"fmt"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/config"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/functions"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/kmsinstance"
)

// alwaysThere are the outputs that every instance in a stack has, also one whose order was answered and that KMS has never shown. In Go
// they are optional, since a required field would make an instance without it undeletable.
var alwaysThere = []string{"endpoint", "instanceId", "paymentType", "status", "vpcId", "vswitchIds", "zoneIds"}

// refinedSchema adds the configuration to infer's schema, and what its types cannot say: what enums are about, which outputs are always
// there, and which inputs replace. The latter is said with willReplaceOnChanges, which informs; replaceOnChanges would make SDKs force
// the replacement even where the provider can update.
func refinedSchema(
	inferred func(context.Context, p.GetSchemaRequest) (p.GetSchemaResponse, error),
) func(context.Context, p.GetSchemaRequest) (p.GetSchemaResponse, error) {
	return func(ctx context.Context, req p.GetSchemaRequest) (p.GetSchemaResponse, error) {
		resp, err := inferred(ctx, req)
		if err != nil {
			return resp, err
		}
		var spec schema.PackageSpec
		if err := json.Unmarshal([]byte(resp.Schema), &spec); err != nil {
			return resp, fmt.Errorf("reading the schema: %w", err)
		}
		refine(&spec)
		text, err := json.Marshal(spec)
		if err != nil {
			return resp, fmt.Errorf("writing the schema: %w", err)
		}
		return p.GetSchemaResponse{Schema: string(text)}, nil
	}
}

func refine(spec *schema.PackageSpec) {
	config.AddSchema(spec)
	instance := spec.Resources[string(InstanceToken)]
	instance.Required = alwaysThere
	for _, prop := range kmsinstance.Properties {
		if prop.Change != kmsinstance.Replace {
			continue
		}
		input := instance.InputProperties[prop.Name]
		input.WillReplaceOnChanges = true
		instance.InputProperties[prop.Name] = input
	}
	// An instance that was bought elsewhere may have an edition that this provider cannot order.
	edition := instance.Properties["productVersion"]
	edition.TypeSpec = schema.TypeSpec{Type: "string"}
	instance.Properties["productVersion"] = edition
	spec.Resources[string(InstanceToken)] = instance
	functions.NameArgument(spec.Functions[Name+":index:getKmsInstance"].Inputs)
	for name, description := range kmsinstance.EnumDescriptions {
		enum := spec.Types[Name+":index:"+name]
		enum.Description = description
		spec.Types[Name+":index:"+name] = enum
	}
}
