package guard

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// knownFields drops what this version does not know from a recorded map, and nulls: infer refuses to decode them.
func knownFields(m property.Map, names []string) property.Map {
	for key, v := range m.All {
		if v.IsNull() || !slices.Contains(names, key) {
			m = m.Delete(key)
		}
	}
	return m
}
