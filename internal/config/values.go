package config

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/sig"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/guard"
)

// canonical returns a configuration in the one form that Check hands on, Diff compares and Resolve reads, and what is wrong
// with it.
//
// A stack's configuration and some SDKs give every value as a string: numbers and booleans as text, objects as JSON text.
// Others give real values. In the canonical form integers are numbers, booleans are booleans and objects are objects;
// strings are trimmed; strings with few values are spelt as in the table; a list of endpoints is one object; nulls and
// empty strings are left out, because an empty string means "not set" to the alicloud provider and to a shell; secret keys are marked
// secret. Unknown values stay unknown. A value that is wrong stays as it was given.
func canonical(args property.Map) (property.Map, []p.CheckFailure) {
	r := reader{}
	out := map[string]property.Value{}
	for name, v := range args.AllStable {
		switch key := find(Keys, name); {
		case engineKey(name):
			out[name] = v
		case key == nil:
			r.unknownKey("", name, Keys)
			out[name] = v
		default:
			if v, given := r.value(name, key, v, false); given {
				out[name] = v
			}
		}
	}
	return property.NewMap(out), r.failures
}

// engineKey reports whether a top-level key belongs to the engine or to the provider framework.
func engineKey(name string) bool {
	return name == "version" || name == "pluginDownloadURL" || strings.HasPrefix(name, "__")
}

type reader struct {
	failures []p.CheckFailure
}

func (r *reader) fail(path, format string, args ...any) {
	r.failures = append(r.failures, p.CheckFailure{Property: path, Reason: fmt.Sprintf(format, args...)})
}

func (r *reader) unknownKey(parent, name string, keys []Key) {
	path := join(parent, name)
	whole := "the provider configuration"
	if parent != "" {
		whole = parent
	}
	if meant := nearest(name, keys); meant != "" {
		r.fail(path, "%s has no key %q; did you mean %q?", whole, name, meant)
		return
	}
	r.fail(path, "%s has no key %q; its keys are %s", whole, name, strings.Join(names(keys), ", "))
}

// nearest returns the key that a mistyped name, or one in Terraform's spelling, stands for, or "".
func nearest(name string, keys []Key) string {
	return guard.Nearest(strings.ReplaceAll(name, "_", ""), names(keys))
}

// join appends a name to a property path. Names that are no identifiers go into brackets.
func join(parent, name string) string {
	switch {
	case !identifier.MatchString(name):
		return parent + "[" + strconv.Quote(name) + "]"
	case parent == "":
		return name
	}
	return parent + "." + name
}

var identifier = regexp.MustCompile(`^[a-zA-Z_$][a-zA-Z0-9_$]*$`)

// value returns the canonical form of one value, and false if it counts as not given. hidden says that the value is part of
// a secret.
func (r *reader) value(path string, key *Key, v property.Value, hidden bool) (property.Value, bool) {
	if v.IsString() {
		v = fromText(key, v)
	}
	hidden = hidden || v.Secret() || key.Secret
	out, given := v, true
	switch {
	case v.IsComputed():
	case v.IsNull(), v.IsString() && strings.TrimSpace(v.AsString()) == "":
		given = false
	case key.Fields != nil:
		out = r.object(path, key, v, hidden)
	case key.Type == TypeInteger:
		out = r.integer(path, key, v, hidden)
	case key.Type == TypeBoolean:
		out = r.boolean(path, v, hidden)
	default:
		out = r.text(path, key, v, hidden)
	}
	if key.Secret {
		out = out.WithSecret(true)
	}
	return out, given
}

func (r *reader) text(path string, key *Key, v property.Value, hidden bool) property.Value {
	var text string
	switch {
	case v.IsString():
		text = strings.TrimSpace(v.AsString())
	case v.IsNumber() && isExact(v.AsNumber()) && key.Values == nil:
		// `pulumi config set --path` turns digits in nested objects into numbers, and users of YAML leave out quotes.
		text = strconv.FormatFloat(v.AsNumber(), 'f', -1, 64)
	case v.IsBool() && slices.Contains(key.Values, strconv.FormatBool(v.AsBool())):
		text = strconv.FormatBool(v.AsBool())
	default:
		r.wrongType(path, "a string", v, hidden)
		return r.masked(key, v)
	}
	if key.Values != nil {
		i := slices.IndexFunc(key.Values, func(value string) bool { return strings.EqualFold(value, text) })
		if i < 0 {
			r.fail(path, "%s is %s; valid values are %s", path, show(text, hidden), strings.Join(key.Values, ", "))
			return v
		}
		text = key.Values[i]
	} else if key.rule != nil {
		if complaint := key.rule(text); complaint != "" {
			r.fail(path, "%s is %s: %s", path, show(text, hidden), complaint)
		}
	}
	return property.WithGoValue(v, text)
}

// isExact reports whether a number is whole and not so great that its last digits are lost on the way through JSON.
func isExact(n float64) bool {
	return n == math.Trunc(n) && math.Abs(n) <= 1<<53
}

