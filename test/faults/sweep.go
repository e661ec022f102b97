package faults

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/pulumiverse/pulumi-alicloud-kms/test/engine"
)

// sweep runs scenarios with every kind of fault at every call that they make.
type sweep struct {
	plugin string
	// finisher, if set, serves the last operations of a case, which only look. It saves most of the processes.
	finisher engine.Provider
	dir      string
	// parallel is how many cases run at a time. Most of them wait most of the time.
	parallel int
	seed     uint64
	// cases is how many are run; 0 means all. Those that have every kind of fault in every scenario come first, then some
	// chosen at random. A small sample is taken from some of the scenarios only.
	cases int
	// pairs is the number of cases with several faults, one in each of several operations.
	pairs int
	only  func(s *scenario, k *kind, at callAt) bool
	// report, if set, is told of every case as soon as it has run, with how many have and how many there are.
	report func(o outcome, ran, of int)

	next atomic.Int64 // folder
}

// tooLong is how long a case may take until it is named.
const tooLong = 90 * time.Second

// outcome is a case that was run.
type outcome struct {
	testCase
	verdict
}

// result is what came of a sweep.
type result struct {
	outcomes []outcome
	// missed is how many pairs of a scenario and a kind of fault the sample has no case of.
	missed int
}

func (r result) String() string {
	faults, orders, violations := 0, 0, 0
	for _, o := range r.outcomes {
		faults += o.struck
		orders += o.bought
		if len(o.violations) > 0 {
			violations++
		}
	}
	return fmt.Sprintf("%d cases, %d faults injected, %d instances ordered, %d cases with violations", len(r.outcomes), faults, orders, violations)
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
	var out result
	cases, out.missed = sample(random, cases, w.cases)
	for range w.pairs {
		i := random.IntN(len(list))
		if len(singles[i]) == 0 {
			continue
		}
		c := testCase{scenario: &list[i], base: bases[i], refreshes: random.IntN(2) == 0}
		for range 2 + random.IntN(2) {
			c.injections = append(c.injections, singles[i][random.IntN(len(singles[i]))].injections...)
		}
		cases = append(cases, c)
	}
	out.outcomes = make([]outcome, len(cases))
	var ran atomic.Int64
	err = w.each(len(cases), func(i int, dir string) error {
		slow := time.AfterFunc(tooLong, func() { _, _ = fmt.Fprintf(os.Stderr, "slow: %s\n", cases[i]) })
		v, err := cases[i].play(ctx, dir, w)
		slow.Stop()
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

// sample chooses some of the cases, 0 meaning all: first those of each stratum, then any. It tells how many of the former are
// left out.
func sample(random *rand.Rand, cases []testCase, n int) (chosen []testCase, missed int) {
	if n == 0 || n >= len(cases) {
		return cases, 0
	}
	random.Shuffle(len(cases), func(i, j int) { cases[i], cases[j] = cases[j], cases[i] })
	strata := slices.DeleteFunc(slices.Clone(cases), func(c testCase) bool { return !c.stratum })
	others := slices.DeleteFunc(cases, func(c testCase) bool { return c.stratum })
	return append(strata, others...)[:n], max(0, len(strata)-n)
}

// draw is a number that the seed gives to something that has a name.
func (w *sweep) draw(name ...any) uint64 {
	h := fnv.New64a()
	_, _ = fmt.Fprintln(h, w.seed, name) // a hash takes everything
	return h.Sum64()
}

// strike makes the cases of one kind of fault in a scenario, one for each call. The seed says in which of them a user
// refreshes before going on. One call stands for the others in a sample; after faults that leave something to type, it is gone on
// from both with a refresh and without.
func (w *sweep) strike(s *scenario, b base, k *kind, calls []callAt) []testCase {
	var cases []testCase
	for _, at := range calls {
		if !s.strikes(at) || k.applies != nil && !k.applies(s, at) || w.only != nil && !w.only(s, k, at) {
			continue
		}
		cases = append(cases, testCase{
			scenario: s, base: b, injections: []injection{{k, at}}, refreshes: k.refreshes || w.draw("refresh", s.name, k.name, at)%2 == 1,
		})
	}
	if len(cases) == 0 {
		return nil
	}
	chosen := &cases[w.draw("stratum", s.name, k.name)%uint64(len(cases))]
	chosen.stratum = true
	if k.class.typed() && !k.refreshes && s.act != refresh {
		other := *chosen
		other.refreshes = !other.refreshes
		cases = append(cases, other)
	}
	return cases
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
		plain, err := testCase{scenario: s, base: bases[i]}.play(ctx, again, w)
		if err != nil {
			return fmt.Errorf("%s: %w\n%s", s.name, err, plain.log)
		}
		if len(plain.violations) > 0 {
			return fmt.Errorf("%s fails without any fault: %v\n%s", s.name, plain.violations, plain.log)
		}
		calls := callsOf(plain)
		if s.silent != (len(calls) == 0) {
			return fmt.Errorf("%s makes %d calls, which is not what the scenario says", s.name, len(calls))
		}
		for _, k := range kinds() {
			cases[i] = append(cases[i], w.strike(s, bases[i], k, calls)...)
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
		if c.Action == "" { // it was given up before it was read
			continue
		}
		count[c.Action]++
		calls = append(calls, callAt{c.Action, count[c.Action]})
	}
	return calls
}

// each does a piece of work for each of n, several at a time, each in a folder of its own that is removed afterwards.
func (w *sweep) each(n int, work func(i int, dir string) error) error {
	var group errgroup.Group
	group.SetLimit(w.parallel)
	for i := range n {
		group.Go(func() error {
			dir := filepath.Join(w.dir, fmt.Sprint(w.next.Add(1)))
			if err := os.Mkdir(dir, 0o700); err != nil {
				return err
			}
			return errors.Join(work(i, dir), os.RemoveAll(dir))
		})
	}
	return group.Wait()
}
