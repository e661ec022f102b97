// Linkcheck checks the links of all Markdown files in the repository: files that they point to must exist, and so must the
// headings. Links to the web are only checked for their form; whether they answer is not our build's business. But a link to a
// file of the repository as GitHub shows it, which pages that are read elsewhere need, is one to the file here.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

func main() {
	root := flag.String("root", ".", "the `folder` of the repository")
	flag.Parse()
	if err := run(*root); err != nil {
		fmt.Fprintln(os.Stderr, "linkcheck:", err)
		os.Exit(1)
	}
}

// skipped are folders whose Markdown is not ours.
var skipped = []string{".git", "node_modules", "bin", "dist", "target", ".venv"}

func run(root string) error {
	var broken []error
	links, files := 0, 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && slices.Contains(skipped, entry.Name()) {
			return filepath.SkipDir
		}
		if entry.IsDir() || filepath.Ext(path) != ".md" {
			return nil
		}
		files++
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for number, line := range proseLines(content) {
			for _, found := range linkTo.FindAllStringSubmatch(codeSpan.ReplaceAllString(line, "``"), -1) {
				links++
				if err := check(root, path, found[1]+found[2]); err != nil {
					broken = append(broken, fmt.Errorf("%s:%d: %w", path, number+1, err))
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := errors.Join(broken...); err != nil {
		return fmt.Errorf("broken links:\n%w", err)
	}
	fmt.Printf("linkcheck: %d links in %d files\n", links, files)
	return nil
}

// check says what is wrong with a link in a file.
func check(root, file, target string) error {
	address, err := url.Parse(target)
	if err != nil {
		return fmt.Errorf("%q is not an address", target)
	}
	if found := ofRepository.FindStringSubmatch(target); found != nil {
		address = &url.URL{Path: "/" + found[1], Fragment: address.Fragment}
	}
	switch {
	case address.Scheme == "https" || address.Scheme == "mailto":
		return nil
	case address.Scheme != "":
		return fmt.Errorf("%s is neither https nor a file of the repository", target)
	}
	destination := file
	if address.Path != "" {
		destination = filepath.Join(filepath.Dir(file), filepath.FromSlash(address.Path))
		if strings.HasPrefix(address.Path, "/") {
			destination = filepath.Join(root, filepath.FromSlash(address.Path))
		}
		if _, err := os.Stat(destination); err != nil {
			return fmt.Errorf("%s does not exist", target)
		}
	}
	if address.Fragment == "" || filepath.Ext(destination) != ".md" {
		return nil
	}
	content, err := os.ReadFile(destination)
	if err != nil {
		return err
	}
	if !slices.Contains(anchorsIn(content), address.Fragment) {
		return fmt.Errorf("%s: there is no such heading", target)
	}
	return nil
}

// ofRepository finds the path of a file or folder on the main branch.
var ofRepository = regexp.MustCompile(`^https://github\.com/pulumiverse/pulumi-alicloud-kms/(?:blob|tree)/main/([^#]*)`)

var (
	linkTo   = regexp.MustCompile(`\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)|^\[[^\]]+\]:\s+(\S+)`)
	codeSpan = regexp.MustCompile("`[^`]*`")
	heading  = regexp.MustCompile(`^#{1,6}\s+(.*?)\s*#*$`)
	linkText = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
)

// anchorsIn lists the names under which the headings of a file can be reached, as GitHub makes them.
func anchorsIn(content []byte) []string {
	var anchors []string
	seen := map[string]int{}
	for _, line := range proseLines(content) {
		found := heading.FindStringSubmatch(line)
		if found == nil {
			continue
		}
		name := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				return unicode.ToLower(r)
			default:
				return -1
			}
		}, linkText.ReplaceAllString(found[1], "$1"))
		if seen[name]++; seen[name] > 1 {
			name = fmt.Sprintf("%s-%d", name, seen[name]-1)
		}
		anchors = append(anchors, name)
	}
	return anchors
}

// proseLines are the lines of a file, with those inside fenced code left empty.
func proseLines(content []byte) []string {
	lines := strings.Split(string(content), "\n")
	code := false
	for i, line := range lines {
		fence := strings.HasPrefix(strings.TrimLeft(line, " "), "```")
		if code || fence {
			lines[i] = ""
		}
		code = code != fence
	}
	return lines
}
