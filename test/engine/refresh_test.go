package engine_test

import (
	"strings"
	"testing"
)

// A refresh asks Diff with the sides swapped, applies no ignoreChanges beforehand, and records what was read.
func TestRefresh(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.up(thing("main", fields{"net": "a", "size": 1}, ignoring("size")))
	b.real["id-1"] = fields{"net": "b", "size": 5}
	b.take(false)
	b.refresh()
	b.asked(`
		Read main {"id":"id-1","inputs":{"net":"a","size":1},"properties":{"net":"a","self":"self-id-1","size":1}}
		Diff main {"id":"id-1","ignoreChanges":["size"],"news":{"net":"a","size":1},"oldInputs":{"net":"b","size":5},"olds":{"net":"b","self":"self-id-1","size":5}}`)
	b.recorded(`main id-1 {"net":"b","size":5} {"net":"b","self":"self-id-1","size":5}`)
}

// A refresh marks a resource that it finds unfinished, and the mark alone makes the next update an Update.
func TestRefreshOfUnfinished(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.up(thing("main", fields{"size": 1}))
	b.fail = failing(unfinished(t, "not yet"), "Read")
	if text := b.refresh().Text(false); !strings.Contains(text, "unhealthy") || !strings.Contains(text, "not yet") {
		t.Errorf("the refresh says %s", text)
	}
	b.recorded(`main id-1 {"size":1} {"self":"self-id-1","size":1} unfinished: not yet`)
	b.take(false)
	b.up(thing("main", fields{"size": 1}))
	b.asked(`
		Check main {"news":{"size":1},"oldOutputs":{"self":"self-id-1","size":1},"olds":{"size":1}}
		Diff main {"id":"id-1","news":{"size":1},"oldInputs":{"size":1},"olds":{"self":"self-id-1","size":1}}
		Update main {"id":"id-1","news":{"size":1},"oldInputs":{"size":1},"olds":{"self":"self-id-1","size":1}}`)
	b.refresh()
	b.fail = nil
	b.refresh()
	b.recorded(`main id-1 {"size":1} {"self":"self-id-1","size":1}`)
}
