// Programgen writes programs as `pulumi import` and `pulumi convert` write them. It calls the same generators, and needs no
// language host. The tests compile the programs.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"

	"github.com/pulumiverse/pulumi-alicloud-kms/tools/internal/tree"
)

func main() {
	file := flag.String("schema", "", "the `file` of the schema")
	out := flag.String("out", "", "the `folder` that the programs go to")
	flag.Parse()
	if err := run(*file, *out); err != nil {
		fmt.Fprintln(os.Stderr, "programgen:", err)
		os.Exit(1)
	}
}

func run(file, out string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	files := tree.Files{}
	for _, to := range languages {
		// Every language needs a package of its own: the generators write into it.
		loader, err := load(text)
		if err != nil {
			return err
		}
		for name, generate := range map[string]func(schema.ReferenceLoader, language) (tree.Files, error){
			"imported": imported, "converted": converted,
		} {
			program, err := generate(loader, to)
			if err != nil {
				return fmt.Errorf("%s-%s: %w", to.name, name, err)
			}
			files.Add(to.name+"-"+name, program)
		}
	}
	return files.Write(out)
}
