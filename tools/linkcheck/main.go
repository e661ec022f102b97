// Linkcheck checks the links of all Markdown files in the repository: files that they point to must exist, and so must the
// headings. Links to the web are only checked for their form; whether they answer is not our build's business. But a link to a
// file of the repository as GitHub shows it, which pages that are read elsewhere need, is one to the file here.
package main

import (
	"bufio"
	"bytes"
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
		for _, link := range linksIn(content) {
			links++
			if err := check(root, path, content, link.target); err != nil {
				broken = append(broken, fmt.Errorf("%s:%d: %w", path, link.line, err))
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
func check(root, file string, content []byte, target string) error {
	address, err := url.Parse(target)
	if err != nil {
		return fmt.Errorf("%q is not an address", target)
	}
	if path, ours := ofRepository(address); ours {
		address = &url.URL{Path: "/" + path, Fragment: address.Fragment}
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
	if destination != file {
		if content, err = os.ReadFile(destination); err != nil {
			return err
		}
	}
	if !slices.Contains(anchorsIn(content), address.Fragment) {
		return fmt.Errorf("%s: there is no such heading", target)
	}
	return nil
}

// ofRepository is the path of a file or folder on the main branch, if that is what an address names.
func ofRepository(address *url.URL) (string, bool) {
	if address.Scheme != "https" || address.Host != "github.com" {
		return "", false
	}
	for _, kind := range []string{"blob", "tree"} {
		if path, ours := strings.CutPrefix(address.Path, "/pulumiverse/pulumi-alicloud-kms/"+kind+"/main/"); ours {
			return path, true
		}
	}
	return "", false
}

type link struct {
	target string
	line   int
}

var (
	inlineLink    = regexp.MustCompile(`\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)`)
	referenceLink = regexp.MustCompile(`^\s{0,3}\[[^\]]+\]:\s+<?(\S+?)>?(?:\s|$)`)
	codeSpan      = regexp.MustCompile("`[^`]*`")
)

func linksIn(content []byte) []link {
	var links []link
	for number, line := range proseLines(content) {
		line = codeSpan.ReplaceAllString(line, "``")
		for _, found := range inlineLink.FindAllStringSubmatch(line, -1) {
			links = append(links, link{found[1], number + 1})
		}
		if found := referenceLink.FindStringSubmatch(line); found != nil {
			links = append(links, link{found[1], number + 1})
		}
	}
	return links
}

var (
	heading    = regexp.MustCompile(`^#{1,6}\s+(.*?)\s*#*$`)
	htmlAnchor = regexp.MustCompile(`<a\s+(?:id|name)="([^"]+)"`)
)

// anchorsIn lists the names under which the headings of a file can be reached, as GitHub makes them.
func anchorsIn(content []byte) []string {
	var anchors []string
	seen := map[string]int{}
	for _, line := range proseLines(content) {
		for _, found := range htmlAnchor.FindAllStringSubmatch(line, -1) {
			anchors = append(anchors, found[1])
		}
		found := heading.FindStringSubmatch(line)
		if found == nil {
			continue
		}
		name := anchor(found[1])
		if repeated := seen[name]; repeated > 0 {
			anchors = append(anchors, fmt.Sprintf("%s-%d", name, repeated))
		} else {
			anchors = append(anchors, name)
		}
		seen[name]++
	}
	return anchors
}

var linkText = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)

func anchor(title string) string {
	title = linkText.ReplaceAllString(title, "$1")
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
			return unicode.ToLower(r)
		default:
			return -1
		}
	}, title)
}

// proseLines are the lines of a file, with those inside fenced code left empty.
func proseLines(content []byte) []string {
	var lines []string
	fence := ""
	scanner := bufio.NewScanner(bytes.NewReader(content))
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		line := scanner.Text()
		trimmed := strings.TrimLeft(line, " ")
		switch {
		case fence != "":
			if strings.HasPrefix(trimmed, fence) {
				fence = ""
			}
			line = ""
		case strings.HasPrefix(trimmed, "```"):
			fence, line = "```", ""
		case strings.HasPrefix(trimmed, "~~~"):
			fence, line = "~~~", ""
		}
		lines = append(lines, line)
	}
	return lines
}
