package kmsinstance

import (
	"fmt"
	"slices"
	"strconv"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/input"
)

// BenchmarkLargeInputs shows that Check, with its suggestions of names, and Diff stay linear: the time for one element is the same,
// however many there are.
func BenchmarkLargeInputs(b *testing.B) {
	for _, n := range []int{10, 1_000, 100_000} {
		inputs := large(n)
		bound := slices.Clone(inputs.Get("bindVpcs").AsArray().AsSlice())
		slices.Reverse(bound)
		turned := inputs.Set("bindVpcs", property.New(bound))
		declared := make([]property.Value, 0, n)
		for _, name := range declaredIn(inputs) {
			declared = append(declared, property.New(name))
		}
		state := property.NewMap(map[string]property.Value{"declared": property.New(declared)})
		perElement := func(b *testing.B) {
			b.Helper()
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/element")
		}
		b.Run(fmt.Sprintf("Check/%d", n), func(b *testing.B) {
			for b.Loop() {
				checkInputs(&input.Checker{}, inputs, "cn-hangzhou")
			}
			perElement(b)
		})
		b.Run(fmt.Sprintf("Diff/%d", n), func(b *testing.B) {
			for b.Loop() {
				diffInputs(property.Map{}, inputs, turned, "cn-hangzhou")
			}
			perElement(b)
		})
		b.Run(fmt.Sprintf("Diff of what is taken out/%d", n), func(b *testing.B) {
			for b.Loop() {
				diffInputs(state, inputs, property.Map{}, "cn-hangzhou")
			}
			perElement(b)
		})
	}
}

// large are inputs with n bound VPCs, n tags and n properties that nobody knows.
func large(n int) property.Map {
	bound := make([]property.Value, n)
	tags := map[string]property.Value{}
	inputs := map[string]property.Value{}
	for i := range n {
		id := strconv.Itoa(i)
		bound[i] = property.New(map[string]property.Value{"vpcId": property.New("vpc-" + id), "vswitchId": property.New("vsw-" + id)})
		tags["key"+id] = property.New("value")
		inputs["vpcID"+id] = property.New("vpc-" + id)
	}
	inputs["bindVpcs"], inputs["tags"] = property.New(bound), property.New(tags)
	return property.NewMap(inputs)
}
