package engine_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"google.golang.org/protobuf/proto"

	"github.com/pulumiverse/pulumi-alicloud-kms/test/engine"
)

// The tests of this package pin what Pulumi's engine does where the provider relies on it. They need no provider of ours.

// TestLife: what a provider is asked through the life of a resource.
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

// TestSameRecordsInputs: where Diff finds nothing, the program's inputs are recorded all the same, without a call.
func TestSameRecordsInputs(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.up(thing("main", fields{"size": 1}))
	b.blind = true
	b.up(thing("main", fields{"size": 2, "more": true}))
	b.recorded(`main id-1 {"more":true,"size":2} {"self":"self-id-1","size":1}`)
}

// TestIgnoreChangesOfUpdate: an ordinary update has the recorded inputs in the place of what is ignored, in all of its calls, and
// Diff and Update are told what is ignored.
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

// TestRenamed: a resource that is found by an alias is asked about under its new URN only.
func TestRenamed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.up(thing("main", fields{"size": 1}))
	b.take(false)
	b.up(thing("other", fields{"size": 1}, func(r *engine.Resource) { r.AliasURNs = []resource.URN{urn("main")} }))
	b.asked(`
		Check other {"news":{"size":1},"oldOutputs":{"self":"self-id-1","size":1},"olds":{"size":1}}
		Diff other {"id":"id-1","news":{"size":1},"oldInputs":{"size":1},"olds":{"self":"self-id-1","size":1}}`)
}

// TestTargets: of what is not a target, the provider hears nothing.
func TestTargets(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.up(thing("main", fields{"size": 1}), thing("other", fields{"size": 1}))
	b.take(false)
	program := engine.Program{thing("main", fields{"size": 2}), thing("other", fields{"size": 2})}
	b.succeeds(b.Up(t.Context(), program, engine.Options{Refresh: true, Targets: only("main")}))
	id := string(instance(b, "main").ID)
	b.asked(`
		Read main {"id":"` + id + `","inputs":{"size":1},"properties":{"self":"self-` + id + `","size":1}}
		Diff main {"id":"` + id + `","news":{"size":1},"oldInputs":{"size":1},"olds":{"self":"self-` + id + `","size":1}}
		Check main {"news":{"size":2},"oldOutputs":{"self":"self-` + id + `","size":1},"olds":{"size":1}}
		Diff main {"id":"` + id + `","news":{"size":2},"oldInputs":{"size":1},"olds":{"self":"self-` + id + `","size":1}}
		Update main {"id":"` + id + `","news":{"size":2},"oldInputs":{"size":1},"olds":{"self":"self-` + id + `","size":1}}`)
}

// TestProviderProcesses: an operation starts a provider for each reference. If the provider's inputs have changed, --refresh reads
// with the old ones in a process of their own; a refresh uses the recorded ones, unless it runs the program.
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

// TestRegistration: the program is handed an id and outputs only for what succeeded; what depends on the rest is not registered.
func TestRegistration(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r := b.up(thing("main", fields{"size": 1}), thing("other", fields{}, idOfMain("of")))
	if main := r.Registered["main"]; main.ID != "id-1" || main.Outputs["self"].V != "self-id-1" {
		t.Errorf("the program was handed %+v", main)
	}
	b.recorded(`
		main id-1 {"size":1} {"self":"self-id-1","size":1}
		other id-2 {"of":"id-1"} {"of":"id-1","self":"self-id-2"}`)
	b.take(false)
	b.fail = failing(unfinished(t, "not yet"), "Update")
	r = b.upFails(thing("main", fields{"size": 2}), thing("other", fields{}, idOfMain("of")))
	if r.Registered["main"] != nil || r.Registered["other"] != nil {
		t.Errorf("the program was handed %+v", r.Registered)
	}
	if step := r.Find("update", "main"); step == nil || !step.Failed {
		t.Errorf("the steps are %v", r.Ops())
	}
}

// TestMessages: what a provider says reaches the user with its severity, in the order in which it was said.
func TestMessages(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fail = func(method string, _ proto.Message) error {
		if method != "Create" {
			return nil
		}
		return errors.Join(b.host.LogStatus(t.Context(), diag.Info, urn("main"), "at work"),
			b.host.Log(t.Context(), diag.Warning, urn("main"), "beware"), b.host.Log(t.Context(), diag.Info, "", "by the way"))
	}
	want := []engine.Message{
		{URN: urn("main"), Severity: diag.Info, Text: "at work", Status: true}, {URN: urn("main"), Severity: diag.Warning, Text: "beware"},
		{Severity: diag.Info, Text: "by the way"},
	}
	if r := b.up(thing("main", fields{})); !slices.Equal(r.Messages, want) || r.Text(false) != "warning: beware\ninfo: by the way\n" {
		t.Errorf("the messages are %+v, want %+v", r.Messages, want)
	}
}
