package input

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// Clean returns a map without nulls at the top, which are properties that are left out, without the names that SDKs add for
// themselves, which begin with two underscores, and with the id of a resource wherever the resource itself is given.
func Clean(fields []Field, m property.Map) property.Map {
	given := m.AsMap()
	for name, v := range m.All {
		if v.IsNull() {
			delete(given, name)
		}
	}
	m, _ = cleanMap(&Field{Type: Object, Fields: fields}, property.NewMap(given))
	return m
}

// cleanMap also reports whether it has changed anything, as cleanValue does: a value keeps its form if there is nothing to do.
// A map with keys of any name keeps all of them.
func cleanMap(f *Field, m property.Map) (property.Map, bool) {
	out, changed := make(map[string]property.Value, m.Len()), false
	for name, v := range m.All {
		if f.Type != Map && strings.HasPrefix(name, "__") {
			changed = true
			continue
		}
		child := f.Element
		if f.Type != Map {
			child = find(f.Fields, name)
		}
		cleaned, other := cleanValue(child, v)
		out[name], changed = cleaned, changed || other
	}
	if !changed {
		return m, false
	}
	return property.NewMap(out), true
}

func cleanValue(f *Field, v property.Value) (property.Value, bool) {
	if f == nil {
		f = &Field{}
	}
	switch {
	case v.IsResourceReference():
		id := v.AsResourceReference().ID
		if id.IsNull() {
			return v, false // a component has none
		}
		return id.WithSecret(id.Secret() || v.Secret()).WithDependencies(v.Dependencies()), true
	case v.IsArray():
		items, changed := v.AsArray().AsSlice(), false
		for i := range items {
			cleaned, other := cleanValue(f.Element, items[i])
			items[i], changed = cleaned, changed || other
		}
		if changed {
			return property.WithGoValue(v, items), true
		}
	case v.IsMap():
		if m, changed := cleanMap(f, v.AsMap()); changed {
			return property.WithGoValue(v, m), true
		}
	}
	return v, false
}
