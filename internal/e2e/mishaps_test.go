package e2e

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/emulator"
)

func contains(text, part string) bool { return strings.Contains(text, part) }

// small is a program with one PayAsYouGo instance.
const small = `name: small
runtime: yaml
config:
  alicloud-kms:region: cn-hangzhou
resources:
  kms:
    type: alicloud-kms:KmsInstance
    properties:
      paymentType: PayAsYouGo
      productVersion: "3"
      forceDeleteWithoutBackup: true
      vpcId: vpc-main
      zoneIds: [cn-hangzhou-k, cn-hangzhou-j]
      vswitchIds: [vsw-main]
`

// TestNothingIsBought: what cannot work is one clear message and a non-zero exit code, and nothing is bought.
func TestNothingIsBought(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		prepare func(t *testing.T, p *Project, cloud *Cloud)
		command []string
		shows   []string
	}{
		"zones of another region": {
			prepare: func(_ *testing.T, p *Project, _ *Cloud) { p.Edit("region: cn-hangzhou", "region: cn-shanghai") },
			command: []string{"preview"},
			shows:   []string{"zoneIds[0]", "must be a zone of the provider's region cn-shanghai"},
		},
		"no region": {
			prepare: func(_ *testing.T, p *Project, _ *Cloud) { p.Edit("  alicloud-kms:region: cn-hangzhou\n", "  x: 1\n") },
			command: []string{"up", "--yes"},
			shows:   []string{"region", "ALICLOUD_REGION"},
		},
		"no credentials": {
			prepare: func(_ *testing.T, p *Project, _ *Cloud) { p.SetEnv(Credential("", "")...) },
			command: []string{"up", "--yes"},
			shows:   []string{"credentials", "accessKey", "nothing was bought"},
		},
		"a refused order": {
			prepare: func(_ *testing.T, _ *Project, cloud *Cloud) {
				cloud.Fail(emulator.Fault{Action: "CreateInstance", Kind: "business", Code: "PAY.INSUFFICIENT_BALANCE", Message: "Insufficient balance."})
			},
			command: []string{"up", "--yes"},
			shows:   []string{"nothing was bought", "PAY.INSUFFICIENT_BALANCE", "balance"},
		},
		"an unreachable endpoint": {
			prepare: func(t *testing.T, p *Project, _ *Cloud) { p.SetEnv(Endpoints("http://" + closedAddress(t))...) },
			command: []string{"up", "--yes"},
			shows:   []string{"nothing was bought", "127.0.0.1"},
		},
		"a malformed id": {
			command: []string{"import", "alicloud-kms:index:KmsInstance", "x", "i-123", "--yes"},
			shows:   []string{`"i-123" is not the id of a KMS instance`},
		},
		"an unknown id": {
			command: []string{"import", "alicloud-kms:index:KmsInstance", "x", "kst-nowhere", "--yes"},
			shows:   []string{"KMS instance kst-nowhere does not exist in cn-hangzhou"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := NewCloud(t, Quick())
			p := NewProject(t, cloud, small)
			if c.prepare != nil {
				c.prepare(t, p, cloud)
			}
			p.Pulumi(c.command...).Fails().Shows(c.shows...)
			if left := p.Instances(); len(left) != 0 {
				t.Errorf("the stack has %+v", left)
			}
			cloud.WantBill(Bill{})
		})
	}
}

func closedAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

// TestWrongVswitchIsMended: the connection fails after the purchase; the mended program connects the same instance.
func TestWrongVswitchIsMended(t *testing.T) {
	t.Parallel()
	cloud := NewCloud(t, Quick())
	p := NewProject(t, cloud, strings.Replace(small, "vsw-main", "vsw-missing", 1))
	p.Up().Fails().Shows("is bought but not finished", "without buying again")
	id := p.Instance().ID
	p.Edit("vsw-missing", "vsw-main")
	p.Preview().Succeeds().Hides("(replace)")
	p.Up().Succeeds()
	if again := p.Instance(); again.ID != id || again.Outputs["status"] != emulator.StatusConnected {
		t.Errorf("the stack has %+v, and %s was bought", again, id)
	}
	p.Preview("--expect-no-changes").Succeeds()
	cloud.WantBill(Bill{Orders: 1})
}

