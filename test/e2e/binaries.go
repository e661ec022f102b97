package e2e

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
)

// binaries are the programs that a test runs.
type binaries struct {
	pulumi string // the CLI
	folder string // holds the plugin and the YAML language host
	err    error
}

// findBinaries looks for the CLI that the environment variable PULUMI names, else for bin/pulumi, else on PATH; for the
// plugin and the YAML host in bin/.
var findBinaries = sync.OnceValue(func() binaries {
	root, err := root()
	if err != nil {
		return binaries{err: err}
	}
	b := binaries{pulumi: os.Getenv("PULUMI"), folder: filepath.Join(root, "bin")}
	if b.pulumi == "" {
		b.pulumi = filepath.Join(b.folder, "pulumi")
		if _, err := os.Stat(b.pulumi); err != nil {
			b.pulumi, _ = exec.LookPath("pulumi")
		}
	}
	for _, needed := range []string{b.pulumi, filepath.Join(b.folder, "pulumi-language-yaml"), filepath.Join(b.folder, "pulumi-resource-alicloud-kms")} {
		if _, err := os.Stat(needed); err != nil {
			return binaries{err: errors.New("the Pulumi CLI, the YAML language host or the plugin is not built: run `make cli build` first")}
		}
	}
	return b
})

func requireBinaries(t testing.TB) binaries {
	t.Helper()
	b := findBinaries()
	if b.err != nil {
		t.Fatal(b.err)
	}
	return b
}

// Root is the folder of the repository.
func Root(t testing.TB) string {
	t.Helper()
	root, err := root()
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// Version is the version in the Makefile.
func Version(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(Root(t), "Makefile"))
	found := regexp.MustCompile(`(?m)^VERSION := (\S+)$`).FindSubmatch(text)
	if err != nil || found == nil {
		t.Fatalf("the Makefile has no line VERSION: %v", err)
	}
	return string(found[1])
}

// root is the nearest folder above the working directory that holds the examples.
func root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "examples")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("the repository's folder is not above the working directory")
		}
		dir = up
	}
}
