package engine_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/pulumiverse/pulumi-alicloud-kms/test/engine"
)

// The tests of this package pin what Pulumi's engine does where the provider relies on it. They need no provider of ours.

// Through its life a resource is checked, compared and changed with its recorded inputs, outputs and time-outs.
func TestLife(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	limited := func(r *engine.Resource) {
		r.CustomTimeouts = &resource.CustomTimeouts{Create: 10, Update: 20.5, Delete: 30}
	}
	b.succeeds(b.Preview(t.Context(), engine.Program{thing("main", fields{"size": 1})}, engine.Options{}))
	b.asked(`
		Check main {"news":{"size":1},"oldOutputs":{},"olds":{}}
		Create main {"preview":true,"properties":{"size":1}}`)
	b.up(thing("main", fields{"size": 1}, limited))
	b.asked(`
		Check main {"news":{"size":1},"oldOutputs":{},"olds":{}}
		Create main {"properties":{"size":1},"timeout":10}`)
	b.up(thing("main", fields{"size": 1}, limited))
	b.asked(`
		Check main {"news":{"size":1},"oldOutputs":{"self":"self-id-1","size":1},"olds":{"size":1}}
		Diff main {"id":"id-1","news":{"size":1},"oldInputs":{"size":1},"olds":{"self":"self-id-1","size":1}}`)
	b.succeeds(b.Preview(t.Context(), engine.Program{thing("main", fields{"size": 2})}, engine.Options{}))
	b.asked(`
		Check main {"news":{"size":2},"oldOutputs":{"self":"self-id-1","size":1},"olds":{"size":1}}
		Diff main {"id":"id-1","news":{"size":2},"oldInputs":{"size":1},"olds":{"self":"self-id-1","size":1}}
		Update main {"id":"id-1","news":{"size":2},"oldInputs":{"size":1},"olds":{"self":"self-id-1","size":1},"preview":true}`)
	b.up(thing("main", fields{"size": 2}, limited))
	b.asked(`
		Check main {"news":{"size":2},"oldOutputs":{"self":"self-id-1","size":1},"olds":{"size":1}}
		Diff main {"id":"id-1","news":{"size":2},"oldInputs":{"size":1},"olds":{"self":"self-id-1","size":1}}
		Update main {"id":"id-1","news":{"size":2},"oldInputs":{"size":1},"olds":{"self":"self-id-1","size":1},"timeout":20.5}`)
	b.up() // deletes take their time-out from the snapshot
	b.asked(`Delete main {"id":"id-1","oldInputs":{"size":2},"properties":{"self":"self-id-1","size":2},"timeout":30}`)
}

// Where Diff finds nothing, the program's inputs are recorded without a call.
func TestSameRecordsInputs(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.up(thing("main", fields{"size": 1}))
	b.blind = true
	b.up(thing("main", fields{"size": 2, "more": true}))
	b.recorded(`main id-1 {"more":true,"size":2} {"self":"self-id-1","size":1}`)
}

// An ordinary update has the recorded inputs in the place of what is ignored, and tells Diff and Update what that is.
func TestIgnoreChangesOfUpdate(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.up(thing("main", fields{"size": 1, "tags": fields{"a": 1, "b": 1}}))
	b.take(false)
	b.up(thing("main", fields{"size": 2, "tags": fields{"a": 2, "b": 2}, "added": 1}, ignoring("tags.a", "added")))
	b.asked(`
		Check main {"news":{"size":2,"tags":{"a":1,"b":2}},"oldOutputs":{"self":"self-id-1","size":1,"tags":{"a":1,"b":1}},"olds":{"size":1,"tags":{"a":1,"b":1}}}
		Diff main {"id":"id-1","ignoreChanges":["tags.a","added"],"news":{"size":2,"tags":{"a":1,"b":2}},"oldInputs":{"size":1,"tags":{"a":1,"b":1}},"olds":{"self":"self-id-1","size":1,"tags":{"a":1,"b":1}}}
		Update main {"id":"id-1","ignoreChanges":["tags.a","added"],"news":{"size":2,"tags":{"a":1,"b":2}},"oldInputs":{"size":1,"tags":{"a":1,"b":1}},"olds":{"self":"self-id-1","size":1,"tags":{"a":1,"b":1}}}`)
	b.up(thing("main", fields{}, ignoring("*"))) // everything stays, also what was taken out
	b.recorded(`main id-1 {"size":2,"tags":{"a":1,"b":2}} {"self":"self-id-1","size":2,"tags":{"a":1,"b":2}}`)
}

// Each provider reference has a process of its own; a refresh uses the recorded configuration unless it runs the program.
func TestProviderProcesses(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.Config["fake:key"] = "one"
	main := thing("main", fields{"size": 1})
	b.up(main)
	b.configured(`
		CheckConfig default {"news":{"key":"one"},"olds":{}}
		Configure default {"args":{"key":"one"}}
		Cancel  {}`)
	b.Config["fake:key"] = "two"
	b.refresh()
	b.configured(`
		Configure default {"args":{"key":"one"}}
		Cancel  {}`)
	b.succeeds(b.Up(t.Context(), engine.Program{main}, engine.Options{Refresh: true}))
	b.configured(`
		Configure default {"args":{"key":"one"}}
		CheckConfig default {"news":{"key":"two"},"olds":{"key":"one"}}
		DiffConfig default {"news":{"key":"two"},"oldInputs":{"key":"one"},"olds":{"key":"one"}}
		Configure default {"args":{"key":"two"}}
		Cancel  {}
		Cancel  {}`)
	b.Config["fake:key"] = "three"
	b.succeeds(b.Refresh(t.Context(), engine.Program{main}, engine.Options{RefreshProgram: true}))
	b.configured(`
		CheckConfig default {"news":{"key":"three"},"olds":{"key":"two"}}
		DiffConfig default {"news":{"key":"three"},"oldInputs":{"key":"two"},"olds":{"key":"two"}}
		Configure default {"args":{"key":"three"}}
		Cancel  {}`)
	b.Destroy(t.Context(), engine.Options{})
	b.configured(`
		Configure default {"args":{"key":"three"}}
		Cancel  {}`)
}
