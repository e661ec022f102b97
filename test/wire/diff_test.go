package wire_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/wire"
)

// diffRow says what changes of one property are to Diff.
type diffRow struct {
	with map[string]any // what else the program has
	// old and new are two values, and path and kind the change between them.
	old, new   any
	path, kind string
	// same means the same as old, empty the same as an absent property; nil if there is no such value.
	same, empty any
	emptied     map[string]string // the changes from old to empty
	required    bool
	computed    bool // taken out, it is left to the cloud: no change
}

const replacing = "UPDATE_REPLACE"

// diffRows has a row for each input.
func diffRows() map[string]diffRow {
	return map[string]diffRow{
		"vpcId":                    {old: "vpc-a", new: "vpc-b", path: "vpcId", kind: replacing, required: true},
		"zoneIds":                  {old: []string{"cn-hangzhou-k", "cn-hangzhou-j"}, new: []string{"cn-hangzhou-h", "cn-hangzhou-k"}, path: "zoneIds[0]", kind: "ADD_REPLACE", required: true, same: []string{"cn-hangzhou-j", "cn-hangzhou-k"}},
		"vswitchIds":               {old: []string{"vsw-a", "vsw-b"}, new: []string{"vsw-c", "vsw-b"}, path: "vswitchIds[0]", kind: replacing, required: true, same: []string{"vsw-b", "vsw-a"}},
		"paymentType":              {old: "Subscription", new: "PayAsYouGo", path: "paymentType", kind: replacing, empty: "Subscription"},
		"productVersion":           {old: "5", new: "3", path: "productVersion", kind: "UPDATE", computed: true},
		"spec":                     {old: 1000, new: 2000, path: "spec", kind: "UPDATE", computed: true},
		"keyNum":                   {old: 100, new: 200, path: "keyNum", kind: "UPDATE", computed: true},
		"secretNum":                {old: 5, new: 0, path: "secretNum", kind: "UPDATE", computed: true},
		"vpcNum":                   {old: 2, new: 3, path: "vpcNum", kind: "UPDATE", computed: true},
		"log":                      {old: "0", new: "1", path: "log", kind: "UPDATE", computed: true},
		"logStorage":               {old: 1000, new: 2000, path: "logStorage", kind: "UPDATE", computed: true},
		"period":                   {old: 1, new: 12, path: "period", kind: "UPDATE"},
		"renewStatus":              {with: map[string]any{"renewPeriod": 1}, old: "AutoRenewal", new: "NotRenewal", path: "renewStatus", kind: "UPDATE", computed: true},
		"renewPeriod":              {with: map[string]any{"renewStatus": "ManualRenewal"}, old: 12, new: 6, path: "renewPeriod", kind: "UPDATE"},
		"renewalPeriodUnit":        {with: map[string]any{"renewStatus": "AutoRenewal", "renewPeriod": 1}, old: "Y", new: "M", path: "renewalPeriodUnit", kind: "UPDATE", empty: "M", emptied: map[string]string{"renewalPeriodUnit": "UPDATE"}},
		"bindVpcs":                 {old: twoVpcs("vsw-c"), new: twoVpcs("vsw-d"), path: "bindVpcs[1].vswitchId", kind: "UPDATE", empty: []any{}, emptied: map[string]string{"bindVpcs[0]": "DELETE", "bindVpcs[1]": "DELETE"}, same: reversed(twoVpcs("vsw-c"))},
		"instanceName":             {old: "first", new: "second", path: "instanceName", kind: "UPDATE", computed: true},
		"deletionProtection":       {old: true, new: false, path: "deletionProtection", kind: "UPDATE", empty: false, emptied: map[string]string{"deletionProtection": "UPDATE"}},
		"forceDeleteWithoutBackup": {old: true, new: false, path: "forceDeleteWithoutBackup", kind: "UPDATE", empty: false, emptied: map[string]string{"forceDeleteWithoutBackup": "UPDATE"}},
		"tags":                     {old: map[string]string{"a": "1", "b": "2"}, new: map[string]string{"a": "1", "b": "3"}, path: "tags.b", kind: "UPDATE", empty: map[string]string{}, emptied: map[string]string{"tags.a": "DELETE", "tags.b": "DELETE"}},
	}
}

