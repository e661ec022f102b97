// Package provider is the Pulumi provider for Alibaba Cloud KMS instances.
package provider

import (
	"context"
	"fmt"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	host "github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/config"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/functions"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/guard"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/kmsinstance"
)

// Name is the name of the Pulumi package.
const Name = "alicloud-kms"

// Version is the version of the provider, without a leading "v". The build sets it.
var Version = "0.0.0-dev"

// InstanceToken is the type of the resource.
const InstanceToken tokens.Type = Name + ":index:KmsInstance"

// New returns the provider.
func New() (p.Provider, error) { return NewOn(config.Env{}) }

// Serve runs the plugin until the engine ends it.
func Serve(ctx context.Context) error {
	provider, err := New()
	if err != nil {
		return err
	}
	return host.MainContext(ctx, Name, guard.Server(Name, Version, provider))
}

// NewOn returns the provider as it would be on another machine: with that one's environment, files and network.
func NewOn(machine config.Env) (p.Provider, error) {
	holder := &config.Holder{UserAgent: "pulumi-" + Name + "/" + Version, Env: machine}
	instance := kmsinstance.New(holder)
	inferred, err := infer.NewProviderBuilder().
		WithDisplayName("Alibaba Cloud KMS").
		WithDescription("Buys, connects, changes, renews, imports and releases KMS instances of Alibaba Cloud.").
		WithKeywords("pulumi", "alicloud", "alibabacloud", "kms", "category/cloud", "kind/native").
		WithHomepage("https://github.com/pulumiverse/pulumi-alicloud-kms").
		WithRepository("https://github.com/pulumiverse/pulumi-alicloud-kms").
		// A PNG, since the .NET generator stores what it finds there as logo.png.
		WithLogoURL("https://raw.githubusercontent.com/pulumiverse/pulumi-alicloud-kms/main/docs/logo.png").
		WithPublisher("Pulumiverse").
		WithNamespace("pulumiverse").
		WithLicense("Apache-2.0").
		WithPluginDownloadURL("github://api.github.com/pulumiverse/pulumi-alicloud-kms").
		WithLanguageMap(languages()).
		WithModuleMap(map[tokens.ModuleName]tokens.ModuleName{"kmsinstance": "index", "functions": "index"}).
		WithResources(infer.Resource(instance)).
		WithFunctions(
			infer.Function(&functions.GetKmsInstance{Connection: holder}),
			infer.Function(&functions.GetKmsInstances{Connection: holder}),
			infer.Function(&functions.GetCallerIdentity{Connection: holder}),
		).
		Build()
	if err != nil {
		return p.Provider{}, fmt.Errorf("building the provider: %w", err)
	}
	getSchema := inferred.GetSchema
	inferred.GetSchema = func(ctx context.Context, req p.GetSchemaRequest) (p.GetSchemaResponse, error) {
		resp, err := getSchema(ctx, req)
		if err == nil {
			resp.Schema, err = refined(resp.Schema)
		}
		return resp, err
	}
	inferred.Invoke = functions.Checked(Name, inferred.Invoke)
	inferred.CheckConfig, inferred.DiffConfig, inferred.Configure = holder.Check, holder.Diff, holder.Configure
	return guard.Wrap(inferred, map[tokens.Type]guard.Guarded{
		InstanceToken: {
			Raw: instance, Inputs: guard.FieldsOf[kmsinstance.Args](), Outputs: guard.FieldsOf[kmsinstance.State](),
			DeleteTimeout: kmsinstance.DeleteTimeout, Repeats: map[string][]string{
				"declared": {"tags"}, "pendingOrder": kmsinstance.SizeNames(),
			},
		},
	}), nil
}

const goPackage = "github.com/pulumiverse/pulumi-alicloud-kms/sdk/go/alicloudkms"

// languages names the SDKs.
func languages() map[string]any {
	return map[string]any{
		"nodejs": map[string]any{
			"packageName":          "@pulumiverse/alicloud-kms",
			"respectSchemaVersion": true,
		},
		"python": map[string]any{
			"packageName":          "pulumiverse_alicloud_kms",
			"respectSchemaVersion": true,
			"pyproject":            map[string]any{"enabled": true},
			"pythonRequires":       ">=3.10", // as the oldest pulumi does that generated code works with
		},
		"go": map[string]any{
			"importBasePath":  goPackage,
			"rootPackageName": "alicloudkms",
			// Without an alias, the programs that `pulumi import` and `pulumi convert` write have a dot without a package before it.
			"packageImportAliases":           map[string]any{goPackage: "alicloudkms"},
			"generateResourceContainerTypes": true,
			"respectSchemaVersion":           true,
		},
		"csharp": map[string]any{
			"rootNamespace": "Pulumiverse",
			"namespaces":    map[string]any{Name: "AlicloudKms"},
			// The oldest that the SDK compiles against. A floating version would ask users for the newest of the day of its release.
			"packageReferences":    map[string]any{"Pulumi": "[3.71.0,4.0.0)"},
			"respectSchemaVersion": true,
		},
		"java": map[string]any{
			"basePackage": "com.pulumiverse",
			"packages":    map[string]any{Name: "alicloudkms"},
			"buildFiles":  "gradle",
		},
	}
}
