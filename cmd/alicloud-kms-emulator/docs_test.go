package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const documentation = "../../docs/emulator.md"

// block is a fenced block of the documentation.
type block struct {
	marker string // what follows the opening fence
	text   string
}

func documentedBlocks(t *testing.T) []block {
	t.Helper()
	page, err := os.ReadFile(documentation)
	if err != nil {
		t.Fatal(err)
	}
	var blocks []block
	inside := false
	for line := range strings.SplitSeq(string(page), "\n") {
		marker, fence := strings.CutPrefix(line, "```")
		switch {
		case fence && inside:
			inside = false
		case fence:
			inside = true
			blocks = append(blocks, block{marker: marker})
		case inside:
			blocks[len(blocks)-1].text += line + "\n"
		}
	}
	if inside {
		t.Fatal("the last block of the page has no end")
	}
	return blocks
}

// machine is an empty folder and an environment with the emulator, the plugin and the Pulumi CLI on the path.
type machine struct {
	dir string
	env []string
}

func newMachine(t *testing.T) machine {
	t.Helper()
	bin, err := filepath.Abs("../../bin")
	if err != nil {
		t.Fatal(err)
	}
	cli := os.Getenv("PULUMI")
	if cli == "" {
		cli = filepath.Join(bin, "pulumi")
	}
	for _, needed := range []string{cli, filepath.Join(bin, "pulumi-language-yaml"), filepath.Join(bin, "pulumi-resource-alicloud-kms")} {
		if _, err := os.Stat(needed); err != nil {
			t.Fatalf("%v: run `make cli build` first", err)
		}
	}
	// The emulator of this very source, not the one that bin/ may have from before.
	tools := t.TempDir()
	self, err := filepath.Abs(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	wrapper := fmt.Sprintf("#!/bin/sh\n%s=1 exec %q \"$@\"\n", runAsEmulator, self)
	if err := os.WriteFile(filepath.Join(tools, "alicloud-kms-emulator"), []byte(wrapper), 0o700); err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	state := filepath.Join(home, "state")
	if err := os.Mkdir(state, 0o700); err != nil {
		t.Fatal(err)
	}
	return machine{dir: t.TempDir(), env: []string{
		"PATH=" + strings.Join([]string{tools, filepath.Dir(cli), bin, os.Getenv("PATH")}, string(os.PathListSeparator)),
		"HOME=" + home, "TMPDIR=" + t.TempDir(), "PULUMI_HOME=" + filepath.Join(home, "pulumi"),
		"PULUMI_BACKEND_URL=file://" + filepath.ToSlash(state), "PULUMI_CONFIG_PASSPHRASE=documented",
		"PULUMI_SKIP_UPDATE_CHECK=true", "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true", "ALIBABA_CLOUD_ECS_METADATA_DISABLED=true",
	}}
}

// run runs a script and returns what it printed.
func (m machine) run(t *testing.T, script string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "bash", "-e", "-o", "pipefail", "-c", script)
	cmd.Dir, cmd.Env = m.dir, m.env
	// What is left running must not keep the output open for ever.
	out, err := os.CreateTemp(t.TempDir(), "output")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = out.Close() }()
	cmd.Stdout, cmd.Stderr = out, out
	err = cmd.Run()
	text, readErr := os.ReadFile(out.Name())
	if readErr != nil {
		t.Fatal(readErr)
	}
	if err != nil {
		t.Fatalf("%v of\n%s\n%s", err, script, text)
	}
	return string(text)
}

// The page works from top to bottom: its files are written and its commands run as they stand, but on a free port.
func TestDocumentedCommands(t *testing.T) {
	m := newMachine(t)
	var script strings.Builder
	script.WriteString("trap 'kill $(jobs -p) 2>/dev/null; wait; cat emulator.log' EXIT\n")
	commands := 0
	for _, b := range documentedBlocks(t) {
		fields := strings.Fields(b.marker)
		switch {
		case b.marker == "sh":
			commands++
			script.WriteString(onFreePort(b.text))
		case len(fields) == 2:
			fmt.Fprintf(&script, "cat >%s <<'END'\n%sEND\n", fields[1], b.text)
		}
	}
	if commands < 4 {
		t.Fatalf("the page has %d blocks of commands", commands)
	}
	m.run(t, script.String())
}

