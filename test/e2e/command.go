package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
)

// A command that takes longer than hangs never ends, and processes that outlast it by straggle were left behind.
const (
	hangs    = 3 * time.Minute
	straggle = 10 * time.Second
)

// Result is what a command printed and how it ended.
type Result struct {
	Command string
	Output  string // stdout and stderr
	Code    int
	t       testing.TB
}

// Pulumi runs a command of the CLI in the project and waits for its end.
func (p *Project) Pulumi(arguments ...string) Result {
	p.t.Helper()
	return p.Start(arguments...).Wait()
}

// Up runs `pulumi up` without a preview before it.
func (p *Project) Up(arguments ...string) Result {
	p.t.Helper()
	return p.Pulumi(append([]string{"up", "--yes", "--skip-preview"}, arguments...)...)
}

// Preview runs `pulumi preview --diff`.
func (p *Project) Preview(arguments ...string) Result {
	p.t.Helper()
	return p.Pulumi(append([]string{"preview", "--diff"}, arguments...)...)
}

// Refresh runs `pulumi refresh --diff` without a preview before it.
func (p *Project) Refresh(arguments ...string) Result {
	p.t.Helper()
	return p.Pulumi(append([]string{"refresh", "--yes", "--skip-preview", "--diff"}, arguments...)...)
}

// Destroy runs `pulumi destroy` without a preview before it.
func (p *Project) Destroy(arguments ...string) Result {
	p.t.Helper()
	return p.Pulumi(append([]string{"destroy", "--yes", "--skip-preview"}, arguments...)...)
}

// Running is a command that has been started.
type Running struct {
	project *Project
	cmd     *exec.Cmd
	cancel  context.CancelFunc
	output  *output
}

// ImportInstead follows exactly the third way of the message about an instance that an earlier run may have bought.
func (p *Project) ImportInstead(id string) {
	p.t.Helper()
	program, _, _ := strings.Cut(p.Read(programFile), "\nplugins:")
	p.Write(program + "    options:\n      import: " + id + "\n")
	up := p.Up()
	if strings.Contains(up.Output, "pending") || up.Code != 0 {
		p.Pulumi("refresh", "--yes", "--skip-preview", "--clear-pending-creates").Succeeds()
		up = p.Up()
	}
	up.Succeeds()
	p.Write(program)
	p.Up().Succeeds()
}

// Run runs another program in the project, in the environment in which its commands of the CLI run, and waits for its end.
func (p *Project) Run(program string, arguments ...string) Result {
	p.t.Helper()
	return p.start(program, arguments...).Wait()
}

// Start starts a command of the CLI in the project.
func (p *Project) Start(arguments ...string) *Running {
	p.t.Helper()
	return p.start(p.bin.pulumi, arguments...)
}

func (p *Project) start(program string, arguments ...string) *Running {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), hangs)
	r := &Running{project: p, cmd: exec.CommandContext(ctx, program, arguments...), cancel: cancel, output: &output{}}
	r.cmd.Dir, r.cmd.Env = p.Dir, p.env
	r.cmd.Stdout, r.cmd.Stderr = r.output, r.output
	r.cmd.WaitDelay = straggle
	if err := r.cmd.Start(); err != nil {
		cancel()
		p.t.Fatal(err)
	}
	return r
}

// Interrupt is one Ctrl-C.
func (r *Running) Interrupt() {
	r.project.t.Helper()
	if err := r.cmd.Process.Signal(os.Interrupt); err != nil {
		r.project.t.Fatal(err)
	}
}

// Prints waits until the command has printed a text: what a plugin says takes its time through the engine to the terminal.
func (r *Running) Prints(text string) {
	r.project.t.Helper()
	Eventually(r.project.t, "the command prints "+text, func() bool { return strings.Contains(r.output.String(), text) })
}

// Kill is kill -9 of the CLI. The plugin and the language host live on without an engine, until the end of the test. It
// returns what the command had printed by then.
func (r *Running) Kill() string {
	r.project.t.Helper()
	r.abandon()
	if err := r.cmd.Process.Kill(); err != nil {
		r.project.t.Fatal(err)
	}
	_ = r.cmd.Wait() // it was killed, and says so
	r.cancel()
	return r.output.String()
}

// KillAll is kill -9 of the CLI and of all that it has started: a job that is torn down.
func (r *Running) KillAll() string {
	r.project.t.Helper()
	killAll := r.abandon()
	printed := r.Kill()
	killAll()
	return printed
}

// GiveUp is another Ctrl-C after one: the CLI ends without waiting for anything. It returns what the command has printed by then.
func (r *Running) GiveUp() string {
	r.project.t.Helper()
	r.abandon()
	<-time.After(time.Second) // the first one must have been heard
	r.Interrupt()
	if err := r.cmd.Wait(); err == nil {
		r.project.t.Fatal("the command succeeded although it was given up")
	}
	r.cancel()
	return r.output.String()
}

