package kmsinstance

import (
	"context"
	"fmt"
	"slices"
	"strings"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

// Diff plans the change from the recorded to the new inputs. In a refresh, which asks for the difference that drift makes,
// it neither warns nor fails.
func (r *Resource) Diff(ctx context.Context, req p.DiffRequest, refresh bool) (p.DiffResponse, error) {
	region, err := r.connection.Region(ctx)
	if err != nil && !refresh {
		return p.DiffResponse{}, err
	}
	r.memory.named(req.ID, req.State)
	unfinished := !wasConnected(req.State)
	// The engine applies ignoreChanges before an ordinary update only: not in a refresh, and not when a dependency is replaced.
	d := diffInputs(req.State, req.OldInputs, ignoringOf(req.IgnoreChanges).reset(req.OldInputs, req.Inputs), region)
	if refresh {
		return d.response(), nil
	}
	r.remember(req, unfinished)
	if missing := withoutNetwork(req.Inputs); len(missing) > 0 && req.OldInputs.Equals(req.Inputs) { // Check accepts it: see there
		return p.DiffResponse{}, fmt.Errorf("KMS instance %s is bought but not connected to a VPC yet. Write %s into the program: "+
			"then `pulumi up` connects it, without buying again", req.ID, strings.Join(missing, ", "))
	}
	if len(d.replaces) > 0 {
		if err := r.checkReplacement(ctx, req, d.replaces); err != nil {
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
	state := State{ZoneIDs: stringsOf(req.State.Get("zoneIds"))}
	setText(&state.Arn, stringOf(req.State.Get("arn")))
	r.memory.stands(req.Urn, standing{req.ID, placeOf(&state), isProtected(req.State, req.OldInputs)})
	if unfinished {
		r.memory.begun(req.Urn, req.ID) // an update follows, unless something that it depends on fails
	}
}

// checkReplacement fails if a planned replacement must not happen, and warns of what it destroys.
func (r *Resource) checkReplacement(ctx context.Context, req p.DiffRequest, replaces []*Property) error {
	var names, reasons []string
	for _, prop := range replaces {
		reason := prop.ReplaceReason
		if prop.Name == "paymentType" {
			reason += " (if a program omits it, it is Subscription)"
		}
		names, reasons = append(names, prop.Name), append(reasons, prop.Name+" changes, and "+reason)
	}
	if isProtected(req.State, req.OldInputs) {
		return fmt.Errorf("%s cannot be replaced (%s changes): its deletion protection is on, and a replacement ends with destroying it and all "+
			"its keys and secrets. Nothing was bought. If you want that, first set deletionProtection to false and run `pulumi up`, then make "+
			"this change; otherwise undo the change", req.ID, strings.Join(names, ", "))
	}
	stake := ""
	if client, err := r.connection.Client(ctx); err == nil {
		soon, cancel := context.WithTimeout(ctx, previewLook)
		defer cancel()
		old, _ := r.memory.standing(req.Urn)
		if err := old.place.compare(soon, client, req.ID, false); err != nil && soon.Err() == nil {
			return err
		}
		if stake = stakeOf(soon, client, req.ID); stake != "" {
			stake = " (" + stake + ")"
		}
	}
	newProgress(ctx, req.ID).warning("%s will be replaced: %s. Another instance is bought, and %s is deleted. "+
		"ALL KEYS AND SECRETS IN IT ARE DESTROYED%s. Re-encrypt before that whatever they encrypt. To keep the instance, undo the change, "+
		"or put the property into the resource option ignoreChanges.", req.ID, strings.Join(reasons, "; "), req.ID, stake)
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
	changed  []*Property
	replaces []*Property // those of them whose change replaces the instance
}

var replacing = map[p.DiffKind]p.DiffKind{p.Add: p.AddReplace, p.Delete: p.DeleteReplace, p.Update: p.UpdateReplace}

// diffInputs compares inputs property by property against the table. state holds the recorded outputs: a replacement is
// planned only for a connected instance and only if the new value differs from what the instance really has.
func diffInputs(state, olds, news property.Map, region string) difference {
	d := difference{detailed: map[string]p.PropertyDiff{}}
	olds = onlyDeclared(olds, news, recorded(state))
	sameRenewal := samePeriod(olds, news)
	for _, prop := range Properties {
		old, now, output := olds.Get(prop.Name), news.Get(prop.Name), state.Get(prop.Name)
		if sameRenewal && isRenewalPeriod(prop) || !isChanged(prop, old, now, output, region) {
			continue
		}
		d.changed = append(d.changed, prop)
		replace := mustReplace(prop, now, state, region)
		if replace {
			d.replaces = append(d.replaces, prop)
		}
		found := compare(prop.Name, old, now, region)
		if len(found) == 0 {
			found[prop.Name] = p.Update // it is the instance that differs, not the old inputs
		}
		for path, kind := range found {
			if replace {
				kind = replacing[kind]
			}
			d.detailed[path] = p.PropertyDiff{Kind: kind, InputDiff: true}
		}
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
	tags := olds.Get("tags")
	if !tags.IsMap() || isGiven(news, "tags") {
		return olds
	}
	own := map[string]property.Value{}
	for _, key := range tagKeys(declared) {
		if value, ok := tags.AsMap().GetOk(key); ok {
			own[key] = value
		}
	}
	if len(own) == 0 {
		return olds.Delete("tags")
	}
	return olds.Set("tags", property.WithGoValue(tags, own))
}

// isChanged tells whether a property differs. What means the same is the same: the order in a set, an absent value and the
// default or the empty one, a value taken out that the cloud then decides on.
func isChanged(prop *Property, old, now, output property.Value, region string) bool {
	switch {
	case now.IsNull():
		return !prop.Computed && !isEmpty(prop, old)
	case old.IsNull() && isEmpty(prop, now):
		return !isEmpty(prop, output) // a change only if the instance has something to clear
	case old.IsNull(), namesOwner(old, now, region):
		old = output
	}
	return !sameValue(old, now, region)
}

// isEmpty tells the values that mean the same as an absent one.
func isEmpty(prop *Property, v property.Value) bool {
	switch {
	case v.IsArray():
		return v.AsArray().Len() == 0
	case v.IsMap():
		return v.AsMap().Len() == 0
	case v.IsBool():
		return !v.AsBool()
	}
	return v.IsNull() || prop.Name == "paymentType" && isString(v, string(Subscription))
}

// mustReplace tells whether a change needs a new instance.
func mustReplace(prop *Property, now property.Value, state property.Map, region string) bool {
	if prop.Change != Replace || prop.Name != "paymentType" && !wasConnected(state) {
		return false
	}
	if now.IsNull() {
		now = property.New(string(Subscription)) // the only such property that can be left out is paymentType
	}
	return !sameValue(state.Get(prop.Name), now, region)
}

// samePeriod tells whether renewPeriod and renewalPeriodUnit name the same time on both sides, such as 12 M and 1 Y.
func samePeriod(olds, news property.Map) bool {
	months := renewalMonths(olds)
	return months != 0 && months == renewalMonths(news)
}

// renewalMonths is the time that a subscription is renewed for, 0 if it is not known.
func renewalMonths(m property.Map) int {
	period, unit := m.Get("renewPeriod"), m.Get("renewalPeriodUnit")
	if !period.IsNumber() || !unit.IsNull() && !unit.IsString() {
		return 0
	}
	return inMonths(int(period.AsNumber()), stringOf(unit))
}

func inMonths(period int, unit string) int {
	if unit == string(Year) {
		return period * 12
	}
	return period
}

func isRenewalPeriod(prop *Property) bool {
	return prop.Name == "renewPeriod" || prop.Name == "renewalPeriodUnit"
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

// stringsOf are the strings in a list, none for any other value.
func stringsOf(v property.Value) (texts []string) {
	if v.IsArray() {
		for _, item := range v.AsArray().All {
			if item.IsString() {
				texts = append(texts, item.AsString())
			}
		}
	}
	return texts
}

func isTrue(v property.Value) bool { return v.IsBool() && v.AsBool() }
