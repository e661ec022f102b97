package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
)

// command is the name under which the test binary is the emulator, so that tests can start, stop and kill a real process.
const command = "alicloud-kms-emulator"

func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == command {
		main()
		return
	}
	os.Exit(m.Run())
}

// process is a running emulator.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	url    string
	output string // what it printed before it was ready
	log    *bytes.Buffer
}

// launch starts an emulator, which ends with the test.
func launch(t *testing.T, args ...string) *process {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], append([]string{"--listen", "127.0.0.1:0"}, args...)...)
	p := &process{t: t, cmd: cmd, log: &bytes.Buffer{}}
	p.cmd.Args[0], p.cmd.Stderr = command, p.log
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		p.output += lines.Text() + "\n"
		if strings.Contains(lines.Text(), "Ctrl-C") {
			break
		}
	}
	found := regexp.MustCompile(`Listening on (http://\S+)`).FindStringSubmatch(p.output)
	if found == nil {
		_ = p.cmd.Wait()
		t.Fatalf("the emulator did not start: %s%s", p.output, p.log)
	}
	p.url = found[1]
	return p
}

// stop asks it to end and returns how it did.
func (p *process) stop(signal os.Signal) error {
	p.t.Helper()
	if err := p.cmd.Process.Signal(signal); err != nil {
		p.t.Fatal(err)
	}
	return p.cmd.Wait()
}

func (p *process) request(method, path, body string) string {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.url+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode >= 300 {
		p.t.Fatalf("%s %s: HTTP %d %s (%v)", method, path, res.StatusCode, text, err)
	}
	return string(text)
}

func TestVersion(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), []string{"--version"}, &out, io.Discard); err != nil || out.String() != "alicloud-kms-emulator dev\n" {
		t.Errorf("version %q, %v", out.String(), err)
	}
}

func TestBadFlags(t *testing.T) {
	damaged := filepath.Join(t.TempDir(), "state.json")
	if err := os.WriteFile(damaged, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"--listen", "0.0.0.0:0"}, "can be reached from other machines"},
		{[]string{"--listen", "8777"}, "is not HOST:PORT"},
		{[]string{"--region", "cn-hangzhou,cn-hangzhou"}, "given twice"},
		{[]string{"--region", ""}, "needs a region"},
		{[]string{"--network", "vpc-a=vsw-a"}, "give VPC=VSWITCH@ZONE"},
		{[]string{"--networks", damaged}, "is not a list of networks"},
		{[]string{"--token-mismatch", "Other"}, "Duplicated.ClientToken"},
		{[]string{"--refund-refused-in", "Connecting,Asleep"}, `"Asleep" is unknown`},
		{[]string{"--credential", "only-an-id"}, "give ID:SECRET"},
		{[]string{"--credential", "a:$(b)"}, "are letters, digits"},
		{[]string{"--state", filepath.Join(t.TempDir(), "no", "state")}, "cannot write the state file"},
		{[]string{"--state", damaged}, "is damaged"},
		{[]string{"--env-file", filepath.Join(t.TempDir(), "no", "env"), "--listen", "127.0.0.1:0"}, "cannot write the environment file"},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // if it should start after all, it stops again
		var out bytes.Buffer
		err := run(ctx, test.args, &out, io.Discard)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v: %v, want …%s…", test.args, err, test.want)
		}
	}
}

// The paths in the messages are those that the user gave: a taken port is named.
func TestTakenPort(t *testing.T) {
	p := launch(t)
	err := run(t.Context(), []string{"--listen", strings.TrimPrefix(p.url, "http://")}, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), strings.TrimPrefix(p.url, "http://")+" is in use") {
		t.Errorf("%v", err)
	}
}

