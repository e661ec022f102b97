package e2e_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

// small is a Subscription program without anything that it could do without. Options may be appended.
const small = `name: small
runtime: yaml
config:
  alicloud-kms:region: cn-hangzhou
resources:
  kms:
    type: alicloud-kms:KmsInstance
    properties:
      spec: 1000
      keyNum: 1000
      secretNum: 0
      vpcNum: 3
      instanceName: small
      zoneIds: [cn-hangzhou-k, cn-hangzhou-j]
      vpcId: vpc-main
      vswitchIds: [vsw-main]
`

// start makes a project of a program and a quick cloud, whose options may be changed. The test runs beside others.
func start(t *testing.T, program string, changes ...func(*emulator.Options)) (*e2e.Cloud, *e2e.Project) {
	t.Helper()
	t.Parallel()
	options := e2e.Quick()
	for _, change := range changes {
		change(&options)
	}
	cloud := e2e.NewCloud(t, options)
	return cloud, e2e.NewProject(t, cloud, program)
}

// bought does the same, and brings the program up.
func bought(t *testing.T, program string, changes ...func(*emulator.Options)) (*e2e.Cloud, *e2e.Project) {
	t.Helper()
	cloud, p := start(t, program, changes...)
	p.Up().Succeeds()
	return cloud, p
}

// wantSettled requires that neither the program nor a refresh has anything to change.
func wantSettled(p *e2e.Project) {
	p.Preview("--expect-no-changes").Succeeds()
	p.Pulumi("refresh", "--yes", "--expect-no-changes").Succeeds()
}

// payAsYouGo is the minimal example, but billed by use.
func payAsYouGo(t *testing.T) string {
	t.Helper()
	return strings.NewReplacer(
		"paymentType: Subscription\n", "paymentType: PayAsYouGo\n      forceDeleteWithoutBackup: true\n",
		"      spec: 1000\n      keyNum: 1000\n      secretNum: 0\n      vpcNum: 2\n", "",
	).Replace(e2e.Example(t, "yaml-minimal"))
}

// The minimal example is bought, changed and refunded, and nothing is left to do in between.
// Promise (Delete): A Subscription is refunded.
func TestSubscriptionExample(t *testing.T) {
	cloud, p := start(t, e2e.Example(t, "yaml-minimal"))

	p.Pulumi("up", "--yes").Succeeds().Shows("2 created", "is bought (order ", "connecting", `status               : "Connected"`).
		Hides("warning")
	cloud.WantBill(e2e.Bill{Orders: 1})
	want := emulator.Instance{
		Name: "kms-minimal", PaymentType: "Subscription", Status: "Connected",
		Sizes:   emulator.Sizes{ProductVersion: "3", Spec: 1000, KeyNum: 1000, VpcNum: 2},
		VpcID:   "vpc-bp1main00000000000000",
		Renewal: emulator.Renewal{Status: "ManualRenewal"},
		Tags:    map[string]string{"environment": "example"},
	}
	wantInstance(t, cloud.Only(), want, "vpc-bp1orders000000000000")
	if sent := fmt.Sprint(cloud.Orders()[0].Parameters); !strings.Contains(sent, "SecretNum") { // the program has 0
		t.Errorf("an explicit 0 was not ordered: %s", sent)
	}
	for name, want := range map[string]string{
		"instanceId": cloud.Only().ID, "endpoint": cloud.Only().ID + ".cryptoservice.kms.aliyuncs.com",
	} {
		p.Pulumi("stack", "output", name).Succeeds().Shows(want)
	}
	p.Pulumi("stack", "output", "caCertificateChainPem").Succeeds().Shows("-----BEGIN CERTIFICATE-----")
	wantSettled(p)

	p.Edit(
		"spec: 1000", "spec: 2000", "keyNum: 1000", "keyNum: 2000", "secretNum: 0", "secretNum: 100\n      renewStatus: AutoRenewal\n      renewPeriod: 3",
		"instanceName: kms-minimal", "instanceName: changed",
		"environment: example", "environment: test\n        team: orders",
		"default: vpc-bp1orders000000000000", "default: vpc-bp1audit0000000000000",
	)
	p.Up("--diff").Succeeds().Shows("(update)", "spec        : 1000 => 2000", "1 updated").Hides("(replace)", "warning")
	cloud.WantBill(e2e.Bill{Orders: 1, Modifications: 1})
	want.Name, want.Spec, want.KeyNum, want.SecretNum = "changed", 2000, 2000, 100
	want.Renewal, want.Tags = emulator.Renewal{Status: "AutoRenewal", Period: 3, Unit: "M"}, map[string]string{"environment": "test", "team": "orders"}
	wantInstance(t, cloud.Only(), want, "vpc-bp1audit0000000000000")
	wantSettled(p)

	p.Pulumi("destroy", "--yes").Succeeds().Shows("2 deleted", "is refunded (order ")
	cloud.WantBill(e2e.Bill{Orders: 1, Modifications: 1, Refunds: 1})
	wantNothingLeft(t, cloud)
}

