package wire_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/wire"
)

var (
	// decided are the outputs that the cloud decides on when an instance is bought.
	decided = []string{
		"arn", "caCertificateChainPem", "createTime", "endDate", "endpoint", "instanceId", "lastOrderId", "productType", "saleStatus",
		"startDate", "status",
	}
	// volatile are the outputs that any update may find changed.
	volatile = []string{"endDate", "saleStatus", "status"}
)

func sorted(lists ...[]string) []string {
	all := slices.Concat(lists...)
	slices.Sort(all)
	return slices.Compact(all)
}

// The preview of a purchase knows what the program says, and leaves unknown what the cloud decides.
func TestUnknownInCreate(t *testing.T) {
	b := fresh(t)
	everything := wire.Subscription(map[string]any{
		"log": "1", "logStorage": 1000, "period": 12, "renewStatus": "AutoRenewal", "renewPeriod": 1, "renewalPeriodUnit": "Y",
		"instanceName": "x", "deletionProtection": true, "forceDeleteWithoutBackup": false, "tags": map[string]string{"a": "1"},
		"bindVpcs": []map[string]any{{"vpcId": "vpc-b", "vswitchId": "vsw-b", "regionId": "cn-hangzhou", "vpcOwnerId": "1"}},
	})
	settings := []string{"bindVpcs", "deletionProtection", "instanceName", "log", "logStorage", "renewPeriod", "renewStatus", "renewalPeriodUnit", "tags"}
	for name, c := range map[string]struct {
		inputs  property.Map
		unknown []string
	}{
		"everything said":             {everything, decided},
		"the owner of a VPC not said": {everything.Set("bindVpcs", wire.Value(bindVpc(nil))), sorted(decided, []string{"bindVpcs"})},
		"the least said": {
			wire.Subscription(map[string]any{"spec": nil, "keyNum": nil, "secretNum": nil, "vpcNum": nil, "productVersion": nil}),
			sorted(decided, settings, []string{"keyNum", "productVersion", "secretNum", "spec", "vpcNum"}),
		},
		"PayAsYouGo":     {wire.PayAsYouGo(nil), sorted(decided, settings, []string{"keyNum", "secretNum", "spec", "vpcNum"})},
		"an unknown VPC": {everything.Set("vpcId", wire.Unknown), sorted(decided, []string{"vpcId"})},
	} {
		outputs := b.PreviewCreate(b.Checked(c.inputs))
		if got := wire.UnknownOf(outputs); !slices.Equal(got, c.unknown) {
			t.Errorf("%s: unknown are %v, want %v", name, got, c.unknown)
		}
		for output, v := range outputs.All {
			if given, ok := withDefaults(c.inputs).GetOk(output); output != "declared" && !v.HasComputed() && (!ok || !v.Equals(given)) {
				t.Errorf("%s: %s is predicted as %#v, but %#v is given", name, output, v, given)
			}
		}
	}
}

// The preview of an update knows everything recorded but what the change itself, or time, may alter.
func TestUnknownInUpdates(t *testing.T) {
	b := fresh(t)
	rows := diffRows()
	// What else a change leaves open: the cloud tells period and unit of an automatic renewal only, and region and owner of a VPC.
	also := map[string][]string{"renewStatus": {"renewalPeriodUnit"}, "bindVpcs": {"bindVpcs"}}
	for _, size := range []string{"productVersion", "spec", "keyNum", "secretNum", "vpcNum", "log", "logStorage"} {
		also[size] = []string{"lastOrderId"}
	}
	for _, name := range inputNames() {
		row := rows[name]
		if strings.Contains(row.kind, "REPLACE") {
			continue
		}
		with := func(v any) property.Map {
			more := map[string]any{"secretNum": 5, "vpcNum": 5, "bindVpcs": bindVpc(nil), "tags": map[string]string{"x": "1"}, "instanceName": "name", "logStorage": 1000, "period": 1}
			maps.Copy(more, row.with)
			more[name] = v
			return withDefaults(wire.Subscription(more))
		}
		old := b.Created(with(row.old))
		predicts := func(news property.Map, unknown []string) {
			t.Helper()
			outputs := b.PreviewUpdate(old, news)
			if got := wire.UnknownOf(outputs); !slices.Equal(got, unknown) {
				t.Errorf("%s as %#v: unknown are %v, want %v", name, news.Get(name), got, unknown)
			}
			for output, want := range old.Outputs.All {
				if changed, given := news.GetOk(name); output == name && given {
					want = changed
				}
				if v := outputs.Get(output); !v.Equals(want) && !slices.Contains(unknown, output) && output != "declared" {
					t.Errorf("%s as %#v: %s is predicted as %#v, want %#v", name, news.Get(name), output, v, want)
				}
			}
		}
		predicts(with(row.new), sorted(volatile, also[name]))
		unknown := []string{name}
		if name == "tags" {
			unknown = append(unknown, "declared")
		}
		predicts(old.Inputs.Set(name, wire.Unknown), sorted(volatile, also[name], unknown))
		if row.computed {
			predicts(with(nil), volatile)
		}
	}

	// Taken out, the protection is known to go off, and what is only recorded is known to be gone.
	old := b.Created(wire.Subscription(map[string]any{"deletionProtection": true, "period": 3}))
	outputs := b.PreviewUpdate(old, b.Checked(wire.Subscription(nil)))
	if v, there := outputs.GetOk("period"); there || !outputs.Get("deletionProtection").Equals(property.New(false)) {
		t.Errorf("taken out, period is predicted as %#v and deletionProtection as %#v", v, outputs.Get("deletionProtection"))
	}
}

