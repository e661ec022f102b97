// Command alicloud-kms-emulator serves an emulated Alibaba Cloud for KMS instances on loopback: the KMS, BSS, STS
// and VPC operations that a KMS instance needs. See docs/emulator.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// version is set by the Makefile and when a release is built.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "alicloud-kms-emulator:", err)
		os.Exit(1)
	}
}

// stopTime is how long calls under way may take to finish once the emulator is told to stop.
const stopTime = 5 * time.Second

// run serves until ctx ends.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	settings, err := parseFlags(args, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	if settings.showVersion {
		_, err := fmt.Fprintln(stdout, "alicloud-kms-emulator", version)
		return err
	}
	if !settings.quiet {
		settings.options.RequestLog = stderr
	}
	// A script waits for this file; one that an earlier run left would tell it too early.
	if err := removeEnvironment(settings.envFile); err != nil {
		return err
	}
	server, addresses, err := listen(settings)
	if err != nil {
		return err
	}
	if err := announce(stdout, settings, server, addresses); err != nil {
		return errors.Join(err, server.Close())
	}
	<-ctx.Done()

	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	return errors.Join(server.Shutdown(stopping), removeEnvironment(settings.envFile))
}
