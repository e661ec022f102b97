package kmsinstance

import (
	"cmp"
	"maps"
	"slices"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

// Desired is what a connected instance should be like. A nil field is not managed.
type Desired struct {
	Region     string
	Sizes      map[string]string // by order code; only what the program gives
	BindVpcs   *[]cloud.BindVpc
	Name       *string
	Renewal    *cloud.Renewal // Period 0 with AutoRenewal means: as it is
	Tags       map[string]string
	TagsExact  bool     // tags are managed: what is neither in Tags nor reserved goes
	DropTags   []string // tags no longer declared that the program had set
	KeepTags   []string // tags that are left as they are
	Protection *bool
}

// Observed is what an instance is like. What the cloud did not tell is as it is recorded; Renewal and Tags are nil if they are not.
type Observed struct {
	Sizes      map[string]string // by order code; accepted ones count as there
	BindVpcs   []cloud.BindVpc
	Name       string
	Renewal    *cloud.Renewal
	Tags       map[string]string
	Protection *bool
}

// Action is the kind of a step.
type Action string

// The actions on a connected instance, in the words of a progress line.
const (
	SwitchProtectionOff Action = "switching deletion protection off"
	UnbindVpcs          Action = "unbinding VPCs"
	OrderSizes          Action = "ordering sizes"
	BindVpcs            Action = "binding VPCs"
	Rename              Action = "renaming"
	SetRenewal          Action = "setting renewal"
	RemoveTags          Action = "removing tags"
	AddTags             Action = "setting tags"
	SwitchProtectionOn  Action = "switching deletion protection on"
)

// Step is one call that a plan makes. Only the fields of its action are set.
type Step struct {
	Action  Action
	Vpcs    []cloud.BindVpc
	Codes   map[string]string
	Name    string
	Renewal cloud.Renewal
	Tags    map[string]string
	TagKeys []string
}

// Plan lists the calls that take a connected instance from what it is to what it should be, in their order: protection
// that must go off first, VPCs that must go before sizes shrink, sizes before VPCs that need them, protection that must
// come on last. It is empty if nothing is to be done.
func Plan(want Desired, have Observed) []Step {
	var steps []Step
	on := isOn(have.Protection)
	if want.Protection != nil && !*want.Protection && on {
		steps = append(steps, Step{Action: SwitchProtectionOff})
	}
	codes := sizeChanges(want.Sizes, have.Sizes)
	unbind, bind := bindingSteps(want, have.BindVpcs, len(codes) > 0)
	steps = append(steps, unbind...)
	if len(codes) > 0 {
		steps = append(steps, Step{Action: OrderSizes, Codes: codes})
	}
	steps = append(steps, bind...)
	if want.Name != nil && *want.Name != have.Name {
		steps = append(steps, Step{Action: Rename, Name: *want.Name})
	}
	if r, ok := renewalChange(want.Renewal, have.Renewal); ok {
		steps = append(steps, Step{Action: SetRenewal, Renewal: r})
	}
	steps = append(steps, tagChanges(want, have.Tags)...)
	if want.Protection != nil && *want.Protection && !on {
		steps = append(steps, Step{Action: SwitchProtectionOn})
	}
	return steps
}

// bindingSteps are the call that only removes bindings, which an order of sizes may need, and the one that adds some. A call replaces
// them all, so one that is there already is sent as it is.
func bindingSteps(want Desired, have []cloud.BindVpc, orders bool) (unbind, bind []Step) {
	if want.BindVpcs == nil {
		return nil, nil
	}
	keep, all, missing := []cloud.BindVpc{}, slices.Clone(*want.BindVpcs), false
	for _, h := range have {
		if slices.ContainsFunc(all, func(w cloud.BindVpc) bool { return bindingFits(w, h, want.Region) }) {
			keep = append(keep, h)
		}
	}
	for i, w := range all {
		var there cloud.BindVpc
		if at := slices.IndexFunc(have, func(h cloud.BindVpc) bool { return bindingFits(w, h, want.Region) }); at >= 0 {
			there = have[at]
		}
		missing = missing || there.VpcID == ""
		all[i].RegionID = cmp.Or(there.RegionID, w.RegionID, want.Region)
		all[i].VpcOwnerID = cmp.Or(there.VpcOwnerID, w.VpcOwnerID)
	}
	if len(keep) < len(have) && (orders || !missing) {
		unbind = []Step{{Action: UnbindVpcs, Vpcs: keep}}
	}
	if missing {
		bind = []Step{{Action: BindVpcs, Vpcs: all}}
	}
	return unbind, bind
}

// bindingFits: a binding without region is in the provider's, one without owner fits any.
func bindingFits(want, have cloud.BindVpc, region string) bool {
	sameRegion := want.RegionID == have.RegionID || have.RegionID == "" || (want.RegionID == "" && have.RegionID == region)
	return want.VpcID == have.VpcID && want.VswitchID == have.VswitchID && sameRegion &&
		(want.VpcOwnerID == "" || have.VpcOwnerID == "" || want.VpcOwnerID == have.VpcOwnerID)
}

// renewalChange is the SetRenewal call that is needed. SetRenewal wants period and unit with every AutoRenewal.
func renewalChange(want, have *cloud.Renewal) (cloud.Renewal, bool) {
	if want == nil {
		return cloud.Renewal{}, false
	}
	if have == nil {
		have = &cloud.Renewal{}
	}
	r := *want
	r.Status = cmp.Or(r.Status, have.Status)
	if r.Status != cloud.AutoRenewal {
		r.Period, r.Unit = 0, ""
		return r, r.Status != have.Status
	}
	r.Unit = cmp.Or(r.Unit, string(Month))
	return r, have.Status != r.Status || inMonths(r.Period, r.Unit) != inMonths(have.Period, have.Unit)
}

// tagChanges never touches reserved tags. have is nil if nothing is known of the tags.
func tagChanges(want Desired, have map[string]string) []Step {
	var steps []Step
	var remove []string
	for _, key := range slices.Sorted(maps.Keys(have)) {
		_, wanted := want.Tags[key]
		if isReservedTag(key) || wanted || slices.Contains(want.KeepTags, key) {
			continue
		}
		if want.TagsExact || slices.Contains(want.DropTags, key) {
			remove = append(remove, key)
		}
	}
	if have == nil {
		remove = slices.Sorted(slices.Values(want.DropTags))
	}
	if len(remove) > 0 {
		steps = append(steps, Step{Action: RemoveTags, TagKeys: remove})
	}
	set := withoutKeys(want.Tags, func(key string) bool {
		current, has := have[key]
		return has && current == want.Tags[key]
	})
	if len(set) > 0 {
		steps = append(steps, Step{Action: AddTags, Tags: set})
	}
	return steps
}
