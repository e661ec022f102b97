package config

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/sig"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/guard"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/input"
)

// canonical returns a configuration in the one form that Check hands on, Diff compares and Configure keeps. A value comes in many
// forms: as itself, as its text, or as JSON text of it. In the canonical form integers are numbers, booleans are booleans and
// objects are objects; texts are trimmed; texts with few values are spelt as in the table; a list of endpoints is one object.
// Nulls, names of the SDKs' own and empty texts are left out: an empty text means "not set" to the alicloud provider and to a
// shell. Secret keys are marked secret. A value that is wrong, or not known yet, stays as it is.
func canonical(args property.Map) property.Map {
	return canonicalFields(Keys, input.Clean(Keys, args))
}

func canonicalFields(keys []Key, given property.Map) property.Map {
	out := map[string]property.Value{}
	for name, v := range given.All {
		is := !strings.HasPrefix(name, "__")
		if key := input.Find(keys, name); key != nil && is {
			v, is = canonicalValue(key, v)
		}
		if is {
			out[name] = v
		}
	}
	return property.NewMap(out)
}

// canonicalValue returns a value in that form, and false if it counts as not given.
func canonicalValue(k *Key, v property.Value) (property.Value, bool) {
	if v.IsString() {
		v = fromText(k, v)
	}
	switch {
	case v.IsComputed():
	case v.IsNull(), v.IsString() && strings.TrimSpace(v.AsString()) == "":
		return v, false
	case k.Type == input.Object && v.IsMap():
		v = property.WithGoValue(v, canonicalFields(k.Fields, v.AsMap()))
	case k.Name == keyEndpoints && v.IsArray():
		v = merged(k, v)
	case k.Type == input.Object: // of whose parts one may be secret
		v = v.WithSecret(v.Secret() || hasSecretField(k))
	case k.Type == input.Boolean:
		if word := wordOf(v, "true", "false"); word != "" {
			v = property.WithGoValue(v, word == "true")
		}
	case k.Type == input.List:
		v = canonicalList(k, v)
	case k.Type == input.String:
		v = canonicalText(k, v)
	}
	return v.WithSecret(v.Secret() || k.Secret), true
}

// wordOf returns the one of a few words that a text, or a boolean, is in any case, or "".
func wordOf(v property.Value, words ...string) string {
	for _, word := range words {
		if v.IsString() && strings.EqualFold(word, strings.TrimSpace(v.AsString())) || v.IsBool() && word == strconv.FormatBool(v.AsBool()) {
			return word
		}
	}
	return ""
}

func canonicalText(k *Key, v property.Value) property.Value {
	word := wordOf(v, k.Values...)
	switch {
	case word != "":
		return property.WithGoValue(v, word)
	case v.IsString():
		return property.WithGoValue(v, strings.TrimSpace(v.AsString()))
	case v.IsNumber() && k.Values == nil && isExact(v.AsNumber()):
		// `pulumi config set --path` turns digits in nested objects into numbers, and users of YAML leave out quotes.
		return property.WithGoValue(v, strconv.FormatFloat(v.AsNumber(), 'f', -1, 64))
	}
	return v
}

// canonicalList also takes a text with commas for a list. Elements that are empty are left out.
func canonicalList(k *Key, v property.Value) property.Value {
	if v.IsString() {
		var parts []property.Value
		for part := range strings.SplitSeq(v.AsString(), ",") {
			parts = append(parts, property.New(part))
		}
		v = property.WithGoValue(v, parts)
	}
	if !v.IsArray() {
		return v
	}
	items := []property.Value{}
	for _, item := range v.AsArray().All {
		if item, is := canonicalValue(k.Element, item); is {
			items = append(items, item)
		}
	}
	return property.WithGoValue(v, items)
}

// isExact reports whether a number is whole and not so great that its last digits are lost on the way through JSON.
func isExact(n float64) bool { return n == math.Trunc(n) && math.Abs(n) <= 1<<53 }

func hasSecretField(k *Key) bool {
	return slices.ContainsFunc(k.Fields, func(k Key) bool { return k.Secret })
}

// merged turns a list of endpoint objects into one. It stays a list as long as an element is not known or is not right, or two give
// the same endpoint another value.
func merged(k *Key, v property.Value) property.Value {
	items, out, whole, secret := []property.Value{}, map[string]property.Value{}, true, v.Secret()
	for _, item := range v.AsArray().All {
		item, _ = canonicalValue(k, item)
		items = append(items, item)
		if !item.IsMap() {
			whole = false
			continue
		}
		secret = secret || item.Secret()
		for name, endpoint := range item.AsMap().All {
			earlier, twice := out[name]
			whole = whole && input.Find(k.Fields, name) != nil && (!twice || !earlier.HasComputed() && guard.Plain(earlier).Equals(guard.Plain(endpoint)))
			out[name] = endpoint.WithSecret(endpoint.Secret() || earlier.Secret())
		}
	}
	if !whole {
		return property.WithGoValue(v, items)
	}
	return property.WithGoValue(v, out).WithSecret(secret)
}

// fromText returns the value that a text stands for. A stack's configuration gives every value as text. SDKs send JSON text of
// all that is no plain string, and those of C# and Java leave Pulumi's markers for secret and unknown values in it. A text that
// is no JSON stays as it is; it is marked secret if there is such a marker in it.
func fromText(key *Key, v property.Value) property.Value {
	text := strings.TrimSpace(v.AsString())
	isText, marked := key.Type == input.String, strings.Contains(text, sig.Key)
	if isText && !marked && !strings.HasPrefix(text, `"`) {
		return v // such as a RAM policy, which is JSON text itself
	}
	decoded, isJSON := decodeJSON(text)
	switch {
	case isJSON && decoded.IsString() && decoded.AsString() != text:
		decoded = fromText(key, decoded)
	case !isJSON, isText && !decoded.IsComputed():
		return v.WithSecret(v.Secret() || marked)
	}
	return decoded.WithSecret(decoded.Secret() || v.Secret())
}

// decodeJSON reads JSON text with Pulumi's markers in it. The id of a resource stands for the resource. Whole numbers too great
// for a float keep their digits as a string.
func decodeJSON(text string) (v property.Value, isJSON bool) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var parsed any
	if !json.Valid([]byte(text)) || d.Decode(&parsed) != nil {
		return v, false
	}
	value := resource.NewPropertyValueRepl(parsed, nil, func(v any) (resource.PropertyValue, bool) {
		digits, is := v.(json.Number)
		if n, err := digits.Float64(); err == nil && (isExact(n) || n != math.Trunc(n)) {
			return resource.NewProperty(n), is
		}
		return resource.NewProperty(digits.String()), is
	})
	options := plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true, RejectAssets: true}
	packed, err := plugin.MarshalPropertyValue("", value, options)
	if err != nil {
		return v, false
	}
	unpacked, err := plugin.UnmarshalPropertyValue("", packed, options)
	if err != nil {
		return v, false
	}
	return resource.FromResourcePropertyValue(*unpacked), true
}
