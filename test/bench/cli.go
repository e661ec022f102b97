//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
)

// usage is what the processes of a plugin used during one command.
type usage struct{ wall, cpu, peak, processes, calls sample }

// cliCommands are measured in this order, each on what the one before has left.
var cliCommands = []struct {
	name string
	args []string
}{
	{"preview", []string{"preview"}},
	{"up", []string{"up", "--yes", "--skip-preview"}},
	{"up, no change", []string{"up", "--yes", "--skip-preview"}},
	{"refresh", []string{"refresh", "--yes", "--skip-preview"}},
}

func measureCLI(ctx context.Context, b *bench) (string, error) {
	cloud, err := emulator.New(emulator.Options{})
	if err != nil {
		return "", err
	}
	if err := cloud.Start(); err != nil {
		return "", err
	}
	defer func() { _ = cloud.Close() }()
	ours, empty := b.subjects()
	t := newTable("command", "instances:", "time:", "min–max:", "empty provider:", "ratio:", "plugin's CPU:", "peak RSS:", "API calls:", "calls for each:")
	var version string
	type key struct {
		command   string
		instances int
	}
	results := map[string]map[key]*usage{ours.name: {}, empty.name: {}}
	for _, n := range b.instances {
		for range b.repeats {
			for _, s := range []subject{ours, empty} {
				project, err := b.newProject(ctx, s, n, cloud.URL(""))
				if err != nil {
					return "", err
				}
				version = project.version
				if err := cloud.Reset(); err != nil {
					return "", err
				}
				for _, c := range cliCommands {
					k := key{c.name, n}
					if results[s.name][k] == nil {
						results[s.name][k] = &usage{}
					}
					before := cloud.Totals().Calls
					if err := project.measure(ctx, results[s.name][k], c.args); err != nil {
						return "", err
					}
					results[s.name][k].calls.add(float64(cloud.Totals().Calls - before))
				}
				if err := os.RemoveAll(project.folder); err != nil {
					return "", err
				}
			}
		}
	}
	for _, c := range cliCommands {
		for _, n := range b.instances {
			o, e := results[ours.name][key{c.name, n}], results[empty.name][key{c.name, n}]
			t.row("`pulumi "+c.name+"`", strconv.Itoa(n), seconds(o.wall.median()), fmt.Sprintf("%.2f–%.2f", o.wall.min(), o.wall.max()),
				seconds(e.wall.median()), ratio(o.wall, e.wall), seconds(o.cpu.median()), fmt.Sprintf("%.0f MB", o.peak.median()),
				fmt.Sprintf("%.0f", o.calls.median()), fmt.Sprintf("%.1f", o.calls.median()/float64(n)))
		}
	}
	return t.String() + fmt.Sprintf("\nPulumi %s with a YAML program and a file backend; the emulator answers without delays, on the same processors. CPU is the sum of the plugin's "+
		"processes (%.0f for a command), peak RSS that of the largest. Medians of %d runs.\n",
		version, results[ours.name][key{cliCommands[0].name, b.instances[0]}].processes.median(), b.repeats), nil
}

// project is a Pulumi project with a stack and a plugin of its own.
type project struct {
	pulumi  string
	version string
	folder  string
	env     []string
}

