package wire_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/sig"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/config"
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

// unknownMarkers are all of Pulumi's texts for a value that is not known yet, by the type of the value.
var unknownMarkers = map[string]string{
	"string": sig.UnknownStringValue, "number": sig.UnknownNumberValue, "boolean": sig.UnknownBoolValue, "list": sig.UnknownArrayValue,
	"object": sig.UnknownObjectValue, "asset": sig.UnknownAssetValue, "archive": sig.UnknownArchiveValue,
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
	case key.Type == config.TypeInteger:
		return 1000
	case key.Type == config.TypeBoolean:
		return true
	case key.Type == config.TypeList:
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

// TestFormsOfConfiguration: each key is accepted in every form in which an SDK or a stack's configuration sends it, and is the
// same value in all of them, for CheckConfig, DiffConfig and Configure.
func TestFormsOfConfiguration(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{Wrap: unplugged(t)})
	for _, key := range config.Keys {
		t.Run(key.Name, func(t *testing.T) {
			t.Parallel()
			v := validValue(key)
			want := checkedKey(t, b, key.Name, v)
			text := jsonText(t, v)
			plainText := text
			if s, ok := v.(string); ok {
				plainText = s
			}
			forms := map[string]struct {
				given  any
				secret bool
			}{
				"itself":                     {v, false},
				"its text":                   {plainText, false},
				"JSON text":                  {text, false},
				"JSON text in JSON text":     {jsonText(t, text), false},
				"JSON text of a secret":      {jsonText(t, secretMarker(v)), true},
				"JSON text of an output":     {jsonText(t, outputMarker(v, false)), false},
				"JSON text of a secret one":  {jsonText(t, outputMarker(v, true)), true},
				"JSON text with blanks":      {" " + text + "\n", false},
				"JSON text of a secret text": {jsonText(t, secretMarker(text)), true},
			}
			for name, form := range forms {
				got := checkedKey(t, b, key.Name, form.given)
				if !stripped(wire.Props(map[string]any{"v": got})).Equals(stripped(wire.Props(map[string]any{"v": want}))) {
					t.Errorf("%s gives %#v, want %#v", name, got, want)
				}
				if (form.secret || key.Secret) && !got.Secret() || got.HasSecrets() != (form.secret || want.HasSecrets()) {
					t.Errorf("%s: secret is %t", name, got.HasSecrets())
				}
				given, before := rest(key.Name), rest(key.Name)
				given[key.Name], before[key.Name] = form.given, want
				if plan, err := b.DiffConfig(wire.Props(before), wire.Props(given)); err != nil || plan.Changes {
					t.Errorf("%s is a change: %v %v", name, plan.Kinds, err)
				}
				if plan, err := b.DiffConfig(wire.Props(given), wire.Props(before)); err != nil || plan.Changes {
					t.Errorf("from %s there is a change: %v %v", name, plan.Kinds, err)
				}
			}
			for kind, marker := range unknownMarkers {
				for name, given := range map[string]any{
					"JSON text of a " + kind + " to come":                 jsonText(t, marker),
					"JSON text of a secret " + kind + " to come":          jsonText(t, secretMarker(marker)),
					"JSON text of an output (" + kind + ") to come":       jsonText(t, outputMarker(nil, false)),
					"JSON text of a secret output (" + kind + ") to come": jsonText(t, outputMarker(nil, true)),
				} {
					got := checkedKey(t, b, key.Name, given)
					if !got.IsComputed() || got.Secret() != (key.Secret || strings.Contains(name, "secret")) {
						t.Errorf("%s gives %#v", name, got)
					}
				}
			}
		})
	}
}

// TestMarkersInsideObjects: a secret inside JSON text makes its value secret, an unknown one unknown, whatever its type.
func TestMarkersInsideObjects(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{Wrap: unplugged(t)})
	seen := 0
	for _, key := range config.Keys {
		for _, field := range key.Fields {
			if field.Name == "oidcTokenFile" {
				continue
			}
			seen++
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
			for kind, marker := range unknownMarkers {
				if got := with(marker); !got.IsComputed() {
					t.Errorf("%s.%s: an unknown %s gives %#v", key.Name, field.Name, kind, got)
				}
			}
			if got := with(outputMarker(nil, true)); !got.IsComputed() || !got.Secret() {
				t.Errorf("%s.%s: an unknown secret gives %#v", key.Name, field.Name, got)
			}
		}
	}
	if seen < 10 {
		t.Errorf("only %d fields were tried", seen)
	}
}

