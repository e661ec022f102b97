// Schemagen writes schema.json: the schema that the provider serves, without its version, so that it changes only when the
// provider's face does.
package main

import (
	"bytes"
	"context"
	"encoding/json"

	p "github.com/pulumi/pulumi-go-provider"

	"github.com/pulumiverse/pulumi-alicloud-kms/provider"
	"github.com/pulumiverse/pulumi-alicloud-kms/tools/internal/tree"
)

func main() { tree.Main("make schema", schema) }

// schema asks a provider in this process for its schema.
func schema(string) (tree.Files, error) {
	server, err := provider.New()
	if err != nil {
		return nil, err
	}
	spec, err := p.GetSchema(context.Background(), provider.Name, provider.Version, server)
	if err != nil {
		return nil, err
	}
	spec.Version = ""

	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err = encoder.Encode(spec)
	return tree.Files{"schema.json": out.Bytes()}, err
}
