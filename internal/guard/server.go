package guard

import (
	"context"

	p "github.com/pulumi/pulumi-go-provider"
	host "github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

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
