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
	s.faults = nil
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
	t := s.account.Totals
	t.Calls = s.journal.total()
	return t
}

// Orders returns every order that took effect, oldest first, with the amount paid.
func (s *Server) Orders() []Order {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.account.catchUpAll(s.clock.now())
	orders := slices.Clone(s.account.Orders)
	slices.SortStableFunc(orders, func(a, b Order) int { return a.Time.Compare(b.Time) })
	return orders
}

// Reset forgets instances, orders, tokens, temporary credentials, faults, totals and the journal.
func (s *Server) Reset() error {
	return s.change(func(now time.Time) error {
		s.account = newCloud(s.opts, s.account.ca)
		s.auth, s.faults, s.limits = newAuthenticator(s.opts), nil, rateLimiter{}
		s.journal.reset()
		return s.account.declareAll(now, true)
	})
}

// Instances returns every instance, also ones that are not visible yet or gone, oldest first.
func (s *Server) Instances() []Instance {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []Instance{}
	for _, i := range s.account.instances(s.clock.now(), func(*Instance) bool { return true }) {
		all = append(all, i.copy())
	}
	return all
}

// Instance returns one instance; ok is false if there never was one of that id.
func (s *Server) Instance(id string) (i Instance, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.account.instance(id)
	if found == nil {
		return Instance{}, false
	}
	s.account.catchUp(found, s.clock.now())
	return found.copy(), true
}

// Seed puts an instance there as if it had always been there, in any state. Fields left empty get the values of a
// connected Subscription instance of the main region. It returns the instance as it is kept.
func (s *Server) Seed(i Instance) (kept Instance, err error) {
	err = s.change(func(now time.Time) error {
		kept, err = s.account.seed(i, now)
		return err
	})
	return kept, err
}

// Change changes an instance behind the backs of all clients: no order, no journal entry.
func (s *Server) Change(id string, p Patch) (changed Instance, err error) {
	err = s.changeInstance(id, func(i *Instance) error {
		err := i.apply(p)
		changed = i.copy()
		return err
	})
	return changed, err
}

// Remove makes an instance gone at once, as if somebody had released it in the console.
func (s *Server) Remove(id string) error {
	return s.changeInstance(id, func(i *Instance) error { i.Gone = true; return nil })
}

// Networks returns every network that was declared or created, in the order of the VPC ids.
func (s *Server) Networks() []Network {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []Network{}
	for _, n := range s.account.Networks {
		all = append(all, n.copy())
	}
	return all
}

// AddNetwork declares a network, in place of one with the same VPC id. Left out, the region is the main one, the account
// that of the options, and the CIDR blocks are private ones. It returns the network as it is kept.
func (s *Server) AddNetwork(n Network) (kept Network, err error) {
	err = s.change(func(now time.Time) error {
		kept, err = s.account.declare(n, now)
		return err
	})
	return kept, err
}

// RemoveNetwork forgets a VPC and its vSwitches, whoever uses them.
func (s *Server) RemoveNetwork(vpcID string) error {
	return s.change(func(time.Time) error {
		if s.account.network(vpcID) == nil {
			return fmt.Errorf("there is no VPC %s", vpcID)
		}
		s.account.removeNetwork(vpcID)
		return nil
	})
}

// change changes the cloud and saves it, unless the change fails.
func (s *Server) change(change func(now time.Time) error) error {
	s.mu.Lock()
	err := change(s.clock.now())
	s.mu.Unlock()
	if err != nil {
		return err
	}
	return s.save()
}

func (s *Server) changeInstance(id string, change func(*Instance) error) error {
	return s.change(func(now time.Time) error {
		i := s.account.instance(id)
		if i == nil {
			return fmt.Errorf("there is no instance %s", id)
		}
		s.account.catchUp(i, now)
		return change(i)
	})
}
