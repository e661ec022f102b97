package kmsinstance

import (
	"context"
	"slices"
	"strings"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/guard"
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
	return p.CreateResponse{Properties: previewDeclared(previewCreate(req.Properties), req.Properties, declaredIn(req.Properties))}, nil
}

// previewDeclared predicts the record of what is declared.
func previewDeclared(out, inputs property.Map, names []string) property.Map {
	if inputs.Get("tags").IsComputed() {
		return out.Set("declared", property.New(property.Computed))
	}
	slices.Sort(names)
	list := make([]property.Value, 0, len(names))
	for _, name := range slices.Compact(names) {
		list = append(list, property.New(name))
	}
	return out.Set("declared", property.New(list))
}

// knownArgs are the inputs that the look for a lost purchase compares, as far as they are known at a preview.
func knownArgs(inputs property.Map) Args {
	args := Args{VpcID: stringOf(inputs.Get("vpcId"))}
	payment := PaymentType(stringOf(inputs.Get("paymentType")))
	setText(&args.InstanceName, stringOf(inputs.Get("instanceName")))
	if args.PaymentType = &payment; payment == "" {
		args.PaymentType = nil
	}
	if list := inputs.Get("vswitchIds"); list.IsArray() {
		for _, id := range list.AsArray().All {
			args.VswitchIDs = append(args.VswitchIDs, stringOf(id))
		}
	}
	codes := map[string]string{}
	for i := range Properties {
		if code := Properties[i].Code; code != "" {
			if value := scalar(inputs.Get(Properties[i].Name)); value != "" {
				codes[code] = value
			}
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
	out := previewUpdate(req.State, req.OldInputs, req.Inputs, region)
	ignored := ignoringOf(req.IgnoreChanges)
	declared := declaredIn(req.Inputs)
	return p.UpdateResponse{Properties: previewDeclared(out, req.Inputs, append(without(declared, ignored.of(declared)), ignored.of(recorded(req.State))...))}, nil
}

// previewCreate predicts the outputs of a purchase: inputs as they are given, everything that the cloud decides unknown.
func previewCreate(inputs property.Map) property.Map {
	out := property.Map{}
	for i := range Properties {
		prop := &Properties[i]
		value, given := inputs.GetOk(prop.Name)
		switch {
		case given:
			out = out.Set(prop.Name, predicted(prop, value))
		case prop.Change != Record:
			out = out.Set(prop.Name, property.New(property.Computed))
		}
	}
	for _, o := range Outputs {
		if o.Name != "pendingOrder" && o.Name != "declared" {
			out = out.Set(o.Name, property.New(property.Computed))
		}
	}
	return out
}

// previewUpdate predicts the outputs of an update in place: what cannot change and what is not being changed stays known,
// so that dependents are not replanned.
func previewUpdate(state, olds, news property.Map, region string) property.Map {
	out := property.Map{}
	d := diffInputs(state, olds, news, region)
	touched := map[string]bool{}
	for path := range d.detailed {
		touched[strings.FieldsFunc(path, func(r rune) bool { return r == '.' || r == '[' })[0]] = true
	}
	if touched["renewStatus"] {
		// The cloud reports period and unit with an automatic renewal only.
		touched["renewPeriod"], touched["renewalPeriodUnit"] = true, true
	}
	orders := false
	for i := range Properties {
		prop := &Properties[i]
		recorded, has := state.GetOk(prop.Name)
		value, given := news.GetOk(prop.Name)
		orders = orders || touched[prop.Name] && prop.Change == Order
		switch {
		case touched[prop.Name] && given:
			out = out.Set(prop.Name, predicted(prop, value))
		case touched[prop.Name] && prop.Change == Record:
		case touched[prop.Name] && prop.Kind == Boolean:
			out = out.Set(prop.Name, property.New(false))
		case touched[prop.Name]:
			out = out.Set(prop.Name, property.New(property.Computed))
		case given && isAhead(prop, state, news, region):
			out = out.Set(prop.Name, predicted(prop, value))
		case has:
			out = out.Set(prop.Name, recorded)
		case prop.Change != Record && !wasConnected(state): // what a connected instance lacks, the cloud does not report
			out = out.Set(prop.Name, property.New(property.Computed))
		}
	}
	for _, o := range Outputs {
		recorded, has := state.GetOk(o.Name)
		switch {
		case o.Name == "pendingOrder", o.Name == "declared":
		case o.Name == "lastOrderId" && has && !orders:
			out = out.Set(o.Name, recorded)
		case o.Stable && has:
			out = out.Set(o.Name, recorded)
		case !o.Stable || !wasConnected(state):
			out = out.Set(o.Name, property.New(property.Computed))
		}
	}
	return out
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
	if prop.Kind != BindVpcList || !v.IsArray() {
		return v
	}
	for _, item := range v.AsArray().All {
		if !item.IsMap() {
			return property.New(property.Computed)
		}
		for _, f := range bindVpcFields {
			if item.AsMap().Get(f.name).IsNull() {
				return property.New(property.Computed)
			}
		}
	}
	return v
}
