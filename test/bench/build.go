//go:build linux

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// programs are the binaries that are measured, and the meter.
type programs struct{ plugin, empty, meter string }

// build builds them as a release is built.
func build(ctx context.Context, folder string) (programs, error) {
	p := programs{
		plugin: filepath.Join(folder, "plugin"), empty: filepath.Join(folder, "empty"), meter: filepath.Join(folder, "meter"),
	}
	for _, b := range []struct{ module, from, to string }{
		{"..", "./cmd/pulumi-resource-alicloud-kms", p.plugin}, {".", "./bench/emptyprovider", p.empty}, {".", "./bench/meter", p.meter},
	} {
		if _, err := command(ctx, []string{"CGO_ENABLED=0"}, "go", "build", "-C", b.module, "-trimpath", "-buildvcs=false",
			"-ldflags", "-s -w", "-o", b.to, b.from); err != nil {
			return programs{}, err
		}
	}
	return p, nil
}

// command runs a command and returns what it prints. Its error holds what it prints to stderr.
func command(ctx context.Context, env []string, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), env...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return stdout.String(), fmt.Errorf("%s: %w\n%s%s", strings.Join(cmd.Args, " "), err, tail(stdout.String()), tail(stderr.String()))
	}
	return stdout.String(), nil
}

// tail keeps the end of a long text.
func tail(text string) string {
	const most = 4000
	if len(text) > most {
		return "…" + text[len(text)-most:]
	}
	return text
}
