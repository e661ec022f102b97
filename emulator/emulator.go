// Package emulator is a local stand-in for the parts of Alibaba Cloud that a KMS instance needs: the KMS, BSS
// (orders and renewals) and STS operations, spoken in the cloud's wire format, with the cloud's signatures and errors.
//
// A Server holds one "cloud": its instances, orders, faults and journal. It can be used in process (Handler,
// PipeTransport), over loopback (Start), or as the binary alicloud-kms-emulator. Every rule that it follows, with the
// evidence for it, is listed in docs/emulator.md.
package emulator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// The credential that a Server knows when Options.Credentials is empty. It belongs to a RAM user of DefaultAccountID.
const (
	DefaultAccessKeyID     = "emulator-access-key"
	DefaultAccessKeySecret = "emulator-secret-key"
	DefaultAccountID       = "1234567890123456"
	DefaultRegion          = "cn-hangzhou"
)

// The two sites of Alibaba Cloud; an account belongs to one of them and can order only its product types.
const (
	SiteDomestic      = "Domestic"
	SiteInternational = "International"
)

// Credential is a long-lived access key that the emulator accepts.
type Credential struct {
	AccessKeyID string
	Secret      string
	// AccountID is the account that the key belongs to; empty means Options.AccountID. Accounts see only their own
	// instances.
	AccountID string
	// UserName is the RAM user that owns the key; empty means "emulator". The name "root" stands for the account
	// itself, which may not assume roles.
	UserName string
	// Inactive makes every call with this key fail with InvalidAccessKeyId.Inactive.
	Inactive bool
	// Deny lists actions (such as "ListTagResources", or "*") that this key may not call.
	Deny []string
}

// Options configures a Server. The zero value is a usable emulator without any delay.
type Options struct {
	// Regions are the regions that have a KMS endpoint here; the first is the main one. Default: cn-hangzhou.
	Regions []string
	// AccountID is the account of credentials that name none. Default: DefaultAccountID.
	AccountID string
	// Site is SiteDomestic (default) or SiteInternational.
	Site string
	// Credentials are the access keys that are accepted. Default: the documented pair.
	Credentials []Credential

	// OrderVisible is the time from an order until KMS knows the instance.
	OrderVisible time.Duration
	// OrderListed is the time from an order until BSS knows the instance: until then it lists no such instance, and
	// refuses orders about it.
	OrderListed time.Duration
	// Connect is the time from ConnectKmsInstance until the instance is Connected.
	Connect time.Duration
	// StateInvalid is how long an instance that has just become Connected still refuses changes with
	// Forbidden.DKMSInstanceStateInvalid.
	StateInvalid time.Duration
	// Upgrade is the time from ModifyInstance until the new sizes show; until then changes are refused with
	// Forbidden.KMSInstanceInUpgrade.
	Upgrade time.Duration
	// SizesVisible is how much later GetKmsInstance shows ordered sizes: those of a purchase so long after the instance
	// is Connected, those of an upgrade so long after it is over.
	SizesVisible time.Duration
	// NetworkAvailable is the time from CreateVpc or CreateVSwitch until the network is Available.
	NetworkAvailable time.Duration
	// Refund is the time from RefundInstance until the instance is gone.
	Refund time.Duration
	// Release is the time from ReleaseKmsInstance until the instance is gone.
	Release time.Duration

	// VirtualClock stops the emulator's clock; only Advance moves it. Authentication always uses the real clock.
	VirtualClock bool
	// StateFile keeps instances, orders and totals over restarts. Empty: in memory only.
	StateFile string
	// StrictRegions also requires that regions and zones are ones where Alibaba Cloud is known to offer KMS.
	StrictRegions bool
	// Networks are VPCs that are there from the start, beside those of the examples.
	Networks []Network
	// UsedKeys and UsedSecrets are how many keys and secrets each bought instance has once it is Connected.
	UsedKeys    int
	UsedSecrets int
	// NoVPCPermission answers every action of VPC with 403 Forbidden.RAM.
	NoVPCPermission bool
	// RateLimits applies the documented rates of KMS (per account and region) and answers 429 beyond them.
	RateLimits bool
	// MixedOrders accepts an upgrade order that lowers one size while it raises another. Without it such an order is
	// refused, as one that only lowers sizes always is.
	MixedOrders bool
	// NotFoundAsError makes GetKmsInstance answer an unknown id with 403 Forbidden.DKMSInstanceNotFound instead of
	// HTTP 200 with an empty InstanceId.
	NotFoundAsError bool
	// ListsAsText makes GetKmsInstance write ZoneIds and VswitchIds as text, as older documentation shows them.
	ListsAsText bool
	// EmptyQueryWithRegion makes QueryAvailableInstances with a Region answer an empty list, as the cloud does when
	// it resolves the region against the wrong site.
	EmptyQueryWithRegion bool
	// ServiceNotOpened starts with an account that has not opened KMS yet; OpenKmsService opens it.
	ServiceNotOpened bool
	// RoleMissingConnects makes the first so many ConnectKmsInstance calls fail with Forbidden.RamRoleNotFound, as
	// happens while the service-linked role spreads.
	RoleMissingConnects int
	// MissingIDPrefixes are the beginnings of VPC and vSwitch ids that do not exist. Default: vpc-missing, vsw-missing.
	MissingIDPrefixes []string
	// TokenMismatch is the code of an order whose client token came with other parameters before:
	// IdempotentParameterMismatch or Duplicated.ClientToken. Empty: it is answered like the first one, and buys nothing.
	TokenMismatch string
	// RefundRefusedIn are the statuses of an instance, such as Connecting and Error, in which a refund is refused.
	RefundRefusedIn []string
	// TokenLife is how long a client token is remembered; 0 means for ever.
	TokenLife time.Duration
	// MaxSession shortens the temporary credentials that STS issues; 0 means that they last as long as asked for.
	MaxSession time.Duration
	// JournalLimit is how many calls the journal keeps, oldest dropped first. Default: 100000.
	JournalLimit int
	// RequestLog receives one readable line for each call; nil means none.
	RequestLog io.Writer
}

