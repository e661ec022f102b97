package guard

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// keepSecret marks a property secret as a whole if the property of that name has anything secret in one of the sources:
// infer carries secrets over by place, which a reordered list moves.
func keepSecret(m property.Map, sources ...property.Map) property.Map {
	for key, v := range m.All {
		if slices.ContainsFunc(sources, func(source property.Map) bool { return source.Get(key).HasSecrets() }) {
			m = m.Set(key, v.WithSecret(true))
		}
	}
	return m
}

// keepSecret does the same, and marks an output that repeats inputs secret if one of these is.
func (r Guarded) keepSecret(m, inputs property.Map, recorded ...property.Map) property.Map {
	m = keepSecret(m, append(recorded, inputs)...)
	for output, repeated := range r.Repeats {
		secret := slices.ContainsFunc(repeated, func(name string) bool { return inputs.Get(name).HasSecrets() })
		if v := m.Get(output); secret && !v.IsNull() {
			m = m.Set(output, v.WithSecret(true))
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
