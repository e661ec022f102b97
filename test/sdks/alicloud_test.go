//go:build sdks

package sdks

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	openapiutil "github.com/alibabacloud-go/darabonba-openapi/v2/utils"
	"github.com/alibabacloud-go/tea/dara"
	vpc "github.com/alibabacloud-go/vpc-20160428/v6/client"
	p "github.com/pulumi/pulumi-go-provider"
	gogen "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

// The examples make networks with the alicloud provider, whose plugin cannot be had on every machine that runs this. A link of its
// name, which leads to the test's own binary, stands in for it: it makes the networks on the emulator, with the official client.
const alicloudPlugin = "pulumi-resource-alicloud"

// alicloudSchema has the two resources of the examples, as @pulumi/alicloud declares them.
//
//go:embed testdata/alicloud.json
var alicloudSchema string

func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == alicloudPlugin {
		if err := serveAlicloud(context.Background()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func serveAlicloud(ctx context.Context) error {
	const newest = "3.999.0" // the SDKs ask for their own version, or a later one
	return p.RunProvider(ctx, "alicloud", newest, p.Provider{
		GetSchema: func(context.Context, p.GetSchemaRequest) (p.GetSchemaResponse, error) {
			return p.GetSchemaResponse{Schema: alicloudSchema}, nil
		},
		Configure: func(context.Context, p.ConfigureRequest) error { return nil },
		Check: func(_ context.Context, r p.CheckRequest) (p.CheckResponse, error) {
			return p.CheckResponse{Inputs: r.Inputs}, nil
		},
		Diff: func(_ context.Context, r p.DiffRequest) (p.DiffResponse, error) {
			return p.DiffResponse{HasChanges: !property.New(r.Inputs).Equals(property.New(r.OldInputs))}, nil
		},
		Read: func(_ context.Context, r p.ReadRequest) (p.ReadResponse, error) {
			return p.ReadResponse{ID: r.ID, Properties: r.Properties, Inputs: r.Inputs}, nil
		},
		Create: createNetwork,
		Delete: deleteNetwork,
	}.WithDefaults())
}

func vpcClient() (*vpc.Client, error) {
	return vpc.NewClient(&openapiutil.Config{
		AccessKeyId:     dara.String(os.Getenv("ALIBABA_CLOUD_ACCESS_KEY_ID")),
		AccessKeySecret: dara.String(os.Getenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET")),
		Endpoint:        dara.String(strings.TrimPrefix(os.Getenv("ALIBABA_CLOUD_ENDPOINT_VPC"), "http://")),
		Protocol:        dara.String("HTTP"),
		RegionId:        dara.String("cn-hangzhou"),
	})
}

func createNetwork(_ context.Context, r p.CreateRequest) (p.CreateResponse, error) {
	if r.DryRun {
		return p.CreateResponse{Properties: r.Properties}, nil
	}
	client, err := vpcClient()
	if err != nil {
		return p.CreateResponse{}, err
	}
	text := func(name string) *string { return dara.String(r.Properties.Get(name).AsString()) }
	region := dara.String("cn-hangzhou")
	if strings.HasSuffix(string(r.Urn.Type()), ":Network") {
		made, err := client.CreateVpc(&vpc.CreateVpcRequest{RegionId: region, VpcName: text("vpcName"), CidrBlock: text("cidrBlock")})
		if err != nil {
			return p.CreateResponse{}, err
		}
		return p.CreateResponse{ID: *made.Body.VpcId, Properties: r.Properties}, nil
	}
	made, err := client.CreateVSwitch(&vpc.CreateVSwitchRequest{
		RegionId: region, VpcId: text("vpcId"), ZoneId: text("zoneId"), CidrBlock: text("cidrBlock"),
	})
	if err != nil {
		return p.CreateResponse{}, err
	}
	return p.CreateResponse{ID: *made.Body.VSwitchId, Properties: r.Properties}, nil
}

func deleteNetwork(_ context.Context, r p.DeleteRequest) error {
	client, err := vpcClient()
	if err != nil {
		return err
	}
	region := dara.String("cn-hangzhou")
	if strings.HasSuffix(string(r.Urn.Type()), ":Network") {
		_, err = client.DeleteVpc(&vpc.DeleteVpcRequest{RegionId: region, VpcId: &r.ID})
	} else {
		_, err = client.DeleteVSwitch(&vpc.DeleteVSwitchRequest{RegionId: region, VSwitchId: &r.ID})
	}
	return err
}

// useAlicloud adds the stand-in to a project.
func useAlicloud(t testing.TB, project *e2e.Project) {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := os.Symlink(binary, filepath.Join(folder, alicloudPlugin)); err != nil {
		t.Fatal(err)
	}
	text := project.Read("Pulumi.yaml")
	if !strings.Contains(text, "\nplugins:\n") {
		text += "\nplugins:\n  providers:\n"
	}
	project.WriteFile("Pulumi.yaml", text+fmt.Sprintf("    - name: alicloud\n      path: %s\n", folder))
}

// useAlicloudModule gives a Go program in a folder a module with the resources of the schema. The published one cannot be had everywhere.
func useAlicloudModule(t testing.TB, folder string) {
	t.Helper()
	module := t.TempDir()
	write(t, filepath.Join(module, "go.mod"), "module github.com/pulumi/pulumi-alicloud/sdk/v3\n\ngo 1.25.11\n\nrequire (\n"+
		"\tgithub.com/blang/semver v3.5.1+incompatible\n\tgithub.com/pulumi/pulumi/sdk/v3 v3.274.1\n)\n")
	var spec schema.PackageSpec
	if err := json.Unmarshal([]byte(alicloudSchema), &spec); err != nil {
		t.Fatal(err)
	}
	pkg, diagnostics, err := schema.BindSpec(spec, schema.NewNullLoader(), schema.ValidationOptions{})
	if err != nil || diagnostics.HasErrors() {
		t.Fatal(err, diagnostics)
	}
	files, err := gogen.GeneratePackage("sdks", pkg, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		write(t, filepath.Join(module, "go", "alicloud", name), string(content))
	}
	wantDone(t, folder, "go", "mod", "edit", "-replace", "github.com/pulumi/pulumi-alicloud/sdk/v3="+module)
	write(t, filepath.Join(folder, "go.sum"), read(t, work(t, "tree", "examples", base(t, inLanguage(t, "go")).name, "go.sum")))
}
