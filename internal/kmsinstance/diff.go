package kmsinstance

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/guard"
)

// Diff plans the change from the recorded to the new inputs. In a refresh, which asks for the difference that drift makes,
// it neither warns nor fails.
func (r *Resource) Diff(ctx context.Context, req p.DiffRequest, refresh bool) (p.DiffResponse, error) {
	region, err := r.connection.Region(ctx)
	if err != nil && !refresh {
		return p.DiffResponse{}, err
	}
	r.memory.named(req.ID, req.State)
	status := req.State.Get("status")
	unfinished := !isConnectedStatus(stringOf(status))
	// The engine applies ignoreChanges before an ordinary update only: not in a refresh, and not when a dependency is replaced.
	d := diffInputs(req.State, req.OldInputs, ignoringOf(req.IgnoreChanges).reset(req.OldInputs, req.Inputs), region)
	if refresh {
		return d.response(), nil
	}
	r.remember(req, unfinished)
	if missing := withoutNetwork(withoutNulls(req.Inputs)); len(missing) > 0 && req.OldInputs.Equals(req.Inputs) { // Check accepts it: see there
		return p.DiffResponse{}, fmt.Errorf("KMS instance %s is bought but not connected to a VPC yet. Write %s into the program: "+
			"then `pulumi up` connects it, without buying again", req.ID, strings.Join(missing, ", "))
	}
	if len(d.replaces) > 0 {
		if err := r.checkReplacement(ctx, req, d); err != nil {
			return p.DiffResponse{}, err
		}
	}
	if len(d.detailed) == 0 && unfinished {
		d.detailed["status"] = p.PropertyDiff{Kind: p.Update} // the update connects it or waits for it
	}
	warnKept(newProgress(ctx, req.ID), req)
	return d.response(), nil
}

// remember notes the instance for a Create or a Delete under the same URN.
func (r *Resource) remember(req p.DiffRequest, unfinished bool) {
	var state State
	setText(&state.Arn, stringOf(req.State.Get("arn")))
	if zones := req.State.Get("zoneIds"); zones.IsArray() {
		for _, zone := range zones.AsArray().All {
			state.ZoneIDs = append(state.ZoneIDs, stringOf(zone))
		}
	}
	r.memory.stands(req.Urn, standing{req.ID, placeOf(&state), isProtected(req.State, req.OldInputs)})
	if unfinished {
		r.memory.begun(req.Urn, req.ID) // an update follows, unless something that it depends on fails
	}
}

// checkReplacement fails if a planned replacement must not happen, and warns of what it destroys.
func (r *Resource) checkReplacement(ctx context.Context, req p.DiffRequest, d difference) error {
	if isProtected(req.State, req.OldInputs) {
		return d.protectedError(req.ID)
	}
	g := newProgress(ctx, req.ID)
	stake := ""
	if client, err := r.connection.Client(ctx); err == nil {
		soon, cancel := context.WithTimeout(ctx, previewLook)
		defer cancel()
		old, _ := r.memory.standing(req.Urn)
		if err := old.place.compare(soon, client, req.ID, false); err != nil && soon.Err() == nil {
			return err
		}
		stake = stakeOf(soon, client, req.ID)
	}
	g.warning("%s", d.replaceWarning(req.ID, stake))
	return nil
}

// isProtected tells whether the instance has its deletion protection on; if the cloud does not report it, as the program has it.
func isProtected(state, olds property.Map) bool {
	protection := state.Get("deletionProtection")
	if protection.IsNull() {
		protection = olds.Get("deletionProtection")
	}
	return isTrue(protection)
}

func (d *difference) response() p.DiffResponse {
	return p.DiffResponse{HasChanges: len(d.detailed) > 0, DetailedDiff: d.detailed}
}

// difference is what lies between the recorded inputs and the new ones.
type difference struct {
	detailed map[string]p.PropertyDiff
	// replaces names the inputs whose change replaces the instance.
	replaces []*Property
}

// diffInputs compares inputs property by property against the table. state holds the recorded outputs: a replacement is
// planned only for a connected instance and only if the new value differs from what the instance really has.
func diffInputs(state, olds, news property.Map, region string) difference {
	d := difference{detailed: map[string]p.PropertyDiff{}}
	olds, news = onlyDeclared(withoutNulls(olds), withoutNulls(news), recorded(state)), withoutNulls(news)
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
		}
		d.add(prop, old, hadOld, now, hasNew, replace, region)
	}
	return d
}