// TestLostAnswer: the order takes effect and its answer is lost every time; the next runs find the instance by the token.
func TestLostAnswer(t *testing.T) {
	t.Parallel()
	cloud := NewCloud(t, Quick())
	cloud.Fail(emulator.Fault{Action: "CreateInstance", Kind: "reset-after", Count: -1})
	p := NewProject(t, cloud, small)
	p.SetEnv("MAX_RETRY_TIMEOUT=2")
	p.Up().Fails().Shows("may have been placed", "within an hour")
	if r := p.Instance(); !strings.HasPrefix(r.ID, "order:") {
		t.Errorf("the resource has the id %q", r.ID)
	}
	cloud.ClearFaults()
	p.Up().Fails().Shows("bought "+cloud.Only().ID, "pulumi up --refresh")
	p.Up("--refresh").Succeeds()
	if r := p.Instance(); r.ID != cloud.Only().ID {
		t.Errorf("the resource has the id %q, the instance %q", r.ID, cloud.Only().ID)
	}
	p.Preview("--expect-no-changes").Succeeds()
	if got := cloud.Totals().Orders; got != 1 {
		t.Errorf("%d instances were bought", got)
	}
	p.Destroy().Succeeds()
}

// TestInterruptedCreate: Ctrl-C while the instance connects; the next run goes on with it.
func TestInterruptedCreate(t *testing.T) {
	t.Parallel()
	options := Quick()
	options.Connect = 4 * time.Second
	cloud := NewCloud(t, options)
	p := NewProject(t, cloud, small)
	running := p.Start("up", "--yes", "--skip-preview")
	Eventually(t, "the instance connects", func() bool { return len(cloud.Calls("ConnectKmsInstance")) > 0 })
	running.Interrupt()
	running.Wait().Fails().Shows("is bought but not finished", "cancelled")
	id := p.Instance().ID
	p.Up().Succeeds()
	if again := p.Instance().ID; again != id {
		t.Errorf("the stack has %s, and %s was bought", again, id)
	}
	cloud.WantBill(Bill{Orders: 1})
}

// TestProtectedReplacement is refused at preview, before anything is bought.
func TestProtectedReplacement(t *testing.T) {
	t.Parallel()
	cloud := NewCloud(t, Quick())
	p := NewProject(t, cloud, small+"      deletionProtection: true\n")
	p.Up().Succeeds()
	p.Edit("vpc-main", "vpc-other")
	p.Preview().Fails().Shows("its deletion protection is on", "Nothing was bought")
	p.Up().Fails()
	p.Destroy().Fails().Shows("deletion protection is on")
	cloud.WantBill(Bill{Orders: 1})
}

// TestRotatedKeyTouchesNoInstance: another credential of an explicit provider is an update of the provider alone.
func TestRotatedKeyTouchesNoInstance(t *testing.T) {
	t.Parallel()
	options := Quick()
	options.Credentials = []emulator.Credential{
		{AccessKeyID: emulator.DefaultAccessKeyID, Secret: emulator.DefaultAccessKeySecret}, {AccessKeyID: "second", Secret: "second-secret-value"},
	}
	cloud := NewCloud(t, options)
	explicit := strings.Replace(small, "resources:\n", `resources:
  hangzhou:
    type: pulumi:providers:alicloud-kms
    properties:
      region: cn-hangzhou
      accessKey: `+emulator.DefaultAccessKeyID+`
      secretKey: `+emulator.DefaultAccessKeySecret+"\n", 1) + "    options:\n      provider: ${hangzhou}\n"
	p := NewProject(t, cloud, explicit)
	p.Up().Succeeds()
	p.Edit("accessKey: "+emulator.DefaultAccessKeyID, "accessKey: second", "secretKey: "+emulator.DefaultAccessKeySecret, "secretKey: second-secret-value")
	p.Preview().Succeeds().Hides("(replace)", "KmsInstance: (update)", "second-secret-value")
	p.Up().Succeeds().Hides("second-secret-value")
	if text := p.Checkpoint(); contains(text, "second-secret-value") || contains(text, emulator.DefaultAccessKeySecret) {
		t.Error("the checkpoint has a secret key in clear")
	}
	cloud.WantBill(Bill{Orders: 1})
}
