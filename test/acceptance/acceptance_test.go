//go:build acceptance

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/acceptance/recording"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

// child is the variable with which the test's binary is the program itself.
const child = "ACCEPTANCE_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(child) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// stage is an emulator and a folder for runs of the program. Its account has an instance that no run has made.
type stage struct {
	*e2e.Cloud
	t       *testing.T
	folder  string
	foreign string
}

// The credentials of the emulator: one may do everything, two lack a permission, one is of another account.
const mayAll, noBinding, noRelease, elsewhere = "may-do-all", "may-not-bind", "may-not-release", "of-another-account"

const secret = "secret-of-the-test"

func newStage(t *testing.T, change func(*emulator.Options)) *stage {
	t.Helper()
	o := recording.EmulatorOptions()
	o.Connect = 500 * time.Millisecond
	o.Credentials = []emulator.Credential{
		{AccessKeyID: mayAll, Secret: secret}, {AccessKeyID: noBinding, Secret: secret, Deny: []string{"UpdateKmsInstanceBindVpc"}},
		{AccessKeyID: noRelease, Secret: secret, Deny: []string{"ReleaseKmsInstance"}}, {AccessKeyID: elsewhere, Secret: secret, AccountID: "6543210987654321"},
	}
	if change != nil {
		change(&o)
	}
	cloud := e2e.NewCloud(t, o)
	seeded := cloud.Put(emulator.Instance{Name: "not-ours", VpcID: "vpc-other", VSwitchIDs: []string{"vsw-other"}, ZoneIDs: []string{"cn-hangzhou-k"}})
	return &stage{cloud, t, filepath.Join(t.TempDir(), "acceptance"), seeded.ID}
}

// process is the program in a process of its own.
type process struct {
	*exec.Cmd
	t      *testing.T
	output *bytes.Buffer
}

func (s *stage) start(key, secret string, arguments ...string) *process {
	s.t.Helper()
	binary, err := os.Executable()
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 8*time.Minute)
	s.t.Cleanup(cancel)
	p := &process{exec.CommandContext(ctx, binary, append([]string{"-root", "../..", "-folder", s.folder, "-limit", "4m"}, arguments...)...), s.t, &bytes.Buffer{}}
	p.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "ALI") || strings.HasPrefix(v, "ACCEPT_COSTS") })
	p.Env = append(p.Env, child+"=1", "ALIBABA_CLOUD_ACCESS_KEY_ID="+key, "ALIBABA_CLOUD_ACCESS_KEY_SECRET="+secret)
	p.Stdout, p.Stderr = p.output, p.output
	if err := p.Start(); err != nil {
		s.t.Fatal(err)
	}
	return p
}

// onEmulator starts the program against the emulator.
func (s *stage) onEmulator(key string, arguments ...string) *process {
	s.t.Helper()
	return s.start(key, secret, append(arguments, "-emulator", s.URL(""))...)
}

// ends waits for the program's end, and requires its exit code and texts in its output.
func (p *process) ends(code int, texts ...string) {
	p.t.Helper()
	_ = p.Wait() // its exit code is compared
	if p.ProcessState.ExitCode() != code {
		p.t.Fatalf("the exit code is %d, want %d:\n%s", p.ProcessState.ExitCode(), code, p.output)
	}
	for _, text := range append(texts, "") {
		if !strings.Contains(p.output.String(), text) {
			p.t.Errorf("the output lacks %q:\n%s", text, p.output)
		}
	}
	if strings.Contains(p.output.String(), secret) {
		p.t.Error("the output has the secret in it")
	}
}

// kill is kill -9 of the program and of the CLI that it has started. The plugins end with the test.
func (p *process) kill() {
	p.t.Helper()
	table, err := exec.CommandContext(p.t.Context(), "ps", "-A", "-o", "pid=,ppid=").Output()
	if err != nil {
		p.t.Fatal(err)
	}
	children := map[int][]int{}
	for line := range strings.Lines(string(table)) {
		var pid, parent int
		if n, _ := fmt.Sscan(line, &pid, &parent); n == 2 {
			children[parent] = append(children[parent], pid)
		}
	}
	_ = p.Process.Kill()
	_ = p.Wait()
	for _, cli := range children[p.Process.Pid] {
		_ = syscall.Kill(-cli, syscall.SIGKILL) // it leads a group
		for _, plugin := range children[cli] {
			p.t.Cleanup(func() { _ = syscall.Kill(plugin, syscall.SIGKILL) }) // which is in a group of its own, and lives on
		}
	}
}

func (s *stage) called(action string) func() bool {
	return func() bool {
		return slices.ContainsFunc(s.Calls(action), func(c emulator.Call) bool { return c.Done })
	}
}

