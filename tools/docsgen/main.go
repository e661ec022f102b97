// Docsgen generates the reference in docs/ from schema.json and from the tables that the provider itself works with, and the
// page of promises from the comments of the tests that prove them.
//
// docs/reference.md and docs/promises.md are generated as a whole. Any other Markdown file in docs/ may hold generated parts, each between the
// lines `<!-- generated: NAME -->` and `<!-- end of generated part -->`; see [parts] for the names.
package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

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
	rendered, err := parts(spec)
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(root, "docs")
	files, err := filled(dir, rendered)
	if err != nil {
		return nil, err
	}
	files[referenceFile] = reference(spec, rendered)
	found, err := findPromises(root)
	if err != nil {
		return nil, err
	}
	if files[promisesFile], err = promises(found); err != nil {
		return nil, err
	}
	all := tree.Files{}
	all.Add("docs", files)
	return all, nil
}

// filled are the hand-written files that have generated parts, with these filled in.
func filled(dir string, rendered map[string]string) (tree.Files, error) {
	files := tree.Files{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".md" {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(relative)
		result, found, err := fill(string(content), linkedFrom(name, rendered))
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if found {
			files[name] = []byte(result)
		}
		return nil
	})
	return files, err
}

// linkedFrom makes the links of the parts fit a file that may lie in a folder of its own.
func linkedFrom(name string, rendered map[string]string) map[string]string {
	fitting := make(map[string]string, len(rendered))
	for part, text := range rendered {
		up := strings.Repeat("../", strings.Count(name, "/"))
		fitting[part] = strings.ReplaceAll(text, "]("+referenceFile+"#", "]("+up+referenceFile+"#")
	}
	return fitting
}
