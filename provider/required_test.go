package provider

import (
	"slices"
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/kmsinstance"
)

// Programs may rely on the outputs that every connected instance has, although a recorded state may lack any of them.
func TestRequiredInSchema(t *testing.T) {
	t.Parallel()
	spec, _ := served(t)
	instance := spec.Resources[string(InstanceToken)]
	want := slices.Sorted(slices.Values(kmsinstance.AlwaysPresent()))
	if got := slices.Sorted(slices.Values(instance.Required)); !slices.Equal(got, want) {
		t.Errorf("the outputs that are always there are %v, want %v", got, want)
	}
	for _, name := range []string{"instanceId", "status", "endpoint", "createTime", "caCertificateChainPem", "vpcId", "zoneIds"} {
		if !slices.Contains(instance.Required, name) {
			t.Errorf("%s is not said to be always there", name)
		}
	}
	if want := []string{"vpcId", "vswitchIds", "zoneIds"}; !slices.Equal(slices.Sorted(slices.Values(instance.RequiredInputs)), want) {
		t.Errorf("the required inputs are %v, want %v", instance.RequiredInputs, want)
	}
}
