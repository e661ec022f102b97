package guard

import "github.com/pulumi/pulumi/sdk/v3/go/property"

// withoutEmpty drops required inputs that an imported object does not have and that are not recorded: infer writes them as
// empty.
func withoutEmpty(m, recorded property.Map) property.Map {
	for key, v := range m.All {
		if _, given := recorded.GetOk(key); given {
			continue
		}
		if v.IsString() && v.AsString() == "" || v.IsArray() && v.AsArray().Len() == 0 || v.IsMap() && v.AsMap().Len() == 0 {
			m = m.Delete(key)
		}
	}
	return m
}