// tokenMismatches are the values of Options.TokenMismatch.
var tokenMismatches = []string{"", "IdempotentParameterMismatch", "Duplicated.ClientToken"}

func (o Options) withDefaults() (Options, error) {
	if len(o.Regions) == 0 {
		o.Regions = []string{DefaultRegion}
	}
	seen := map[string]bool{}
	for _, region := range o.Regions {
		if !regionPattern.MatchString(region) {
			return o, fmt.Errorf("%q is not a region id, such as %s", region, DefaultRegion)
		}
		if seen[region] {
			return o, fmt.Errorf("region %s is given twice", region)
		}
		seen[region] = true
		if o.StrictRegions && !knownRegion(region) {
			return o, fmt.Errorf("region %s has no KMS endpoint that is known here; leave strict regions off to use it anyway", region)
		}
	}
	if o.AccountID == "" {
		o.AccountID = DefaultAccountID
	}
	if !digitsPattern.MatchString(o.AccountID) {
		return o, fmt.Errorf("account id %q is not a number", o.AccountID)
	}
	switch o.Site {
	case "":
		o.Site = SiteDomestic
	case SiteDomestic, SiteInternational:
	default:
		return o, fmt.Errorf("site %q is unknown: give %s or %s", o.Site, SiteDomestic, SiteInternational)
	}
	if len(o.Credentials) == 0 {
		o.Credentials = []Credential{{AccessKeyID: DefaultAccessKeyID, Secret: DefaultAccessKeySecret}}
	}
	credentials := make([]Credential, len(o.Credentials))
	keys := map[string]bool{}
	for i, c := range o.Credentials {
		if c.AccessKeyID == "" || c.Secret == "" {
			return o, errors.New("a credential needs an access key id and a secret")
		}
		if keys[c.AccessKeyID] {
			return o, fmt.Errorf("access key %s is given twice", c.AccessKeyID)
		}
		keys[c.AccessKeyID] = true
		if c.AccountID == "" {
			c.AccountID = o.AccountID
		}
		if !digitsPattern.MatchString(c.AccountID) {
			return o, fmt.Errorf("account id %q of access key %s is not a number", c.AccountID, c.AccessKeyID)
		}
		if c.UserName == "" {
			c.UserName = "emulator"
		}
		credentials[i] = c
	}
	o.Credentials = credentials
	for name, d := range map[string]time.Duration{
		"order visible": o.OrderVisible, "order listed": o.OrderListed, "sizes visible": o.SizesVisible, "connect": o.Connect, "state invalid": o.StateInvalid, "upgrade": o.Upgrade, "refund": o.Refund, "network available": o.NetworkAvailable,
		"release": o.Release, "token life": o.TokenLife, "longest session": o.MaxSession,
	} {
		if d < 0 {
			return o, fmt.Errorf("the %s time is negative", name)
		}
	}
	if !slices.Contains(tokenMismatches, o.TokenMismatch) {
		return o, fmt.Errorf("token mismatch %q is unknown; there are %v", o.TokenMismatch, tokenMismatches[1:])
	}
	for _, status := range o.RefundRefusedIn {
		if !slices.Contains(statuses, status) {
			return o, fmt.Errorf("status %q is unknown; a KMS instance has one of %v", status, statuses)
		}
	}
	if o.MissingIDPrefixes == nil {
		o.MissingIDPrefixes = []string{"vpc-missing", "vsw-missing"}
	}
	if o.JournalLimit <= 0 {
		o.JournalLimit = 100000
	}
	return o, nil
}

