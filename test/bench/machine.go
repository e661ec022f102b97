//go:build linux

package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
)

// machine says where the measurements were made.
func machine() string {
	model := "unknown processor"
	for line := range strings.Lines(read("/proc/cpuinfo")) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			model = strings.TrimSpace(value)
			break
		}
	}
	return fmt.Sprintf("%s, %s/%s, %d × %s. Load average at the start: %s.",
		runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), model, load())
}

func load() string {
	fields := strings.Fields(read("/proc/loadavg"))
	return strings.Join(fields[:min(3, len(fields))], " ")
}

// read returns what a file of the system says; "" if it cannot be read.
func read(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return string(text)
}
