package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

const documentation = "../../docs/emulator.md"

// blocks are the fenced blocks of the page: what follows the opening fence, and the text.
func blocks(t *testing.T) [][]string {
	t.Helper()
	page, err := os.ReadFile(documentation)
	if err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile("(?ms)^```([^\n]*)\n(.*?)^```$").FindAllStringSubmatch(string(page), -1)
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
	cli := cmp.Or(os.Getenv("PULUMI"), filepath.Join(bin, "pulumi"))
	for _, needed := range []string{cli, filepath.Join(bin, "pulumi-language-yaml"), filepath.Join(bin, "pulumi-resource-alicloud-kms")} {
		if _, err := os.Stat(needed); err != nil {
			t.Fatalf("%v: run `make cli build` first", err)
		}
	}
	// The emulator of this very source, not the one that bin/ may have from before.
	tools, home := t.TempDir(), t.TempDir()
	if err := os.Symlink(os.Args[0], filepath.Join(tools, command)); err != nil {
		t.Fatal(err)
	}
	return machine{dir: t.TempDir(), env: []string{
		"PATH=" + strings.Join([]string{tools, filepath.Dir(cli), bin, os.Getenv("PATH")}, string(os.PathListSeparator)),
		"HOME=" + home, "TMPDIR=" + t.TempDir(), "PULUMI_HOME=" + filepath.Join(home, "pulumi"),
		"PULUMI_BACKEND_URL=file://" + home, "PULUMI_CONFIG_PASSPHRASE=documented",
		"PULUMI_SKIP_UPDATE_CHECK=true", "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true", "ALIBABA_CLOUD_ECS_METADATA_DISABLED=true",
	}}
}

// writeProgram writes the program of the page.
func (m machine) writeProgram(t *testing.T) {
	t.Helper()
	for _, b := range blocks(t) {
		if b[1] == "yaml Pulumi.yaml" {
			if err := os.WriteFile(filepath.Join(m.dir, "Pulumi.yaml"), []byte(b[2]), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// run runs a script and returns what it printed.
func (m machine) run(t *testing.T, script string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "bash", "-e", "-o", "pipefail", "-c", script)
	cmd.Dir, cmd.Env = m.dir, m.env
	cmd.WaitDelay = time.Second // what is left running must not keep the output open for ever
	text, err := cmd.CombinedOutput()
	if err != nil && !errors.Is(err, exec.ErrWaitDelay) {
		t.Fatalf("%v of\n%s\n%s", err, script, text)
	}
	return string(text)
}

// The page works from top to bottom: its files are written and its commands run as they stand, but on a free port.
func TestDocumentedCommands(t *testing.T) {
	var script strings.Builder
	script.WriteString("trap 'kill $(jobs -p) 2>/dev/null; wait; cat emulator.log' EXIT\n")
	commands := 0
	for _, b := range blocks(t) {
		if b[1] == "sh" {
			commands++
			script.WriteString(onFreePort(b[2]))
		} else if _, file, ok := strings.Cut(b[1], " "); ok {
			fmt.Fprintf(&script, "cat >%s <<'END'\n%sEND\n", file, b[2])
		}
	}
	if commands < 4 {
		t.Fatalf("the page has %d blocks of commands", commands)
	}
	newMachine(t).run(t, script.String())
}

// onFreePort keeps tests from meeting on the documented port.
func onFreePort(script string) string {
	return strings.ReplaceAll(script, "alicloud-kms-emulator --", "alicloud-kms-emulator --listen 127.0.0.1:0 --")
}

// The steps of the GitHub Actions job work one after the other, each in a shell of its own as there.
func TestDocumentedJob(t *testing.T) {
	m := newMachine(t)
	m.writeProgram(t)
	var steps [][]string
	for _, b := range blocks(t) {
		if strings.Contains(b[2], "runs-on:") {
			steps = regexp.MustCompile(`(?m)run: \|\n((?:^ {10}.*\n)+)`).FindAllStringSubmatch(b[2], -1)
		}
	}
	if len(steps) != 4 {
		t.Fatalf("the job has %d steps with commands", len(steps))
	}
	exported := filepath.Join(t.TempDir(), "github.env")
	m.env = append(m.env, "GITHUB_ENV="+exported)
	defer func() { // the last step, which Actions runs always
		if out := m.run(t, steps[3][1]); !strings.Contains(out, "RefundInstance") {
			t.Errorf("the log that the job shows has no refund: %s", out)
		}
	}()
	for n, step := range steps[:3] {
		m.run(t, onFreePort(step[1]))
		if text, err := os.ReadFile(exported); err == nil && n == 0 {
			m.env = append(m.env, strings.Fields(string(text))...)
		}
	}
}

// The printed `pulumi config set` lines, pasted into a project, lead the provider to the emulator.
func TestPrintedConfiguration(t *testing.T) {
	p := launch(t, "--credential", "ak:sk", "--region", "cn-hangzhou", "--order-visible", "0", "--connect", "0", "--refund", "0")
	lines := regexp.MustCompile(`(?m)^  pulumi config set .*$`).FindAllString(p.output, -1)
	if len(lines) != 8 {
		t.Fatalf("it printed %d lines: %s", len(lines), p.output)
	}
	m := newMachine(t)
	m.writeProgram(t)
	out := m.run(t, "pulumi stack init dev\n"+strings.Join(lines, "\n")+"\npulumi up --yes --skip-preview\npulumi destroy --yes --skip-preview")
	if err := p.stop(os.Interrupt); err != nil {
		t.Error(err)
	}
	if !strings.Contains(p.log.String(), "ordered") || !strings.Contains(p.log.String(), "refunded") {
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
	for _, flag := range regexp.MustCompile(`(?m)^  -(\S+)`).FindAllStringSubmatch(help.String(), -1) {
		if !strings.Contains(string(page), "`--"+flag[1]) && flag[1] != "version" {
			t.Errorf("--%s is not in %s", flag[1], documentation)
		}
	}
}