// Server is one emulated cloud. Its methods may be called from several goroutines.
type Server struct {
	opts  Options
	clock *clock

	mu      sync.Mutex
	account cloud
	auth    *authenticator
	faults  *faultList
	journal *journal
	limits  *rateLimiter

	saver *stateFile

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
	s := &Server{
		opts:      opts,
		clock:     newClock(opts.VirtualClock),
		faults:    &faultList{},
		journal:   newJournal(opts.JournalLimit, opts.RequestLog),
		limits:    newRateLimiter(),
		auth:      newAuthenticator(opts),
		listeners: map[string]*listening{},
	}
	ca, err := newCACertificate()
	if err != nil {
		return nil, err
	}
	s.account = newCloud(opts, ca)
	s.stop, s.stopAll = context.WithCancel(context.Background())
	first := true
	if opts.StateFile != "" {
		s.saver = newStateFile(opts.StateFile)
		saved, err := s.saver.load()
		if err != nil {
			return nil, err
		}
		if saved != nil {
			first = saved.Networks == nil
			s.account.restore(saved)
			s.clock.set(saved.Clock)
		}
		s.saver.sweep()
	}
	if err := s.account.declareAll(s.clock.now(), first); err != nil {
		return nil, err
	}
	if err := s.save(); err != nil {
		return nil, err
	}
	return s, nil
}

// Regions returns the regions that have an endpoint here, the main one first.
func (s *Server) Regions() []string {
	return append([]string(nil), s.opts.Regions...)
}

// Handler returns the HTTP handler of a region. For the empty region it chooses the region by the request's host name
// (kms.<region>.aliyuncs.com), falling back to the main one, so that one handler can stand for every endpoint.
func (s *Server) Handler(region string) http.Handler {
	if region != "" {
		return &handler{server: s, region: region}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := &handler{server: s, region: s.regionOfHost(r.Host)}
		h.ServeHTTP(w, r)
	})
}

