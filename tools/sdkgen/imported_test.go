package main

import (
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	gogen "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/pcl"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	"github.com/pulumi/pulumi/pkg/v3/importer"
	pkgresource "github.com/pulumi/pulumi/pkg/v3/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// The Go program that `pulumi import` writes for an instance with every input compiles against the SDK. It needs no language host.
func TestImportedGoCompiles(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	const provider = "urn:pulumi:dev::keys::pulumi:providers:alicloud-kms::default"
	states := []*pkgresource.State{{
		URN: "urn:pulumi:dev::keys::alicloud-kms:index:KmsInstance::keys", Type: "alicloud-kms:index:KmsInstance", ID: "kst-1", Custom: true,
		Protect: true, Provider: provider + "::id",
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
	snapshot := []*pkgresource.State{{URN: provider, Type: "pulumi:providers:alicloud-kms", ID: "id", Custom: true}}
	folder := t.TempDir()
	err = importer.GenerateLanguageDefinitions(io.Discard, packageLoader(t, root), func(_ io.Writer, bound *pcl.Program) error {
		files, diagnostics, err := gogen.GenerateProgram(bound)
		if err != nil {
			return err
		}
		if len(diagnostics) > 0 {
			return diagnostics
		}
		for name, text := range files {
			if err := os.WriteFile(filepath.Join(folder, name), text, 0o600); err != nil {
				return err
			}
		}
		return nil
	}, states, snapshot, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(root, "examples", "go-minimal", name))
		if err != nil {
			t.Fatal(err)
		}
		text = []byte(strings.ReplaceAll(string(text), "=> ../../", "=> "+root+"/"))
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	build := exec.CommandContext(t.Context(), "go", "build", "-o", os.DevNull, ".")
	build.Dir = folder
	if out, err := build.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// packageLoader knows one package, that of the schema.
func packageLoader(t *testing.T, root string) schema.ReferenceLoader {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	var spec schema.PackageSpec
	if err := json.Unmarshal(text, &spec); err != nil {
		t.Fatal(err)
	}
	spec.Version = "0.1.0"
	pkg, diagnostics, err := schema.BindSpec(spec, schema.NewNullLoader(), schema.ValidationOptions{})
	if err != nil || diagnostics.HasErrors() {
		t.Fatal(err, diagnostics)
	}
	// Programs ask for the package without a version.
	return schema.NewCachedLoaderWithEntries(nil, map[string]schema.PackageReference{pkg.Name + ":": pkg.Reference()})
}
