// Package docs runs the commands that the documentation shows, as it shows them.
//
// In a page, a code block marked `sh` is run; one marked with a language and a file name, such as `yaml Pulumi.yaml`, is
// written to that file first; any other block is only shown.
package docs

import (
	"fmt"
	"path/filepath"
	"strings"
)

// step is one block of a page: a file to write or commands to run.
type step struct {
	line     int
	file     string
	contents string
}

// steps finds the blocks of a page.
func steps(markdown string) ([]step, error) {
	var (
		found   []step
		current *step
		skip    bool
	)
	for n, line := range strings.Split(markdown, "\n") {
		marker, isFence := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case isFence && current == nil && !skip:
			fields := strings.Fields(marker)
			switch {
			case len(fields) == 1 && fields[0] == "sh":
				current = &step{line: n + 1}
			case len(fields) == 2 && filepath.IsLocal(fields[1]):
				current = &step{line: n + 1, file: fields[1]}
			default:
				skip = true
			}
		case isFence && skip:
			skip = false
		case isFence:
			found = append(found, *current)
			current = nil
		case current != nil:
			current.contents += line + "\n"
		}
	}
	if current != nil {
		return nil, fmt.Errorf("the block at line %d has no end", current.line)
	}
	return found, nil
}

// script turns a page's blocks into one shell script that stops at the first command that fails and says where it is. What
// the pages make with `make` is there already, so that it is only asked whether it would. What a page has started ends with it.
func script(page string, blocks []step) string {
	var b strings.Builder
	b.WriteString("set -euo pipefail\n")
	b.WriteString("make() { command make --dry-run -C \"$REPOSITORY\" \"$@\" >/dev/null; }\n")
	b.WriteString("trap 'started=$(jobs -p); [ -z \"$started\" ] || kill $started' EXIT\n")
	for _, s := range blocks {
		fmt.Fprintf(&b, "trap 'echo \"%s, block at line %d: a command failed\" >&2' ERR\n", page, s.line)
		if s.file != "" {
			fmt.Fprintf(&b, "cat > %q <<'END_OF_DOCUMENTED_FILE'\n%sEND_OF_DOCUMENTED_FILE\n", s.file, s.contents)
			continue
		}
		b.WriteString(s.contents)
	}
	return b.String()
}
