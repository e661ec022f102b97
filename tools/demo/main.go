// Demo takes the minimal example through its whole life on the emulator, once for each payment type, with the real CLI and the real
// plugin: a wrong vSwitch, up, a kill -9 on the way, a change in place, a replacement that is only previewed, drift, an import, destroy.
// It shows every command as one would type it, compares what happened with what should have happened after each step, and
// exits non-zero at the first difference. It stays on loopback and in a temp folder that it removes.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

func main() {
	root := flag.String("root", ".", "the `folder` of the repository; bin/ in it holds the plugin, the emulator and the YAML host")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *root); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		stop()
		os.Exit(1)
	}
}

// run sets the scene, plays the story and clears everything away again.
func run(ctx context.Context, root string) (err error) {
	start := time.Now()
	root, err = filepath.Abs(root)
	if err != nil {
		return err
	}
	pulumi, err := findPulumi(root)
	if err != nil {
		return err
	}
	temp, err := os.MkdirTemp("", "kms-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	s := &shell{out: os.Stdout, root: root, temp: temp, pulumi: pulumi, environment: ownEnvironment(root, pulumi)}
	if err := s.requireBinaries(); err != nil {
		return err
	}
	s.title("An emulated Alibaba Cloud on loopback: nothing is bought, nothing leaves this machine")
	cloud, err := startEmulator(ctx, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cloud.stop()) }()
	if err := play(ctx, s, cloud); err != nil {
		if ctx.Err() != nil {
			return errors.New("stopped")
		}
		return err
	}
	s.printf("\nEverything went as it should, in %s.\n", time.Since(start).Round(time.Second))
	return nil
}

// findPulumi takes the CLI that the caller names, else the one that was built, else the one on PATH.
func findPulumi(root string) (string, error) {
	if given := os.Getenv("PULUMI"); given != "" {
		return given, nil
	}
	built := filepath.Join(root, "bin", "pulumi")
	if _, err := os.Stat(built); err == nil {
		return built, nil
	}
	found, err := exec.LookPath("pulumi")
	if err != nil {
		return "", errors.New("there is no pulumi on PATH and none in bin/; run `make cli` first, or `make demo`, which does")
	}
	return filepath.Abs(found)
}
