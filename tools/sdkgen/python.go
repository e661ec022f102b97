package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/BurntSushi/toml"
	"github.com/pulumi/pulumi/pkg/v3/codegen/python"

	"github.com/pulumiverse/pulumi-alicloud-kms/tools/internal/tree"
)

func pythonSDK(_ context.Context, from source) (tree.Files, error) {
	pkg, err := from.bind()
	if err != nil {
		return nil, err
	}
	generated, err := python.GeneratePackage(tool, pkg, nil, nil)
	if err != nil {
		return nil, err
	}
	files := tree.Files(generated)
	name, err := pyproject(files, from)
	if err != nil {
		return nil, err
	}
	files["README.md"], err = from.readme(readme{
		Language: "Python", Install: "pip install " + name, Fence: "python", Example: "python-minimal/__main__.py",
	})
	if err != nil {
		return nil, err
	}
	files[name+"/README.md"] = files["README.md"]
	return files, nil
}

// pyproject completes pyproject.toml with what an index shows of a package, and names the Python packages in it, so that
// stray folders are never taken for some.
func pyproject(files tree.Files, from source) (name string, err error) {
	var project struct {
		Project struct {
			Name           string   `toml:"name"`
			Dependencies   []string `toml:"dependencies"`
			RequiresPython string   `toml:"requires-python"`
			Version        string   `toml:"version"`
		} `toml:"project"`
	}
	if err := toml.Unmarshal(files["pyproject.toml"], &project); err != nil {
		return "", err
	}
	if project.Project.Name == "" {
		return "", fmt.Errorf("the generator made no pyproject.toml; does the schema set language.python.pyproject.enabled?")
	}
	slices.Sort(project.Project.Dependencies)
	files["pyproject.toml"], err = from.render("pyproject.toml.tmpl", struct {
		Project any
		Source  any
	}{project.Project, from.spec})
	return project.Project.Name, err
}
