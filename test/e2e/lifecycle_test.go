package e2e_test

import (
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

// payAsYouGo is the minimal example, but billed by use.
func payAsYouGo(t *testing.T) string {
	t.Helper()
	return strings.NewReplacer(
		"paymentType: Subscription\n", "paymentType: PayAsYouGo\n      forceDeleteWithoutBackup: true\n",
		"      spec: 1000\n      keyNum: 1000\n      secretNum: 0\n      vpcNum: 2\n", "",
	).Replace(e2e.Example(t, "yaml-minimal"))
}

// TestSubscriptionExample takes the minimal example through its life.
func TestSubscriptionExample(t *testing.T) {
	t.Parallel()
	cloud := e2e.NewCloud(t, e2e.Quick())
	p := e2e.NewProject(t, cloud, e2e.Example(t, "yaml-minimal"))

	p.Pulumi("up", "--yes").Succeeds().Shows("2 created", "is bought (order ", "connecting", `status               : "Connected"`).
		Hides("warning")
	cloud.WantBill(e2e.Bill{Orders: 1})
	wantInstance(t, cloud.Only(), emulator.Instance{
		Name: "kms-minimal", PaymentType: "Subscription", Status: "Connected",
		Sizes:   emulator.Sizes{ProductVersion: "3", Spec: 1000, KeyNum: 1000, VpcNum: 2},
		VpcID:   "vpc-bp1main00000000000000",
		Renewal: emulator.Renewal{Status: "ManualRenewal"},
		Tags:    map[string]string{"environment": "example"},
	}, "vpc-bp1orders000000000000")
	wantOrder(t, cloud, map[string]string{
		"VpcNum": "2", "KeyNum": "1000", "SecretNum": "0", "Spec": "1000", "ProductVersion": "3", "Region": "cn-hangzhou",
	})
	for name, want := range map[string]string{
		"instanceId": cloud.Only().ID, "endpoint": cloud.Only().ID + ".cryptoservice.kms.aliyuncs.com",
	} {
		p.Pulumi("stack", "output", name).Succeeds().Shows(want)
	}
	p.Pulumi("stack", "output", "caCertificateChainPem").Succeeds().Shows("-----BEGIN CERTIFICATE-----")
	p.Pulumi("preview", "--expect-no-changes").Succeeds()
	p.Pulumi("refresh", "--yes", "--expect-no-changes").Succeeds()

	p.Edit(
		"spec: 1000", "spec: 2000", "keyNum: 1000", "keyNum: 2000", "secretNum: 0", "secretNum: 100\n      renewStatus: AutoRenewal\n      renewPeriod: 3",
		"instanceName: kms-minimal", "instanceName: changed",
		"environment: example", "environment: test\n        team: orders",
		"default: vpc-bp1orders000000000000", "default: vpc-bp1audit0000000000000",
	)
	p.Up("--diff").Succeeds().Shows("(update)", "spec        : 1000 => 2000", "1 updated").Hides("(replace)", "warning")
	cloud.WantBill(e2e.Bill{Orders: 1, Modifications: 1})
	wantInstance(t, cloud.Only(), emulator.Instance{
		Name: "changed", PaymentType: "Subscription", Status: "Connected",
		Sizes:   emulator.Sizes{ProductVersion: "3", Spec: 2000, KeyNum: 2000, SecretNum: 100, VpcNum: 2},
		VpcID:   "vpc-bp1main00000000000000",
		Renewal: emulator.Renewal{Status: "AutoRenewal", Period: 3, Unit: "M"},
		Tags:    map[string]string{"environment": "test", "team": "orders"},
	}, "vpc-bp1audit0000000000000")
	p.Pulumi("preview", "--expect-no-changes").Succeeds()
	p.Pulumi("refresh", "--yes", "--expect-no-changes").Succeeds()

	p.Pulumi("destroy", "--yes").Succeeds().Shows("2 deleted", "is refunded (order ")
	cloud.WantBill(e2e.Bill{Orders: 1, Modifications: 1, Refunds: 1})
	wantNothingLeft(t, cloud)
}

// TestPayAsYouGoExample takes the example, billed by use, through its life.
func TestPayAsYouGoExample(t *testing.T) {
	t.Parallel()
	cloud := e2e.NewCloud(t, e2e.Quick())
	p := e2e.NewProject(t, cloud, payAsYouGo(t))

	p.Pulumi("up", "--yes").Succeeds().Shows("2 created", "is bought (order ", `status               : "Connected"`).Hides("warning")
	cloud.WantBill(e2e.Bill{Orders: 1})
	wantInstance(t, cloud.Only(), emulator.Instance{
		Name: "kms-minimal", PaymentType: "PayAsYouGo", Status: "Connected",
		Sizes: emulator.Sizes{ProductVersion: "3"},
		VpcID: "vpc-bp1main00000000000000",
		Tags:  map[string]string{"environment": "example"},
	}, "vpc-bp1orders000000000000")
	wantOrder(t, cloud, map[string]string{"ProductVersion": "3", "Region": "cn-hangzhou"})
	p.Pulumi("preview", "--expect-no-changes").Succeeds()
	p.Pulumi("refresh", "--yes", "--expect-no-changes").Succeeds()

	p.Edit(
		"instanceName: kms-minimal", "instanceName: changed\n      log: \"1\"\n      logStorage: 1000", "environment: example", "team: payments",
		"default: vpc-bp1orders000000000000", "default: vpc-bp1audit0000000000000",
	)
	p.Up().Succeeds().Shows("1 updated")
	cloud.WantBill(e2e.Bill{Orders: 1, Modifications: 1})
	wantInstance(t, cloud.Only(), emulator.Instance{
		Name: "changed", PaymentType: "PayAsYouGo", Status: "Connected",
		Sizes: emulator.Sizes{ProductVersion: "3", Log: 1, LogStorage: 1000},
		VpcID: "vpc-bp1main00000000000000",
		Tags:  map[string]string{"team": "payments"},
	}, "vpc-bp1audit0000000000000")
	p.Pulumi("preview", "--expect-no-changes").Succeeds()

	p.Pulumi("destroy", "--yes").Succeeds().Shows("2 deleted")
	cloud.WantBill(e2e.Bill{Orders: 1, Modifications: 1, Releases: 1})
	wantNothingLeft(t, cloud)
	if calls := cloud.Calls("ReleaseKmsInstance"); len(calls) != 1 || calls[0].Parameters["ForceDeleteWithoutBackup"] != "true" {
		t.Errorf("the instance was not released once by force: %+v", calls)
	}
}

// TestWithoutForceTheReleaseNeedsABackup: the flag acts only after an `up` has recorded it.
func TestWithoutForceTheReleaseNeedsABackup(t *testing.T) {
	t.Parallel()
	cloud := e2e.NewCloud(t, e2e.Quick())
	p := e2e.NewProject(t, cloud, payAsYouGo(t))
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

// TestRenewPeriodWithManualRenewal: the period is accepted, recorded and not sent.
func TestRenewPeriodWithManualRenewal(t *testing.T) {
	t.Parallel()
	cloud := e2e.NewCloud(t, e2e.Quick())
	p := e2e.NewProject(t, cloud, small+"      renewStatus: ManualRenewal\n      renewPeriod: 3\n")
	p.Up().Succeeds()
	p.Pulumi("refresh", "--yes", "--expect-no-changes").Succeeds()
	p.Pulumi("preview", "--expect-no-changes").Succeeds()
	orders := cloud.Orders()
	if len(orders) != 1 {
		t.Fatalf("%d orders, want 1", len(orders))
	}
	if sent, ok := orders[0].Parameters["RenewPeriod"]; ok {
		t.Errorf("RenewPeriod %s was sent with ManualRenewal", sent)
	}
	if calls := cloud.Calls("SetRenewal"); len(calls) > 0 {
		t.Errorf("SetRenewal was called: %+v", calls)
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

// wantOrder compares the codes of the one purchase in the journal.
func wantOrder(t *testing.T, cloud *e2e.Cloud, want map[string]string) {
	t.Helper()
	var bought []emulator.Order
	for _, o := range cloud.Orders() {
		if o.Kind == "CreateInstance" {
			bought = append(bought, o)
		}
	}
	if len(bought) != 1 {
		t.Fatalf("%d instances were ordered, want 1", len(bought))
	}
	got := map[string]string{}
	for name, value := range bought[0].Parameters {
		if n, ok := cutBoth(name, "Parameter.", ".Code"); ok {
			got[value] = bought[0].Parameters["Parameter."+n+".Value"]
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("the order has the codes %v, want %v", got, want)
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
