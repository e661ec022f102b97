package e2e_test

import (
	"strings"
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

// An instance stays when another that it depends on is replaced delete-first, if that dependency is ignored.
// Promise (Replacement): `ignoreChanges` counts when a dependency is replaced, too.
func TestIgnoredDependents(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ properties, options string }{
		"plain":               {"", ""},
		"protect":             {"", "      protect: true\n"},
		"deletion protection": {"      deletionProtection: true\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			first := strings.Replace(small, "instanceName: small", "instanceName: first", 1) + "    options:\n      deleteBeforeReplace: true\n"
			cloud, p := bought(t, first+`  second:
    type: alicloud-kms:KmsInstance
    properties:
      instanceName: second
      zoneIds: [cn-hangzhou-k, cn-hangzhou-j]
      vpcId: ${kms.vpcId}
      vswitchIds: [vsw-main]
`+c.properties+"    options:\n      ignoreChanges: [vpcId]\n"+c.options)
			before := idOf(t, p, "second")
			p.Edit("vpcId: vpc-main\n", "vpcId: vpc-other\n")
			p.Pulumi("up", "--yes").Succeeds().Shows("1 replaced")
			cloud.WantBill(e2e.Bill{Orders: 3, Refunds: 1})
			if after := idOf(t, p, "second"); after != before {
				t.Errorf("the dependent is %s, was %s", after, before)
			}
			if i, _ := cloud.Instance(before); i.VpcID != "vpc-main" || i.Gone {
				t.Errorf("the dependent's instance is %+v", i)
			}
			wantSettled(p)
		})
	}
}

func idOf(t *testing.T, p *e2e.Project, name string) string {
	t.Helper()
	for _, r := range p.Instances() {
		if strings.HasSuffix(r.URN, "::"+name) {
			return r.ID
		}
	}
	t.Fatalf("the stack has no %s: %+v", name, p.Instances())
	return ""
}

// Drift of ignored properties, or of ignored parts of them, is not shown and not set back.
func TestIgnoredDrift(t *testing.T) {
	t.Parallel()
	const settings = `      deletionProtection: true
      bindVpcs:
        - {vpcId: vpc-b, vswitchId: vsw-b}
      tags: {team: orders, stage: test}
`
	drift := emulator.Patch{Name: new("renamed"), Tags: map[string]string{"team": "payments", "stage": "test"}}
	for ignore, c := range map[string]struct {
		drift emulator.Patch
		shows bool
	}{
		"[instanceName, tags]":               {drift, false},
		"[instanceName, tags.team]":          {drift, false},
		`[instanceName, 'tags["team"]']`:     {drift, false},
		`["*"]`:                              {drift, false},
		"[instanceName, tags.stage]":         {drift, true},
		"[bindVpcs, deletionProtection]":     {emulator.Patch{DeletionProtection: new(false), BindVpcs: []emulator.BindVpc{}}, false},
		"['bindVpcs[0].vswitchId']":          {emulator.Patch{BindVpcs: []emulator.BindVpc{{VpcID: "vpc-b", VSwitchID: "vsw-other", RegionID: "cn-hangzhou", VpcOwnerID: emulator.DefaultAccountID}}}, false},
		"[keyNum, secretNum, spec, vpcNum]":  {emulator.Patch{KeyNum: new(2000), VpcNum: new(9)}, false},
		"[keyNum]":                           {emulator.Patch{KeyNum: new(2000), VpcNum: new(9)}, true},
		"[renewStatus, vswitchIds, zoneIds]": {emulator.Patch{Renewal: &emulator.Renewal{Status: "NotRenewal"}}, false},
	} {
		t.Run(ignore, func(t *testing.T) {
			cloud, p := bought(t, small+settings+"      renewStatus: ManualRenewal\n    options:\n      ignoreChanges: "+ignore+"\n")
			cloud.Patch(cloud.Only().ID, c.drift)
			before := cloud.Only()
			refresh := p.Pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes")
			if shown := refresh.Code != 0; shown != c.shows {
				t.Errorf("the refresh ends with %d:\n%s", refresh.Code, refresh.Output)
			}
			if c.shows {
				return
			}
			p.Preview("--expect-no-changes").Succeeds()
			p.Up("--refresh").Succeeds()
			after := cloud.Only()
			if after.Name != before.Name || after.Tags["team"] != before.Tags["team"] || after.KeyNum != before.KeyNum ||
				after.DeletionProtection != before.DeletionProtection || len(after.BindVpcs) != len(before.BindVpcs) || after.Renewal != before.Renewal {
				t.Errorf("the instance was %+v and is %+v", before, after)
			}
			cloud.WantBill(e2e.Bill{Orders: 1})
		})
	}
}
