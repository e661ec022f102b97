package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// line is a line of the terminal, with its escape sequences, and when it appeared.
type line struct {
	text string
	at   time.Duration
}

// session is a terminal with an emulator behind it.
type session struct {
	folder      string
	environment []string
	emulator    *exec.Cmd
	started     time.Time
	lines       []line
}

// startTime is how long the emulator may take to listen.
const startTime = 10 * time.Second

// begin starts an emulator and makes a project in a folder, with a stack.
func begin(ctx context.Context, root, folder string) (*session, error) {
	bin := filepath.Join(root, "bin")
	envFile := filepath.Join(folder, "emulator.env")
	s := &session{folder: folder}
	s.emulator = exec.CommandContext(ctx, filepath.Join(bin, "alicloud-kms-emulator"),
		"-listen", "127.0.0.1:0", "-connect", "2s", "-quiet", "-env-file", envFile)
	s.emulator.Cancel = func() error { return s.emulator.Process.Signal(os.Interrupt) }
	if err := s.emulator.Start(); err != nil {
		return nil, fmt.Errorf("the emulator does not start (`make build cli` builds what is needed): %w", err)
	}
	settings, err := listening(ctx, envFile)
	if err != nil {
		return nil, errors.Join(err, s.end())
	}
	s.environment = append([]string{
		"PATH=" + strings.Join([]string{bin, os.Getenv("PATH")}, string(os.PathListSeparator)), "HOME=" + folder,
		"PULUMI_HOME=" + filepath.Join(folder, "home"), "PULUMI_BACKEND_URL=file://" + filepath.ToSlash(folder),
		"PULUMI_CONFIG_PASSPHRASE=recording", "PULUMI_SKIP_UPDATE_CHECK=true", "PULUMI_OPTION_COLOR=always",
		"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true",
	}, settings...)
	if err := os.WriteFile(filepath.Join(folder, "Pulumi.yaml"), fmt.Appendf(nil, program, bin), 0o600); err != nil {
		return nil, errors.Join(err, s.end())
	}
	if err := s.command(ctx, "pulumi stack init dev").Run(); err != nil {
		return nil, errors.Join(fmt.Errorf("making the stack: %w", err), s.end())
	}
	s.started = time.Now()
	return s, nil
}

// listening waits for the file that the emulator writes when it listens, and returns its lines.
func listening(ctx context.Context, envFile string) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	for {
		if text, err := os.ReadFile(envFile); err == nil {
			return strings.Fields(string(text)), nil
		}
		select {
		case <-ctx.Done():
			return nil, errors.New("the emulator does not listen")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (s *session) end() error {
	if err := s.emulator.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	return s.emulator.Wait()
}

func (s *session) command(ctx context.Context, command string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "bash", "-c", command)
	cmd.Dir, cmd.Env = s.folder, s.environment
	return cmd
}

// run types a command and records what it prints until it ends. Only a command that cannot be run at all is an error.
func (s *session) run(ctx context.Context, command string) error {
	s.add(bold + "$ " + command + reset)
	cmd := s.command(ctx, command)
	reader, writer := io.Pipe()
	cmd.Stdout, cmd.Stderr = writer, writer
	if err := cmd.Start(); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() {
		done <- cmd.Wait()
		_ = writer.Close() // a pipe of io never fails to close
	}()
	scanner := bufio.NewScanner(reader)
	for scanner.Scan() {
		s.add(scanner.Text())
	}
	var failed *exec.ExitError
	if err := <-done; err != nil && !errors.As(err, &failed) {
		return err
	}
	s.add("")
	return scanner.Err()
}

func (s *session) add(text string) {
	text = strings.NewReplacer(s.folder, "~", "\t", "    ").Replace(text)
	s.lines = append(s.lines, line{text, time.Since(s.started)})
}
