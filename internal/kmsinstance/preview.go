package kmsinstance

import (
	"context"
	"slices"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/guard"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/input"
)

// PreviewCreate predicts the outputs of a purchase and warns of what may surprise.
func (r *Resource) PreviewCreate(ctx context.Context, req p.CreateRequest) (p.CreateResponse, error) {
	region, err := r.connection.Region(ctx)
	if err != nil {
		return p.CreateResponse{}, err
	}
	g := newProgress(ctx, "")
	if err := r.connection.MissingRegion(ctx); err != nil {
		g.warning("%v. `pulumi up` fails without it, and zones cannot be checked", err)
	}
	warnPurchase(g, req.Properties, region)
	r.warnOfLost(ctx, g, knownArgs(req.Properties))
	return p.CreateResponse{Properties: preview(property.Map{}, property.Map{}, req.Properties, nil, region)}, nil
}

// knownArgs are the inputs that the look for a lost purchase compares, as far as they are known at a preview.
func knownArgs(inputs property.Map) Args {
	args := Args{VpcID: stringOf(inputs.Get("vpcId")), VswitchIDs: stringsOf(inputs.Get("vswitchIds"))}
	setText(&args.InstanceName, stringOf(inputs.Get("instanceName")))
	if payment := stringOf(inputs.Get("paymentType")); payment != "" {
		args.PaymentType = (*PaymentType)(&payment)
	}
	codes := map[string]string{}
	for _, prop := range Properties {
		if value := scalar(inputs.Get(prop.Name)); prop.Code != "" && value != "" {
			codes[prop.Code] = value
		}
	}
	args.set(codes)
	return args
}

// PreviewUpdate predicts the outputs of an update and warns of what may be refused.
func (r *Resource) PreviewUpdate(ctx context.Context, req p.UpdateRequest) (p.UpdateResponse, error) {
	region, err := r.connection.Region(ctx)
	if err != nil {
		return p.UpdateResponse{}, err
	}
	r.memory.named(req.ID, req.State)
	warnUpdate(newProgress(ctx, req.ID), req.ID, guard.Request{State: req.State, OldInputs: req.OldInputs, Inputs: req.Inputs})
	return p.UpdateResponse{Properties: preview(req.State, req.OldInputs, req.Inputs, ignoringOf(req.IgnoreChanges), region)}, nil
}

var unknown = property.New(property.Computed)

// preview predicts the outputs. Of a purchase, the inputs are as they are given, and everything that the cloud decides is unknown. Of an
// update, what cannot change and what is not being changed stays known, so that dependents are not replanned.
func preview(state, olds, news property.Map, ignored ignoring, region string) property.Map {
	out := map[string]property.Value{"declared": previewDeclared(news, ignored.record(news, recorded(state)))}
	d := diffInputs(state, olds, news, region)
	orders := slices.ContainsFunc(d.changed, func(prop *Property) bool { return prop.Change == Order })
	lacks := !wasConnected(state) // what a connected instance lacks, the cloud does not report
	for _, prop := range Properties {
		recorded, has := state.GetOk(prop.Name)
		// The cloud reports period and unit with an automatic renewal only.
		changes := slices.Contains(d.changed, prop) || isRenewalPeriod(prop) && slices.Contains(d.changed, propertyByName["renewStatus"])
		switch {
		case isGiven(news, prop.Name) && (state.Len() == 0 || changes || isAhead(prop, state, news, region)):
			out[prop.Name] = predicted(prop, news.Get(prop.Name))
		case has && !changes:
			out[prop.Name] = recorded
		case prop.Change == Record:
		case changes && prop.Type == input.Boolean:
			out[prop.Name] = property.New(false)
		case changes || lacks:
			out[prop.Name] = unknown
		}
	}
	for _, o := range Outputs {
		recorded, has := state.GetOk(o.Name)
		switch {
		case o.Name == "pendingOrder", o.Name == "declared":
		case has && (o.Stable || o.Name == "lastOrderId" && !orders):
			out[o.Name] = recorded
		case !o.Stable || lacks:
			out[o.Name] = unknown
		}
	}
	return property.NewMap(out)
}

// previewDeclared predicts the record of what is declared.
func previewDeclared(inputs property.Map, names []string) property.Value {
	if inputs.Get("tags").IsComputed() {
		return unknown
	}
	list := make([]property.Value, 0, len(names))
	for _, name := range names {
		list = append(list, property.New(name))
	}
	return property.New(list)
}

// isAhead tells whether the program gives another value than the instance has, without having changed it: an earlier run stopped
// on the way. The network of a connected instance stays as it is.
func isAhead(prop *Property, state, news property.Map, region string) bool {
	recorded, has := state.GetOk(prop.Name)
	switch {
	case !has, prop.Change == Record, prop.Change == Replace && wasConnected(state):
		return false
	case isRenewalPeriod(prop) && (!isString(state.Get("renewStatus"), string(AutoRenewal)) || samePeriod(state, news)):
		return false
	default:
		return !sameValue(recorded, news.Get(prop.Name), region)
	}
}

// predicted is the output that an input leads to: the input itself, unless the cloud fills in what it omits.
func predicted(prop *Property, v property.Value) property.Value {
	if prop.Name != "bindVpcs" || !v.IsArray() {
		return v
	}
	for _, item := range v.AsArray().All {
		for _, f := range bindVpcFields("") {
			if !item.IsMap() || item.AsMap().Get(f.Name).IsNull() {
				return unknown
			}
		}
	}
	return v
}
