package faults

import (
	"fmt"
	"strings"
)

// matrix is what came of the cases, by scenario and class of faults.
type matrix map[string]map[class]*cell

// cell counts cases and what had to be typed.
type cell struct {
	cases int
	typed map[string]bool
}

// How the table abbreviates what was typed after the fault.
const (
	typedNothing   = "–"
	typedUp        = "U"
	typedUpRefresh = "R"
	typedImport    = "I"
	typedRefresh   = "F"
	typedDestroy   = "D"
)

func abbreviated(way string) string {
	switch {
	case way == "itself":
		return typedNothing
	case strings.Contains(way, "import"):
		return typedImport
	case strings.Contains(way, string(destroy)):
		return typedDestroy
	case strings.Contains(way, string(upRefresh)):
		return typedUpRefresh
	}
	return typedUp
}

// matrix puts the cases with one fault together.
func (r result) matrix() matrix {
	m := matrix{}
	for _, o := range r.outcomes {
		if len(o.injections) != 1 {
			continue
		}
		of, ok := m[o.scenario.name]
		if !ok {
			of = map[class]*cell{}
			m[o.scenario.name] = of
		}
		c := o.injections[0].kind.class
		if of[c] == nil {
			of[c] = &cell{typed: map[string]bool{}}
		}
		of[c].cases++
		typed := abbreviated(o.way)
		if typed == typedUp && o.scenario.act == refresh {
			typed = typedRefresh
		}
		of[c].typed[typed] = true
	}
	return m
}

// markdown writes the matrix as a table, a row for each scenario.
func (m matrix) markdown(list []scenario) string {
	var b strings.Builder
	b.WriteString("| scenario |")
	for _, c := range classes {
		fmt.Fprintf(&b, " %s |", c)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(classes)) + "\n")
	for _, s := range list {
		of := m[s.name]
		if of == nil {
			continue
		}
		fmt.Fprintf(&b, "| %s |", s.name)
		for _, c := range classes {
			b.WriteString(" " + of[c].String() + " |")
		}
		b.WriteString("\n")
	}
	return b.String()
}

func (c *cell) String() string {
	if c == nil {
		return ""
	}
	var ways []string
	for _, typed := range []string{typedNothing, typedUp, typedRefresh, typedUpRefresh, typedImport, typedDestroy} {
		if c.typed[typed] {
			ways = append(ways, typed)
		}
	}
	return fmt.Sprintf("%d %s", c.cases, strings.Join(ways, ""))
}

// cases is how many cases there are in all.
func (m matrix) cases() int {
	n := 0
	for _, of := range m {
		for _, c := range of {
			n += c.cases
		}
	}
	return n
}
