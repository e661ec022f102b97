package guard_test

import (
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/grpctest"
)

// TestSecretNoLonger: an output follows its input, in the provider as a whole, when the program takes the mark of a secret away.
func TestSecretNoLonger(t *testing.T) {
	t.Parallel()
	b := grpctest.New(t, grpctest.Options{})
	r := b.Created(grpctest.Subscription(map[string]any{"instanceName": grpctest.Secret("name"), "tags": map[string]any{"a": grpctest.Secret("b")}}))
	if !r.Outputs.Get("instanceName").Secret() || !r.Outputs.Get("tags").Secret() {
		t.Fatal("the outputs are not secret")
	}
	news := b.Checked(grpctest.Subscription(map[string]any{"instanceName": "name", "tags": map[string]any{"a": "b"}, "keyNum": 2000}))
	updated := b.Update(r, news, 0)
	b.MustHaveWorked(updated)
	for _, name := range []string{"instanceName", "tags"} {
		if updated.Outputs.Get(name).HasSecrets() {
			t.Errorf("%s is still secret", name)
		}
	}
}
