package e2e_test

import (
	"slices"
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

// A program whose second instance takes unknown values of the first is previewed and carried out in one go.
func TestUnknownValues(t *testing.T) {
	cloud, p := start(t, small+`      bindVpcs: [{vpcId: vpc-more, vswitchId: vsw-more}]
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

// Outputs that an update cannot change stay known at preview, so that dependents are not planned anew.
// Promise (Preview): Outputs that an update cannot change stay known in its preview.
func TestKnownAtPreview(t *testing.T) {
	_, p := bought(t, small+`  peer:
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
	p.Edit("instanceName: small", "instanceName: changed", "keyNum: 1000", "keyNum: 1001")
	p.Preview().Succeeds().Shows("1 to update", "2 unchanged", `name    : "small" => "changed"`).Hides("[unknown]", "output<string>", "vpc-peer")
}

// onlyLooked demands that nothing was asked for but what the look for lost purchases asks for.
func onlyLooked(t *testing.T, cloud *e2e.Cloud) {
	t.Helper()
	for _, call := range cloud.Journal() {
		if !slices.Contains([]string{"ListKmsInstances", "QueryAvailableInstances", "DescribeVSwitches"}, call.Action) {
			t.Errorf("the preview called %s", call.Action)
		}
	}
}
