package states

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/test/wire"
)

// variants are what the provider may meet instead of what it has recorded itself.
var variants = map[string]func(wire.Resource) wire.Resource{
	// A later version recorded something more, and the user went back to this one.
	"with more": func(r wire.Resource) wire.Resource {
		more := map[string]any{"fromALaterVersion": map[string]any{"some": []any{"thing"}}}
		r.Inputs, r.Outputs = wire.Change(r.Inputs, more), wire.Change(r.Outputs, more)
		for name, v := range r.Outputs.All {
			r.Outputs = r.Outputs.Set(name, withMore(v))
		}
		return r
	},
	// An earlier version, or an interrupted run, recorded no outputs.
	"with nothing": func(r wire.Resource) wire.Resource {
		r.Outputs = wire.Props(nil)
		return r
	},
}

// withMore adds a field to the objects that have fields of their own.
func withMore(v property.Value) property.Value {
	switch {
	case v.IsArray() && v.AsArray().Len() > 0:
		items := v.AsArray().AsSlice()
		for i := range items {
			items[i] = withMore(items[i])
		}
		return property.WithGoValue(v, items)
	case v.IsMap() && (!v.AsMap().Get("clientToken").IsNull() || !v.AsMap().Get("vswitchId").IsNull()): // an order, a bound VPC
		return property.WithGoValue(v, v.AsMap().Set("fromALaterVersion", property.New("thing")).AsMap())
	}
	return v
}

// A recorded instance with more outputs, or with none, is no change by itself, is refreshed, updated without an order, and deleted.
// Promise (Refresh and import): States of every released version can be read, updated and deleted.
func TestSamplesInOtherForms(t *testing.T) {
	t.Parallel()
	all := samples(t)
	if len(all) < len(scenarios) {
		t.Fatalf("there are %d samples, want at least the %d of this version", len(all), len(scenarios))
	}
	for _, s := range all {
		for name, vary := range variants {
			t.Run(s.name+" "+name, func(t *testing.T) {
				t.Parallel()
				b := wire.New(t, wire.Options{})
				s.put(t, b.Cloud)
				goesOn(t, b, s, vary(s.resource()))
			})
		}
	}
}

// goesOn takes a recorded resource through all verbs.
func goesOn(t *testing.T, b *wire.Bench, s sample, r wire.Resource) {
	t.Helper()
	nothing := r.Outputs.Len() == 0
	want := map[string]string{}
	if s.kind() == "half-created" || nothing {
		want["status"] = "UPDATE"
	}
	if plan, err := b.Diff(r, b.Checked(s.resource().Inputs)); err != nil || !maps.Equal(plan.Kinds, want) || len(plan.Replaces) > 0 {
		t.Errorf("the plan is %+v (%v), want %v", plan, err, want)
	}
	read := b.Refresh(r)
	if read.Err != nil || read.ID != s.recorded.ID || s.kind() == "half-created" && !nothing && len(read.Reasons) == 0 {
		t.Fatalf("the refresh gives %q, %v, %v", read.ID, read.Reasons, read.Err)
	}
	// Without a record, 12 months are as good as a year.
	onlyRecorded := []string{"period", "forceDeleteWithoutBackup", "lastOrderId", "declared", "renewPeriod", "renewalPeriodUnit"}
	for name, want := range wire.Go(s.resource().Outputs) {
		missing := nothing && (!s.finished() || slices.Contains(onlyRecorded, name))
		if got := wire.Go(read.Outputs)[name]; !same(got, want) && !missing && !moves(s, name) {
			t.Errorf("%s was recorded as %v, the refresh says %v", name, want, got)
		}
	}
	inputs := wire.Change(s.resource().Inputs, map[string]any{"instanceName": "renamed"})
	switch s.kind() {
	case "half-created":
		inputs = wire.Change(inputs, map[string]any{"vswitchIds": []string{"vsw-main"}})
	case "ordered-sizes":
		inputs = wire.Change(inputs, map[string]any{"keyNum": 2000})
	case "imported":
		inputs = wire.Change(inputs, map[string]any{"deletionProtection": false})
	}
	updated := b.Updated(r, inputs)
	if i, _ := b.Cloud.Instance(s.recorded.ID); i.Name != "renamed" || i.Status != "Connected" {
		t.Errorf("the instance is %+v", i)
	}
	if n := b.Cloud.Totals(); n.Orders != 0 || n.Modifications != 0 {
		t.Errorf("the update placed orders: %+v", n)
	}
	if err := b.Delete(updated, 0); err != nil {
		t.Errorf("deleting failed: %v", err)
	}
	if i, _ := b.Cloud.Instance(s.recorded.ID); !i.Gone {
		t.Errorf("the instance is still there: %+v", i)
	}
}

// moves tells the outputs that have moved on in the cloud since the sample was taken.
func moves(s sample, name string) bool {
	first := strings.HasPrefix(s.name, "v0.1.0/") // recorded orders as they were sent
	return name == "endDate" || s.kind() == "ordered-sizes" && name == "keyNum" || name == "pendingOrder" && (first || s.kind() == "ordered-sizes")
}

// same compares plain values as JSON would.
func same(a, b any) bool {
	return wire.Value(a).Equals(wire.Value(b))
}
