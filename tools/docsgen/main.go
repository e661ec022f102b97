// Docsgen generates the reference in docs/ from schema.json and from the tables that the provider itself works with, and the
// page of promises from the comments of the tests that prove them.
//
// docs/reference.md and docs/promises.md are generated as a whole, and a part of docs/installation-configuration.md.
package main

import (
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"

	"github.com/pulumiverse/pulumi-alicloud-kms/tools/internal/tree"
)

func main() { tree.Main("make docs", generate) }

func generate(root string) (tree.Files, error) {
	content, err := os.ReadFile(filepath.Join(root, "schema.json"))
	if err != nil {
		return nil, err
	}
	var spec schema.PackageSpec
	if err := json.Unmarshal(content, &spec); err != nil {
		return nil, err
	}
	found, err := findPromises(root)
	if err != nil {
		return nil, err
	}
	page, err := promises(found)
	if err != nil {
		return nil, err
	}
	files := tree.Files{"docs/" + referenceFile: reference(spec), "docs/promises.md": page}
	return files, files.Fill(root, "docs/installation-configuration.md", "<!-- generated: configuration -->\n", "<!-- end of generated part -->", configuration())
}
