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

// TestCheckOfAnyUnknownOrSecret: an unknown or a secret value at any place of valid inputs is accepted and comes back as it
// was given.
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
			if err != nil || len(failures) > 0 {
				rt.Fatalf("%s at %v is refused: %v %v", name, at, failures, err)
			}
			if want := withDefaults(given); !checked.Equals(want) {
				rt.Fatalf("%s at %v comes back as\n%#v, want\n%#v", name, at, checked, want)
			}
		})
	}
	if calls := b.Cloud.Journal(); len(calls) > 0 {
		t.Errorf("Check has called the cloud: %v", calls)
	}
}

// TestPlanOfAnyUnknownOrSecret: Diff and the previews of an instance whose new inputs have an unknown or a secret value at
// any place keep what is unknown unknown and what is secret secret, see a change just there, and say nothing secret.
func TestPlanOfAnyUnknownOrSecret(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{})
	rapid.Check(t, func(rt *rapid.T) {
		old := createdFor(rt, b, genWorking.Draw(rt, "inputs"))
		calls := len(b.Cloud.Journal())
		b.Hush()
		for _, name := range []string{"unknown", "secret", "secret unknown"} {
			at := genPlace(rt, old.Inputs)
			news := at.in(old.Inputs, changes[name])
			prop, isUnknown, isSecret := at.property(), strings.Contains(name, "unknown"), strings.Contains(name, "secret")
			plan, err := b.Diff(old, news)
			switch {
			case err != nil && isUnknown && strings.Contains(err.Error(), "deletion protection is on"):
				continue // it would be replaced
			case err != nil:
				rt.Fatalf("Diff with %s at %v: %v", name, at, err)
			case plan.Changes != isUnknown:
				rt.Fatalf("with %s at %v, Diff plans %v", name, at, plan.Kinds)
			}
			for path, kind := range plan.Kinds {
				if topOf(path) != prop || !strings.HasPrefix(kind, "UPDATE") {
					rt.Fatalf("with %s at %v, Diff plans %v", name, at, plan.Kinds)
				}
			}
			for verb, outputs := range map[string]property.Map{
				"a create": b.PreviewCreate(news), "an update": b.PreviewUpdate(old, news),
			} {
				got, there := outputs.GetOk(prop)
				switch {
				case !there || isUnknown != got.HasComputed() && (prop != "bindVpcs" || verb != "a create"):
					rt.Fatalf("with %s at %v, %s previews %#v", name, at, verb, got)
				case isSecret && !got.HasSecrets():
					rt.Fatalf("with %s at %v, %s previews %#v without the secret", name, at, verb, got)
				case prop != "bindVpcs" && !only(prop, stripped(outputs)).Equals(only(prop, stripped(news))):
					rt.Fatalf("with %s at %v, %s previews %#v", name, at, verb, got)
				}
				for other, v := range outputs.All {
					isRecord := prop == "tags" && other == "declared"
					if other != prop && v.HasSecrets() && !isRecord {
						rt.Fatalf("with %s at %v, %s makes %s secret", name, at, verb, other)
					}
				}
				for _, output := range append(kmsinstance.AlwaysPresent(), kmsinstance.InputNames()...) {
					_, isInput := news.GetOk(output)
					if _, there := outputs.GetOk(output); !there && (verb == "a create" && isInput || output == "instanceId") {
						rt.Fatalf("with %s at %v, %s drops %s", name, at, verb, output)
					}
				}
			}
			isWord := !slices.ContainsFunc(kmsinstance.Properties, func(p kmsinstance.Property) bool { return p.Name == prop && len(p.Values) > 0 })
			if v := at.of(old.Inputs); isSecret && isWord && v.IsString() && len(v.AsString()) > 8 && strings.Contains(b.Said(), v.AsString()) {
				rt.Fatalf("%q at %v is secret, but is said: %s", v.AsString(), at, b.Said())
			}
		}
		for _, made := range b.Cloud.Journal()[calls:] {
			// A replacement's warning says how many keys there are, and a create looks for a lost purchase.
			if !slices.Contains([]string{"GetKmsInstanceQuotaInfos", "ListKmsInstances", "QueryAvailableInstances", "GetKmsInstance", "GetCallerIdentity"}, made.Action) {
				rt.Fatalf("Diff and previews have called %s", made.Action)
			}
		}
	})
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

func only(name string, m property.Map) property.Map {
	return property.NewMap(map[string]property.Value{name: m.Get(name)})
}

func topOf(path string) string {
	return strings.FieldsFunc(path, func(r rune) bool { return r == '.' || r == '[' })[0]
}
