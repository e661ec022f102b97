package input

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// Clean returns a map without nulls at the top, which are properties that are left out, without the names that SDKs add for
// themselves, which begin with two underscores, and with the id of a resource wherever the resource itself is given.
func Clean(fields []Field, m property.Map) property.Map {
	out := clean(&Field{Type: Object, Fields: fields}, property.New(m)).AsMap().AsMap()
	for name, v := range m.All {
		if v.IsNull() {
			delete(out, name)
		}
	}
	return property.NewMap(out)
}

// clean cleans a value of a field, which is nil for what no table knows. A map with keys of any name keeps all of them.
func clean(f *Field, v property.Value) property.Value {
	if f == nil {
		f = &Field{}
	}
	switch {
	case v.IsResourceReference() && !v.AsResourceReference().ID.IsNull(): // which a component does not have
		id := v.AsResourceReference().ID
		return id.WithSecret(id.Secret() || v.Secret()).WithDependencies(v.Dependencies())
	case v.IsArray():
		items := make([]property.Value, 0, v.AsArray().Len())
		for _, item := range v.AsArray().All {
			items = append(items, clean(f.Element, item))
		}
		return property.WithGoValue(v, items)
	case v.IsMap():
		out := make(map[string]property.Value, v.AsMap().Len())
		for name, item := range v.AsMap().All {
			if f.Type == Map {
				out[name] = clean(f.Element, item)
			} else if !strings.HasPrefix(name, "__") {
				out[name] = clean(Find(f.Fields, name), item)
			}
		}
		return property.WithGoValue(v, out)
	}
	return v
}
