package enginetest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
)

// Message is something that the provider said to the user.
type Message struct {
	URN      resource.URN
	Severity pulumirpc.LogSeverity
	Text     string
	Status   bool // shown in the row of the resource only while it is the latest
}

// Host is the side of the engine that a provider calls: it collects what the provider says.
type Host struct {
	pulumirpc.UnimplementedEngineServer

	mutex    sync.Mutex
	messages []Message
	server   *grpc.Server
	address  string
	done     chan struct{}
}

// Messages returns what has been said so far.
func (h *Host) Messages() []Message {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return slices.Clone(h.messages)
}

// Text is everything that was said, a line each; status lines only if status is true.
func (h *Host) Text(status bool) string {
	var b strings.Builder
	for _, m := range h.Messages() {
		if status || !m.Status {
			fmt.Fprintf(&b, "%s: %s\n", strings.ToLower(m.Severity.String()), m.Text)
		}
	}
	return b.String()
}

func (h *Host) say(m Message) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.messages = append(h.messages, m)
}

// Log is called by plugins.
func (h *Host) Log(_ context.Context, r *pulumirpc.LogRequest) (*emptypb.Empty, error) {
	h.say(Message{URN: resource.URN(r.GetUrn()), Severity: r.GetSeverity(), Text: r.GetMessage(), Status: r.GetEphemeral()})
	return &emptypb.Empty{}, nil
}

// listen makes the host reachable for plugin processes.
func (h *Host) listen() (string, error) {
	if h.address != "" {
		return h.address, nil
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("listening for the plugin: %w", err)
	}
	h.server, h.address, h.done = grpc.NewServer(), listener.Addr().String(), make(chan struct{})
	pulumirpc.RegisterEngineServer(h.server, h)
	go func() {
		defer close(h.done)
		if err := h.server.Serve(listener); err != nil && !errors.Is(err, grpc.ErrServerStopped) {
			h.say(Message{Severity: pulumirpc.LogSeverity_ERROR, Text: "the host stopped listening: " + err.Error()})
		}
	}()
	return h.address, nil
}

func (h *Host) close() {
	if h.server != nil {
		h.server.Stop()
		<-h.done
	}
}

// slogHandler collects what a provider in this process says: without an engine's address it logs there.
type slogHandler struct {
	host   *Host
	status bool
}

func (s slogHandler) Enabled(context.Context, slog.Level) bool { return true }

func (s slogHandler) WithGroup(string) slog.Handler { return s }

func (s slogHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	for _, a := range attrs {
		s.status = s.status || a.Key == "kind" && a.Value.String() == "status"
	}
	return s
}

func (s slogHandler) Handle(_ context.Context, r slog.Record) error {
	m := Message{Text: r.Message, Status: s.status}
	switch {
	case r.Level >= slog.LevelError:
		m.Severity = pulumirpc.LogSeverity_ERROR
	case r.Level >= slog.LevelWarn:
		m.Severity = pulumirpc.LogSeverity_WARNING
	case r.Level >= slog.LevelInfo:
		m.Severity = pulumirpc.LogSeverity_INFO
	}
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "urn" {
			m.URN = resource.URN(a.Value.String())
		}
		return true
	})
	s.host.say(m)
	return nil
}
