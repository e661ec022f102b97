package e2e_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

// functionsProgram calls every function with arguments that are known at once.
const functionsProgram = empty + `variables:
  one:
    fn::invoke: {function: alicloud-kms:getKmsInstance, arguments: {id: ID}}
  all:
    fn::invoke: {function: alicloud-kms:getKmsInstances, arguments: {}}
  some:
    fn::invoke: {function: alicloud-kms:getKmsInstances, arguments: {nameRegex: ^prod, status: Connected}}
  none:
    fn::invoke: {function: alicloud-kms:getKmsInstances, arguments: {instanceName: nobody}}
  me:
    fn::invoke: {function: alicloud-kms:getCallerIdentity, arguments: {}}
outputs:
  name: ${one.instanceName}
  ca: ${one.caCertificateChainPem}
  vpc: ${one.bindVpcs[0].vpcId}
  owner: ${one.bindVpcs[0].vpcOwnerId}
  all: ${all.ids}
  some: ${some.ids}
  someName: ${some.instances[0].instanceName}
  none: ${none.ids}
  account: ${me.accountId}
`

// Functions whose arguments are known give their results in a preview, too.
func TestFunctions(t *testing.T) {
	const id = "kst-prod1"
	cloud, p := start(t, strings.Replace(functionsProgram, "ID", id, 1))
	cloud.Put(emulator.Instance{
		ID: id, Name: "prod-1", BindVpcs: []emulator.BindVpc{{VpcID: "vpc-b", VSwitchID: "vsw-b", RegionID: "cn-hangzhou", VpcOwnerID: "9876543210987654"}},
	})
	var ids []string
	for n := range 104 {
		ids = append(ids, cloud.Put(emulator.Instance{ID: fmt.Sprintf("kst-m%03d", n), PaymentType: emulator.PayAsYouGo}).ID)
	}
	p.Preview().Succeeds().Shows("prod-1", "BEGIN CERTIFICATE").Hides("[unknown]", "output<string>")
	p.Up().Succeeds()
	out := p.Outputs()
	for name, want := range map[string]string{
		"name": "prod-1", "vpc": "vpc-b", "owner": "9876543210987654", "some": "[" + id + "]", "someName": "prod-1", "none": "[]",
		"account": emulator.DefaultAccountID,
	} {
		if got := fmt.Sprint(out[name]); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	all := append(ids, id)
	slices.Sort(all)
	if got := fmt.Sprint(out["all"]); got != fmt.Sprint(all) {
		t.Errorf("all are %s", got)
	}
	cloud.WantBill(e2e.Bill{})
}

// A function of an argument that is unknown at preview waits for it, and its result is unknown until then.
func TestFunctionOfAnOutput(t *testing.T) {
	cloud, p := start(t, small+`variables:
  one:
    fn::invoke: {function: alicloud-kms:getKmsInstance, arguments: {id: "${kms.instanceId}"}}
  listed:
    fn::invoke: {function: alicloud-kms:getKmsInstances, arguments: {ids: ["${kms.instanceId}"]}}
outputs:
  name: ${one.instanceName}
  listed: ${listed.instances[0].instanceId}
`)
	p.Preview().Succeeds().Hides("prod", "is not known yet")
	onlyLooked(t, cloud)
	p.Up().Succeeds()
	if out := p.Outputs(); out["name"] != "small" || out["listed"] != cloud.Only().ID {
		t.Errorf("the outputs are %v", out)
	}
	cloud.WantBill(e2e.Bill{Orders: 1})
	p.Pulumi("preview", "--expect-no-changes").Succeeds()
}
