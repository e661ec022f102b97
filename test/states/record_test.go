package states

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

var record = flag.Bool("record", false, "write the samples of the version in the Makefile")

const header = `name: sample
runtime: yaml
config:
  alicloud-kms:region: cn-hangzhou
`

const network = `      zoneIds: [cn-hangzhou-k, cn-hangzhou-j]
      vpcId: vpc-main
      vswitchIds: [vsw-main]
`

const full = header + `resources:
  keys:
    type: alicloud-kms:KmsInstance
    properties:
` + network + `      paymentType: Subscription
      productVersion: "3"
      spec: 1000
      keyNum: 1000
      secretNum: 0
      vpcNum: 3
      log: "1"
      logStorage: 1000
      period: 12
      renewStatus: AutoRenewal
      renewPeriod: 1
      renewalPeriodUnit: Y
      instanceName: sample
      deletionProtection: false
      bindVpcs:
        - vpcId: vpc-other
          vswitchId: vsw-other
          regionId: cn-hangzhou
          vpcOwnerId: "1234567890123456"
      tags:
        team: security
`

const small = header + `resources:
  keys:
    type: alicloud-kms:KmsInstance
    properties:
` + network + `      spec: 1000
      keyNum: 1000
      secretNum: 0
      vpcNum: 1
`

const payAsYouGo = header + `resources:
  keys:
    type: alicloud-kms:KmsInstance
    properties:
` + network + `      paymentType: PayAsYouGo
      productVersion: "3"
      forceDeleteWithoutBackup: true
`

// scenarios lead to the stacks that are recorded.
var scenarios = map[string]func(t *testing.T) (*e2e.Cloud, *e2e.Project){
	"subscription": func(t *testing.T) (*e2e.Cloud, *e2e.Project) {
		t.Helper()
		cloud, p := begin(t, e2e.Quick(), full)
		p.Up().Succeeds()
		return cloud, p
	},
	"pay-as-you-go": func(t *testing.T) (*e2e.Cloud, *e2e.Project) {
		t.Helper()
		cloud, p := begin(t, e2e.Quick(), payAsYouGo)
		p.Up().Succeeds()
		return cloud, p
	},
	// Bought, but connecting failed.
	"half-created": func(t *testing.T) (*e2e.Cloud, *e2e.Project) {
		t.Helper()
		cloud, p := begin(t, e2e.Quick(), strings.Replace(small, "vsw-main", "vsw-missing-1", 1))
		p.Up().Fails()
		p.Edit("vsw-missing-1", "vsw-main")
		return cloud, p
	},
	// New sizes are ordered and paid, but do not show yet.
	"ordered-sizes": func(t *testing.T) (*e2e.Cloud, *e2e.Project) {
		t.Helper()
		options := e2e.Quick()
		options.Upgrade = time.Hour
		cloud, p := begin(t, options, small)
		p.Up().Succeeds()
		p.Edit("keyNum: 1000", "keyNum: 2000")
		up := p.Start("up", "--yes", "--skip-preview")
		e2e.Eventually(t, "the sizes are ordered", func() bool { return cloud.LooksSince("ModifyInstance") > 1 })
		up.Interrupt()
		up.Wait().Fails()
		return cloud, p
	},
	"imported": func(t *testing.T) (*e2e.Cloud, *e2e.Project) {
		t.Helper()
		cloud, p := begin(t, e2e.Quick(), header)
		id := cloud.Put(emulator.Instance{
			Name: "console", DeletionProtection: true, Tags: map[string]string{"team": "security", "acs:rm:rgId": "rg-1"},
			BindVpcs: []emulator.BindVpc{{VpcID: "vpc-other", VSwitchID: "vsw-other", RegionID: "cn-hangzhou", VpcOwnerID: "9876543210987654"}},
			Sizes:    emulator.Sizes{ProductVersion: "3", Spec: 1000, KeyNum: 1000, VpcNum: 3},
		}).ID
		p.Pulumi("import", e2e.InstanceType, "keys", id, "--yes", "--skip-preview", "--protect=false", "--out", "generated.yaml").Succeeds()
		p.Write(header + p.Read("generated.yaml"))
		return cloud, p
	},
}

func begin(t *testing.T, options emulator.Options, program string) (*e2e.Cloud, *e2e.Project) {
	t.Helper()
	cloud := e2e.NewCloud(t, options)
	return cloud, e2e.NewProject(t, cloud, program)
}

// TestSamplesAreWhatThisVersionRecords takes stacks to where the samples were taken. What the provider records has the form of
// the samples of its version: a new property or another type shows here, and its sample is what later versions must read.
func TestSamplesAreWhatThisVersionRecords(t *testing.T) {
	t.Parallel()
	for _, kind := range slices.Sorted(maps.Keys(scenarios)) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			cloud, p := scenarios[kind](t)
			dir := filepath.Join("testdata", "v"+e2e.Version(t), kind)
			if *record {
				write(t, dir, cloud, p)
			}
			want, got := form(load(t, dir).recorded), form(instanceIn(t, []byte(p.Checkpoint())))
			for _, path := range slices.Sorted(maps.Keys(want)) {
				if got[path] != want[path] {
					t.Errorf("%s of the sample is %s, what is recorded now is %q: if that is meant, and this version is not released yet, "+
						"run `make state-samples`; otherwise see CONTRIBUTING.md", path, want[path], got[path])
				}
			}
			for _, path := range slices.Sorted(maps.Keys(got)) {
				if _, known := want[path]; !known {
					t.Errorf("%s (%s) is recorded now, and the sample does not have it: run `make state-samples` if this version is not "+
						"released yet, or raise the version in the Makefile", path, got[path])
				}
			}
		})
	}
}

// form lists the paths of all inputs and outputs with the types of their values.
func form(r e2e.Resource) map[string]string {
	paths := map[string]string{}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for key, item := range v {
				walk(path+"."+key, item)
			}
		case []any:
			for _, item := range v {
				walk(path+"[]", item)
			}
		default:
			paths[path] = fmt.Sprintf("%T", v)
		}
	}
	walk("inputs", r.Inputs)
	walk("outputs", r.Outputs)
	return paths
}

func write(t *testing.T, dir string, cloud *e2e.Cloud, p *e2e.Project) {
	t.Helper()
	// The program without the place of the plugin, which Project.Write adds again.
	program, _, _ := strings.Cut(p.Read(programFile), "\nplugins:\n")
	instances, err := json.MarshalIndent(cloud.Instances(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		programFile: program, exportFile: withoutPlaces(t, p.Checkpoint()), cloudFile: string(instances) + "\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// withoutPlaces drops where in the language host's source a resource was registered, which no provider sees.
func withoutPlaces(t *testing.T, export string) string {
	t.Helper()
	var stack any
	if err := json.Unmarshal([]byte(export), &stack); err != nil {
		t.Fatal(err)
	}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			delete(v, "sourcePosition")
			delete(v, "stackTrace")
			for _, item := range v {
				walk(item)
			}
		case []any:
			for _, item := range v {
				walk(item)
			}
		}
	}
	walk(stack)
	text, err := json.MarshalIndent(stack, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text) + "\n"
}
