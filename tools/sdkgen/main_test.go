package main

import (
	"bytes"
	"maps"
	"os"
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
	if !maps.EqualFunc(first, second, bytes.Equal) {
		t.Error("the second run made other files")
	}
}

func TestLogoIsServedWithoutANetwork(t *testing.T) {
	logo, err := os.ReadFile("../../docs/logo.png")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(generateAll(t)["dotnet/logo.png"], logo) {
		t.Error("the .NET SDK has another logo")
	}
}

// generateAll makes the SDKs from the schema in the tree.
func generateAll(t *testing.T) tree.Files {
	t.Helper()
	files, err := sdks(t.Context(), "../..", version)
	if err != nil {
		t.Fatal(err)
	}
	return files
}