func (b *bench) newProject(ctx context.Context, s subject, n int, endpoint string) (*project, error) {
	cli, language, err := findCLI()
	if err != nil {
		return nil, err
	}
	folder := filepath.Join(b.folder, "project")
	p := &project{pulumi: cli, folder: folder}
	plugins, metered := filepath.Join(folder, "plugins"), filepath.Join(folder, "plugins", "metered")
	for _, dir := range []string{metered, filepath.Join(folder, "home"), filepath.Join(folder, "state")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil, err
		}
	}
	binary := "pulumi-resource-" + s.name
	err = errors.Join(
		os.WriteFile(filepath.Join(folder, "Pulumi.yaml"), []byte(s.program(n)), 0o600),
		os.WriteFile(filepath.Join(folder, "Pulumi.bench.yaml"), []byte(s.stackConfig(endpoint)), 0o600),
		copyFile(b.meter, filepath.Join(plugins, binary)),
		os.Symlink(s.path, filepath.Join(metered, binary)),
	)
	if err != nil {
		return nil, err
	}
	p.env = []string{
		"PATH=" + plugins + string(os.PathListSeparator) + language + string(os.PathListSeparator) + "/usr/bin:/bin",
		"HOME=" + folder, "PULUMI_HOME=" + filepath.Join(folder, "home"), "PULUMI_BACKEND_URL=file://" + filepath.Join(folder, "state"),
		"PULUMI_CONFIG_PASSPHRASE=bench", "PULUMI_SKIP_UPDATE_CHECK=true", "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true",
	}
	if p.version, err = p.run(ctx, "version"); err != nil {
		return nil, err
	}
	p.version = strings.TrimSpace(p.version)
	_, err = p.run(ctx, "stack", "init", "bench")
	return p, err
}

// findCLI finds the CLI, and the folder of the language host.
func findCLI() (cli, language string, err error) {
	name := os.Getenv("PULUMI")
	if name == "" {
		name = "pulumi"
	}
	if cli, err = exec.LookPath(name); err != nil {
		return "", "", fmt.Errorf("the Pulumi CLI is needed (`make cli` builds it into bin/): %w", err)
	}
	host, err := exec.LookPath("pulumi-language-yaml")
	if err != nil {
		return "", "", fmt.Errorf("the YAML language host is needed (`make cli` builds it into bin/): %w", err)
	}
	return cli, filepath.Dir(host), nil
}

// program is a YAML program with so many resources.
func (s subject) program(n int) string {
	var b strings.Builder
	b.WriteString("name: bench\nruntime: yaml\nresources:\n")
	typ := strings.Split(s.urn, "::")[2]
	properties, err := json.Marshal(s.inputs) // JSON is YAML
	if err != nil {
		panic(err) // strings and numbers of our own
	}
	for i := range n {
		fmt.Fprintf(&b, "  thing%03d:\n    type: %s\n    properties: %s\n", i, typ, properties)
	}
	return b.String()
}

func (s subject) stackConfig(endpoint string) string {
	if s.config == nil {
		return "config: {}\n"
	}
	return fmt.Sprintf(`config:
  %[1]s:region: %[2]s
  %[1]s:accessKey: %[3]s
  %[1]s:secretKey: %[4]s
  %[1]s:endpoints: {kms: %[5]q, bssopenapi: %[5]q, sts: %[5]q}
`, s.name, emulator.DefaultRegion, emulator.DefaultAccessKeyID, emulator.DefaultAccessKeySecret, endpoint)
}

// run runs the CLI and returns what it prints.
func (p *project) run(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, p.pulumi, append(args, "--non-interactive", "--color=never")...)
	cmd.Dir, cmd.Env = p.folder, p.env
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("pulumi %s: %w\n%s%s", strings.Join(args, " "), err, tail(stdout.String()), tail(stderr.String()))
	}
	return stdout.String(), nil
}

// measure runs a command and adds up what it used.
func (p *project) measure(ctx context.Context, u *usage, args []string) error {
	log := filepath.Join(p.folder, "plugins", "metered", "usage.jsonl")
	if err := os.Remove(log); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	start := time.Now()
	if _, err := p.run(ctx, append(args, "--stack=bench")...); err != nil {
		return err
	}
	u.wall.add(time.Since(start).Seconds())
	text, err := os.ReadFile(log)
	if err != nil {
		return fmt.Errorf("the plugin left no record of what it used: %w", err)
	}
	var cpu, peak, processes float64
	for line := range strings.Lines(string(text)) {
		var used struct{ CPUSeconds, PeakBytes float64 }
		if err := json.Unmarshal([]byte(line), &used); err != nil {
			return fmt.Errorf("reading what the plugin used: %w", err)
		}
		cpu, peak, processes = cpu+used.CPUSeconds, max(peak, used.PeakBytes), processes+1
	}
	u.cpu.add(cpu)
	u.peak.add(peak / megabyte)
	u.processes.add(processes)
	return nil
}
