package engine

import (
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/pkg/v3/display"
	pulumi "github.com/pulumi/pulumi/pkg/v3/engine"
	"github.com/pulumi/pulumi/pkg/v3/engine/lifecycletest/framework"
	"github.com/pulumi/pulumi/pkg/v3/resource/deploy"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
)

// Names of the stack that every Stack is.
const (
	stackName   = "test"
	projectName = "project"
)

// Options are options of the CLI, such as Refresh, Targets, ReplaceTargets and ContinueOnError.
type Options = pulumi.UpdateOptions

// Stack is a stack. One operation can run on it at a time.
type Stack struct {
	// Providers are the providers of the program, by package.
	Providers map[tokens.Package]Provider
	// Config is the configuration of the stack, by keys like "aws:region". It is not secret: the engine hides secret values in
	// all that it prints, in all stacks of the process, so that no test could see a provider print one.
	Config map[string]string

	mutex    sync.Mutex
	snapshot *deploy.Snapshot
	running  *operation
}

// Up is `pulumi up --skip-preview`.
func (s *Stack) Up(ctx context.Context, program Program, options Options) *Result {
	return s.run(ctx, pulumi.Update, false, program, options)
}

// Preview is `pulumi preview`.
func (s *Stack) Preview(ctx context.Context, program Program, options Options) *Result {
	return s.run(ctx, pulumi.Update, true, program, options)
}

// Refresh is `pulumi refresh --skip-preview`.
func (s *Stack) Refresh(ctx context.Context, program Program, options Options) *Result {
	return s.run(ctx, pulumi.Refresh, false, program, options)
}

// Destroy is `pulumi destroy --skip-preview`.
func (s *Stack) Destroy(ctx context.Context, options Options) *Result {
	return s.run(ctx, pulumi.Destroy, false, nil, options)
}

// URN is the URN of a resource of this stack.
func (*Stack) URN(t tokens.Type, name string) resource.URN {
	return resource.NewURN(stackName, projectName, "", t, name)
}

// Snapshot returns a copy of what the engine has recorded; nil if nothing.
func (s *Stack) Snapshot() *deploy.Snapshot {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return framework.CloneSnapshot(quiet{}, s.snapshot)
}

// SetSnapshot replaces what the engine has recorded.
func (s *Stack) SetSnapshot(snapshot *deploy.Snapshot) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.snapshot = framework.CloneSnapshot(quiet{}, snapshot)
}

// Cancel is the first Ctrl-C. It returns when the providers have been told; the operation ends by itself. It does nothing if
// none is under way.
func (s *Stack) Cancel() {
	if o := s.underWay(); o != nil {
		o.cancel()
		select {
		case <-o.told:
		case <-o.ended:
		}
	}
}

// KillPlugins kills the plugin processes of the operation under way with SIGKILL, and returns when they are dead.
func (s *Stack) KillPlugins() error {
	var errs []error
	if o := s.underWay(); o != nil {
		for _, p := range o.launched() {
			errs = append(errs, p.kill())
		}
	}
	return errors.Join(errs...)
}

func (s *Stack) underWay() *operation {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.running
}

// run has the engine do one operation.
func (s *Stack) run(ctx context.Context, act framework.TestOp, preview bool, program Program, options Options) *Result {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	o := &operation{stack: s, program: program, cancel: cancel, told: make(chan struct{}), ended: make(chan struct{})}
	defer close(o.ended)
	s.mutex.Lock()
	s.running = o
	target := s.target()
	s.mutex.Unlock()

	options.HostFactory = o.host
	if options.Parallel == 0 {
		options.Parallel = 16 // the CLI's default on a machine of four cores
	}
	var result *Result
	snapshot, broken := framework.TestOp(func(
		info pulumi.UpdateInfo, ectx *pulumi.Context, options pulumi.UpdateOptions, dryRun bool,
	) (*deploy.Plan, display.ResourceChanges, error) {
		plan, changes, err := act(info, ectx, options, dryRun)
		return plan, changes, errors.Join(err, o.end(ctx))
	}).RunWithContext(ctx, workspace.Project{Name: projectName, Runtime: workspace.NewProjectRuntimeInfo("test", nil)}, target,
		framework.TestUpdateOptions{UpdateOptions: options, T: quiet{}, SkipDisplayTests: true}, preview, nil,
		func(_ workspace.Project, _ deploy.Target, _ pulumi.JournalEntries, events []pulumi.Event, err error) error {
			result = resultOf(events)
			result.Err = err
			return nil
		})
	result.Broken, result.Stderr, result.Registered = broken, o.stderr(), o.registered
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.running = nil
	if snapshot != nil { // nil after a preview
		s.snapshot = snapshot
	}
	return result
}

// target is the stack as the engine sees it.
func (s *Stack) target() deploy.Target {
	target := deploy.Target{
		Name: tokens.MustParseStackName(stackName), Config: config.Map{}, Decrypter: config.NopDecrypter,
		Snapshot: framework.CloneSnapshot(quiet{}, s.snapshot),
	}
	for key, value := range s.Config {
		pkg, name, _ := strings.Cut(key, ":")
		target.Config[config.MustMakeKey(pkg, name)] = config.NewValue(value)
	}
	return target
}
