package wire_test

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/wire"
)

// diffRow says what changes of one property are to Diff.
type diffRow struct {
	with map[string]any // what else the program has
	// old and new are two values, and path and kind the change between them, if they are not the property's name and UPDATE.
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
	vpcs := func(first, second string) []any {
		return []any{map[string]any{"vpcId": "vpc-" + first[:1], "vswitchId": "vsw-" + first}, map[string]any{"vpcId": "vpc-" + second[:1], "vswitchId": "vsw-" + second}}
	}
	off := func(name string) map[string]string { return map[string]string{name: "UPDATE"} }
	rows := map[string]diffRow{
		"vpcId":                    {old: "vpc-a", new: "vpc-b", kind: replacing, required: true},
		"zoneIds":                  {old: []string{"cn-hangzhou-k", "cn-hangzhou-j"}, new: []string{"cn-hangzhou-h", "cn-hangzhou-k"}, path: "zoneIds[0]", kind: "ADD_REPLACE", required: true, same: []string{"cn-hangzhou-j", "cn-hangzhou-k"}},
		"vswitchIds":               {old: []string{"vsw-a", "vsw-b"}, new: []string{"vsw-c", "vsw-b"}, path: "vswitchIds[0]", kind: replacing, required: true, same: []string{"vsw-b", "vsw-a"}},
		"paymentType":              {old: "Subscription", new: "PayAsYouGo", kind: replacing, empty: "Subscription"},
		"productVersion":           {old: "5", new: "3", computed: true},
		"spec":                     {old: 1000, new: 2000, computed: true},
		"keyNum":                   {old: 100, new: 200, computed: true},
		"secretNum":                {old: 5, new: 0, computed: true},
		"vpcNum":                   {old: 2, new: 3, computed: true},
		"log":                      {old: "0", new: "1", computed: true},
		"logStorage":               {old: 1000, new: 2000, computed: true},
		"period":                   {old: 1, new: 12},
		"renewStatus":              {with: map[string]any{"renewPeriod": 1}, old: "AutoRenewal", new: "NotRenewal", computed: true},
		"renewPeriod":              {with: map[string]any{"renewStatus": "ManualRenewal"}, old: 12, new: 6},
		"renewalPeriodUnit":        {with: map[string]any{"renewStatus": "AutoRenewal", "renewPeriod": 1}, old: "Y", new: "M", empty: "M", emptied: off("renewalPeriodUnit")},
		"bindVpcs":                 {old: vpcs("b", "c"), new: vpcs("b", "cd"), path: "bindVpcs[1].vswitchId", empty: []any{}, emptied: map[string]string{"bindVpcs[0]": "DELETE", "bindVpcs[1]": "DELETE"}, same: vpcs("c", "b")},
		"instanceName":             {old: "first", new: "second", computed: true},
		"deletionProtection":       {old: true, new: false, empty: false, emptied: off("deletionProtection")},
		"forceDeleteWithoutBackup": {old: true, new: false, empty: false, emptied: off("forceDeleteWithoutBackup")},
		"tags":                     {old: map[string]string{"a": "1", "b": "2"}, new: map[string]string{"a": "1", "b": "3"}, path: "tags.b", empty: map[string]string{}, emptied: map[string]string{"tags.a": "DELETE", "tags.b": "DELETE"}},
	}
	for name, row := range rows {
		row.path, row.kind = cmp.Or(row.path, name), cmp.Or(row.kind, "UPDATE")
		rows[name] = row
	}
	return rows
}

