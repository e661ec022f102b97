package wire_test

import (
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/test/wire"
)

// TestSecretNoLonger: an output follows its input, in the provider as a whole, when the program takes the mark of a secret away.
func TestSecretNoLonger(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{})
	r := b.Created(wire.Subscription(map[string]any{"instanceName": wire.Secret("name"), "tags": map[string]any{"a": wire.Secret("b")}}))
	if !r.Outputs.Get("instanceName").Secret() || !r.Outputs.Get("tags").Secret() {
		t.Fatal("the outputs are not secret")
	}
	news := b.Checked(wire.Subscription(map[string]any{"instanceName": "name", "tags": map[string]any{"a": "b"}, "keyNum": 2000}))
	updated := b.Update(r, news, 0)
	b.MustHaveWorked(updated)
	for _, name := range []string{"instanceName", "tags"} {
		if updated.Outputs.Get(name).HasSecrets() {
			t.Errorf("%s is still secret", name)
		}
	}
}
