// Gosdk generates the Go SDK of a schema, for tests that compile programs with the SDK of another provider.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"

	gogen "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"

	"github.com/pulumiverse/pulumi-alicloud-kms/tools/internal/tree"
)

func main() {
	file := flag.String("schema", "", "the `file` of the schema")
	out := flag.String("out", "", "the `folder` that the packages go to")
	flag.Parse()
	if err := run(*file, *out); err != nil {
		fmt.Fprintln(os.Stderr, "gosdk:", err)
		os.Exit(1)
	}
}

func run(file, out string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var spec schema.PackageSpec
	if err := json.Unmarshal(content, &spec); err != nil {
		return fmt.Errorf("%s is not a Pulumi schema: %w", file, err)
	}
	pkg, diagnostics, err := schema.BindSpec(spec, schema.NewNullLoader(), schema.ValidationOptions{})
	if err != nil {
		return err
	}
	if diagnostics.HasErrors() {
		return diagnostics
	}
	files, err := gogen.GeneratePackage("gosdk", pkg, nil)
	if err != nil {
		return err
	}
	return tree.Files(files).Write(out)
}
