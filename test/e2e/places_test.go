package e2e_test

import (
	"strings"
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

// twoAccounts adds a second account with credentials of its own.
func twoAccounts(o *emulator.Options) {
	o.Credentials = []emulator.Credential{
		{AccessKeyID: emulator.DefaultAccessKeyID, Secret: emulator.DefaultAccessKeySecret},
		{AccessKeyID: "their-access-key", Secret: "their-secret-key", AccountID: "9876543210987654"},
	}
}

// With credentials of another account a replacement buys nothing, at preview and in an up, until the right ones are back.
// Promise (Replacement): A replacement that Diff plans buys nothing with the credentials of another account.
func TestReplacementInAnotherAccount(t *testing.T) {
	cloud, p := bought(t, small, twoAccounts)
	old := cloud.Only().ID
	p.Edit("vsw-main", "vsw-other")
	p.SetEnv(e2e.Credential("their-access-key", "their-secret-key")...)
	says := []string{old, "belongs to account " + emulator.DefaultAccountID, "those of account 9876543210987654"}
	p.Preview().Fails().Shows(says...)
	p.Up().Fails().Shows(says...)
	p.Up("--refresh").Fails().Shows(says...)
	cloud.WantBill(e2e.Bill{Orders: 1})

	p.SetEnv(e2e.Credential(emulator.DefaultAccessKeyID, emulator.DefaultAccessKeySecret)...)
	p.Up().Succeeds()
	cloud.WantBill(e2e.Bill{Orders: 2, Refunds: 1})
}

// A configured accountId stops a forced replacement in another account, which the engine asks nobody about.
func TestForcedReplacementInAnotherAccount(t *testing.T) {
	cloud, p := bought(t, strings.Replace(small, "config:\n", "config:\n  alicloud-kms:accountId: \""+emulator.DefaultAccountID+"\"\n", 1), twoAccounts)
	p.SetEnv(e2e.Credential("their-access-key", "their-secret-key")...)
	p.Up("--replace", p.Instance().URN).Fails().Shows("accountId is "+emulator.DefaultAccountID, "those of account 9876543210987654")
	cloud.WantBill(e2e.Bill{Orders: 1})
}

// One answer that an instance does not exist is not believed, by any command.
// Promise (Refresh and import): One answer that an instance is gone drops nothing.
func TestOneGoneAnswer(t *testing.T) {
	t.Parallel()
	body, code := `{"RequestId":"r","KmsInstance":{"InstanceId":""}}`, `{"RequestId":"r","Code":"Forbidden.DKMSInstanceNotFound"}`
	for name, fault := range map[string]emulator.Fault{
		"an empty id":         {Status: 200, Body: &body},
		"the documented code": {Status: 403, Body: &code},
	} {
		t.Run(name, func(t *testing.T) {
			fault.Action, fault.Kind = "GetKmsInstance", emulator.FaultAnswer
			cloud, p := bought(t, small)
			id := cloud.Only().ID
			cloud.Fail(fault)
			p.Refresh().Succeeds()
			if got := p.Instance().ID; got != id {
				t.Errorf("the refresh keeps %q", got)
			}
			cloud.Fail(fault)
			p.Up("--refresh").Succeeds()
			cloud.WantBill(e2e.Bill{Orders: 1})
			cloud.Fail(fault)
			p.Destroy().Succeeds()
			cloud.WantBill(e2e.Bill{Orders: 1, Refunds: 1})
		})
	}
}
