package emulator

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Server is one emulated cloud. Its methods may be called from several goroutines.
type Server struct {
	opts    Options
	clock   *clock
	journal *journal

	mu      sync.Mutex
	account cloud
	auth    *authenticator
	faults  faultList
	limits  rateLimiter

	saving sync.Mutex

	stop    context.Context
	stopAll context.CancelFunc

	listenMu  sync.Mutex
	listeners map[string]*listening
}

type listening struct {
	url    string
	server *http.Server
	done   chan struct{}
}

// New makes a Server, loading Options.StateFile if it exists. It fails on options that contradict themselves and on a
// state file that cannot be read.
func New(opts Options) (*Server, error) {
	opts, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	ca, err := newCACertificate()
	if err != nil {
		return nil, err
	}
	s := &Server{
		opts: opts, clock: newClock(opts.VirtualClock), journal: &journal{log: opts.RequestLog},
		account: newCloud(opts, ca), auth: newAuthenticator(opts), limits: rateLimiter{}, listeners: map[string]*listening{},
	}
	s.stop, s.stopAll = context.WithCancel(context.Background())
	first := true
	if opts.StateFile != "" {
		saved, err := load(opts.StateFile)
		if err != nil {
			return nil, err
		}
		if saved != nil {
			first = saved.Networks == nil
			s.account.book = *saved
			s.clock.set(saved.Clock)
		}
	}
	if err := s.account.declareAll(s.clock.now(), first); err != nil {
		return nil, err
	}
	return s, s.save()
}

// Regions returns the regions that have an endpoint here, the main one first.
func (s *Server) Regions() []string {
	return slices.Clone(s.opts.Regions)
}

// Handler returns the HTTP handler of a region. For the empty region it chooses the region by the request's host name
// (kms.<region>.aliyuncs.com), falling back to the main one, so that one handler can stand for every endpoint.
func (s *Server) Handler(region string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.serve(w, r, cmp.Or(region, s.regionOfHost(r.Host)))
	})
}

func (s *Server) regionOfHost(host string) string {
	service, rest, _ := strings.Cut(host, ".")
	region, _, _ := strings.Cut(rest, ".")
	if slices.Contains([]string{"kms", "kms-vpc", "vpc"}, service) && slices.Contains(s.opts.Regions, region) {
		return region
	}
	return s.opts.Regions[0]
}

// Start listens on a free port of 127.0.0.1 for each region. Close ends it.
func (s *Server) Start() error {
	for _, region := range s.opts.Regions {
		if _, err := s.Listen(region, "127.0.0.1:0"); err != nil {
			return err
		}
	}
	return nil
}

// Listen serves a region at an address and returns its URL. The address decides who can reach the emulator: it does
// nothing by itself to stay on loopback.
func (s *Server) Listen(region, address string) (string, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return "", fmt.Errorf("cannot listen for region %s: %w", region, err)
	}
	srv := &http.Server{
		Handler:           s.Handler(region),
		ReadHeaderTimeout: 30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    1 << 20,
		ErrorLog:          log.New(io.Discard, "", 0), // broken clients are an everyday thing here
	}
	entry := &listening{url: "http://" + l.Addr().String(), server: srv, done: make(chan struct{})}
	s.listenMu.Lock()
	s.listeners[region] = entry
	s.listenMu.Unlock()
	go func() {
		defer close(entry.done)
		_ = srv.Serve(l) // ends with ErrServerClosed when the server is closed
	}()
	return entry.url, nil
}

// URL returns the base URL of a region after Start or Listen; the empty region means the main one. It is empty if the
// region is not being served.
func (s *Server) URL(region string) string {
	s.listenMu.Lock()
	defer s.listenMu.Unlock()
	if entry, ok := s.listeners[cmp.Or(region, s.opts.Regions[0])]; ok {
		return entry.url
	}
	return ""
}

// Shutdown stops listening, lets calls under way finish until ctx ends, and saves the state.
func (s *Server) Shutdown(ctx context.Context) error {
	return s.end(func(srv *http.Server) {
		if err := srv.Shutdown(ctx); err != nil {
			_ = srv.Close()
		}
	})
}

// Close drops every connection at once and saves the state.
func (s *Server) Close() error {
	return s.end(func(srv *http.Server) { _ = srv.Close() })
}

func (s *Server) end(stop func(*http.Server)) error {
	s.stopAll() // wakes calls that hang on purpose
	s.listenMu.Lock()
	entries := s.listeners
	s.listeners = map[string]*listening{}
	s.listenMu.Unlock()
	for _, entry := range entries {
		stop(entry.server)
		<-entry.done
	}
	return s.save()
}
