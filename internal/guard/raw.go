package guard

import (
	"context"
	"fmt"
	"sync"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// RawResource answers on raw property maps what typed code cannot answer right.
type RawResource interface {
	Check(ctx context.Context, req p.CheckRequest) (p.CheckResponse, error)
	// Diff is told whether a refresh asks, which shows drift and must not fail.
	Diff(ctx context.Context, req p.DiffRequest, refresh bool) (p.DiffResponse, error)
	PreviewCreate(ctx context.Context, req p.CreateRequest) (p.CreateResponse, error)
	PreviewUpdate(ctx context.Context, req p.UpdateRequest) (p.UpdateResponse, error)
}

// Configuration answers for the provider's configuration.
type Configuration interface {
	Check(ctx context.Context, req p.CheckRequest) (p.CheckResponse, error)
	Diff(ctx context.Context, req p.DiffRequest) (p.DiffResponse, error)
	Configure(ctx context.Context, req p.ConfigureRequest) error
}

// Guarded is a resource type with its raw answers and what it knows of inputs and outputs.
type Guarded struct {
	Raw     RawResource
	Inputs  Fields
	Outputs Fields
	// DeleteTimeout is the default time for a deletion, given the recorded state; nil means the constant of this name.
	DeleteTimeout func(state property.Map) time.Duration
	// Repeats names the outputs that repeat inputs under other names, each with those inputs.
	Repeats map[string][]string
}

// Wrap returns the provider with all guards around it.
func Wrap(provider p.Provider, configuration Configuration, resources map[tokens.Type]Guarded) p.Provider {
	g := &guard{inner: provider, resources: resources, refreshes: map[resource.URN]refresh{}}
	wrapped := provider
	wrapped.CheckConfig = configuration.Check
	wrapped.DiffConfig = configuration.Diff
	wrapped.Configure = configuration.Configure
	wrapped.Check = g.check
	wrapped.Diff = g.diff
	wrapped.Create = g.create
	wrapped.Read = g.read
	wrapped.Update = g.update
	wrapped.Delete = g.delete
	return withoutPanics(withURNs(wrapped))
}

type guard struct {
	inner     p.Provider
	resources map[tokens.Type]Guarded
	mutex     sync.Mutex
	refreshes map[resource.URN]refresh
}

// refresh is what a Read returned: the engine's next Diff for the resource, if it compares just these inputs, asks how to
// show the drift.
type refresh struct{ returned, recorded property.Map }

func (g *guard) of(urn resource.URN) (Guarded, bool) {
	if !urn.IsValid() {
		return Guarded{}, false
	}
	r, ok := g.resources[urn.Type()]
	return r, ok
}

func (g *guard) check(ctx context.Context, req p.CheckRequest) (p.CheckResponse, error) {
	r, ok := g.of(req.Urn)
	if !ok {
		return g.inner.Check(ctx, req)
	}
	return r.Raw.Check(ctx, req)
}

func (g *guard) diff(ctx context.Context, req p.DiffRequest) (p.DiffResponse, error) {
	r, ok := g.of(req.Urn)
	if !ok {
		return g.inner.Diff(ctx, req)
	}
	return r.Raw.Diff(ctx, req, g.isRefresh(req))
}

func (g *guard) isRefresh(req p.DiffRequest) bool {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	last, ok := g.refreshes[req.Urn]
	delete(g.refreshes, req.Urn)
	return ok && last.returned.Equals(req.OldInputs) && last.recorded.Equals(req.Inputs)
}

func (g *guard) create(ctx context.Context, req p.CreateRequest) (p.CreateResponse, error) {
	r, ok := g.of(req.Urn)
	if ok && req.DryRun {
		resp, err := r.Raw.PreviewCreate(ctx, req)
		resp.Properties = r.hideRepeated(keepSecret(resp.Properties, req.Properties), req.Properties)
		return resp, err
	}
	if !ok {
		return g.inner.Create(ctx, req)
	}
	ctx, cancel := deadline(ctx, &req.Timeout, CreateTimeout)
	defer cancel()
	ctx = withRequest(ctx, Request{URN: req.Urn, Inputs: req.Properties})
	resp, err := g.inner.Create(ctx, req)
	resp.Properties = r.hideRepeated(keepSecret(resp.Properties, req.Properties), req.Properties)
	return resp, err
}

func (g *guard) update(ctx context.Context, req p.UpdateRequest) (p.UpdateResponse, error) {
	r, ok := g.of(req.Urn)
	if ok && req.DryRun {
		recorded := req.State
		req.State = r.Outputs.known(req.State)
		resp, err := r.Raw.PreviewUpdate(ctx, req)
		resp.Properties = keepSecret(resp.Properties, req.Inputs, recorded) // a preview need not show what the update will
		resp.Properties = r.hideRepeated(resp.Properties, req.Inputs)
		return resp, err
	}
	if !ok {
		return g.inner.Update(ctx, req)
	}
	ctx, cancel := deadline(ctx, &req.Timeout, UpdateTimeout)
	defer cancel()
	ctx = withRequest(ctx, Request{
		URN: req.Urn, Inputs: req.Inputs, OldInputs: req.OldInputs, State: req.State, IgnoreChanges: req.IgnoreChanges,
	})
	recorded := req.State
	req.State = r.Outputs.known(req.State)
	req.IgnoreChanges = nil // the engine has applied it; infer would take outputs for inputs
	resp, err := g.inner.Update(ctx, req)
	resp.Properties = keepSecret(resp.Properties, req.Inputs, stillSecret(recorded, req.Inputs, resp.Properties))
	resp.Properties = r.hideRepeated(resp.Properties, req.Inputs)
	return resp, err
}

func (g *guard) read(ctx context.Context, req p.ReadRequest) (p.ReadResponse, error) {
	r, ok := g.of(req.Urn)
	if !ok {
		return g.inner.Read(ctx, req)
	}
	ctx, cancel := context.WithTimeout(ctx, ReadTimeout)
	defer cancel()
	ctx = withRequest(ctx, Request{URN: req.Urn, Inputs: req.Inputs, State: req.Properties})
	recorded, inputs := req.Properties, req.Inputs
	req.Properties, req.Inputs = r.Outputs.known(req.Properties), r.Inputs.known(req.Inputs)
	resp, err := g.inner.Read(ctx, req)
	if err == nil && resp.ID == "" && recorded.Len() == 0 {
		return p.ReadResponse{}, fmt.Errorf("%s does not exist", req.ID)
	}
	if resp.ID == "" {
		return resp, err
	}
	resp.Properties = keepSecret(resp.Properties, inputs, recorded)
	resp.Inputs = keepSecret(resp.Inputs, inputs)
	resp.Inputs = withoutEmpty(resp.Inputs, inputs)
	if recorded.Len() > 0 {
		g.mutex.Lock()
		defer g.mutex.Unlock()
		g.refreshes[req.Urn] = refresh{returned: resp.Inputs, recorded: inputs}
	}
	return resp, err
}

func (g *guard) delete(ctx context.Context, req p.DeleteRequest) error {
	r, ok := g.of(req.Urn)
	if !ok {
		return g.inner.Delete(ctx, req)
	}
	limit := DeleteTimeout
	if r.DeleteTimeout != nil {
		limit = r.DeleteTimeout(req.Properties)
	}
	ctx, cancel := deadline(ctx, &req.Timeout, limit)
	defer cancel()
	ctx = withRequest(ctx, Request{URN: req.Urn, OldInputs: req.OldInputs, State: req.Properties})
	req.Properties = r.Outputs.known(req.Properties)
	return g.inner.Delete(ctx, req)
}
