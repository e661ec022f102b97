package provider

import (
	"slices"
	"testing"
)

// A required output that is missing is null in Python and throws in C#. So required are those only that a half-created instance has, too.
func TestRequiredInSchema(t *testing.T) {
	t.Parallel()
	spec, _ := served(t)
	instance := spec.Resources[string(InstanceToken)]
	want := []string{"endpoint", "instanceId", "paymentType", "status", "vpcId", "vswitchIds", "zoneIds"}
	if got := slices.Sorted(slices.Values(instance.Required)); !slices.Equal(got, want) {
		t.Errorf("the outputs that are always there are %v, want %v", got, want)
	}
	if want := []string{"vpcId", "vswitchIds", "zoneIds"}; !slices.Equal(slices.Sorted(slices.Values(instance.RequiredInputs)), want) {
		t.Errorf("the required inputs are %v, want %v", instance.RequiredInputs, want)
	}
}
