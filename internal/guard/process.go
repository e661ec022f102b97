package guard

import (
	"context"
	"errors"
	"log/slog"
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
	provider.CheckConfig = guarded(provider.CheckConfig)
	provider.DiffConfig = guarded(provider.DiffConfig)
	provider.Configure = guardedPlain(provider.Configure)
	provider.Invoke = guarded(provider.Invoke)
	provider.Check = guarded(provider.Check)
	provider.Diff = guarded(provider.Diff)
	provider.Create = guarded(provider.Create)
	provider.Read = guarded(provider.Read)
	provider.Update = guarded(provider.Update)
	provider.Delete = guardedPlain(provider.Delete)
	return provider
}

func guarded[Req, Resp any](f func(context.Context, Req) (Resp, error)) func(context.Context, Req) (Resp, error) {
	return func(ctx context.Context, req Req) (resp Resp, err error) {
		defer func() {
			if cause := recover(); cause != nil {
				err = Bug(cause)
			}
		}()
		return f(ctx, req)
	}
}

func guardedPlain[Req any](f func(context.Context, Req) error) func(context.Context, Req) error {
	with := guarded(func(ctx context.Context, req Req) (any, error) { return nil, f(ctx, req) })
	return func(ctx context.Context, req Req) error {
		_, err := with(ctx, req)
		return err
	}
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
