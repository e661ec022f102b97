package docs

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
)

const root = "../.."

// page is a page with commands.
type page struct {
	// before leads to where the page begins: commands that its reader has run long ago.
	before string
	// bill is what the page says that it buys and gives back.
	bill emulator.Totals
	// shows is what its commands print, among other things.
	shows string
}

// pages are all pages whose commands are run, by their path.
var pages = map[string]page{
	"README.md":                          {bill: emulator.Totals{Orders: 1}},
	"docs/installation-configuration.md": {},
	"docs/howto-import.md":               {},
	"docs/howto-migrate.md":              {before: bridgedStack},
	"docs/howto-lifecycle.md":            {bill: emulator.Totals{Orders: 1, Modifications: 1, Refunds: 1}},
	"docs/howto-ci.md":                   {bill: emulator.Totals{Orders: 1, Releases: 1}},
	"docs/reliability.md":                {before: killed, shows: `["kst-hzz0000000000000killed"]`},
	"examples/README.md":                 {before: `cp "$REPOSITORY"/examples/yaml-minimal/Pulumi.yaml .` + "\n"},
}

// elsewhere are the pages with commands that this test does not run, and why.
var elsewhere = map[string]string{
	"docs/emulator.md":    "the test of cmd/alicloud-kms-emulator runs it",
	"docs/howto-start.md": "the tests of the SDKs run it",
	"docs/reference.md":   "shows how to import, which the how-to does with an id",
}

// killed is where a create was killed once its order was placed: there is an instance that no stack has.
const killed = `curl --fail -sS -X POST "$ALIBABA_CLOUD_ENDPOINT_KMS/_admin/instances" -d '{"instanceId": "kst-hzz0000000000000killed",
  "status": "Uninitialized", "vpcId": "", "vswitchIds": [], "zoneIds": ["cn-hangzhou-k", "cn-hangzhou-j"]}' >killed.json
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
			if said := run(t, name, p.before, environment(t, cloud, id)); !strings.Contains(said, p.shows) {
				t.Errorf("%s does not show %s:\n%s", name, p.shows, said)
			}
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
	for _, pattern := range []string{"*.md", "docs/*.md", "examples/*.md", "tools/*.md"} {
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
		ID:   "kst-hzz0000000000000example", // as pages name it that show it in a file
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
	path := bin + string(os.PathListSeparator) + plugins(t) + string(os.PathListSeparator) + os.Getenv("PATH")
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
		"ALIBABA_CLOUD_ENDPOINT_VPC=" + url,
	}
}

// plugins is a folder with the stand-in for the bridged provider's plugin.
func plugins(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := os.Symlink(self, filepath.Join(folder, bridgedPlugin)); err != nil {
		t.Fatal(err)
	}
	return folder
}

// run runs the commands of a page, and returns what they print.
func run(t *testing.T, name, before string, env []string) string {
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
	return string(out)
}
