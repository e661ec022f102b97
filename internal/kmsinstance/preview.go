package kmsinstance

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

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
		if o.Name != "pendingOrder" {
			out = out.Set(o.Name, property.New(property.Computed))
		}
	}
	return out
}

// previewUpdate predicts the outputs of an update in place: what cannot change and what is not being changed stays known,
// so that dependents are not replanned.
func previewUpdate(id string, state, olds, news property.Map, region string) property.Map {
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
	for i := range Properties {
		prop := &Properties[i]
		recorded, has := state.GetOk(prop.Name)
		value, given := news.GetOk(prop.Name)
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
		case prop.Change != Record && !settled(state):
			out = out.Set(prop.Name, property.New(property.Computed))
		}
	}
	for _, o := range Outputs {
		recorded, has := state.GetOk(o.Name)
		switch {
		case o.Name == "pendingOrder":
		case o.Name == "lastOrderId" && has && !orders(touched):
			out = out.Set(o.Name, recorded)
		case o.Stable && has && !isProvisional(id):
			out = out.Set(o.Name, recorded)
		case !o.Stable || !settled(state):
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
	case !has, prop.Change == Record, prop.Change == Replace && settled(state):
		return false
	case isRenewalPeriod(prop) && (!isString(state.Get("renewStatus"), string(AutoRenewal)) || samePeriod(state, news)):
		return false
	default:
		return !sameValue(prop, recorded, news.Get(prop.Name), region)
	}
}

func isRenewalPeriod(prop *Property) bool {
	return prop.Name == "renewPeriod" || prop.Name == "renewalPeriodUnit"
}

// orders tells whether a change of the inputs is an order.
func orders(touched map[string]bool) bool {
	for name := range touched {
		if propertyByName[name].Change == Order {
			return true
		}
	}
	return false
}

// settled tells whether the recorded outputs are those of an instance that was read when it was connected: what such a
// state lacks, the cloud does not report.
func settled(state property.Map) bool { return wasConnected(state) }

// predicted is the output that an input leads to: the input itself, unless the cloud fills in what it leaves open.
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