func twoVpcs(vswitch string) []any {
	return []any{map[string]any{"vpcId": "vpc-b", "vswitchId": "vsw-b"}, map[string]any{"vpcId": "vpc-c", "vswitchId": vswitch}}
}

func reversed(items []any) []any {
	items = slices.Clone(items)
	slices.Reverse(items)
	return items
}

// TestDiffOfEachProperty takes each property through its changes, on an instance that was really bought with the old value.
// Promise (Changes): Each input is updated, ordered or replaced as the reference says; the order of a set is no change.
func TestDiffOfEachProperty(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{})
	rows := diffRows()
	for name, row := range rows {
		with := func(v any) property.Map {
			more := map[string]any{"vpcNum": 5, "secretNum": 5}
			maps.Copy(more, row.with)
			more[name] = v
			return withDefaults(wire.Subscription(more))
		}
		want := func(what string, old wire.Resource, news property.Map, kinds map[string]string) {
			t.Helper()
			b.Hush()
			plan, err := b.Diff(old, news)
			if err != nil {
				t.Errorf("%s, %s: %v", name, what, err)
			}
			if !maps.Equal(plan.Kinds, kinds) || plan.Changes != (len(kinds) > 0) {
				t.Errorf("%s, %s: planned %v, want %v", name, what, plan.Kinds, kinds)
			}
			replaces := strings.Contains(row.kind, "REPLACE") && strings.Contains(strings.Join(slices.Collect(maps.Values(kinds)), " "), "REPLACE")
			if replaces != slices.Equal(plan.Replaces, []string{name}) || plan.DeleteFirst {
				t.Errorf("%s, %s: replaces because of %v, delete first: %t", name, what, plan.Replaces, plan.DeleteFirst)
			}
			if warned := strings.Contains(b.Said(), "will be replaced"); warned != replaces {
				t.Errorf("%s, %s: a replacement is warned of: %t, is planned: %t", name, what, warned, replaces)
			}
		}
		none := map[string]string{}
		b := b.Another()
		old := b.Created(with(row.old))
		changed := map[string]string{row.path: row.kind}
		if name == "zoneIds" { // an element moved, so one is added and another removed
			changed["zoneIds[1]"] = "DELETE_REPLACE"
		}

		want("nothing changes", old, old.Inputs, none)
		want("changed", old, with(row.new), changed)
		if row.same != nil {
			want("the same in other words", old, with(row.same), none)
		}
		unknown := map[string]string{name: "UPDATE"}
		if strings.Contains(row.kind, "REPLACE") {
			unknown[name] = replacing
		}
		want("unknown", old, old.Inputs.Set(name, wire.Unknown), unknown)

		// Where the instance has the new value already, the change is not a replacement.
		there := old
		there.Outputs = old.Outputs.Set(name, with(row.new).Get(name))
		inPlace := map[string]string{}
		for path, kind := range changed {
			inPlace[path] = strings.TrimSuffix(kind, "_REPLACE")
		}
		want("changed to what the instance is", there, with(row.new), inPlace)

		// Before the instance was connected, all but the payment type can still be changed.
		half := old
		half.Outputs = old.Outputs.Set("status", property.New("Uninitialized")).Delete("vpcId").Delete("zoneIds").Delete("vswitchIds")
		if name == "paymentType" {
			inPlace = changed
		}
		want("changed before it was connected", half, with(row.new), inPlace)

		if row.required {
			continue
		}
		without := b.Another().Created(with(nil))
		if name == "paymentType" { // Check fills it in, but it may be absent in what an import recorded
			without.Inputs = without.Inputs.Delete(name)
		}
		takenOut, putIn := map[string]string{name: "DELETE"}, map[string]string{name: "ADD"}
		isEmpty := row.empty != nil && wire.Value(row.empty).Equals(wire.Value(row.old))
		if row.computed || isEmpty {
			takenOut = none
		}
		if isEmpty || without.Outputs.Get(name).Equals(wire.Value(row.old)) {
			putIn = none
		}
		want("taken out", old, without.Inputs, takenOut)
		want("put in", without, with(row.old), putIn)
		if shown, ok := without.Outputs.GetOk(name); ok {
			want("put in as the instance is", without, without.Inputs.Set(name, shown), none)
		}
		if row.empty != nil {
			want("from absent to empty", without, with(row.empty), none)
			empty := without
			empty.Inputs = with(row.empty)
			want("from empty to absent", empty, without.Inputs, none)
			want("from set to empty", old, with(row.empty), row.emptied)
		}
	}
	for _, name := range inputsInSchema(t, b) {
		if _, ok := rows[name]; !ok {
			t.Errorf("the input %s has no row here", name)
		}
	}
}

