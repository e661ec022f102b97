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
	files, err := sdks(ctx, root, version)
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
		return errors.Join(err, files.Verify(dir, command), tree.Outdated(lines, command))
	}
	return errors.Join(users.Write(root), files.Sync(dir))
}

// sdks are the files of sdk/.
func sdks(ctx context.Context, root, version string) (tree.Files, error) {
	from := source{version: version, root: root}
	content, err := os.ReadFile(filepath.Join(root, "schema.json"))
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(content, &from.spec); err != nil {
		return nil, fmt.Errorf("schema.json is not a Pulumi schema: %w", err)
	}
	if from.license, err = os.ReadFile(filepath.Join(root, "LICENSE")); err != nil {
		return nil, err
	}
	if from.goMod, err = os.ReadFile(filepath.Join(root, "go.mod")); err != nil {
		return nil, err
	}
	return generate(ctx, from)
}
