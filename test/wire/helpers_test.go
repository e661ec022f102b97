package wire_test

import (
	"flag"
	"os"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/kmsinstance"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/wire"
)

// Property tests are the same every time, and leave no files behind. A flag on the command line comes later and wins.
func TestMain(m *testing.M) {
	for name, value := range map[string]string{"rapid.seed": "20260102", "rapid.nofailfile": "true"} {
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

func inputNames() (names []string) {
	for _, property := range kmsinstance.Properties {
		names = append(names, property.Name)
	}
	return names
}

func outputNames() []string {
	names := inputNames()
	for _, output := range kmsinstance.Outputs {
		names = append(names, output.Name)
	}
	return names
}

// fresh is a bench with a cloud without delays, for a test that runs beside others.
func fresh(t *testing.T) *wire.Bench {
	t.Helper()
	t.Parallel()
	return wire.New(t, wire.Options{})
}

// onClock runs a test on a virtual clock, beside others.
func onClock(t *testing.T, o wire.Options, test func(t *testing.T, b *wire.Bench)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { test(t, wire.New(t, o)) })
}

// each runs a test for each case, in parallel and on a virtual clock.
func each[C any](t *testing.T, cases map[string]C, test func(t *testing.T, c C)) {
	t.Helper()
	t.Parallel()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { test(t, c) })
		})
	}
}

// seeded puts an instance into the bench's cloud and returns its id.
func seeded(t *testing.T, b *wire.Bench, i emulator.Instance) string {
	t.Helper()
	kept, err := b.Cloud.Seed(i)
	if err != nil {
		t.Fatal(err)
	}
	return kept.ID
}

// patch changes an instance behind the provider's back.
func patch(t *testing.T, b *wire.Bench, id string, p emulator.Patch) {
	t.Helper()
	if _, err := b.Cloud.Change(id, p); err != nil {
		t.Fatal(err)
	}
}

// remove takes an instance away behind the provider's back.
func remove(t *testing.T, b *wire.Bench, id string) {
	t.Helper()
	if err := b.Cloud.Remove(id); err != nil {
		t.Fatal(err)
	}
}

func inject(t *testing.T, b *wire.Bench, faults ...emulator.Fault) {
	t.Helper()
	if err := b.Cloud.Inject(faults...); err != nil {
		t.Fatal(err)
	}
}

// wantKept requires that a read has kept the resource as usable.
func wantKept(t *testing.T, out wire.Outcome, id string) {
	t.Helper()
	if out.Err != nil || len(out.Reasons) > 0 || out.ID != id {
		t.Errorf("the read gave %q, %v, %v; want %s", out.ID, out.Reasons, out.Err, id)
	}
}

// wantFailed requires that a verb has failed, kept nothing, and said some texts.
func wantFailed(t *testing.T, out wire.Outcome, parts ...string) {
	t.Helper()
	if out.Err == nil || out.ID != "" {
		t.Fatalf("it ends with %q, %v", out.ID, out.Reasons)
	}
	wantSaid(t, "the error", out.Err.Error(), parts...)
}

// wantUnfinished requires that a verb has kept the instance as unfinished, for one reason that says some texts.
func wantUnfinished(t *testing.T, out wire.Outcome, parts ...string) {
	t.Helper()
	if !strings.HasPrefix(out.ID, "kst-") || len(out.Reasons) != 1 {
		t.Fatalf("it ends with %q, %v, %v", out.ID, out.Reasons, out.Err)
	}
	wantSaid(t, "the reason", out.Reasons[0], append(parts, out.ID)...)
}

func wantSaid(t *testing.T, what, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%s does not say %q: %s", what, part, text)
		}
	}
}

// wantOwned requires that one instance was bought and none given back.
func wantOwned(t *testing.T, b *wire.Bench) {
	t.Helper()
	if got := b.Cloud.Totals(); got.Orders != 1 || got.Refunds+got.Releases != 0 {
		t.Errorf("totals are %+v", got)
	}
}

// reasons are why a verb has failed, or kept the instance as unfinished.
func reasons(out wire.Outcome) string {
	if out.Err != nil {
		return out.Err.Error()
	}
	return strings.Join(out.Reasons, "\n")
}
