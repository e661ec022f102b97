package enginetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
)

// Stack is a stack of one project whose resources all belong to one provider.
type Stack struct {
	Package  tokens.Package
	Launcher Launcher
	// Config is the configuration of the provider. It may be changed between operations.
	Config resource.PropertyMap
	// Parallel is how many resources are worked on at a time; 0 means 8.
	Parallel int

	mutex      sync.Mutex
	checkpoint Checkpoint
	running    *operation
}

// Checkpoint returns a copy of what the engine remembers.
func (s *Stack) Checkpoint() Checkpoint {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.checkpoint.Copy()
}

// SetCheckpoint replaces what the engine remembers.
func (s *Stack) SetCheckpoint(c Checkpoint) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.checkpoint = c.Copy()
}

func (s *Stack) underWay() *operation {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.running
}

// Cancel is Ctrl-C: no further step starts, and the provider is told to stop what it is doing. It returns when the provider
// has taken note; the operation ends by itself. It does nothing if none is under way.
func (s *Stack) Cancel(ctx context.Context) error {
	o := s.underWay()
	if o == nil {
		return nil
	}
	o.fail(errors.New("canceled"))
	if err := o.plugin.Cancel(ctx); err != nil && s.underWay() == o {
		return err
	}
	return nil
}

// Kill kills the plugin of the operation under way, if there is one, with SIGKILL.
func (s *Stack) Kill() error {
	o := s.underWay()
	if o == nil {
		return nil
	}
	return o.plugin.Kill()
}

// URN is the URN of a resource of this stack.
func (s *Stack) URN(t tokens.Type, name string) resource.URN {
	return resource.NewURN("test", "project", "", t, name)
}

// Op is what a step does.
type Op string

// The kinds of steps.
const (
	OpSame    Op = "same"
	OpCreate  Op = "create"
	OpUpdate  Op = "update"
	OpReplace Op = "replace" // the creation of the replacement
	OpDelete  Op = "delete"
	OpRefresh Op = "refresh"
	OpImport  Op = "import"
)

// Step is one step of an operation, with how it ended.
type Step struct {
	Op         Op
	URN        resource.URN
	ID         resource.ID
	Diff       map[string]plugin.PropertyDiff // of updates, replacements and refreshes
	Outputs    resource.PropertyMap
	InitErrors []string // the resource is stored, but is not what it should be
	Err        error
}

// Result is what came of an operation.
type Result struct {
	Steps []Step
	// Handed are the ids that were handed to dependents.
	Handed []resource.ID
	// Said is what the provider said.
	Said *Host
	// Stderr is what the plugin's process wrote there.
	Stderr string
	// PeakMemory is the most memory that the plugin's process had resident, in bytes; 0 if it is not known, as of one that was killed.
	PeakMemory int64
	// Err is why the operation failed, nil if it did not.
	Err error
}

// Find returns the step of a kind for a resource; nil if there was none.
func (r *Result) Find(op Op, name string) *Step {
	for i := range r.Steps {
		if r.Steps[i].Op == op && r.Steps[i].URN.Name() == name {
			return &r.Steps[i]
		}
	}
	return nil
}

// Ops lists the steps as "op name", without those that do nothing.
func (r *Result) Ops() []string {
	var ops []string
	for _, s := range r.Steps {
		if s.Op != OpSame {
			ops = append(ops, string(s.Op)+" "+s.URN.Name())
		}
	}
	return ops
}

// Text is everything that a user sees of the operation: what the provider said and why it failed.
func (r *Result) Text() string {
	text := r.Said.Text(false)
	for _, s := range r.Steps {
		for _, reason := range s.InitErrors {
			text += "unhealthy: " + reason + "\n"
		}
	}
	if r.Err != nil {
		text += "failed: " + r.Err.Error() + "\n"
	}
	return text
}

// operation is one run of the engine.
type operation struct {
	stack   *Stack
	plugin  *Plugin
	preview bool

	mutex   sync.Mutex
	result  *Result
	stopped bool // no further step may start
}

// run starts the provider, configures it, and does the work.
func (s *Stack) run(ctx context.Context, preview bool, config resource.PropertyMap, work func(*operation)) *Result {
	o := &operation{stack: s, preview: preview, result: &Result{Said: &Host{}}}
	g, err := s.Launcher.Launch(ctx, o.result.Said)
	if err != nil {
		o.result.Said.close()
		o.result.Err = err
		return o.result
	}
	o.plugin = g
	s.mutex.Lock()
	s.running = o
	s.mutex.Unlock()
	defer func() {
		s.mutex.Lock()
		s.running = nil
		s.mutex.Unlock()
		if err := g.Close(); err != nil {
			o.fail(err)
		}
		o.result.Stderr, o.result.PeakMemory = g.Stderr(), g.peak
		o.result.Said.close()
	}()
	if err := o.configure(ctx, config); err != nil {
		o.fail(err)
		return o.result
	}
	work(o)
	return o.result
}

// fail notes a failure and keeps further steps from starting.
func (o *operation) fail(err error) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.stopped = true
	o.result.Err = errors.Join(o.result.Err, err)
}

func (o *operation) isStopped() bool {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return o.stopped
}

// done notes a step. A failed one fails the operation.
func (o *operation) done(step Step) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.result.Steps = append(o.result.Steps, step)
	if step.Err != nil {
		o.stopped = true
		o.result.Err = errors.Join(o.result.Err, fmt.Errorf("%s %s: %w", step.Op, step.URN.Name(), step.Err))
	}
}

// configure sets the provider up like the default provider of a stack.
func (o *operation) configure(ctx context.Context, config resource.PropertyMap) error {
	s := o.stack
	typ := tokens.Type("pulumi:providers:" + string(s.Package))
	urn := s.URN(typ, "default")
	olds := s.Checkpoint().Provider
	checked, err := o.plugin.Provider.CheckConfig(ctx, plugin.CheckConfigRequest{
		URN: urn, Olds: olds, News: config, AllowUnknowns: o.preview,
	})
	if err != nil {
		return fmt.Errorf("checking the configuration: %w", err)
	}
	if len(checked.Failures) > 0 {
		return fmt.Errorf("the configuration is refused: %s", failures(checked.Failures))
	}
	if olds != nil {
		diff, err := o.plugin.Provider.DiffConfig(ctx, plugin.DiffConfigRequest{
			URN: urn, OldInputs: olds, OldOutputs: olds, NewInputs: checked.Properties, AllowUnknowns: o.preview,
		})
		if err != nil {
			return fmt.Errorf("comparing the configuration: %w", err)
		}
		if diff.Replace() {
			return fmt.Errorf("the configuration replaces the provider and every resource of it: %v", diff.ReplaceKeys)
		}
	}
	id, name := resource.ID("default"), "default"
	if _, err := o.plugin.Provider.Configure(ctx, plugin.ConfigureRequest{
		URN: &urn, ID: &id, Name: &name, Type: &typ, Inputs: checked.Properties,
	}); err != nil {
		return fmt.Errorf("configuring: %w", err)
	}
	o.store(func(c *Checkpoint) { c.Provider = checked.Properties.Copy() })
	return nil
}

func failures(list []plugin.CheckFailure) string {
	words := make([]string, len(list))
	for i, f := range list {
		words[i] = fmt.Sprintf("%s: %s", f.Property, f.Reason)
	}
	slices.Sort(words)
	return strings.Join(words, "; ")
}

// store changes the checkpoint; what a preview changes is undone at its end.
func (o *operation) store(change func(*Checkpoint)) {
	o.stack.mutex.Lock()
	defer o.stack.mutex.Unlock()
	change(&o.stack.checkpoint)
}
