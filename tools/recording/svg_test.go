package main

import (
	"encoding/xml"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestParseFollowsTheColors(t *testing.T) {
	got := parse("plain \x1b[1;31mred\x1b[39m bold\x1b[0m\x1b[38;5;2mgreen\x1b[K")
	want := []span{
		{"plain ", style{}}, {"red", style{true, palette[1]}}, {" bold", style{true, ""}}, {"green", style{false, palette[2]}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestWrapBreaksAtBlanks(t *testing.T) {
	green := style{color: palette[2]}
	got := wrap([]span{{"  one two", style{}}, {" three", green}, {" four", green}}, 10)
	want := [][]span{{{"  one two", style{}}}, {{"three four", green}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestDrawShowsEveryLineInItsTime(t *testing.T) {
	svg := string(draw([]line{{"$ a < b & c", 0}, {"", time.Second}, {"", time.Second}, {"later", time.Hour}}))
	decoder := xml.NewDecoder(strings.NewReader(svg))
	for {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("the drawing is no XML: %v\n%s", err, svg)
		}
	}
	for _, part := range []string{"$ a &lt; b &amp; c", `style="animation-delay:2.5s"><tspan x="14">later</tspan>`} {
		if !strings.Contains(svg, part) {
			t.Errorf("the drawing has no %s:\n%s", part, svg)
		}
	}
	if rows := strings.Count(svg, "<text "); rows != 3 {
		t.Errorf("the drawing has %d rows, want 3", rows)
	}
}