func (s *Server) regionOfHost(host string) string {
	labels := strings.Split(host, ".")
	if len(labels) > 1 && slices.Contains([]string{"kms", "kms-vpc", "vpc"}, labels[0]) {
		for _, region := range s.opts.Regions {
			if labels[1] == region {
				return region
			}
		}
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
		ErrorLog:          quietLog(),
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
	if region == "" {
		region = s.opts.Regions[0]
	}
	s.listenMu.Lock()
	defer s.listenMu.Unlock()
	if entry, ok := s.listeners[region]; ok {
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

// Advance moves the emulator's clock forward, whether it is virtual or follows the wall.
func (s *Server) Advance(d time.Duration) {
	s.clock.advance(d)
}

// Now is the emulator's time.
func (s *Server) Now() time.Time {
	return s.clock.now()
}

// Inject adds faults; see Fault. It fails, adding none, if one of them makes no sense.
func (s *Server) Inject(faults ...Fault) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.faults.add(faults)
}

// ClearFaults removes every fault, spent or not. Calls that hang go on hanging until their client leaves.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults.clear()
}

// Faults returns the injected faults that can still strike.
func (s *Server) Faults() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.faults.pending()
}

// Journal returns the calls so far, in the order of their arrival.
func (s *Server) Journal() []Call {
	return s.journal.calls()
}

// Totals returns the sums since the server (or its state file) began.
func (s *Server) Totals() Totals {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.account.settleAll(s.clock.now())
	t := s.account.totals
	t.Calls = s.journal.total()
	return t
}

// Orders returns every order that took effect, oldest first, with the amount paid.
func (s *Server) Orders() []Order {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.account.settleAll(s.clock.now())
	orders := append([]Order{}, s.account.orders...)
	slices.SortStableFunc(orders, func(a, b Order) int { return a.Time.Compare(b.Time) })
	return orders
}

// Reset forgets instances, orders, tokens, temporary credentials, faults, totals and the journal.
func (s *Server) Reset() error {
	s.mu.Lock()
	s.account = newCloud(s.opts, s.account.ca)
	_ = s.account.declareAll(s.clock.now(), true) // succeeded once
	s.auth = newAuthenticator(s.opts)
	s.faults.clear()
	s.limits = newRateLimiter()
	s.mu.Unlock()
	s.journal.reset()
	return s.save()
}

// Instances returns every instance, also ones that are not visible yet or gone, oldest first.
func (s *Server) Instances() []Instance {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.account.settleAll(s.clock.now())
	all := make([]Instance, 0, len(s.account.instances))
	for _, i := range s.account.sorted() {
		all = append(all, i.copy())
	}
	return all
}

// Instance returns one instance; ok is false if there never was one of that id.
func (s *Server) Instance(id string) (i Instance, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.account.instances[id]
	if !ok {
		return Instance{}, false
	}
	s.account.settle(found, s.clock.now())
	return found.copy(), true
}

// Seed puts an instance there as if it had always been there, in any state. Fields left empty get the values of a
// connected Subscription instance of the main region. It returns the instance as it is kept.
func (s *Server) Seed(i Instance) (Instance, error) {
	s.mu.Lock()
	kept, err := s.account.seed(i, s.clock.now())
	s.mu.Unlock()
	if err != nil {
		return Instance{}, err
	}
	return kept, s.save()
}

// Change changes an instance behind the backs of all clients: no order, no journal entry.
func (s *Server) Change(id string, p Patch) (Instance, error) {
	s.mu.Lock()
	i, ok := s.account.instances[id]
	if !ok {
		s.mu.Unlock()
		return Instance{}, fmt.Errorf("there is no instance %s", id)
	}
	s.account.settle(i, s.clock.now())
	if err := i.apply(p); err != nil {
		s.mu.Unlock()
		return Instance{}, err
	}
	changed := i.copy()
	s.mu.Unlock()
	return changed, s.save()
}

// Remove makes an instance gone at once, as if somebody had released it in the console.
func (s *Server) Remove(id string) error {
	s.mu.Lock()
	i, ok := s.account.instances[id]
	if !ok {
		s.mu.Unlock()
		return fmt.Errorf("there is no instance %s", id)
	}
	i.Gone = true
	s.mu.Unlock()
	return s.save()
}

func (s *Server) save() error {
	if s.saver == nil {
		return nil
	}
	return s.saver.save(func() *savedState {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.account.saved(s.clock.now())
	})
}
