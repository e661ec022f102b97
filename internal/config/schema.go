package config

import (
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

// AddSchema puts the keys into the schema of the package. No key has a default there: one from the environment would be compiled
// into SDKs and stored in the state.
func AddSchema(spec *schema.PackageSpec) {
	spec.Config = schema.ConfigSpec{Variables: properties(Keys)}
	spec.Provider = &schema.ResourceSpec{
		ObjectTypeSpec: schema.ObjectTypeSpec{
			Description: "The account and region whose KMS instances are managed. A program that works with one account and region needs no " +
				"provider resource: the stack's configuration and the environment describe the default provider.",
			Properties: properties(Keys),
		},
		InputProperties: properties(Keys),
	}
	for _, key := range Keys {
		if key.Fields != nil {
			spec.Types[key.token()] = schema.ComplexTypeSpec{ObjectTypeSpec: schema.ObjectTypeSpec{
				Type: "object", Description: key.Description, Properties: properties(key.Fields),
			}}
		}
	}
}

// token is the type of an object.
func (k *Key) token() string { return Package + ":index:" + k.Type }

func properties(keys []Key) map[string]schema.PropertySpec {
	specs := map[string]schema.PropertySpec{}
	for i := range keys {
		key := &keys[i]
		spec := schema.PropertySpec{Description: key.Doc(), Secret: key.Secret}
		switch {
		case key.Fields != nil:
			spec.Ref = "#/types/" + key.token()
		case key.Type == TypeList:
			spec.Type, spec.Items = "array", &schema.TypeSpec{Type: "string"}
		default:
			spec.Type = key.Type
		}
		specs[key.Name] = spec
	}
	return specs
}
