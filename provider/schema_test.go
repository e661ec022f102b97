package provider

import (
	"encoding/json"
	"fmt"
	"math"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/config"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/input"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/kmsinstance"
)

// served is the schema as programs and IDEs get it.
func served(t *testing.T) schema.PackageSpec {
	t.Helper()
	server, err := New()
	if err != nil {
		t.Fatal(err)
	}
	plugin, err := p.RawServer(Name, "0.1.0", server)(nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := plugin.GetSchema(t.Context(), &pulumirpc.GetSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	var spec schema.PackageSpec
	if err := json.Unmarshal([]byte(resp.Schema), &spec); err != nil {
		t.Fatal(err)
	}
	return spec
}

// eachProperty calls check for every property, and says where it is: KmsInstance/inputs/vpcId, BindVpc/vpcId.
func eachProperty(t *testing.T, check func(where string, property schema.PropertySpec)) {
	t.Helper()
	spec, n := served(t), 0
	all := func(token, part string, properties map[string]schema.PropertySpec) {
		for name, property := range properties {
			check(path.Join(token[strings.LastIndex(token, ":")+1:], part, name), property)
			n++
		}
	}
	all("config", "", spec.Config.Variables)
	all("provider", "inputs", spec.Provider.InputProperties)
	all("provider", "outputs", spec.Provider.Properties)
	for token, resource := range spec.Resources {
		all(token, "inputs", resource.InputProperties)
		all(token, "outputs", resource.Properties)
	}
	for token, object := range spec.Types {
		all(token, "", object.Properties)
	}
	for token, function := range spec.Functions {
		if function.Inputs != nil {
			all(token, "arguments", function.Inputs.Properties)
		}
		if function.ReturnType != nil && function.ReturnType.ObjectTypeSpec != nil {
			all(token, "results", function.ReturnType.ObjectTypeSpec.Properties)
		}
	}
	if n < 150 {
		t.Fatalf("found %d properties only: this test does not look at all of them", n)
	}
}

// Markdown takes a word in angle brackets for HTML, and shows nothing of it.
func TestEverythingIsDescribed(t *testing.T) {
	t.Parallel()
	code := regexp.MustCompile("(?s)```.*?```|`[^`]*`")
	check := func(what, description string) {
		if len(strings.TrimSpace(description)) < 5 {
			t.Errorf("%s has no description", what)
		}
		if text := code.ReplaceAllString(description, ""); strings.ContainsAny(text, "<>") {
			t.Errorf("the description of %s has angle brackets outside of backticks: %s", what, text)
		}
	}
	spec := served(t)
	check("the package", spec.Description)
	check("the provider", spec.Provider.Description)
	for token, resource := range spec.Resources {
		check(token, resource.Description)
	}
	for token, function := range spec.Functions {
		check(token, function.Description)
	}
	for token, object := range spec.Types {
		check(token, object.Description)
		for _, value := range object.Enum {
			check(fmt.Sprintf("the value %v of %s", value.Value, token), value.Description)
		}
	}
	eachProperty(t, func(where string, property schema.PropertySpec) { check(where, property.Description) })
}

// A type that says nothing becomes `any` in programs, and a number with a fraction is none of ours.
func TestEveryTypeSaysWhatItIs(t *testing.T) {
	t.Parallel()
	var check func(where string, of *schema.TypeSpec)
	check = func(where string, of *schema.TypeSpec) {
		switch {
		case of == nil:
			t.Errorf("%s has no type, which makes it any", where)
		case len(of.OneOf) > 0:
			t.Errorf("%s is one of several types, which Java and .NET render badly", where)
		case of.Ref != "":
			if !strings.HasPrefix(of.Ref, "#/types/") {
				t.Errorf("%s refers to %s, not to a type of this package", where, of.Ref)
			}
		case of.Type == "array":
			check(where+"[]", of.Items)
		case of.Type == "object":
			check(where+"{}", of.AdditionalProperties)
		case of.Type != "string" && of.Type != "boolean" && of.Type != "integer":
			t.Errorf("%s has the type %q", where, of.Type)
		}
	}
	eachProperty(t, func(where string, property schema.PropertySpec) { check(where, &property.TypeSpec) })
}

// Go and Java programs on some platforms, and .NET programs on all, have integers of 32 bits.
func TestIntegersFit32Bits(t *testing.T) {
	t.Parallel()
	largest := map[string]int{
		"renewPeriod": 12,                       // check.go has its rule, which depends on the unit
		"quota":       100_000, "used": 100_000, // as many keys or secrets as an instance may have
	}
	for _, property := range kmsinstance.Properties {
		if property.Type == input.Integer && len(property.Allowed) > 0 {
			largest[property.Name] = slices.Max(property.Allowed)
		} else if property.Max > 0 {
			largest[property.Name] = property.Max
		}
	}
	for _, key := range config.Keys {
		for _, key := range slices.Concat(key.Fields, []config.Key{key}) {
			if key.Max > 0 {
				largest[key.Name] = key.Max
			}
		}
	}
	eachProperty(t, func(where string, property schema.PropertySpec) {
		if property.Type != "integer" {
			return
		}
		if bound := largest[path.Base(where)]; bound == 0 || bound > math.MaxInt32 {
			t.Errorf("%s goes up to %d (0: without end): make it a string if it may exceed 32 bits", where, bound)
		}
	})
}

func TestCredentialsAreSecret(t *testing.T) {
	t.Parallel()
	credential := regexp.MustCompile(`(?i)key$|token|secret|password|credential`)
	public := map[string]string{
		"sharedCredentialsFile": "the path of a file",
		"oidcTokenFile":         "the path of a file",
		"clientToken":           "tells a repeated order from a second one, and opens nothing",
		"secretNum":             "a number",
	}
	eachProperty(t, func(where string, property schema.PropertySpec) {
		_, known := public[path.Base(where)]
		switch looksSecret := credential.MatchString(path.Base(where)); {
		case looksSecret && !known && !property.Secret:
			t.Errorf("%s looks like a credential and is not secret", where)
		case !looksSecret && property.Secret:
			t.Errorf("%s is secret, and this test does not see why", where)
		}
	})
}

// identifier is a name that all languages can make their own form of.
var identifier = regexp.MustCompile(`^[A-Z][A-Za-z]+$`)

// TestEnums: properties with few values have an enum, which has those values, each with a name. The output productVersion and results
// of functions have none: an instance bought elsewhere may have an edition that this provider cannot order, and some SDKs refuse a
// value that their enum lacks.
func TestEnums(t *testing.T) {
	t.Parallel()
	spec := served(t)
	instance := spec.Resources[string(InstanceToken)]
	for _, property := range kmsinstance.Properties {
		if len(property.Values) == 0 {
			continue
		}
		checkEnum(t, spec, "input "+property.Name, instance.InputProperties[property.Name], property.Values)
		if property.Name != "productVersion" {
			checkEnum(t, spec, "output "+property.Name, instance.Properties[property.Name], property.Values)
		}
	}
	if output := instance.Properties["productVersion"]; output.Type != "string" || output.Ref != "" {
		t.Errorf("the output productVersion is %+v, want a string", output.TypeSpec)
	}
}

// TestConfiguration: each key tells its default, its values and its environment variables, and has none of this in its type. To the SDKs
// of C# and Java an enum is no plain string, and they send it as JSON text with quotes; those of TypeScript and C# cannot read it from a
// stack's configuration. A default, such as one from the environment, would be compiled into SDKs and stored in the state.
func TestConfiguration(t *testing.T) {
	t.Parallel()
	spec := served(t)
	for _, key := range config.Keys {
		for where, property := range map[string]schema.PropertySpec{
			"config": spec.Config.Variables[key.Name], "provider": spec.Provider.InputProperties[key.Name],
		} {
			if len(key.Values) > 0 && (property.Type != "string" || property.Ref != "") || property.Default != nil || property.DefaultInfo != nil {
				t.Errorf("%s of the %s is %+v, want a plain string without default", key.Name, where, property)
			}
			want := slices.Concat(key.Values, key.Env)
			if key.Default != "" {
				want = append(want, key.Default)
			}
			for _, words := range want {
				if !strings.Contains(property.Description, "`"+words+"`") {
					t.Errorf("the description of %s does not name %s: %s", key.Name, words, property.Description)
				}
			}
		}
	}
	if len(spec.Provider.RequiredInputs) > 0 || len(spec.Config.Required) > 0 {
		t.Errorf("no key may be required by the schema: %v %v", spec.Provider.RequiredInputs, spec.Config.Required)
	}
}

func checkEnum(t *testing.T, spec schema.PackageSpec, where string, property schema.PropertySpec, want []string) {
	t.Helper()
	enum := spec.Types[strings.TrimPrefix(property.Ref, "#/types/")]
	var got []string
	for _, value := range enum.Enum {
		got = append(got, fmt.Sprint(value.Value))
		if !identifier.MatchString(value.Name) {
			t.Errorf("%s: the value %v has the name %q, which is not one in every language", where, value.Value, value.Name)
		}
	}
	if slices.Sort(got); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
		t.Errorf("%s has the values %q (of %q), want the enum of %q", where, got, property.Ref, want)
	}
}

// The schema tells that a change replaces, and never orders the replacement: only the provider knows whether an instance was
// connected already.
func TestReplacementIsToldNotForced(t *testing.T) {
	t.Parallel()
	spec := served(t)
	inputs := spec.Resources[string(InstanceToken)].InputProperties
	for _, property := range kmsinstance.Properties {
		if got, want := inputs[property.Name].WillReplaceOnChanges, property.Change == kmsinstance.Replace; got != want {
			t.Errorf("willReplaceOnChanges of %s is %t, want %t", property.Name, got, want)
		}
	}
	eachProperty(t, func(where string, property schema.PropertySpec) {
		if property.ReplaceOnChanges {
			t.Errorf("%s has replaceOnChanges, with which SDKs force a replacement", where)
		}
	})
}

// What the table of properties knows is said in the description that IDEs show.
func TestDescriptionsOfInputsAreComplete(t *testing.T) {
	t.Parallel()
	spec := served(t)
	for _, property := range kmsinstance.Properties {
		described := spec.Resources[string(InstanceToken)].InputProperties[property.Name]
		text := described.Description
		want := append([]string{property.Unit, property.ReplaceReason}, property.Values...)
		for _, value := range spec.Types[strings.TrimPrefix(described.Ref, "#/types/")].Enum {
			want = append(want, "`"+value.Name+"`") // the members of an enum, as programs write them
		}
		if property.Type == input.Integer {
			for _, number := range append(property.Allowed, property.Max) {
				want = append(want, fmt.Sprint(number))
			}
		}
		if property.SubscriptionOnly {
			want = append(want, "Valid only with `paymentType: Subscription`")
		}
		if property.Change == kmsinstance.Order {
			want = append(want, "order, paid at once")
		}
		if property.Computed && property.Change == kmsinstance.Replace {
			t.Errorf("%s would be replaced by a value of the cloud's own", property.Name)
		}
		for _, words := range want {
			if !strings.Contains(text, words) && words != "0" {
				t.Errorf("the description of %s does not say %q: %s", property.Name, words, text)
			}
		}
	}
}

func TestResourceShowsProgramsInAllLanguages(t *testing.T) {
	t.Parallel()
	spec := served(t)
	text := spec.Resources[string(InstanceToken)].Description
	for _, mark := range []string{"{{% examples %}}", "{{% /examples %}}"} {
		if strings.Count(text, mark) != 1 {
			t.Errorf("the description has %s %d times, want once", mark, strings.Count(text, mark))
		}
	}
	for language, want := range map[string]int{"typescript": 2, "python": 2, "go": 2, "csharp": 1, "java": 1, "yaml": 2} {
		if n := strings.Count(text, "\n```"+language+"\n"); n != want {
			t.Errorf("the description shows %d programs in %s, want %d", n, language, want)
		}
	}
}

// A required output that is missing is null in Python and throws in C#. So required are those only that a half-created instance has, too.
func TestRequiredInSchema(t *testing.T) {
	t.Parallel()
	spec := served(t)
	instance := spec.Resources[string(InstanceToken)]
	want := []string{"endpoint", "instanceId", "paymentType", "status", "vpcId", "vswitchIds", "zoneIds"}
	if got := slices.Sorted(slices.Values(instance.Required)); !slices.Equal(got, want) {
		t.Errorf("the outputs that are always there are %v, want %v", got, want)
	}
	if want := []string{"vpcId", "vswitchIds", "zoneIds"}; !slices.Equal(slices.Sorted(slices.Values(instance.RequiredInputs)), want) {
		t.Errorf("the required inputs are %v, want %v", instance.RequiredInputs, want)
	}
}