// TestFormsOfCSharpAndJava are texts that the SDKs of C# and Java were seen to send.
// Promise (Configuration): Values are accepted in each form in which a stack or an SDK sends them.
func TestFormsOfCSharpAndJava(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{Wrap: unplugged(t)})
	is := func(want any) func(property.Value) bool {
		return func(v property.Value) bool { return v.WithSecret(false).Equals(wire.Value(want)) }
	}
	for name, c := range map[string]struct {
		key, field string
		text       string
		secret     bool
		is         func(property.Value) bool
	}{
		"an enum": {"accountType", "", `"International"`, false, is("International")},
		"a secret in a role": {"assumeRole", "externalId",
			`{ "externalId": { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": "hush" }, "roleArn": "acs:ram::1:role/r" }`, true, is("hush")},
		"an unknown role": {"assumeRole", "roleArn", `{ "roleArn": "04da6b54-80e4-46f7-96ec-b56ff0331ba9" }`, false, property.Value.IsComputed},
		"a secret token": {"assumeRoleWithOidc", "oidcToken",
			`{ "oidcProviderArn": "acs:ram::1:oidc-provider/p", "oidcToken": { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": "t.o.k" }, "roleArn": "acs:ram::1:role/r" }`,
			true, is("t.o.k")},
		"an unknown endpoint":     {"endpoints", "kms", `{ "kms": "04da6b54-80e4-46f7-96ec-b56ff0331ba9" }`, false, property.Value.IsComputed},
		"an unknown integer":      {"clientReadTimeout", "", `"04da6b54-80e4-46f7-96ec-b56ff0331ba9"`, false, property.Value.IsComputed},
		"a secret integer":        {"clientReadTimeout", "", `{"4dabf18193072939515e22adb298388d":"1b47061264138c4ac30d75fd1eb44270","value":900}`, true, is(900)},
		"a number as Java has it": {"maxRetryTimeout", "", `900.0`, false, is(900)},
		"a secret role": {"assumeRole", "roleArn",
			`{"4dabf18193072939515e22adb298388d":"1b47061264138c4ac30d75fd1eb44270","value":{"roleArn":"acs:ram::1:role/r"}}`, false, is("acs:ram::1:role/r")},
	} {
		v := checkedKey(t, b, c.key, c.text)
		whole := v
		if c.field != "" {
			if !v.IsMap() {
				t.Errorf("%s: got %#v", name, v)
				continue
			}
			v = v.AsMap().Get(c.field)
		}
		if !c.is(v) || v.Secret() != c.secret || !whole.HasSecrets() && strings.Contains(name, "secret") {
			t.Errorf("%s: got %#v", name, v)
		}
	}
}

// TestBrokenMarkers are refused in a sentence that shows nothing of them.
func TestBrokenMarkers(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{Wrap: unplugged(t)})
	for _, text := range []string{
		`{"4dabf18193072939515e22adb298388d":"1b47061264138c4ac30d75fd1eb44270","velue":"hush"}`,
		`{"4dabf18193072939515e22adb298388d":"hush","value":"hush"}`,
		`{"roleArn":{"4dabf18193072939515e22adb298388d":"1b47061264138c4ac30d75fd1eb44270"},"externalId":"hush"}`,
		`{"4dabf18193072939515e22adb298388d":"c44067f5952c0a294b673a41bacd8c17","text":"hush"}`,
	} {
		for _, name := range []string{"assumeRole", "accountType", "clientReadTimeout", "skipRegionValidation", "endpoints", "region"} {
			_, refused, err := b.CheckConfig(wire.Props(nil), wire.Props(map[string]any{name: text}))
			if err != nil || len(refused) == 0 || !strings.Contains(refused[0].Path, name) {
				t.Errorf("%s as %s: %v %v", name, text, refused, err)
			}
			for _, f := range refused {
				if strings.Contains(f.Reason, "hush") && name != "region" || goNames.MatchString(f.Reason) {
					t.Errorf("%s as %s: %s", name, text, f.Reason)
				}
			}
		}
	}
}

// TestConfigureWithForms: a configuration that was recorded in such a form, by an earlier version, still configures the provider.
func TestConfigureWithForms(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{Config: map[string]any{
		"region": `"cn-hangzhou"`, "clientReadTimeout": `{"4dabf18193072939515e22adb298388d":"1b47061264138c4ac30d75fd1eb44270","value":9000}`,
		"accountType": `"Domestic"`, "skipRegionValidation": `"true"`, "endpoints": `[{"kms":"kms.cn-hangzhou.aliyuncs.com"}]`,
		"assumeRole": jsonText(t, map[string]any{"roleArn": role, "sessionName": secretMarker("by-marker")}),
	}})
	out, refused, err := b.Invoke("getCallerIdentity", wire.Props(nil))
	if err != nil || len(refused) > 0 || !strings.HasSuffix(out.Get("arn").AsString(), "assumed-role/deployer/by-marker") {
		t.Errorf("got %#v, %v, %v", out.Get("arn"), refused, err)
	}
	calls := b.Calls("AssumeRole")
	if len(calls) != 1 || calls[0].Parameters["RoleSessionName"] != "by-marker" {
		t.Errorf("AssumeRole was called with %v", calls)
	}
}

// TestResourcesInConfiguration: a resource of the program counts as its id, in the configuration as elsewhere.
func TestResourcesInConfiguration(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{Wrap: unplugged(t)})
	reference := property.New(property.NewResourceReference("urn:pulumi:dev::p::a:b:Role::r", property.New(role), ""))
	got := checkedKey(t, b, "assumeRole", map[string]any{"roleArn": reference})
	if !got.IsMap() || !got.AsMap().Get("roleArn").Equals(property.New(role)) {
		t.Errorf("got %#v", got)
	}
	text := `{"roleArn":{"` + sig.Key + `":"` + sig.ResourceReference + `","urn":"urn:pulumi:dev::p::a:b:Role::r","id":"` + role + `"}}`
	got = checkedKey(t, b, "assumeRole", text)
	if !got.IsMap() || !got.AsMap().Get("roleArn").Equals(property.New(role)) {
		t.Errorf("in JSON text: got %#v", got)
	}
}
