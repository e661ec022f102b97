package wire_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/kmsinstance"
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

// TestUnknownInCreate: what a purchase has for outputs is known as far as the program says it, and unknown otherwise; the
// record of a pending order is not foretold.
func TestUnknownInCreate(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{})
	everything := wire.Subscription(map[string]any{
		"log": "1", "logStorage": 1000, "period": 12, "renewStatus": "AutoRenewal", "renewPeriod": 1, "renewalPeriodUnit": "Y",
		"instanceName": "x", "deletionProtection": true, "forceDeleteWithoutBackup": false, "tags": map[string]string{"a": "1"},
		"bindVpcs": []map[string]any{{"vpcId": "vpc-b", "vswitchId": "vsw-b", "regionId": "cn-hangzhou", "vpcOwnerId": "1"}},
	})
	settings := []string{"bindVpcs", "deletionProtection", "instanceName", "log", "logStorage", "renewPeriod", "renewStatus", "renewalPeriodUnit", "tags"}
	sizes := []string{"keyNum", "productVersion", "secretNum", "spec", "vpcNum"}
	for name, c := range map[string]struct {
		inputs  property.Map
		unknown []string
	}{
		"everything said":                  {everything, decided},
		"the owner of a VPC not said":      {everything.Set("bindVpcs", wire.Value(bindVpc(nil))), sorted(decided, []string{"bindVpcs"})},
		"no VPC bound":                     {everything.Set("bindVpcs", wire.Value([]any{})), decided},
		"the sizes said":                   {wire.Subscription(nil), sorted(decided, settings)},
		"the least said":                   {wire.Subscription(map[string]any{"spec": nil, "keyNum": nil, "secretNum": nil, "vpcNum": nil, "productVersion": nil}), sorted(decided, settings, sizes)},
		"PayAsYouGo":                       {wire.PayAsYouGo(nil), sorted(decided, settings, []string{"keyNum", "secretNum", "spec", "vpcNum"})},
		"an unknown VPC":                   {everything.Set("vpcId", wire.Unknown), sorted(decided, []string{"vpcId"})},
		"an unknown tag":                   {everything.Set("tags", wire.Value(map[string]any{"a": wire.Unknown})), sorted(decided, []string{"tags"})},
		"the inputs of a replacement, too": {everything.Set("vpcId", wire.Value("vpc-z")), decided},
	} {
		outputs := b.PreviewCreate(b.Checked(c.inputs))
		if got := wire.UnknownOf(outputs); !slices.Equal(got, c.unknown) {
			t.Errorf("%s: unknown are %v, want %v", name, got, c.unknown)
		}
		for output, v := range outputs.All {
			if given, ok := withDefaults(c.inputs).GetOk(output); output != "declared" && !v.HasComputed() && (!ok || !v.Equals(given)) {
				t.Errorf("%s: %s is foretold as %#v, but %#v is given", name, output, v, given)
			}
		}
	}
}

