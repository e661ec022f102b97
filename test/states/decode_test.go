package states

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/test/wire"
)

// variants are what the provider may meet instead of what it has written itself.
var variants = map[string]func(wire.Resource) wire.Resource{
	"as recorded": func(r wire.Resource) wire.Resource { return r },
	// A later version recorded something more, and the user went back to this one.
	"with more": func(r wire.Resource) wire.Resource {
		more := map[string]any{"fromALaterVersion": map[string]any{"some": []any{"thing"}}}
		r.Inputs, r.Outputs = wire.Change(r.Inputs, more), wire.Change(r.Outputs, more)
		for name, v := range r.Outputs.All {
			r.Outputs = r.Outputs.Set(name, withMore(v))
		}
		return r
	},
	// An earlier version, or an interrupted run, recorded less: of the outputs, nothing.
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

// every runs a test for each sample in each variant.
func every(t *testing.T, test func(t *testing.T, s sample, variant string, b *wire.Bench, r wire.Resource)) {
	t.Helper()
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
				test(t, s, name, b, vary(s.resource()))
			})
		}
	}
}

// TestDiffOfSamples: the recorded inputs pass Check and are no change, let alone a replacement. An instance that is on its way
// to be connected is gone on with.
func TestDiffOfSamples(t *testing.T) {
	t.Parallel()
	every(t, func(t *testing.T, s sample, variant string, b *wire.Bench, r wire.Resource) {
		plan, err := b.Diff(r, b.Checked(s.resource().Inputs))
		want := map[string]string{}
		if s.kind() == "half-created" || variant == "with nothing" {
			want["status"] = "UPDATE"
		}
		if err != nil || !maps.Equal(plan.Kinds, want) || len(plan.Replaces) > 0 {
			t.Errorf("the plan is %+v (%v), want %v", plan, err, want)
		}
		if _, err := b.RefreshDiff(r, s.resource()); err != nil {
			t.Errorf("comparing after a refresh failed: %v", err)
		}
	})
}

// TestPreviewOfSamples: what was recorded and cannot change is still known, unchanged, when an update is previewed.
func TestPreviewOfSamples(t *testing.T) {
	t.Parallel()
	every(t, func(t *testing.T, s sample, variant string, b *wire.Bench, r wire.Resource) {
		got := wire.Go(b.PreviewUpdate(r, b.Checked(s.resource().Inputs)))
		if variant == "with nothing" || !s.finished() {
			return // the update is yet to find out
		}
		for name, want := range wire.Go(s.resource().Outputs) {
			if !same(got[name], want) && got[name] != "<unknown>" {
				t.Errorf("%s was recorded as %v, the preview says %v", name, want, got[name])
			}
		}
		for _, name := range []string{"instanceId", "arn", "endpoint", "createTime", "caCertificateChainPem", "vpcId", "zoneIds"} {
			if !same(got[name], s.recorded.Outputs[name]) {
				t.Errorf("%s is %v in the preview, want the recorded %v", name, got[name], s.recorded.Outputs[name])
			}
		}
	})
}

// TestRefreshOfSamples: the instance is found again, and everything that is recorded of it comes back.
func TestRefreshOfSamples(t *testing.T) {
	t.Parallel()
	every(t, func(t *testing.T, s sample, variant string, b *wire.Bench, r wire.Resource) {
		out := b.Refresh(r)
		if out.Err != nil || out.ID != s.recorded.ID {
			t.Fatalf("the refresh gave the id %q: %v", out.ID, out.Err)
		}
		if variant == "with nothing" {
			return // TestRefreshFillsWhatIsMissing
		}
		if s.kind() == "half-created" && len(out.Reasons) == 0 {
			t.Error("the refresh takes the instance for finished")
		}
		for name, want := range wire.Go(s.resource().Outputs) {
			if got, ok := wire.Go(out.Outputs)[name]; (!ok || !same(got, want)) && !moves(s, name) {
				t.Errorf("%s was recorded as %v, the refresh says %v", name, want, got)
			}
		}
		for name, want := range s.recorded.Inputs {
			if got := wire.Go(out.Inputs)[name]; !same(got, want) && !moves(s, name) {
				t.Errorf("the input %s was recorded as %v, the refresh says %v", name, want, got)
			}
		}
	})
}

