package wire_test

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"pgregory.net/rapid"

	"github.com/pulumiverse/pulumi-alicloud-kms/test/wire"
)

// Generators of valid things.

var (
	genZones   = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"cn-hangzhou-g", "cn-hangzhou-h", "cn-hangzhou-j", "cn-hangzhou-k"}), 1, 3, rapid.ID[string])
	genTagText = rapid.StringOfN(rapid.SampledFrom([]rune(`abzAZ09é日/\_-.+=:@`)), 0, 20, -1)
	genTags    = rapid.MapOfN(genTagText.Filter(func(k string) bool { return k != "" && k[0] != 'a' }), genTagText, 0, 6)
	genName    = rapid.StringMatching(`[A-Za-z][A-Za-z0-9 _-]{0,15}`)
	genOwner   = rapid.StringMatching(`[1-9][0-9]{15}`)
)

// genInputs generates inputs that Check accepts in cn-hangzhou, of either payment type.
var genInputs = rapid.Custom(func(t *rapid.T) property.Map {
	in := map[string]any{
		"vpcId": "vpc-own", "zoneIds": genZones.Draw(t, "zoneIds"), "vswitchIds": []string{"vsw-own"},
	}
	maybe := func(name string, gen func() any) {
		if rapid.Bool().Draw(t, "with "+name) {
			in[name] = gen()
		}
	}
	among := func(name string, values ...any) {
		maybe(name, func() any { return rapid.SampledFrom(values).Draw(t, name) })
	}
	number := func(name string, low, high int) {
		maybe(name, func() any { return rapid.IntRange(low, high).Draw(t, name) })
	}
	among("productVersion", "3", "5")
	among("log", "0", "1")
	number("logStorage", 0, 500000)
	among("deletionProtection", true, false)
	among("forceDeleteWithoutBackup", true, false)
	maybe("instanceName", func() any { return genName.Draw(t, "instanceName") })
	maybe("tags", func() any { return genTags.Draw(t, "tags") })
	maybe("bindVpcs", func() any {
		list := []any{}
		for _, n := range rapid.SliceOfNDistinct(rapid.IntRange(1, 8), 0, 3, rapid.ID[int]).Draw(t, "bindVpcs") {
			vpc := map[string]any{"vpcId": fmt.Sprintf("vpc-bound%d", n), "vswitchId": fmt.Sprintf("vsw-bound%d", n)}
			if rapid.Bool().Draw(t, "with owner") {
				vpc["vpcOwnerId"] = genOwner.Draw(t, "owner")
			}
			if rapid.Bool().Draw(t, "with region") {
				vpc["regionId"] = "cn-hangzhou"
			}
			list = append(list, vpc)
		}
		return list
	})
	if rapid.Bool().Draw(t, "PayAsYouGo") {
		in["paymentType"] = "PayAsYouGo"
		return wire.Props(in)
	}
	among("paymentType", "Subscription")
	among("spec", 200, 1000, 2000, 4000, 10000, 20000)
	number("keyNum", 100, 100000)
	number("secretNum", 0, 100000)
	number("vpcNum", 0, 10000)
	among("period", 1, 2, 3, 6, 12, 24, 36)
	maybe("renewStatus", func() any {
		status := rapid.SampledFrom([]string{"AutoRenewal", "ManualRenewal", "NotRenewal"}).Draw(t, "renewStatus")
		if status == "AutoRenewal" {
			unit := rapid.SampledFrom([]string{"M", "Y"}).Draw(t, "unit")
			in["renewalPeriodUnit"] = unit
			in["renewPeriod"] = rapid.SampledFrom(map[string][]int{"M": {1, 2, 3, 6, 12}, "Y": {1, 2, 3}}[unit]).Draw(t, "renewPeriod")
		}
		return status
	})
	return wire.Props(in)
})

// place is the way from the top of a property map to a value in it: names, keys and indices.
type place []any

// genPlace draws the place of any value in a property map.
func genPlace(t *rapid.T, m property.Map) place {
	return rapid.SampledFrom(placesIn(m)).Draw(t, "place")
}

// placesIn lists the places of all values in a property map.
func placesIn(m property.Map) []place {
	var places []place
	var walk func(place, property.Value)
	walk = func(at place, v property.Value) {
		places = append(places, at)
		switch {
		case v.IsArray():
			for i, item := range v.AsArray().All {
				walk(append(slices.Clone(at), i), item)
			}
		case v.IsMap():
			for key, item := range v.AsMap().AllStable {
				walk(append(slices.Clone(at), key), item)
			}
		}
	}
	for name, v := range m.AllStable {
		walk(place{name}, v)
	}
	return places
}

// property is the name of the property that the place is in.
func (p place) property() string { return fmt.Sprint(p[0]) }

// in changes the value at the place, and nothing else.
func (p place) in(m property.Map, change func(property.Value) property.Value) property.Map {
	return changeAt(property.New(m), p, change).AsMap()
}

func changeAt(v property.Value, at place, change func(property.Value) property.Value) property.Value {
	if len(at) == 0 {
		return change(v)
	}
	switch step := at[0].(type) {
	case int:
		items := v.AsArray().AsSlice()
		items[step] = changeAt(items[step], at[1:], change)
		return property.WithGoValue(v, items)
	case string:
		fields := v.AsMap()
		return property.WithGoValue(v, fields.Set(step, changeAt(fields.Get(step), at[1:], change)))
	}
	panic("a place of names, keys and indices")
}

func unknown(property.Value) property.Value { return wire.Unknown }

func secret(v property.Value) property.Value { return v.WithSecret(true) }

func secretUnknown(property.Value) property.Value { return secret(wire.Unknown) }

// stripped is a map without secret marks.
func stripped(m property.Map) property.Map {
	for _, at := range placesIn(m) {
		m = at.in(m, func(v property.Value) property.Value { return v.WithSecret(false) })
	}
	return m
}

// of returns the value at the place.
func (p place) of(m property.Map) property.Value {
	var found property.Value
	p.in(m, func(v property.Value) property.Value { found = v; return v })
	return found
}

// genWorking generates inputs that the cloud takes, too: with units for what is bound.
var genWorking = rapid.Map(genInputs, func(m property.Map) property.Map {
	bound, units := m.Get("bindVpcs"), m.Get("vpcNum")
	enough := !bound.IsArray() || units.IsNumber() && int(units.AsNumber()) >= bound.AsArray().Len()
	if enough || m.Get("paymentType").Equals(property.New("PayAsYouGo")) {
		return m
	}
	return m.Set("vpcNum", property.New(float64(bound.AsArray().Len())))
})