// onFreePort keeps tests from meeting on the documented port.
func onFreePort(script string) string {
	return strings.ReplaceAll(script, "alicloud-kms-emulator --", "alicloud-kms-emulator --listen 127.0.0.1:0 --")
}

// The steps of the GitHub Actions job work one after the other, each in a shell of its own as there.
func TestDocumentedJob(t *testing.T) {
	m := newMachine(t)
	var steps []string
	for _, b := range documentedBlocks(t) {
		if b.marker == "yaml Pulumi.yaml" {
			if err := os.WriteFile(filepath.Join(m.dir, "Pulumi.yaml"), []byte(b.text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if b.marker == "yaml" && strings.Contains(b.text, "runs-on:") {
			steps = jobSteps(b.text)
		}
	}
	if len(steps) != 4 {
		t.Fatalf("the job has %d steps with commands", len(steps))
	}
	exported := filepath.Join(t.TempDir(), "github.env")
	m.env = append(m.env, "GITHUB_ENV="+exported)
	// The last step, which Actions runs always, ends the emulator also when this test fails.
	stop := steps[len(steps)-1]
	stopped := false
	defer func() {
		if !stopped {
			t.Log(m.run(t, stop))
		}
	}()
	for n, step := range steps {
		out := m.run(t, onFreePort(step))
		stopped = n == len(steps)-1
		if text, err := os.ReadFile(exported); err == nil && n == 0 {
			m.env = append(m.env, strings.Split(strings.TrimSpace(string(text)), "\n")...)
		}
		if stopped && !strings.Contains(out, "RefundInstance") {
			t.Errorf("the log that the job shows has no refund: %s", out)
		}
	}
}

// jobSteps finds the `run: |` blocks of a workflow.
func jobSteps(workflow string) []string {
	var steps []string
	inside := false
	for line := range strings.SplitSeq(workflow, "\n") {
		const indent = "          "
		switch {
		case strings.HasSuffix(line, "run: |"):
			steps = append(steps, "")
			inside = true
		case inside && strings.HasPrefix(line, indent):
			steps[len(steps)-1] += strings.TrimPrefix(line, indent) + "\n"
		default:
			inside = false
		}
	}
	return steps
}

// The printed `pulumi config set` lines, pasted into a project, lead the provider to the emulator.
func TestPrintedConfiguration(t *testing.T) {
	p := launch(t, "--credential", "ak:sk", "--region", "cn-hangzhou", "--order-visible", "0", "--connect", "0", "--release", "0")
	var lines []string
	for line := range strings.SplitSeq(p.output, "\n") {
		if strings.HasPrefix(line, "  pulumi config set ") {
			lines = append(lines, line)
		}
	}
	if len(lines) != 8 {
		t.Fatalf("it printed %d lines: %s", len(lines), p.output)
	}
	m := newMachine(t)
	out := m.run(t, `cat >Pulumi.yaml <<'END'
name: pasted
runtime: yaml
resources:
  keys:
    type: alicloud-kms:KmsInstance
    properties:
      paymentType: PayAsYouGo
      vpcId: vpc-1
      zoneIds: [cn-hangzhou-k]
      vswitchIds: [vsw-1]
      forceDeleteWithoutBackup: true
END
pulumi stack init dev
`+strings.Join(lines, "\n")+`
pulumi up --yes --skip-preview
pulumi destroy --yes --skip-preview`)
	if err := p.stop(os.Interrupt); err != nil {
		t.Error(err)
	}
	if !strings.Contains(p.log.String(), "ordered") || !strings.Contains(p.log.String(), "released") {
		t.Errorf("the emulator saw no order: %s\n%s", p.log, out)
	}
}

// Every flag is in the documentation.
func TestEveryFlagIsDocumented(t *testing.T) {
	page, err := os.ReadFile(documentation)
	if err != nil {
		t.Fatal(err)
	}
	var help strings.Builder
	if err := run(t.Context(), []string{"--help"}, &help, &help); err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(help.String(), "\n") {
		name, ok := strings.CutPrefix(line, "  -")
		if !ok {
			continue
		}
		name, _, _ = strings.Cut(name, " ")
		if !strings.Contains(string(page), "`--"+name) && name != "version" {
			t.Errorf("--%s is not in %s", name, documentation)
		}
	}
}