// TestUnknownInUpdates changes each property that is changed in place: beside what changes by itself, only the outcome of the
// change is open, and everything else is foretold as it is recorded.
func TestUnknownInUpdates(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{})
	rows := diffRows()
	// What else is open when the property gets its new value, and when it is taken out.
	order := []string{"lastOrderId"}
	type open struct{ changed, out []string }
	also := map[string]open{
		"productVersion": {order, nil}, "spec": {order, nil}, "keyNum": {order, nil}, "secretNum": {order, nil}, "vpcNum": {order, nil},
		"log": {order, nil}, "logStorage": {order, nil},
		"period": {}, "forceDeleteWithoutBackup": {}, "instanceName": {}, "tags": {nil, []string{"tags"}}, "deletionProtection": {},
		"renewStatus": {[]string{"renewalPeriodUnit"}, nil}, // the cloud tells period and unit of an automatic renewal only
		"renewPeriod": {nil, []string{"renewPeriod"}}, "renewalPeriodUnit": {nil, []string{"renewalPeriodUnit"}},
		"bindVpcs": {[]string{"bindVpcs"}, []string{"bindVpcs"}}, // the cloud tells region and owner
	}
	for _, prop := range kmsinstance.Properties {
		name, row := prop.Name, rows[prop.Name]
		if strings.Contains(row.kind, "REPLACE") {
			continue
		}
		if _, ok := also[name]; !ok {
			t.Errorf("%s has no row here", name)
		}
		with := func(v any) property.Map {
			more := map[string]any{"secretNum": 5, "vpcNum": 5, "bindVpcs": bindVpc(nil), "tags": map[string]string{"x": "1"}, "instanceName": "name", "logStorage": 1000, "period": 1}
			maps.Copy(more, row.with)
			more[name] = v
			return withDefaults(wire.Subscription(more))
		}
		old := b.Created(with(row.old))
		check := func(what string, news property.Map, unknown []string) {
			t.Helper()
			outputs := b.PreviewUpdate(old, news)
			if got := wire.UnknownOf(outputs); !slices.Equal(got, unknown) {
				t.Errorf("%s, %s: unknown are %v, want %v", name, what, got, unknown)
			}
			for output, recorded := range old.Outputs.All {
				v, there := outputs.GetOk(output)
				switch {
				case slices.Contains(unknown, output), output == "declared":
				case output == name && what == "changed":
					if !v.Equals(news.Get(name)) {
						t.Errorf("%s, changed, is foretold as %#v", name, v)
					}
				case output == name && what == "taken out" && !row.computed:
				case !there || !v.Equals(recorded):
					t.Errorf("%s, %s: %s is foretold as %#v, but is %#v", name, what, output, v, recorded)
				}
			}
		}
		check("changed", with(row.new), sorted(volatile, also[name].changed))
		check("unchanged", old.Inputs, volatile)
		unknown := []string{name}
		if name == "tags" {
			unknown = append(unknown, "declared")
		}
		check("unknown", old.Inputs.Set(name, wire.Unknown), sorted(volatile, also[name].changed, unknown))
		if name != "renewPeriod" { // without which this one renews nothing
			check("taken out", with(nil), sorted(volatile, also[name].out))
		}
	}

	// Taken out, the protection is known to go off, and what is only recorded is known to be gone.
	old := b.Created(wire.Subscription(map[string]any{"deletionProtection": true, "period": 3}))
	outputs := b.PreviewUpdate(old, b.Checked(wire.Subscription(nil)))
	if v := outputs.Get("deletionProtection"); !v.Equals(property.New(false)) {
		t.Errorf("deletionProtection, taken out, is foretold as %#v", v)
	}
	if v, there := outputs.GetOk("period"); there {
		t.Errorf("period, taken out, is foretold as %#v", v)
	}
}

// TestUnknownBeforeConnected: an instance that is not connected yet has nothing but its id for certain.
func TestUnknownBeforeConnected(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{})
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

