package emulator

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
)

// Pipe is an HTTP connection to a handler through memory: real HTTP framing, no socket. Every host name leads to the
// handler. A client in a testing/synctest bubble can talk to a Server through it, provided that Server and Pipe are
// made and closed inside the bubble.
type Pipe struct {
	*http.Transport
	server *http.Server
	done   chan struct{}
}

// PipeTransport starts serving a handler (Server.Handler("") for one that knows every endpoint) and returns the
// http.RoundTripper that leads to it. Close ends it.
func PipeTransport(h http.Handler) *Pipe {
	listener := &pipeListener{conns: make(chan net.Conn)}
	listener.closed, listener.close = context.WithCancel(context.Background())
	p := &Pipe{
		// An https URL is served all the same, in clear: the pipe never leaves the process.
		Transport: &http.Transport{DialContext: listener.dial, DialTLSContext: listener.dial},
		server:    &http.Server{Handler: h, ErrorLog: log.New(io.Discard, "", 0)}, //nolint:gosec // no stranger can be slow here
		done:      make(chan struct{}),
	}
	go func() {
		defer close(p.done)
		_ = p.server.Serve(listener) // ends with ErrServerClosed when the pipe is closed
	}()
	return p
}

// Close drops every connection and stops serving.
func (p *Pipe) Close() {
	p.CloseIdleConnections()
	_ = p.server.Close()
	<-p.done
}

// pipeListener hands out the server's ends of in-memory connections.
type pipeListener struct {
	conns  chan net.Conn
	closed context.Context
	close  context.CancelFunc
}

func (l *pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case l.conns <- server:
		return client, nil
	case <-l.closed.Done():
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed.Done():
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error { l.close(); return nil }

func (l *pipeListener) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe" }
