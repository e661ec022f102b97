package engine_test

import (
	"strings"
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/test/engine"
)

// TestRefresh: Read has the recorded inputs and outputs. Diff is asked with the sides swapped: what was read as old, what is recorded as
// new. It is told what the snapshot says is ignored, and nothing is applied beforehand. What was read is recorded, ignored or not.
func TestRefresh(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.up(thing("main", fields{"net": "a", "size": 1}, ignoring("size")))
	b.real["id-1"] = fields{"net": "b", "size": 5}
	b.take(false)
	r := b.refresh()
	b.asked(`
		Read main {"id":"id-1","inputs":{"net":"a","size":1},"properties":{"net":"a","self":"self-id-1","size":1}}
		Diff main {"id":"id-1","ignoreChanges":["size"],"news":{"net":"a","size":1},"oldInputs":{"net":"b","size":5},"olds":{"net":"b","self":"self-id-1","size":5}}`)
	b.recorded(`main id-1 {"net":"b","size":5} {"net":"b","self":"self-id-1","size":5}`)
	if step := r.Find("update", "main"); step == nil || len(step.Diff) != 1 {
		t.Errorf("the refresh shows %v", r.Steps)
	}
}

// TestRefreshBeforeUpdate: with --refresh, Check and Diff of the update start from what was read.
func TestRefreshBeforeUpdate(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.up(thing("main", fields{"size": 1}))
	b.real["id-1"] = fields{"size": 5}
	b.take(false)
	b.succeeds(b.Up(t.Context(), engine.Program{thing("main", fields{"size": 1})}, engine.Options{Refresh: true}))
	b.asked(`
		Read main {"id":"id-1","inputs":{"size":1},"properties":{"self":"self-id-1","size":1}}
		Diff main {"id":"id-1","news":{"size":1},"oldInputs":{"size":5},"olds":{"self":"self-id-1","size":5}}
		Check main {"news":{"size":1},"oldOutputs":{"self":"self-id-1","size":5},"olds":{"size":5}}
		Diff main {"id":"id-1","news":{"size":1},"oldInputs":{"size":5},"olds":{"self":"self-id-1","size":5}}
		Update main {"id":"id-1","news":{"size":1},"oldInputs":{"size":5},"olds":{"self":"self-id-1","size":5}}`)
}

// TestRefreshWithProgram: the program's inputs have no part in a refresh that runs it, only its configuration has.
func TestRefreshWithProgram(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.up(thing("main", fields{"size": 1}))
	b.take(false)
	b.succeeds(b.Refresh(t.Context(), engine.Program{thing("main", fields{"size": 2})}, engine.Options{RefreshProgram: true}))
	b.asked(`
		Read main {"id":"id-1","inputs":{"size":1},"properties":{"self":"self-id-1","size":1}}
		Diff main {"id":"id-1","news":{"size":1},"oldInputs":{"size":1},"olds":{"self":"self-id-1","size":1}}`)
}

// TestRefreshOfGone: an empty id takes the resource out of the snapshot.
func TestRefreshOfGone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.up(thing("main", fields{"size": 1}))
	delete(b.real, "id-1")
	b.refresh()
	b.recorded("")
}

// TestRefreshFails: a failure of Read leaves the snapshot as it is. One of Diff fails the refresh, too; whether what was read is recorded
// then depends on the backend.
func TestRefreshFails(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.up(thing("main", fields{"size": 1}))
	b.real["id-1"] = fields{"size": 5}
	b.fail = failing(plain, "Read")
	b.fails(b.Refresh(t.Context(), nil, engine.Options{}))
	b.recorded(`main id-1 {"size":1} {"self":"self-id-1","size":1}`)
	b.fail = failing(plain, "Diff")
	if r := b.Refresh(t.Context(), nil, engine.Options{}); r.Err == nil {
		t.Error("the refresh succeeds")
	}
}

// TestRefreshOfUnfinished: a refresh that finds a resource unfinished warns and marks it; one that does not find that clears the mark.
// The mark alone makes the next update an Update, though Diff finds nothing.
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
