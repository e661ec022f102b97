package main

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	dotnet "github.com/pulumi/pulumi-dotnet/pulumi-language-dotnet/v3/codegen"
	gogen "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/python"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"

	"github.com/pulumiverse/pulumi-alicloud-kms/tools/internal/tree"
)

// tool is the name of the generator in the header of the generated files.
const tool = "sdkgen"

//go:embed assets
var assets embed.FS

// source is what all SDKs are made from.
type source struct {
	spec    schema.PackageSpec
	version string
	root    string // of the repository, whose examples go into the READMEs
	license []byte
	goMod   []byte // of the provider: the Go SDK takes the version of the Pulumi SDK from it
}

// language is one SDK: the name of its folder, Pulumi's generator, and what completes the package that it makes.
type language struct {
	folder   string
	generate func(*schema.Package) (map[string][]byte, error)
	complete func(context.Context, tree.Files, source) (readme, error)
}

var languages = []language{
	{"go/alicloudkms", func(pkg *schema.Package) (map[string][]byte, error) { return gogen.GeneratePackage(tool, pkg, nil) }, goModule},
	{"nodejs", func(pkg *schema.Package) (map[string][]byte, error) {
		return nodejs.GeneratePackage(tool, pkg, nil, nil, false, nil)
	}, packageJSON},
	{"python", func(pkg *schema.Package) (map[string][]byte, error) {
		return python.GeneratePackage(tool, pkg, nil, nil)
	}, pyproject},
	{"dotnet", func(pkg *schema.Package) (map[string][]byte, error) {
		return dotnet.GeneratePackage(tool, pkg, nil, nil)
	}, csproj},
	{"java", generateJava, mavenProject},
}

// generate makes the SDKs of all languages. The paths are relative to sdk/.
func generate(ctx context.Context, from source) (tree.Files, error) {
	defer func(network http.RoundTripper) { http.DefaultTransport = network }(http.DefaultTransport)
	http.DefaultTransport = logoOnly{from.spec.LogoURL, from.root}
	all := tree.Files{}
	for _, language := range languages {
		files, err := from.sdk(ctx, language)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", language.folder, err)
		}
		all.Add(language.folder, files)
	}
	return all, nil
}

func (from source) sdk(ctx context.Context, language language) (tree.Files, error) {
	pkg, err := from.bind()
	if err != nil {
		return nil, err
	}
	files, err := language.generate(pkg)
	if err != nil {
		return nil, err
	}
	page, err := language.complete(ctx, files, from)
	if err != nil {
		return nil, err
	}
	files["LICENSE"] = from.license
	files["README.md"], err = from.readme(page)
	return files, err
}

// bind makes a package of the schema. Every language needs one of its own: the generators write into it.
func (from source) bind() (*schema.Package, error) {
	content, err := json.Marshal(from.spec)
	if err != nil {
		return nil, err
	}
	var spec schema.PackageSpec
	if err := json.Unmarshal(content, &spec); err != nil {
		return nil, err
	}
	spec.Version = from.version
	pkg, diagnostics, err := schema.BindSpec(spec, schema.NewNullLoader(), schema.ValidationOptions{})
	if err != nil {
		return nil, err
	}
	if diagnostics.HasErrors() {
		return nil, diagnostics
	}
	return pkg, nil
}

// render fills in one of the templates in assets/.
func (from source) render(name string, data any) ([]byte, error) {
	parsed, err := template.ParseFS(assets, "assets/"+name)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = parsed.Execute(&out, data)
	return out.Bytes(), err
}

// readme is the front page of a package.
type readme struct {
	Language     string // as people write it
	Install      string // what adds the package to a project: a command, or text in the language of InstallFence
	InstallFence string // "sh" if empty
	Fence        string // how Markdown names the language
	Example      string // the file with a program, below examples/
	Note         string // what to know of it, if anything
}

// readme renders the front page. The program in it is one that the tests run.
func (from source) readme(page readme) ([]byte, error) {
	program, err := os.ReadFile(filepath.Join(from.root, "examples", filepath.FromSlash(page.Example)))
	if err != nil {
		return nil, err
	}
	return from.render("README.md.tmpl", struct {
		readme
		Program, Version string
		Spec             schema.PackageSpec
	}{page, strings.TrimSpace(string(program)), from.version, from.spec})
}
