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

func main() {
	version := flag.String("version", "", "the `version` of the SDKs and of the plugin that they ask for")
	tree.Main("make sdks", func(root string) (tree.Files, error) {
		if *version == "" {
			return nil, errors.New("-version is missing: give the version of the provider, for example -version 0.1.0")
		}
		files, err := programs(root, *version)
		if err != nil {
			return nil, err
		}
		packages, err := sdks(context.Background(), root, *version)
		files.Add("sdk", packages)
		return files, err
	}, "sdk")
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
