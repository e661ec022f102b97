package enginetest

import (
	"context"
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// maxHookTries is how often the engine tries at most because an error hook says so.
const maxHookTries = 100

// register does what the registration of a resource leads to.
func (o *operation) register(ctx context.Context, g Registration) {
	s := o.stack
	urn := s.URN(g.Type, g.Name)
	old := o.find(urn)
	if g.Import != "" && (old == nil || old.importedID() != g.Import) {
		imported, ok := o.importResource(ctx, urn, g, old)
		if !ok {
			return
		}
		old = imported
	}
	inputs := g.Inputs.Copy()
	var olds resource.PropertyMap
	if old != nil {
		olds = old.Inputs
		inputs = ignoring(g.IgnoreChanges, olds, inputs)
	}
	checked, err := o.check(ctx, urn, olds, inputs)
	if err != nil {
		o.done(Step{Op: OpSame, URN: urn, Err: err})
		return
	}
	now := &Resource{
		URN: urn, Inputs: checked, Import: g.Import, Protect: g.Protect, RetainOnDelete: g.RetainOnDelete,
		IgnoreChanges: g.IgnoreChanges, Timeouts: g.Timeouts,
	}
	if old == nil {
		o.create(ctx, nil, now, g, nil)
		return
	}
	diff, err := o.plugin.Provider.Diff(ctx, plugin.DiffRequest{
		URN: urn, Name: urn.Name(), Type: urn.Type(), ID: old.ID, OldInputs: old.Inputs, OldOutputs: old.Outputs, NewInputs: checked,
		AllowUnknowns: o.preview, IgnoreChanges: g.IgnoreChanges,
	})
	switch {
	case err != nil:
		o.done(Step{Op: OpSame, URN: urn, ID: old.ID, Err: fmt.Errorf("diffing: %w", err)})
	case diff.Changes == plugin.DiffUnknown:
		o.done(Step{Op: OpSame, URN: urn, ID: old.ID, Err: errors.New("the provider does not say whether anything changes")})
	case diff.Changes == plugin.DiffSome && diff.Replace():
		o.replaceResource(ctx, old, now, g, diff)
	case diff.Changes == plugin.DiffSome || len(old.InitErrors) > 0:
		o.update(ctx, old, now, g, diff)
	default:
		now.ID, now.Outputs = old.ID, old.Outputs
		o.store(func(c *Checkpoint) { c.replace(old, now) })
		o.done(Step{Op: OpSame, URN: urn, ID: now.ID, Outputs: now.Outputs})
		o.answer(g, now)
	}
}

// answer lets a registration that succeeded return. The program then registers the resource that depends on this one.
func (o *operation) answer(g Registration, now *Resource) {
	if g.Dependent == "" || o.preview {
		return
	}
	o.store(func(c *Checkpoint) {
		if c.Dependents == nil {
			c.Dependents = map[string]Dependent{}
		}
		c.Dependents[g.Dependent] = Dependent{Of: now.URN, Input: now.ID}
	})
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.result.Handed = append(o.result.Handed, now.ID)
}

func (r *Resource) importedID() resource.ID {
	if r.Import != "" {
		return r.Import
	}
	return r.ID
}

// find returns the resource as it is in the checkpoint itself.
func (o *operation) find(urn resource.URN) *Resource {
	o.stack.mutex.Lock()
	defer o.stack.mutex.Unlock()
	for _, r := range o.stack.checkpoint.Resources {
		if r.URN == urn && !r.Delete {
			return r
		}
	}
	return nil
}

// ignoring sets what ignoreChanges names back to what is recorded. Top-level properties are enough here.
func ignoring(names []string, olds, news resource.PropertyMap) resource.PropertyMap {
	for _, name := range names {
		if v, ok := olds[resource.PropertyKey(name)]; ok {
			news[resource.PropertyKey(name)] = v
		} else {
			delete(news, resource.PropertyKey(name))
		}
	}
	return news
}

func (o *operation) check(ctx context.Context, urn resource.URN, olds, news resource.PropertyMap) (resource.PropertyMap, error) {
	resp, err := o.plugin.Provider.Check(ctx, plugin.CheckRequest{
		URN: urn, Name: urn.Name(), Type: urn.Type(), Olds: olds, News: news, AllowUnknowns: o.preview, RandomSeed: make([]byte, 32),
	})
	if err != nil {
		return nil, fmt.Errorf("checking: %w", err)
	}
	if len(resp.Failures) > 0 {
		return nil, fmt.Errorf("the inputs are refused: %s", failures(resp.Failures))
	}
	return resp.Properties, nil
}

// create makes a resource, or the replacement of old.
func (o *operation) create(ctx context.Context, old, now *Resource, g Registration, diff map[string]plugin.PropertyDiff) {
	op := OpCreate
	if old != nil {
		op = OpReplace
	}
	var resp plugin.CreateResponse
	tries := withHook(g.OnError, func() (err error) {
		resp, err = o.plugin.Provider.Create(ctx, plugin.CreateRequest{
			URN: now.URN, Name: now.URN.Name(), Type: now.URN.Type(), Properties: now.Inputs, Timeout: now.Timeouts.Create, Preview: o.preview,
		})
		return err
	})
	err := tries.err
	if err == nil && resp.ID == "" && !o.preview {
		err = errors.New("the provider did not return an id from Create")
		tries.partial = false
	}
	if err != nil && !tries.partial {
		o.done(Step{Op: op, URN: now.URN, Diff: diff, Err: err})
		return
	}
	now.InitErrors = tries.initErrors
	if !tries.exhausted {
		now.ID, now.Outputs = resp.ID, resp.Properties
	}
	o.store(func(c *Checkpoint) {
		if old != nil {
			replaced := old.copy()
			replaced.Delete = true
			c.replace(old, replaced)
		}
		c.replace(nil, now)
	})
	o.done(Step{Op: op, URN: now.URN, ID: now.ID, Diff: diff, Outputs: now.Outputs, InitErrors: now.InitErrors, Err: err})
	if err == nil {
		o.answer(g, now)
	}
}

func (o *operation) replaceResource(ctx context.Context, old, now *Resource, g Registration, diff plugin.DiffResult) {
	switch {
	case now.Protect && old.Protect:
		o.done(Step{Op: OpReplace, URN: now.URN, Diff: diff.DetailedDiff, Err: errors.New("the resource is protected")})
		return
	case g.Import != "":
		o.done(Step{
			Op: OpReplace, URN: now.URN, Diff: diff.DetailedDiff,
			Err: errors.New("previously-imported resources that still specify an ID may not be replaced"),
		})
		return
	}
	// The recorded inputs do not carry over to a replacement.
	checked, err := o.check(ctx, now.URN, nil, g.Inputs)
	if err != nil {
		o.done(Step{Op: OpReplace, URN: now.URN, Err: err})
		return
	}
	now.Inputs = checked
	o.create(ctx, old, now, g, diff.DetailedDiff)
}

func (o *operation) update(ctx context.Context, old, now *Resource, g Registration, diff plugin.DiffResult) {
	var resp plugin.UpdateResponse
	tries := withHook(g.OnError, func() (err error) {
		resp, err = o.plugin.Provider.Update(ctx, plugin.UpdateRequest{
			URN: now.URN, Name: now.URN.Name(), Type: now.URN.Type(), ID: old.ID, OldInputs: old.Inputs, OldOutputs: old.Outputs,
			NewInputs: now.Inputs, Timeout: now.Timeouts.Update, IgnoreChanges: now.IgnoreChanges, Preview: o.preview,
		})
		return err
	})
	step := Step{Op: OpUpdate, URN: now.URN, ID: old.ID, Diff: diff.DetailedDiff, InitErrors: tries.initErrors, Err: tries.err}
	if tries.err != nil && !tries.partial {
		o.done(step)
		return
	}
	now.ID, now.InitErrors = old.ID, tries.initErrors
	if !tries.exhausted {
		now.Outputs = resp.Properties
	}
	if tries.err != nil {
		now.Inputs = old.Inputs.Copy() // the engine keeps the old inputs of an update that failed, with the new outputs
	}
	o.store(func(c *Checkpoint) { c.replace(old, now) })
	step.Outputs = now.Outputs
	o.done(step)
	if tries.err == nil {
		o.answer(g, now)
	}
}

// importResource takes up an existing resource by the resource option import. What the checkpoint has had until then is
// replaced by it.
func (o *operation) importResource(ctx context.Context, urn resource.URN, g Registration, old *Resource) (*Resource, bool) {
	read, err := o.plugin.Provider.Read(ctx, plugin.ReadRequest{
		URN: urn, Name: urn.Name(), Type: urn.Type(), ID: g.Import, Timeout: g.Timeouts.Read,
	})
	initErrors := reasonsOf(err)
	switch {
	case err != nil && initErrors == nil:
		o.done(Step{Op: OpImport, URN: urn, ID: g.Import, Err: err})
		return nil, false
	case read.Outputs == nil:
		o.done(Step{Op: OpImport, URN: urn, ID: g.Import, Err: fmt.Errorf("resource %q does not exist", g.Import)})
		return nil, false
	case read.Inputs == nil:
		o.done(Step{Op: OpImport, URN: urn, ID: g.Import, Err: errors.New("the provider returned no inputs")})
		return nil, false
	}
	now := &Resource{
		URN: urn, ID: read.ID, Inputs: read.Inputs, Outputs: read.Outputs, InitErrors: initErrors, Import: g.Import,
		Protect: g.Protect, RetainOnDelete: g.RetainOnDelete, IgnoreChanges: g.IgnoreChanges, Timeouts: g.Timeouts,
	}
	if now.ID == "" {
		now.ID = g.Import
	}
	o.store(func(c *Checkpoint) {
		if old != nil {
			replaced := old.copy()
			replaced.Delete = true
			c.replace(old, replaced)
		}
		c.replace(nil, now)
	})
	o.done(Step{Op: OpImport, URN: urn, ID: now.ID, Outputs: now.Outputs, InitErrors: initErrors})
	return now, true
}

// refresh reads a resource and takes over what it finds. It returns nil if the resource is gone.
func (o *operation) refresh(ctx context.Context, old *Resource) {
	read, err := o.plugin.Provider.Read(ctx, plugin.ReadRequest{
		URN: old.URN, Name: old.URN.Name(), Type: old.URN.Type(), ID: old.ID, Inputs: old.Inputs, State: old.Outputs, Timeout: old.Timeouts.Read,
	})
	initErrors := reasonsOf(err)
	if err != nil && initErrors == nil {
		o.done(Step{Op: OpRefresh, URN: old.URN, ID: old.ID, Err: err})
		return
	}
	if read.ID == "" || read.Outputs == nil {
		o.store(func(c *Checkpoint) { c.replace(old, nil) })
		o.done(Step{Op: OpRefresh, URN: old.URN})
		return
	}
	now := old.copy()
	now.ID, now.Outputs, now.InitErrors = read.ID, read.Outputs, initErrors
	if read.Inputs != nil {
		now.Inputs = read.Inputs
	}
	diff, err := o.plugin.Provider.Diff(ctx, plugin.DiffRequest{
		URN: now.URN, Name: now.URN.Name(), Type: now.URN.Type(), ID: now.ID, OldInputs: now.Inputs, OldOutputs: now.Outputs,
		NewInputs: old.Inputs, AllowUnknowns: o.preview, IgnoreChanges: old.IgnoreChanges,
	})
	if err != nil {
		o.done(Step{Op: OpRefresh, URN: old.URN, ID: old.ID, Err: fmt.Errorf("diffing: %w", err)})
		return
	}
	o.store(func(c *Checkpoint) { c.replace(old, now) })
	o.done(Step{
		Op: OpRefresh, URN: now.URN, ID: now.ID, Diff: diff.Invert().DetailedDiff, Outputs: now.Outputs, InitErrors: initErrors,
	})
}

// remove deletes a resource.
func (o *operation) remove(ctx context.Context, old *Resource) {
	step := Step{Op: OpDelete, URN: old.URN, ID: old.ID}
	switch {
	case old.Protect && !old.Delete:
		step.Err = errors.New("the resource is protected")
	case !o.preview && !old.RetainOnDelete:
		_, step.Err = o.plugin.Provider.Delete(ctx, plugin.DeleteRequest{
			URN: old.URN, Name: old.URN.Name(), Type: old.URN.Type(), ID: old.ID, Inputs: old.Inputs, Outputs: old.Outputs,
			Timeout: old.Timeouts.Delete,
		})
	}
	if step.Err == nil {
		o.store(func(c *Checkpoint) { c.replace(old, nil) })
	}
	o.done(step)
}

// tries is what came of an operation that an error hook may have had tried again.
type tries struct {
	err error
	// initErrors are the reasons of the last try that failed to initialize. The engine records them even if a later try
	// succeeded: the next update then has the resource updated once more.
	initErrors []string
	// partial says that the resource is stored although the operation failed.
	partial bool
	// exhausted says that the hook wanted more tries than there are. The engine then stores a resource without the id and the
	// outputs of any of them.
	exhausted bool
}

// withHook tries again for as long as the error hook says so, as withRetries and the steps of the engine do. The hook is
// given the failures so far, the latest first.
func withHook(hook func([]string) bool, try func() error) (t tries) {
	var failed []string
	everPartial := false
	for {
		t.err = try()
		if t.err == nil {
			t.partial = false
			return t
		}
		reasons := reasonsOf(t.err)
		if t.partial = reasons != nil; t.partial {
			t.initErrors, everPartial = reasons, true
		}
		if hook == nil {
			return t
		}
		failed = append([]string{t.err.Error()}, failed...)
		if len(failed) == maxHookTries {
			t.err, t.partial, t.exhausted = errors.New("maximum number of error hook retries reached"), everPartial, true
			return t
		}
		if !hook(failed) {
			return t
		}
	}
}

// reasonsOf returns the reasons of a failed initialization, nil if err is something else.
func reasonsOf(err error) []string {
	var failed *plugin.InitError
	if errors.As(err, &failed) {
		return append([]string{}, failed.Reasons...)
	}
	return nil
}