// wantClean requires that everything that was made is gone, and that the foreign instance is not.
func (s *stage) wantClean(orders int) {
	s.t.Helper()
	there := slices.DeleteFunc(s.Instances(), func(i emulator.Instance) bool { return i.Gone })
	if len(there) != 1 || there[0].ID != s.foreign {
		s.t.Errorf("there are %+v, want %s alone", there, s.foreign)
	}
	for _, n := range s.Networks() {
		if n.Tags[tagKey] != "" {
			s.t.Errorf("VPC %s is left", n.VpcID)
		}
	}
	if totals := s.Totals(); totals.Orders != orders || totals.Releases != orders {
		s.t.Errorf("the journal counts %+v, want %d orders and releases", totals, orders)
	}
	for _, name := range []string{"orders.jsonl", "place", "state/.pulumi/stacks/kms-acceptance/acceptance.json"} {
		if _, err := os.Stat(filepath.Join(s.folder, name)); err == nil {
			s.t.Errorf("%s is left", name)
		}
	}
}

// TestExplains: without ACCEPT_COSTS nothing is called, not even with credentials.
func TestExplains(t *testing.T) {
	t.Parallel()
	s := newStage(t, nil)
	s.start(mayAll, secret).ends(0, "ACCEPT_COSTS=yes", "List price: 4.50 USD a day", "Nothing was called")
	if _, err := os.Stat(s.folder); err == nil {
		t.Error("it made its folder")
	}
}

func TestBadCredentials(t *testing.T) {
	t.Parallel()
	s := newStage(t, nil)
	s.start("", "", "-emulator", s.URL("")).ends(1, "there are no credentials", "ALIBABA_CLOUD_ACCESS_KEY_ID", "Nothing was called")
	if calls := s.Journal(); len(calls) > 0 {
		t.Errorf("it called %+v", calls)
	}
	s.start(mayAll, "wrong-one", "-emulator", s.URL("")).ends(1, "the credentials do not work, and nothing was bought", "SignatureDoesNotMatch")
	s.wantClean(0)
}

// TestNoPermission: one action is refused in the middle of the life. Everything is given back.
func TestNoPermission(t *testing.T) {
	t.Parallel()
	s := newStage(t, nil)
	s.onEmulator(noBinding).ends(1, s.foreign+" is in this account and not ours", "FAILED: up", "UpdateKmsInstanceBindVpc", "cleaning up")
	s.wantClean(1)
}

// TestCannotClean: what cannot be given back is named, and the next run gives it back, but not one in another account.
func TestCannotClean(t *testing.T) {
	t.Parallel()
	s := newStage(t, nil)
	first := s.onEmulator(noRelease)
	e2e.Eventually(t, "the instance is connected", s.called("UpdateKmsInstance"))
	_ = first.Process.Signal(os.Interrupt) // no need for the rest of the life
	first.ends(1, "this could not be cleaned, and may cost money", "instance kst-", "Forbidden.NoPermission", "VPC vpc-")
	s.onEmulator(elsewhere, "-clean").ends(1, "the last run left something in account and region "+emulator.DefaultAccountID+" cn-hangzhou")
	s.onEmulator(mayAll, "-clean").ends(0, "the stack has kst-")
	s.wantClean(1)
}

// TestInterrupted: Ctrl-C ends the life, and everything is given back.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	s := newStage(t, func(o *emulator.Options) { o.Connect = time.Hour })
	p := s.onEmulator(mayAll)
	e2e.Eventually(t, "it connects", s.called("ConnectKmsInstance"))
	_ = p.Process.Signal(os.Interrupt)
	p.ends(1, "FAILED: ", "order 21", "cleaning up")
	s.wantClean(1)
}

// TestTimeLimit: the limit ends the life like an interrupt.
func TestTimeLimit(t *testing.T) {
	t.Parallel()
	s := newStage(t, func(o *emulator.Options) { o.Connect = time.Hour })
	s.onEmulator(mayAll, "-limit", "20s").ends(1, "FAILED: the time limit of 20s is over")
	s.wantClean(s.Totals().Orders) // a slow machine may not have come to the order
}

// TestKilled: after a kill -9 the next run finishes what was left, wherever it was: also where no stack knows the instance yet.
func TestKilled(t *testing.T) {
	t.Parallel()
	for name, k := range map[string]struct {
		at     func(*stage) func() bool
		orders int
		says   string
	}{
		"after the network": {func(s *stage) func() bool { return s.called("CreateVSwitch") }, 0, ""},
		"between order and connection": {func(s *stage) func() bool {
			return func() bool {
				text, _ := os.ReadFile(filepath.Join(s.folder, "orders.jsonl"))
				return bytes.HasSuffix(text, []byte("\n"))
			}
		}, 1, "giving back kst-"},
		"in the middle": {func(s *stage) func() bool { return s.called("UntagResources") }, 1, ""}, // from the stack, or from the orders
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, func(o *emulator.Options) { o.OrderVisible = 2 * time.Second })
			p := s.onEmulator(mayAll)
			e2e.Eventually(t, name, k.at(s))
			p.kill()
			if name == "between order and connection" && s.called("ConnectKmsInstance")() {
				t.Fatal("it was killed too late")
			}
			s.onEmulator(mayAll, "-clean").ends(0, k.says)
			s.wantClean(k.orders)
		})
	}
}
