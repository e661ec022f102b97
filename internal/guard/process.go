package guard

import (
	"context"
	"errors"
	"log/slog"
	"reflect"
	"runtime/debug"

	p "github.com/pulumi/pulumi-go-provider"
	host "github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// errBug is what a user sees of a panic. The stack goes to the plugin's log only.
var errBug = errors.New("the provider ran into a bug of its own; please report it. Run `pulumi refresh` before anything else: " +
	"it records what was done in the cloud")

// withoutPanics turns a panic in any method into an error, so that other operations under way in the plugin go on.
func withoutPanics(provider p.Provider) p.Provider {
	for _, method := range reflect.ValueOf(&provider).Elem().Fields() {
		if !method.IsNil() {
			method.Set(guarded(method.Type(), reflect.ValueOf(method.Interface())))
		}
	}
	return provider
}

// guarded is a method, whose last result is its error.
func guarded(t reflect.Type, method reflect.Value) reflect.Value {
	return reflect.MakeFunc(t, func(args []reflect.Value) (results []reflect.Value) {
		defer func() {
			if cause := recover(); cause != nil {
				results = make([]reflect.Value, 0, t.NumOut())
				for out := range t.Outs() {
					results = append(results, reflect.Zero(out))
				}
				results[len(results)-1] = reflect.ValueOf(Bug(cause)).Convert(reflect.TypeFor[error]())
			}
		}()
		return method.Call(args)
	})
}

// Bug logs what a panic left behind and returns the error that a user sees.
func Bug(cause any) error {
	slog.Error("panic", "cause", cause, "stack", string(debug.Stack()))
	return errBug
}

// Server makes the gRPC server of a provider that has neither components nor methods.
func Server(name, version string, provider p.Provider) func(*host.HostClient) (pulumirpc.ResourceProviderServer, error) {
	return func(engine *host.HostClient) (pulumirpc.ResourceProviderServer, error) {
		inner, err := p.RawServer(name, version, provider)(engine)
		return server{inner, name}, err
	}
}

// server answers what the framework would end the process for, if the caller does not accept output values.
type server struct {
	pulumirpc.ResourceProviderServer

	name string
}

func (s server) Construct(_ context.Context, req *pulumirpc.ConstructRequest) (*pulumirpc.ConstructResponse, error) {
	return nil, status.Errorf(codes.Unimplemented, "the package %s has no component resource %q", s.name, req.GetType())
}

func (s server) Call(_ context.Context, req *pulumirpc.CallRequest) (*pulumirpc.CallResponse, error) {
	return nil, status.Errorf(codes.Unimplemented, "the package %s has no method %q", s.name, req.GetTok())
}
