package docs

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

const root = "../.."

// page is a page with commands.
type page struct {
	before string   // leads to where the page begins
	bill   e2e.Bill // what the page says that it buys and gives back
}

// pages are all pages whose commands are run, by their path.
var pages = map[string]page{
	"README.md":                          {bill: e2e.Bill{Orders: 1}},
	"docs/installation-configuration.md": {},
	"docs/howto-migrate.md":              {before: bridgedStack},
	"docs/howto-lifecycle.md":            {bill: e2e.Bill{Orders: 1, Modifications: 1, Refunds: 1}},
	"docs/howto-ci.md":                   {bill: e2e.Bill{Orders: 1, Releases: 1}},
	"examples/README.md":                 {before: `cp "$REPOSITORY"/examples/yaml-minimal/Pulumi.yaml .` + "\n"},
}

// elsewhere are the pages with commands that this test does not run, and why.
var elsewhere = map[string]string{
	"docs/emulator.md":    "the test of cmd/alicloud-kms-emulator runs it",
	"docs/howto-start.md": "the tests of the SDKs run it",
	"docs/reference.md":   "shows how to import, which a how-to does with an id",
}

// TestPages runs every page from top to bottom, each in a folder of its own with an emulator of its own. Its totals say that nothing
// was bought or destroyed but what the page says.
func TestPages(t *testing.T) {
	t.Parallel()
	for name, p := range pages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := start(t)
			cmd := exec.CommandContext(t.Context(), "bash", "-c", script(name, append([]step{{contents: p.before}}, steps(read(t, name))...)))
			cmd.Dir, cmd.Env = t.TempDir(), environment(t, cloud)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
			cloud.WantBill(p.bill)
			if _, still := cloud.Instance(existingID); !still {
				t.Errorf("%s destroyed the instance that was there before", name)
			}
		})
	}
}

// TestEveryPageIsRun: no page has commands that nobody runs.
func TestEveryPageIsRun(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"*.md", "docs/*.md", "examples/*.md", "tools/*.md"} {
		paths, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			name := filepath.ToSlash(strings.TrimPrefix(path, root+string(filepath.Separator)))
			_, here := pages[name]
			if has := strings.Contains(read(t, name), "```sh\n"); has != (here || elsewhere[name] != "") {
				t.Errorf("%s has commands: %t; a test runs them: %t", name, has, !has)
			}
		}
	}
}

// TestScript: what is run, what is written and what is only shown; and a command that fails is seen, and where.
func TestScript(t *testing.T) {
	t.Parallel()
	blocks := steps("x\n```sh\ncat a.txt\n```\n```text\nexit 3\n```\n```txt a.txt\nwritten\n```\n```sh\ncat a.txt\nfalse\n```\n")
	if len(blocks) != 3 {
		t.Fatalf("found %+v", blocks)
	}
	cmd := exec.CommandContext(t.Context(), "bash", "-c", script("page.md", blocks[1:]))
	cmd.Dir = t.TempDir()
	out, err := cmd.CombinedOutput()
	if want := "written\npage.md, block at line 11: a command failed\n"; err == nil || string(out) != want {
		t.Errorf("the script ended with %v and said %q", err, out)
	}
}

const existingID = "kst-hzz0000000000000example" // as pages name it that show it in a file

// start starts an emulator with an instance that somebody bought long ago.
func start(t *testing.T) *e2e.Cloud {
	t.Helper()
	cloud := e2e.NewCloud(t, emulator.Options{})
	cloud.Put(emulator.Instance{
		ID: existingID, Name: "bought-in-the-console", Status: emulator.StatusConnected, PaymentType: emulator.Subscription,
		Sizes: emulator.Sizes{ProductVersion: "3", Spec: 1000, KeyNum: 1000, SecretNum: 10, VpcNum: 3},
		VpcID: "vpc-old", VSwitchIDs: []string{"vsw-old"}, ZoneIDs: []string{"cn-hangzhou-k", "cn-hangzhou-j"},
		BindVpcs:  []emulator.BindVpc{{VpcID: "vpc-b", VSwitchID: "vsw-b", RegionID: "cn-hangzhou", VpcOwnerID: emulator.DefaultAccountID}},
		Tags:      map[string]string{"team": "security"},
		Renewal:   emulator.Renewal{Status: emulator.AutoRenewal, Period: 1, Unit: "Y"},
		StartDate: time.Now().AddDate(0, -1, 0), EndDate: time.Now().AddDate(1, 0, 0),
	})
	return cloud
}

// environment is a machine on which the provider is installed and configured, with the emulator for the cloud, and with a stand-in for
// the plugin of the bridged provider.
func environment(t *testing.T, cloud *e2e.Cloud) []string {
	t.Helper()
	bin, err := filepath.Abs(filepath.Join(root, "bin"))
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	home, plugins := t.TempDir(), t.TempDir()
	if err := os.Symlink(self, filepath.Join(plugins, bridgedPlugin)); err != nil {
		t.Fatal(err)
	}
	path := []string{bin, plugins, os.Getenv("PATH")}
	if cli := os.Getenv("PULUMI"); cli != "" {
		path = append([]string{filepath.Dir(cli)}, path...)
	}
	env := []string{
		"PATH=" + strings.Join(path, string(os.PathListSeparator)), "HOME=" + home, "TMPDIR=" + t.TempDir(),
		"ID=" + existingID, "REPOSITORY=" + filepath.Dir(bin),
		"PULUMI_SKIP_CONFIRMATIONS=true", // nobody is there to answer
		"ACCESS_KEY_ID=" + emulator.DefaultAccessKeyID, "ACCESS_KEY_SECRET=" + emulator.DefaultAccessKeySecret,
		"PULUMI_HOME=" + filepath.Join(home, "pulumi"), "PULUMI_BACKEND_URL=file://" + filepath.ToSlash(home),
		"PULUMI_CONFIG_PASSPHRASE=documented", "PULUMI_SKIP_UPDATE_CHECK=1", "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=1",
		"ALICLOUD_REGION=" + emulator.DefaultRegion,
		"ALICLOUD_ACCESS_KEY=" + emulator.DefaultAccessKeyID, "ALICLOUD_SECRET_KEY=" + emulator.DefaultAccessKeySecret,
	}
	return append(env, e2e.Endpoints(cloud.URL(emulator.DefaultRegion))...)
}
