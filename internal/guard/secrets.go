package guard

import (
	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// keepSecret marks a property secret as a whole if the property of that name has anything secret in one of the sources:
// infer carries secrets over by place, which a reordered list moves.
func keepSecret(m property.Map, sources ...property.Map) property.Map {
	for key, v := range m.All {
		for _, source := range sources {
			if s, ok := source.GetOk(key); ok && s.HasSecrets() {
				m = m.Set(key, v.WithSecret(true))
			}
		}
	}
	return m
}
