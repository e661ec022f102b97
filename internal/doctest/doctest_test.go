package doctest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/emulator"
)

const root = "../.."

// page is a page with commands.
type page struct {
	// before leads to where the page begins: commands that its reader has run long ago.
	before string
	// bill is what the page says that it buys and gives back.
	bill emulator.Totals
}

// pages are all pages whose commands are run, by their path.
var pages = map[string]page{
	"README.md":                          {bill: emulator.Totals{Orders: 1}},
	"docs/installation-configuration.md": {},
	"docs/howto-import.md":               {},
	"docs/howto-migrate.md":              {before: bridgedStack},
	"docs/howto-use.md":                  {bill: emulator.Totals{Orders: 1, Releases: 1}},
	"docs/howto-lifecycle.md":            {bill: emulator.Totals{Orders: 1, Modifications: 1, Refunds: 1}},
	"docs/howto-ci.md":                   {bill: emulator.Totals{Orders: 1, Releases: 1}},
}

// elsewhere are the pages with commands that this test does not run, and why.
var elsewhere = map[string]string{
	"docs/emulator.md":  "the emulator's own test runs it",
	"docs/reference.md": "shows how to import, which the how-to does with an id",
}

// bridgedStack makes a stack that has the instance as a resource of the bridged provider, written as that provider does.
const bridgedStack = `printf 'name: moved-keys\nruntime: yaml\n' > Pulumi.yaml
pulumi stack init dev
cat > bridged.json <<END
{"version": 3, "deployment": {"manifest": {"time": "2026-01-01T00:00:00Z", "magic": "", "version": ""}, "resources": [
  {"urn": "urn:pulumi:dev::moved-keys::pulumi:pulumi:Stack::moved-keys-dev", "custom": false, "type": "pulumi:pulumi:Stack"},
  {"urn": "urn:pulumi:dev::moved-keys::pulumi:providers:alicloud::default_3_80_0", "custom": true,
   "id": "0f4f9d2c-5a0c-4a3e-9d7e-2b1f6a7c8d90", "type": "pulumi:providers:alicloud",
   "inputs": {"region": "cn-hangzhou", "version": "3.80.0"}, "outputs": {"region": "cn-hangzhou", "version": "3.80.0"}},
  {"urn": "urn:pulumi:dev::moved-keys::alicloud:kms/instance:Instance::default", "custom": true, "id": "$ID",
   "type": "alicloud:kms/instance:Instance", "protect": true, "parent": "urn:pulumi:dev::moved-keys::pulumi:pulumi:Stack::moved-keys-dev",
   "provider": "urn:pulumi:dev::moved-keys::pulumi:providers:alicloud::default_3_80_0::0f4f9d2c-5a0c-4a3e-9d7e-2b1f6a7c8d90",
   "inputs": {"vpcId": "vpc-old", "vswitchIds": ["vsw-old"], "zoneIds": ["cn-hangzhou-k", "cn-hangzhou-j"], "productVersion": "3",
    "spec": 1000, "keyNum": 1000, "secretNum": 10, "vpcNum": 3}, "outputs": {"id": "$ID", "status": "Connected", "vpcId": "vpc-old"}}
]}}
END
pulumi stack import --file bridged.json
`

// TestPages runs every page from top to bottom, each in a folder of its own with an emulator of its own. Its totals say that
// nothing was bought or destroyed but what the page says.
func TestPages(t *testing.T) {
	t.Parallel()
	for name, p := range pages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := start(t)
			id := existing(t, cloud)
			run(t, name, p.before, environment(t, cloud, id))
			got, want := cloud.Totals(), p.bill
			if got.Orders != want.Orders || got.Modifications != want.Modifications ||
				got.Refunds != want.Refunds || got.Releases != want.Releases {
				t.Errorf("%s placed %d orders, %d modifications, %d refunds and %d releases, want %+v",
					name, got.Orders, got.Modifications, got.Refunds, got.Releases, want)
			}
			if _, still := cloud.Instance(id); !still {
				t.Errorf("%s destroyed the instance that was there before", name)
			}
		})
	}
}

// TestEveryPageIsRun: no page has commands that nobody runs.
func TestEveryPageIsRun(t *testing.T) {
	t.Parallel()
	found := 0
	for _, pattern := range []string{"*.md", "docs/*.md"} {
		paths, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			name, err := filepath.Rel(root, path)
			if err != nil {
				t.Fatal(err)
			}
			name = filepath.ToSlash(name)
			_, here := pages[name]
			switch has := strings.Contains(string(text), "```sh\n"); {
			case has && !here && elsewhere[name] == "":
				t.Errorf("%s has commands, but no test runs it: add it to the pages", name)
			case !has && here:
				t.Errorf("%s has no commands", name)
			case here:
				found++
			}
		}
	}
	if found != len(pages) {
		t.Errorf("found %d of the %d pages", found, len(pages))
	}
}

