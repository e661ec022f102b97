package config

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/credentials"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/input"
)

// Env is what the machine contributes to the configuration.
type Env = credentials.Machine

// System is the machine that the plugin runs on.
func System() Env { return Env{}.WithDefaults() }

// values finds values of a canonical configuration, or of the environment if the configuration lacks them.
type values struct {
	args    property.Map
	env     Env
	checker *input.Checker // of a Check
}

// found is a value and where it comes from.
type found struct {
	value   property.Value
	given   bool // there is a value, known or not
	unknown bool // it is not known yet
	fromEnv bool
	origin  string // for messages: "the configuration" or "the environment variable X"
	wrong   string // a value from the environment that breaks the rule of the key: what is wrong
}

// text is the value as a string; "" unless it is a known string.
func (f found) text() string {
	if f.value.IsString() {
		return f.value.AsString()
	}
	return ""
}

// number is the value as an integer; 0 unless it is a known number.
func (f found) number() int {
	if f.value.IsNumber() {
		return int(f.value.AsNumber())
	}
	return 0
}

// isFalse tells whether the value is a known false.
func (f found) isFalse() bool { return f.value.IsBool() && !f.value.AsBool() }

// texts are the known strings of a list.
func (f found) texts() []string {
	var texts []string
	if f.value.IsArray() {
		for _, item := range f.value.AsArray().All {
			if item.IsString() {
				texts = append(texts, item.AsString())
			}
		}
	}
	return texts
}

// find looks a key or a field of an object up.
func (v values) find(path ...string) found {
	if f := v.inConfig(path...); f.given {
		return f
	}
	return v.inEnv(path...)
}

func (v values) inConfig(path ...string) found {
	m := v.args
	for i, name := range path {
		value, given := m.GetOk(name)
		switch {
		case !given:
			return found{}
		case value.IsComputed(), value.HasComputed() && value.IsArray():
			return found{value: value, given: true, unknown: true, origin: "the configuration"}
		case i == len(path)-1:
			return found{value: value, given: true, origin: "the configuration"}
		case !value.IsMap():
			return found{}
		}
		m = value.AsMap()
	}
	return found{}
}

func (v values) inEnv(path ...string) found {
	key := at(path...)
	for _, name := range key.Env {
		text := strings.TrimSpace(v.env.Getenv(name))
		if text == "" {
			continue
		}
		f := found{given: true, fromEnv: true, origin: "the environment variable " + name}
		f.value, _ = key.canonical(property.New(text))
		c, field := input.Checker{}, key.field()
		if c.Value(f.origin, &field, f.value); len(c.Failures) > 0 {
			f.wrong = c.Failures[0].Reason
		}
		return f
	}
	return found{}
}

// configured reports whether the configuration itself gives a value.
func (v values) configured(path ...string) bool { return v.inConfig(path...).given }

// given reports whether the configuration or the environment gives a value.
func (v values) given(path ...string) bool { return v.find(path...).given }

// wrong lists the values from the environment that break a rule.
func (v values) wrong(keys []Key, parent ...string) []string {
	var out []string
	for _, key := range keys {
		path := append(parent[:len(parent):len(parent)], key.Name)
		if key.Fields != nil {
			if key.Type == "Endpoints" || v.configured(path...) {
				out = append(out, v.wrong(key.Fields, path...)...)
			}
			continue
		}
		if f := v.find(path...); f.wrong != "" {
			out = append(out, f.wrong)
		}
	}
	return out
}

// unknown lists the keys whose values are not known yet.
func (v values) unknown() []string {
	var out []string
	for _, key := range Keys {
		if value, given := v.args.GetOk(key.Name); given && value.HasComputed() {
			out = append(out, fmt.Sprintf("%s:%s", Package, key.Name))
		}
	}
	return out
}
