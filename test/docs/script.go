// Package docs compares the documentation with the code, and runs the commands that it shows, as it shows them.
//
// In a page, a code block marked `sh` is run; one marked with a language and a file name, such as `yaml Pulumi.yaml`, is written to
// that file; any other block is only shown.
package docs

import (
	"fmt"
	"path/filepath"
	"strings"
)

// step is one block of a page: a file to write, or commands to run.
type step struct {
	line     int
	file     string
	contents string
}

// steps finds the blocks of a page.
func steps(markdown string) []step {
	var found []step
	inside, taken := false, false
	for n, line := range strings.Split(markdown, "\n") {
		marker, fence := strings.CutPrefix(strings.TrimSpace(line), "```")
		fields := strings.Fields(marker)
		switch {
		case fence && inside:
			inside, taken = false, false
		case fence:
			inside = true
			if taken = len(fields) == 1 && fields[0] == "sh"; taken {
				found = append(found, step{line: n + 1})
			} else if taken = len(fields) == 2 && filepath.IsLocal(fields[1]); taken {
				found = append(found, step{line: n + 1, file: fields[1]})
			}
		case taken:
			found[len(found)-1].contents += line + "\n"
		}
	}
	return found
}

// script turns a page's blocks into one shell script that stops at the first command that fails and says where it is. What the pages
// make with `make` is there already, so that it is only asked whether it would. What a page has started ends with it.
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
