//go:build linux

// Command meter stands where the engine looks for a plugin. It runs the plugin of its own name in the folder "metered" beside
// it, and when that has ended adds a line to "usage.jsonl" there: what the plugin's process used.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
)

func main() {
	code, err := run()
	if err != nil {
		fmt.Fprintln(os.Stderr, "meter:", err)
		code = 1
	}
	os.Exit(code)
}

func run() (code int, err error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	// The engine signals the whole process group: the plugin hears it too, and ends by itself.
	signal.Notify(make(chan os.Signal, 1), os.Interrupt, syscall.SIGTERM)
	folder := filepath.Join(filepath.Dir(self), "metered")
	plugin := exec.Command(filepath.Join(folder, filepath.Base(self)), os.Args[1:]...) //nolint:noctx // ends by the signal
	plugin.Stdin, plugin.Stdout, plugin.Stderr = os.Stdin, os.Stdout, os.Stderr
	var exit *exec.ExitError
	if err := plugin.Run(); err != nil && !errors.As(err, &exit) {
		return 0, err
	}
	used, ok := plugin.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0, errors.New("the system does not say what the plugin used")
	}
	line, err := json.Marshal(map[string]any{
		"cpuSeconds": plugin.ProcessState.UserTime().Seconds() + plugin.ProcessState.SystemTime().Seconds(),
		"peakBytes":  used.Maxrss << 10,
	})
	if err != nil {
		return 0, err
	}
	log, err := os.OpenFile(filepath.Join(folder, "usage.jsonl"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	_, err = log.Write(append(line, '\n'))
	return plugin.ProcessState.ExitCode(), errors.Join(err, log.Close())
}