// Each property is updated, replaced or left alone as the table of inputs says, whether it is changed, put in or taken out.
// Promise (Changes): Each input is updated, ordered or replaced as the reference says; the order of a set is no change.
func TestDiffOfEachProperty(t *testing.T) {
	b := fresh(t)
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
			if err != nil || !maps.Equal(plan.Kinds, kinds) || plan.Changes != (len(kinds) > 0) {
				t.Errorf("%s, %s: planned %v, want %v (%v)", name, what, plan.Kinds, kinds, err)
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
		want("unknown", old, old.Inputs.Set(name, wire.Unknown), map[string]string{name: strings.Replace(row.kind, "ADD", "UPDATE", 1)})

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
	for _, name := range inputNames() {
		if _, ok := rows[name]; !ok {
			t.Errorf("the input %s has no row here", name)
		}
	}
}

// Diff names the path of each change inside lists and maps, and sees none between values that mean the same.
func TestDiffPaths(t *testing.T) {
	b := fresh(t)
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
		"12 months are a year":        {renewal("AutoRenewal", 12, "M"), renewal("AutoRenewal", 1, "Y"), nil},
		"12 months are not 12 years":  {renewal("ManualRenewal", 12, "M"), renewal("ManualRenewal", 12, "Y"), map[string]string{"renewalPeriodUnit": "UPDATE"}},
		"a VPC more":                  {vpcs(vpc("b", nil)), vpcs(vpc("b", nil), vpc("c", nil)), map[string]string{"bindVpcs[1]": "ADD"}},
		"the first VPC less":          {vpcs(vpc("b", nil), vpc("c", nil)), vpcs(vpc("c", nil)), map[string]string{"bindVpcs[0]": "DELETE"}},
		"another VPC and other order": {vpcs(vpc("b", nil), vpc("c", nil)), vpcs(vpc("c", nil), vpc("d", nil)), map[string]string{"bindVpcs[0]": "DELETE", "bindVpcs[1]": "ADD"}},
		"the provider's region said":  {vpcs(vpc("b", nil)), vpcs(vpc("b", map[string]any{"regionId": "cn-hangzhou"})), nil},
		"an owner said":               {vpcs(vpc("b", nil)), vpcs(vpc("b", map[string]any{"vpcOwnerId": "1"})), nil},
		"another owner":               {vpcs(vpc("b", map[string]any{"vpcOwnerId": "1"})), vpcs(vpc("b", map[string]any{"vpcOwnerId": "2"})), map[string]string{"bindVpcs[0].vpcOwnerId": "UPDATE"}},
		"an unknown vSwitch of a VPC": {vpcs(vpc("b", nil), vpc("c", nil)), vpcs(vpc("b", nil), vpc("c", map[string]any{"vswitchId": wire.Unknown})), map[string]string{"bindVpcs[1].vswitchId": "UPDATE"}},
		"tags":                        {tags(map[string]any{"stays": "1", "goes": "1", "changes": "1"}), tags(map[string]any{"stays": "1", "comes": "1", "changes": "2"}), map[string]string{"tags.goes": "DELETE", "tags.comes": "ADD", "tags.changes": "UPDATE"}},
		"tags with odd keys":          {tags(map[string]any{"a/b": "1", "日本": "1"}), tags(map[string]any{"a/b": "2", "x.y": "1"}), map[string]string{`tags["a/b"]`: "UPDATE", `tags["日本"]`: "DELETE", `tags["x.y"]`: "ADD"}},
		"tags of the cloud":           {tags(map[string]any{"mine": "1", "acs:rm:rgId": "x", "aliyun-y": "z"}), tags(map[string]any{"mine": "1"}), nil},
		"a zone more":                 {zones("cn-hangzhou-j"), zones("cn-hangzhou-h", "cn-hangzhou-j"), map[string]string{"zoneIds[0]": "ADD_REPLACE"}},
		"an unknown zone":             {zones("cn-hangzhou-h", "cn-hangzhou-j"), zones("cn-hangzhou-h", wire.Unknown), map[string]string{"zoneIds[1]": replacing}},
		"a secret that was none":      {tags(map[string]any{"a": "1"}), tags(map[string]any{"a": wire.Secret("1")}), nil},
		"a secret with another value": {tags(map[string]any{"a": wire.Secret("1")}), tags(map[string]any{"a": wire.Secret("2")}), map[string]string{"tags.a": "UPDATE"}},
		"several properties":          {map[string]any{"keyNum": 100, "instanceName": "a"}, map[string]any{"keyNum": 200, "vpcId": "vpc-z"}, map[string]string{"keyNum": "UPDATE", "vpcId": replacing}},
		"null is absent":              {map[string]any{"instanceName": nil, "period": 1}, map[string]any{"instanceName": null, "period": null}, map[string]string{"period": "DELETE"}},
	} {
		inputs := withDefaults(wire.Subscription(c.old))
		old := wire.Resource{ID: "kst-x", Inputs: inputs, Outputs: inputs.Set("status", property.New("Connected"))}
		plan, err := b.Diff(old, withDefaults(wire.Subscription(c.new)))
		if err != nil || !maps.Equal(plan.Kinds, c.kinds) || plan.Changes != (len(c.kinds) > 0) {
			t.Errorf("%s: planned %v, want %v (%v)", name, plan.Kinds, c.kinds, err)
		}
	}
}

