package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"io"

	"github.com/pulumi/pulumi/pkg/v3/codegen/hcl2/syntax"
	"github.com/pulumi/pulumi/pkg/v3/codegen/pcl"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	"github.com/pulumi/pulumi/pkg/v3/importer"
	pkgresource "github.com/pulumi/pulumi/pkg/v3/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/pulumiverse/pulumi-alicloud-kms/tools/internal/tree"
)

// imported is the program that `pulumi import` writes for an instance with every input.
func imported(loader schema.ReferenceLoader, to language) (files tree.Files, err error) {
	const account = "urn:pulumi:dev::keys::pulumi:providers:alicloud-kms::default_0_1_0"
	states := []*pkgresource.State{{
		URN: "urn:pulumi:dev::keys::alicloud-kms:index:KmsInstance::keys", Type: "alicloud-kms:index:KmsInstance", ID: "kst-1", Custom: true,
		Protect: true, Provider: account + "::id",
		Inputs: resource.NewPropertyMapFromMap(map[string]any{
			"vpcId": "vpc-main", "vswitchIds": []any{"vsw-main"}, "zoneIds": []any{"cn-hangzhou-k", "cn-hangzhou-j"},
			"paymentType": "Subscription", "productVersion": "3", "spec": 1000, "keyNum": 1000, "secretNum": 0, "vpcNum": 7,
			"log": "1", "logStorage": 1000, "renewStatus": "AutoRenewal", "renewPeriod": 1, "renewalPeriodUnit": "Y",
			"bindVpcs": []any{
				map[string]any{"vpcId": "vpc-orders", "vswitchId": "vsw-orders", "regionId": "cn-hangzhou", "vpcOwnerId": "1234567890123456"},
				map[string]any{"vpcId": "vpc-reports", "vswitchId": "vsw-reports"},
			},
			"instanceName": "keys", "deletionProtection": true, "tags": map[string]any{"team": "payments"},
		}),
	}}
	snapshot := []*pkgresource.State{{URN: account, Type: "pulumi:providers:alicloud-kms", ID: "id", Custom: true}}
	err = importer.GenerateLanguageDefinitions(io.Discard, loader, func(_ io.Writer, bound *pcl.Program) error {
		files, err = to.program(bound)
		return err
	}, states, snapshot, nil)
	return files, err
}

//go:embed converted.pp
var source []byte

// converted is the program that `pulumi convert` writes for one with a provider of its own, functions and enums.
func converted(loader schema.ReferenceLoader, to language) (tree.Files, error) {
	parser := syntax.NewParser()
	if err := parser.ParseFile(bytes.NewReader(source), "converted.pp"); err != nil {
		return nil, err
	}
	if parser.Diagnostics.HasErrors() {
		return nil, parser.Diagnostics
	}
	bound, diagnostics, err := pcl.BindProgram(parser.Files, loader)
	if err != nil {
		return nil, err
	}
	if diagnostics.HasErrors() {
		return nil, diagnostics
	}
	files, err := to.program(bound)
	if err != nil {
		return nil, err
	}
	return to.corrected(files)
}

// load makes a loader that knows one package, that of the schema.
func load(text []byte) (schema.ReferenceLoader, error) {
	var spec schema.PackageSpec
	if err := json.Unmarshal(text, &spec); err != nil {
		return nil, err
	}
	spec.Version = "0.1.0"
	pkg, diagnostics, err := schema.BindSpec(spec, schema.NewNullLoader(), schema.ValidationOptions{})
	if err != nil {
		return nil, err
	}
	if diagnostics.HasErrors() {
		return nil, diagnostics
	}
	// Programs ask for the package without a version.
	return schema.NewCachedLoaderWithEntries(nil, map[string]schema.PackageReference{pkg.Name + ":": pkg.Reference()}), nil
}