// What is printed can be pasted into a shell, and is what the environment file says.
func TestPrintedVariables(t *testing.T) {
	file := filepath.Join(t.TempDir(), "env")
	if err := os.WriteFile(file, []byte("STALE=1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := launch(t, "--env-file", file, "--region", "cn-beijing,cn-hangzhou", "--credential", "ak:sk", "--site", "International")
	written, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := "ALIBABA_CLOUD_ACCESS_KEY_ID=ak\nALIBABA_CLOUD_ACCESS_KEY_SECRET=sk\nALIBABA_CLOUD_REGION=cn-beijing\n" +
		"ALIBABA_CLOUD_ENDPOINT_KMS=" + p.url + "\nALIBABA_CLOUD_ENDPOINT_BSSOPENAPI=" + p.url + "\nALIBABA_CLOUD_ENDPOINT_STS=" + p.url +
		"\nALIBABA_CLOUD_ENDPOINT_VPC=" + p.url + "\n"
	if string(written) != want {
		t.Errorf("the file says %s", written)
	}
	exports := regexp.MustCompile(`(?m)^  export .*$`).FindAllString(p.output, -1)
	cmd := exec.CommandContext(t.Context(), "sh", "-ec", strings.Join(exports, "\n")+"\nenv | grep ^ALIBABA_CLOUD_ | LC_ALL=C sort")
	cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	pasted, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatal(err, string(pasted))
	}
	if got, want := sorted(string(pasted)), sorted(want); !slices.Equal(got, want) {
		t.Errorf("pasted: %s, want %s", got, want)
	}
	if err := p.stop(syscall.SIGTERM); err != nil {
		t.Errorf("it ended with %v: %s", err, p.log)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("the environment file was left behind")
	}
}

func sorted(lines string) []string { return slices.Sorted(strings.FieldsSeq(lines)) }

// Networks come from flags and from a file.
func TestNetworkFlags(t *testing.T) {
	file := filepath.Join(t.TempDir(), "networks.json")
	if err := os.WriteFile(file, []byte(`[{"vpcId":"vpc-c","vswitches":[{"vswitchId":"vsw-c","zoneId":"cn-beijing-c"}]}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := parseFlags([]string{"--networks", file, "--network", "vpc-a=vsw-a@cn-hangzhou-k,vsw-b@cn-hangzhou-j", "--network", "vpc-empty"}, io.Discard)
	want := []emulator.Network{
		{VpcID: "vpc-a", VSwitches: []emulator.VSwitch{{ID: "vsw-a", ZoneID: "cn-hangzhou-k"}, {ID: "vsw-b", ZoneID: "cn-hangzhou-j"}}},
		{VpcID: "vpc-empty"},
		{VpcID: "vpc-c", VSwitches: []emulator.VSwitch{{ID: "vsw-c", ZoneID: "cn-beijing-c"}}},
	}
	if err != nil || !reflect.DeepEqual(s.options.Networks, want) {
		t.Errorf("%+v, %v", s.options.Networks, err)
	}
}

// A kill in the middle loses nothing that was answered.
func TestStateOverAKill(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	p := launch(t, "--state", file)
	p.request("POST", "/_admin/instances", `{"instanceId":"kst-1","instanceName":"kept"}`)
	_ = p.stop(os.Kill) // it was killed, and says so
	p = launch(t, "--state", file)
	if text := p.request("GET", "/_admin/instances/kst-1", ""); !strings.Contains(text, `"kept"`) || !strings.Contains(p.output, file+" (instances: 1)") {
		t.Errorf("after the kill: %s%s", text, p.output)
	}
}

// Calls that hang on purpose do not hold up the end.
func TestStopWithAHangingCall(t *testing.T) {
	p := launch(t)
	p.request("POST", "/_admin/faults", `{"kind":"hang"}`)
	hanging := make(chan error, 1)
	go func() {
		res, err := http.Post(p.url+"/?Version=2015-04-01&Action=AssumeRoleWithOIDC", "", nil) //nolint:noctx // it ends with the emulator
		if err == nil {
			_ = res.Body.Close()
		}
		hanging <- err
	}()
	for text := ""; !strings.Contains(text, `"hang"`); text = p.request("GET", "/_admin/journal", "") {
		time.Sleep(time.Millisecond)
	}
	if err := p.stop(os.Interrupt); err != nil {
		t.Errorf("it ended with %v: %s", err, p.log)
	}
	if err := <-hanging; err == nil || !strings.Contains(p.log.String(), "AssumeRoleWithOIDC -> no answer [fault hang]") {
		t.Errorf("%v; the log says %s", err, p.log)
	}
}
