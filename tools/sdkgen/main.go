// Sdkgen generates the SDKs in sdk/ from schema.json, and writes their version into the build files of the programs that take them. It
// needs no language host, and the generators are kept off the network.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"

	"github.com/pulumiverse/pulumi-alicloud-kms/tools/internal/tree"
)

// command is what brings the tree up to date.
const command = "make sdks"

func main() {
	root := flag.String("root", ".", "the `folder` of the repository")
	version := flag.String("version", "", "the `version` of the SDKs and of the plugin that they ask for")
	check := flag.Bool("check", false, "write nothing; fail if the tree is not what would be written")
	flag.Parse()
	if err := run(context.Background(), *root, *version, *check); err != nil {
		fmt.Fprintln(os.Stderr, "sdkgen:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, root, version string, check bool) error {
	if version == "" {
		return fmt.Errorf("-version is missing: give the version of the provider, for example -version 0.1.0")
	}
	spec, err := readSchema(filepath.Join(root, "schema.json"))
	if err != nil {
		return err
	}
	license, err := os.ReadFile(filepath.Join(root, "LICENSE"))
	if err != nil {
		return err
	}
	modules, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return err
	}

	files, err := generate(ctx, source{spec: spec, version: version, root: root, license: license, goMod: modules})
	if err != nil {
		return err
	}

	users, err := programs(root, version)
	if err != nil {
		return err
	}

	dir := filepath.Join(root, "sdk")
	if check {
		lines, err := users.Differences(root)
		if err != nil {
			return err
		}
		return errors.Join(files.Verify(dir, command), tree.Outdated(lines, command))
	}
	if err := users.Write(root); err != nil {
		return err
	}
	return files.Sync(dir)
}

func readSchema(file string) (schema.PackageSpec, error) {
	var spec schema.PackageSpec
	content, err := os.ReadFile(file)
	if err != nil {
		return spec, err
	}
	if err := json.Unmarshal(content, &spec); err != nil {
		return spec, fmt.Errorf("%s is not a Pulumi schema: %w", file, err)
	}
	return spec, nil
}
