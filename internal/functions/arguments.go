package functions

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/kmsinstance"
)

// Argument is an argument of a function: a string, or a list of strings.
type Argument struct {
	Name     string
	List     bool
	ID       bool     // of an instance
	Required string   // if it must be given: what it is
	Values   []string // if it has few values
	Pattern  bool     // a regular expression
}

// Arguments are the arguments of each function, as users know them.
var Arguments = map[string][]Argument{
	"getKmsInstance": {{Name: IDArgument, ID: true, Required: "the id of the instance, which starts with \"kst-\""}},
	"getKmsInstances": {
		{Name: "ids", List: true, ID: true}, {Name: "nameRegex", Pattern: true}, {Name: "instanceName"},
		{Name: "status", Values: []string{
			cloud.StatusUninitialized, cloud.StatusConnecting, cloud.StatusConnected, cloud.StatusDisconnected, cloud.StatusError,
		}},
	},
	"getCallerIdentity": {},
}

// Names are the names of arguments.
func Names(arguments []Argument) []string {
	names := make([]string, len(arguments))
	for i, a := range arguments {
		names[i] = a.Name
	}
	return names
}

// Check finds arguments that are missing or wrong, and says so in the words of users.
func Check(arguments []Argument, given property.Map) []p.CheckFailure {
	var failures []p.CheckFailure
	fail := func(path, complaint string) {
		if complaint != "" {
			failures = append(failures, p.CheckFailure{Property: path, Reason: path + " " + complaint})
		}
	}
	for _, a := range arguments {
		v := given.Get(a.Name)
		switch {
		case v.IsNull() && a.Required != "":
			fail(a.Name, "is required: "+a.Required)
		case v.IsNull():
		case v.HasComputed():
			fail(a.Name, "is not known yet: call the function in its output form")
		case a.List && !v.IsArray():
			fail(a.Name, "must be a list of strings")
		case a.List:
			for i, item := range v.AsArray().All {
				fail(fmt.Sprintf("%s[%d]", a.Name, i), a.complaint(item))
			}
		default:
			fail(a.Name, a.complaint(v))
		}
	}
	return failures
}

// complaint says what is wrong with one string, or "".
func (a Argument) complaint(v property.Value) string {
	if !v.IsString() {
		return "must be a string"
	}
	if a.Values != nil && !slices.Contains(a.Values, v.AsString()) {
		return fmt.Sprintf("must be one of %s, but %s was given", quoted(a.Values), shown(v))
	}
	if a.ID && kmsinstance.CheckID(v.AsString()) != nil {
		return fmt.Sprintf("must be the id of a KMS instance, which starts with \"kst-\", but %s was given", shown(v))
	}
	if a.Pattern {
		if _, err := regexp.Compile(v.AsString()); err != nil {
			return "must be a regular expression (RE2): " + patternError(v, err)
		}
	}
	return ""
}

// patternError is what is wrong with a regular expression, of which a secret one shows nothing.
func patternError(v property.Value, err error) string {
	var syntaxError *syntax.Error
	if errors.As(err, &syntaxError) {
		if v.Secret() {
			return syntaxError.Code.String()
		}
		return fmt.Sprintf("%s in %q", syntaxError.Code, syntaxError.Expr)
	}
	return "it cannot be compiled"
}

func quoted(words []string) string {
	q := make([]string, len(words))
	for i, w := range words {
		q[i] = strconv.Quote(w)
	}
	return strings.Join(q, ", ")
}

// shown is a string for a message; a secret stays one.
func shown(v property.Value) string {
	if v.Secret() {
		return "a secret value"
	}
	return strconv.Quote(v.AsString())
}