// Before an instance is connected, the preview of an update knows its id and its inputs, and nothing else.
func TestUnknownBeforeConnected(t *testing.T) {
	b := fresh(t)
	inputs := b.Checked(wire.Subscription(nil))
	half := wire.Resource{ID: "kst-x", Inputs: inputs, Outputs: wire.Props(map[string]any{
		"instanceId": "kst-x", "status": "Uninitialized", "endpoint": "kst-x.cryptoservice.kms.aliyuncs.com", "paymentType": "Subscription",
	})}
	outputs := b.PreviewUpdate(half, inputs.Set("vpcId", wire.Value("vpc-z")))
	known := slices.DeleteFunc(slices.Collect(maps.Keys(outputs.AsMap())), func(name string) bool { return outputs.Get(name).HasComputed() })
	if want := []string{"declared", "endpoint", "instanceId", "paymentType", "vpcId"}; !slices.Equal(sorted(known), want) {
		t.Errorf("known are %v, want %v", sorted(known), want)
	}
}

// A preview warns of what is unlikely to work, of downgrades and of what goes, with names and numbers, and of nothing else.
// Promise (Preview): What is allowed but unlikely to work or to be meant is warned of.
func TestPreviewWarns(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{Config: map[string]any{"verifyNetwork": false}})
	vpcs := func(n int) (list []map[string]any) {
		for i := range n {
			list = append(list, map[string]any{"vpcId": fmt.Sprint("vpc-b", i), "vswitchId": fmt.Sprint("vsw-b", i)})
		}
		return list
	}
	says := func(phrases ...string) []string { return phrases }
	for _, c := range []struct {
		inputs map[string]any
		says   []string
	}{
		{nil, nil},
		{map[string]any{"spec": nil, "vpcNum": nil}, says("spec, vpcNum left out: Alibaba Cloud chooses")},
		{map[string]any{"spec": wire.Unknown}, nil},
		{map[string]any{"secretNum": 0, "vpcNum": 0, "bindVpcs": []any{}, "renewStatus": "NotRenewal"}, nil},
		{map[string]any{"vpcNum": 2, "bindVpcs": vpcs(3)}, says("bindVpcs has 3 elements and vpcNum is 2: each bound VPC takes one unit")},
		{map[string]any{"vpcNum": 3, "bindVpcs": vpcs(3)}, nil},
		{map[string]any{"vpcNum": wire.Secret(2), "bindVpcs": vpcs(3)}, says("vpcNum is a secret value: each")},
		{map[string]any{"vswitchIds": []string{"vsw-a", "vsw-b"}}, says("vswitchIds has 2 elements; Alibaba Cloud documents one")},
		{map[string]any{"log": "0", "logStorage": 1}, says("logStorage is 1; Alibaba Cloud sells it in steps of 1000", `logStorage is set, but log is "0" (off)`)},
		{map[string]any{"logStorage": 1000}, nil},
		{map[string]any{"log": "1"}, says(`log is "1" (on), but there is no logStorage`)},
		{map[string]any{"log": "1", "logStorage": wire.Unknown}, nil},
		{map[string]any{"log": wire.Secret("0"), "logStorage": wire.Secret(1)}, nil},
		{map[string]any{"productVersion": "5"}, says(`productVersion is "5" and spec is 1000: Alibaba Cloud sells spec 200 with productVersion "5"`)},
		{map[string]any{"spec": 200}, says(`productVersion is "3" and spec is 200`)},
		{map[string]any{"zoneIds": []string{"cn-hangzhou-k"}}, says("zoneIds has one zone; two are the norm")},
		{map[string]any{"zoneIds": []any{wire.Unknown}}, nil},
		{map[string]any{"zoneIds": []string{"cn-hangzhou-a", "cn-hangzhou-z", "cn-hangzhou-k"}}, says(`"cn-hangzhou-a", "cn-hangzhou-z": not among the zones`)},
		{map[string]any{"zoneIds": []any{wire.Secret("cn-hangzhou-a"), "cn-hangzhou-k"}}, says("a secret value: not among the zones")},
		{map[string]any{"instanceName": strings.Repeat("ü", 128)}, nil},
		{map[string]any{"instanceName": strings.Repeat("ü", 129)}, says("instanceName has more than 128 characters")},
	} {
		b.Hush()
		b.PreviewCreate(b.Checked(wire.Subscription(c.inputs)))
		if said := warned(b); !slices.EqualFunc(said, c.says, strings.Contains) {
			t.Errorf("creating with %v says %q, want %q", c.inputs, said, c.says)
		}
	}

	old := b.Created(wire.Subscription(map[string]any{"spec": 2000, "vpcNum": 5, "logStorage": 3000, "bindVpcs": vpcs(2), "deletionProtection": true}))
	for _, c := range []struct {
		change map[string]any
		says   []string
	}{
		{map[string]any{"spec": 4000, "keyNum": 2000, "secretNum": 200, "vpcNum": 6, "log": "1", "logStorage": 4000}, nil},
		{map[string]any{"spec": 1000}, says("spec from 2000 to 1000 is a downgrade")},
		{map[string]any{"keyNum": 999}, says("keyNum from 1000 to 999 is a downgrade")},
		{map[string]any{"productVersion": "5"}, says("productVersion from 3 to 5 is a downgrade", `productVersion is "5" and spec is 2000`)},
		{map[string]any{"logStorage": 4000}, says(`logStorage is set, but log is "0" (off)`)},
		{map[string]any{"keyNum": wire.Secret(999)}, nil},
		{map[string]any{"keyNum": wire.Unknown}, nil},
		{map[string]any{"deletionProtection": nil}, says("deletionProtection is no longer in the program, so it is switched off")},
		{map[string]any{"deletionProtection": false}, nil},
		{map[string]any{"bindVpcs": nil}, says("bindVpcs is no longer in the program, so all 2 VPCs are unbound")},
		{map[string]any{"vpcNum": nil, "bindVpcs": vpcs(6)}, says("bindVpcs has 6 elements and vpcNum is 5")},
		{map[string]any{"period": 12}, says("period is used at purchase only; the change is recorded and changes nothing in the cloud")},
	} {
		b.Hush()
		b.PreviewUpdate(old, b.Checked(wire.Change(old.Inputs, c.change)))
		if said := warned(b); !slices.EqualFunc(said, c.says, strings.Contains) {
			t.Errorf("updating with %v says %q, want %q", c.change, said, c.says)
		}
	}
}

