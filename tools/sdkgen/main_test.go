package main

import (
	"bytes"
	"context"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/tools/internal/tree"
)

const (
	version   = "1.2.3"
	pluginURL = "github://api.github.com/pulumiverse/pulumi-alicloud-kms"
)

// TestPackages: each SDK has its name, a README of its own, and the license. The package for .NET documents its members, takes the oldest
// Pulumi that it compiles against, and builds where versions are kept centrally. The classes of its configuration expect the names that a
// stack's configuration has. Its logo is served without a network.
func TestPackages(t *testing.T) {
	sdks := generateAll(t)
	wants := map[string][]string{
		"go/alicloudkms/go.mod":                       {"module github.com/pulumiverse/pulumi-alicloud-kms/sdk/go/alicloudkms\n"},
		"go/alicloudkms/kmsInstance.go":               {"package alicloudkms\n"},
		"nodejs/package.json":                         {`"name": "@pulumiverse/alicloud-kms"`},
		"python/pyproject.toml":                       {`name = "pulumiverse_alicloud_kms"`},
		"python/pulumiverse_alicloud_kms/__init__.py": {"from .kms_instance import *"},
		"dotnet/KmsInstance.cs":                       {"namespace Pulumiverse.AlicloudKms\n"},
		"java/pom.xml":                                {"<groupId>com.pulumiverse</groupId>\n  <artifactId>alicloudkms</artifactId>"},
		"java/src/main/java/com/pulumiverse/alicloudkms/KmsInstance.java": {"package com.pulumiverse.alicloudkms;"},
		"dotnet/Pulumiverse.AlicloudKms.csproj": {
			"<PackageReadmeFile>README.md</PackageReadmeFile>",
			"  <PropertyGroup>\n    <GenerateDocumentationFile>true</GenerateDocumentationFile>",
			"<ManagePackageVersionsCentrally>false</ManagePackageVersionsCentrally>",
			`<PackageReference Include="Pulumi" Version="[3.71.0,4.0.0)" />`,
		},
		"dotnet/Config/Config.cs": {
			`[System.Text.Json.Serialization.JsonPropertyName("kms")]` + "\n                public string? Kms { get; set; }",
			`[System.Text.Json.Serialization.JsonPropertyName("sessionExpiration")]` + "\n                public int? SessionExpiration { get; set; }",
		},
		"dotnet/README.md": {"both have a class `Config`"},
	}
	for _, language := range languages {
		wants[language.folder+"/LICENSE"] = []string{"Apache License"}
		wants[language.folder+"/README.md"] = append(wants[language.folder+"/README.md"], version)
	}
	logo, err := os.ReadFile("../../docs/logo.png")
	if err != nil {
		t.Fatal(err)
	}
	wants["dotnet/logo.png"] = []string{string(logo)}
	for file, texts := range wants {
		for _, want := range texts {
			if !strings.Contains(string(sdks[file]), want) {
				t.Errorf("%s does not contain %q", file, want)
			}
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

// generated are the SDKs from the schema in the tree.
var generated = sync.OnceValues(func() (tree.Files, error) { return sdks(context.Background(), "../..", version) })

func generateAll(t *testing.T) tree.Files {
	t.Helper()
	files, err := generated()
	if err != nil {
		t.Fatal(err)
	}
	return files
}