// inputsInSchema are the inputs of KmsInstance as programs know them.
func inputsInSchema(t *testing.T, b *wire.Bench) []string {
	t.Helper()
	resp, err := b.Server.GetSchema(t.Context(), &pulumirpc.GetSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	var spec schema.PackageSpec
	if err := json.Unmarshal([]byte(resp.GetSchema()), &spec); err != nil {
		t.Fatal(err)
	}
	names := slices.Sorted(maps.Keys(spec.Resources[string(b.URN.Type())].InputProperties))
	if len(names) < 20 {
		t.Fatalf("the schema has only the inputs %v", names)
	}
	return names
}

// TestDiffPaths compares inputs of several parts, and values that mean the same.
func TestDiffPaths(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{})
	renewal := func(status string, period int, unit any) map[string]any {
		return map[string]any{"renewStatus": status, "renewPeriod": period, "renewalPeriodUnit": unit}
	}
	vpc := func(letter string, more map[string]any) map[string]any {
		m := map[string]any{"vpcId": "vpc-" + letter, "vswitchId": "vsw-" + letter}
		maps.Copy(m, more)
		return m
	}
	vpcs := func(list ...any) map[string]any { return map[string]any{"bindVpcs": list} }
	tags := func(m map[string]any) map[string]any { return map[string]any{"tags": m} }
	zones := func(list ...any) map[string]any { return map[string]any{"zoneIds": list} }
	for name, c := range map[string]struct {
		old, new map[string]any
		kinds    map[string]string
	}{
		"12 months are a year":          {renewal("AutoRenewal", 12, "M"), renewal("AutoRenewal", 1, "Y"), nil},
		"a year is 12 months":           {renewal("AutoRenewal", 1, "Y"), renewal("AutoRenewal", 12, nil), nil},
		"12 months are not 12 years":    {renewal("ManualRenewal", 12, "M"), renewal("ManualRenewal", 12, "Y"), map[string]string{"renewalPeriodUnit": "UPDATE"}},
		"from months to years":          {renewal("AutoRenewal", 6, nil), renewal("AutoRenewal", 2, "Y"), map[string]string{"renewPeriod": "UPDATE", "renewalPeriodUnit": "ADD"}},
		"a VPC more":                    {vpcs(vpc("b", nil)), vpcs(vpc("b", nil), vpc("c", nil)), map[string]string{"bindVpcs[1]": "ADD"}},
		"a VPC more, in front":          {vpcs(vpc("b", nil)), vpcs(vpc("c", nil), vpc("b", nil)), map[string]string{"bindVpcs[0]": "ADD"}},
		"the first VPC less":            {vpcs(vpc("b", nil), vpc("c", nil)), vpcs(vpc("c", nil)), map[string]string{"bindVpcs[0]": "DELETE"}},
		"another VPC and other order":   {vpcs(vpc("b", nil), vpc("c", nil)), vpcs(vpc("c", nil), vpc("d", nil)), map[string]string{"bindVpcs[0]": "DELETE", "bindVpcs[1]": "ADD"}},
		"another VPC in its place":      {vpcs(vpc("b", nil)), vpcs(vpc("c", nil)), map[string]string{"bindVpcs[0].vpcId": "UPDATE", "bindVpcs[0].vswitchId": "UPDATE"}},
		"the provider's region said":    {vpcs(vpc("b", nil)), vpcs(vpc("b", map[string]any{"regionId": "cn-hangzhou"})), nil},
		"an owner said":                 {vpcs(vpc("b", nil)), vpcs(vpc("b", map[string]any{"vpcOwnerId": "1"})), nil},
		"an owner no longer said":       {vpcs(vpc("b", map[string]any{"vpcOwnerId": "1"})), vpcs(vpc("b", nil)), nil},
		"another owner":                 {vpcs(vpc("b", map[string]any{"vpcOwnerId": "1"})), vpcs(vpc("b", map[string]any{"vpcOwnerId": "2"})), map[string]string{"bindVpcs[0].vpcOwnerId": "UPDATE"}},
		"an unknown VPC":                {vpcs(vpc("b", nil), vpc("c", nil)), vpcs(vpc("b", nil), wire.Unknown), map[string]string{"bindVpcs[1]": "UPDATE"}},
		"an unknown vSwitch of a VPC":   {vpcs(vpc("b", nil), vpc("c", nil)), vpcs(vpc("b", nil), vpc("c", map[string]any{"vswitchId": wire.Unknown})), map[string]string{"bindVpcs[1].vswitchId": "UPDATE"}},
		"tags":                          {tags(map[string]any{"stays": "1", "goes": "1", "changes": "1"}), tags(map[string]any{"stays": "1", "comes": "1", "changes": "2"}), map[string]string{"tags.goes": "DELETE", "tags.comes": "ADD", "tags.changes": "UPDATE"}},
		"tags with odd keys":            {tags(map[string]any{"a/b": "1", "日本": "1"}), tags(map[string]any{"a/b": "2", "x.y": "1"}), map[string]string{`tags["a/b"]`: "UPDATE", `tags["日本"]`: "DELETE", `tags["x.y"]`: "ADD"}},
		"tags of the cloud":             {tags(map[string]any{"mine": "1", "acs:rm:rgId": "x", "aliyun-y": "z"}), tags(map[string]any{"mine": "1"}), nil},
		"an unknown tag":                {tags(map[string]any{"a": "1", "b": "1"}), tags(map[string]any{"a": "1", "b": wire.Unknown}), map[string]string{"tags.b": "UPDATE"}},
		"three zones in another order":  {zones("cn-hangzhou-h", "cn-hangzhou-j", "cn-hangzhou-k"), zones("cn-hangzhou-k", "cn-hangzhou-h", "cn-hangzhou-j"), nil},
		"a zone more":                   {zones("cn-hangzhou-j"), zones("cn-hangzhou-h", "cn-hangzhou-j"), map[string]string{"zoneIds[0]": "ADD_REPLACE"}},
		"a zone less":                   {zones("cn-hangzhou-h", "cn-hangzhou-j"), zones("cn-hangzhou-j"), map[string]string{"zoneIds[0]": "DELETE_REPLACE"}},
		"an unknown zone":               {zones("cn-hangzhou-h", "cn-hangzhou-j"), zones("cn-hangzhou-h", wire.Unknown), map[string]string{"zoneIds[1]": replacing}},
		"a secret that was none":        {tags(map[string]any{"a": "1"}), tags(map[string]any{"a": wire.Secret("1")}), nil},
		"a secret with another value":   {tags(map[string]any{"a": wire.Secret("1")}), tags(map[string]any{"a": wire.Secret("2")}), map[string]string{"tags.a": "UPDATE"}},
		"several properties":            {map[string]any{"keyNum": 100, "instanceName": "a"}, map[string]any{"keyNum": 200, "vpcId": "vpc-z"}, map[string]string{"keyNum": "UPDATE", "vpcId": replacing}},
		"null is absent":                {map[string]any{"instanceName": nil, "period": 1}, map[string]any{"instanceName": null, "period": null}, map[string]string{"period": "DELETE"}},
		"a null field of a VPC, absent": {vpcs(vpc("b", nil)), vpcs(vpc("b", map[string]any{"regionId": null})), nil},
	} {
		inputs := withDefaults(wire.Subscription(c.old))
		old := wire.Resource{ID: "kst-x", Inputs: inputs, Outputs: inputs.Set("status", property.New("Connected"))}
		plan, err := b.Diff(old, withDefaults(wire.Subscription(c.new)))
		if err != nil || !maps.Equal(plan.Kinds, c.kinds) || plan.Changes != (len(c.kinds) > 0) {
			t.Errorf("%s: planned %v, want %v (%v)", name, plan.Kinds, c.kinds, err)
		}
	}
}

