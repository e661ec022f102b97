package cloud

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/go-viper/mapstructure/v2"
)

// object is a JSON object of an answer; nil if it is none.
type object map[string]any

func parse(body []byte) (o object) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if !json.Valid(body) || decoder.Decode(&o) != nil {
		return nil
	}
	return o
}

// decode fills a struct with the fields of the object, whose names match in any case. A field that is absent or null stays zero. The error
// is for the user, unlike that of the decoder.
func (o object) decode(result any) error {
	if result == nil {
		return nil
	}
	reflect.ValueOf(result).Elem().SetZero() // of an earlier answer
	decoder, err := mapstructure.NewDecoder(&mapstructure.DecoderConfig{
		Result: result, WeaklyTypedInput: true, DecodeHook: mapstructure.DecodeHookFuncType(otherForms),
	})
	if err != nil || decoder.Decode(map[string]any(o)) != nil {
		return errors.New("a field of it has another form than documented")
	}
	if name := lacking(reflect.ValueOf(result)); name != "" {
		return fmt.Errorf("%s is missing", name)
	}
	return nil
}

// lacking is the name of a field that an answer must have and has not: the tag `must` of a field without a value, in a struct or in what is
// in it; "" if there is none.
func lacking(v reflect.Value) (name string) {
	switch v = reflect.Indirect(v); v.Kind() {
	case reflect.Slice:
		for i := 0; i < v.Len() && name == ""; i++ {
			name = lacking(v.Index(i))
		}
	case reflect.Struct:
		for field, value := range v.Fields() {
			switch must := field.Tag.Get("must"); {
			case must != "" && value.IsZero():
				return must
			case field.IsExported() && name == "":
				name = lacking(value)
			}
		}
	}
	return name
}

// otherForms takes what the decoder does not know: the APIs send some numbers and lists as strings, and not the same ones in every version.
func otherForms(_, to reflect.Type, data any) (any, error) {
	if wrapped, ok := data.(map[string]any); ok && to == reflect.TypeFor[[]BindVpc]() {
		data = wrapped["BindVpc"]
	}
	if list, ok := data.([]any); ok && len(list) == 0 {
		return nil, nil //nolint:nilnil // which counts as absent
	}
	value := reflect.ValueOf(data)
	if value.Kind() != reflect.String { // json.Number is one, too
		return data, nil
	}
	text := strings.TrimSpace(value.String())
	switch to {
	case reflect.TypeFor[*int](), reflect.TypeFor[[]BindVpc]():
		if text == "" {
			return nil, nil //nolint:nilnil // which counts as absent
		}
	case reflect.TypeFor[int]():
		number, err := strconv.ParseFloat(text, 64) // the decoder would read 010 as 8
		if err != nil || number != math.Trunc(number) || math.Abs(number) > 1<<53 {
			return nil, fmt.Errorf("%q is no whole number", text)
		}
		return int(number), nil
	case reflect.TypeFor[time.Time]():
		return time.Parse(time.RFC3339, text)
	case reflect.TypeFor[[]string](): // a,b or "a", "b"
		if list := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(`[]," `, r) }); len(list) > 0 {
			return list, nil
		}
		return nil, nil //nolint:nilnil // which counts as absent
	}
	return data, nil
}
