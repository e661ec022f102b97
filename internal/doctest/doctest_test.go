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

// TestHowTos runs every how-to from top to bottom, each in a folder of its own with an emulator of its own. Its totals say
// that nothing was bought or destroyed but what the page says.
func TestHowTos(t *testing.T) {
	t.Parallel()
	want := map[string]emulator.Totals{
		"howto-import.md":    {},
		"howto-migrate.md":   {},
		"howto-use.md":       {Orders: 1, Releases: 1},
		"howto-lifecycle.md": {Orders: 1, Modifications: 1, Refunds: 1},
		"howto-ci.md":        {Orders: 1, Releases: 1},
	}
	pages, err := filepath.Glob(filepath.Join(root, "docs", "howto-*.md"))
	if err != nil || len(pages) != len(want) {
		t.Fatalf("found %d how-tos (%v), and the test knows %d", len(pages), err, len(want))
	}
	for _, page := range pages {
		name := filepath.Base(page)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := start(t)
			id := existing(t, cloud)
			run(t, page, environment(t, cloud, id))
			got := cloud.Totals()
			if got.Orders != want[name].Orders || got.Modifications != want[name].Modifications ||
				got.Refunds != want[name].Refunds || got.Releases != want[name].Releases {
				t.Errorf("%s placed %d orders, %d modifications, %d refunds and %d releases, want %+v",
					name, got.Orders, got.Modifications, got.Refunds, got.Releases, want[name])
			}
			if _, still := cloud.Instance(id); !still {
				t.Errorf("%s destroyed the instance that was there before", name)
			}
		})
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
		"PATH=" + path, "HOME=" + home, "TMPDIR=" + t.TempDir(), "ID=" + id,
		"PULUMI_HOME=" + filepath.Join(home, "pulumi"), "PULUMI_BACKEND_URL=file://" + filepath.ToSlash(state),
		"PULUMI_CONFIG_PASSPHRASE=documented", "PULUMI_SKIP_UPDATE_CHECK=1", "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=1",
		"ALICLOUD_REGION=" + emulator.DefaultRegion,
		"ALICLOUD_ACCESS_KEY=" + emulator.DefaultAccessKeyID, "ALICLOUD_SECRET_KEY=" + emulator.DefaultAccessKeySecret,
		"ALIBABA_CLOUD_ENDPOINT_KMS=" + url, "ALIBABA_CLOUD_ENDPOINT_BSSOPENAPI=" + url, "ALIBABA_CLOUD_ENDPOINT_STS=" + url,
	}
}

func run(t *testing.T, page string, env []string) {
	t.Helper()
	text, err := os.ReadFile(page)
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
	cmd := exec.CommandContext(t.Context(), "bash", "-c", script(filepath.Base(page), blocks))
	cmd.Dir, cmd.Env = t.TempDir(), env
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