// TestReplacementIsWarnedOf: the warning names the instance, each property and why; a protected instance is an error, unless
// it is not sure yet that it must go, or a refresh asks.
func TestReplacementIsWarnedOf(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{})
	free, protected := b.Created(wire.Subscription(nil)), b.Another().Created(wire.Subscription(map[string]any{"deletionProtection": true}))
	both := map[string]any{"vpcId": "vpc-z", "vswitchIds": []string{"vsw-z"}}
	for name, c := range map[string]struct {
		old        wire.Resource
		change     map[string]any
		says, errs string
	}{
		"vpcId":        {free, map[string]any{"vpcId": "vpc-z"}, "vpcId changes, and a connected instance cannot move to another VPC", ""},
		"zoneIds":      {free, map[string]any{"zoneIds": []string{"cn-hangzhou-h"}}, "zoneIds changes, and a connected instance cannot move to other zones", ""},
		"vswitchIds":   {free, map[string]any{"vswitchIds": []string{"vsw-z"}}, "vswitchIds changes, and a connected instance cannot move to another vSwitch", ""},
		"paymentType":  {free, map[string]any{"paymentType": "PayAsYouGo"}, "paymentType changes, and the payment type of an instance cannot be changed", ""},
		"two at once":  {free, both, "to another VPC; vswitchIds changes", ""},
		"unknown":      {free, map[string]any{"vpcId": wire.Unknown}, "vpcId changes", ""},
		"in place":     {free, map[string]any{"keyNum": 2000}, "", ""},
		"protected":    {protected, both, "", protected.ID + " cannot be replaced (vpcId, vswitchIds changes): its deletion protection is on"},
		"protected, 1": {protected, map[string]any{"vpcId": "vpc-z", "deletionProtection": false}, "", "Nothing was bought"},
		"not sure yet": {protected, map[string]any{"vpcId": wire.Unknown}, "", "its deletion protection is on"},
		"kept":         {protected, map[string]any{"keyNum": 2000}, "", ""},
	} {
		b.Hush()
		_, err := b.Diff(c.old, wire.Change(c.old.Inputs, c.change))
		if (err != nil) != (c.errs != "") || err != nil && !strings.Contains(err.Error(), c.errs) {
			t.Errorf("%s: %v, want %q", name, err, c.errs)
		}
		said := b.Said()
		if (said != "") != (c.says != "") || !strings.Contains(said, c.says) || c.says != "" && !strings.Contains(said, "warning: "+c.old.ID+" will be replaced") {
			t.Errorf("%s: said %q, want %q", name, said, c.says)
		}
	}
}