func (r *reader) integer(path string, key *Key, v property.Value, hidden bool) property.Value {
	var n float64
	switch {
	case v.IsNumber() && isExact(v.AsNumber()):
		n = v.AsNumber()
	case v.IsString():
		r.fail(path, "%s is %s; it must be a whole number from %d to %d", path, show(v.AsString(), hidden), key.Min, key.Max)
		return v
	default:
		r.wrongType(path, "a whole number", v, hidden)
		return v
	}
	if n < float64(key.Min) || n > float64(key.Max) {
		r.fail(path, "%s is %s; it must be from %d to %d", path, show(strconv.FormatFloat(n, 'f', -1, 64), hidden), key.Min, key.Max)
	}
	return property.WithGoValue(v, n)
}

func (r *reader) boolean(path string, v property.Value, hidden bool) property.Value {
	if v.IsBool() {
		return v
	}
	if v.IsString() {
		switch strings.ToLower(strings.TrimSpace(v.AsString())) {
		case "true":
			return property.WithGoValue(v, true)
		case "false":
			return property.WithGoValue(v, false)
		}
	}
	r.wrongType(path, "true or false", v, hidden)
	return v
}

func (r *reader) object(path string, key *Key, v property.Value, hidden bool) property.Value {
	given := v
	list := key.Type == "Endpoints"
	switch {
	case v.IsString():
		r.fail(path, "%s must be an object or its JSON text; the text that was given is no valid JSON", path)
	case v.IsMap():
		return property.WithGoValue(given, r.fields(path, key, v.AsMap(), hidden))
	case list && v.IsArray():
		return r.merged(path, key, given, v.AsArray(), hidden)
	case list:
		r.wrongType(path, "an object or a list of objects", v, hidden)
	default:
		r.wrongType(path, "an object", v, hidden)
	}
	return r.masked(key, given)
}

// masked marks a wrong value secret if a part of it might be.
func (r *reader) masked(key *Key, v property.Value) property.Value {
	if hasSecretField(key) {
		return v.WithSecret(true)
	}
	return v
}

func hasSecretField(key *Key) bool {
	return slices.ContainsFunc(key.Fields, func(k Key) bool { return k.Secret })
}

func (r *reader) fields(path string, key *Key, m property.Map, hidden bool) property.Map {
	out := map[string]property.Value{}
	for name, v := range m.AllStable {
		field := find(key.Fields, name)
		if field == nil {
			if !strings.HasPrefix(name, "__") { // "__defaults" and the like, which SDKs of bridged providers add
				r.unknownKey(path, name, key.Fields)
				out[name] = v
			}
			continue
		}
		if v, given := r.value(join(path, name), field, v, hidden); given {
			out[name] = v
		}
	}
	return property.NewMap(out)
}

// merged turns a list of endpoint objects into one. As long as an element is unknown the list stays a list.
func (r *reader) merged(path string, key *Key, given property.Value, list property.Array, hidden bool) property.Value {
	out := map[string]property.Value{}
	whole, secret := true, given.Secret()
	for i, v := range list.All {
		at := fmt.Sprintf("%s[%d]", path, i)
		switch {
		case v.IsComputed():
			whole = false
		case v.IsMap():
			secret = secret || v.Secret()
			for name, v := range r.fields(at, key, v.AsMap(), hidden || v.Secret()).AllStable {
				earlier, twice := out[name]
				switch {
				case !twice:
				case earlier.HasComputed() || v.HasComputed():
					whole = false // whether they differ is not known yet
				case !guard.Plain(earlier).Equals(guard.Plain(v)):
					whole = false
					r.fail(join(at, name), "%s gives the endpoint %q another value than an earlier element of the list; give it once", at, name)
				}
				out[name] = v.WithSecret(v.Secret() || earlier.Secret())
			}
		default:
			r.wrongType(at, "an object", v, hidden)
			whole = false
		}
	}
	if !whole {
		return given
	}
	return property.WithGoValue(given, out).WithSecret(secret)
}

func (r *reader) wrongType(path, want string, v property.Value, hidden bool) {
	r.fail(path, "%s must be %s, but %s was given", path, want, describeValue(v, hidden))
}

func describeValue(v property.Value, hidden bool) string {
	switch {
	case v.IsNull():
		return "null"
	case v.IsBool():
		return "a boolean"
	case v.IsNumber() && !isExact(v.AsNumber()) && !hidden:
		return "the number " + strconv.FormatFloat(v.AsNumber(), 'g', -1, 64)
	case v.IsNumber():
		return "a number"
	case v.IsString() && !hidden:
		return show(v.AsString(), false)
	case v.IsString():
		return "a string"
	case v.IsArray():
		return "a list"
	case v.IsMap():
		return "an object"
	case v.IsAsset(), v.IsArchive():
		return "an asset"
	default:
		return "a value of another type"
	}
}

// show quotes a value for a message. It holds back secrets, and URLs with a part that may hold one.
func show(text string, hidden bool) string {
	const longest = 80
	switch {
	case hidden:
		return "a secret value"
	case !fitToShow(text):
		return "a value that is not shown here"
	case len(text) > longest:
		return "a long text"
	}
	return strconv.Quote(text)
}

// fitToShow reports whether a text has no part that may hold a secret: a password or a token of a URL, or what Pulumi marks.
func fitToShow(text string) bool {
	return !strings.ContainsAny(text, "@?") && !strings.Contains(text, sig.Key)
}
