package guard

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// keepSecret marks a property secret as a whole if the property of that name, or one that it repeats, has anything secret in one of the
// sources: infer carries secrets over by place, which a reordered list moves.
func (r Guarded) keepSecret(m property.Map, sources ...property.Map) property.Map {
	for key, v := range m.All {
		for _, name := range append([]string{key}, r.Repeats[key]...) {
			if slices.ContainsFunc(sources, func(source property.Map) bool { return source.Get(name).HasSecrets() }) {
				m = m.Set(key, v.WithSecret(true))
			}
		}
	}
	return m
}

// stillSecret is what is recorded, without the properties that the program no longer calls secret. Only a value that the
// program itself shows may be shown: after a failure an output may still have the one from before, which was secret.
func stillSecret(recorded, inputs, outputs property.Map) property.Map {
	for key, v := range inputs.All {
		if !v.HasSecrets() && Plain(outputs.Get(key)).Equals(Plain(v)) {
			recorded = recorded.Delete(key)
		}
	}
	return recorded
}

// Plain is a value without marks of secrets and dependencies, for comparisons.
func Plain(v property.Value) property.Value {
	switch {
	case v.IsArray():
		list := v.AsArray().AsSlice()
		for i := range list {
			list[i] = Plain(list[i])
		}
		return property.New(list)
	case v.IsMap():
		m := v.AsMap().AsMap()
		for name := range m {
			m[name] = Plain(m[name])
		}
		return property.New(m)
	default:
		return v.WithSecret(false).WithDependencies(nil)
	}
}