// warned are the warnings that were given about the resource, in their order.
func warned(b *wire.Bench) []string {
	var texts []string
	for _, m := range b.Messages() {
		if m.Severity == "warning" {
			texts = append(texts, m.Text)
		}
	}
	return texts
}

// An instance that pays by use is warned neither of sizes that are left out nor of a quota of VPCs.
func TestNoQuotaOfPayAsYouGo(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{Config: map[string]any{"verifyNetwork": false}})
	old := b.Created(wire.PayAsYouGo(nil))
	b.Hush()
	program := b.Checked(wire.PayAsYouGo(map[string]any{"bindVpcs": bindVpc(nil)}))
	b.PreviewUpdate(old, program)
	b.Another().PreviewCreate(program)
	if said := b.Said(); said != "" {
		t.Errorf("the preview says %q", said)
	}
}

// What an interrupted create has not got to is previewed as the program gives it, not as it still is.
func TestPreviewOfAnUpdateThatGoesOn(t *testing.T) {
	b := fresh(t)
	inject(t, b, emulator.Fault{Action: "UpdateKmsInstance", Kind: emulator.FaultRefuse, Count: 1})
	program := b.Checked(wire.Subscription(map[string]any{"instanceName": "mine", "tags": map[string]any{"a": "b"}, "deletionProtection": true}))
	half := b.Create(program, 0)
	if len(half.Reasons) != 1 {
		t.Fatalf("the create ends with %q, %v", half.Reasons, half.Err)
	}
	predicted := b.PreviewUpdate(half.Resource, program)
	became := b.Updated(half.Resource, program)
	for _, name := range []string{"instanceName", "tags", "deletionProtection", "vpcId", "keyNum", "paymentType"} {
		if v := predicted.Get(name); !v.Equals(became.Outputs.Get(name)) {
			t.Errorf("%s is predicted as %#v and became %#v", name, v, became.Outputs.Get(name))
		}
	}
}
