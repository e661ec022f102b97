package wire_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/sig"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/config"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/input"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/wire"
)

// Markers that SDKs write into JSON text.
func secretMarker(v any) any { return map[string]any{sig.Key: sig.Secret, "value": v} }

func outputMarker(v any, secret bool) any {
	m := map[string]any{sig.Key: sig.OutputValue, "secret": secret, "dependencies": []string{"urn:pulumi:dev::p::a:b:C::other"}}
	if v != nil {
		m["value"] = v
	}
	return m
}

// unknownMarkers are all of Pulumi's texts for a value that is not known yet.
var unknownMarkers = []string{
	sig.UnknownStringValue, sig.UnknownNumberValue, sig.UnknownBoolValue, sig.UnknownArrayValue, sig.UnknownObjectValue, sig.UnknownAssetValue,
	sig.UnknownArchiveValue,
}

func jsonText(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// validValue is a valid value of a key, and of each field of an object.
func validValue(key config.Key) any {
	if key.Fields != nil {
		object := map[string]any{}
		for _, field := range key.Fields {
			if field.Name != "oidcTokenFile" { // which goes not with a token
				object[field.Name] = validValue(field)
			}
		}
		return object
	}
	switch {
	case key.Values != nil:
		return key.Values[0]
	case key.Type == input.Integer:
		return 1000
	case key.Type == input.Boolean:
		return true
	case key.Type == input.List:
		return []any{"kst-1", "*"}
	}
	if v, special := map[string]any{
		"region": "cn-hangzhou", "accountId": "1234567890123456", "sourceIp": "203.0.113.7", "credentialsUri": "http://127.0.0.1/c",
		"roleArn": role, "oidcProviderArn": oidcProvider, "policy": `{"Version":"1"}`,
	}[key.Name]; special {
		return v
	}
	return "some-value"
}

// rest is what a key needs beside it to be valid.
func rest(name string) map[string]any {
	switch name {
	case "accessKey":
		return map[string]any{"secretKey": "s"}
	case "secretKey":
		return map[string]any{"accessKey": "k"}
	case "securityToken":
		return map[string]any{"accessKey": "k", "secretKey": "s"}
	}
	return map[string]any{}
}

// checkedKey is one key as CheckConfig returns it.
func checkedKey(t *testing.T, b *wire.Bench, name string, v any) property.Value {
	t.Helper()
	given := rest(name)
	given[name] = v
	checked, refused, err := b.CheckConfig(wire.Props(nil), wire.Props(given))
	if err != nil || len(refused) > 0 {
		t.Errorf("%s as %v is refused: %v %v", name, v, refused, err)
	}
	return checked.Get(name)
}

// Each key of the configuration is the same value in every form in which an SDK or a stack sends it, secrets and unknowns included.
// Promise (Configuration): Values are accepted in each form in which a stack or an SDK sends them.
func TestFormsOfConfiguration(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{Wrap: unplugged(t)})
	for _, key := range config.Keys {
		v := validValue(key)
		want := checkedKey(t, b, key.Name, v)
		text := jsonText(t, v)
		plainText := text
		if s, ok := v.(string); ok {
			plainText = s
		}
		for name, form := range map[string]any{
			"itself": v, "its text": plainText, "JSON text": text, "JSON text with blanks": " " + text + "\n", "JSON text in JSON text": jsonText(t, text),
			"JSON text of a secret": jsonText(t, secretMarker(v)), "JSON text of an output": jsonText(t, outputMarker(v, false)),
			"JSON text of a secret output": jsonText(t, outputMarker(v, true)), "JSON text of a secret text": jsonText(t, secretMarker(text)),
		} {
			got, secret := checkedKey(t, b, key.Name, form), strings.Contains(name, "secret")
			if !plain(got).Equals(plain(want)) {
				t.Errorf("%s as %s gives %#v, want %#v", key.Name, name, got, want)
			}
			if (secret || key.Secret) && !got.Secret() || got.HasSecrets() != (secret || want.HasSecrets()) {
				t.Errorf("%s as %s: secret is %t", key.Name, name, got.HasSecrets())
			}
			given, before := rest(key.Name), rest(key.Name)
			given[key.Name], before[key.Name] = form, want
			for _, sides := range [][2]map[string]any{{before, given}, {given, before}} {
				if plan, err := b.DiffConfig(wire.Props(sides[0]), wire.Props(sides[1])); err != nil || plan.Changes {
					t.Errorf("%s as %s is a change: %v %v", key.Name, name, plan.Kinds, err)
				}
			}
		}
		for _, marker := range unknownMarkers {
			for secret, given := range map[bool]any{false: marker, true: secretMarker(marker)} {
				if got := checkedKey(t, b, key.Name, jsonText(t, given)); !got.IsComputed() || got.Secret() != (key.Secret || secret) {
					t.Errorf("%s as the JSON text of %v gives %#v", key.Name, given, got)
				}
			}
		}
		for _, secret := range []bool{false, true} {
			if got := checkedKey(t, b, key.Name, jsonText(t, outputMarker(nil, secret))); !got.IsComputed() || got.Secret() != (key.Secret || secret) {
				t.Errorf("%s as an unknown output gives %#v", key.Name, got)
			}
		}
	}
	if got := checkedKey(t, b, "maxRetryTimeout", "900.0"); !got.Equals(wire.Value(900)) { // as Java has it
		t.Errorf("a number with a point gives %#v", got)
	}
}

