package wire_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/test/wire"
)

type probeArgs struct {
	Names []string          `pulumi:"names,optional"`
	Tags  map[string]string `pulumi:"tags,optional"`
}

type probeState struct {
	probeArgs

	Object *probeObject `pulumi:"object,optional"`
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
	return infer.CreateResponse[probeState]{ID: "probe", Output: probeState{req.Inputs, nil}}, nil
}

func (*Probe) Read(context.Context, infer.ReadRequest[probeArgs, probeState]) (infer.ReadResponse[probeArgs, probeState], error) {
	return infer.ReadResponse[probeArgs, probeState]{}, nil // it does not exist
}

func (*Probe) Delete(context.Context, infer.DeleteRequest[probeState]) (infer.DeleteResponse, error) {
	return infer.DeleteResponse{}, nil
}

// unguarded is a bench of Probe without guards.
func unguarded(t *testing.T, seen func(context.Context)) *wire.Bench {
	t.Helper()
	provider, err := infer.NewProviderBuilder().WithNamespace("test").WithResources(infer.Resource(&Probe{seen})).Build()
	if err != nil {
		t.Fatal(err)
	}
	return wire.Serve(t, "probe", provider, resource.NewURN("test", "test", "", "probe:wire_test:Probe", t.Name()))
}

// Each guard repairs a fault that infer still has; where this fails, infer is repaired, and the guard that is named may go.
func TestHolesOfInfer(t *testing.T) {
	t.Parallel()
	panics := func(t *testing.T, inputs map[string]any) (did bool) {
		t.Helper()
		defer func() { did = recover() != nil }()
		unguarded(t, nil).Check(wire.Props(inputs))
		return false
	}
	undeletable := func(t *testing.T, outputs map[string]any) bool {
		t.Helper()
		return unguarded(t, nil).Delete(wire.Resource{ID: "probe", Outputs: wire.Props(outputs)}, 0) != nil
	}
	deadline := func(t *testing.T, seconds float64) (left time.Duration, limited bool) {
		t.Helper()
		b := unguarded(t, func(ctx context.Context) {
			var until time.Time
			until, limited = ctx.Deadline()
			left = time.Until(until)
		})
		b.MustHaveWorked(b.Create(wire.Props(nil), seconds))
		return left, limited
	}
	for name, hole := range map[string]func(*testing.T) bool{
		"a null in a list panics: raw Check, guard/process.go": func(t *testing.T) bool { return panics(t, map[string]any{"names": []any{"a", nil}}) },
		"a secret is marked by its place: guard/secrets.go": func(t *testing.T) bool {
			names := unguarded(t, nil).Create(wire.Props(map[string]any{"names": []any{wire.Secret("a"), "b"}}), 0).Outputs.Get("names").AsArray()
			return names.Get(0).Equals(wire.Secret("b")) && names.Get(1).Equals(property.New("a"))
		},
		"an object that does not exist is imported as nothing: the Read of the resource": func(t *testing.T) bool {
			out := unguarded(t, nil).Import("nothing")
			return out.Err == nil && out.ID == ""
		},
		"a recorded field that is not known keeps from deleting: guard/recorded.go": func(t *testing.T) bool {
			return undeletable(t, map[string]any{"retired": "x"})
		},
		"a recorded field of an object that is not known keeps from deleting: guard/recorded.go": func(t *testing.T) bool {
			return undeletable(t, map[string]any{"object": map[string]any{"x": "1", "retired": "x"}})
		},
		"there is no deadline by default: guard/guard.go": func(t *testing.T) bool {
			_, limited := deadline(t, 0)
			return !limited
		},
		"half a second is no time at all, and one and a half are one: guard/guard.go": func(t *testing.T) bool {
			half, _ := deadline(t, 0.5)
			more, _ := deadline(t, 1.5)
			return half <= 0 && more <= time.Second
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !hole(t) {
				t.Error("infer no longer has this fault: see whether the guard can go")
			}
		})
	}
}
