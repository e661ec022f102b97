package main

import (
	"bytes"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/tools/internal/tree"
)

const (
	version   = "1.2.3"
	pluginURL = "github://api.github.com/pulumiverse/pulumi-alicloud-kms"
)

func TestEachSDKHasItsName(t *testing.T) {
	sdks := generateAll(t)
	for file, want := range map[string]string{
		"go/alicloudkms/go.mod":                       "module github.com/pulumiverse/pulumi-alicloud-kms/sdk/go/alicloudkms\n",
		"go/alicloudkms/kmsInstance.go":               "package alicloudkms\n",
		"nodejs/package.json":                         `"name": "@pulumiverse/alicloud-kms"`,
		"python/pyproject.toml":                       `name = "pulumiverse_alicloud_kms"`,
		"python/pulumiverse_alicloud_kms/__init__.py": "from .kms_instance import *",
		"dotnet/Pulumiverse.AlicloudKms.csproj":       "<PackageReadmeFile>README.md</PackageReadmeFile>",
		"dotnet/KmsInstance.cs":                       "namespace Pulumiverse.AlicloudKms\n",
		"java/pom.xml":                                "<groupId>com.pulumiverse</groupId>\n  <artifactId>alicloudkms</artifactId>",
		"java/src/main/java/com/pulumiverse/alicloudkms/KmsInstance.java": "package com.pulumiverse.alicloudkms;",
	} {
		if !strings.Contains(string(sdks[file]), want) {
			t.Errorf("%s does not contain %q", file, want)
		}
	}
}

// Programs find the plugin by the version and the download URL that the SDK hands to the engine and in its metadata.
// Promise (Packages): Each SDK asks for its version of the plugin.
func TestEachSDKAsksForItsPlugin(t *testing.T) {
	sdks := generateAll(t)
	for _, file := range []string{
		"go/alicloudkms/pulumi-plugin.json",
		"go/alicloudkms/internal/pulumiUtilities.go",
		"nodejs/package.json",
		"python/pulumiverse_alicloud_kms/pulumi-plugin.json",
		"dotnet/pulumi-plugin.json",
		"java/src/main/resources/com/pulumiverse/alicloud-kms/plugin.json",
	} {
		if !bytes.Contains(sdks[file], []byte(version)) {
			t.Errorf("%s does not contain the version", file)
		}
		if !bytes.Contains(sdks[file], []byte(pluginURL)) {
			t.Errorf("%s does not contain the plugin's URL", file)
		}
	}
	for _, file := range []string{
		"nodejs/utilities.ts",
		"python/pulumiverse_alicloud_kms/_utilities.py",
		"dotnet/KmsInstance.cs",
		"java/src/main/java/com/pulumiverse/alicloudkms/KmsInstance.java",
	} {
		if !bytes.Contains(sdks[file], []byte(pluginURL)) {
			t.Errorf("%s does not contain the plugin's URL", file)
		}
	}
	for _, file := range []string{
		"dotnet/version.txt", "java/src/main/resources/com/pulumiverse/alicloud-kms/version.txt",
	} {
		if got := strings.TrimSpace(string(sdks[file])); got != version {
			t.Errorf("%s is %q", file, got)
		}
	}
}

// TestDotnetProject: the package documents its members, takes the oldest Pulumi that it compiles against, and builds where versions are
// kept centrally. The classes of the configuration expect the names that a stack's configuration has.
func TestDotnetProject(t *testing.T) {
	sdks := generateAll(t)
	for file, wants := range map[string][]string{
		"dotnet/Pulumiverse.AlicloudKms.csproj": {
			"  <PropertyGroup>\n    <GenerateDocumentationFile>true</GenerateDocumentationFile>",
			"<ManagePackageVersionsCentrally>false</ManagePackageVersionsCentrally>",
			`<PackageReference Include="Pulumi" Version="[3.71.0,4.0.0)" />`,
		},
		"dotnet/Config/Config.cs": {
			`[System.Text.Json.Serialization.JsonPropertyName("kms")]` + "\n                public string? Kms { get; set; }",
			`[System.Text.Json.Serialization.JsonPropertyName("sessionExpiration")]` + "\n                public int? SessionExpiration { get; set; }",
		},
		"dotnet/README.md": {"both have a class `Config`"},
	} {
		for _, want := range wants {
			if !strings.Contains(string(sdks[file]), want) {
				t.Errorf("%s does not contain %q", file, want)
			}
		}
	}
}

func TestEachSDKHasReadmeAndLicense(t *testing.T) {
	sdks := generateAll(t)
	for _, language := range languages {
		if !bytes.Contains(sdks[language.folder+"/LICENSE"], []byte("Apache License")) {
			t.Errorf("%s has no license", language.folder)
		}
		if readme := string(sdks[language.folder+"/README.md"]); !strings.Contains(readme, version) {
			t.Errorf("%s has no README of its own:\n%s", language.folder, readme)
		}
	}
}

func TestGenerationIsDeterministic(t *testing.T) {
	first, second := generateAll(t), generateAll(t)
	if !slices.Equal(slices.Sorted(maps.Keys(first)), slices.Sorted(maps.Keys(second))) {
		t.Fatal("the second run made other files")
	}
	for name := range first {
		if !bytes.Equal(first[name], second[name]) {
			t.Errorf("the second run made another %s", name)
		}
	}
}

func TestLogoIsServedWithoutANetwork(t *testing.T) {
	sdks := generateAll(t)
	logo, err := os.ReadFile("../../docs/logo.png")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(sdks["dotnet/logo.png"], logo) {
		t.Error("the .NET SDK has another logo")
	}
	spec, err := readSchema("../../schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(spec.LogoURL, "/pulumi-alicloud-kms/main/docs/logo.png") {
		t.Errorf("the schema has the logo %q, which is not the file in the tree", spec.LogoURL)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://example.com/logo.png", nil)
	if err != nil {
		t.Fatal(err)
	}
	if response, err := (logoOnly{spec.LogoURL, "../.."}).RoundTrip(request); err == nil {
		_ = response.Body.Close()
		t.Error("another address was answered")
	}
}

// generateAll makes the SDKs from the schema in the tree.
func generateAll(t *testing.T) tree.Files {
	t.Helper()
	spec, err := readSchema("../../schema.json")
	if err != nil {
		t.Fatal(err)
	}
	license, err := os.ReadFile("../../LICENSE")
	if err != nil {
		t.Fatal(err)
	}
	modules, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	files, err := generate(t.Context(), source{spec: spec, version: version, root: "../..", license: license, goMod: modules})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
