package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// shell shows commands and runs them, in projects below the temp folder.
type shell struct {
	out         *os.File
	root        string
	temp        string
	pulumi      string
	environment []string
	steps       int
}

// ownEnvironment is the environment without what would lead Pulumi or the provider elsewhere: to another backend, to real
// credentials, to the real cloud.
func ownEnvironment(root, pulumi string) []string {
	foreign := regexp.MustCompile(`^(PULUMI|PULUMI_.*|ALICLOUD_.*|ALIBABA_?CLOUD_.*|(KMS|BSSOPENAPI|STS|VPC)_ENDPOINT|PATH)=`)
	path := strings.Join([]string{filepath.Dir(pulumi), filepath.Join(root, "bin"), os.Getenv("PATH")}, string(os.PathListSeparator))
	environment := []string{"PATH=" + path}
	for _, variable := range os.Environ() {
		if !foreign.MatchString(variable) {
			environment = append(environment, variable)
		}
	}
	return environment
}

func (s *shell) printf(format string, args ...any) { _, _ = fmt.Fprintf(s.out, format, args...) }

// title starts a step.
func (s *shell) title(text string) {
	s.steps++
	s.printf("\n\n=== %d. %s\n", s.steps, text)
}

// prompt shows a command as it would be typed.
func (s *shell) prompt(folder, command string) { s.printf("\n%s$ %s\n", folder, command) }

// export sets variables for all later commands and shows how one would set them.
func (s *shell) export(variables ...string) {
	s.printf("\n")
	for _, variable := range variables {
		s.printf("$ export %s\n", variable)
		s.environment = append(s.environment, variable)
	}
}

// check compares a fact with what it should be. A difference ends the demo.
func (s *shell) check(ok bool, format string, args ...any) error {
	text := fmt.Sprintf(format, args...)
	if !ok {
		return errors.New("this should hold, but does not: " + text)
	}
	s.printf("  [ok] %s\n", text)
	return nil
}

// stopTime is how long a command may take to finish once the demo is told to stop.
const stopTime = 15 * time.Second

// run shows a pulumi command, runs it in a project, and returns what it printed, without colors. The command gets no
// terminal: its output is to stay on the screen line by line.
func (s *shell) run(ctx context.Context, project, arguments string) (string, error) {
	text, err := s.try(ctx, project, arguments)
	if err != nil {
		return "", fmt.Errorf("`pulumi %s` failed: %w", arguments, err)
	}
	return text, nil
}

// refused runs a command that must fail, and returns what it printed.
func (s *shell) refused(ctx context.Context, project, arguments string) (string, error) {
	text, err := s.try(ctx, project, arguments)
	if err == nil {
		return "", fmt.Errorf("`pulumi %s` should fail, but does not", arguments)
	}
	return text, ctx.Err()
}

func (s *shell) try(ctx context.Context, project, arguments string) (string, error) {
	s.prompt(project, "pulumi "+arguments)
	cmd := s.command(ctx, project, arguments)
	if isTerminal(s.out) {
		cmd.Env = append(cmd.Env, "PULUMI_OPTION_COLOR=always")
	}
	var output bytes.Buffer
	both := io.MultiWriter(s.out, &output)
	cmd.Stdout, cmd.Stderr = both, both
	err := cmd.Run()
	return withoutColors(output.String()), err
}

// killed runs a command, and kills it with signal 9 as soon as something has happened.
func (s *shell) killed(ctx context.Context, project, arguments string, happened func() (bool, error)) error {
	s.prompt(project, "pulumi "+arguments+" &")
	cmd := s.command(ctx, project, arguments)
	cmd.Stdout, cmd.Stderr = s.out, s.out // no pipe, which the plugin would hold open
	if err := cmd.Start(); err != nil {
		return err
	}
	ok, err := happened()
	for !ok && err == nil && ctx.Err() == nil {
		time.Sleep(20 * time.Millisecond)
		ok, err = happened()
	}
	s.prompt(project, fmt.Sprintf("kill -9 %d", cmd.Process.Pid))
	defer killChildren(ctx, cmd.Process.Pid)()
	err = errors.Join(err, cmd.Process.Kill(), ctx.Err())
	_ = cmd.Wait() // it says that the command was killed
	return err
}

// killChildren finds what a process has started, which lives on without it, and returns what kills that.
func killChildren(ctx context.Context, parent int) func() {
	list, _ := exec.CommandContext(ctx, "ps", "-A", "-o", "pid=,ppid=").Output() // without it they stay
	return func() {
		for line := range strings.Lines(string(list)) {
			var pid, ppid int
			if _, err := fmt.Sscan(line, &pid, &ppid); err == nil && ppid == parent {
				_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended by itself
			}
		}
	}
}

// runAll runs commands whose output nothing is asked of.
func (s *shell) runAll(ctx context.Context, project string, commands ...string) error {
	for _, arguments := range commands {
		if _, err := s.run(ctx, project, arguments); err != nil {
			return err
		}
	}
	return nil
}

func (s *shell) command(ctx context.Context, project, arguments string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, s.pulumi, strings.Fields(arguments)...)
	cmd.Dir = s.folder(project)
	cmd.Env = append([]string{}, s.environment...)
	cmd.WaitDelay = stopTime
	cmd.Cancel = func() error {
		if isTerminal(os.Stdin) {
			return nil // Ctrl-C has reached the command, too; a second one would tear it
		}
		return cmd.Process.Signal(os.Interrupt)
	}
	return cmd
}

func (s *shell) folder(project string) string { return filepath.Join(s.temp, project) }

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

var colors = regexp.MustCompile("\x1b\\[[0-9;]*[A-Za-z]")

func withoutColors(text string) string { return colors.ReplaceAllString(text, "") }
