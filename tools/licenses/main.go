// Licenses checks that everything linked into our programs comes under a license that lets us ship it, and writes the
// notices that have to go with the binaries.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/pulumiverse/pulumi-alicloud-kms/tools/internal/deps"
)

// allowed are the licenses, by SPDX id, under which we may ship a module in a binary under Apache-2.0. MPL-2.0 asks for
// the sources of the module alone, which the module proxies have.
var allowed = []string{"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MPL-2.0", "Unicode-DFS-2016"}

func main() {
	root := flag.String("root", ".", "the `folder` of the repository")
	notices := flag.String("notices", "", "the `file` to write the notices of all modules to")
	flag.Parse()
	if err := run(context.Background(), *root, *notices); err != nil {
		fmt.Fprintln(os.Stderr, "licenses:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, root, noticesFile string) error {
	modules, err := deps.Linked(ctx, root, []string{"linux", "darwin", "windows"}, "./cmd/...")
	if err != nil {
		return err
	}
	notices, err := check(modules)
	if err != nil {
		return err
	}
	if noticesFile != "" {
		return os.WriteFile(noticesFile, notices, 0o644)
	}
	fmt.Printf("licenses: %d modules, all under %s\n", len(modules), strings.Join(allowed, ", "))
	return nil
}

// check returns the notices of the modules, or an error that lists all that may not be shipped.
func check(modules []deps.Module) ([]byte, error) {
	var refused []error
	var notices bytes.Buffer
	notices.WriteString("The programs in this archive contain the following modules.\n")
	for _, module := range modules {
		license, err := module.License()
		if err != nil {
			refused = append(refused, err)
			continue
		}
		for _, id := range license.IDs {
			if !slices.Contains(allowed, id) {
				refused = append(refused, fmt.Errorf("%s %s comes under %s, which is not one of %s",
					module.Path, module.Version, id, strings.Join(allowed, ", ")))
			}
		}
		fmt.Fprintf(&notices, "\n%s\n%s %s (%s)\n\n%s",
			strings.Repeat("-", 80), module.Path, module.Version, strings.Join(license.IDs, ", "), license.Text)
	}
	return notices.Bytes(), errors.Join(refused...)
}
