package wire_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/test/wire"
)

// Whatever output a recorded state lacks or has too many, the instance is read, updated without a call, and deleted.
func TestIncompleteStates(t *testing.T) {
	b := fresh(t)
	whole := b.Created(wire.Subscription(map[string]any{"renewStatus": "AutoRenewal", "renewPeriod": 1, "tags": map[string]string{"a": "1"}, "bindVpcs": bindVpc(nil)}))
	states := map[string]property.Map{"with an output of another version": whole.Outputs.Set("retired", wire.Value([]any{map[string]any{"x": nil}}))}
	for _, name := range outputNames() {
		states["without "+name], states["with null for "+name] = whole.Outputs.Delete(name), whole.Outputs.Set(name, null)
	}
	for what, outputs := range states {
		old := wire.Resource{ID: whole.ID, Inputs: whole.Inputs, Outputs: outputs}
		unfinished := strings.HasSuffix(what, " status") // without one, it is not known to be connected
		if plan, err := b.Diff(old, old.Inputs); err != nil || plan.Changes != unfinished {
			t.Errorf("%s: Diff plans %v, %v", what, plan.Kinds, err)
		}
		b.PreviewUpdate(old, old.Inputs)
		wantKept(t, b.Refresh(old), old.ID)
		if plan, err := b.Diff(old, old.Inputs); err != nil || plan.Changes { // which follows a refresh
			t.Errorf("%s: the refresh shows %v, %v", what, plan.Kinds, err)
		}
		before := len(b.Mutations())
		b.MustHaveWorked(b.Update(old, old.Inputs, 0))
		if calls := b.Mutations()[before:]; len(calls) > 0 {
			t.Errorf("%s: Update calls %v", what, calls)
		}
	}
	if err := b.Delete(wire.Resource{ID: whole.ID, Inputs: whole.Inputs, Outputs: wire.Props(map[string]any{"retired": "x"})}, 0); err != nil {
		t.Errorf("deleting what has no known output: %v", err)
	}
}
