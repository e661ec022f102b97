package enginetest

import (
	"context"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"
)

// direct is a client that calls a server in the same process. Messages are copied, as the wire would. It has the methods
// that the engine calls on a provider of custom resources.
type direct struct {
	pulumirpc.ResourceProviderClient // none: any other method panics

	server pulumirpc.ResourceProviderServer
}

func call[Req, Resp proto.Message](ctx context.Context, f func(context.Context, Req) (Resp, error), req Req) (Resp, error) {
	copied, _ := proto.Clone(req).(Req)
	resp, err := f(ctx, copied)
	if err != nil {
		err = status.Convert(err).Err() // what the wire makes of it
	}
	return resp, err
}

func (d direct) Handshake(ctx context.Context, r *pulumirpc.ProviderHandshakeRequest, _ ...grpc.CallOption) (*pulumirpc.ProviderHandshakeResponse, error) {
	return call(ctx, d.server.Handshake, r)
}

func (d direct) CheckConfig(ctx context.Context, r *pulumirpc.CheckRequest, _ ...grpc.CallOption) (*pulumirpc.CheckResponse, error) {
	return call(ctx, d.server.CheckConfig, r)
}

func (d direct) DiffConfig(ctx context.Context, r *pulumirpc.DiffRequest, _ ...grpc.CallOption) (*pulumirpc.DiffResponse, error) {
	return call(ctx, d.server.DiffConfig, r)
}

func (d direct) Configure(ctx context.Context, r *pulumirpc.ConfigureRequest, _ ...grpc.CallOption) (*pulumirpc.ConfigureResponse, error) {
	return call(ctx, d.server.Configure, r)
}

func (d direct) Invoke(ctx context.Context, r *pulumirpc.InvokeRequest, _ ...grpc.CallOption) (*pulumirpc.InvokeResponse, error) {
	return call(ctx, d.server.Invoke, r)
}

func (d direct) Check(ctx context.Context, r *pulumirpc.CheckRequest, _ ...grpc.CallOption) (*pulumirpc.CheckResponse, error) {
	return call(ctx, d.server.Check, r)
}

func (d direct) Diff(ctx context.Context, r *pulumirpc.DiffRequest, _ ...grpc.CallOption) (*pulumirpc.DiffResponse, error) {
	return call(ctx, d.server.Diff, r)
}

func (d direct) Create(ctx context.Context, r *pulumirpc.CreateRequest, _ ...grpc.CallOption) (*pulumirpc.CreateResponse, error) {
	return call(ctx, d.server.Create, r)
}

func (d direct) Read(ctx context.Context, r *pulumirpc.ReadRequest, _ ...grpc.CallOption) (*pulumirpc.ReadResponse, error) {
	return call(ctx, d.server.Read, r)
}

func (d direct) Update(ctx context.Context, r *pulumirpc.UpdateRequest, _ ...grpc.CallOption) (*pulumirpc.UpdateResponse, error) {
	return call(ctx, d.server.Update, r)
}

func (d direct) Delete(ctx context.Context, r *pulumirpc.DeleteRequest, _ ...grpc.CallOption) (*emptypb.Empty, error) {
	return call(ctx, d.server.Delete, r)
}

func (d direct) Cancel(ctx context.Context, r *emptypb.Empty, _ ...grpc.CallOption) (*emptypb.Empty, error) {
	return call(ctx, d.server.Cancel, r)
}
