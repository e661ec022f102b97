package main

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"

	"github.com/pulumiverse/pulumi-alicloud-kms/tools/internal/tree"
)

func nodeSDK(_ context.Context, from source) (tree.Files, error) {
	pkg, err := from.bind()
	if err != nil {
		return nil, err
	}
	generated, err := nodejs.GeneratePackage(tool, pkg, nil, nil, false, nil)
	if err != nil {
		return nil, err
	}
	files := tree.Files(generated)
	name, err := packageJSON(files, from)
	if err != nil {
		return nil, err
	}
	files["README.md"], err = from.readme(readme{
		Language: "TypeScript and JavaScript", Install: "npm install " + name, Fence: "typescript",
		Example: "typescript-minimal/index.ts",
	})
	return files, err
}

// packageJSON completes package.json so that the package can be built, packed and installed from its own folder. The
// compiled code reads the version from a package.json beside it, hence the copy.
func packageJSON(files tree.Files, from source) (name string, err error) {
	var manifest map[string]any
	if err := json.Unmarshal(files["package.json"], &manifest); err != nil {
		return "", err
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
		return "", err
	}
	files["package.json"] = out.Bytes()
	name, _ = manifest["name"].(string)
	return name, nil
}
