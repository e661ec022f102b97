package kmsinstance

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

const testRegion = "cn-hangzhou"

func ptr[T any](v T) *T { return &v }

// TestPlan holds what is planned against what differs: nothing more, and nothing less.
func TestPlan(t *testing.T) {
	t.Parallel()
	vpc := func(id string, owner json.Number) cloud.BindVpc {
		return cloud.BindVpc{VpcID: "vpc-" + id, VswitchID: "vsw-" + id, RegionID: testRegion, VpcOwnerID: owner}
	}
	vpcs := func(list ...cloud.BindVpc) *[]cloud.BindVpc { return &list }
	manual, auto := &cloud.Renewal{Status: cloud.ManualRenewal}, &cloud.Renewal{Status: cloud.AutoRenewal, Period: 1, Unit: "M"}
	for name, c := range map[string]struct {
		want  Desired
		have  Observed
		steps []Step
	}{
		"nothing is managed": {
			have: Observed{Name: "x", BindVpcs: *vpcs(vpc("a", "1")), Protection: ptr(true), Tags: map[string]string{"k": "v"}},
		},
		"everything at once, in order": {
			want: Desired{
				Sizes: map[string]string{"KeyNum": "2000"}, BindVpcs: vpcs(vpc("b", "1"), vpc("c", "1")), Name: ptr("n"), Renewal: auto,
				Tags: map[string]string{"new": "1"}, TagsExact: true, Protection: ptr(true),
			},
			have: Observed{
				Sizes: map[string]string{"KeyNum": "1000"}, BindVpcs: *vpcs(vpc("a", "1"), vpc("b", "1")), Renewal: manual, Tags: map[string]string{"old": "1"},
			},
			steps: []Step{
				{Action: UnbindVpcs, Vpcs: *vpcs(vpc("b", "1"))}, {Action: OrderSizes, Codes: map[string]string{"KeyNum": "2000"}},
				{Action: BindVpcs, Vpcs: *vpcs(vpc("b", "1"), vpc("c", "1"))}, {Action: Rename, Name: "n"}, {Action: SetRenewal, Renewal: *auto},
				{Action: RemoveTags, TagKeys: []string{"old"}}, {Action: AddTags, Tags: map[string]string{"new": "1"}}, {Action: SwitchProtectionOn},
			},
		},
		"protection goes off before anything else": {
			want: Desired{Name: ptr("n"), Protection: ptr(false)}, have: Observed{Protection: ptr(true)},
			steps: []Step{{Action: SwitchProtectionOff}, {Action: Rename, Name: "n"}},
		},
		"only what differs is ordered, zeros too": {
			want:  Desired{Sizes: map[string]string{"Spec": "1000", "KeyNum": "2000", "SecretNum": "0", "Log": "1", "LogStorage": "0"}},
			have:  Observed{Sizes: map[string]string{"Spec": "1000", "KeyNum": "1000", "SecretNum": "5", "LogStorage": "7", "Log": "0"}},
			steps: []Step{{Action: OrderSizes, Codes: map[string]string{"KeyNum": "2000", "SecretNum": "0", "Log": "1", "LogStorage": "0"}}},
		},
		"the edition is ordered": {
			want: Desired{Sizes: map[string]string{"ProductVersion": "3"}}, have: Observed{Sizes: map[string]string{"ProductVersion": "5"}},
			steps: []Step{{Action: OrderSizes, Codes: map[string]string{"ProductVersion": "3"}}},
		},
		"a size that is not shown is not ordered, nor is a zero": {
			want: Desired{Sizes: map[string]string{"Spec": "1000", "KeyNum": "1000", "ProductVersion": "3", "SecretNum": "0", "LogStorage": "0", "Log": "0", "VpcNum": "0"}},
		},
		"from manual to automatic renewal": {
			want: Desired{Renewal: &cloud.Renewal{Status: cloud.AutoRenewal, Period: 6}}, have: Observed{Renewal: manual},
			steps: []Step{{Action: SetRenewal, Renewal: cloud.Renewal{Status: cloud.AutoRenewal, Period: 6, Unit: "M"}}},
		},
		"from manual to automatic renewal, in years": {
			want: Desired{Renewal: &cloud.Renewal{Status: cloud.AutoRenewal, Period: 2, Unit: "Y"}}, have: Observed{Renewal: manual},
			steps: []Step{{Action: SetRenewal, Renewal: cloud.Renewal{Status: cloud.AutoRenewal, Period: 2, Unit: "Y"}}},
		},
		"from automatic to manual renewal": {
			want: Desired{Renewal: &cloud.Renewal{Status: cloud.ManualRenewal, Period: 6, Unit: "M"}}, have: Observed{Renewal: auto},
			steps: []Step{{Action: SetRenewal, Renewal: cloud.Renewal{Status: cloud.ManualRenewal}}},
		},
		"from automatic to no renewal": {
			want: Desired{Renewal: &cloud.Renewal{Status: cloud.NotRenewal}}, have: Observed{Renewal: auto},
			steps: []Step{{Action: SetRenewal, Renewal: cloud.Renewal{Status: cloud.NotRenewal}}},
		},
		"a renewal that the cloud did not tell is set": {
			want:  Desired{Renewal: &cloud.Renewal{Status: cloud.NotRenewal}},
			steps: []Step{{Action: SetRenewal, Renewal: cloud.Renewal{Status: cloud.NotRenewal}}},
		},
		"a period alone is not set when the cloud tells no renewal": {want: Desired{Renewal: &cloud.Renewal{Period: 3, Unit: "M"}}},
		"a period without automatic renewal is not sent": {
			want: Desired{Renewal: &cloud.Renewal{Status: cloud.ManualRenewal, Period: 3, Unit: "M"}}, have: Observed{Renewal: manual},
		},
		"a period alone follows the setting that is there": {
			want: Desired{Renewal: &cloud.Renewal{Period: 3, Unit: "M"}}, have: Observed{Renewal: auto},
			steps: []Step{{Action: SetRenewal, Renewal: cloud.Renewal{Status: cloud.AutoRenewal, Period: 3, Unit: "M"}}},
		},
		"12 months are a year": {
			want: Desired{Renewal: &cloud.Renewal{Status: cloud.AutoRenewal, Period: 12, Unit: "M"}}, have: Observed{Renewal: &cloud.Renewal{Status: cloud.AutoRenewal, Period: 1, Unit: "Y"}},
		},
		"12 months are not 12 years": {
			want:  Desired{Renewal: &cloud.Renewal{Status: cloud.AutoRenewal, Period: 12, Unit: "M"}},
			have:  Observed{Renewal: &cloud.Renewal{Status: cloud.AutoRenewal, Period: 12, Unit: "Y"}},
			steps: []Step{{Action: SetRenewal, Renewal: cloud.Renewal{Status: cloud.AutoRenewal, Period: 12, Unit: "M"}}},
		},
		"the rest of the bindings stays bound while sizes are ordered": {
			want: Desired{BindVpcs: vpcs(cloud.BindVpc{VpcID: "vpc-b", VswitchID: "vsw-b"}, vpc("c", "2")), Sizes: map[string]string{"VpcNum": "2"}},
			have: Observed{Sizes: map[string]string{"VpcNum": "3"}, BindVpcs: *vpcs(vpc("a", "1"), vpc("b", "1"))},
			steps: []Step{
				{Action: UnbindVpcs, Vpcs: *vpcs(vpc("b", "1"))},
				{Action: OrderSizes, Codes: map[string]string{"VpcNum": "2"}},
				{Action: BindVpcs, Vpcs: *vpcs(vpc("b", "1"), vpc("c", "2"))},
			},
		},
		"a binding without region and owner fits": {
			want: Desired{BindVpcs: vpcs(cloud.BindVpc{VpcID: "vpc-a", VswitchID: "vsw-a"})}, have: Observed{BindVpcs: *vpcs(vpc("a", "1"))},
		},
		"an owner that differs does not fit": {
			want: Desired{BindVpcs: vpcs(vpc("a", "2"))}, have: Observed{BindVpcs: *vpcs(vpc("a", "1"))},
			steps: []Step{{Action: BindVpcs, Vpcs: *vpcs(vpc("a", "2"))}},
		},
		"a changed binding is one call where no order is needed": {
			want: Desired{BindVpcs: vpcs(vpc("b", "1"))}, have: Observed{BindVpcs: *vpcs(vpc("a", "1"))},
			steps: []Step{{Action: BindVpcs, Vpcs: *vpcs(vpc("b", "1"))}},
		},
		"the last binding goes": {
			want: Desired{BindVpcs: &[]cloud.BindVpc{}}, have: Observed{BindVpcs: *vpcs(vpc("a", "1"))},
			steps: []Step{{Action: UnbindVpcs, Vpcs: []cloud.BindVpc{}}},
		},
		"tags": {
			want:  Desired{TagsExact: true, Tags: map[string]string{"stays": "1", "changes": "2", "comes": ""}},
			have:  Observed{Tags: map[string]string{"stays": "1", "changes": "1", "goes": "1", "gone": "1", "aliyun-x": "1", "acs:y": "1"}},
			steps: []Step{{Action: RemoveTags, TagKeys: []string{"goes", "gone"}}, {Action: AddTags, Tags: map[string]string{"changes": "2", "comes": ""}}},
		},
		"tags that the cloud did not tell are set and removed": {
			want:  Desired{Tags: map[string]string{"a": "1"}, DropTags: []string{"c", "b"}},
			steps: []Step{{Action: RemoveTags, TagKeys: []string{"b", "c"}}, {Action: AddTags, Tags: map[string]string{"a": "1"}}},
		},
		"of tags no longer managed only the program's own go": {
			want: Desired{DropTags: []string{"mine", "gone"}}, have: Observed{Tags: map[string]string{"mine": "1", "theirs": "2"}},
			steps: []Step{{Action: RemoveTags, TagKeys: []string{"mine"}}},
		},
		"protection that is off stays off": {want: Desired{Protection: ptr(false)}},
	} {
		c.want.Region = testRegion
		if got := Plan(c.want, c.have); !reflect.DeepEqual(got, c.steps) {
			t.Errorf("%s: planned %+v, want %+v", name, got, c.steps)
		}
	}
}

