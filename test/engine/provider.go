package engine

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/pulumi/pulumi/pkg/v3/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"
)

// Provider starts a provider.
type Provider interface {
	// start starts it. It is told the address at which the engine takes log lines.
	start(engine string) (*running, error)
}

// running is a provider that runs: how it is reached and how it is ended.
type running struct {
	plugin.Provider

	target string // of the connection
	dial   func(context.Context, string) (net.Conn, error)
	conn   *grpc.ClientConn
	folder *string // of the plugin's binary
	stop   func() error
	kill   func() error
	stderr func() string // when it has stopped

	once sync.Once
	err  error
}

// Close ends the provider.
func (r *running) Close() error { return r.close(context.Background()) }

// close does it as the CLI does: the provider is told to cancel, then the connection is closed, then the process is ended.
func (r *running) close(ctx context.Context) error {
	r.once.Do(func() {
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		_ = r.SignalCancellation(ctx) // it may be dead
		_ = r.conn.Close()            // it may be closed already
		r.err = r.stop()
	})
	return r.err
}

// InProcess serves a provider from this process, over gRPC but without a socket.
type InProcess func() (pulumirpc.ResourceProviderServer, error)

func (n InProcess) start(string) (*running, error) {
	server, err := n()
	if err != nil {
		return nil, err
	}
	const buffer = 1 << 16
	listener := bufconn.Listen(buffer)
	served := grpc.NewServer(grpc.MaxRecvMsgSize(maxMessage))
	pulumirpc.RegisterResourceProviderServer(served, server)
	go func() { _ = served.Serve(listener) }() // ends with Stop
	return &running{
		target: "passthrough:///provider",
		dial:   func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) },
		stop:   func() error { served.Stop(); return nil },
		kill:   func() error { return errors.New("only a plugin in a process of its own can be killed") },
		stderr: func() string { return "" },
	}, nil
}

// maxMessage is the limit that the engine sets for messages of plugins.
const maxMessage = 400 << 20

// launch starts a provider as the engine does, for an engine at an address.
func launch(ctx context.Context, provider Provider, engine string) (*running, error) {
	r, err := provider.start(engine)
	if err != nil {
		return nil, err
	}
	if err := r.connect(ctx, engine); err != nil {
		return nil, errors.Join(err, r.stop(), errors.New(r.stderr()))
	}
	return r, nil
}

// connect speaks to the provider as the engine does when it has started a plugin.
func (r *running) connect(ctx context.Context, engine string) error {
	options := []grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials()), rpcutil.GrpcChannelOptions()}
	if r.dial != nil {
		options = append(options, grpc.WithContextDialer(r.dial))
	}
	var err error
	if r.conn, err = grpc.NewClient(r.target, options...); err != nil {
		return err
	}
	r.Provider = plugin.NewProviderWithClient(nil, pulumirpc.NewResourceProviderClient(r.conn), false)
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if _, err := r.Handshake(ctx, plugin.ProviderHandshakeRequest{
		EngineAddress: engine, RootDirectory: r.folder, ProgramDirectory: r.folder,
		ConfigureWithUrn: true, SupportsViews: true, SupportsRefreshBeforeUpdate: true, InvokeWithPreview: true,
		AcceptsByteString: true, SendsOldOutputsToCheck: true, AcceptsOutputsInInvoke: true, AcceptsOutputsInCall: true,
	}); err != nil {
		return err
	}
	_, err = r.GetPluginInfo(ctx)
	return err
}
