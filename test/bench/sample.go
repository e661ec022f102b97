package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// sample is a row of measurements of one thing.
type sample []float64

func (s *sample) add(v float64) { *s = append(*s, v) }

// at is the value that a part of the measurements does not exceed; NaN without measurements.
func (s sample) at(part float64) float64 {
	if len(s) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(s))
	return sorted[min(len(sorted)-1, int(part*float64(len(sorted))))]
}

func (s sample) median() float64 { return s.at(0.5) }
func (s sample) min() float64    { return s.at(0) }
func (s sample) max() float64    { return s.at(1) }

// ratio is how much larger one median is than another; "–" if there is nothing to compare with.
func ratio(of, to sample) string {
	if len(of) == 0 || len(to) == 0 || to.median() == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f", of.median()/to.median())
}

// table is a table in Markdown. Columns whose heading ends in a colon are aligned to the right.
type table struct {
	heads []string
	rows  [][]string
}

func newTable(heads ...string) *table { return &table{heads: heads} }

func (t *table) row(cells ...string) { t.rows = append(t.rows, cells) }

func (t *table) String() string {
	var b strings.Builder
	heads, rules := make([]string, len(t.heads)), make([]string, len(t.heads))
	for i, head := range t.heads {
		heads[i], rules[i] = strings.TrimSuffix(head, ":"), "---"
		if strings.HasSuffix(head, ":") {
			rules[i] = "--:"
		}
	}
	for _, cells := range append([][]string{heads, rules}, t.rows...) {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | "))
	}
	return b.String()
}
