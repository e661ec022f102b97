package wire_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/test/wire"
)

// This file shows, hole by hole, that infer still has what the guards close, on a small provider without guards. If one of
// these tests fails, infer has been fixed, and the guard that the test names may go.

type probeConfig struct {
	Key    *string `pulumi:"key,optional"`
	Region *string `pulumi:"region,optional"`
}

type probeMode string

func (probeMode) Values() []infer.EnumValue[probeMode] {
	return []infer.EnumValue[probeMode]{{Name: "On", Value: "on", Description: "On."}}
}

type probeArgs struct {
	Zones []string          `pulumi:"zones" provider:"replaceOnChanges"`
	Names []string          `pulumi:"names,optional"`
	Tags  map[string]string `pulumi:"tags,optional"`
	Size  *int              `pulumi:"size,optional"`
	Mode  *probeMode        `pulumi:"mode,optional"`
	Plain string            `pulumi:"plain,optional"`
}

type probeState struct {
	probeArgs

	Endpoint string       `pulumi:"endpoint"`
	Object   *probeObject `pulumi:"object,optional"`
}

type probeObject struct {
	X string `pulumi:"x"`
}

// Probe is a resource as one writes it who trusts infer.
type Probe struct{ seen func(context.Context) }

func (r *Probe) Create(ctx context.Context, req infer.CreateRequest[probeArgs]) (infer.CreateResponse[probeState], error) {
	if r.seen != nil {
		r.seen(ctx)
	}
	slices.Reverse(req.Inputs.Names) // as a cloud may answer
	return infer.CreateResponse[probeState]{ID: "probe", Output: probeState{req.Inputs, "host", nil}}, nil
}

func (*Probe) Update(_ context.Context, req infer.UpdateRequest[probeArgs, probeState]) (infer.UpdateResponse[probeState], error) {
	return infer.UpdateResponse[probeState]{Output: probeState{req.Inputs, "host", nil}}, nil
}

func (*Probe) Read(context.Context, infer.ReadRequest[probeArgs, probeState]) (infer.ReadResponse[probeArgs, probeState], error) {
	return infer.ReadResponse[probeArgs, probeState]{}, nil // it does not exist
}

func (*Probe) Delete(context.Context, infer.DeleteRequest[probeState]) (infer.DeleteResponse, error) {
	return infer.DeleteResponse{}, nil
}

// bare is a bench of Probe without guards.
func bare(t *testing.T, probe *Probe) *wire.Bench {
	t.Helper()
	provider, err := infer.NewProviderBuilder().WithNamespace("test").
		WithResources(infer.Resource(probe)).WithConfig(infer.Config(&probeConfig{})).Build()
	if err != nil {
		t.Fatal(err)
	}
	urn := resource.NewURN("test", "test", "", "probe:wire_test:Probe", t.Name())
	return wire.Serve(t, "probe", provider, urn)
}

// panics tells whether a function panics.
func panics(f func()) (did bool) {
	defer func() { did = recover() != nil }()
	f()
	return false
}

// zones are the inputs that Probe requires, and more.
func zones(more map[string]any) property.Map {
	return wire.Change(wire.Props(map[string]any{"zones": []string{"a"}}), more)
}

// recorded is a resource with these inputs.
func recorded(inputs property.Map) wire.Resource {
	return wire.Resource{ID: "probe", Inputs: inputs, Outputs: inputs.Set("endpoint", property.New("host"))}
}

