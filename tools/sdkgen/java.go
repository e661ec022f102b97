package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"regexp"

	"github.com/pulumi/pulumi-java/pkg/codegen/java"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"

	"github.com/pulumiverse/pulumi-alicloud-kms/tools/internal/tree"
)

const (
	mavenGroup    = "com.pulumiverse"
	mavenArtifact = "alicloudkms"
	// pulumiJava is the oldest Pulumi SDK for Java that the generated code is compiled with; programs may ask for a newer one.
	pulumiJava = "1.20.0"
)

func mavenProject(_ context.Context, files tree.Files, from source) (page readme, err error) {
	if err := javaResources(files, from); err != nil {
		return page, err
	}
	// One build, by Maven; the schema may or may not have asked for Gradle files.
	delete(files, "build.gradle")
	delete(files, "settings.gradle")
	files[".gitignore"] = []byte("target/\n")
	files["pom.xml"], err = from.render("pom.xml.tmpl", struct {
		Group, Artifact, Version, PulumiVersion string
		Source                                  any
	}{mavenGroup, mavenArtifact, from.version, pulumiJava, from.spec})
	return readme{
		Language: "Java", Fence: "java", Example: "java-minimal/src/main/java/example/App.java",
		InstallFence: "xml",
		Install: fmt.Sprintf("<dependency>\n  <groupId>%s</groupId>\n  <artifactId>%s</artifactId>\n  <version>%s</version>\n</dependency>",
			mavenGroup, mavenArtifact, from.version),
	}, err
}

// generateJava keeps to itself what the generator prints: that settings which are secrets are plain strings in Java's
// Config class. That is so for every package, and nothing can be done about it in the schema.
func generateJava(pkg *schema.Package) (map[string][]byte, error) {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = null.Close() }()
	terminal := os.Stdout
	os.Stdout = null
	defer func() { os.Stdout = terminal }()
	return java.GeneratePackage(tool, pkg, nil, nil, false, false)
}

var versionResource = regexp.MustCompile(`resourceName = "([^"]+)/version\.txt"`)

// javaResources adds the files from which the package knows its own version, and Pulumi the plugin that it needs.
func javaResources(files tree.Files, from source) error {
	utilities := fmt.Sprintf("src/main/java/com/pulumiverse/%s/Utilities.java", mavenArtifact)
	found := versionResource.FindSubmatch(files[utilities])
	if found == nil {
		return fmt.Errorf("%s does not say where it looks for version.txt, as expected of the generator", utilities)
	}
	plugin, err := json.MarshalIndent(map[string]any{
		"resource": true, "name": from.spec.Name, "version": from.version, "server": from.spec.PluginDownloadURL,
	}, "", "  ")
	if err != nil {
		return err
	}
	folder := "src/main/resources/" + string(found[1])
	files[folder+"/version.txt"] = []byte(from.version + "\n")
	files[folder+"/plugin.json"] = append(plugin, '\n')
	return nil
}
