package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"github.com/pulumiverse/pulumi-alicloud-kms/tools/internal/tree"
)

// pins are the build files of programs, below the repository, that name the version of the SDK which they take. Maven finds no other
// one, and Go needs some version beside a `replace` line. The other languages name a folder. Users copy these files: a version stands there.
var pins = []struct {
	files   string
	version *regexp.Regexp // what stands before the version, and the version
}{
	{
		"examples/*/pom.xml",
		regexp.MustCompile(`(<groupId>` + mavenGroup + `</groupId>\s*<artifactId>` + mavenArtifact + `</artifactId>\s*<version>)([^<]*)`),
	},
	{
		"examples/*/go.mod",
		regexp.MustCompile(`(github\.com/pulumiverse/pulumi-alicloud-kms/sdk/go/alicloudkms v)(\S+)`),
	},
}

// programs are the files of pins as they are when they take this version of the SDK, by their paths below root.
func programs(root, version string) (tree.Files, error) {
	all := tree.Files{}
	for _, pin := range pins {
		found, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pin.files)))
		if err != nil || len(found) == 0 {
			return nil, fmt.Errorf("there is no %s: %w", pin.files, err)
		}
		for _, file := range found {
			content, err := os.ReadFile(file)
			if err != nil {
				return nil, err
			}
			if !pin.version.Match(content) {
				return nil, fmt.Errorf("%s does not name the SDK with a version", file)
			}
			name, err := filepath.Rel(root, file)
			if err != nil {
				return nil, err
			}
			all[filepath.ToSlash(name)] = pin.version.ReplaceAll(content, []byte("${1}"+version))
		}
	}
	return all, nil
}
