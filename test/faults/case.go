package faults

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/engine"
)

// injection is a fault at a call.
type injection struct {
	kind *kind
	at   callAt
}

func (b injection) String() string {
	return fmt.Sprintf("%s at %s %d", b.kind.name, b.at.action, b.at.nth)
}

// testCase is one case: a scenario whose operations are struck, the first by the first injection and so on.
type testCase struct {
	scenario   *scenario
	base       base
	injections []injection
	// refreshes says that a user refreshes before going on.
	refreshes bool
	// stratum says that the case is one of those that have every kind of fault in every scenario.
	stratum bool
}

func (c testCase) String() string {
	words := []string{c.scenario.name}
	for _, b := range c.injections {
		words = append(words, b.String())
	}
	if c.refreshes {
		words = append(words, "refresh before going on")
	}
	return strings.Join(words, " / ")
}

// How many runs after the last fault it may take until everything is as wanted. After an order that nobody heard of again, one
// run may not see the instance yet, the next one names it, and the last one imports it.
const (
	runsToConverge  = 1
	runsToFindAgain = 2
)

// play runs the case in a folder of its own.
func (c testCase) play(ctx context.Context, dir string, w *sweep) (verdict, error) {
	r, err := newRun(dir, w.plugin, c.scenario, c.base, timeouts{})
	if err != nil {
		return verdict{}, err
	}
	r.injections, r.finisher = c.injections, w.finisher
	r.prepare()
	r.playOut(ctx, c)
	if len(c.injections) == 1 {
		r.demandStrike(c.injections[0])
	}
	r.bought = r.used().Orders
	r.calls = r.world.journal()
	r.log = r.text.String() + lines(r.calls)
	return r.verdict, r.world.close()
}

func (r *run) playOut(ctx context.Context, c testCase) {
	r.world.move(r.place)
	var first *injection
	if len(c.injections) > 0 {
		first = &c.injections[0]
	}
	result := r.do(ctx, r.act, first)
	r.actCalls = len(r.world.journal())
	if r.place != (place{}) {
		r.world.move(place{})
		if result.Err == nil {
			r.violate("the wrong place went unnoticed")
		}
		if used := r.used(); used != (emulator.Totals{}) {
			r.violate("something was done in the wrong place: %+v", used)
		}
	}
	if r.act == refresh && result.Err == nil {
		// A refresh only looks. What it found is put right by the next up.
		result = r.do(ctx, up, nil)
	}
	if result.Err == nil && len(c.injections) <= 1 {
		r.finish(ctx, "itself")
		return
	}
	for _, b := range c.injections[min(1, len(c.injections)):] {
		r.repair()
		r.next(ctx, c, &b)
	}
	for n := 0; n < runsToConverge+r.more || r.forgotten != "" && n < runsToConverge+runsToFindAgain+r.more; n++ {
		r.repair()
		if result := r.next(ctx, c, nil); result.Err == nil {
			r.finish(ctx, strings.Join(r.typed, ", "))
			return
		}
		c.refreshes = false
	}
	r.violate("not as wanted after %s", strings.Join(r.typed, ", "))
}

// next types what a user types after a failure: what the messages say.
func (r *run) next(ctx context.Context, c testCase, b *injection) *engine.Result {
	if named := importNamed.FindStringSubmatch(r.said); named != nil {
		r.importing = named[1]
	}
	if kms := instanceIn(r.stack.Snapshot()); r.importing != "" && (kms == nil || string(kms.ID) != r.importing) {
		r.typed = append(r.typed, "up with import")
		return r.do(ctx, up, b)
	}
	if strings.Contains(r.said, "some minutes") {
		r.world.cloud().Advance(aWhile)
	}
	if r.act == destroy && r.place == (place{}) {
		r.pass()
	}
	if c.refreshes || r.act == refresh {
		r.typed = append(r.typed, string(refresh))
		if result := r.do(ctx, refresh, nil); result.Err != nil {
			r.violate("a refresh fails: %v", result.Err)
		}
	}
	command := r.act
	if command == refresh {
		command = up
	}
	r.typed = append(r.typed, string(command))
	return r.do(ctx, command, b)
}

// importNamed is how a message tells a user to import an instance.
var importNamed = regexp.MustCompile("`import: (kst-[0-9a-z]+)`")

// aWhile is what a message asks a user to wait.
const aWhile = 5 * time.Minute

// repair puts right what only Alibaba Cloud's support can.
func (r *run) repair() {
	connected := emulator.StatusConnected
	for _, i := range r.world.cloud().Instances() {
		stuck := i.Status == emulator.StatusConnecting && i.ConnectedAt.IsZero()
		if i.Status == emulator.StatusError || stuck {
			if _, err := r.world.cloud().Change(i.ID, emulator.Patch{Status: &connected}); err != nil {
				r.violate("the instance cannot be repaired: %v", err)
			}
		}
	}
}
