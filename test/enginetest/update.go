package enginetest

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
)

// Options are options of the CLI.
type Options struct {
	// Refresh is --refresh: the resources are read before anything else.
	Refresh bool
}

// Up is `pulumi up --skip-preview`.
func (s *Stack) Up(ctx context.Context, program Program, options Options) *Result {
	return s.run(ctx, false, s.Config, func(o *operation) { o.deploy(ctx, program, options) })
}

// Preview is `pulumi preview`. It leaves the checkpoint as it is.
func (s *Stack) Preview(ctx context.Context, program Program, options Options) *Result {
	before := s.Checkpoint()
	result := s.run(ctx, true, s.Config, func(o *operation) { o.deploy(ctx, program, options) })
	s.SetCheckpoint(before)
	return result
}

func (o *operation) deploy(ctx context.Context, program Program, options Options) {
	if options.Refresh {
		o.refreshAll(ctx)
	}
	o.each(len(program), func(i int) { o.register(ctx, program[i]) })
	registered := map[resource.URN]bool{}
	for _, g := range program {
		registered[o.stack.URN(g.Type, g.Name)] = true
	}
	o.removeAll(ctx, func(r *Resource) bool { return r.Delete || !registered[r.URN] })
}

// Refresh is `pulumi refresh`. It uses the recorded configuration of the provider, as the engine does.
func (s *Stack) Refresh(ctx context.Context) *Result {
	config := s.Config
	if recorded := s.Checkpoint().Provider; recorded != nil {
		config = recorded
	}
	return s.run(ctx, false, config, func(o *operation) { o.refreshAll(ctx) })
}

// Destroy is `pulumi destroy`. It uses the recorded configuration of the provider, as the engine does.
func (s *Stack) Destroy(ctx context.Context, options Options) *Result {
	config := s.Config
	if recorded := s.Checkpoint().Provider; recorded != nil {
		config = recorded
	}
	return s.run(ctx, false, config, func(o *operation) {
		if options.Refresh {
			o.refreshAll(ctx)
		}
		o.removeAll(ctx, func(*Resource) bool { return true })
	})
}

// Invoke calls a function of the provider.
func (s *Stack) Invoke(ctx context.Context, token tokens.ModuleMember, args resource.PropertyMap) (resource.PropertyMap, *Result) {
	var out resource.PropertyMap
	result := s.run(ctx, false, s.Config, func(o *operation) {
		resp, err := o.plugin.Provider.Invoke(ctx, plugin.InvokeRequest{Tok: token, Args: args})
		if err != nil {
			o.fail(err)
			return
		}
		out = resp.Properties
	})
	return out, result
}

func (o *operation) refreshAll(ctx context.Context) {
	all := o.resources(func(*Resource) bool { return true })
	o.each(len(all), func(i int) { o.refresh(ctx, all[i]) })
}

// removeAll deletes resources, the last first. Nothing is deleted after a failure.
func (o *operation) removeAll(ctx context.Context, which func(*Resource) bool) {
	if o.isStopped() {
		return
	}
	gone := o.resources(which)
	slices.Reverse(gone)
	o.removeDependents(gone)
	o.each(len(gone), func(i int) { o.remove(ctx, gone[i]) })
}

// removeDependents removes what depends on resources that leave the stack altogether. It goes first.
func (o *operation) removeDependents(gone []*Resource) {
	if o.preview {
		return
	}
	o.store(func(c *Checkpoint) {
		maps.DeleteFunc(c.Dependents, func(_ string, d Dependent) bool {
			return slices.ContainsFunc(gone, func(r *Resource) bool { return r.URN == d.Of && !r.Delete })
		})
	})
}

// resources returns the resources as they are in the checkpoint itself.
func (o *operation) resources(which func(*Resource) bool) []*Resource {
	o.stack.mutex.Lock()
	defer o.stack.mutex.Unlock()
	var found []*Resource
	for _, r := range o.stack.checkpoint.Resources {
		if which(r) {
			found = append(found, r)
		}
	}
	return found
}

// each starts the work on several resources in their order, some at a time. After a failure none is started any more.
func (o *operation) each(n int, work func(int)) {
	limit := o.stack.Parallel
	if limit == 0 {
		limit = 8
	}
	free := make(chan struct{}, limit)
	var group sync.WaitGroup
	for i := range n {
		free <- struct{}{}
		if o.isStopped() {
			break
		}
		group.Go(func() {
			defer func() { <-free }()
			work(i)
		})
	}
	group.Wait()
}
