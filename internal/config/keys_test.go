package config

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

func TestSchema(t *testing.T) {
	t.Setenv("ALICLOUD_REGION", "region-of-the-environment")
	t.Setenv("ALICLOUD_ACCESS_KEY", testAccessKey)
	spec := schema.PackageSpec{Types: map[string]schema.ComplexTypeSpec{}}
	AddSchema(&spec)
	text, err := json.Marshal(spec)
	if err != nil {
		t.Fatal(err)
	}
	for _, fromEnv := range []string{"region-of-the-environment", testAccessKey, "defaultInfo"} {
		if strings.Contains(string(text), fromEnv) {
			t.Errorf("the schema holds %q: values of the environment must not get into SDKs", fromEnv)
		}
	}
	described := func(where string, keys []Key, properties map[string]schema.PropertySpec) {
		for _, key := range keys {
			property, ok := properties[key.Name]
			switch {
			case !ok:
				t.Errorf("%s lacks %s", where, key.Name)
			case property.Description != key.Doc():
				t.Errorf("%s.%s is described as %q", where, key.Name, property.Description)
			case property.Secret != key.Secret:
				t.Errorf("%s.%s: secret is %t", where, key.Name, property.Secret)
			}
		}
	}
	described("config", Keys, spec.Config.Variables)
	described("provider", Keys, spec.Provider.InputProperties)
	described("AssumeRole", assumeRoleFields, spec.Types[Package+":index:AssumeRole"].Properties)
	described("AssumeRoleWithOidc", assumeRoleWithOidcFields, spec.Types[Package+":index:AssumeRoleWithOidc"].Properties)
	described("Endpoints", endpointsFields, spec.Types[Package+":index:Endpoints"].Properties)
	if len(spec.Provider.RequiredInputs) > 0 || len(spec.Config.Required) > 0 {
		t.Errorf("no key may be required by the schema: %v %v", spec.Provider.RequiredInputs, spec.Config.Required)
	}
}

// Users see these texts in their editor: each says what it is, its range, default and environment variables.
func TestDoc(t *testing.T) {
	t.Parallel()
	got := at("assumeRole", "sessionExpiration").Doc()
	want := "How long the role's credentials live, in seconds. The role's own maximum session duration is the upper end. " +
		"From 900 to 43200. Default: `3600`. Environment variable: `ALICLOUD_ASSUME_ROLE_SESSION_EXPIRATION`."
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := at("region").Doc(); !strings.HasSuffix(got, "Environment variables: `ALICLOUD_REGION`, `ALIBABA_CLOUD_REGION`; the first that is set counts.") {
		t.Errorf("got %s", got)
	}
	var all func(keys []Key)
	all = func(keys []Key) {
		for _, key := range keys {
			if len(key.Description) < 20 || !strings.HasSuffix(key.Description, ".") {
				t.Errorf("%s is described too shortly, or not in a sentence: %q", key.Name, key.Description)
			}
			all(key.Fields)
		}
	}
	all(Keys)
}
