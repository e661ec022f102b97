package enginetest

import (
	"errors"
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// TestHook: what an error hook's tries come to, as the steps of the engine have it.
func TestHook(t *testing.T) {
	t.Parallel()
	unfinished, failed := &plugin.InitError{Reasons: []string{"unfinished"}}, errors.New("failed")
	always := func([]string) bool { return true }
	for _, c := range []struct {
		name  string
		hook  func([]string) bool
		tries []error // the last one is repeated
		made  int
		want  tries
	}{
		{"no hook", nil, []error{unfinished}, 1, tries{err: unfinished, initErrors: unfinished.Reasons, partial: true}},
		{"the reasons stay after a success", always, []error{unfinished, nil}, 2, tries{initErrors: unfinished.Reasons}},
		{"a failure after an unfinished try stores nothing", func(f []string) bool { return len(f) < 2 }, []error{unfinished, failed}, 2,
			tries{err: failed, initErrors: unfinished.Reasons}},
		{"a hundred tries", always, []error{unfinished}, 100, tries{initErrors: unfinished.Reasons, partial: true, exhausted: true}},
		{"a hundred tries, none of which stores anything", always, []error{failed}, 100, tries{exhausted: true}},
	} {
		made := 0
		got := withHook(c.hook, func() error {
			made++
			return c.tries[min(made, len(c.tries))-1]
		})
		if c.want.exhausted && got.err != nil {
			got.err = nil // its text is the engine's
		}
		if made != c.made || !errors.Is(got.err, c.want.err) || !slices.Equal(got.initErrors, c.want.initErrors) ||
			got.partial != c.want.partial || got.exhausted != c.want.exhausted {
			t.Errorf("%s: %d tries, %+v; want %d, %+v", c.name, made, got, c.made, c.want)
		}
	}
	var seen [][]string
	withHook(func(f []string) bool {
		seen = append(seen, f)
		return len(f) < 2
	}, func() error { return errors.New([]string{"first", "second"}[min(len(seen), 1)]) })
	if len(seen) != 2 || !slices.Equal(seen[1], []string{"second", "first"}) {
		t.Errorf("the hook saw %v, want the latest failure first", seen)
	}
}
