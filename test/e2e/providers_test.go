package e2e_test

import (
	"strings"
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

const secondKey, secondSecret = "second-access-key", "second-secret-key"

// Two providers in one program manage instances in two regions.
func TestTwoRegionsInOneProgram(t *testing.T) {
	t.Parallel()
	options := e2e.Quick()
	options.Regions = []string{"cn-hangzhou", "ap-southeast-1"}
	cloud := e2e.NewCloud(t, options)
	program := "name: regions\nruntime: yaml\nresources:\n"
	for name, at := range map[string]struct{ region, zones string }{
		"near": {"cn-hangzhou", "[cn-hangzhou-j, cn-hangzhou-k]"},
		"far":  {"ap-southeast-1", "[ap-southeast-1a, ap-southeast-1b]"},
	} {
		program += strings.NewReplacer("NAME", name, "REGION", at.region, "ZONES", at.zones, "KMS", cloud.URL(at.region), "URL", cloud.URL("")).
			Replace(`  NAME-provider:
    type: pulumi:providers:alicloud-kms
    properties:
      region: REGION
      endpoints: {kms: "KMS", bssopenapi: "URL", sts: "URL", vpc: "URL"}
  NAME:
    type: alicloud-kms:KmsInstance
    properties:
      paymentType: PayAsYouGo
      forceDeleteWithoutBackup: true
      instanceName: NAME
      zoneIds: ZONES
      vpcId: vpc-NAME
      vswitchIds: [vsw-NAME]
      bindVpcs: [{vpcId: vpc-more, vswitchId: vsw-more}]
    options:
      provider: ${NAME-provider}
`)
	}
	p := e2e.NewProject(t, cloud, program)
	p.Pulumi("up", "--yes").Succeeds().Shows("5 created")
	cloud.WantBill(e2e.Bill{Orders: 2})
	regions := map[string]string{}
	for _, i := range cloud.Instances() {
		regions[i.Name] = i.Region
	}
	if regions["near"] != "cn-hangzhou" || regions["far"] != "ap-southeast-1" {
		t.Errorf("the instances are in %v", regions)
	}
	p.Pulumi("preview", "--expect-no-changes").Succeeds()
	p.Pulumi("refresh", "--yes", "--expect-no-changes").Succeeds()
	p.Destroy().Succeeds()
	cloud.WantBill(e2e.Bill{Orders: 2, Releases: 2})
}

// instanceOfProvider is the instance of small, but of an explicit provider.
var instanceOfProvider = strings.SplitAfter(small, "resources:\n")[1] + "    options:\n      provider: ${provider}\n"

var explicit = `name: explicit
runtime: yaml
config:
  accessKey: {type: string, default: ` + emulator.DefaultAccessKeyID + `}
  secretKey: {type: string, secret: true}
resources:
  provider:
    type: pulumi:providers:alicloud-kms
    properties:
      region: cn-hangzhou
      accessKey: ${accessKey}
      secretKey: ${secretKey}
` + instanceOfProvider

// A new credential of an explicit provider updates the provider and touches no resource.
// Promise (Configuration): Another credential updates the provider and touches no resource.
func TestCredentialRotation(t *testing.T) {
	t.Parallel()
	options := e2e.Quick()
	options.Credentials = []emulator.Credential{
		{AccessKeyID: emulator.DefaultAccessKeyID, Secret: emulator.DefaultAccessKeySecret}, {AccessKeyID: secondKey, Secret: secondSecret},
	}
	cloud := e2e.NewCloud(t, options)
	p := e2e.NewProject(t, cloud, explicit)
	p.SetEnv(e2e.Credential("", "")...)
	p.Pulumi("config", "set", "--secret", "secretKey", emulator.DefaultAccessKeySecret).Succeeds()
	p.Up().Succeeds()

	p.Pulumi("config", "set", "accessKey", secondKey).Succeeds()
	p.Pulumi("config", "set", "--secret", "secretKey", secondSecret).Succeeds()
	p.Preview().Succeeds().Shows("pulumi:providers:alicloud-kms: (update)", "1 to update").Hides("KmsInstance: (", "(replace)", secondSecret)
	before := len(cloud.Journal())
	p.Up().Succeeds().Shows("1 updated", "2 unchanged").Hides(secondSecret)
	cloud.WantBill(e2e.Bill{Orders: 1})

	p.Edit("instanceName: small", "instanceName: changed")
	p.Up().Succeeds()
	for _, call := range cloud.Journal()[before:] {
		if call.AccessKeyID != secondKey {
			t.Errorf("%s was still called with %s", call.Action, call.AccessKeyID)
		}
	}
	if name := cloud.Only().Name; name != "changed" {
		t.Errorf("the instance is called %q", name)
	}
	noSecrets(t, p, emulator.DefaultAccessKeySecret, secondSecret)
}

// Another region of a provider replaces its instances, and the preview warns that their keys are destroyed.
func TestOtherRegionOfAnExplicitProvider(t *testing.T) {
	t.Parallel()
	cloud := e2e.NewCloud(t, e2e.Quick())
	p := e2e.NewProject(t, cloud, explicit)
	p.Pulumi("config", "set", "--secret", "secretKey", emulator.DefaultAccessKeySecret).Succeeds()
	p.Up().Succeeds()
	p.Edit("      region: cn-hangzhou", "      region: cn-shanghai", "[cn-hangzhou-k, cn-hangzhou-j]", "[cn-shanghai-a, cn-shanghai-b]")
	p.Preview().Succeeds().Shows("pulumi:providers:alicloud-kms: (replace)", "KmsInstance: (replace)",
		`The provider's region changes from "cn-hangzhou" to "cn-shanghai"`, "destroyed together with all keys and secrets")
	cloud.WantBill(e2e.Bill{Orders: 1})
}

// Moving an instance from the default provider to an explicit one of the same region replaces nothing.
func TestFromDefaultToExplicitProvider(t *testing.T) {
	t.Parallel()
	cloud := e2e.NewCloud(t, e2e.Quick())
	p := e2e.NewProject(t, cloud, small)
	p.Up().Succeeds()
	p.Write(small + `    options:
      provider: ${own}
  own:
    type: pulumi:providers:alicloud-kms
    properties:
      region: cn-hangzhou
`)
	p.Preview().Succeeds().Hides("(replace)", "to replace")
	p.Up().Succeeds()
	cloud.WantBill(e2e.Bill{Orders: 1})
}

// noSecrets looks for secrets in the checkpoint and in everything else that the backend keeps.
func noSecrets(t *testing.T, p *e2e.Project, secrets ...string) {
	t.Helper()
	kept := p.Backend()
	if !strings.Contains(kept, "kst-emu") {
		t.Error("the backend's files do not hold the instance: they are the wrong ones")
	}
	for _, secret := range secrets {
		if strings.Contains(kept, secret) || strings.Contains(p.Checkpoint(), secret) {
			t.Errorf("the backend keeps %q in clear", secret)
		}
	}
}

// An input that is secret is secret in the outputs, too, and stands nowhere in clear.
func TestSecretInput(t *testing.T) {
	t.Parallel()
	cloud := e2e.NewCloud(t, e2e.Quick())
	p := e2e.NewProject(t, cloud, strings.Replace(small, "instanceName: small", "instanceName:\n        fn::secret: confidential-name", 1)+
		"      tags:\n        team:\n          fn::secret: confidential-team\n")
	for _, run := range []func() e2e.Result{
		func() e2e.Result { return p.Up("--diff") },
		func() e2e.Result { p.Edit("keyNum: 1000", "keyNum: 1001"); return p.Up("--diff") },
		func() e2e.Result { return p.Refresh() },
	} {
		run().Succeeds().Hides("confidential-name", "confidential-team")
		noSecrets(t, p, "confidential-name", "confidential-team")
	}
	if cloud.Only().Name != "confidential-name" {
		t.Fatalf("the instance is called %q", cloud.Only().Name)
	}
}
