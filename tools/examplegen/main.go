// Examplegen writes programs into the texts that show them: those of examples/ into the description of the resource, which the
// schema takes over, and those of docs/howto-start.md into the front page of the docs. So they are the very programs that the tests run.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/pulumiverse/pulumi-alicloud-kms/tools/internal/tree"
)

func main() { tree.Main("make generate", generate) }

func generate(root string) (tree.Files, error) {
	files := tree.Files{}
	for _, page := range pages {
		content, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(page.file)))
		if err != nil {
			return nil, err
		}
		examples, err := page.render(root)
		if err != nil {
			return nil, err
		}
		files[page.file], err = page.fill(string(content), examples)
		if err != nil {
			return nil, err
		}
	}
	return files, nil
}

// fill puts the examples between the page's marks.
func (p page) fill(content, examples string) ([]byte, error) {
	before, rest, opened := strings.Cut(content, p.begin)
	_, after, closed := strings.Cut(rest, p.end)
	if !opened || !closed {
		return nil, fmt.Errorf("%s does not have the marks %s and %s, between which the examples go", p.file, p.begin, p.end)
	}
	return []byte(before + p.begin + examples + p.end + after), nil
}