// A secret inside JSON text makes its value secret, an unknown one unknown, and a resource counts as its id.
func TestMarkersInsideObjects(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{Wrap: unplugged(t)})
	for _, key := range config.Keys {
		for _, field := range key.Fields {
			if field.Name == "oidcTokenFile" {
				continue
			}
			object, _ := validValue(key).(map[string]any)
			want := checkedKey(t, b, key.Name, object).AsMap().Get(field.Name)
			with := func(v any) property.Value {
				changed := maps.Clone(object)
				changed[field.Name] = v
				given := any(jsonText(t, changed))
				if key.Name == "endpoints" {
					given = jsonText(t, []any{changed})
				}
				checked := checkedKey(t, b, key.Name, given)
				if !checked.IsMap() {
					t.Fatalf("%s.%s as %v gives %#v", key.Name, field.Name, v, checked)
				}
				return checked.AsMap().Get(field.Name)
			}
			for _, marked := range []any{secretMarker(object[field.Name]), outputMarker(object[field.Name], true), secretMarker(outputMarker(object[field.Name], false))} {
				if got := with(marked); !got.Secret() || !got.WithSecret(false).Equals(want.WithSecret(false)) {
					t.Errorf("%s.%s: a secret gives %#v, want %#v", key.Name, field.Name, got, want)
				}
			}
			for _, marker := range unknownMarkers {
				if got := with(marker); !got.IsComputed() {
					t.Errorf("%s.%s: the unknown %s gives %#v", key.Name, field.Name, marker, got)
				}
			}
			if got := with(outputMarker(nil, true)); !got.IsComputed() || !got.Secret() {
				t.Errorf("%s.%s: an unknown secret gives %#v", key.Name, field.Name, got)
			}
		}
	}
	reference := property.New(property.NewResourceReference("urn:pulumi:dev::p::a:b:Role::r", property.New(role), ""))
	text := `{"roleArn":{"` + sig.Key + `":"` + sig.ResourceReference + `","urn":"urn:pulumi:dev::p::a:b:Role::r","id":"` + role + `"}}`
	for _, form := range []any{map[string]any{"roleArn": reference}, text} {
		if got := checkedKey(t, b, "assumeRole", form); !got.IsMap() || !got.AsMap().Get("roleArn").Equals(property.New(role)) {
			t.Errorf("%v gives %#v", form, got)
		}
	}
}

// A broken marker is refused in a sentence that shows nothing of what it marks.
func TestBrokenMarkers(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{Wrap: unplugged(t)})
	for _, text := range []string{
		`{"4dabf18193072939515e22adb298388d":"1b47061264138c4ac30d75fd1eb44270","velue":"hush"}`,
		`{"4dabf18193072939515e22adb298388d":"hush","value":"hush"}`,
		`{"roleArn":{"4dabf18193072939515e22adb298388d":"1b47061264138c4ac30d75fd1eb44270"},"externalId":"hush"}`,
	} {
		for _, name := range []string{"assumeRole", "accountType", "clientReadTimeout", "endpoints"} {
			_, refused, err := b.CheckConfig(wire.Props(nil), wire.Props(map[string]any{name: text}))
			if err != nil || len(refused) == 0 || !strings.Contains(refused[0].Path, name) {
				t.Errorf("%s as %s: %v %v", name, text, refused, err)
			}
			for _, f := range refused {
				if strings.Contains(f.Reason, "hush") || goNames.MatchString(f.Reason) {
					t.Errorf("%s as %s: %s", name, text, f.Reason)
				}
			}
		}
	}
}
