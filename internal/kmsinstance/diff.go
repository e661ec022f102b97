package kmsinstance

import (
	"fmt"
	"slices"
	"strings"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

// difference is what lies between the recorded inputs and the new ones.
type difference struct {
	detailed map[string]p.PropertyDiff
	// replaces names the inputs whose change replaces the instance; known is false if all of them are unknown yet, so
	// that the replacement may turn out not to be needed.
	replaces []*Property
	known    bool
}

// diffInputs compares inputs property by property against the table. state holds the recorded outputs: a replacement is
// planned only for a connected instance and only if the new value differs from what the instance really has.
func diffInputs(state, olds, news property.Map, region string) difference {
	d := difference{detailed: map[string]p.PropertyDiff{}}
	olds, news = withoutNulls(olds), withoutNulls(news)
	sameRenewal := samePeriod(olds, news)
	for i := range Properties {
		prop := &Properties[i]
		if sameRenewal && (prop.Name == "renewPeriod" || prop.Name == "renewalPeriodUnit") {
			continue
		}
		old, hadOld := olds.GetOk(prop.Name)
		now, hasNew := news.GetOk(prop.Name)
		output := state.Get(prop.Name)
		if !changed(prop, old, hadOld, now, hasNew, output, region) {
			continue
		}
		replace := prop.Change == Replace && mustReplace(prop, now, hasNew, state, region)
		if replace {
			d.replaces = append(d.replaces, prop)
			d.known = d.known || !now.HasComputed()
		}
		d.add(prop, old, hadOld, now, hasNew, replace, region)
	}
	return d
}

// changed tells whether a property differs. What means the same is the same: the order in a set, an absent value and the
// default or the empty one, a value taken out that the cloud then decides on.
func changed(prop *Property, old property.Value, hadOld bool, now property.Value, hasNew bool, output property.Value, region string) bool {
	switch {
	case !hadOld && !hasNew:
		return false
	case !hasNew:
		return !prop.Computed && !isEmpty(prop, old)
	case now.HasComputed():
		return !old.Equals(now)
	case hadOld && prop.Kind == BindVpcList && namesOwner(old, now, region):
		// Whom the program left open is the one that the instance has.
		return !output.IsNull() && !sameValue(prop, output, now, region)
	case hadOld:
		return !sameValue(prop, old, now, region)
	case isEmpty(prop, now):
		// Declared for the first time, and empty: a change only if the instance has something to clear.
		return !output.IsNull() && !isEmpty(prop, output)
	default:
		return output.IsNull() || !sameValue(prop, output, now, region)
	}
}

// isEmpty tells the values that mean the same as an absent one.
func isEmpty(prop *Property, v property.Value) bool {
	switch {
	case v.IsNull():
		return true
	case v.IsComputed():
		return false
	case v.IsArray():
		return v.AsArray().Len() == 0
	case v.IsMap():
		return v.AsMap().Len() == 0
	case v.IsBool():
		return prop.Kind == Boolean && !v.AsBool()
	case prop.Name == "paymentType":
		return isString(v, string(Subscription))
	default:
		return false
	}
}

// sameValue compares two known values by meaning.
func sameValue(prop *Property, a, b property.Value, region string) bool {
	switch {
	case prop.Kind == StringList && prop.Set && a.IsArray() && b.IsArray():
		return slices.Equal(sortedStrings(a), sortedStrings(b))
	case prop.Kind == BindVpcList && a.IsArray() && b.IsArray():
		return sameBindVpcs(a.AsArray(), b.AsArray(), region)
	case prop.Kind == TagMap && a.IsMap() && b.IsMap():
		return plain(property.New(withoutReserved(a.AsMap()))).Equals(plain(property.New(withoutReserved(b.AsMap()))))
	default:
		return plain(a).Equals(plain(b))
	}
}

// samePeriod tells whether renewPeriod and renewalPeriodUnit name the same time on both sides, such as 12 M and 1 Y.
func samePeriod(olds, news property.Map) bool {
	before, ok1 := renewalMonths(olds)
	after, ok2 := renewalMonths(news)
	return ok1 && ok2 && before == after
}

func renewalMonths(m property.Map) (int, bool) {
	period, unit := m.Get("renewPeriod"), m.Get("renewalPeriodUnit")
	if !period.IsNumber() || (!unit.IsNull() && !unit.IsString()) {
		return 0, false
	}
	return inMonths(int(period.AsNumber()), isString(unit, string(Year))), true
}

func inMonths(period int, years bool) int {
	if years {
		return period * 12
	}
	return period
}

func sortedStrings(v property.Value) []string {
	words := make([]string, 0, v.AsArray().Len())
	for _, item := range v.AsArray().All {
		if item.IsString() {
			words = append(words, item.AsString())
		} else {
			words = append(words, item.GoString())
		}
	}
	slices.Sort(words)
	return words
}

func sameBindVpcs(a, b property.Array, region string) bool {
	if a.Len() != b.Len() {
		return false
	}
	used := make([]bool, b.Len())
	for _, x := range a.All {
		found := false
		for j, y := range b.All {
			if !used[j] && sameBindVpc(x, y, region) {
				used[j], found = true, true
				break
			}
		}
		if !found {
			return false
		}
	}
	return true
}

// sameBindVpc: an absent region is the provider's, an absent owner matches any.
func sameBindVpc(a, b property.Value, region string) bool {
	if !a.IsMap() || !b.IsMap() {
		return plain(a).Equals(plain(b))
	}
	x, y := withoutNulls(a.AsMap()), withoutNulls(b.AsMap())
	for _, f := range bindVpcFields {
		v, inX := x.GetOk(f.name)
		w, inY := y.GetOk(f.name)
		switch {
		case inX && inY:
			if !plain(v).Equals(plain(w)) {
				return false
			}
		case inX != inY && f.required:
			return false
		case inX != inY && f.name == "regionId" && region != "":
			if given := pick(inX, v, w); !isString(given, region) {
				return false
			}
		}
	}
	return true
}

// namesOwner tells whether the new bindings are the old ones, but for owners that they add.
func namesOwner(old, now property.Value, region string) bool {
	if !old.IsArray() || !now.IsArray() || !sameBindVpcs(old.AsArray(), now.AsArray(), region) {
		return false
	}
	usedOwner := func(v property.Value) (n int) {
		for _, item := range v.AsArray().All {
			if item.IsMap() && !item.AsMap().Get("vpcOwnerId").IsNull() {
				n++
			}
		}
		return n
	}
	return usedOwner(now) > usedOwner(old)
}

func pick(first bool, a, b property.Value) property.Value {
	if first {
		return a
	}
	return b
}

func withoutReserved(tags property.Map) property.Map {
	for key := range tags.All {
		if isReservedTag(key) {
			tags = tags.Delete(key)
		}
	}
	return tags
}

// plain strips secrecy and dependencies, which are no difference of value.
func plain(v property.Value) property.Value {
	switch {
	case v.IsArray():
		items := make([]property.Value, 0, v.AsArray().Len())
		for _, item := range v.AsArray().All {
			items = append(items, plain(item))
		}
		return property.New(items)
	case v.IsMap():
		fields := make(map[string]property.Value, v.AsMap().Len())
		for key, item := range v.AsMap().All {
			fields[key] = plain(item)
		}
		return property.New(fields)
	default:
		return v.WithSecret(false).WithDependencies(nil)
	}
}

// mustReplace tells whether a change of an unchangeable property needs a new instance.
func mustReplace(prop *Property, now property.Value, hasNew bool, state property.Map, region string) bool {
	if prop.Name != "paymentType" && !wasConnected(state) {
		return false
	}
	if !hasNew {
		now = property.New(string(Subscription)) // the only such property that can be left out is paymentType
	}
	output := state.Get(prop.Name)
	return now.HasComputed() || output.IsNull() || !sameValue(prop, output, now, region)
}

// wasConnected tells whether the recorded outputs are those of an instance whose network is settled. Error is not among
// them: such an instance is never replaced by itself.
func wasConnected(state property.Map) bool {
	status := state.Get("status")
	return isString(status, cloud.StatusConnected) || isString(status, cloud.StatusDisconnected)
}

// inPlace turns a replacement into an update.
func (d *difference) inPlace() {
	d.replaces, d.known = nil, false
	for path, change := range d.detailed {
		switch change.Kind {
		case p.AddReplace:
			change.Kind = p.Add
		case p.DeleteReplace:
			change.Kind = p.Delete
		case p.UpdateReplace:
			change.Kind = p.Update
		default:
			continue
		}
		d.detailed[path] = change
	}
}

// add enters a change, as deep as the user can tell it apart.
func (d *difference) add(prop *Property, old property.Value, hadOld bool, now property.Value, hasNew, replace bool, region string) {
	switch {
	case hadOld && hasNew && prop.Kind == TagMap && old.IsMap() && now.IsMap():
		d.tags(old.AsMap(), now.AsMap())
	case hadOld && hasNew && (prop.Kind == BindVpcList || prop.Kind == StringList) && old.IsArray() && now.IsArray():
		before := len(d.detailed)
		if d.elements(prop, old.AsArray(), now.AsArray(), replace, region); len(d.detailed) == before && prop.Kind == BindVpcList {
			d.set(prop.Name, p.Update, replace) // it is the instance that differs, not the old inputs
		}
	case !hadOld:
		d.set(prop.Name, p.Add, replace)
	case !hasNew:
		d.set(prop.Name, p.Delete, replace)
	default:
		d.set(prop.Name, p.Update, replace)
	}
}

func (d *difference) set(path string, kind p.DiffKind, replace bool) {
	if replace {
		switch kind {
		case p.Add:
			kind = p.AddReplace
		case p.Delete:
			kind = p.DeleteReplace
		default:
			kind = p.UpdateReplace
		}
	}
	d.detailed[path] = p.PropertyDiff{Kind: kind, InputDiff: true}
}

func (d *difference) tags(old, now property.Map) {
	for key, v := range now.AllStable {
		before, had := old.GetOk(key)
		switch {
		case !had:
			d.set(tagPath(key), p.Add, false)
		case !plain(before).Equals(plain(v)):
			d.set(tagPath(key), p.Update, false)
		}
	}
	for key := range old.AllStable {
		if _, still := now.GetOk(key); !still && !isReservedTag(key) {
			d.set(tagPath(key), p.Delete, false)
		}
	}
}

// elements enters the elements of a set that have no counterpart on the other side: those at the same place as an update,
// the rest as added or deleted.
func (d *difference) elements(prop *Property, old, now property.Array, replace bool, region string) {
	same := func(a, b property.Value) bool {
		if prop.Kind == BindVpcList {
			return sameBindVpc(a, b, region)
		}
		return plain(a).Equals(plain(b))
	}
	usedOld, usedNew := matched(old, now, same)
	for i := range max(old.Len(), now.Len()) {
		path := fmt.Sprintf("%s[%d]", prop.Name, i)
		goes := i < old.Len() && !usedOld[i]
		comes := i < now.Len() && !usedNew[i]
		switch {
		case goes && comes && prop.Kind == BindVpcList && old.Get(i).IsMap() && now.Get(i).IsMap():
			d.fields(path, old.Get(i).AsMap(), now.Get(i).AsMap())
		case goes && comes:
			d.set(path, p.Update, replace)
		case comes:
			d.set(path, p.Add, replace)
		case goes:
			d.set(path, p.Delete, replace)
		}
	}
}

func matched(old, now property.Array, same func(a, b property.Value) bool) (usedOld, usedNew []bool) {
	usedOld, usedNew = make([]bool, old.Len()), make([]bool, now.Len())
	for i, a := range old.All {
		for j, b := range now.All {
			if !usedNew[j] && same(a, b) {
				usedOld[i], usedNew[j] = true, true
				break
			}
		}
	}
	return usedOld, usedNew
}

func (d *difference) fields(path string, old, now property.Map) {
	old, now = withoutNulls(old), withoutNulls(now)
	for _, f := range bindVpcFields {
		before, had := old.GetOk(f.name)
		after, has := now.GetOk(f.name)
		switch {
		case had && has && !plain(before).Equals(plain(after)):
			d.set(path+"."+f.name, p.Update, false)
		case has && !had:
			d.set(path+"."+f.name, p.Add, false)
		case had && !has:
			d.set(path+"."+f.name, p.Delete, false)
		}
	}
}

// replaceWarning says what a replacement destroys and why it is planned.
func (d difference) replaceWarning(id string) string {
	reasons := make([]string, len(d.replaces))
	for i, prop := range d.replaces {
		reasons[i] = fmt.Sprintf("%s changes, and %s", prop.Name, prop.ReplaceReason)
		if prop.Name == "paymentType" {
			reasons[i] += " (left out of a program, it means Subscription)"
		}
	}
	return fmt.Sprintf("%s will be replaced: %s. A new instance is bought first; then the old one is released, and ALL KEYS AND SECRETS "+
		"IN IT ARE DESTROYED. Whatever they encrypt must be re-encrypted before. To keep the instance, undo the change or put the "+
		"property into the resource option ignoreChanges.", id, strings.Join(reasons, "; "))
}

// protectedError says why a replacement is refused at preview.
func (d difference) protectedError(id string) error {
	names := make([]string, len(d.replaces))
	for i, prop := range d.replaces {
		names[i] = prop.Name
	}
	return fmt.Errorf("%s cannot be replaced (%s changes): its deletion protection is on, and a replacement ends with destroying it and all its keys and secrets. "+
		"Nothing was bought. If you want that, first set deletionProtection to false and run `pulumi up`, then make this change; "+
		"otherwise undo the change", id, strings.Join(names, ", "))
}
