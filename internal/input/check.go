package input

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// Checker collects complaints.
type Checker struct {
	Failures []p.CheckFailure
}

// Fail adds a complaint about the value at a path.
func (c *Checker) Fail(path, format string, args ...any) {
	failure := p.CheckFailure{Property: path, Reason: fmt.Sprintf(format, args...)}
	if n := len(c.Failures); n == 0 || c.Failures[n-1] != failure { // elements of a secret map have no path of their own
		c.Failures = append(c.Failures, failure)
	}
}

// Map checks a map, cleaned before, against its fields. whole says in front of an unknown name what has no such thing: "KmsInstance has no property".
func (c *Checker) Map(whole string, fields []Field, m property.Map) {
	c.object("", whole, fields, m, false)
}

// Value checks one value. Its path stands in front of what is said of it.
func (c *Checker) Value(path string, f *Field, v property.Value) { c.value(path, f, v, false) }

func (c *Checker) object(path, whole string, fields []Field, m property.Map, hidden bool) {
	for name, v := range m.AllStable {
		f := Find(fields, name)
		switch {
		case f != nil:
			c.value(Path(path, name), f, v, hidden)
		case hidden:
			c.Fail(path, "%s of that name; it has %s", whole, And(Names(fields)))
		default:
			c.Fail(Path(path, name), "%s %s%s", whole, Quote(name), instead(name, fields))
		}
	}
	for i := range fields {
		f := &fields[i]
		if _, given := m.GetOk(f.Name); f.Required && !given {
			at := Path(path, f.Name)
			c.Fail(at, "%s", strings.TrimSuffix(at+" is required: "+f.Meaning, ": "))
		}
	}
}

// instead says which name a mistyped one most likely stands for, or which names there are.
func instead(name string, fields []Field) string {
	if near := Nearest(name, Names(fields)); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	if len(fields) == 0 {
		return ""
	}
	return "; it has " + And(Names(fields))
}

// value checks a value. hidden says that it is part of a secret.
func (c *Checker) value(path string, f *Field, v property.Value, hidden bool) {
	hidden = hidden || f.Secret || v.Secret()
	switch {
	case v.IsComputed():
	case v.IsNull():
		c.Fail(path, "%s is null: give it a value, or take it out", path)
	case f.Type == String && v.IsString():
		c.text(path, f, v, hidden)
	case f.Type == Integer && v.IsNumber():
		c.integer(path, f, v, hidden)
	case f.Type == Boolean && v.IsBool():
	case f.Type == List && v.IsArray():
		c.list(path, f, v.AsArray(), hidden)
	case f.Type == Map && v.IsMap():
		c.entries(path, f, v.AsMap(), hidden)
	case f.Type == Object && v.IsMap():
		c.object(path, path+" has no property", f.Fields, v.AsMap(), hidden)
	default:
		c.wrong(path, f, v, hidden)
	}
}

// wrong says that a value is not what it must be, and how to write it if only its form is wrong.
func (c *Checker) wrong(path string, f *Field, v property.Value, hidden bool) {
	hint := ""
	switch {
	case f.Type == Integer && v.IsString() && isNumber(v.AsString()):
		hint = "; give the number without quotes"
	case f.Type != String || !v.IsNumber() || !f.fits(number(v.AsNumber())):
	case hidden, math.Abs(v.AsNumber()) > 1<<53: // which has lost digits
		hint = "; put it in quotes"
	default:
		hint = fmt.Sprintf("; put it in quotes: %q", number(v.AsNumber()))
	}
	c.Fail(path, "%s must be %s, but %s was given%s", path, f.must(), Show(v, hidden), hint)
}

func isNumber(text string) bool {
	_, err := strconv.ParseFloat(text, 64)
	return err == nil
}

func (c *Checker) text(path string, f *Field, v property.Value, hidden bool) {
	text := v.AsString()
	switch {
	case text == "" && f.Empty:
	case text == "" && f.Values == nil && f.Required:
		c.Fail(path, "%s must not be empty", path)
	case text == "" && f.Values == nil:
		c.Fail(path, "%s must not be empty; leave it out if you do not want to set it", path)
	case f.Values != nil && !slices.Contains(f.Values, text):
		c.wrong(path, f, v, hidden)
	case f.Rule != nil:
		if must := f.Rule(text); must != "" {
			c.Fail(path, "%s must be %s, but %s was given", path, must, Show(v, hidden))
		}
	}
}

func (c *Checker) integer(path string, f *Field, v property.Value, hidden bool) {
	n := v.AsNumber()
	end := cmp.Or(f.Max, math.MaxInt32)
	fits := n == math.Trunc(n) && n >= float64(f.Min) && n <= float64(end)
	if f.Allowed != nil {
		fits = slices.ContainsFunc(f.Allowed, func(allowed int) bool { return float64(allowed) == n })
	}
	if !fits {
		c.wrong(path, f, v, hidden)
	}
}

func (c *Checker) list(path string, f *Field, items property.Array, hidden bool) {
	c.size(path, f, items.Len())
	seen := map[string]string{}
	for i, item := range items.All {
		at := fmt.Sprintf("%s[%d]", path, i)
		c.value(at, f.Element, item, hidden)
		if f.DistinctBy != "" && item.IsMap() {
			at, item = Path(at, f.DistinctBy), item.AsMap().Get(f.DistinctBy)
		} else if !f.Distinct {
			continue
		}
		if !item.IsString() || item.AsString() == "" {
			continue
		}
		if first, twice := seen[item.AsString()]; twice {
			c.Fail(at, "%s is the same as %s; each may be given once", at, first)
		} else {
			seen[item.AsString()] = at
		}
	}
}

// entries checks the keys and values of a map. The keys of a secret map are secret, too: what is said of them is said of the map.
func (c *Checker) entries(path string, f *Field, m property.Map, hidden bool) {
	c.size(path, f, m.Len())
	for key, item := range m.AllStable {
		at := Path(path, key)
		if hidden {
			at = path
		}
		if must := f.Rule(key); must != "" {
			c.Fail(at, "a key of %s must be %s, but %s was given", path, must, Show(property.New(key), hidden))
		}
		if item.IsNull() && hidden {
			c.Fail(at, "%s has a null in it: give it a value, or take it out", path)
		} else {
			c.value(at, f.Element, item, hidden)
		}
	}
}

// size checks the number of elements. Without an upper end the lower one is 1.
func (c *Checker) size(path string, f *Field, n int) {
	must := fmt.Sprintf("%d to %d elements", f.Min, f.Max)
	switch {
	case n >= f.Min && (f.Max == 0 || n <= f.Max):
		return
	case f.Max == 0:
		must = "at least 1 element"
	case f.Min == 0:
		must = fmt.Sprintf("at most %d elements", f.Max)
	}
	c.Fail(path, "%s must have %s, but it has %d", path, must, n)
}
