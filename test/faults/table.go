package faults

import (
	"fmt"
	"strings"
)

// How the table abbreviates what was typed after the fault, in the order in which a cell has it.
const (
	typedNothing = "–"
	typedUp      = "U"
	typedRefresh = "F"
	typedImport  = "I"
	typedDestroy = "D"
)

func (o outcome) typed() string {
	switch {
	case o.way == "itself":
		return typedNothing
	case strings.Contains(o.way, "import"):
		return typedImport
	case strings.Contains(o.way, string(destroy)):
		return typedDestroy
	case o.scenario.act == refresh:
		return typedRefresh
	}
	return typedUp
}

// table shows what came of the cases with one fault, in Markdown: a row for each scenario, and a column for each class of faults.
func (r result) table(list []scenario) string {
	var b strings.Builder
	b.WriteString("| scenario |")
	for _, c := range classes {
		fmt.Fprintf(&b, " %s |", c)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(classes)) + "\n")
	all := 0
	for _, s := range list {
		row, cases := "| "+s.name+" |", 0
		for _, c := range classes {
			n, typed := r.cell(s, c)
			cases += n
			row += fmt.Sprintf(" %s |", typed)
		}
		if cases > 0 {
			b.WriteString(row + "\n")
		}
		all += cases
	}
	fmt.Fprintf(&b, "\n%d cases with one fault each; no violations.\n", all)
	return b.String()
}

// cell counts the cases of a scenario and a class, and says in how many and what had to be typed.
func (r result) cell(s scenario, c class) (cases int, text string) {
	typed := ""
	for _, o := range r.outcomes {
		if len(o.injections) == 1 && o.scenario.name == s.name && o.injections[0].kind.class == c {
			cases++
			typed += o.typed()
		}
	}
	if cases == 0 {
		return 0, ""
	}
	text = fmt.Sprintf("%d ", cases)
	for _, way := range []string{typedNothing, typedUp, typedRefresh, typedImport, typedDestroy} {
		if strings.Contains(typed, way) {
			text += way
		}
	}
	return cases, text
}
