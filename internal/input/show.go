package input

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// longest is how much of a text a message shows, in characters.
const longest = 200

// Show renders a value for a message. What is secret, or part of a secret, stays one.
func Show(v property.Value, hidden bool) string {
	switch {
	case v.IsNull():
		return "null"
	case v.IsArray():
		return "a list"
	case v.IsMap():
		return "an object"
	case v.IsAsset(), v.IsArchive():
		return "an asset"
	case v.IsResourceReference():
		return "a resource that has no id"
	case hidden || v.Secret():
		return "a secret value"
	case v.IsString():
		return Quote(v.AsString())
	case v.IsNumber():
		return number(v.AsNumber())
	case v.IsBool():
		return strconv.FormatBool(v.AsBool())
	default:
		return "a value that is not known yet"
	}
}

// login is the user and the password of a URL, query what follows its question mark: either may open something.
var (
	login = regexp.MustCompile(`(//)[^/@\s]*@|[^/@:\s]+:[^/@\s]+@`)
	query = regexp.MustCompile(`(://[^?\s]*\?)\S+`)
)

// Quote renders a text for a message: cut, with control characters and terminal codes escaped, and without what opens something.
func Quote(text string) string {
	if strings.ContainsAny(text, "@?") {
		text = login.ReplaceAllString(text, "$1…@")
		text = query.ReplaceAllString(text, "$1…")
	}
	return strconv.Quote(Cut(text))
}

// Cut shortens a text to what a message shows of it.
func Cut(text string) string {
	n := 0
	for i := range text {
		if n++; n > longest {
			return text[:i] + "…"
		}
	}
	return text
}

func number(n float64) string { return Cut(strconv.FormatFloat(n, 'f', -1, 64)) }

var plainName = regexp.MustCompile(`^[A-Za-z_$][0-9A-Za-z_$]*$`)

// Path is the property path of a name below another path, or of a name at the top.
func Path(parent, name string) string {
	name = Cut(name)
	switch {
	case !plainName.MatchString(strings.TrimSuffix(name, "…")):
		return parent + "[" + strconv.Quote(name) + "]"
	case parent == "":
		return name
	}
	return parent + "." + name
}

// letters counts the letters that must be taken out of two words until they are the same.
var letters = levenshtein.NewParams().SubCost(2)

// Nearest returns the candidate that a mistyped name, or one in Terraform's spelling, most likely stands for, or "".
func Nearest(name string, candidates []string) string {
	name = strings.ToLower(strings.ReplaceAll(name, "_", ""))
	best, limit := "", len(name)/3+2
	for _, candidate := range candidates {
		longer := max(len(name), len(candidate)) - min(len(name), len(candidate))
		if longer >= limit { // a name may have millions of letters
			continue
		}
		if d := levenshtein.Distance(name, strings.ToLower(candidate), letters); d < limit {
			best, limit = candidate, d
		}
	}
	return best
}
