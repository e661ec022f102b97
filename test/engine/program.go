package engine

import (
	"context"
	"errors"
	"sync"

	"github.com/pulumi/pulumi/pkg/v3/resource/deploy/deploytest"
	"github.com/pulumi/pulumi/pkg/v3/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Program is what a program does. It registers each resource as soon as those that it needs are registered.
type Program []Resource

// Resource is a resource with its options.
type Resource struct {
	Type tokens.Type
	Name string
	// ResourceOptions are the inputs and the options as the engine knows them.
	deploytest.ResourceOptions
	// Refs are inputs that are outputs of other resources of the program.
	Refs map[resource.PropertyKey]Ref
	// DependsOn names resources of the program, for the option dependsOn.
	DependsOn []string
	// OnError is an error hook. It is given the failures so far, the latest first, and says whether to try again.
	OnError func(failures []string) bool

	component bool
}

// Ref is an output of a resource of the program; the output "id" is its id.
type Ref struct {
	Resource string
	Output   resource.PropertyKey
}

// Registered is what the program was handed for a resource. With --continue-on-error its Result may be a failure.
type Registered = deploytest.RegisterResourceResponse

// rootStack is the type of the resource that every program registers first, and that is the parent of all others.
const rootStack = "pulumi:pulumi:Stack"

// Ptr returns a pointer to a value, for options that may be absent.
func Ptr[T any](v T) *T { return &v }

// pending is a registration under way. The answer is nil if the engine gave none.
type pending struct {
	done   chan struct{}
	answer *Registered
}

// wait waits for a resource and returns what the program was handed for it.
func wait(all map[string]*pending, name string) *Registered {
	<-all[name].done
	return all[name].answer
}

// execute runs the program.
func (o *operation) execute(_ plugin.RunInfo, monitor *deploytest.ResourceMonitor) error {
	callbacks, err := deploytest.NewCallbacksServer()
	if err != nil {
		return err
	}
	root, err := (&Resource{Type: rootStack, Name: projectName + "-" + stackName, component: true}).register(monitor, callbacks)
	if err != nil || root == nil {
		return errors.Join(err, callbacks.Close())
	}
	all := map[string]*pending{}
	for _, r := range o.program {
		all[r.Name] = &pending{done: make(chan struct{})}
	}
	errs := make([]error, len(o.program))
	var group sync.WaitGroup
	for i, r := range o.program {
		group.Go(func() {
			p := all[r.Name]
			defer close(p.done)
			if r.Parent == "" {
				r.Parent = root.URN
			}
			if r.resolve(all) {
				p.answer, errs[i] = r.register(monitor, callbacks)
			}
		})
	}
	group.Wait()
	o.registered = map[string]*Registered{}
	for name, p := range all {
		if p.answer != nil {
			o.registered[name] = p.answer
		}
	}
	return errors.Join(errors.Join(errs...), callbacks.Close())
}

// resolve waits for what the resource needs and fills it in. It is false if that could not be registered.
func (r *Resource) resolve(all map[string]*pending) bool {
	r.Inputs = r.Inputs.Copy()
	if len(r.Refs) > 0 {
		r.PropertyDeps = map[resource.PropertyKey][]resource.URN{}
	}
	for key, ref := range r.Refs {
		of := wait(all, ref.Resource)
		if of == nil {
			return false
		}
		r.Inputs[key] = ref.value(of)
		r.PropertyDeps[key] = append(r.PropertyDeps[key], of.URN)
		r.Dependencies = append(r.Dependencies, of.URN)
	}
	for _, name := range r.DependsOn {
		of := wait(all, name)
		if of == nil {
			return false
		}
		r.Dependencies = append(r.Dependencies, of.URN)
	}
	return true
}

// value is the output as an SDK passes it on; it is unknown in a preview, and after a failure that the program survived.
func (f Ref) value(of *Registered) resource.PropertyValue {
	value, known := of.Outputs[f.Output]
	switch {
	case of.Result != pulumirpc.Result_SUCCESS:
	case f.Output == "id" && of.ID != "":
		return resource.NewProperty(string(of.ID))
	case known:
		return value
	}
	return resource.MakeComputed(resource.NewProperty(""))
}

// register registers the resource. It returns nil without an error if the engine has failed, which says so itself.
func (r *Resource) register(monitor *deploytest.ResourceMonitor, callbacks *deploytest.CallbackServer) (*Registered, error) {
	if r.OnError != nil {
		hook, err := deploytest.NewErrorHook(monitor, callbacks, r.Name+"-on-error", r.hook)
		if err != nil {
			return nil, err
		}
		r.ResourceHookBindings.OnError = append(r.ResourceHookBindings.OnError, hook)
	}
	r.SupportsResultReporting = true
	answer, err := monitor.RegisterResource(r.Type, r.Name, !r.component, r.ResourceOptions)
	switch {
	case status.Code(err) == codes.Unavailable: // something else has failed, and the monitor is shut down
		return nil, nil //nolint:nilnil // see above
	case err != nil:
		return nil, err
	}
	return answer, nil
}

func (r *Resource) hook(
	_ context.Context, _ resource.URN, _ resource.ID, _ string, _ tokens.Type, _, _ *pulumirpc.ResourceOptions,
	_, _, _ resource.PropertyMap, _ string, failures []string,
) (bool, error) {
	return r.OnError(failures), nil
}