// abandon returns what kills the processes that the command has started by now; the end of the test does so, too.
func (r *Running) abandon() func() {
	orphans := r.children()
	kill := func() {
		for _, orphan := range orphans {
			_ = orphan.Kill() // it may have ended by itself
		}
	}
	r.project.t.Cleanup(kill)
	return kill
}

// KillPlugin is kill -9 of the provider. It returns what the command, which fails then, has printed until its end. Some of
// that are the engine's words for a provider that is gone.
func (r *Running) KillPlugin() string {
	t := r.project.t
	t.Helper()
	defer r.cancel()
	killed := 0
	for _, child := range r.children("pulumi-resource-alicloud-kms") {
		switch err := child.Kill(); {
		case err == nil:
			killed++
		case !errors.Is(err, os.ErrProcessDone): // one that was asked for its schema alone
			t.Fatal(err)
		}
	}
	if killed == 0 {
		t.Fatal("no provider runs that could be killed")
	}
	if err := r.cmd.Wait(); err == nil {
		t.Fatal("the command succeeded without a provider")
	}
	return r.output.String()
}

// children are the processes that the command has started, all or those of some programs.
func (r *Running) children(programs ...string) []*os.Process {
	r.project.t.Helper()
	table, err := exec.Command("ps", "-A", "-o", "pid=,ppid=,args=").Output() //nolint:noctx // it answers at once
	if err != nil {
		r.project.t.Fatalf("ps, which finds what a kill leaves behind, failed: %v", err)
	}
	var found []*os.Process
	for line := range strings.Lines(string(table)) {
		var pid, parent int
		if n, _ := fmt.Sscan(line, &pid, &parent); n != 2 || parent != r.cmd.Process.Pid {
			continue
		}
		if len(programs) > 0 && !slices.ContainsFunc(programs, func(name string) bool { return strings.Contains(line, name) }) {
			continue
		}
		if child, err := os.FindProcess(pid); err == nil {
			found = append(found, child)
		}
	}
	return found
}

// Wait waits for the command's end.
func (r *Running) Wait() Result {
	t := r.project.t
	t.Helper()
	defer r.cancel()
	err := r.cmd.Wait()
	result := Result{
		Command: strings.Join(append([]string{filepath.Base(r.cmd.Path)}, r.cmd.Args[1:]...), " "), Output: r.output.String(),
		Code: r.cmd.ProcessState.ExitCode(), t: t,
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) || result.Code < 0 {
		t.Fatalf("%s did not end as it should: %v\n%s", result.Command, err, result.last())
	}
	result.isClean()
	return result
}

// enginesNil is how the engine itself names the value of a check failure on a nested path.
const enginesNil = " value {<nil>} has a problem"

// hostsError is how the language host names the error of a function.
const hostsError = "rpc error: code = Unknown desc = invocation of "

// last is the end of the output: enough for a failed test to show.
func (r Result) last() string {
	const enough = 6000
	return r.Output[max(0, len(r.Output)-enough):]
}

// isClean fails the test if the output shows what no user should ever see.
func (r Result) isClean() {
	r.t.Helper()
	for _, never := range []string{
		emulator.DefaultAccessKeySecret, "panic:", "goroutine ", "rpc error", "kmsinstance.", "*cloud.", "map[", "%!", "<nil>",
	} {
		if strings.Contains(strings.NewReplacer(enginesNil, "", hostsError, "").Replace(r.Output), never) {
			r.t.Errorf("%s prints %q:\n%s", r.Command, never, r.last())
		}
	}
}

// Succeeds requires the exit code 0.
func (r Result) Succeeds() Result {
	r.t.Helper()
	if r.Code != 0 {
		r.t.Fatalf("%s ended with exit code %d:\n%s", r.Command, r.Code, r.last())
	}
	return r
}

// Fails requires another exit code than 0.
func (r Result) Fails() Result {
	r.t.Helper()
	if r.Code == 0 {
		r.t.Fatalf("%s succeeded, but should have failed:\n%s", r.Command, r.last())
	}
	return r
}

// Shows requires texts in the output.
func (r Result) Shows(texts ...string) Result {
	r.t.Helper()
	for _, text := range texts {
		if !strings.Contains(r.Output, text) {
			r.t.Errorf("%s does not show %q:\n%s", r.Command, text, r.last())
		}
	}
	return r
}

// Hides requires that texts are not in the output.
func (r Result) Hides(texts ...string) Result {
	r.t.Helper()
	for _, text := range texts {
		if strings.Contains(r.Output, text) {
			r.t.Errorf("%s shows %q:\n%s", r.Command, text, r.last())
		}
	}
	return r
}

// output collects what a command prints while others may look at it.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// Eventually waits until a condition holds.
func Eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	end := time.After(hangs)
	for !holds() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("still waiting until %s", what)
		}
	}
}
