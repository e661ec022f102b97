package config

import (
	"context"
	"strconv"
	"strings"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/sig"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/input"
)

// Check holds a configuration against the table of keys and reports all failures at once, each on its property path. It
// returns the configuration in canonical form, with secret keys marked secret and unknown values untouched. It looks at the
// environment only to see whether a value that the configuration lacks is given there; it reads no file and contacts
// nothing.
func (h *Holder) Check(ctx context.Context, req p.CheckRequest) (p.CheckResponse, error) {
	inputs, failures := check(req.Inputs, h.Env)
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
// failure's path, and it finds only top-level names: the other spelling of the same path, ["name"], says where the failure is and
// leads to no value.
func withheld(failures []p.CheckFailure, given property.Map) []p.CheckFailure {
	for i, f := range failures {
		if v, there := given.GetOk(f.Property); there && mayBeSecret(f.Property, v) {
			failures[i].Property = "[" + strconv.Quote(f.Property) + "]"
		}
	}
	return failures
}

// mayBeSecret also tells texts with a part that may be one: a password or a token of a URL, or what Pulumi marks.
func mayBeSecret(name string, v property.Value) bool {
	key := input.Find(Keys, name)
	if key == nil {
		// A mistyped name of a secret key has a secret value.
		key = input.Find(Keys, input.Nearest(name, input.Names(Keys)))
	}
	plain := v.IsString() && !strings.ContainsAny(v.AsString(), "@?") && !strings.Contains(v.AsString(), sig.Key) ||
		v.IsNumber() || v.IsBool() || v.IsNull()
	return key == nil || key.Secret || hasSecretField(key) || v.Secret() || !plain
}

// check is the pure part of Check.
func check(args property.Map, env Env) (property.Map, []p.CheckFailure) {
	inputs := canonical(args)
	v := values{args: inputs, env: env.WithDefaults(), checker: &input.Checker{}}
	own := inputs.Delete("version", "pluginDownloadURL") // which are the engine's
	if list := own.Get(keyEndpoints); list.IsArray() {   // which is no single object yet
		v.endpointList(list)
		own = own.Delete(keyEndpoints)
	}
	v.checker.Map("the provider configuration has no key", Keys, own)
	v.keyPair()
	v.plainHTTP()
	v.endpointRegion()
	v.roles()
	return inputs, v.checker.Failures
}

// endpointList checks a list of endpoints that could not be merged.
func (v values) endpointList(list property.Value) {
	v.checker.Value(keyEndpoints, &input.Field{Type: input.List, Element: at(keyEndpoints)}, list)
	if v.checker.Failures == nil && !list.HasComputed() {
		v.checker.Fail(keyEndpoints, "two elements of endpoints give the same endpoint with different values: give it once")
	}
}

// The rules below are about several keys. A value counts as given if the configuration or the environment gives it, or if
// it is not known yet. They complain only about what the configuration says: what only the environment says is not this
// program's fault, and is told of when the provider is used.

func (v values) keyPair() {
	for _, pair := range [][2]string{{"accessKey", "secretKey"}, {"secretKey", "accessKey"}} {
		if v.configured(pair[0]) && !v.given(pair[1]) {
			v.checker.Fail(pair[1], "%s is set but %s is not: set both; %s can be given with `pulumi config set --secret %s:%s <value>`, as an "+
				"argument of an explicit provider%s", pair[0], pair[1], pair[1], Package, pair[1], orEnv(pair[1]))
		}
	}
	if v.configured("securityToken") && !v.given("accessKey") && !v.given("secretKey") {
		v.checker.Fail("securityToken", "securityToken is set but accessKey and secretKey "+
			"are not: a token is valid only with the key pair that it was issued with; set all three or none")
	}
}

func (v values) plainHTTP() {
	if v.find("protocol").text() != "HTTP" {
		return
	}
	var missing []string
	for _, field := range endpointsFields {
		e := v.find("endpoints." + field.Name)
		switch _, err := cloud.ParseEndpoint(e.text(), "http"); {
		case e.unknown():
		case !e.given() && field.Name == "vpc": // which is called with HTTPS then
		case !e.given():
			missing = append(missing, "endpoints."+field.Name)
		case err != nil && endpointRule(e.text()) == "": // else it is complained about already
			v.checker.Fail("protocol", "protocol is HTTP, but the endpoint %s from %s is not an address of this machine: "+
				"use HTTPS, because calls carry credentials", field.Name, e.origin)
		}
	}
	if missing != nil {
		v.checker.Fail("protocol", "protocol is HTTP, which is accepted for addresses of this machine only: set %s to such addresses, too, "+
			"or use HTTPS", input.And(missing))
	}
}

// endpointRegion complains of a KMS endpoint that cannot know the instances of the region. The region of a profile is not
// known here; making the client looks at that one, too.
func (v values) endpointRegion() {
	region, e := v.find("region"), v.inConfig("endpoints.kms")
	parsed, err := cloud.ParseEndpoint(e.text(), "https")
	if err != nil {
		return // complained about already, or not there
	}
	if other := cloud.OtherRegion(parsed.Hostname(), region.text()); other != "" {
		hidden := e.value.Secret()
		v.checker.Fail("endpoints.kms", "endpoints.kms is %s, which is the endpoint of %s, but the region is %s (from %s): it does not know the "+
			"instances of that region; correct one of them, or leave endpoints.kms out", input.Show(e.value, hidden),
			input.Show(property.New(other), hidden), input.Show(region.value, false), region.origin)
	}
}

func (v values) roles() {
	if v.inConfig("assumeRole").value.IsMap() {
		v.require("assumeRole.roleArn")
	}
	const key, token, file = "assumeRoleWithOidc", "assumeRoleWithOidc.oidcToken", "assumeRoleWithOidc.oidcTokenFile"
	if !v.inConfig(key).value.IsMap() {
		return
	}
	v.require(key + ".oidcProviderArn")
	v.require(key + ".roleArn")
	switch {
	case !v.given(token) && !v.given(file):
		v.checker.Fail(file, "%s needs the OIDC token: set oidcTokenFile in the configuration%s, or oidcToken in the configuration%s",
			key, orEnv(file), orEnv(token))
	case v.configured(token) && v.configured(file):
		v.checker.Fail(file, "%s has both oidcToken and oidcTokenFile: give one of them", key)
	}
}

func (v values) require(path string) {
	if !v.given(path) {
		v.checker.Fail(path, "%s is required: set it in the configuration%s", path, orEnv(path))
	}
}

// orEnv says in which environment variable a value can be given, too.
func orEnv(path string) string { return " or in the environment variable " + at(path).Env[0] }
