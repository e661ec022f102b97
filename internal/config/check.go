package config

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

// Check holds a configuration against the table of keys and reports all failures at once, each on its property path. It
// returns the configuration in canonical form, with secret keys marked secret and unknown values untouched. It looks at the
// environment only to see whether a value that the configuration lacks is given there; it reads no file and contacts
// nothing.
func Check(ctx context.Context, req p.CheckRequest) (p.CheckResponse, error) {
	return checkOn(ctx, req, System())
}

// Check is the function of that name on the holder's machine.
func (h *Holder) Check(ctx context.Context, req p.CheckRequest) (p.CheckResponse, error) {
	return checkOn(ctx, req, h.Env)
}

func checkOn(ctx context.Context, req p.CheckRequest, env Env) (p.CheckResponse, error) {
	inputs, failures := check(req.Inputs, env)
	if len(failures) == 0 {
		for _, key := range Keys {
			if v, given := inputs.GetOk(key.Name); given && key.NoEffect && !v.IsComputed() {
				p.GetLogger(ctx).Warningf("%s:%s has no effect in this provider; take it out.", Package, key.Name)
			}
		}
	}
	return p.CheckResponse{Inputs: inputs, Failures: withheld(failures, req.Inputs)}, nil
}

// withheld rewrites the paths of failures about values that may be secret. The engine prints the value that it finds under a
// failure's path, secret or not, and it finds only top-level names: the other spelling of the same path, ["name"], says
// where the failure is and leads to no value.
func withheld(failures []p.CheckFailure, given property.Map) []p.CheckFailure {
	out := make([]p.CheckFailure, len(failures))
	for i, f := range failures {
		if v, there := given.GetOk(f.Property); there && mayBeSecret(f.Property, v) {
			f.Property = "[" + strconv.Quote(f.Property) + "]"
		}
		out[i] = f
	}
	return out
}

func mayBeSecret(name string, v property.Value) bool {
	key := find(Keys, name)
	if key == nil {
		// A mistyped name of a secret key has a secret value.
		key = find(Keys, nearest(name, Keys))
	}
	return key == nil || key.Secret || hasSecretField(key) || v.HasSecrets() || unfitToShow(v)
}

// unfitToShow reports whether a text in the value would be held back from a message.
func unfitToShow(v property.Value) bool {
	switch {
	case v.IsString():
		return !fitToShow(v.AsString())
	case v.IsArray():
		return slices.ContainsFunc(v.AsArray().AsSlice(), unfitToShow)
	case v.IsMap():
		for _, v := range v.AsMap().All {
			if unfitToShow(v) {
				return true
			}
		}
	}
	return false
}

// check is the pure part of Check.
func check(args property.Map, env Env) (property.Map, []p.CheckFailure) {
	inputs, failures := canonical(args)
	v := values{args: inputs, env: env.withDefaults()}
	failures = append(failures, v.keyPair()...)
	failures = append(failures, v.plainHTTP()...)
	failures = append(failures, v.endpointRegion()...)
	failures = append(failures, v.assumeRole()...)
	failures = append(failures, v.assumeRoleWithOidc()...)
	return inputs, failures
}

// The rules below are about several keys. A value counts as given if the configuration or the environment gives it, or if
// it is not known yet. They complain only about what the configuration says: what only the environment says is not this
// program's fault, and is Resolve's business.

func (v values) keyPair() []p.CheckFailure {
	var failures []p.CheckFailure
	for _, pair := range [][2]string{{"accessKey", "secretKey"}, {"secretKey", "accessKey"}} {
		if v.configured(pair[0]) && !v.given(pair[1]) {
			failures = append(failures, p.CheckFailure{Property: pair[1], Reason: fmt.Sprintf(
				"%s is set but %s is not: set both; %s can be given %s", pair[0], pair[1], pair[1], v.ways(pair[1]))})
		}
	}
	if v.configured("securityToken") && !v.given("accessKey") && !v.given("secretKey") {
		failures = append(failures, p.CheckFailure{Property: "securityToken", Reason: "securityToken is set but accessKey and secretKey " +
			"are not: a token is valid only with the key pair that it was issued with; set all three or none"})
	}
	return failures
}

