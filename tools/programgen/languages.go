package main

import (
	"bytes"
	"fmt"

	"github.com/hashicorp/hcl/v2"
	dotnet "github.com/pulumi/pulumi-dotnet/pulumi-language-dotnet/v3/codegen"
	gogen "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/pcl"
	"github.com/pulumi/pulumi/pkg/v3/codegen/python"

	"github.com/pulumiverse/pulumi-alicloud-kms/tools/internal/tree"
)

// language is a language with its generator.
type language struct {
	name     string
	generate func(*pcl.Program) (map[string][]byte, hcl.Diagnostics, error)
	slip     slip
}

// slip is a mistake of a generator in programs that call functions, which no schema prevents. docs/installation-configuration.md tells users of it.
type slip struct{ wrong, right string }

// languages are all but Java, whose generator knows neither enums nor that functions return outputs.
var languages = []language{
	{"typescript", nodejs.GenerateProgram, slip{}},
	// It knows another package name for functions than for resources.
	{"python", python.GenerateProgram, slip{"import pulumi_alicloud_kms as alicloud_kms\n", ""}},
	// Beside the resource KmsInstance, the SDK calls the function getKmsInstance LookupKmsInstance.
	{"go", gogen.GenerateProgram, slip{"alicloudkms.GetKmsInstance(ctx, &alicloudkms.GetKmsInstanceArgs{", "alicloudkms.LookupKmsInstance(ctx, &alicloudkms.LookupKmsInstanceArgs{"}},
	{"csharp", dotnet.GenerateProgram, slip{}},
}

// program are the files of a program, as the generator writes them.
func (l language) program(bound *pcl.Program) (tree.Files, error) {
	files, diagnostics, err := l.generate(bound)
	if err != nil {
		return nil, err
	}
	if len(diagnostics) > 0 {
		return nil, diagnostics
	}
	return files, nil
}

// corrected are the files without the slip.
func (l language) corrected(files tree.Files) (tree.Files, error) {
	if l.slip == (slip{}) {
		return files, nil
	}
	found := false
	for name, text := range files {
		found = found || bytes.Contains(text, []byte(l.slip.wrong))
		files[name] = bytes.ReplaceAll(text, []byte(l.slip.wrong), []byte(l.slip.right))
	}
	if !found {
		return nil, fmt.Errorf("the generator no longer writes %q: take that out here and in docs/installation-configuration.md", l.slip.wrong)
	}
	return files, nil
}
