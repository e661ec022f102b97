// Examplegen writes programs into the texts that show them: those of examples/ into the description of the resource, which the
// schema takes over, and those of docs/howto-start.md into the front page of the docs. So they are the very programs that the tests run.
package main

import "github.com/pulumiverse/pulumi-alicloud-kms/tools/internal/tree"

func main() { tree.Main("make generate", generate) }

func generate(root string) (tree.Files, error) {
	files := tree.Files{}
	for _, page := range pages {
		examples, err := page.render(root)
		if err != nil {
			return nil, err
		}
		if err := files.Fill(root, page.file, page.begin, page.end, examples); err != nil {
			return nil, err
		}
	}
	return files, nil
}