// A planned replacement is warned of with its reasons, and fails while the instance is protected, in the cloud or in the record.
func TestReplacementIsWarnedOf(t *testing.T) {
	b := fresh(t)
	free, protected := b.Created(wire.Subscription(nil)), b.Another().Created(wire.Subscription(map[string]any{"deletionProtection": true}))
	unreported := protected
	unreported.Outputs = unreported.Outputs.Delete("deletionProtection")
	both := map[string]any{"vpcId": "vpc-z", "vswitchIds": []string{"vsw-z"}}
	for name, c := range map[string]struct {
		old        wire.Resource
		change     map[string]any
		says, errs string
	}{
		"zoneIds":                 {free, map[string]any{"zoneIds": []string{"cn-hangzhou-h"}}, "zoneIds changes, and a connected instance cannot move to other zones", ""},
		"paymentType":             {free, map[string]any{"paymentType": "PayAsYouGo"}, "paymentType changes, and the payment type of an instance cannot be changed", ""},
		"two at once":             {free, both, "vpcId changes, and a connected instance cannot move to another VPC; vswitchIds changes", ""},
		"unknown":                 {free, map[string]any{"vpcId": wire.Unknown}, "vpcId changes", ""},
		"in place":                {free, map[string]any{"keyNum": 2000}, "", ""},
		"protected":               {protected, both, "", protected.ID + " cannot be replaced (vpcId, vswitchIds changes): its deletion protection is on"},
		"protected until now":     {protected, map[string]any{"vpcId": "vpc-z", "deletionProtection": false}, "", "Nothing was bought"},
		"protected, unknown":      {protected, map[string]any{"vpcId": wire.Unknown}, "", "its deletion protection is on"},
		"protected, in place":     {protected, map[string]any{"keyNum": 2000}, "", ""},
		"protected, not reported": {unreported, both, "", "deletion protection is on"},
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

// A refresh keeps a recorded payment type that is not the cloud's, warns of it, and plans nothing.
func TestReplacementOfARecord(t *testing.T) {
	b := fresh(t)
	stale := b.Created(wire.Subscription(map[string]any{"deletionProtection": true}))
	stale.Inputs = stale.Inputs.Set("paymentType", property.New("PayAsYouGo"))
	refreshed := b.Refresh(stale)
	wantKept(t, refreshed, stale.ID)
	if in, out := refreshed.Inputs.Get("paymentType"), refreshed.Outputs.Get("paymentType"); !in.Equals(property.New("PayAsYouGo")) || !out.Equals(property.New("Subscription")) {
		t.Errorf("the refresh gives %#v and %#v", in, out)
	}
	wantSaid(t, "the output", b.Said(), "reports paymentType Subscription")
	b.Hush()
	if plan, err := b.RefreshDiff(stale, refreshed.Resource); err != nil || plan.Changes || b.Said() != "" {
		t.Errorf("the refresh plans %v, fails with %v, says %q", plan.Kinds, err, b.Said())
	}
}

// The owner of a bound VPC matters as soon as a program names it, and a binding that is there stays as it is.
func TestBindingOwners(t *testing.T) {
	t.Parallel()
	bound := func(owner any) property.Map {
		return wire.Subscription(map[string]any{"bindVpcs": append(bindVpc(map[string]any{"vpcOwnerId": owner}), map[string]any{"vpcId": "vpc-c", "vswitchId": "vsw-c"})})
	}
	b := wire.New(t, wire.Options{})
	made := b.Created(wire.Subscription(map[string]any{"bindVpcs": bindVpc(nil)}))
	patch(t, b, made.ID, emulator.Patch{BindVpcs: []emulator.BindVpc{{VpcID: "vpc-b", VSwitchID: "vsw-b", RegionID: "cn-hangzhou", VpcOwnerID: theirs.AccountID}}})
	wantOwner := func(owner string) {
		t.Helper()
		if i, _ := b.Cloud.Instance(made.ID); len(i.BindVpcs) != 2 || i.BindVpcs[0].VpcOwnerID != owner {
			t.Errorf("bound are %+v, want the owner %s", i.BindVpcs, owner)
		}
	}
	both := b.Updated(b.Refresh(made).Resource, bound(nil))
	wantOwner(theirs.AccountID)
	for owner, changes := range map[string]bool{theirs.AccountID: false, emulator.DefaultAccountID: true} {
		if plan, err := b.Diff(both, b.Checked(bound(owner))); err != nil || plan.Changes != changes {
			t.Errorf("naming the owner %s plans %+v, %v", owner, plan, err)
		}
	}
	b.Updated(both, bound(emulator.DefaultAccountID))
	wantOwner(emulator.DefaultAccountID)
}
