package e2e_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

const empty = "name: imported\nruntime: yaml\nconfig:\n  alicloud-kms:region: cn-hangzhou\n"

// `pulumi import` of instances of many kinds generates a program that previews with no change.
// Promise (Refresh and import): The program that `pulumi import` generates previews with no change.
func TestImport(t *testing.T) {
	cloud, p := start(t, empty)
	owner := emulator.DefaultAccountID
	seeds := map[string]emulator.Instance{
		"plain": {},
		"full": {
			Name: "full", VpcID: "vpc-full", VSwitchIDs: []string{"vsw-full"}, ZoneIDs: []string{"cn-hangzhou-k", "cn-hangzhou-j"},
			Sizes: emulator.Sizes{ProductVersion: "3", Spec: 2000, KeyNum: 3000, SecretNum: 50, VpcNum: 5, Log: 1, LogStorage: 2000},
			BindVpcs: []emulator.BindVpc{
				{VpcID: "vpc-b", VSwitchID: "vsw-b", RegionID: "cn-hangzhou", VpcOwnerID: owner},
				{VpcID: "vpc-a", VSwitchID: "vsw-a", RegionID: "cn-hangzhou", VpcOwnerID: "9876543210987654"},
			},
			Renewal: emulator.Renewal{Status: "AutoRenewal", Period: 1, Unit: "Y"}, DeletionProtection: true,
			Tags: map[string]string{"team": "orders", "acs:rm:rgId": "rg-1"},
		},
		"notrenewed": {Renewal: emulator.Renewal{Status: "NotRenewal"}},
		"postpaid":   {PaymentType: "PayAsYouGo"},
		"logged":     {PaymentType: "PayAsYouGo", Name: "logged", Sizes: emulator.Sizes{ProductVersion: "5", Log: 1, LogStorage: 1000}, DeletionProtection: true},
		"long":       {Renewal: emulator.Renewal{Status: "AutoRenewal", Period: 24, Unit: "M"}}, // as an order gives it
		"odd":        {Renewal: emulator.Renewal{Status: "AutoRenewal", Period: 5, Unit: "M"}},  // as no program can ask for it
		"quoted":     {Name: "a: \"b\" #c", Tags: map[string]string{"empty": "", "path": `c:\d`, "密": "=@"}},
		"hardware":   {Sizes: emulator.Sizes{ProductVersion: "1", Spec: 7, KeyNum: 20}},
	}
	type row struct {
		Type string `json:"type"`
		Name string `json:"name"`
		ID   string `json:"id"`
	}
	var file struct {
		Resources []row `json:"resources"`
	}
	for name, seed := range seeds {
		file.Resources = append(file.Resources, row{e2e.InstanceType, name, cloud.Put(seed).ID})
	}
	text, err := json.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	p.WriteFile("import.json", string(text))

	p.Pulumi("import", "--file", "import.json", "--yes", "--skip-preview", "--generate-code", "--out", "generated.yaml").
		Succeeds().Shows("9 imported", "productVersion 1, spec 7, keyNum 20 is not among the values that a program can ask for").Hides("bug in the")
	generated := p.Read("generated.yaml")
	for _, never := range []string{"acs:rm:rgId", "caCertificateChainPem", "[]", "{}", "period:", "forceDeleteWithoutBackup"} {
		if strings.Contains(generated, never) {
			t.Errorf("the generated program has %q:\n%s", never, generated)
		}
	}
	p.Write(empty + generated)
	p.Pulumi("preview", "--expect-no-changes").Succeeds().Hides("warning")
	p.Pulumi("refresh", "--yes", "--expect-no-changes").Succeeds()
	cloud.WantBill(e2e.Bill{})
}