// onlyDeclared are the old inputs without those that the program takes out although no program has declared them: such a thing
// was read by an import or a refresh, and is not for the program to clear.
func onlyDeclared(olds, news property.Map, declared []string) property.Map {
	for _, name := range []string{"bindVpcs", "deletionProtection"} {
		if !isGiven(news, name) && !slices.Contains(declared, name) {
			olds = olds.Delete(name)
		}
	}
	if tags := olds.Get("tags"); tags.IsMap() && !isGiven(news, "tags") {
		own := map[string]property.Value{}
		for _, key := range tagKeys(declared) {
			if value, ok := tags.AsMap().GetOk(key); ok {
				own[key] = value
			}
		}
		if olds = olds.Set("tags", property.WithGoValue(tags, own)); len(own) == 0 {
			olds = olds.Delete("tags")
		}
	}
	return olds
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
		// An owner that the program omits is the one that the instance has.
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
		return guard.Plain(property.New(withoutReserved(a.AsMap()))).Equals(guard.Plain(property.New(withoutReserved(b.AsMap()))))
	default:
		return guard.Plain(a).Equals(guard.Plain(b))
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
	usedA, _ := matched(a, b, bindVpcKey, func(x, y property.Value) bool { return sameBindVpc(x, y, region) })
	return !slices.Contains(usedA, false)
}

// bindVpcKey is what two elements of bindVpcs must have in common to be the same.
func bindVpcKey(v property.Value) string {
	if v.IsMap() {
		return stringOf(v.AsMap().Get("vpcId"))
	}
	return ""
}

// sameBindVpc: an absent region is the provider's, an absent owner matches any.
func sameBindVpc(a, b property.Value, region string) bool {
	if !a.IsMap() || !b.IsMap() {
		return guard.Plain(a).Equals(guard.Plain(b))
	}
	x, y := withoutNulls(a.AsMap()), withoutNulls(b.AsMap())
	for _, f := range bindVpcFields {
		v, inX := x.GetOk(f.name)
		w, inY := y.GetOk(f.name)
		switch {
		case inX && inY:
			if !guard.Plain(v).Equals(guard.Plain(w)) {
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
	kept := tags.AsMap()
	maps.DeleteFunc(kept, func(key string, _ property.Value) bool { return isReservedTag(key) })
	return property.NewMap(kept)
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
func wasConnected(state property.Map) bool { return isConnectedStatus(stringOf(state.Get("status"))) }

func isConnectedStatus(status string) bool {
	return status == cloud.StatusConnected || status == cloud.StatusDisconnected
}

// stringOf is a string, "" for any other value.
func stringOf(v property.Value) string {
	if v.IsString() {
		return v.AsString()
	}
	return ""
}

func isTrue(v property.Value) bool { return v.IsBool() && v.AsBool() }

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
		case !guard.Plain(before).Equals(guard.Plain(v)):
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
	key, same := stringOf, func(a, b property.Value) bool { return guard.Plain(a).Equals(guard.Plain(b)) }
	if prop.Kind == BindVpcList {
		key, same = bindVpcKey, func(a, b property.Value) bool { return sameBindVpc(a, b, region) }
	}
	usedOld, usedNew := matched(old, now, key, same)
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

// matched tells which elements of two sets have a counterpart in the other. Only elements with the same key are compared.
func matched(
	old, now property.Array, key func(property.Value) string, same func(a, b property.Value) bool,
) (usedOld, usedNew []bool) {
	usedOld, usedNew = make([]bool, old.Len()), make([]bool, now.Len())
	candidates := map[string][]int{}
	for j, b := range now.All {
		candidates[key(b)] = append(candidates[key(b)], j)
	}
	for i, a := range old.All {
		left := candidates[key(a)]
		for n, j := range left {
			if same(a, now.Get(j)) {
				usedOld[i], usedNew[j] = true, true
				left[n] = left[0] // their order means nothing
				candidates[key(a)] = left[1:]
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
		case had && has && !guard.Plain(before).Equals(guard.Plain(after)):
			d.set(path+"."+f.name, p.Update, false)
		case has && !had:
			d.set(path+"."+f.name, p.Add, false)
		case had && !has:
			d.set(path+"."+f.name, p.Delete, false)
		}
	}
}

// replaceWarning says what a replacement destroys and why it is planned. stake is how many keys and secrets there are, if known.
func (d *difference) replaceWarning(id, stake string) string {
	reasons := make([]string, len(d.replaces))
	for i, prop := range d.replaces {
		reasons[i] = fmt.Sprintf("%s changes, and %s", prop.Name, prop.ReplaceReason)
		if prop.Name == "paymentType" {
			reasons[i] += " (if a program omits it, it is Subscription)"
		}
	}
	if stake != "" {
		stake = " (" + stake + ")"
	}
	return fmt.Sprintf("%s will be replaced: %s. Another instance is bought, and %s is deleted. ALL KEYS AND SECRETS IN IT ARE DESTROYED%s. "+
		"Re-encrypt before that whatever they encrypt. To keep the instance, undo the change, or put the property into the resource option "+
		"ignoreChanges.", id, strings.Join(reasons, "; "), id, stake)
}

// protectedError says why a replacement is refused at preview.
func (d *difference) protectedError(id string) error {
	names := make([]string, len(d.replaces))
	for i, prop := range d.replaces {
		names[i] = prop.Name
	}
	return fmt.Errorf("%s cannot be replaced (%s changes): its deletion protection is on, and a replacement ends with destroying it and all its keys and secrets. "+
		"Nothing was bought. If you want that, first set deletionProtection to false and run `pulumi up`, then make this change; "+
		"otherwise undo the change", id, strings.Join(names, ", "))
}