// TestReplacementOfARecord: a record of another payment type than the cloud's plans nothing in a refresh, which keeps the input, and
// neither warns nor fails.
func TestReplacementOfARecord(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{})
	stale := b.Created(wire.Subscription(map[string]any{"deletionProtection": true}))
	stale.Inputs = stale.Inputs.Set("paymentType", property.New("PayAsYouGo"))
	refreshed := b.Refresh(stale)
	b.MustHaveWorked(refreshed)
	if !refreshed.Inputs.Get("paymentType").Equals(property.New("PayAsYouGo")) || !refreshed.Outputs.Get("paymentType").Equals(property.New("Subscription")) {
		t.Errorf("the refresh gives %v and %v", wire.Go(refreshed.Inputs), wire.Go(refreshed.Outputs))
	}
	wantSaid(t, "the output", b.Said(), "reports paymentType Subscription")
	b.Hush()
	plan, err := b.RefreshDiff(stale, refreshed.Resource)
	if err != nil || plan.Changes || b.Said() != "" {
		t.Errorf("the refresh plans %v, fails with %v, says %q", plan.Kinds, err, b.Said())
	}
}

// TestProtectionThatIsNotReported: the program's word protects an instance whose protection the cloud does not report.
func TestProtectionThatIsNotReported(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{})
	old := b.Created(wire.Subscription(map[string]any{"deletionProtection": true}))
	old.Outputs = old.Outputs.Delete("deletionProtection")
	if _, err := b.Diff(old, wire.Change(old.Inputs, map[string]any{"vpcId": "vpc-z"})); err == nil || !strings.Contains(err.Error(), "deletion protection is on") {
		t.Errorf("the replacement is planned: %v", err)
	}
}

