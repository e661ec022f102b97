//go:build sdks

package sdks

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

// enumPrograms are programs around the lines that the docs show of how a text of the configuration becomes an enum.
var enumPrograms = map[string]string{
	"TypeScript": `import * as pulumi from "@pulumi/pulumi";
import * as kms from "@pulumiverse/alicloud-kms";

const config = new pulumi.Config();
new kms.KmsInstance("kms", { vpcId: "vpc-1", vswitchIds: ["vsw-1"], zoneIds: ["cn-hangzhou-k"], LINE });
`,
	"Python": `import pulumi
import pulumiverse_alicloud_kms as kms

config = pulumi.Config()
kms.KmsInstance("kms", vpc_id="vpc-1", vswitch_ids=["vsw-1"], zone_ids=["cn-hangzhou-k"], LINE)
`,
	"Go": `package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"

	kms "github.com/pulumiverse/pulumi-alicloud-kms/sdk/go/alicloudkms"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		cfg := config.New(ctx, "")
		_, err := kms.NewKmsInstance(ctx, "kms", &kms.KmsInstanceArgs{VpcId: pulumi.String("vpc-1"), LINE})
		return err
	})
}
`,
	"Java": `package example;

import com.pulumi.Pulumi;
import com.pulumiverse.alicloudkms.*;
import com.pulumiverse.alicloudkms.enums.PaymentType;

class App {
    public static void main(String[] args) {
        Pulumi.run(ctx -> {
            var config = ctx.config();
            new KmsInstance("kms", KmsInstanceArgs.builder().vpcId("vpc-1").vswitchIds("vsw-1").zoneIds("cn-hangzhou-k")LINE.build());
        });
    }
}
`,
	"C#": `using Pulumi;
using Kms = Pulumiverse.AlicloudKms;

return await Deployment.RunAsync(() =>
{
    var config = new Config();
    var kms = new Kms.KmsInstance("kms", new() { VpcId = "vpc-1", VswitchIds = { "vsw-1" }, ZoneIds = { "cn-hangzhou-k" }, LINE });
});
`,
	"YAML": `name: enum
runtime: yaml
config:
  alicloud-kms:region: cn-hangzhou
  paymentType:
    type: string
    default: PayAsYouGo
resources:
  kms:
    type: alicloud-kms:KmsInstance
    properties:
      vpcId: vpc-1
      vswitchIds: [vsw-1]
      zoneIds: [cn-hangzhou-k, cn-hangzhou-j]
      productVersion: "3"
      LINE
`,
}

// TestEnumFromConfiguration compiles the lines of the page, and runs that of YAML.
func TestEnumFromConfiguration(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob(root(t, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	section := ""
	for _, page := range pages {
		_, found, _ := strings.Cut(read(t, page), "\n## A value of the configuration as an enum\n")
		section += found
	}
	section, _, _ = strings.Cut(section, "\n## ")
	lines := regexp.MustCompile("(?m)^\\| (\\S+) \\| `(.*)` \\|$").FindAllStringSubmatch(section, -1)
	if len(lines) != len(enumPrograms) {
		t.Errorf("the page has %d lines, this test knows %d languages", len(lines), len(enumPrograms))
	}
	for _, line := range lines {
		language, program := line[1], strings.Replace(enumPrograms[line[1]], "LINE", line[2], 1)
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			if language == "YAML" {
				e2e.NewProject(t, e2e.NewCloud(t, e2e.Quick()), program).Pulumi("preview").Succeeds().Shows("2 to create")
				return
			}
			l := inLanguage(t, strings.ToLower(strings.Replace(language, "#", "Sharp", 1)))
			l.compile(t, fork(t, base(t, l), map[string]string{l.file: program}))
		})
	}
}
