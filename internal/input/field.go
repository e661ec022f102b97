package input

import (
	"fmt"
	"slices"
	"strings"
)

// Type is the type of a field.
type Type int

// The types.
const (
	String Type = iota
	Integer
	Boolean
	List
	Map
	Object
)

func (t Type) String() string {
	return []string{"string", "integer", "boolean", "list of strings", "map of strings", "object"}[t]
}

// Field says what a property may be.
type Field struct {
	Name     string
	Type     Type
	Required bool
	Meaning  string // what it is, for the message that it is missing
	Secret   bool   // no message shows it

	Values []string                 // of a String with few values
	Rule   func(text string) string // of a String, or of the keys of a Map: what it must be, "" if the text is that
	Empty  bool                     // of a String: the empty one is a value

	Allowed []int // of an Integer with few values
	// Min and Max bound an Integer, or the number of elements of a List or Map. Max 0 means no upper end.
	Min, Max int

	Element    *Field // of a List or Map
	Distinct   bool   // of a List: no element may be given twice
	DistinctBy string // of a List of objects: no two elements may have the same value of this field

	Fields []Field // of an Object

	// Of a key of the provider's configuration:
	Description string
	Env         []string // environment variables that stand in for an absent value; the first non-empty one counts
	Default     string   // what an absent value means; empty if nothing
	NoEffect    bool     // accepted for the sake of the alicloud provider's programs, with a warning
}

// must says in words what a value of the field must be.
func (f *Field) must() string {
	switch {
	case f.Type == String && f.Values != nil:
		return `one of "` + strings.Join(f.Values, `", "`) + `"`
	case f.Type == String && f.Rule != nil && f.Rule("") != "":
		return f.Rule("")
	case f.Type == Integer && f.Allowed != nil:
		return "one of " + strings.ReplaceAll(strings.Trim(fmt.Sprint(f.Allowed), "[]"), " ", ", ")
	case f.Type == Integer && f.Max > 0:
		return fmt.Sprintf("a whole number from %d to %d", f.Min, f.Max)
	case f.Type == Integer:
		return fmt.Sprintf("a whole number from %d on", f.Min)
	case f.Type == List && f.Element.Type == Object:
		return "a list of objects with " + And(Names(f.Element.Fields))
	case f.Type == Object:
		return "an object with " + And(Names(f.Fields))
	case f.Type == Boolean:
		return "true or false"
	}
	return "a " + f.Type.String()
}

// fits tells whether a text is a value of the field.
func (f *Field) fits(text string) bool {
	return (f.Values == nil || slices.Contains(f.Values, text)) && (f.Rule == nil || f.Rule(text) == "")
}

// Find returns the field of a name, or nil.
func Find(fields []Field, name string) *Field {
	for i := range fields {
		if fields[i].Name == name {
			return &fields[i]
		}
	}
	return nil
}

// Names are the names of fields.
func Names(fields []Field) []string {
	out := make([]string, len(fields))
	for i := range fields {
		out[i] = fields[i].Name
	}
	return out
}

// And lists words in a sentence.
func And(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}
