package guard

import (
	"reflect"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// Fields are the names of an object's fields, each with the fields of the objects that it holds itself or in a list; nil for
// what holds none, and for maps with keys of any name.
type Fields map[string]Fields

// FieldsOf returns the fields that infer knows of a type.
func FieldsOf[T any]() Fields { return fieldsOf(reflect.TypeFor[T]()) }

func fieldsOf(t reflect.Type) Fields {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	fields := Fields{}
	for _, field := range reflect.VisibleFields(t) {
		if name, _, _ := strings.Cut(field.Tag.Get("pulumi"), ","); name != "" {
			fields[name] = fieldsOf(field.Type)
		}
	}
	return fields
}

// known drops what this version does not know from a recorded map and from the objects in it, and nulls: infer refuses to
// decode them.
func (f Fields) known(m property.Map) property.Map { return f.within(property.New(m)).AsMap() }

func (f Fields) within(v property.Value) property.Value {
	switch {
	case f == nil:
	case v.IsMap():
		m := map[string]property.Value{}
		for key, item := range v.AsMap().All {
			if inner, ok := f[key]; ok && !item.IsNull() {
				m[key] = inner.within(item)
			}
		}
		return property.WithGoValue(v, m)
	case v.IsArray():
		items := make([]property.Value, 0, v.AsArray().Len())
		for _, item := range v.AsArray().All {
			items = append(items, f.within(item))
		}
		return property.WithGoValue(v, items)
	}
	return v
}

// withoutEmpty drops required inputs that an imported object does not have and that are not recorded: infer writes them as
// empty.
func withoutEmpty(m, recorded property.Map) property.Map {
	for key, v := range m.All {
		_, given := recorded.GetOk(key)
		empty := v.IsString() && v.AsString() == "" || v.IsArray() && v.AsArray().Len() == 0 || v.IsMap() && v.AsMap().Len() == 0
		if !given && empty {
			m = m.Delete(key)
		}
	}
	return m
}
