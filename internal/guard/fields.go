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
func (f Fields) known(m property.Map) property.Map {
	for key, v := range m.All {
		inner, ok := f[key]
		switch {
		case !ok || v.IsNull():
			m = m.Delete(key)
		case inner != nil:
			m = m.Set(key, inner.within(v))
		}
	}
	return m
}

// within is known for the objects of a value.
func (f Fields) within(v property.Value) property.Value {
	switch {
	case v.IsMap():
		return property.WithGoValue(v, f.known(v.AsMap()).AsMap())
	case v.IsArray() && v.AsArray().Len() > 0: // of no items, WithGoValue makes a null
		items := v.AsArray().AsSlice()
		for i := range items {
			items[i] = f.within(items[i])
		}
		return property.WithGoValue(v, items)
	}
	return v
}
