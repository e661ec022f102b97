package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// The terminal: its width in characters, and the size of one in pixels.
const (
	columns    = 118
	charWidth  = 72 // tenths
	lineHeight = 17
	fontSize   = 12
	margin     = 14
)

const (
	bold  = "\x1b[1m"
	reset = "\x1b[0m"
)

// longest is the longest pause that is played as it was.
const longest = 1500 * time.Millisecond

// draw draws a recording as an SVG that plays itself. Where nothing moves, all of it is seen at once.
func draw(lines []line) []byte {
	var body bytes.Buffer
	rows := 0
	var before, at time.Duration
	for i, l := range lines {
		if l.text == "" && (i+1 == len(lines) || lines[i+1].text == "") {
			continue // one blank line is enough
		}
		at += min(l.at-before, longest)
		before = l.at
		for _, row := range wrap(parse(l.text), columns) {
			rows++
			fmt.Fprintf(&body, `<text xml:space="preserve" y="%d" style="animation-delay:%.1fs">`, margin+rows*lineHeight-4, at.Seconds())
			column := 0
			for _, s := range row {
				fmt.Fprintf(&body, `<tspan x="%d"%s>%s</tspan>`, margin+column*charWidth/10, s.style.attributes(), escape(s.text))
				column += len([]rune(s.text))
			}
			body.WriteString("</text>\n")
		}
	}
	var out bytes.Buffer
	width, height := columns*charWidth/10+2*margin, rows*lineHeight+2*margin
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img" aria-labelledby="title">
<title id="title">A purchase whose connection fails, and the next run that finishes it without buying again</title>
<style>
text { font: %dpx ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #d8dee9; white-space: pre; animation: show 0.1s both; }
@keyframes show { from { opacity: 0; } to { opacity: 1; } }
@media (prefers-reduced-motion: reduce) { text { animation: none; } }
</style>
<rect width="100%%" height="100%%" rx="8" fill="#1e222a"/>
`, width, height, width, height, fontSize)
	out.Write(body.Bytes())
	out.WriteString("</svg>\n")
	return out.Bytes()
}

func escape(text string) string {
	var out bytes.Buffer
	_ = xml.EscapeText(&out, []byte(text)) // a buffer takes everything
	return out.String()
}

// style is how a text looks.
type style struct {
	bold  bool
	color string
}

func (s style) attributes() string {
	var out string
	if s.bold {
		out += ` font-weight="bold"`
	}
	if s.color != "" {
		out += fmt.Sprintf(` fill="%s"`, s.color)
	}
	return out
}

// span is text of one style.
type span struct {
	text  string
	style style
}

var sequence = regexp.MustCompile("\x1b\\[([0-9;]*)([A-Za-z])")

// parse splits a line at its escape sequences. Those that do not set a style are dropped.
func parse(text string) []span {
	var runs []span
	var now style
	for text != "" {
		place := sequence.FindStringSubmatchIndex(text)
		if place == nil {
			return append(runs, span{text, now})
		}
		if place[0] > 0 {
			runs = append(runs, span{text[:place[0]], now})
		}
		if text[place[4]:place[5]] == "m" {
			now = now.with(text[place[2]:place[3]])
		}
		text = text[place[1]:]
	}
	return runs
}

// palette are the colors of a terminal, in the order of the codes 30 to 37, and of 90 to 97.
var palette = [...]string{"#7b8394", "#e06c75", "#98c379", "#e5c07b", "#6cb6ff", "#c678dd", "#56b6c2", "#d8dee9"}

// with is the style after a sequence of codes, such as "38;5;2" or "1;32".
func (s style) with(codes string) style {
	if fields := strings.Split(codes, ";"); len(fields) == 3 && fields[0] == "38" && fields[1] == "5" {
		var n int
		if _, err := fmt.Sscan(fields[2], &n); err == nil && n < 2*len(palette) {
			s.color = palette[n%len(palette)]
		}
		return s
	}
	for code := range strings.SplitSeq(codes, ";") {
		var n int
		_, _ = fmt.Sscan(code, &n) // no code means 0
		switch {
		case n == 0:
			s = style{}
		case n == 1:
			s.bold = true
		case n >= 30 && n <= 37:
			s.color = palette[n-30]
		case n == 39:
			s.color = ""
		case n >= 90 && n <= 97:
			s.color = palette[n-90]
		}
	}
	return s
}

// wrap breaks a line into rows, as a terminal does, but at blanks.
func wrap(runs []span, width int) [][]span {
	rows := [][]span{{}}
	room := width
	for _, r := range runs {
		for _, word := range words(r.text) {
			length := len([]rune(word))
			if length > room && room < width {
				rows = append(rows, nil)
				room = width
				word = strings.TrimLeft(word, " ")
				length = len([]rune(word))
			}
			room -= length
			row := &rows[len(rows)-1]
			if n := len(*row); n > 0 && (*row)[n-1].style == r.style {
				(*row)[n-1].text += word
				continue
			}
			*row = append(*row, span{word, r.style})
		}
	}
	return rows
}

// words splits a text before every word, so that each has the blanks before it.
func words(text string) []string {
	return regexp.MustCompile(`\s*\S+|\s+$`).FindAllString(text, -1)
}
