// Package deps tells which modules are linked into our programs, and under which licenses they come.
package deps

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/google/licensecheck"
)

// Module is a module that is linked in.
type Module struct {
	Path    string
	Version string
	Dir     string // where the module cache holds its sources
}

// Linked lists the modules linked into the packages on any of the operating systems, sorted by path. The main module is
// not among them.
func Linked(ctx context.Context, dir string, systems []string, packages ...string) ([]Module, error) {
	found := map[Module]bool{}
	for _, system := range systems {
		list := exec.CommandContext(ctx, "go", append([]string{"list", "-deps", "-json=Module"}, packages...)...)
		list.Dir = dir
		list.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0")
		var stderr bytes.Buffer
		list.Stderr = &stderr
		out, err := list.Output()
		if err != nil {
			return nil, fmt.Errorf("go list for %s: %w\n%s", system, err, &stderr)
		}
		decoder := json.NewDecoder(bytes.NewReader(out))
		for {
			var pkg struct {
				Module *struct {
					Module
					Main bool
				}
			}
			if err := decoder.Decode(&pkg); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				return nil, err
			}
			if pkg.Module != nil && !pkg.Module.Main {
				found[pkg.Module.Module] = true
			}
		}
	}
	modules := make([]Module, 0, len(found))
	for module := range found {
		modules = append(modules, module)
	}
	slices.SortFunc(modules, func(a, b Module) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Version, b.Version))
	})
	return modules, nil
}

// licenseFile matches the names that the files with a module's license go by.
var licenseFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice)(\.(md|txt|rst))?$`)

// License is what a module says about how it may be used.
type License struct {
	IDs  []string // SPDX, sorted
	Text []byte   // of all license files
}

// minCover is how many percent of a file must be known license text before we believe that we know the license.
const minCover = 75

// License reads the license of a module from its sources. A module without a license that we know is an error.
func (m Module) License() (License, error) {
	var license License
	entries, err := os.ReadDir(m.Dir)
	if err != nil {
		return license, err
	}
	for _, entry := range entries {
		if entry.IsDir() || !licenseFile.MatchString(entry.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(m.Dir, entry.Name()))
		if err != nil {
			return license, err
		}
		license.Text = append(append(license.Text, bytes.TrimSpace(text)...), '\n')
		if cover := licensecheck.Scan(text); cover.Percent >= minCover {
			for _, match := range cover.Match {
				license.IDs = append(license.IDs, match.ID)
			}
		}
	}
	slices.Sort(license.IDs)
	license.IDs = slices.Compact(license.IDs)
	if len(license.IDs) == 0 {
		if known, ok := declared[m.Path]; ok {
			return License{IDs: []string{known.id}, Text: fmt.Appendf(nil, "%s, according to the %s\n", known.id, known.source)}, nil
		}
		return license, fmt.Errorf("%s %s has no license that we know; look at %s", m.Path, m.Version, m.Dir)
	}
	return license, nil
}
