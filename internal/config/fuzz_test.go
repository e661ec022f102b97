package config

import (
	"slices"
	"strings"
	"testing"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	generate "github.com/pulumi/pulumi/sdk/v3/go/property/testing"
	"pgregory.net/rapid"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/input"
)

// objects generates objects with real fields and arbitrary values among sensible ones, sometimes as JSON text.
func objects(keys []Key) *rapid.Generator[property.Map] {
	return rapid.Custom(func(t *rapid.T) property.Map {
		m := property.Map{}
		for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom(append(input.Names(keys), "version", "__internal", "typo")), 0, 8, rapid.ID[string]).Draw(t, "names") {
			m = m.Set(name, valueOf(input.Find(keys, name)).Draw(t, name))
		}
		return m
	})
}

func valueOf(key *Key) *rapid.Generator[property.Value] {
	anything := generate.Value(3)
	if key == nil {
		return anything
	}
	if key.Fields == nil {
		return rapid.OneOf(anything, sensible(key), rapid.Map(sensible(key), func(v property.Value) property.Value { return v.WithSecret(true) }))
	}
	object := rapid.Map(objects(key.Fields), property.New[property.Map])
	list := rapid.Map(rapid.SliceOfN(rapid.OneOf(object, anything), 0, 3), func(l []property.Value) property.Value { return property.New(l) })
	text := rapid.Custom(func(t *rapid.T) property.Value {
		value := resource.ToResourcePropertyValue(rapid.OneOf(object, list).Draw(t, "value"))
		packed, err := plugin.MarshalPropertyValue("", value, plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true})
		body, errJSON := packed.MarshalJSON()
		if err != nil || errJSON != nil {
			return property.New("{")
		}
		return property.New(string(body)).WithSecret(rapid.Bool().Draw(t, "secret"))
	})
	return rapid.OneOf(anything, object, list, text)
}

func sensible(key *Key) *rapid.Generator[property.Value] {
	texts := []string{"", " ", "true", "false", "1000", "3600", "cn-hangzhou", "127.0.0.1:80", "http://127.0.0.1", testRole, testProvider, "{}", "name"}
	texts = append(texts, key.Values...)
	if key.Secret {
		texts = testSecrets
	}
	return rapid.OneOf(
		rapid.Map(rapid.SampledFrom(texts), func(s string) property.Value { return property.New(s) }),
		rapid.Map(rapid.IntRange(-1, 50000), func(n int) property.Value { return property.New(float64(n)) }),
		rapid.SampledFrom([]property.Value{unknown, property.New(property.Null), property.New(true)}),
	)
}

// Whatever a program gives: no panic; no secret in a message; unknown values neither refused nor lost; what Check returns
// is fit for Check again and means the same.
func TestCheckOfAnything(t *testing.T) {
	t.Parallel()
	env := machine(t, nil, nil)
	rapid.Check(t, func(rt *rapid.T) {
		given := rapid.OneOf(objects(Keys), generate.Map(4)).Draw(rt, "given")
		got, failures := check(given, env)
		for _, f := range failures {
			for _, secret := range testSecrets {
				if strings.Contains(f.Reason, secret) {
					rt.Errorf("%s: a secret in %q", f.Property, f.Reason)
				}
			}
			if f.Property == "" || f.Reason == "" {
				rt.Errorf("an empty failure: %+v", f)
			}
		}
		for _, f := range withheld(failures, given) {
			key := input.Find(Keys, f.Property)
			if v, there := given.GetOk(f.Property); there && (v.HasSecrets() || key != nil && (key.Secret || hasSecretField(key))) {
				rt.Errorf("the path %s leads to a secret", f.Property)
			}
		}
		for name, v := range given.All {
			if key := input.Find(Keys, name); key != nil && v.HasComputed() && !got.Get(name).HasComputed() {
				rt.Errorf("%s lost an unknown value: %#v became %#v", name, v, got.Get(name))
			}
			if kept, there := got.GetOk(name); there && v.Secret() && !kept.Secret() {
				rt.Errorf("%s lost a secret mark: %#v became %#v", name, v, got.Get(name))
			}
		}
		for _, name := range []string{"accessKey", "secretKey", "securityToken"} {
			if v, there := got.GetOk(name); there && !v.Secret() {
				rt.Errorf("%s is not secret", name)
			}
		}
		again, failuresAgain := check(got, env)
		if !again.Equals(got) {
			rt.Errorf("not canonical:\n%#v\n%#v", got, again)
		}
		if len(failures) == 0 && len(failuresAgain) > 0 {
			rt.Errorf("accepted at first, then %v", failuresAgain)
		}
		resp, err := (&Holder{}).Diff(t.Context(), p.DiffRequest{OldInputs: given, Inputs: got})
		if err != nil || len(failures) == 0 && slices.ContainsFunc(input.Names(Keys), func(name string) bool {
			_, changed := resp.DetailedDiff[name]
			return changed && !got.Get(name).HasComputed()
		}) {
			rt.Errorf("Check changed the meaning: %v", resp.DetailedDiff)
		}
	})
}
