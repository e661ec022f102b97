// Package tree writes generated files into the repository and compares what is there with what would be written.
package tree

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Files are generated files: slash-separated paths below some folder, and their contents.
type Files map[string][]byte

// buildOutput names what package managers and compilers leave in a generated folder. Git ignores it, and so do we.
var buildOutput = []string{
	"node_modules", "package-lock.json", "bin", "obj", "target", "dist", "build",
	"__pycache__", "*.egg-info", ".venv", ".mypy_cache", ".pytest_cache",
}

// Add takes over files under a folder of their own.
func (f Files) Add(folder string, files Files) {
	for name, content := range files {
		f[path.Join(folder, name)] = content
	}
}

// Sync makes dir hold the generated files and no others, build output aside.
func (f Files) Sync(dir string) error {
	if err := f.Write(dir); err != nil {
		return err
	}
	return f.Prune(dir)
}

// Verify fails if Sync would change anything. The error lists what, and names the command that puts it right.
func (f Files) Verify(dir, command string) error {
	lines, err := f.Differences(dir)
	if err != nil {
		return err
	}
	strays, err := f.Strays(dir)
	if err != nil {
		return err
	}
	for _, name := range strays {
		lines = append(lines, f.join(dir, name)+" is not generated")
	}
	return Outdated(lines, command)
}

// Outdated is nil without lines, else an error that lists them and names the command that puts it right.
func Outdated(lines []string, command string) error {
	if len(lines) == 0 {
		return nil
	}
	const most = 20
	if more := len(lines) - most; more > 0 {
		lines = append(lines[:most:most], fmt.Sprintf("and %d more", more))
	}
	return fmt.Errorf("the tree is not what the code generates; run `%s` and commit the result:\n  %s",
		command, strings.Join(lines, "\n  "))
}

// Write brings dir up to date. Files that have the right content already keep their time stamp.
func (f Files) Write(dir string) error {
	for _, name := range f.names() {
		if current, err := os.ReadFile(f.join(dir, name)); err == nil && bytes.Equal(current, f[name]) {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(f.join(dir, name)), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(f.join(dir, name), f[name], 0o644); err != nil {
			return err
		}
	}
	return nil
}

// Differences lists the files whose content in dir is not the generated one, one line each.
func (f Files) Differences(dir string) ([]string, error) {
	var lines []string
	for _, name := range f.names() {
		current, err := os.ReadFile(f.join(dir, name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			lines = append(lines, fmt.Sprintf("%s is missing", f.join(dir, name)))
		case err != nil:
			return nil, err
		case !bytes.Equal(current, f[name]):
			lines = append(lines, fmt.Sprintf("%s differs in line %d", f.join(dir, name), firstDifference(current, f[name])))
		}
	}
	return lines, nil
}

// Strays lists the files in dir that are not generated (any more), as slash-separated paths below dir.
func (f Files) Strays(dir string) ([]string, error) {
	var strays []string
	err := filepath.WalkDir(dir, func(file string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(dir, file)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(relative)
		if isBuildOutput(entry.Name()) && !f.generates(name) {
			if entry.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		if !entry.IsDir() && !f.generates(name) {
			strays = append(strays, name)
		}
		return nil
	})
	return strays, err
}

// Prune removes the strays in dir.
func (f Files) Prune(dir string) error {
	strays, err := f.Strays(dir)
	if err != nil {
		return err
	}
	for _, name := range strays {
		if err := os.Remove(f.join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}

func (f Files) names() []string { return slices.Sorted(maps.Keys(f)) }

func (f Files) join(dir, name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }

// generates says whether the path is a generated file or a folder of some.
func (f Files) generates(file string) bool {
	for name := range f {
		if name == file || strings.HasPrefix(name, file+"/") {
			return true
		}
	}
	return false
}

func isBuildOutput(name string) bool {
	return slices.ContainsFunc(buildOutput, func(pattern string) bool {
		matched, err := path.Match(pattern, name)
		return err == nil && matched
	})
}

// firstDifference is the number of the first line in which the contents differ, counted from 1.
func firstDifference(a, b []byte) int {
	line := 1
	for i := 0; i < len(a) && i < len(b) && a[i] == b[i]; i++ {
		if a[i] == '\n' {
			line++
		}
	}
	return line
}