// TestHolesOfInfer has a test for each hole; after the name of the hole is said what of ours closes it.
func TestHolesOfInfer(t *testing.T) {
	t.Parallel()
	check := func(t *testing.T, more map[string]any) (property.Map, []wire.Failure) {
		t.Helper()
		return bare(t, &Probe{}).Check(zones(more))
	}
	diff := func(t *testing.T, olds, news property.Map) wire.Plan {
		t.Helper()
		plan, err := bare(t, &Probe{}).Diff(recorded(olds), news)
		if err != nil {
			t.Fatal(err)
		}
		return plan
	}
	create := func(t *testing.T, inputs property.Map, seconds float64, seen func(context.Context)) property.Map {
		t.Helper()
		b := bare(t, &Probe{seen: seen})
		out := b.Create(inputs, seconds)
		b.MustHaveWorked(out)
		return out.Outputs
	}
	for name, hole := range map[string]func(*testing.T) bool{
		"a wholly unknown list is dropped by Check: raw Check": func(t *testing.T) bool {
			inputs, _ := check(t, map[string]any{"names": wire.Unknown})
			_, there := inputs.GetOk("names")
			return !there
		},
		"a null in a list panics: raw Check, guard/process.go": func(t *testing.T) bool {
			return panics(func() { check(t, map[string]any{"names": []any{"a", nil}}) })
		},
		"a null in a map panics: raw Check, guard/process.go": func(t *testing.T) bool {
			return panics(func() { check(t, map[string]any{"tags": map[string]any{"a": nil}}) })
		},
		"a value that is not in an enum passes: raw Check": func(t *testing.T) bool {
			_, failures := check(t, map[string]any{"mode": "bogus"})
			return len(failures) == 0
		},
		"a fraction given to an integer passes: raw Check": func(t *testing.T) bool {
			_, failures := check(t, map[string]any{"size": 1.5})
			return len(failures) == 0
		},
		"messages show Go types: raw Check": func(t *testing.T) bool {
			_, failures := check(t, map[string]any{"zones": nil})
			return len(failures) == 1 && strings.Contains(failures[0].Reason, "probeArgs")
		},
		"an absent field that is no pointer comes back as zero: kmsinstance.Args has none": func(t *testing.T) bool {
			inputs, _ := check(t, nil)
			v, there := inputs.GetOk("plain")
			return there && v.Equals(property.New(""))
		},
		"another order of a list is a change: raw Diff": func(t *testing.T) bool {
			return diff(t, zones(map[string]any{"names": []string{"a", "b"}}), zones(map[string]any{"names": []string{"b", "a"}})).Changes
		},
		"the mark of a replacement is lost inside a list: raw Diff": func(t *testing.T) bool {
			return diff(t, zones(nil), zones(map[string]any{"zones": []string{"b"}})).Kinds["zones[0]"] == "UPDATE"
		},
		"one changed input makes every output unknown: raw preview of an update": func(t *testing.T) bool {
			return bare(t, &Probe{}).PreviewUpdate(recorded(zones(map[string]any{"size": 1})), zones(map[string]any{"size": 2})).Get("endpoint").IsComputed()
		},
		"an absent list is neither known nor unknown at preview: raw preview of a create": func(t *testing.T) bool {
			_, there := bare(t, &Probe{}).PreviewCreate(zones(nil)).GetOk("names")
			return !there
		},
		"a secret is marked by its place: guard/secrets.go": func(t *testing.T) bool {
			names := create(t, zones(map[string]any{"names": []any{wire.Secret("a"), "b"}}), 0, nil).Get("names").AsArray()
			return names.Get(0).Equals(wire.Secret("b")) && names.Get(1).Equals(property.New("a"))
		},
		"an object that does not exist is imported as nothing: the Read of kmsinstance fails": func(t *testing.T) bool {
			out := bare(t, &Probe{}).Import("nothing")
			return out.Err == nil && out.ID == ""
		},
		"a recorded field that is not known keeps from deleting: guard/recorded.go": func(t *testing.T) bool {
			old := recorded(zones(nil))
			old.Outputs = old.Outputs.Set("retired", property.New("x"))
			return bare(t, &Probe{}).Delete(old, 0) != nil
		},
		"a recorded field of an object that is not known keeps from deleting: guard/recorded.go": func(t *testing.T) bool {
			old := recorded(zones(nil))
			old.Outputs = old.Outputs.Set("object", property.New(wire.Props(map[string]any{"x": "1", "retired": "x"})))
			return bare(t, &Probe{}).Delete(old, 0) != nil
		},
		"a field that is not recorded keeps from deleting: kmsinstance.State requires none": func(t *testing.T) bool {
			old := recorded(zones(nil))
			old.Outputs = old.Inputs
			return bare(t, &Probe{}).Delete(old, 0) != nil
		},
		"there is no deadline by default: guard.begin": func(t *testing.T) bool {
			limited := true
			create(t, zones(nil), 0, func(ctx context.Context) { _, limited = ctx.Deadline() })
			return !limited
		},
		"half a second is no time at all: guard.begin": func(t *testing.T) bool {
			expired := false
			create(t, zones(nil), 0.5, func(ctx context.Context) { expired = errors.Is(ctx.Err(), context.DeadlineExceeded) })
			return expired
		},
		"one and a half seconds are one: guard.begin": func(t *testing.T) bool {
			left := time.Hour
			create(t, zones(nil), 1.5, func(ctx context.Context) {
				until, _ := ctx.Deadline()
				left = time.Until(until)
			})
			return left <= time.Second
		},
		"any change of the configuration replaces the provider and all resources: own DiffConfig": func(t *testing.T) bool {
			olds := wire.Props(map[string]any{"key": "old", "region": "r"})
			plan, err := bare(t, &Probe{}).DiffConfig(olds, olds.Set("key", property.New("new")))
			return err == nil && plan.Kinds["key"] == "UPDATE_REPLACE"
		},
		"a mistyped key of the configuration passes: own CheckConfig": func(t *testing.T) bool {
			_, failures, err := bare(t, &Probe{}).CheckConfig(property.Map{}, wire.Props(map[string]any{"regoin": "r"}))
			return err == nil && len(failures) == 0
		},
		"a key that was taken out keeps its value: own Configure": func(t *testing.T) bool {
			var region *string
			b := bare(t, &Probe{seen: func(ctx context.Context) { region = infer.GetConfig[*probeConfig](ctx).Region }})
			for _, config := range []map[string]any{{"region": "r"}, {"key": "k"}} {
				if err := b.Configure(wire.Props(config)); err != nil {
					t.Fatal(err)
				}
			}
			b.MustHaveWorked(b.Create(zones(nil), 0))
			return region != nil && *region == "r"
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !hole(t) {
				t.Error("infer no longer has this hole: see whether the guard can go")
			}
		})
	}
}
