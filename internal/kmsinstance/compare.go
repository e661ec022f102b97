package kmsinstance

import (
	"fmt"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/guard"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/input"
)

// compare compares two values by meaning: lists are sets, null is absent, and tags of Alibaba Cloud do not count. It returns what
// differs by its path, as deep as the user can tell it apart.
func compare(path string, old, now property.Value, region string) map[string]p.DiffKind {
	c := comparison{region, map[string]p.DiffKind{}}
	c.values(path, old, now)
	return c.found
}

func sameValue(a, b property.Value, region string) bool { return len(compare("", a, b, region)) == 0 }

type comparison struct {
	region string
	found  map[string]p.DiffKind
}

func (c comparison) values(path string, old, now property.Value) {
	switch {
	case old.IsArray() && now.IsArray():
		c.sets(path, old.AsArray(), now.AsArray())
	case old.IsMap() && now.IsMap():
		before, after := old.AsMap(), now.AsMap()
		for _, m := range []property.Map{before, after} {
			for key := range m.All {
				if !isReservedTag(key) {
					c.values(input.Path(path, key), before.Get(key), after.Get(key))
				}
			}
		}
	case old.IsNull() && now.IsNull():
	case old.IsNull():
		c.found[path] = p.Add
	case now.IsNull():
		c.found[path] = p.Delete
	case !guard.Plain(old).Equals(guard.Plain(now)):
		c.found[path] = p.Update
	}
}

// sets compares the elements that have no counterpart on the other side with what is at the same place there.
func (c comparison) sets(path string, old, now property.Array) {
	goes, comes := unmatched(old, now, c.region)
	for i := range max(old.Len(), now.Len()) {
		var before, after property.Value
		if goes[i] {
			before = old.Get(i)
		}
		if comes[i] {
			after = now.Get(i)
		}
		c.values(fmt.Sprintf("%s[%d]", path, i), before, after)
	}
}

// unmatched are the places of the elements of two sets that have no counterpart in the other one.
func unmatched(old, now property.Array, region string) (goes, comes map[int]bool) {
	goes, comes = map[int]bool{}, map[int]bool{}
	candidates := map[string][]int{}
	for i, v := range old.All {
		key := setKey(v, region)
		candidates[key] = append(candidates[key], i)
		goes[i] = true
	}
	for j, v := range now.All {
		key := setKey(v, region)
		comes[j] = true
		for n, i := range candidates[key] {
			if sameOwner(old.Get(i), v) {
				delete(goes, i)
				delete(comes, j)
				candidates[key][n] = candidates[key][0] // their order means nothing
				candidates[key] = candidates[key][1:]
				break
			}
		}
	}
	return goes, comes
}

// setKey is what an element of a set has in common with its counterpart: of a bound VPC all but the owner. An absent region is the
// provider's.
func setKey(v property.Value, region string) string {
	v = guard.Plain(v)
	if !v.IsMap() {
		return v.GoString()
	}
	m := v.AsMap()
	regionID := m.Get("regionId")
	if regionID.IsNull() {
		regionID = property.New(region)
	}
	return m.Get("vpcId").GoString() + m.Get("vswitchId").GoString() + regionID.GoString()
}

// sameOwner: an absent owner matches any.
func sameOwner(a, b property.Value) bool {
	return ownerOf(a).IsNull() || ownerOf(b).IsNull() || guard.Plain(ownerOf(a)).Equals(guard.Plain(ownerOf(b)))
}

func ownerOf(v property.Value) property.Value {
	if v.IsMap() {
		return v.AsMap().Get("vpcOwnerId")
	}
	return property.Value{}
}

// namesOwner tells whether the new bindings are the old ones, but for owners that they add: an owner that the program omits is the
// one that the instance has.
func namesOwner(old, now property.Value, region string) bool {
	if !old.IsArray() || !now.IsArray() || !sameValue(old, now, region) {
		return false
	}
	owners := func(v property.Value) (n int) {
		for _, item := range v.AsArray().All {
			if !ownerOf(item).IsNull() {
				n++
			}
		}
		return n
	}
	return owners(now) > owners(old)
}
