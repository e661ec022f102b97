package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/BurntSushi/toml"

	"github.com/pulumiverse/pulumi-alicloud-kms/tools/internal/tree"
)

// pyproject completes pyproject.toml with what an index shows of a package, and names the Python packages in it, so that
// stray folders are never taken for some.
func pyproject(_ context.Context, files tree.Files, from source) (readme, error) {
	var project struct {
		Project struct {
			Name           string   `toml:"name"`
			Dependencies   []string `toml:"dependencies"`
			RequiresPython string   `toml:"requires-python"`
			Version        string   `toml:"version"`
		} `toml:"project"`
	}
	if err := toml.Unmarshal(files["pyproject.toml"], &project); err != nil {
		return readme{}, err
	}
	if project.Project.Name == "" {
		return readme{}, fmt.Errorf("the generator made no pyproject.toml; does the schema set language.python.pyproject.enabled?")
	}
	slices.Sort(project.Project.Dependencies)
	var err error
	if files["pyproject.toml"], err = from.render("pyproject.toml.tmpl", struct {
		Project any
		Source  any
	}{project.Project, from.spec}); err != nil {
		return readme{}, err
	}
	page := readme{
		Language: "Python", Install: "pip install " + project.Project.Name, Fence: "python", Example: "python-minimal/__main__.py",
	}
	files[project.Project.Name+"/README.md"], err = from.readme(page)
	return page, err
}