// `.get` reads instances that the program does not manage, warns of an unfinished one, and a destroy leaves them alone.
func TestGet(t *testing.T) {
	const keptID, unfinishedID = "kst-kept", "kst-unfinished"
	cloud, p := start(t, empty+`resources:
  kept:
    type: alicloud-kms:KmsInstance
    get: {id: `+keptID+`}
  unfinished:
    type: alicloud-kms:KmsInstance
    get: {id: `+unfinishedID+`}
outputs:
  name: ${kept.instanceName}
  team: ${kept.tags["team"]}
  status: ${unfinished.status}
  vpc: ${kept.vpcId}
`)
	kept := cloud.Put(emulator.Instance{ID: keptID, Name: "theirs", Tags: map[string]string{"team": "a", "Cost Center": "EU"}})
	cloud.Put(emulator.Instance{ID: unfinishedID, Status: emulator.StatusUninitialized})
	p.Pulumi("up", "--yes").Succeeds().Shows(unfinishedID+" is bought but not connected to a VPC yet").Hides(keptID+" is", "left out of the inputs")
	out := p.Outputs()
	if out["name"] != "theirs" || out["team"] != "a" || out["status"] != "Uninitialized" || out["vpc"] != kept.VpcID {
		t.Errorf("the outputs are %v", out)
	}
	p.Pulumi("preview", "--expect-no-changes").Succeeds()
	p.Destroy().Succeeds()
	cloud.WantBill(e2e.Bill{})
	for _, i := range cloud.Instances() {
		if i.Gone {
			t.Errorf("%s is gone", i.ID)
		}
	}
}

// The import and `.get` of an instance that does not exist is an error and leaves nothing in the stack.
// Promise (Refresh and import): An import or `.get` of an id that does not exist is an error.
func TestImportOfNothing(t *testing.T) {
	cloud, p := start(t, empty)
	for id, says := range map[string]string{
		"my-instance":      `"my-instance" is not the id of a KMS instance: such an id starts with "kst-"`,
		"kst-hzz000000000": "KMS instance kst-hzz000000000 does not exist in cn-hangzhou",
	} {
		p.Pulumi("import", e2e.InstanceType, "kms", id, "--yes", "--skip-preview", "--generate-code=false").Fails().Shows(says)
		if left := p.Instances(); len(left) > 0 {
			t.Errorf("the import of %s left %+v", id, left)
		}
	}
	p.Write(empty + "resources:\n  kms:\n    type: alicloud-kms:KmsInstance\n    get:\n      id: kst-hzz000000000\n")
	p.Up().Fails().Shows("KMS instance kst-hzz000000000 does not exist in cn-hangzhou")
	cloud.WantBill(e2e.Bill{})
}

// The option import takes up an instance that was bought and not connected, and the same up connects it without a purchase.
// Promise (Refresh and import): An imported unfinished instance is finished without a purchase.
func TestImportFinishesAHalfBoughtInstance(t *testing.T) {
	const option = "    options:\n      import: kst-half\n"
	cloud, p := start(t, small+option)
	cloud.Put(emulator.Instance{ID: "kst-half", Status: emulator.StatusUninitialized, Sizes: emulator.Sizes{ProductVersion: "3", Spec: 1000, KeyNum: 1000, VpcNum: 3}})
	p.Up().Succeeds().Shows("1 imported", "1 updated", "bought but not connected")
	cloud.WantBill(e2e.Bill{})
	if i := cloud.Only(); i.Status != "Connected" || i.VpcID != "vpc-main" || i.Name != "small" {
		t.Errorf("the instance is %+v", i)
	}
	p.Edit(option, "")
	p.Pulumi("preview", "--expect-no-changes").Succeeds()
}

// An import of an instance without a network says what the program needs, and the next `up` connects it.
func TestImportOfUnconnected(t *testing.T) {
	cloud, p := start(t, empty)
	id := cloud.Put(emulator.Instance{Status: emulator.StatusUninitialized}).ID
	p.Pulumi("import", e2e.InstanceType, "kms", id, "--yes", "--out", "generated.yaml").Succeeds().
		Shows(id+" is bought but not connected", "vpcId, zoneIds and vswitchIds").Hides("bug in the")
	generated := empty + p.Read("generated.yaml")
	p.Write(generated)
	p.Preview().Fails().Shows("vpcId must not be empty", "vswitchIds must have at least 1 element")
	p.Write(strings.NewReplacer(`vpcId: ""`, "vpcId: vpc-main", "zoneIds: []", "zoneIds: [cn-hangzhou-k, cn-hangzhou-j]",
		"vswitchIds: []", "vswitchIds: [vsw-main]").Replace(generated))
	p.Up().Succeeds().Shows("1 updated")
	if got := cloud.Only(); got.Status != emulator.StatusConnected || got.VpcID != "vpc-main" {
		t.Errorf("the instance is %+v", got)
	}
	cloud.WantBill(e2e.Bill{})
}
