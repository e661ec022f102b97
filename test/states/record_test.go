package states

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
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

const network = header + `resources:
  keys:
    type: alicloud-kms:KmsInstance
    properties:
      zoneIds: [cn-hangzhou-k, cn-hangzhou-j]
      vpcId: vpc-main
      vswitchIds: [vsw-main]
`

const small = network + `      spec: 1000
      keyNum: 1000
      secretNum: 0
      vpcNum: 3
`

const full = small + `      paymentType: Subscription
      productVersion: "3"
      log: "1"
      logStorage: 1000
      period: 12
      renewStatus: AutoRenewal
      renewPeriod: 1
      renewalPeriodUnit: Y
      instanceName: sample
      deletionProtection: false
      bindVpcs: [{vpcId: vpc-other, vswitchId: vsw-other, regionId: cn-hangzhou, vpcOwnerId: "1234567890123456"}]
      tags: {team: security}
`

const payAsYouGo = network + `      paymentType: PayAsYouGo
      productVersion: "3"
      forceDeleteWithoutBackup: true
`

// scenarios lead to the stacks that are recorded.
var scenarios = map[string]func(t *testing.T) (*e2e.Cloud, *e2e.Project){
	"subscription": func(t *testing.T) (*e2e.Cloud, *e2e.Project) {
		return bought(t, e2e.Quick(), full)
	},
	"pay-as-you-go": func(t *testing.T) (*e2e.Cloud, *e2e.Project) {
		return bought(t, e2e.Quick(), payAsYouGo)
	},
	// Bought, but connecting failed.
	"half-created": func(t *testing.T) (*e2e.Cloud, *e2e.Project) {
		cloud, p := begin(t, e2e.Quick(), strings.Replace(small, "vsw-main", "vsw-missing-1", 1))
		p.Up().Fails()
		p.Edit("vsw-missing-1", "vsw-main")
		return cloud, p
	},
	// New sizes are ordered and paid, but do not show yet.
	"ordered-sizes": func(t *testing.T) (*e2e.Cloud, *e2e.Project) {
		options := e2e.Quick()
		options.Upgrade = time.Hour
		cloud, p := bought(t, options, small)
		p.Edit("keyNum: 1000", "keyNum: 2000")
		up := p.Start("up", "--yes", "--skip-preview")
		e2e.Eventually(t, "the sizes are ordered", func() bool { return cloud.LooksSince("ModifyInstance") > 1 })
		up.Interrupt()
		up.Wait().Fails()
		return cloud, p
	},
	"imported": func(t *testing.T) (*e2e.Cloud, *e2e.Project) {
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

// bought is a cloud with what a program has bought.
func bought(t *testing.T, options emulator.Options, program string) (*e2e.Cloud, *e2e.Project) {
	t.Helper()
	cloud, p := begin(t, options, program)
	p.Up().Succeeds()
	return cloud, p
}

// What this version records has the form of its samples, so that later versions are tested with what is really recorded.
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
			want, got := form(load(t, dir).recorded), form(p.Instance())
			both := maps.Clone(want)
			maps.Copy(both, got)
			for _, path := range slices.Sorted(maps.Keys(both)) {
				if got[path] != want[path] {
					t.Errorf("%s of the sample is %q, what is recorded now is %q: run `make state-samples` if this version is not released yet, "+
						"or raise the version in the Makefile", path, want[path], got[path])
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
		programFile: program, exportFile: places.ReplaceAllString(p.Checkpoint(), ""), cloudFile: string(instances) + "\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// places are where in the language host's source a resource was registered, which no provider sees.
var places = regexp.MustCompile(`(?s),\s*"(sourcePosition|stackTrace)": ("[^"]*"|\[.*?\])`)
