package e2e_test

import (
	"strings"
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

// wantNothingBought requires that a failed create left no trace: no order, no resource.
func wantNothingBought(t *testing.T, cloud *e2e.Cloud, p *e2e.Project) {
	t.Helper()
	cloud.WantBill(e2e.Bill{})
	if left := p.Instances(); len(left) > 0 {
		t.Errorf("the stack has %+v", left)
	}
}

// An instance that is not found because the region from the environment has changed is not gone, and the message names both regions.
func TestRegionOfAnotherInstance(t *testing.T) {
	cloud, p := start(t, strings.Replace(small, "config:\n  alicloud-kms:region: cn-hangzhou\n", "", 1), func(o *emulator.Options) {
		o.Regions = []string{"cn-hangzhou", "cn-shanghai"}
	})
	p.SetEnv("ALIBABA_CLOUD_REGION=cn-hangzhou")
	p.Up().Succeeds()
	id := cloud.Only().ID

	p.SetEnv("ALIBABA_CLOUD_REGION=cn-shanghai", "ALIBABA_CLOUD_ENDPOINT_KMS="+cloud.URL("cn-shanghai"))
	mismatch := "KMS instance " + id + " is in region cn-hangzhou, but the provider is configured for cn-shanghai"
	p.Refresh().Fails().Shows(mismatch)
	p.Destroy().Fails().Shows(mismatch)
	if got := p.Instance().ID; got != id {
		t.Errorf("the stack has %q, want %s", got, id)
	}
	cloud.WantBill(e2e.Bill{Orders: 1})
}

// A missing region is warned of at preview, and fails an up in a message that lists the ways to give one.
func TestMissingRegion(t *testing.T) {
	cloud, p := start(t, small)
	p.Edit("config:\n  alicloud-kms:region: cn-hangzhou\n", "")
	p.Preview().Succeeds().Shows("warning: no region is set, and there is no default", "zones cannot be checked")
	p.Up().Fails().Shows("no region is set, and there is no default", "pulumi config set alicloud-kms:region cn-hangzhou", "ALIBABA_CLOUD_REGION")
	wantNothingBought(t, cloud, p)
}

// Missing credentials fail no preview of a new stack, and fail an up in one message that lists the ways to give some.
// Promise (Configuration): Missing credentials are one sentence that lists the ways to give them.
func TestMissingCredentials(t *testing.T) {
	cloud, p := start(t, small)
	p.SetEnv("ALIBABA_CLOUD_ACCESS_KEY_ID=", "ALIBABA_CLOUD_ACCESS_KEY_SECRET=")
	p.Preview().Succeeds() // a new stack is previewed without any
	r := p.Up().Fails().Shows("nothing was bought: no usable credentials: none were found: set alicloud-kms:accessKey and alicloud-kms:secretKey",
		"or ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET in the environment").Hides("CreateInstance failed")
	_, diagnostics, _ := strings.Cut(r.Output, "Diagnostics:")
	if n := strings.Count(diagnostics, "ALIBABA_CLOUD_ACCESS_KEY_ID"); n != 1 {
		t.Errorf("the remedies are named %d times, want once:\n%s", n, diagnostics)
	}
	wantNothingBought(t, cloud, p)
	if calls := cloud.Journal(); len(calls) > 0 {
		t.Errorf("without credentials the cloud was called: %+v", calls)
	}
}

// A wrong secret key buys nothing, and the message names the setting and does not show it.
func TestWrongSecretKey(t *testing.T) {
	cloud, p := start(t, small)
	p.SetEnv(e2e.Credential(emulator.DefaultAccessKeyID, "not-the-secret-of-this-key")...)
	p.Up().Fails().Shows("nothing was bought", "SignatureDoesNotMatch", "check the provider's secretKey").Hides("not-the-secret-of-this-key")
	wantNothingBought(t, cloud, p)
}

// An order that is refused for want of money buys nothing, and the next up buys once.
func TestRefusedOrder(t *testing.T) {
	cloud, p := start(t, small)
	cloud.Fail(emulator.Fault{Action: "CreateInstance", Kind: emulator.FaultBusiness, Code: "PAY.INSUFFICIENT_BALANCE", Message: "Insufficient balance."})
	p.Up().Fails().Shows("nothing was bought: CreateInstance failed", "PAY.INSUFFICIENT_BALANCE: Insufficient balance", "request id", "Top up the account")
	wantNothingBought(t, cloud, p)

	p.Up().Succeeds()
	cloud.WantBill(e2e.Bill{Orders: 1})
}

// All that is wrong with a program is reported at once, at preview, each with its path.
// Promise (Preview): All mistakes are reported at once.
func TestEveryFailureAtOnce(t *testing.T) {
	cloud, p := start(t, small+`      logStorage: -1
      paymentType: PayAsYouGo
      bindVpcs: [{vpcId: vpc-a, vswitchId: vsw-a, vpcOwnerId: someone}]
      tags: {"acs:mine": "1"}
`)
	p.Edit("[cn-hangzhou-k, cn-hangzhou-j]", "[cn-hangzhou-k, cn-beijing-a]", "vpcId: vpc-main", "vpcId: main", "instanceName: small", `instanceName: ""`)
	p.Preview().Fails().Shows(
		`spec is valid only with paymentType "Subscription"`, "logStorage must be a whole number from 0 to 500000, but -1 was given",
		"zoneIds[1] must be a zone of the provider's region cn-hangzhou", `vpcId must be an id that starts with "vpc-", but "main"`,
		"instanceName must not be empty", "bindVpcs[0].vpcOwnerId must be the digits",
		`keys that start with "aliyun" or "acs:" belong to Alibaba Cloud, but "acs:mine" was given`,
	)
	wantNothingBought(t, cloud, p)
}
