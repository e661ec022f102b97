package main

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/pulumiverse/pulumi-alicloud-kms/tools/internal/tree"
)

var configField = regexp.MustCompile(`\n( {16})public \S+ ([A-Z])(\w*) \{ get; set; \}`)

// configNames lets the classes of the configuration read it: the generator leaves their fields without the names in it.
func configNames(files tree.Files) error {
	const name = "Config/Config.cs"
	if !configField.Match(files[name]) {
		return fmt.Errorf("%s has no fields of the form that is expected of the generator", name)
	}
	files[name] = configField.ReplaceAllFunc(files[name], func(line []byte) []byte {
		part := configField.FindSubmatch(line)
		return fmt.Appendf(nil, "\n%s[System.Text.Json.Serialization.JsonPropertyName(%q)]%s",
			part[1], string(bytes.ToLower(part[2]))+string(part[3]), line)
	})
	return nil
}

// csproj completes the project file with what NuGet shows of a package, and with what builds of users need.
func csproj(_ context.Context, files tree.Files, from source) (readme, error) {
	err := configNames(files)
	var assembly string
	for name := range files {
		if strings.HasSuffix(name, ".csproj") {
			assembly = strings.TrimSuffix(name, ".csproj")
		}
	}
	name := assembly + ".csproj"
	replace := func(old, with string) {
		if err == nil && bytes.Count(files[name], []byte(old)) != 1 {
			err = fmt.Errorf("%s does not have %q once, as expected of the generator", name, old)
		}
		files[name] = bytes.Replace(files[name], []byte(old), []byte(with), 1)
	}
	insert := func(before, text string) { replace(before, text+before) }
	// The documentation is made for a release, too.
	replace("  <PropertyGroup Condition=\"'$(Configuration)|$(Platform)'=='Debug|AnyCPU'\">\n    <GenerateDocumentationFile>",
		"  <PropertyGroup>\n    <GenerateDocumentationFile>")
	insert("    <TargetFramework>", "    <ManagePackageVersionsCentrally>false</ManagePackageVersionsCentrally>\n")
	insert("    <PackageIcon>", "    <PackageReadmeFile>README.md</PackageReadmeFile>\n"+
		"    <PackageTags>"+strings.Join(from.spec.Keywords, ";")+"</PackageTags>\n"+
		"    <RepositoryType>git</RepositoryType>\n")
	insert("    <None Include=\"logo.png\">", "    <None Include=\"README.md\" Pack=\"true\" PackagePath=\"\" />\n"+
		"    <None Include=\"LICENSE\" Pack=\"true\" PackagePath=\"\" />\n")
	return readme{
		Language: ".NET", Install: "dotnet add package " + assembly, Fence: "csharp", Example: "csharp-minimal/Program.cs",
		Note: "`Pulumi` and `Pulumiverse.AlicloudKms` both have a class `Config`: give the package an alias, as this program does.",
	}, err
}