// The example, billed by use, is bought, changed and released by force, and nothing is left to do in between.
// Promise (Delete): A PayAsYouGo instance is released.
func TestPayAsYouGoExample(t *testing.T) {
	cloud, p := start(t, payAsYouGo(t))

	p.Pulumi("up", "--yes").Succeeds().Shows("2 created", "is bought (order ", `status               : "Connected"`).Hides("warning")
	cloud.WantBill(e2e.Bill{Orders: 1})
	want := emulator.Instance{
		Name: "kms-minimal", PaymentType: "PayAsYouGo", Status: "Connected",
		Sizes: emulator.Sizes{ProductVersion: "3"},
		VpcID: "vpc-bp1main00000000000000",
		Tags:  map[string]string{"environment": "example"},
	}
	wantInstance(t, cloud.Only(), want, "vpc-bp1orders000000000000")
	wantSettled(p)

	p.Edit(
		"instanceName: kms-minimal", "instanceName: changed\n      log: \"1\"\n      logStorage: 1000", "environment: example", "team: payments",
		"default: vpc-bp1orders000000000000", "default: vpc-bp1audit0000000000000",
	)
	p.Up().Succeeds().Shows("1 updated")
	cloud.WantBill(e2e.Bill{Orders: 1, Modifications: 1})
	want.Name, want.Log, want.LogStorage, want.Tags = "changed", 1, 1000, map[string]string{"team": "payments"}
	wantInstance(t, cloud.Only(), want, "vpc-bp1audit0000000000000")
	p.Pulumi("preview", "--expect-no-changes").Succeeds()

	p.Pulumi("destroy", "--yes").Succeeds().Shows("2 deleted")
	cloud.WantBill(e2e.Bill{Orders: 1, Modifications: 1, Releases: 1})
	wantNothingLeft(t, cloud)
	if calls := cloud.Calls("ReleaseKmsInstance"); len(calls) != 1 || calls[0].Parameters["ForceDeleteWithoutBackup"] != "true" {
		t.Errorf("the instance was not released once by force: %+v", calls)
	}
}

// Without forceDeleteWithoutBackup a release needs a backup, and the flag acts after an `up` that calls no API has recorded it.
// Promise (Delete): Without a backup a release needs a recorded `forceDeleteWithoutBackup`.
func TestWithoutForceTheReleaseNeedsABackup(t *testing.T) {
	cloud, p := start(t, payAsYouGo(t))
	p.Edit("      forceDeleteWithoutBackup: true\n", "")
	p.Up().Succeeds()

	p.Destroy().Fails().Shows("no backup", "set forceDeleteWithoutBackup to true, run `pulumi up`")
	cloud.WantBill(e2e.Bill{Orders: 1})

	p.Edit("      productVersion: \"3\"\n", "      productVersion: \"3\"\n      forceDeleteWithoutBackup: true\n")
	calls := len(cloud.Journal())
	p.Up().Succeeds().Shows("1 updated")
	if now := cloud.Journal(); slices.ContainsFunc(now[calls:], func(c emulator.Call) bool { return c.Service != "STS" }) {
		t.Errorf("recording the flag called an API: %+v", now[calls:])
	}
	p.Destroy().Succeeds()
	cloud.WantBill(e2e.Bill{Orders: 1, Releases: 1})
}

// A renewPeriod without AutoRenewal is accepted, recorded and not sent.
func TestRenewPeriodWithManualRenewal(t *testing.T) {
	cloud, p := bought(t, small+"      renewStatus: ManualRenewal\n      renewPeriod: 3\n")
	p.Pulumi("refresh", "--yes", "--expect-no-changes").Succeeds()
	p.Pulumi("preview", "--expect-no-changes").Succeeds()
	if sent, ok := cloud.Orders()[0].Parameters["RenewPeriod"]; ok || len(cloud.Calls("SetRenewal")) > 0 {
		t.Errorf("RenewPeriod %q was sent with ManualRenewal", sent)
	}
	if period := p.Instance().Outputs["renewPeriod"]; period != 3.0 {
		t.Errorf("the recorded renewPeriod is %v, want 3", period)
	}
}

// wantInstance compares an instance of the emulator in all that a program decides, and its bound VPCs in any order.
func wantInstance(t *testing.T, got, want emulator.Instance, bound ...string) {
	t.Helper()
	if got.Name != want.Name || got.PaymentType != want.PaymentType || got.Status != want.Status || got.Sizes != want.Sizes ||
		got.VpcID != want.VpcID || got.Renewal != want.Renewal || !maps.Equal(got.Tags, want.Tags) {
		t.Errorf("the instance is\n%+v\nwant\n%+v", got, want)
	}
	var ids []string
	for _, b := range got.BindVpcs {
		ids = append(ids, b.VpcID)
		if b.RegionID != got.Region || b.VpcOwnerID != got.AccountID {
			t.Errorf("%s is bound with region %s and owner %s, want %s and %s", b.VpcID, b.RegionID, b.VpcOwnerID, got.Region, got.AccountID)
		}
	}
	if !slices.Equal(slices.Sorted(slices.Values(ids)), slices.Sorted(slices.Values(bound))) {
		t.Errorf("bound are %v, want %v", ids, bound)
	}
}

func wantNothingLeft(t *testing.T, cloud *e2e.Cloud) {
	t.Helper()
	for _, i := range cloud.Instances() {
		if !i.Gone {
			t.Errorf("%s is still there: %+v", i.ID, i)
		}
	}
}
