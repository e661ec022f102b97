package e2e_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

// bare is a program with nothing but the network.
func bare(payment string) string {
	program := "name: bare\nruntime: yaml\nconfig:\n  alicloud-kms:region: cn-hangzhou\nresources:\n  kms:\n    type: alicloud-kms:KmsInstance\n" +
		"    properties:\n      vpcId: vpc-main\n      vswitchIds: [vsw-main]\n      zoneIds: [cn-hangzhou-k, cn-hangzhou-j]\n"
	if payment == emulator.PayAsYouGo {
		program += "      paymentType: PayAsYouGo\n"
	}
	return program
}

// settledID is the id of what settle places.
const settledID = "kst-settled"

// settle places an instance with settings that somebody made in the console.
func settle(cloud *e2e.Cloud, payment string) {
	cloud.Put(emulator.Instance{
		ID: settledID, PaymentType: payment, Status: emulator.StatusConnected, VpcID: "vpc-main", VSwitchIDs: []string{"vsw-main"},
		ZoneIDs: []string{"cn-hangzhou-k", "cn-hangzhou-j"}, DeletionProtection: true, Tags: map[string]string{"team": "orders"},
		BindVpcs: []emulator.BindVpc{{VpcID: "vpc-b", VSwitchID: "vsw-b", RegionID: "cn-hangzhou", VpcOwnerID: emulator.DefaultAccountID}},
	})
}

// wantSettings demands that the settings from the console are all there.
func wantSettings(t *testing.T, cloud *e2e.Cloud) {
	t.Helper()
	i := cloud.Only()
	if !i.DeletionProtection || len(i.BindVpcs) != 1 || i.Tags["team"] != "orders" {
		t.Errorf("the instance has protection %t, the bindings %v, the tags %v", i.DeletionProtection, i.BindVpcs, i.Tags)
	}
	for _, action := range []string{"SetDeletionProtection", "UpdateKmsInstanceBindVpc", "UntagResources", "TagResources"} {
		if n := len(cloud.Calls(action)); n > 0 {
			t.Errorf("%s was called %d times", action, n)
		}
	}
}

// Settings that no program has declared stay in every run after an import, until the program clears them as the warning says.
// Promise (Changes): What no program declared stays, in every later run.
func TestImportedSettingsStay(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		payment string
		options string // beside the import
		keep    bool   // the option import stays in the program
		runs    []string
	}{
		"Subscription, option kept":          {emulator.Subscription, "", true, []string{"up --yes --skip-preview", "up --yes --skip-preview"}},
		"Subscription, option taken out":     {emulator.Subscription, "", false, []string{"up --yes", "up --yes --skip-preview"}},
		"PayAsYouGo, option taken out":       {emulator.PayAsYouGo, "", false, []string{"up --yes --skip-preview", "up --yes"}},
		"PayAsYouGo, protected, option kept": {emulator.PayAsYouGo, "      protect: true\n", true, []string{"up --yes", "refresh --yes --skip-preview", "up --yes --skip-preview"}},
		"with a refresh":                     {emulator.Subscription, "", false, []string{"refresh --yes --skip-preview", "up --yes --skip-preview", "up --yes --skip-preview --refresh"}},
	} {
		t.Run(name, func(t *testing.T) {
			with := bare(c.payment) + "    options:\n      import: " + settledID + "\n" + c.options
			cloud, p := start(t, with)
			settle(cloud, c.payment)
			p.Up().Succeeds()
			wantSettings(t, cloud)
			without := strings.Replace(with, "      import: "+settledID+"\n", "", 1)
			if c.options == "" {
				without = bare(c.payment)
			}
			if !c.keep {
				p.Write(without)
			}
			for _, run := range c.runs {
				p.Pulumi(strings.Fields(run)...).Succeeds()
				wantSettings(t, cloud)
			}
			p.Preview("--expect-no-changes").Succeeds()
			if c.options != "" {
				return
			}
			// Declared in order to be cleared, it is cleared.
			p.Write(strings.Replace(without, "    properties:\n", "    properties:\n      tags: {}\n      bindVpcs: []\n      deletionProtection: false\n", 1))
			p.Up().Succeeds()
			if i := cloud.Only(); i.DeletionProtection || len(i.BindVpcs) > 0 || len(i.Tags) > 0 {
				t.Errorf("after it is cleared the instance is %+v", i)
			}
			p.Preview("--expect-no-changes").Succeeds()
		})
	}
}

// A program that is written by hand after `pulumi import` leaves undeclared settings alone, also in a copy of the stack.
func TestImportByHand(t *testing.T) {
	cloud, p := start(t, strings.Split(bare(emulator.Subscription), "resources:")[0])
	settle(cloud, emulator.Subscription)
	p.Pulumi("import", e2e.InstanceType, "kms", settledID, "--yes", "--skip-preview", "--generate-code=false", "--protect=false").Succeeds()
	p.Write(bare(emulator.Subscription))
	p.Preview().Succeeds().Shows("tags is not in the program. It stays as it is", "bindVpcs: []", "deletionProtection: false")
	for range 2 {
		p.Up().Succeeds()
		wantSettings(t, cloud)
	}
	// A copy of the stack knows no more.
	exported := p.Checkpoint()
	q := e2e.NewProject(t, cloud, bare(emulator.Subscription))
	q.WriteFile("stack.json", exported)
	q.Pulumi("stack", "import", "--file", "stack.json").Succeeds()
	q.Up().Succeeds()
	wantSettings(t, cloud)
}

