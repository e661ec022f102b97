package wire_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/kmsinstance"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/wire"
)

// goesOn takes a recorded resource through the verbs: none may stumble over what is recorded or what is not.
func goesOn(b *wire.Bench, old wire.Resource) (trouble []string) {
	note := func(verb string, err error, reasons []string) {
		if err != nil || len(reasons) > 0 {
			trouble = append(trouble, verb+": "+strings.Join(reasons, " "))
			if err != nil {
				trouble = append(trouble, err.Error())
			}
		}
	}
	plan, err := b.Diff(old, old.Inputs)
	note("Diff", err, nil)
	if plan.Changes {
		trouble = append(trouble, "Diff of the same inputs sees a change")
	}
	b.PreviewUpdate(old, old.Inputs)
	refreshed := b.Refresh(old)
	note("Read", refreshed.Err, refreshed.Reasons)
	if refreshed.ID != old.ID {
		trouble = append(trouble, "Read returns the id "+refreshed.ID)
	}
	before := len(b.Mutations())
	updated := b.Update(old, old.Inputs, 0)
	note("Update", updated.Err, updated.Reasons)
	if calls := b.Mutations()[before:]; len(calls) > 0 {
		trouble = append(trouble, "Update calls "+strings.Join(calls, ", "))
	}
	return trouble
}

// TestIncompleteStates: no output is needed to go on with an instance, and none too many is in the way.
func TestIncompleteStates(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{})
	whole := b.Created(wire.Subscription(map[string]any{"renewStatus": "AutoRenewal", "renewPeriod": 1, "tags": map[string]string{"a": "1"}, "bindVpcs": bindVpc(nil)}))
	for _, name := range kmsinstance.OutputNames() {
		for what, outputs := range map[string]property.Map{"without ": whole.Outputs.Delete(name), "with null for ": whole.Outputs.Set(name, null)} {
			r := whole
			r.Outputs = outputs
			for _, trouble := range goesOn(b, r) {
				t.Errorf("%s%s: %s", what, name, trouble)
			}
		}
	}
	odd := whole
	odd.Outputs = whole.Outputs.Set("retired", wire.Value([]any{map[string]any{"x": nil}}))
	for _, trouble := range goesOn(b, odd) {
		t.Errorf("with an output of another version: %s", trouble)
	}
	odd.Outputs = wire.Props(map[string]any{"retired": "x"})
	if err := b.Delete(odd, 0); err != nil {
		t.Errorf("deleting what has no known output: %v", err)
	}
}