// TestBlocks: what is run, what is written and what is only shown.
func TestBlocks(t *testing.T) {
	t.Parallel()
	page := "x\n```sh\na\n```\n```text\nb\n```\n```yaml Pulumi.yaml\nc: d\n```\n```yaml\ne\n```\n"
	blocks, err := steps(page)
	if err != nil {
		t.Fatal(err)
	}
	if len(blocks) != 2 || blocks[0].contents != "a\n" || blocks[1].file != "Pulumi.yaml" || blocks[1].contents != "c: d\n" {
		t.Errorf("found %+v", blocks)
	}
	if _, err := steps("```sh\na\n"); err == nil {
		t.Error("a block without an end was accepted")
	}
}

// TestFailureIsSeen: a page whose command fails fails the test, and says where.
func TestFailureIsSeen(t *testing.T) {
	t.Parallel()
	blocks, err := steps("```sh\ntrue\n```\n```sh\nfalse\n```\n")
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "bash", "-c", script("page.md", blocks)).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "page.md, block at line 4") {
		t.Errorf("the script ended with %v and said %q", err, out)
	}
}

func start(t *testing.T) *emulator.Server {
	t.Helper()
	cloud, err := emulator.New(emulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := cloud.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cloud.Close(); err != nil {
			t.Error(err)
		}
	})
	return cloud
}

// existing is an instance that somebody bought long ago.
func existing(t *testing.T, cloud *emulator.Server) string {
	t.Helper()
	i, err := cloud.Seed(emulator.Instance{
		Name: "bought-in-the-console", Status: emulator.StatusConnected, PaymentType: emulator.Subscription,
		Sizes: emulator.Sizes{ProductVersion: "3", Spec: 1000, KeyNum: 1000, SecretNum: 10, VpcNum: 3},
		VpcID: "vpc-old", VSwitchIDs: []string{"vsw-old"}, ZoneIDs: []string{"cn-hangzhou-k", "cn-hangzhou-j"},
		BindVpcs:  []emulator.BindVpc{{VpcID: "vpc-b", VSwitchID: "vsw-b", RegionID: "cn-hangzhou", VpcOwnerID: emulator.DefaultAccountID}},
		Tags:      map[string]string{"team": "security"},
		Renewal:   emulator.Renewal{Status: emulator.AutoRenewal, Period: 1, Unit: "Y"},
		StartDate: time.Now().AddDate(0, -1, 0), EndDate: time.Now().AddDate(1, 0, 0),
	})
	if err != nil {
		t.Fatal(err)
	}
	return i.ID
}

// environment is a machine on which the provider is installed and configured, with the emulator for the cloud.
func environment(t *testing.T, cloud *emulator.Server, id string) []string {
	t.Helper()
	bin, err := filepath.Abs(filepath.Join(root, "bin"))
	if err != nil {
		t.Fatal(err)
	}
	for _, binary := range []string{"pulumi-resource-alicloud-kms", "pulumi-language-yaml"} {
		if _, err := os.Stat(filepath.Join(bin, binary)); err != nil {
			t.Fatalf("bin/%s is missing: run `make build cli` first", binary)
		}
	}
	url := cloud.URL(emulator.DefaultRegion)
	home := t.TempDir()
	state := filepath.Join(home, "state")
	if err := os.Mkdir(state, 0o700); err != nil {
		t.Fatal(err)
	}
	path := bin + string(os.PathListSeparator) + os.Getenv("PATH")
	if cli := os.Getenv("PULUMI"); cli != "" {
		path = filepath.Dir(cli) + string(os.PathListSeparator) + path
	}
	return []string{
		"PATH=" + path, "HOME=" + home, "TMPDIR=" + t.TempDir(), "ID=" + id, "REPOSITORY=" + filepath.Dir(bin),
		"PULUMI_SKIP_CONFIRMATIONS=true", // nobody is there to answer
		"ACCESS_KEY_ID=" + emulator.DefaultAccessKeyID, "ACCESS_KEY_SECRET=" + emulator.DefaultAccessKeySecret,
		"PULUMI_HOME=" + filepath.Join(home, "pulumi"), "PULUMI_BACKEND_URL=file://" + filepath.ToSlash(state),
		"PULUMI_CONFIG_PASSPHRASE=documented", "PULUMI_SKIP_UPDATE_CHECK=1", "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=1",
		"ALICLOUD_REGION=" + emulator.DefaultRegion,
		"ALICLOUD_ACCESS_KEY=" + emulator.DefaultAccessKeyID, "ALICLOUD_SECRET_KEY=" + emulator.DefaultAccessKeySecret,
		"ALIBABA_CLOUD_ENDPOINT_KMS=" + url, "ALIBABA_CLOUD_ENDPOINT_BSSOPENAPI=" + url, "ALIBABA_CLOUD_ENDPOINT_STS=" + url,
	}
}

func run(t *testing.T, name, before string, env []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	blocks, err := steps(string(text))
	if err != nil {
		t.Fatal(err)
	}
	if len(blocks) == 0 {
		t.Fatal("the page has no command")
	}
	if before != "" {
		blocks = append([]step{{contents: before}}, blocks...)
	}
	cmd := exec.CommandContext(t.Context(), "bash", "-c", script(name, blocks))
	cmd.Dir, cmd.Env = t.TempDir(), env
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
