package enginetest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// maxMessage is the limit that the engine sets for messages of plugins.
const maxMessage = 400 << 20

// Launcher starts the provider for an operation.
type Launcher interface {
	Launch(ctx context.Context, host *Host) (*Plugin, error)
}

// Plugin is a provider that runs.
type Plugin struct {
	// Provider is the engine's client for it.
	Provider plugin.Provider

	process *os.Process
	peak    int64 // memory, once it is closed
	exited  chan struct{}
	stderr  *syncBuffer
	stop    func() error
	once    sync.Once
	stopErr error
}

// Cancel tells the provider to stop what it is doing, as the engine does on Ctrl-C.
func (g *Plugin) Cancel(ctx context.Context) error { return g.Provider.SignalCancellation(ctx) }

// Kill ends the plugin's process with SIGKILL, and returns when it is dead.
func (g *Plugin) Kill() error {
	if g.process == nil {
		return errors.New("only a plugin in a process of its own can be killed")
	}
	err := g.process.Kill()
	<-g.exited
	return err
}

// Stderr is what the plugin's process has written there.
func (g *Plugin) Stderr() string {
	if g.stderr == nil {
		return ""
	}
	return g.stderr.String()
}

// Close ends the provider at the end of an operation. It fails if the plugin does not end by itself when it is told to.
func (g *Plugin) Close() error {
	g.once.Do(func() { g.stopErr = g.stop() })
	return g.stopErr
}

// Binary starts the plugin binary, as the engine does.
type Binary struct {
	Path string
	// Env is the environment of the process; nil means that of this one.
	Env []string
	// Dir is its working directory.
	Dir string
	// Wrap, if set, stands between the engine and the plugin.
	Wrap func(pulumirpc.ResourceProviderClient) pulumirpc.ResourceProviderClient
}

// Time-outs of starting and stopping a plugin. They are generous, since they only end tests that have failed anyway.
const (
	startTimeout = time.Minute
	stopTimeout  = time.Minute
)

// Launch implements Launcher.
func (b Binary) Launch(ctx context.Context, host *Host) (*Plugin, error) {
	address, err := host.listen()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(b.Path, address) //nolint:noctx // the test says which plugin; it is ended with Close
	cmd.Env, cmd.Dir = b.Env, b.Dir
	// A group of its own, as the engine gives it one: Ctrl-C in a terminal reaches the plugin through the engine only.
	cmd.SysProcAttr = ownGroup()
	g := &Plugin{stderr: &syncBuffer{}, exited: make(chan struct{})}
	cmd.Stderr = g.stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the plugin: %w", err)
	}
	g.process = cmd.Process
	port := make(chan string, 1)
	rest := &syncBuffer{}
	go func() {
		defer close(g.exited)
		reader := bufio.NewReader(stdout)
		line, readErr := reader.ReadString('\n')
		port <- strings.TrimSpace(line)
		if readErr == nil {
			_, _ = reader.WriteTo(rest)
		}
		_ = cmd.Wait() // a plugin that is killed has no other status
	}()
	kill := func(err error) (*Plugin, error) {
		_ = cmd.Process.Kill()
		<-g.exited
		return nil, fmt.Errorf("%w; stderr: %s", err, g.stderr.String())
	}
	var first string
	select {
	case first = <-port:
	case <-time.After(startTimeout):
		return kill(errors.New("the plugin printed no port"))
	}
	conn, err := grpc.NewClient("127.0.0.1:"+first, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessage)))
	if err != nil {
		return kill(fmt.Errorf("the plugin printed %q instead of a port: %w", first, err))
	}
	client := pulumirpc.NewResourceProviderClient(conn)
	if b.Wrap != nil {
		client = b.Wrap(client)
	}
	g.Provider = plugin.NewProviderWithClient(nil, client, false)
	g.stop = func() error {
		_ = conn.Close()
		select {
		case <-g.exited:
			return nil
		default:
		}
		g.peak = peakResident(cmd.Process.Pid)
		_ = cmd.Process.Signal(os.Interrupt)
		select {
		case <-g.exited:
		case <-time.After(stopTimeout):
			_ = cmd.Process.Kill()
			<-g.exited
			return errors.New("the plugin did not end when it was told to")
		}
		if text := rest.String(); text != "" {
			return fmt.Errorf("the plugin printed to stdout, which belongs to the engine: %q", text)
		}
		return nil
	}
	if err := handshake(ctx, g.Provider, address, b.Dir); err != nil {
		_ = conn.Close()
		return kill(fmt.Errorf("the handshake failed: %w", err))
	}
	return g, nil
}

func handshake(ctx context.Context, provider plugin.Provider, address, dir string) error {
	_, err := provider.Handshake(ctx, plugin.ProviderHandshakeRequest{
		EngineAddress: address, RootDirectory: &dir, ProgramDirectory: &dir,
		ConfigureWithUrn: true, SupportsViews: true, InvokeWithPreview: true, AcceptsByteString: true,
	})
	return err
}

// InProcess serves a provider from this process: for tests in a bubble of testing/synctest, where time is fake. What the
// provider says goes through slog.Default, so that only one can run at a time.
type InProcess struct {
	Name, Version string
	New           func() (p.Provider, error)
}

// Launch implements Launcher.
func (i InProcess) Launch(ctx context.Context, host *Host) (*Plugin, error) {
	provider, err := i.New()
	if err != nil {
		return nil, err
	}
	server, err := p.RawServer(i.Name, i.Version, provider)(nil)
	if err != nil {
		return nil, err
	}
	before := slog.Default()
	slog.SetDefault(slog.New(slogHandler{host: host}))
	g := &Plugin{
		Provider: plugin.NewProviderWithClient(nil, direct{server: server}, false),
		stop: func() error {
			slog.SetDefault(before)
			return nil
		},
	}
	if err := handshake(ctx, g.Provider, "", ""); err != nil {
		return nil, errors.Join(fmt.Errorf("the handshake failed: %w", err), g.Close())
	}
	return g, nil
}

// syncBuffer is a buffer that may be read while it is written.
type syncBuffer struct {
	mutex  sync.Mutex
	buffer bytes.Buffer
}

func (b *syncBuffer) Write(text []byte) (int, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.buffer.Write(text)
}

func (b *syncBuffer) String() string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.buffer.String()
}
