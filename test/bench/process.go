//go:build linux

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/emptypb"
)

// process is a plugin that was started as the engine starts one.
type process struct {
	pulumirpc.ResourceProviderClient
	started time.Time
	port    time.Duration // from the start until the port was printed
	command *exec.Cmd
	conn    *grpc.ClientConn
}

// engine is what plugins see of the engine: something that takes their messages.
type engine struct {
	pulumirpc.UnimplementedEngineServer
	server  *grpc.Server
	address string
}

func (*engine) Log(context.Context, *pulumirpc.LogRequest) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

func newEngine() (*engine, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	e := &engine{server: grpc.NewServer(), address: listener.Addr().String()}
	pulumirpc.RegisterEngineServer(e.server, e)
	go func() { _ = e.server.Serve(listener) }() // ends with close
	return e, nil
}

func (e *engine) close() { e.server.Stop() }

// start starts a plugin and waits for its port.
func (e *engine) start(ctx context.Context, path string) (*process, error) {
	p := &process{command: exec.CommandContext(ctx, path, e.address)}
	p.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stdout, err := p.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.started = time.Now()
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	p.port = time.Since(p.started)
	port := strings.TrimSpace(line)
	if _, notNumber := strconv.Atoi(port); err != nil || notNumber != nil {
		return nil, errors.Join(fmt.Errorf("%s printed %q instead of a port", path, line), err, p.stop())
	}
	go func() { _, _ = io.Copy(io.Discard, stdout) }()
	p.conn, err = grpc.NewClient("127.0.0.1:"+port, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(64<<20)))
	if err != nil {
		return nil, errors.Join(err, p.stop())
	}
	p.ResourceProviderClient = pulumirpc.NewResourceProviderClient(p.conn)
	return p, nil
}

// stop ends the plugin as the engine does.
func (p *process) stop() error {
	if p.conn != nil {
		_ = p.conn.Close()
	}
	if err := p.command.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	var exit *exec.ExitError
	if err := p.command.Wait(); err != nil && !errors.As(err, &exit) {
		return err
	}
	return nil
}

// memory is what a process holds, in bytes.
type memory struct{ resident, proportional, private float64 }

func (p *process) memory() (memory, error) {
	var m memory
	path := fmt.Sprintf("/proc/%d/smaps_rollup", p.command.Process.Pid)
	fields := map[string]*float64{"Rss:": &m.resident, "Pss:": &m.proportional, "Anonymous:": &m.private}
	for line := range strings.Lines(read(path)) {
		words := strings.Fields(line)
		if len(words) < 2 || fields[words[0]] == nil {
			continue
		}
		n, err := strconv.ParseFloat(words[1], 64)
		if err != nil {
			return m, fmt.Errorf("%s: %w", path, err)
		}
		*fields[words[0]] = n * 1024
	}
	if m.resident == 0 {
		return m, fmt.Errorf("%s does not say how large the process is", path)
	}
	return m, nil
}
