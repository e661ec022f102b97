package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

const endMark = "<!-- end of generated part -->"

var beginMark = regexp.MustCompile(`(?m)^<!-- generated: ([a-z-]+) -->$`)

// fill replaces what stands between the marks in a text. It reports whether there were any.
func fill(text string, rendered map[string]string) (result string, found bool, err error) {
	var out strings.Builder
	for {
		place := beginMark.FindStringSubmatchIndex(text)
		if place == nil {
			out.WriteString(text)
			return out.String(), found, nil
		}
		found = true
		name := text[place[2]:place[3]]
		part, known := rendered[name]
		if !known {
			return "", true, fmt.Errorf("there is no generated part %q, but %s",
				name, strings.Join(slices.Sorted(maps.Keys(rendered)), ", "))
		}
		_, rest, closed := strings.Cut(text[place[1]:], endMark)
		if !closed {
			return "", true, fmt.Errorf("the generated part %q has no line %q after it", name, endMark)
		}
		out.WriteString(text[:place[1]])
		out.WriteString("\n" + part + endMark)
		text = rest
	}
}