// TestBindingOwners: who owns a bound VPC matters as soon as a program says it, and a binding that is there stays as it is.
func TestBindingOwners(t *testing.T) {
	t.Parallel()
	const theirs = "2222222222222222"
	bound := func(bindings ...map[string]any) map[string]any { return map[string]any{"bindVpcs": bindings} }
	a := map[string]any{"vpcId": "vpc-b", "vswitchId": "vsw-b"}
	more := map[string]any{"vpcId": "vpc-c", "vswitchId": "vsw-c"}
	owned := func(owner string) map[string]any {
		return map[string]any{"vpcId": "vpc-b", "vswitchId": "vsw-b", "vpcOwnerId": owner}
	}
	b := wire.New(t, wire.Options{})
	made := b.Created(wire.Subscription(bound(a)))
	foreign := []emulator.BindVpc{{VpcID: "vpc-b", VSwitchID: "vsw-b", RegionID: "cn-hangzhou", VpcOwnerID: theirs}}
	if _, err := b.Cloud.Change(made.ID, emulator.Patch{BindVpcs: foreign}); err != nil {
		t.Fatal(err)
	}
	old := b.Refresh(made).Resource

	both := b.Updated(old, b.Checked(wire.Subscription(bound(a, more))))
	if i, _ := b.Cloud.Instance(made.ID); len(i.BindVpcs) != 2 || i.BindVpcs[0].VpcOwnerID != theirs {
		t.Errorf("another binding makes of the first %+v", i.BindVpcs)
	}
	if plan, err := b.Diff(both, b.Checked(wire.Subscription(bound(owned(theirs), more)))); err != nil || plan.Changes {
		t.Errorf("naming the owner that it has plans %+v, %v", plan, err)
	}
	mine := b.Checked(wire.Subscription(bound(owned(emulator.DefaultAccountID), more)))
	if plan, err := b.Diff(both, mine); err != nil || !plan.Changes {
		t.Errorf("naming another owner plans %+v, %v", plan, err)
	}
	b.Updated(both, mine)
	if i, _ := b.Cloud.Instance(made.ID); len(i.BindVpcs) != 2 || i.BindVpcs[0].VpcOwnerID != emulator.DefaultAccountID {
		t.Errorf("naming another owner makes %+v", i.BindVpcs)
	}
}
