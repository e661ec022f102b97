//go:build linux

// Command bench measures what the provider costs and prints one table in Markdown: its size, how long it takes to start and what it
// holds in memory, beside an empty provider on the same framework, and for each operation the API calls and the time on a virtual
// clock. It fails if a limit is exceeded. It runs in the folder test and calls no cloud but emulators within its own processes.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// What a release may cost. The machine has no part in the size, and little in the memory and in the ratio of two starts.
const (
	mostMegabytes = 42
	mostIdle      = 40
	mostStart     = 1.2
)

const (
	starts    = 41
	idleAfter = 300 * time.Millisecond
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	folder, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	ours, err := build(ctx, folder, "..", "./cmd/pulumi-resource-alicloud-kms")
	if err != nil {
		return err
	}
	empty, err := build(ctx, folder, ".", "./bench/emptyprovider")
	if err != nil {
		return err
	}
	// They take turns, so that what else the machine does falls on both alike.
	for range starts {
		for _, p := range []*plugin{ours, empty} {
			if err := p.start(ctx); err != nil {
				return fmt.Errorf("%s: %w", p.path, err)
			}
		}
	}
	fmt.Printf("%s, %s/%s, %d processors.\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	fmt.Print("| | measured | empty provider | limit |\n| --- | --: | --: | --: |\n")
	row := func(what, unit string, o, e float64, limit string) {
		fmt.Printf("| %s | %.1f %s | %.1f %s | %s |\n", what, o, unit, e, unit, limit)
	}
	port, idle := median(ours.port), median(ours.idle)
	ratio := port / median(empty.port)
	row("binary", "MB", ours.size, empty.size, fmt.Sprintf("%d MB", mostMegabytes))
	row("start to port", "ms", port, median(empty.port), fmt.Sprintf("%.1f ×; here %.2f", mostStart, ratio))
	row("memory when idle", "MB", idle, median(empty.idle), fmt.Sprintf("%d MB", mostIdle))
	if err := operations(ctx); err != nil {
		return err
	}
	if ours.size > mostMegabytes || idle > mostIdle || ratio > mostStart {
		return errors.New("a limit is exceeded")
	}
	return nil
}

// plugin is a binary with what its starts have shown, in megabytes and milliseconds.
type plugin struct {
	path string
	size float64
	port []float64
	idle []float64
}

// build builds a command of a module as a release is built.
func build(ctx context.Context, folder, module, command string) (*plugin, error) {
	p := &plugin{path: filepath.Join(folder, filepath.Base(command))}
	cmd := exec.CommandContext(ctx, "go", "build", "-C", module, "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", p.path, command)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building %s: %w\n%s", command, err, out)
	}
	info, err := os.Stat(p.path)
	if err != nil {
		return nil, err
	}
	p.size = float64(info.Size()) / 1e6
	return p, nil
}

// start starts the plugin, waits for its port and then a little longer, and ends it.
func (p *plugin) start(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, p.path, "127.0.0.1:1") // an engine to which it has nothing to say
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return err
	}
	defer func() { _ = cmd.Wait() }()
	defer func() { _ = cmd.Process.Kill() }()
	line, err := bufio.NewReader(stdout).ReadString('\n')
	took := time.Since(began)
	if _, notNumber := strconv.Atoi(strings.TrimSpace(line)); err != nil || notNumber != nil {
		return fmt.Errorf("it printed %q instead of a port", line)
	}
	p.port = append(p.port, took.Seconds()*1e3)
	time.Sleep(idleAfter)
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid))
	if err != nil {
		return err
	}
	_, rest, _ := strings.Cut(string(status), "\nVmRSS:")
	kilobytes, err := strconv.ParseFloat(strings.Fields(rest + " -")[0], 64)
	if err != nil {
		return err
	}
	p.idle = append(p.idle, kilobytes*1024/1e6)
	return nil
}

// operations runs the tests, and prints what they have measured. The virtual clock is to be had in a test only.
func operations(ctx context.Context) error {
	out, failed := exec.CommandContext(ctx, "go", "test", "-trimpath", "-buildvcs=false", "-count=1", "-json", "./bench", "-args", "-runs=10").Output()
	fmt.Print("| **API calls, and time if each takes 50 ms** | | | |\n")
	decoder := json.NewDecoder(bytes.NewReader(out))
	for decoder.More() {
		var event struct{ Key, Value, Output string }
		if err := decoder.Decode(&event); err != nil {
			return errors.Join(err, failed)
		}
		if event.Key == "row" {
			fmt.Println(event.Value)
		}
		if failed != nil && strings.Contains(event.Output, "_test.go:") {
			fmt.Fprint(os.Stderr, event.Output)
		}
	}
	return failed
}

func median(values []float64) float64 { return slices.Sorted(slices.Values(values))[len(values)/2] }
