// Package tree writes generated files into the repository and compares what is there with what would be written.
package tree

import (
	"bytes"
	"errors"
	"flag"
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
	"node_modules", "package-lock.json", "bin", "obj", "target", "dist", "build", "__pycache__", ".venv", ".mypy_cache", ".pytest_cache",
}

// Main is the command of a generator: it brings the repository up to date with what generate returns, and with -check only
// compares. The error then names the command that does it. In the folders that the generator owns no other files may lie.
func Main(command string, generate func(root string) (Files, error), owned ...string) {
	root := flag.String("root", ".", "the `folder` of the repository")
	check := flag.Bool("check", false, "write nothing; fail if a file is not what would be written")
	flag.Parse()
	if err := Update(*root, *check, command, generate, owned...); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Update is what Main does.
func Update(root string, check bool, command string, generate func(root string) (Files, error), owned ...string) error {
	files, err := generate(root)
	if err != nil {
		return err
	}
	strays, err := files.strays(root, owned)
	if err != nil {
		return err
	}
	if check {
		return files.compare(root, strays, command)
	}
	for _, name := range strays {
		if err := os.Remove(filepath.Join(root, name)); err != nil {
			return err
		}
	}
	return files.Write(root)
}

// Fill puts content between two marks in a file.
func (f Files) Fill(root, file, begin, end, content string) error {
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
	if err != nil {
		return err
	}
	before, rest, opened := strings.Cut(string(text), begin)
	_, after, closed := strings.Cut(rest, end)
	if !opened || !closed {
		return fmt.Errorf("%s does not have the marks %s and %s, between which text is generated", file, begin, end)
	}
	f[file] = []byte(before + begin + content + end + after)
	return nil
}

// Add takes over files under a folder of their own.
func (f Files) Add(folder string, files Files) {
	for name, content := range files {
		f[path.Join(folder, name)] = content
	}
}

// Write brings dir up to date.
func (f Files) Write(dir string) error {
	for name, content := range f {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// compare fails for files whose content in dir is not the generated one, and for strays. The error lists them, and names the command
// that puts it right.
func (f Files) compare(dir string, strays []string, command string) error {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(f)) {
		file := filepath.Join(dir, name)
		current, err := os.ReadFile(file)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			lines = append(lines, file+" is missing")
		case err != nil:
			return err
		case !bytes.Equal(current, f[name]):
			lines = append(lines, fmt.Sprintf("%s differs in line %d", file, firstDifference(current, f[name])))
		}
	}
	for _, name := range strays {
		lines = append(lines, filepath.Join(dir, name)+" is not generated")
	}
	if len(lines) == 0 {
		return nil
	}
	const most = 20
	if more := len(lines) - most; more > 0 {
		lines = append(lines[:most:most], fmt.Sprintf("and %d more", more))
	}
	return fmt.Errorf("the tree is not what the code generates; run `%s` and commit the result:\n  %s", command, strings.Join(lines, "\n  "))
}

// strays lists the files in folders of dir that are not generated (any more), build output aside, as paths below dir.
func (f Files) strays(dir string, folders []string) ([]string, error) {
	var strays []string
	look := func(name string, entry fs.DirEntry, err error) error {
		switch _, generated := f[name]; {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case slices.Contains(buildOutput, entry.Name()) && entry.IsDir() && !f.below(name), strings.HasSuffix(name, ".egg-info"):
			return fs.SkipDir
		case !entry.IsDir() && !generated && !slices.Contains(buildOutput, entry.Name()):
			strays = append(strays, name)
		}
		return nil
	}
	var all error
	for _, folder := range folders {
		all = errors.Join(all, fs.WalkDir(os.DirFS(dir), folder, look))
	}
	return strays, all
}

// below says whether a generated file lies below a folder.
func (f Files) below(folder string) bool {
	for name := range f {
		if strings.HasPrefix(name, folder+"/") {
			return true
		}
	}
	return false
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
