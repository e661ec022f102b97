package wire_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"pgregory.net/rapid"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/kmsinstance"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/wire"
)

// withDefaults are inputs as Check is to return them.
func withDefaults(m property.Map) property.Map {
	if _, given := m.GetOk("paymentType"); !given {
		m = m.Set("paymentType", property.New(string(kmsinstance.Subscription)))
	}
	return m
}

// changes are what can stand at any place of a valid program in the place of a value.
var changes = map[string]func(property.Value) property.Value{
	"unknown":        unknown,
	"secret":         secret,
	"secret unknown": secretUnknown,
	"a dependency": func(v property.Value) property.Value {
		return v.WithDependencies([]urn.URN{"urn:pulumi:test::wire::alicloud-kms:index:KmsInstance::other"})
	},
}

// An unknown or a secret value at any place of valid inputs is accepted, and comes back as it was given.
// Promise (Preview): Unknown and secret values pass at any place, and no message shows a secret.
func TestCheckOfAnyUnknownOrSecret(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{Config: map[string]any{"verifyNetwork": false}})
	for name, change := range changes {
		rapid.Check(t, func(rt *rapid.T) {
			inputs := genInputs.Draw(rt, "inputs")
			at := genPlace(rt, inputs)
			given := at.in(inputs, change)
			checked, failures, err := b.TryCheck(given)
			if err != nil || len(failures) > 0 || !checked.Equals(withDefaults(given)) {
				rt.Fatalf("%s at %v comes back as %#v: %v %v", name, at, checked, failures, err)
			}
		})
	}
	if calls := b.Cloud.Journal(); len(calls) > 0 {
		t.Errorf("Check has called the cloud: %v", calls)
	}
}

// An unknown value at any place is a change of its property alone and stays unknown at preview, and a secret one stays secret.
func TestPlanOfAnyUnknownOrSecret(t *testing.T) {
	b := fresh(t)
	rapid.Check(t, func(rt *rapid.T) {
		old := createdFor(rt, b, genWorking.Draw(rt, "inputs"))
		b.Hush()
		for _, name := range []string{"unknown", "secret", "secret unknown"} {
			at := genPlace(rt, old.Inputs)
			news := at.in(old.Inputs, changes[name])
			prop, isUnknown, isSecret := at.property(), strings.Contains(name, "unknown"), strings.Contains(name, "secret")
			plan, err := b.Diff(old, news)
			if err != nil && isUnknown && strings.Contains(err.Error(), "deletion protection is on") {
				continue // it would be replaced
			}
			if err != nil || plan.Changes != isUnknown {
				rt.Fatalf("with %s at %v, Diff plans %v: %v", name, at, plan.Kinds, err)
			}
			for path, kind := range plan.Kinds {
				if topOf(path) != prop || !strings.HasPrefix(kind, "UPDATE") {
					rt.Fatalf("with %s at %v, Diff plans %v", name, at, plan.Kinds)
				}
			}
			for verb, outputs := range map[string]property.Map{"a create": b.PreviewCreate(news), "an update": b.PreviewUpdate(old, news)} {
				got, there := outputs.GetOk(prop)
				region := prop == "bindVpcs" // of which a preview tells more, or knows less, than the program says
				if !there || isUnknown && !got.HasComputed() || isSecret && !got.HasSecrets() || !region && !plain(got).Equals(plain(news.Get(prop))) {
					rt.Fatalf("with %s at %v, %s previews %#v", name, at, verb, got)
				}
				for other, v := range outputs.All {
					if other != prop && v.HasSecrets() && (prop != "tags" || other != "declared") {
						rt.Fatalf("with %s at %v, %s makes %s secret", name, at, verb, other)
					}
				}
			}
			isWord := !slices.ContainsFunc(kmsinstance.Properties, func(p *kmsinstance.Property) bool { return p.Name == prop && len(p.Values) > 0 })
			if v := at.of(old.Inputs); isSecret && isWord && v.IsString() && len(v.AsString()) > 8 && strings.Contains(b.Said(), v.AsString()) {
				rt.Fatalf("%q at %v is secret, but is said: %s", v.AsString(), at, b.Said())
			}
		}
	})
}

// plain is a value without secret marks.
func plain(v property.Value) property.Value {
	return stripped(property.NewMap(map[string]property.Value{"v": v})).Get("v")
}

// createdFor buys an instance for valid inputs.
func createdFor(rt *rapid.T, b *wire.Bench, inputs property.Map) wire.Resource {
	rt.Helper()
	checked, failures, err := b.TryCheck(inputs)
	if err != nil || len(failures) > 0 {
		rt.Fatalf("%v is refused: %v %v", wire.Go(inputs), failures, err)
	}
	out := b.Another().Create(checked, 0) // under a name of its own: a resource is not created twice
	if out.Err != nil || len(out.Reasons) > 0 {
		rt.Fatalf("creating %v: %v %v", wire.Go(inputs), out.Err, out.Reasons)
	}
	return out.Resource
}

func topOf(path string) string {
	return strings.FieldsFunc(path, func(r rune) bool { return r == '.' || r == '[' })[0]
}
