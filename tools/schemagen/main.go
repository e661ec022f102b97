// Schemagen writes schema.json: the schema that the provider serves, without its version, so that it changes only when the
// provider's face does.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"

	p "github.com/pulumi/pulumi-go-provider"

	"github.com/pulumiverse/pulumi-alicloud-kms/provider"
	"github.com/pulumiverse/pulumi-alicloud-kms/tools/internal/tree"
)

func main() {
	root := flag.String("root", ".", "the `folder` of the repository")
	check := flag.Bool("check", false, "write nothing; fail if schema.json is not what would be written")
	flag.Parse()
	if err := run(*root, *check); err != nil {
		fmt.Fprintln(os.Stderr, "schemagen:", err)
		os.Exit(1)
	}
}

func run(root string, check bool) error {
	content, err := servedSchema()
	if err != nil {
		return err
	}
	files := tree.Files{"schema.json": content}
	if !check {
		return files.Write(root)
	}
	lines, err := files.Differences(root)
	if err != nil {
		return err
	}
	return tree.Outdated(lines, "make schema")
}

// servedSchema asks a provider in this process for its schema.
func servedSchema() ([]byte, error) {
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
	return out.Bytes(), err
}
