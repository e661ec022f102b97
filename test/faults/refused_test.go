package faults

import (
	"strings"
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/test/engine"
)

// TestReplacementUnderProtection: a replacement is refused while deletion protection is on, at preview as well as in an up
// without one, before anything is bought. No call is made on the way that could be struck.
func TestReplacementUnderProtection(t *testing.T) {
	t.Parallel()
	moved := subscription.with(inputs{"vpcId": "vpc-new", "vswitchIds": []any{"vsw-new"}})
	s := &scenario{name: "replace under protection", act: up, base: subscription, want: moved}
	b, err := s.make(t.Context(), t.TempDir(), plugin)
	if err != nil {
		t.Fatal(err)
	}
	r, err := newRun(t.TempDir(), plugin, s, b, timeouts{})
	if err != nil {
		t.Fatal(err)
	}
	r.prepare()
	before := len(r.world.journal())
	for _, result := range []*engine.Result{
		r.stack.Preview(t.Context(), moved.program(), engine.Options{}), r.do(t.Context(), up, nil),
	} {
		if result.Err == nil || !strings.Contains(result.Text(false), "deletion protection is on") {
			t.Errorf("the replacement is not refused: %s", result.Text(false))
		}
	}
	if calls := r.world.journal()[before:]; len(calls) > 0 {
		t.Errorf("there were calls:\n%s", lines(calls))
	}
	if kept := instanceIn(r.stack.Snapshot()); string(kept.ID) != b.id || len(r.violations) > 0 {
		t.Errorf("the checkpoint has %s instead of %s: %v", kept.ID, b.id, r.violations)
	}
	if err := r.world.close(); err != nil {
		t.Error(err)
	}
}
