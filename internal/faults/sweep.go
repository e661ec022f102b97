package faults

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
)

// sweep runs scenarios with every kind of fault at every call that they make.
type sweep struct {
	plugin string
	dir    string
	// parallel is how many cases run at a time. Most of them wait most of the time.
	parallel int
	seed     uint64
	// cases is how many are run, chosen at random; 0 means all. A small sample is taken from some of the scenarios only.
	cases int
	// pairs is the number of cases with several faults, one in each of several operations.
	pairs int
	only  func(s *scenario, k *kind, at callAt) bool
	// report, if set, is told of every case as soon as it has run, with how many have and how many there are.
	report func(o outcome, ran, of int)

	mutex sync.Mutex
	next  int
}

// outcome is a case that was run.
type outcome struct {
	testCase
	verdict
}

// result is what came of a sweep.
type result struct {
	outcomes []outcome
}

// totals are what a sweep counts.
type totals struct{ cases, faults, orders, violations int }

func (r result) totals() totals {
	t := totals{cases: len(r.outcomes)}
	for _, o := range r.outcomes {
		t.faults += o.struck
		t.orders += o.bought
		if len(o.violations) > 0 {
			t.violations++
		}
	}
	return t
}

func (t totals) String() string {
	return fmt.Sprintf("%d cases, %d faults injected, %d instances ordered, %d cases with violations", t.cases, t.faults, t.orders, t.violations)
}

// run runs the sweep. An error says that it could not be run; findings are in the result.
func (w *sweep) run(ctx context.Context, list []scenario) (result, error) {
	random := rand.New(rand.NewPCG(w.seed, 0)) //nolint:gosec // a fixed seed is what is wanted
	if few := max(4, w.cases/8); w.cases > 0 && few < len(list) {
		list = slices.Clone(list)
		random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		list = list[:few]
	}
	singles, bases, err := w.singles(ctx, list)
	if err != nil {
		return result{}, err
	}
	var cases []testCase
	for _, of := range singles {
		cases = append(cases, of...)
	}
	if w.cases > 0 && w.cases < len(cases) {
		random.Shuffle(len(cases), func(i, j int) { cases[i], cases[j] = cases[j], cases[i] })
		cases = cases[:w.cases]
	}
	for range w.pairs {
		i := random.IntN(len(list))
		if len(singles[i]) == 0 {
			continue
		}
		c := testCase{scenario: &list[i], base: bases[i], refreshes: random.IntN(2) == 0}
		for range 2 + random.IntN(2) {
			c.blows = append(c.blows, singles[i][random.IntN(len(singles[i]))].blows...)
		}
		cases = append(cases, c)
	}
	out := result{outcomes: make([]outcome, len(cases))}
	var ran atomic.Int64
	err = w.each(len(cases), func(i int, dir string) error {
		v, err := cases[i].play(ctx, dir, w.plugin)
		if err != nil {
			v.violations = append(v.violations, "the sweep itself failed: "+err.Error())
		}
		out.outcomes[i] = outcome{cases[i], v}
		if n := int(ran.Add(1)); w.report != nil {
			w.report(out.outcomes[i], n, len(cases))
		}
		return nil
	})
	return out, err
}

// singles makes the bases of scenarios, and all cases with one fault.
func (w *sweep) singles(ctx context.Context, list []scenario) ([][]testCase, []base, error) {
	bases := make([]base, len(list))
	cases := make([][]testCase, len(list))
	err := w.each(len(list), func(i int, dir string) error {
		var err error
		s := &list[i]
		if bases[i], err = s.make(ctx, dir, w.plugin); err != nil {
			return err
		}
		// Without a fault, to see which calls there are.
		again := filepath.Join(dir, "plain")
		if err := os.Mkdir(again, 0o700); err != nil {
			return err
		}
		plain, err := testCase{scenario: s, base: bases[i]}.play(ctx, again, w.plugin)
		if err != nil {
			return fmt.Errorf("%s: %w\n%s", s.name, err, plain.log)
		}
		if len(plain.violations) > 0 {
			return fmt.Errorf("%s fails without any fault: %v\n%s", s.name, plain.violations, plain.log)
		}
		for n, at := range callsOf(plain) {
			for m, k := range kinds() {
				if k.applies != nil && !k.applies(s, at) || w.only != nil && !w.only(s, k, at) {
					continue
				}
				cases[i] = append(cases[i], testCase{scenario: s, base: bases[i], blows: []blow{{k, at}}, refreshes: k.refreshes || (n+m)%2 == 1})
			}
		}
		return nil
	})
	return cases, bases, err
}

// callsOf are the calls that the act of a scenario made, each by its action and its place among the calls of that action.
func callsOf(v verdict) []callAt {
	count := map[string]int{}
	var calls []callAt
	for _, c := range v.calls[:v.actCalls] {
		count[c.Action]++
		calls = append(calls, callAt{c.Action, count[c.Action]})
	}
	return calls
}

// each does a piece of work for each of n, several at a time, each in a folder of its own that is removed afterwards.
func (w *sweep) each(n int, work func(i int, dir string) error) error {
	var group sync.WaitGroup
	var mutex sync.Mutex
	var first error
	free := make(chan struct{}, w.parallel)
	for i := range n {
		free <- struct{}{}
		mutex.Lock()
		failed := first != nil
		mutex.Unlock()
		if failed {
			break
		}
		w.mutex.Lock()
		w.next++
		dir := filepath.Join(w.dir, fmt.Sprint(w.next))
		w.mutex.Unlock()
		group.Go(func() {
			defer func() { <-free }()
			err := os.Mkdir(dir, 0o700)
			if err == nil {
				err = work(i, dir)
			}
			if err == nil {
				err = os.RemoveAll(dir)
			}
			if err != nil {
				mutex.Lock()
				defer mutex.Unlock()
				if first == nil {
					first = err
				}
			}
		})
	}
	group.Wait()
	return first
}
