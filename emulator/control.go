package emulator

import (
	"fmt"
	"slices"
	"time"
)

// What a test does behind the clients' backs. The admin API does the same over HTTP.

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

// Faults returns the injected faults that can still hit a call.
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
	s.account.catchUpAll(s.clock.now())
	t := s.account.totals
	t.Calls = s.journal.total()
	return t
}

// Orders returns every order that took effect, oldest first, with the amount paid.
func (s *Server) Orders() []Order {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.account.catchUpAll(s.clock.now())
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
	s.account.catchUpAll(s.clock.now())
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
	s.account.catchUp(found, s.clock.now())
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
	s.account.catchUp(i, s.clock.now())
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

// Networks returns every network that was declared or created, in the order of the VPC ids.
func (s *Server) Networks() []Network {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []Network{}
	for _, n := range s.account.sortedNetworks() {
		all = append(all, n.copy())
	}
	return all
}

// AddNetwork declares a network, in place of one with the same VPC id. Left out, the region is the main one, the account
// that of the options, and the CIDR blocks are private ones. It returns the network as it is kept.
func (s *Server) AddNetwork(n Network) (Network, error) {
	s.mu.Lock()
	kept, err := s.account.declare(n, s.clock.now())
	s.mu.Unlock()
	if err != nil {
		return Network{}, err
	}
	return kept, s.save()
}

// RemoveNetwork forgets a VPC and its vSwitches, whoever uses them.
func (s *Server) RemoveNetwork(vpcID string) error {
	s.mu.Lock()
	_, ok := s.account.networks[vpcID]
	delete(s.account.networks, vpcID)
	s.mu.Unlock()
	if !ok {
		return fmt.Errorf("there is no VPC %s", vpcID)
	}
	return s.save()
}
