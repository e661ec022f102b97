//go:build sdks

package sdks

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

// TestGetAndComponent looks an instance up with KmsInstance.get in every language, which neither changes nor removes it. In
// TypeScript and Python, a component resource has an instance beside it.
func TestGetAndComponent(t *testing.T) {
	t.Parallel()
	for _, l := range languages {
		t.Run(l.runtime, func(t *testing.T) {
			t.Parallel()
			component := l.runtime == "nodejs" || l.runtime == "python"
			files := map[string]string{"Pulumi.yaml": l.project("get", "  id:\n    type: string\n    default: none\n")}
			files[l.file] = read(t, root(t, "test", "sdks", "testdata", "get", filepath.Base(l.file)))
			folder := fork(t, base(t, l), files)
			l.compile(t, folder)
			if l.runtime == "dotnet" && !l.hosted() {
				return
			}
			cloud := e2e.NewCloud(t, e2e.Quick())
			const id = "kst-hzz0000000000000example"
			cloud.Put(emulator.Instance{ID: id, Name: "existing", VpcID: "vpc-1", VSwitchIDs: []string{"vsw-1"}, ZoneIDs: []string{"cn-hangzhou-k"}})
			p := l.start(t, cloud, folder)
			p.Pulumi("config", "set", "id", id).Succeeds()

			noWarning(t, p.run("up").Succeeds())
			outputs := p.Outputs()
			if outputs["name"] != "existing" {
				t.Errorf("the outputs are %v", outputs)
			}
			if component {
				if !strings.Contains(p.Checkpoint(), "::example:index:Keys$alicloud-kms:index:KmsInstance::keys") {
					t.Errorf("the instance has no component for a parent:\n%s", p.Checkpoint())
				}
				if endpoint, _ := outputs["endpoint"].(string); !strings.HasSuffix(endpoint, ".cryptoservice.kms.aliyuncs.com") {
					t.Errorf("the outputs are %v", outputs)
				}
			}
			p.run("preview").Succeeds()
			p.run("refresh").Succeeds()
			p.run("destroy").Succeeds()
			for _, instance := range cloud.Instances() {
				if instance.Gone == (instance.ID == id) {
					t.Errorf("after destroy, gone is %t for %s", instance.Gone, instance.ID)
				}
			}
		})
	}
}
