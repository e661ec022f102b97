package e2e_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

// TestUnknownValues: a program whose second instance takes values of the first, which are not known before the first is
// bought, is previewed and carried out in one go.
func TestUnknownValues(t *testing.T) {
	t.Parallel()
	cloud := e2e.NewCloud(t, e2e.Quick())
	p := e2e.NewProject(t, cloud, small+`      bindVpcs: [{vpcId: vpc-more, vswitchId: vsw-more}]
  peer:
    type: alicloud-kms:KmsInstance
    properties:
      paymentType: PayAsYouGo
      forceDeleteWithoutBackup: true
      instanceName: peer-of-${kms.instanceId}
      zoneIds: ${kms.zoneIds}
      vpcId: ${kms.vpcId}
      vswitchIds: ${kms.vswitchIds}
      bindVpcs:
        - vpcId: vpc-more
          vswitchId: vsw-more
          vpcOwnerId:
            fn::select: [3, {fn::split: [":", "${kms.arn}"]}]
      tags:
        peer: ${kms.id}
        status: ${kms.status}
outputs:
  peer: ${peer.instanceId}
  name: ${peer.instanceName}
`)
	p.Preview().Succeeds().Shows("3 to create", "[unknown]").Hides("warning")
	cloud.WantBill(e2e.Bill{})
	onlyLooked(t, cloud)
	p.Pulumi("up", "--yes").Succeeds().Shows("3 created")
	cloud.WantBill(e2e.Bill{Orders: 2})
	var first, peer emulator.Instance
	for _, i := range cloud.Instances() {
		if i.PaymentType == "PayAsYouGo" {
			peer = i
		} else {
			first = i
		}
	}
	if peer.Name != "peer-of-"+first.ID || peer.Tags["peer"] != first.ID || peer.Tags["status"] != "Connected" ||
		peer.VpcID != "vpc-main" || len(peer.BindVpcs) != 1 || peer.BindVpcs[0].VpcOwnerID != emulator.DefaultAccountID {
		t.Errorf("the second instance is %+v", peer)
	}
	p.Pulumi("preview", "--expect-no-changes").Succeeds()
}

// TestKnownAtPreview: what cannot change in an update stays known, so that dependents are not planned anew.
// Promise (Preview): Outputs that an update cannot change stay known in its preview.
func TestKnownAtPreview(t *testing.T) {
	t.Parallel()
	cloud := e2e.NewCloud(t, e2e.Quick())
	p := e2e.NewProject(t, cloud, small+`  peer:
    type: alicloud-kms:KmsInstance
    properties:
      paymentType: PayAsYouGo
      zoneIds: [cn-hangzhou-k, cn-hangzhou-j]
      vpcId: vpc-peer
      vswitchIds: [vsw-peer]
      tags:
        peer: ${kms.instanceId}
        endpoint: ${kms.endpoint}
outputs:
  endpoint: ${kms.endpoint}
  ca: ${kms.caCertificateChainPem}
  name: ${kms.instanceName}
`)
	p.Up().Succeeds()
	p.Edit("instanceName: small", "instanceName: changed", "keyNum: 1000", "keyNum: 1001")
	p.Preview().Succeeds().Shows("1 to update", "2 unchanged", `name    : "small" => "changed"`).Hides("[unknown]", "output<string>", "vpc-peer")
}

// TestLeftOutAndTakenOut: what the cloud decides and what a program no longer says.
func TestLeftOutAndTakenOut(t *testing.T) {
	t.Parallel()
	cloud := e2e.NewCloud(t, e2e.Quick())
	p := e2e.NewProject(t, cloud, `name: minimal
runtime: yaml
config:
  alicloud-kms:region: cn-hangzhou
resources:
  kms:
    type: alicloud-kms:KmsInstance
    properties:
      zoneIds: [cn-hangzhou-k, cn-hangzhou-j]
      vpcId: vpc-main
      vswitchIds: [vsw-main]
`)
	p.Preview().Succeeds().Shows("warning", "spec", "keyNum", "secretNum", "vpcNum")
	p.Up().Succeeds()
	cloud.Patch(cloud.Only().ID, emulator.Patch{Name: ptr("named-in-the-console"), Tags: map[string]string{"by": "hand"}, DeletionProtection: ptr(true)})
	p.Pulumi("refresh", "--yes").Succeeds()
	p.Pulumi("preview", "--expect-no-changes").Succeeds()

	with := "vswitchIds: [vsw-main]\n      vpcNum: 2\n      instanceName: mine\n      deletionProtection: true\n      tags: {by: program, more: \"1\"}\n" +
		"      bindVpcs: [{vpcId: vpc-more, vswitchId: vsw-more}]\n"
	p.Edit("vswitchIds: [vsw-main]\n", with)
	p.Up().Succeeds()
	p.Edit(with, "vswitchIds: [vsw-main]\n")
	p.Up().Succeeds()
	i := cloud.Only()
	if i.Name != "mine" || i.VpcNum != 2 || i.DeletionProtection || len(i.Tags) != 0 || len(i.BindVpcs) != 0 {
		t.Errorf("the instance is %+v", i)
	}
	cloud.WantBill(e2e.Bill{Orders: 1, Modifications: 1})
	p.Pulumi("preview", "--expect-no-changes").Succeeds()
}

// onlyLooked demands that nothing was asked for but what the look for lost purchases asks for.
func onlyLooked(t *testing.T, cloud *e2e.Cloud) {
	t.Helper()
	for _, call := range cloud.Journal() {
		if !slices.Contains([]string{"ListKmsInstances", "QueryAvailableInstances"}, call.Action) {
			t.Errorf("the preview called %s", call.Action)
		}
	}
}

// TestPreviewWarnsOfWhatIsNotSold: before anything is bought, a preview says what is unlikely to work. It refuses nothing.
func TestPreviewWarnsOfWhatIsNotSold(t *testing.T) {
	t.Parallel()
	cloud := e2e.NewCloud(t, e2e.Quick())
	p := e2e.NewProject(t, cloud, small)
	p.Edit("spec: 1000", "spec: 200\n      productVersion: \"3\"\n      log: \"0\"\n      logStorage: 500", "[cn-hangzhou-k, cn-hangzhou-j]", "[cn-hangzhou-a]",
		"instanceName: small", "instanceName: "+strings.Repeat("x", 200))
	p.Preview().Succeeds().Shows("warning: logStorage is 500; Alibaba Cloud sells it in steps of 1000", `warning: logStorage is set, but log is "0" (off)`,
		`warning: productVersion is "3" and spec is 200`, "warning: zoneIds has one zone; two are the norm",
		`warning: "cn-hangzhou-a": not among the zones`, "warning: instanceName has more than 128 characters")
	wantNothingBought(t, cloud, p)
}
