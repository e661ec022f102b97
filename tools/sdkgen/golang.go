package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	gogen "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"golang.org/x/mod/modfile"

	"github.com/pulumiverse/pulumi-alicloud-kms/tools/internal/tree"
)

// goModules are the modules that a generated Go SDK imports.
var goModules = []string{"github.com/pulumi/pulumi/sdk/v3", "github.com/blang/semver"}

func goSDK(ctx context.Context, from source) (tree.Files, error) {
	pkg, err := from.bind()
	if err != nil {
		return nil, err
	}
	generated, err := gogen.GeneratePackage(tool, pkg, nil)
	if err != nil {
		return nil, err
	}
	files := tree.Files(generated)
	info, ok := pkg.Language["go"].(gogen.GoPackageInfo)
	if !ok || info.ImportBasePath == "" {
		return nil, fmt.Errorf("the schema has no language.go.importBasePath")
	}
	if err := addGoModule(ctx, files, info.ImportBasePath, from.goMod); err != nil {
		return nil, err
	}
	files["README.md"], err = from.readme(readme{
		Language: "Go", Install: "go get " + info.ImportBasePath, Fence: "go", Example: "go-minimal/main.go",
	})
	return files, err
}

// addGoModule adds go.mod and go.sum, with the Pulumi SDK of the provider itself. The go command works out the rest, from
// the module cache if it has the modules.
func addGoModule(ctx context.Context, files tree.Files, path string, providerGoMod []byte) error {
	provider, err := modfile.Parse("go.mod", providerGoMod, nil)
	if err != nil {
		return err
	}
	module := new(modfile.File)
	if err := module.AddModuleStmt(path); err != nil {
		return err
	}
	for _, wanted := range goModules {
		for _, required := range provider.Require {
			if required.Mod.Path == wanted {
				module.AddNewRequire(wanted, required.Mod.Version, false)
			}
		}
	}
	// The oldest Go that generated code compiles with; tidy raises it to what the Pulumi SDK needs.
	if err := module.AddGoStmt("1.21"); err != nil {
		return err
	}
	content, err := module.Format()
	if err != nil {
		return err
	}

	dir, err := os.MkdirTemp("", "sdkgen")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := files.Write(dir); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), content, 0o600); err != nil {
		return err
	}
	var stderr bytes.Buffer
	tidy := exec.CommandContext(ctx, "go", "mod", "tidy")
	tidy.Dir, tidy.Stderr = dir, &stderr
	tidy.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	if err := tidy.Run(); err != nil {
		return fmt.Errorf("go mod tidy of the generated module: %w\n%s", err, &stderr)
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		if files[name], err = os.ReadFile(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}
