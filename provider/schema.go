package provider

import (
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/config"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/functions"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/kmsinstance"
)

// alwaysThere are the outputs that every instance in a stack has, also one whose order was answered and that KMS has never shown. In Go
// they are optional, since a required field would make an instance without it undeletable.
var alwaysThere = []string{"endpoint", "instanceId", "paymentType", "status", "vpcId", "vswitchIds", "zoneIds"}

// refined adds the configuration to infer's schema, and what its types cannot say: what enums are about, which outputs are always
// there, and which inputs replace. The latter is said with willReplaceOnChanges, which informs; replaceOnChanges would make SDKs force
// the replacement even where the provider can update.
func refined(inferred string) (string, error) {
	var spec schema.PackageSpec
	if err := json.Unmarshal([]byte(inferred), &spec); err != nil {
		return "", fmt.Errorf("reading the schema: %w", err)
	}
	config.AddSchema(&spec)
	instance := spec.Resources[string(InstanceToken)]
	instance.Required = alwaysThere
	for _, prop := range kmsinstance.Properties {
		input := instance.InputProperties[prop.Name]
		input.WillReplaceOnChanges = prop.Change == kmsinstance.Replace
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
	text, err := json.Marshal(spec)
	if err != nil {
		return "", fmt.Errorf("writing the schema: %w", err)
	}
	return string(text), nil
}