// moves tells the outputs that have moved on in the cloud since the sample was taken.
func moves(s sample, name string) bool {
	first := strings.HasPrefix(s.name, "v0.1.0/") // recorded orders as they were sent
	return name == "endDate" || s.kind() == "ordered-sizes" && name == "keyNum" || name == "pendingOrder" && (first || s.kind() == "ordered-sizes")
}

// TestRefreshFillsWhatIsMissing: whichever output is missing, a refresh of a finished instance brings it back, but for those
// that only the record knows.
func TestRefreshFillsWhatIsMissing(t *testing.T) {
	t.Parallel()
	onlyRecorded := []string{"period", "forceDeleteWithoutBackup", "lastOrderId"}
	for _, s := range samples(t) {
		if !s.finished() {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			b := wire.New(t, wire.Options{})
			s.put(t, b.Cloud)
			for _, name := range slices.Sorted(maps.Keys(s.recorded.Outputs)) {
				r := s.resource()
				r.Outputs = r.Outputs.Delete(name)
				out := b.Refresh(r)
				if out.Err != nil || len(out.Reasons) > 0 || out.ID != s.recorded.ID {
					t.Errorf("without %s the refresh failed: %v %v", name, out.Err, out.Reasons)
					continue
				}
				got, there := wire.Go(out.Outputs)[name]
				if !there && !slices.Contains(onlyRecorded, name) {
					t.Errorf("the refresh does not bring %s back", name)
				}
				if there && !same(got, s.recorded.Outputs[name]) && !moves(s, name) {
					t.Errorf("%s comes back as %v, want %v", name, got, s.recorded.Outputs[name])
				}
			}
		})
	}
}

// TestUpdateOfSamples: an update finishes what is unfinished and buys nothing.
// Promise (Refresh and import): States of every released version can be read, updated and deleted.
func TestUpdateOfSamples(t *testing.T) {
	t.Parallel()
	every(t, func(t *testing.T, s sample, variant string, b *wire.Bench, r wire.Resource) {
		inputs := wire.Change(s.resource().Inputs, map[string]any{"instanceName": "renamed"})
		switch s.kind() {
		case "half-created":
			inputs = wire.Change(inputs, map[string]any{"vswitchIds": []string{"vsw-main"}})
		case "ordered-sizes":
			inputs = wire.Change(inputs, map[string]any{"keyNum": 2000})
		}
		out := b.Update(r, b.Checked(inputs), 0)
		if out.Err != nil || len(out.Reasons) > 0 {
			t.Errorf("the update failed: %v %v", out.Err, out.Reasons)
		} else if i, _ := b.Cloud.Instance(s.recorded.ID); i.Name != "renamed" || i.Status != "Connected" {
			t.Errorf("the instance is %+v", i)
		}
		if n := b.Cloud.Totals(); n.Orders != 0 || n.Modifications != 0 {
			t.Errorf("the update placed orders: %+v", n)
		}
	})
}

// TestDeleteOfSamples: every instance can be given back.
func TestDeleteOfSamples(t *testing.T) {
	t.Parallel()
	every(t, func(t *testing.T, s sample, variant string, b *wire.Bench, r wire.Resource) {
		if s.kind() == "imported" {
			r = b.Updated(r, wire.Change(s.resource().Inputs, map[string]any{"deletionProtection": false}))
		}
		if s.kind() == "pay-as-you-go" && variant == "with nothing" {
			// The force flag acts only from the record.
			r = b.Updated(r, s.resource().Inputs)
		}
		if err := b.Delete(r, 0); err != nil {
			t.Errorf("deleting failed: %v", err)
		}
		if i, _ := b.Cloud.Instance(s.recorded.ID); !i.Gone {
			t.Errorf("the instance is still there: %+v", i)
		}
	})
}

// same compares plain values as JSON would.
func same(a, b any) bool {
	return wire.Value(a).Equals(wire.Value(b))
}
