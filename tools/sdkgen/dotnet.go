package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	dotnet "github.com/pulumi/pulumi-dotnet/pulumi-language-dotnet/v3/codegen"

	"github.com/pulumiverse/pulumi-alicloud-kms/tools/internal/tree"
)

func dotnetSDK(_ context.Context, from source) (tree.Files, error) {
	pkg, err := from.bind()
	if err != nil {
		return nil, err
	}
	generated, err := dotnet.GeneratePackage(tool, pkg, nil, nil)
	if err != nil {
		return nil, err
	}
	files := tree.Files(generated)
	assembly, err := csproj(files, from)
	if err != nil {
		return nil, err
	}
	files["README.md"], err = from.readme(readme{
		Language: ".NET", Install: "dotnet add package " + assembly, Fence: "csharp", Example: "csharp-payasyougo/Program.cs",
	})
	return files, err
}

// csproj completes the project file with what NuGet shows of a package.
func csproj(files tree.Files, from source) (assembly string, err error) {
	for name := range files {
		if strings.HasSuffix(name, ".csproj") {
			assembly = strings.TrimSuffix(name, ".csproj")
		}
	}
	name := assembly + ".csproj"
	insert := func(before, text string) {
		if err == nil && bytes.Count(files[name], []byte(before)) != 1 {
			err = fmt.Errorf("%s does not have %q once, as expected of the generator", name, before)
		}
		files[name] = bytes.Replace(files[name], []byte(before), []byte(text+before), 1)
	}
	insert("    <PackageIcon>", "    <PackageReadmeFile>README.md</PackageReadmeFile>\n"+
		"    <PackageTags>"+strings.Join(from.spec.Keywords, ";")+"</PackageTags>\n"+
		"    <RepositoryType>git</RepositoryType>\n")
	insert("    <None Include=\"logo.png\">", "    <None Include=\"README.md\" Pack=\"true\" PackagePath=\"\" />\n"+
		"    <None Include=\"LICENSE\" Pack=\"true\" PackagePath=\"\" />\n")
	return assembly, err
}
