package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/pulumiverse/pulumi-alicloud-kms/tools/internal/tree"
)

// packageJSON completes package.json so that the package can be built, packed and installed from its own folder. The
// compiled code reads the version from a package.json beside it, hence the copy.
func packageJSON(_ context.Context, files tree.Files, from source) (readme, error) {
	var manifest map[string]any
	if err := json.Unmarshal(files["package.json"], &manifest); err != nil {
		return readme{}, err
	}
	for key, value := range map[string]any{
		"description": from.spec.Description,
		"author":      from.spec.Publisher,
		"repository": map[string]string{
			"type": "git", "url": "git+" + from.spec.Repository + ".git", "directory": "sdk/nodejs",
		},
		"bugs":          map[string]string{"url": from.spec.Repository + "/issues"},
		"engines":       map[string]string{"node": ">=20"},
		"main":          "bin/index.js",
		"types":         "bin/index.d.ts",
		"files":         []string{"bin"},
		"publishConfig": map[string]string{"access": "public"},
		"scripts": map[string]string{
			"build":   `tsc && node -e "require('fs').copyFileSync('package.json', 'bin/package.json')"`,
			"prepack": "npm run build",
		},
	} {
		manifest[key] = value
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "    ")
	if err := encoder.Encode(manifest); err != nil {
		return readme{}, err
	}
	files["package.json"] = out.Bytes()
	return readme{
		Language: "TypeScript and JavaScript", Install: fmt.Sprint("npm install ", manifest["name"]), Fence: "typescript",
		Example: "typescript-minimal/index.ts",
	}, nil
}