func (v values) plainHTTP() []p.CheckFailure {
	protocol := v.find("protocol")
	if protocol.text() != "HTTP" {
		return nil
	}
	var failures []p.CheckFailure
	var missing []string
	for _, field := range endpointsFields {
		e := v.find("endpoints", field.Name)
		switch {
		case e.unknown:
		case !e.given:
			missing = append(missing, "endpoints."+field.Name)
		default:
			if _, err := parseEndpoint(e.text(), "https"); err != nil {
				continue // complained about already
			}
			if _, err := parseEndpoint(e.text(), "http"); err != nil {
				failures = append(failures, p.CheckFailure{Property: "protocol", Reason: fmt.Sprintf(
					"protocol is HTTP, but the endpoint %s from %s is not an address of this machine: "+
						"use HTTPS, because calls carry credentials", field.Name, e.origin)})
			}
		}
	}
	if missing != nil {
		failures = append(failures, p.CheckFailure{Property: "protocol", Reason: fmt.Sprintf(
			"protocol is HTTP, which is accepted for addresses of this machine only, but %s not set: "+
				"set all three endpoints to such addresses, or use HTTPS", isAre(missing))})
	}
	return failures
}

// endpointRegion complains of a KMS endpoint that cannot know the instances of the region. The region of a profile is not
// known here; making the client looks at that one, too.
func (v values) endpointRegion() []p.CheckFailure {
	region, e := v.find("region"), v.inConfig("endpoints", "kms")
	parsed, err := parseEndpoint(e.text(), "https")
	if err != nil {
		return nil // complained about already, or not there
	}
	host := parsed.hostname()
	if !cloud.OtherRegion(host, region.text()) {
		return nil
	}
	hidden := e.value.Secret()
	of := show(cloud.EndpointRegion(host), hidden)
	return []p.CheckFailure{{Property: "endpoints.kms", Reason: fmt.Sprintf(
		"endpoints.kms is %s, which is the endpoint of %s, but the region is %s (from %s): it does not know the instances of that region; "+
			"correct one of them, or leave endpoints.kms out", show(e.text(), hidden), of, show(region.text(), region.value.Secret()), region.origin)}}
}

func isAre(list []string) string {
	if len(list) == 1 {
		return list[0] + " is"
	}
	return strings.Join(list[:len(list)-1], ", ") + " and " + list[len(list)-1] + " are"
}

func (v values) assumeRole() []p.CheckFailure {
	if !v.isObject("assumeRole") || v.given("assumeRole", "roleArn") {
		return nil
	}
	return []p.CheckFailure{v.required("assumeRole", "roleArn")}
}

func (v values) assumeRoleWithOidc() []p.CheckFailure {
	const key = "assumeRoleWithOidc"
	if !v.isObject(key) {
		return nil
	}
	var failures []p.CheckFailure
	for _, field := range []string{"oidcProviderArn", "roleArn"} {
		if !v.given(key, field) {
			failures = append(failures, v.required(key, field))
		}
	}
	switch {
	case !v.given(key, "oidcToken") && !v.given(key, "oidcTokenFile"):
		failures = append(failures, p.CheckFailure{Property: key + ".oidcTokenFile", Reason: fmt.Sprintf(
			"%s needs the OIDC token: set oidcTokenFile %s, or oidcToken %s",
			key, v.ways(key, "oidcTokenFile"), v.ways(key, "oidcToken"))})
	case v.configured(key, "oidcToken") && v.configured(key, "oidcTokenFile"):
		failures = append(failures, p.CheckFailure{Property: key + ".oidcTokenFile", Reason: key +
			" has both oidcToken and oidcTokenFile: give one of them"})
	}
	return failures
}

// isObject reports whether the configuration gives an object that is known and has the right form.
func (v values) isObject(key string) bool { return v.inConfig(key).value.IsMap() }

func (v values) required(path ...string) p.CheckFailure {
	name := strings.Join(path, ".")
	return p.CheckFailure{Property: name, Reason: fmt.Sprintf("%s is required: set it %s", name, v.ways(path...))}
}

// ways says where a value can be given.
func (values) ways(path ...string) string {
	key := at(path...)
	text := "in the configuration"
	if len(path) == 1 {
		secret := ""
		if key.Secret {
			secret = " --secret"
		}
		text = fmt.Sprintf("with `pulumi config set%s %s:%s <value>`, as an argument of an explicit provider", secret, Package, path[0])
	}
	if len(key.Env) > 0 {
		text += " or in the environment variable " + key.Env[0]
	}
	return text
}
