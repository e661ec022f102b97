package emulator

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
)

// Pipe is an HTTP connection to a handler through memory: real HTTP framing, no socket. Every host name leads to the
// handler. A client in a testing/synctest bubble can talk to a Server through it, provided that Server and Pipe are
// made and closed inside the bubble.
type Pipe struct {
	transport *http.Transport
	server    *http.Server
	listener  *pipeListener
	done      chan struct{}
}

// PipeTransport starts serving a handler (Server.Handler("") for one that knows every endpoint) and returns the
// http.RoundTripper that leads to it. Close ends it.
func PipeTransport(h http.Handler) *Pipe {
	p := &Pipe{
		listener: &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})},
		server:   &http.Server{Handler: h, ErrorLog: log.New(io.Discard, "", 0)}, //nolint:gosec // no stranger can be slow here
		done:     make(chan struct{}),
	}
	p.transport = &http.Transport{
		DialContext: p.listener.dial,
		// An https URL is served all the same, in clear: the pipe never leaves the process.
		DialTLSContext: p.listener.dial,
	}
	go func() {
		defer close(p.done)
		_ = p.server.Serve(p.listener) // ends with ErrServerClosed when the pipe is closed
	}()
	return p
}

// RoundTrip implements http.RoundTripper.
func (p *Pipe) RoundTrip(r *http.Request) (*http.Response, error) {
	return p.transport.RoundTrip(r)
}

// CloseIdleConnections lets http.Client.CloseIdleConnections work.
func (p *Pipe) CloseIdleConnections() { p.transport.CloseIdleConnections() }

// Close drops every connection and stops serving.
func (p *Pipe) Close() {
	p.transport.CloseIdleConnections()
	_ = p.server.Close()
	<-p.done
}

// pipeListener hands out the server's ends of in-memory connections.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

var errPipeClosed = errors.New("the emulator's pipe is closed")

func (l *pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case l.conns <- server:
		return client, nil
	case <-l.closed:
		return nil, errPipeClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe" }
