package config

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/credentials"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/input"
)

// Env is what the machine contributes to the configuration; its zero value is the machine that the plugin runs on.
type Env = credentials.Machine

// values finds values of a canonical configuration, or of the environment if the configuration lacks them.
type values struct {
	args    property.Map
	env     Env
	checker *input.Checker
}

// found is a value and where it comes from. The zero one means that nothing gives a value.
type found struct {
	value  property.Value
	origin string // for messages: inConfiguration or "the environment variable X"
}

const inConfiguration = "the configuration"

func (f found) given() bool { return f.origin != "" }

// unknown tells whether the value, or an element of a list, is not known yet.
func (f found) unknown() bool {
	return f.value.IsComputed() || f.value.IsArray() && f.value.HasComputed()
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

// find looks up a key, or a field of one, such as "endpoints.kms".
func (v values) find(path string) found {
	if f := v.inConfig(path); f.given() {
		return f
	}
	return v.inEnv(path)
}

// inConfig looks it up in the configuration only. A field of what is not known yet is not known either.
func (v values) inConfig(path string) found {
	value := property.New(v.args)
	for name := range strings.SplitSeq(path, ".") {
		if (found{value: value}).unknown() {
			break
		}
		if !value.IsMap() {
			return found{}
		}
		value = value.AsMap().Get(name) // which is null if it is not there; the canonical form has no nulls
	}
	if value.IsNull() {
		return found{}
	}
	return found{value: value, origin: inConfiguration}
}

func (v values) inEnv(path string) found {
	key := at(path)
	for _, name := range key.Env {
		if text := strings.TrimSpace(v.env.Getenv(name)); text != "" {
			value, _ := canonicalValue(key, property.New(text))
			return found{value: value, origin: "the environment variable " + name}
		}
	}
	return found{}
}

// configured reports whether the configuration itself gives a value.
func (v values) configured(path string) bool { return v.inConfig(path).given() }

// given reports whether the configuration or the environment gives a value.
func (v values) given(path string) bool { return v.find(path).given() }

// checkEnv checks the values from the environment. The variables of a role count only if the configuration has one.
func (v values) checkEnv(parent string, keys []Key) {
	for i := range keys {
		key, path := &keys[i], parent+keys[i].Name
		if v.configured(path) || key.Name == keyEndpoints {
			v.checkEnv(path+".", key.Fields)
		} else if f := v.inEnv(path); f.given() {
			v.checker.Value(f.origin, key, f.value)
		}
	}
}

// unknown lists the keys whose values are not known yet.
func (v values) unknown() []string {
	var out []string
	for _, key := range Keys {
		if v.args.Get(key.Name).HasComputed() {
			out = append(out, Package+":"+key.Name)
		}
	}
	return out
}
