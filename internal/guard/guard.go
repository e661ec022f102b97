package guard

import (
	"context"
	"fmt"
	"math"
	"strings"
	"sync"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// Default deadlines. The resource option `customTimeouts` overrides the first three.
const (
	CreateTimeout = 60 * time.Minute
	UpdateTimeout = 60 * time.Minute
	DeleteTimeout = 10 * time.Minute
	ReadTimeout   = 5 * time.Minute
)

// RawResource answers on raw property maps what typed code cannot answer right.
type RawResource interface {
	Check(ctx context.Context, req p.CheckRequest) (p.CheckResponse, error)
	// Diff is told whether a refresh asks, which shows drift and must not fail.
	Diff(ctx context.Context, req p.DiffRequest, refresh bool) (p.DiffResponse, error)
	PreviewCreate(ctx context.Context, req p.CreateRequest) (p.CreateResponse, error)
	PreviewUpdate(ctx context.Context, req p.UpdateRequest) (p.UpdateResponse, error)
	// Imported is told what the inputs of an import are, and returns those that Check accepts.
	Imported(ctx context.Context, req p.ReadRequest, inputs property.Map) property.Map
}

// Guarded is a resource type with its raw answers and what it knows of inputs and outputs.
type Guarded struct {
	Raw     RawResource
	Inputs  Fields
	Outputs Fields
	// DeleteTimeout is the default time for a deletion, given the recorded state.
	DeleteTimeout func(state property.Map) time.Duration
	// Repeats names the outputs that repeat inputs under other names, each with those inputs.
	Repeats map[string][]string
}

// Request is what the engine sent for the operation under way, before infer took it apart.
type Request struct {
	URN       resource.URN
	Inputs    property.Map // new inputs; of a read the recorded ones
	OldInputs property.Map
	State     property.Map // recorded outputs; empty for an import or a `.get`
	// IgnoreChanges are the property paths of the resource option of this name, of an update.
	IgnoreChanges []string
}

type requestKey struct{}

// FromContext returns the request under way; it is empty outside of one.
func FromContext(ctx context.Context) Request {
	r, _ := ctx.Value(requestKey{}).(Request)
	return r
}

// Wrap returns the provider with all guards around it. It has the given resources and no others.
func Wrap(provider p.Provider, resources map[tokens.Type]Guarded) p.Provider {
	g := &guard{inner: provider, resources: resources}
	provider.Check, provider.Diff = g.check, g.diff
	provider.Create, provider.Read, provider.Update, provider.Delete = g.create, g.read, g.update, g.delete
	return withoutPanics(provider)
}

type guard struct {
	inner     p.Provider
	resources map[tokens.Type]Guarded
	refreshes sync.Map // the last refresh of each URN
}

// refresh is what a Read returned: the engine's next Diff for the resource, if it compares just these inputs, asks how to
// show the drift.
type refresh struct{ returned, recorded property.Map }

// of returns the resource of a URN. infer panics if the type in a URN does not have three parts.
func (g *guard) of(urn resource.URN) (Guarded, error) {
	if !urn.IsValid() || strings.Count(string(urn.Type()), ":") != 2 {
		return Guarded{}, fmt.Errorf("%q is not the URN of a resource", urn)
	}
	r, ok := g.resources[urn.Type()]
	if !ok {
		return r, fmt.Errorf("this provider has no resource of the type %q", urn.Type())
	}
	return r, nil
}

// begin puts the request and the operation's deadline into the context, to the fraction of a second. It moves infer's own
// deadline, which knows whole seconds only, out of the way.
func begin(ctx context.Context, r Request, seconds *float64, otherwise time.Duration) (context.Context, context.CancelFunc) {
	limit := otherwise
	if *seconds > 0 {
		limit = time.Duration(*seconds * float64(time.Second))
	}
	*seconds = math.Ceil(limit.Seconds()) + 1
	return context.WithTimeout(context.WithValue(ctx, requestKey{}, r), limit)
}

func (g *guard) check(ctx context.Context, req p.CheckRequest) (p.CheckResponse, error) {
	r, err := g.of(req.Urn)
	if err != nil {
		return p.CheckResponse{}, err
	}
	return r.Raw.Check(ctx, req)
}

func (g *guard) diff(ctx context.Context, req p.DiffRequest) (p.DiffResponse, error) {
	r, err := g.of(req.Urn)
	if err != nil {
		return p.DiffResponse{}, err
	}
	found, _ := g.refreshes.LoadAndDelete(req.Urn)
	last, ok := found.(refresh)
	return r.Raw.Diff(ctx, req, ok && last.returned.Equals(req.OldInputs) && last.recorded.Equals(req.Inputs))
}

func (g *guard) create(ctx context.Context, req p.CreateRequest) (p.CreateResponse, error) {
	r, err := g.of(req.Urn)
	if err != nil {
		return p.CreateResponse{}, err
	}
	ctx, cancel := begin(ctx, Request{URN: req.Urn, Inputs: req.Properties}, &req.Timeout, CreateTimeout)
	defer cancel()
	create := g.inner.Create
	if req.DryRun {
		create = r.Raw.PreviewCreate
	}
	resp, err := create(ctx, req)
	resp.Properties = r.keepSecret(resp.Properties, req.Properties)
	return resp, err
}

func (g *guard) update(ctx context.Context, req p.UpdateRequest) (p.UpdateResponse, error) {
	r, err := g.of(req.Urn)
	if err != nil {
		return p.UpdateResponse{}, err
	}
	recorded := req.State
	ctx, cancel := begin(ctx, Request{
		URN: req.Urn, Inputs: req.Inputs, OldInputs: req.OldInputs, State: recorded, IgnoreChanges: req.IgnoreChanges,
	}, &req.Timeout, UpdateTimeout)
	defer cancel()
	req.State = r.Outputs.known(recorded)
	if req.DryRun {
		resp, err := r.Raw.PreviewUpdate(ctx, req)
		resp.Properties = r.keepSecret(resp.Properties, req.Inputs, recorded) // a preview need not show what the update will
		return resp, err
	}
	req.IgnoreChanges = nil // infer would put recorded outputs into the inputs; the resource reads the option from the Request
	resp, err := g.inner.Update(ctx, req)
	resp.Properties = r.keepSecret(resp.Properties, req.Inputs, stillSecret(recorded, req.Inputs, resp.Properties))
	return resp, err
}

func (g *guard) read(ctx context.Context, req p.ReadRequest) (p.ReadResponse, error) {
	r, err := g.of(req.Urn)
	if err != nil {
		return p.ReadResponse{}, err
	}
	recorded, inputs := req.Properties, req.Inputs
	ctx, cancel := begin(ctx, Request{URN: req.Urn, Inputs: inputs, State: recorded}, new(float64), ReadTimeout)
	defer cancel()
	req.Properties, req.Inputs = r.Outputs.known(recorded), r.Inputs.known(inputs)
	resp, err := g.inner.Read(ctx, req)
	if resp.ID == "" {
		return resp, err
	}
	resp.Properties = r.keepSecret(resp.Properties, inputs, recorded)
	resp.Inputs = withoutEmpty(r.keepSecret(resp.Inputs, inputs), inputs)
	if recorded.Len() == 0 {
		resp.Inputs = r.Raw.Imported(ctx, req, resp.Inputs)
	} else {
		g.refreshes.Store(req.Urn, refresh{returned: resp.Inputs, recorded: inputs})
	}
	return resp, err
}

func (g *guard) delete(ctx context.Context, req p.DeleteRequest) error {
	r, err := g.of(req.Urn)
	if err != nil {
		return err
	}
	sent := Request{URN: req.Urn, OldInputs: req.OldInputs, State: req.Properties}
	ctx, cancel := begin(ctx, sent, &req.Timeout, r.DeleteTimeout(req.Properties))
	defer cancel()
	req.Properties = r.Outputs.known(req.Properties)
	return g.inner.Delete(ctx, req)
}