const declaring = `      tags: {owner: me}
      bindVpcs:
        - {vpcId: vpc-b, vswitchId: vsw-b}
      deletionProtection: true
`

// Settings that a program has declared go when it takes them out, with a warning, in any later process.
// Promise (Changes): Tags, bound VPCs and protection are cleared if a program declared them and omits them now.
func TestDeclaredSettingsGo(t *testing.T) {
	t.Parallel()
	for name, between := range map[string][]string{
		"at once":           nil,
		"after a refresh":   {"refresh --yes --skip-preview"},
		"after another run": {"up --yes --skip-preview"},
		"after state edits": {"state repair --yes", "state protect --all --yes", "state unprotect --all --yes"},
	} {
		t.Run(name, func(t *testing.T) {
			plain := bare(emulator.Subscription)
			cloud, p := bought(t, plain+declaring)
			// Somebody adds a tag in the console. While tags is declared, it is the whole set.
			cloud.Patch(cloud.Only().ID, emulator.Patch{Tags: map[string]string{"owner": "me", "acs:rm:rgId": "rg-1"}})
			for _, run := range between {
				p.Pulumi(strings.Fields(run)...).Succeeds()
			}
			p.Write(plain)
			p.Preview().Succeeds().Shows("deletionProtection is no longer in the program, so it is switched off", "all 1 VPCs are unbound",
				"the tags that it had set are removed")
			p.Up().Succeeds()
			i := cloud.Only()
			if i.DeletionProtection || len(i.BindVpcs) > 0 || !maps.Equal(i.Tags, map[string]string{"acs:rm:rgId": "rg-1"}) {
				t.Errorf("the instance has protection %t, the bindings %v, the tags %v", i.DeletionProtection, i.BindVpcs, i.Tags)
			}
			// It is no longer the program's: what comes later stays.
			cloud.Patch(i.ID, emulator.Patch{Tags: map[string]string{"later": "1"}, DeletionProtection: new(true)})
			p.Refresh().Succeeds()
			p.Up().Succeeds()
			if i := cloud.Only(); !i.DeletionProtection || i.Tags["later"] == "" {
				t.Errorf("what came later is gone: %+v", i)
			}
			p.Preview("--expect-no-changes").Succeeds()
		})
	}
}

// Settings that are ignored are neither set nor cleared nor recorded as declared.
func TestDeclaredWithIgnoreChanges(t *testing.T) {
	const ignore = "    options:\n      ignoreChanges: [tags, bindVpcs, deletionProtection]\n"
	plain := bare(emulator.Subscription)
	cloud, p := start(t, plain+ignore+"      import: "+settledID+"\n")
	settle(cloud, emulator.Subscription)
	p.Up().Succeeds()
	p.Write(plain + "      instanceName: named\n" + ignore)
	p.Up().Succeeds()
	wantSettings(t, cloud)
	p.Write(plain + "      instanceName: named\n")
	p.Up().Succeeds()
	wantSettings(t, cloud)
	// Now the program declares it, and ignores it afterwards: it stays, and its record with it.
	p.Write(plain + declaring)
	p.Up().Succeeds()
	p.Write(plain + "      instanceName: other\n" + ignore)
	p.Up().Succeeds()
	if i := cloud.Only(); !i.DeletionProtection || len(i.BindVpcs) != 1 || i.Tags["owner"] != "me" {
		t.Errorf("ignored settings went: %+v", i)
	}
	p.Write(plain + "      instanceName: other\n")
	p.Preview().Succeeds().Shows("deletionProtection is no longer in the program") // which has declared it, and ignores it no more
}

// A run that fails half-way leaves the record of declared settings right for the next one.
func TestDeclaredInAFailedRun(t *testing.T) {
	t.Parallel()
	for _, action := range []string{"ConnectKmsInstance", "TagResources", "UpdateKmsInstanceBindVpc", "SetDeletionProtection"} {
		t.Run(action, func(t *testing.T) {
			plain := bare(emulator.Subscription)
			cloud, p := start(t, plain+declaring)
			cloud.Fail(emulator.Fault{Action: action, Kind: emulator.FaultRefuse})
			p.Up().Fails()
			cloud.ClearFaults()
			p.Write(plain)
			p.Up().Succeeds()
			if i := cloud.Only(); i.DeletionProtection || len(i.BindVpcs) > 0 || len(i.Tags) > 0 {
				t.Errorf("what the failed run has set stays: %+v", i)
			}
			p.Preview("--expect-no-changes").Succeeds()
			cloud.WantBill(e2e.Bill{Orders: 1})
		})
	}
}