// TestPreviewWarns: what a preview warns of, word for word the names and numbers, and nothing else.
// Promise (Preview): What is allowed but unlikely to work or to be meant is warned of.
func TestPreviewWarns(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{})
	three := []map[string]any{{"vpcId": "vpc-b", "vswitchId": "vsw-b"}, {"vpcId": "vpc-c", "vswitchId": "vsw-c"}, {"vpcId": "vpc-d", "vswitchId": "vsw-d"}}
	quota := "bindVpcs has 3 elements and vpcNum is 2: each bound VPC takes one unit"
	says := func(phrases ...string) []string { return phrases }
	zones := func(zones ...string) property.Map { return wire.Subscription(map[string]any{"zoneIds": zones}) }
	sized := func(more map[string]any) property.Map { return wire.Subscription(more) }
	for name, c := range map[string]struct {
		inputs property.Map
		says   []string
	}{
		"nothing":                    {wire.Subscription(nil), nil},
		"no sizes":                   {wire.Subscription(map[string]any{"spec": nil, "vpcNum": nil}), says("spec, vpcNum left out: Alibaba Cloud chooses")},
		"no sizes of PayAsYouGo":     {wire.PayAsYouGo(nil), nil},
		"unknown sizes":              {wire.Subscription(map[string]any{"spec": wire.Unknown}), nil},
		"more VPCs than units":       {wire.Subscription(map[string]any{"vpcNum": 2, "bindVpcs": three}), says(quota)},
		"as many VPCs as units":      {wire.Subscription(map[string]any{"vpcNum": 3, "bindVpcs": three}), nil},
		"more VPCs than secret":      {wire.Subscription(map[string]any{"vpcNum": wire.Secret(2), "bindVpcs": three}), says("vpcNum is a secret value: each")},
		"more VPCs, unknown quota":   {wire.Subscription(map[string]any{"vpcNum": wire.Unknown, "bindVpcs": three}), nil},
		"two vSwitches":              {wire.Subscription(map[string]any{"vswitchIds": []string{"vsw-a", "vsw-b"}}), says("vswitchIds has 2 elements; Alibaba Cloud documents one")},
		"everything that is allowed": {wire.Subscription(map[string]any{"secretNum": 0, "vpcNum": 0, "bindVpcs": []any{}, "renewStatus": "NotRenewal"}), nil},

		"odd storage":            {sized(map[string]any{"log": "1", "logStorage": 500}), says("logStorage is 500; Alibaba Cloud sells it in steps of 1000")},
		"odd storage by use":     {wire.PayAsYouGo(map[string]any{"log": "1", "logStorage": 1001}), says("logStorage is 1001")},
		"a step of storage":      {sized(map[string]any{"log": "1", "logStorage": 2000}), nil},
		"storage, log off":       {sized(map[string]any{"log": "0", "logStorage": 1000}), says(`logStorage is set, but log is "0" (off)`)},
		"storage, log not said":  {sized(map[string]any{"logStorage": 1000}), nil},
		"no storage, log off":    {sized(map[string]any{"log": "0", "logStorage": 0}), nil},
		"log without storage":    {sized(map[string]any{"log": "1"}), says(`log is "1" (on), but there is no logStorage`)},
		"log with storage 0":     {wire.PayAsYouGo(map[string]any{"log": "1", "logStorage": 0}), says(`log is "1" (on), but there is no logStorage`)},
		"log, unknown storage":   {sized(map[string]any{"log": "1", "logStorage": wire.Unknown}), nil},
		"odd storage and off":    {sized(map[string]any{"log": "0", "logStorage": 1}), says("steps of 1000", `log is "0" (off)`)},
		"secret log settings":    {sized(map[string]any{"log": wire.Secret("0"), "logStorage": wire.Secret(1)}), nil},
		"small edition, spec":    {sized(map[string]any{"productVersion": "5"}), says(`productVersion is "5" and spec is 1000: Alibaba Cloud sells spec 200 with productVersion "5"`)},
		"edition, small spec":    {sized(map[string]any{"spec": 200}), says(`productVersion is "3" and spec is 200`)},
		"small edition and spec": {sized(map[string]any{"productVersion": "5", "spec": 200}), nil},
		"an unknown edition":     {sized(map[string]any{"productVersion": wire.Unknown, "spec": 200}), nil},
		"a secret edition":       {sized(map[string]any{"productVersion": wire.Secret("5")}), nil},
		"one zone":               {zones("cn-hangzhou-k"), says("zoneIds has one zone; two are the norm")},
		"one unknown zone":       {wire.Subscription(map[string]any{"zoneIds": []any{wire.Unknown}}), nil},
		"zones of no list":       {zones("cn-hangzhou-a", "cn-hangzhou-z", "cn-hangzhou-k"), says(`"cn-hangzhou-a", "cn-hangzhou-z": not among the zones`)},
		"a secret zone":          {sized(map[string]any{"zoneIds": []any{wire.Secret("cn-hangzhou-a"), "cn-hangzhou-k"}}), says("a secret value: not among the zones")},
		"secret zones":           {sized(map[string]any{"zoneIds": wire.Secret([]any{"cn-hangzhou-a", "cn-hangzhou-k"})}), says("a secret value: not among the zones")},
		"a name of 128 letters":  {sized(map[string]any{"instanceName": strings.Repeat("ü", 128)}), nil},
		"a name of 129 letters":  {sized(map[string]any{"instanceName": strings.Repeat("ü", 129)}), says("instanceName has more than 128 characters")},
	} {
		b.Hush()
		b.PreviewCreate(b.Checked(c.inputs))
		if said := warned(b); !slices.EqualFunc(said, c.says, strings.Contains) {
			t.Errorf("creating with %s says %q, want %q", name, said, c.says)
		}
	}

	old := b.Created(wire.Subscription(map[string]any{"spec": 2000, "vpcNum": 5, "logStorage": 3000, "bindVpcs": three[:2], "deletionProtection": true}))
	for name, c := range map[string]struct {
		change map[string]any
		says   []string
	}{
		"nothing":              {nil, nil},
		"upgrades":             {map[string]any{"spec": 4000, "keyNum": 2000, "secretNum": 200, "vpcNum": 6, "log": "1", "logStorage": 4000}, nil},
		"a lower spec":         {map[string]any{"spec": 1000}, says("spec from 2000 to 1000 is a downgrade")},
		"fewer keys":           {map[string]any{"keyNum": 999}, says("keyNum from 1000 to 999 is a downgrade")},
		"no secrets":           {map[string]any{"secretNum": 0}, says("secretNum from 100 to 0 is a downgrade")},
		"fewer VPCs":           {map[string]any{"vpcNum": 4}, says("vpcNum from 5 to 4 is a downgrade")},
		"less log":             {map[string]any{"log": "1", "logStorage": 2000}, says("logStorage from 3000 to 2000 is a downgrade")},
		"the small edition":    {map[string]any{"productVersion": "5"}, says("productVersion from 3 to 5 is a downgrade", `productVersion is "5" and spec is 2000`)},
		"odd storage":          {map[string]any{"log": "1", "logStorage": 3500}, says("logStorage is 3500; Alibaba Cloud sells it in steps of 1000")},
		"more storage, no log": {map[string]any{"logStorage": 4000}, says(`logStorage is set, but log is "0" (off)`)},
		"the log on":           {map[string]any{"log": "1"}, nil},
		"one zone now":         {map[string]any{"instanceName": "other"}, nil},
		"a long name":          {map[string]any{"instanceName": strings.Repeat("x", 200)}, says("instanceName has more than 128 characters")},
		"a secret downgrade":   {map[string]any{"keyNum": wire.Secret(999)}, nil},
		"an unknown size":      {map[string]any{"keyNum": wire.Unknown}, nil},
		"the log off":          {map[string]any{"log": "0"}, nil},
		"protection taken out": {map[string]any{"deletionProtection": nil}, says("deletionProtection is no longer in the program, so it is switched off")},
		"protection off":       {map[string]any{"deletionProtection": false}, nil},
		"VPCs taken out":       {map[string]any{"bindVpcs": nil}, says("bindVpcs is no longer in the program, so all 2 VPCs are unbound")},
		"VPCs, quota left out": {map[string]any{"vpcNum": nil, "bindVpcs": append(three, map[string]any{"vpcId": "vpc-e", "vswitchId": "vsw-e"}, map[string]any{"vpcId": "vpc-f", "vswitchId": "vsw-f"}, map[string]any{"vpcId": "vpc-g", "vswitchId": "vsw-g"})}, says("bindVpcs has 6 elements and vpcNum is 5")},
		"another period":       {map[string]any{"period": 12}, says("period is used at purchase only; the change is recorded and changes nothing in the cloud")},
		"more VPCs than units": {map[string]any{"vpcNum": 5, "bindVpcs": append(three, map[string]any{"vpcId": "vpc-e", "vswitchId": "vsw-e"}, map[string]any{"vpcId": "vpc-f", "vswitchId": "vsw-f"}, map[string]any{"vpcId": "vpc-g", "vswitchId": "vsw-g"})}, says("bindVpcs has 6 elements and vpcNum is 5")},
	} {
		b.Hush()
		b.PreviewUpdate(old, b.Checked(wire.Change(old.Inputs, c.change)))
		if said := warned(b); !slices.EqualFunc(said, c.says, strings.Contains) {
			t.Errorf("updating with %s says %q, want %q", name, said, c.says)
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

// TestPreviewWarnsOfZones: where there is one zone, one is the norm; where no list is known, none is held against it.
func TestPreviewWarnsOfZones(t *testing.T) {
	t.Parallel()
	for region, c := range map[string]struct {
		zones []string
		says  string
	}{
		"ap-southeast-6":       {[]string{"ap-southeast-6a"}, ""},
		"ap-southeast-7":       {[]string{"ap-southeast-7a"}, ""},
		"ap-southeast-1":       {[]string{"ap-southeast-1a", "ap-southeast-1d"}, `"ap-southeast-1d": not among the zones`},
		"eu-central-1":         {[]string{"eu-central-1a", "eu-central-1z"}, ""},
		"cn-beijing-finance-1": {[]string{"cn-beijing-finance-1a", "cn-beijing-finance-1b"}, ""},
	} {
		b := wire.New(t, wire.Options{Emulator: emulator.Options{Regions: []string{region}}, Config: map[string]any{"verifyNetwork": false}})
		b.PreviewCreate(b.Checked(subscription("zoneIds", c.zones)))
		if said := b.Said(); (said != "") != (c.says != "") || !strings.Contains(said, c.says) {
			t.Errorf("%s: the preview says %q, want %q", region, said, c.says)
		}
	}
}

// TestPreviewWarnsOfAMissingRegion: it is the commonest first mistake, and the zones cannot be checked without it. Nothing is called.
func TestPreviewWarnsOfAMissingRegion(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		region any
		env    string
		says   string
	}{
		"none":               {nil, "", "no region is set, and there is no default: set it with `pulumi config set alicloud-kms:region"},
		"of the environment": {nil, "cn-hangzhou", ""},
		"unknown":            {wire.Unknown, "", ""},
	} {
		b := wire.New(t, wire.Options{
			Config: map[string]any{"region": c.region, "ignoreInstances": []string{"*"}, "verifyNetwork": false}, Wrap: unplugged(t),
			Getenv: func(name string) string {
				if name == "ALICLOUD_REGION" {
					return c.env
				}
				return ""
			},
		})
		b.PreviewCreate(b.Checked(wire.Subscription(nil)))
		if said := b.Said(); (said != "") != (c.says != "") || !strings.Contains(said, c.says) {
			t.Errorf("%s: the preview says %q, want %q", name, said, c.says)
		}
	}
}

// TestNoQuotaOfPayAsYouGo: an instance that pays by use for each VPC is not warned of a quota.
func TestNoQuotaOfPayAsYouGo(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{Config: map[string]any{"verifyNetwork": false}})
	old := b.Created(b.Checked(wire.PayAsYouGo(nil)))
	b.Hush()
	b.PreviewUpdate(old, b.Checked(wire.PayAsYouGo(map[string]any{"bindVpcs": []map[string]any{{"vpcId": "vpc-b", "vswitchId": "vsw-b"}}})))
	if said := b.Said(); said != "" {
		t.Errorf("the preview says %q", said)
	}
}

// TestPreviewOfAnUpdateThatGoesOn: what an earlier run has not got to is foretold as the program gives it, not as it still is.
func TestPreviewOfAnUpdateThatGoesOn(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{})
	inject(t, b, emulator.Fault{Action: "UpdateKmsInstance", Kind: emulator.FaultRefuse, Count: 1})
	program := b.Checked(wire.Subscription(map[string]any{"instanceName": "mine", "tags": map[string]any{"a": "b"}, "deletionProtection": true}))
	half := b.Create(program, 0)
	if len(half.Reasons) != 1 {
		t.Fatalf("the create ends with %q, %v", half.Reasons, half.Err)
	}
	foretold := b.PreviewUpdate(half.Resource, program)
	became := b.Updated(half.Resource, program)
	for _, name := range []string{"instanceName", "tags", "deletionProtection", "vpcId", "keyNum", "paymentType"} {
		if v := foretold.Get(name); !v.Equals(became.Outputs.Get(name)) {
			t.Errorf("%s is foretold as %#v and became %#v", name, v, became.Outputs.Get(name))
		}
	}
}