// TestDesiredWithIgnoreChanges: what is ignored is left as it is, whatever was declared.
func TestDesiredWithIgnoreChanges(t *testing.T) {
	t.Parallel()
	said := property.NewMap(map[string]property.Value{
		"bindVpcs": property.New([]property.Value{}), "deletionProtection": property.New(true),
		"tags": property.New(map[string]property.Value{"a": property.New("1"), "b": property.New("1")}),
	})
	args := Args{
		RenewalSetting: RenewalSetting{RenewStatus: ptr(AutoRenewal)},
		Settings:       Settings{InstanceName: ptr("x"), DeletionProtection: ptr(true), Tags: map[string]string{"a": "1", "b": "1"}},
	}
	args.KeyNum, args.Spec = ptr(2000), ptr(1000)
	declared := []string{"bindVpcs", "deletionProtection", "tags.a", "tags.c"}
	all := desire(args, said, declared, ignoringOf([]string{"*"}), testRegion)
	all.Region = ""
	if !reflect.DeepEqual(all, Desired{Sizes: map[string]string{}}) {
		t.Errorf("with all ignored it is %+v", all)
	}
	for path, wrong := range map[string]func(Desired) bool{
		"keyNum":             func(d Desired) bool { return !maps.Equal(d.Sizes, map[string]string{"Spec": "1000"}) },
		"instanceName":       func(d Desired) bool { return d.Name != nil },
		"renewPeriod":        func(d Desired) bool { return d.Renewal != nil },
		"bindVpcs":           func(d Desired) bool { return d.BindVpcs != nil },
		"bindVpcs[*]":        func(d Desired) bool { return d.BindVpcs != nil },
		"deletionProtection": func(d Desired) bool { return d.Protection != nil },
		"tags":               func(d Desired) bool { return d.TagsExact || d.Tags != nil || d.DropTags != nil },
		"tags[*]":            func(d Desired) bool { return d.TagsExact || d.Tags != nil || d.DropTags != nil },
		"tags.a": func(d Desired) bool {
			return !maps.Equal(d.Tags, map[string]string{"b": "1"}) || !slices.Equal(d.DropTags, []string{"c"}) || !slices.Equal(d.KeepTags, []string{"a"})
		},
		`tags["c"]`: func(d Desired) bool {
			return len(d.Tags) != 2 || len(d.DropTags) > 0 || !slices.Equal(d.KeepTags, []string{"c"})
		},
	} {
		if got := desire(args, said, declared, ignoringOf([]string{path}), testRegion); wrong(got) || got.Region != testRegion {
			t.Errorf("with %s ignored it is %+v", path, got)
		}
	}
	steps := Plan(desire(args, said, declared, ignoringOf([]string{"tags.c"}), testRegion), Observed{Tags: map[string]string{"c": "console", "d": "1"}})
	if i := slices.IndexFunc(steps, func(s Step) bool { return s.Action == RemoveTags }); i < 0 || !slices.Equal(steps[i].TagKeys, []string{"d"}) {
		t.Errorf("with tags.c ignored the plan is %+v", steps)
	}
}
