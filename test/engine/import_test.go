package engine_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/pkg/v3/resource/deploy"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/pulumiverse/pulumi-alicloud-kms/test/engine"
)

// TestImportOption: Read without state, then Check and Diff as in any update; a difference is updated in the same run. Once that is done,
// the option does nothing.
func TestImportOption(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.real["id-7"] = fields{"size": 7, "more": 1}
	b.up(thing("main", fields{"size": 8, "more": 2}, importing("id-7"), ignoring("more")))
	b.asked(`
		Read main {"id":"id-7","properties":{}}
		Check main {"news":{"more":1,"size":8},"oldOutputs":{"more":1,"self":"self-id-7","size":7},"olds":{"more":1,"size":7}}
		Diff main {"id":"id-7","ignoreChanges":["more"],"news":{"more":1,"size":8},"oldInputs":{"more":1,"size":7},"olds":{"more":1,"self":"self-id-7","size":7}}
		Update main {"id":"id-7","ignoreChanges":["more"],"news":{"more":1,"size":8},"oldInputs":{"more":1,"size":7},"olds":{"more":1,"self":"self-id-7","size":7}}`)
	for _, option := range []resource.ID{"id-7", ""} {
		b.up(thing("main", fields{"size": 8, "more": 2}, importing(option), ignoring("more")))
		b.asked(`
			Check main {"news":{"more":1,"size":8},"oldOutputs":{"more":1,"self":"self-id-7","size":8},"olds":{"more":1,"size":8}}
			Diff main {"id":"id-7","ignoreChanges":["more"],"news":{"more":1,"size":8},"oldInputs":{"more":1,"size":8},"olds":{"more":1,"self":"self-id-7","size":8}}`)
	}
}

// TestImportReplaces: what an import would replace fails, but stays in the snapshot: the next run without the option replaces it.
func TestImportReplaces(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.real["id-7"] = fields{"net": "a"}
	if text := b.upFails(thing("main", fields{"net": "b"}, importing("id-7"))).Text(false); !strings.Contains(text, "may not be replaced") {
		t.Errorf("the engine says %s", text)
	}
	b.recorded(`main id-7 {"net":"a"} {"net":"a","self":"self-id-7"}`)
	b.take(false)
	b.up(thing("main", fields{"net": "b"}))
	b.asked(`
		Check main {"news":{"net":"b"},"oldOutputs":{"net":"a","self":"self-id-7"},"olds":{"net":"a"}}
		Diff main {"id":"id-7","news":{"net":"b"},"oldInputs":{"net":"a"},"olds":{"net":"a","self":"self-id-7"}}
		Check main {"news":{"net":"b"},"oldOutputs":{},"olds":{}}
		Create main {"properties":{"net":"b"}}
		Delete main {"id":"id-7","oldInputs":{"net":"a"},"properties":{"net":"a","self":"self-id-7"}}`)
}

// TestImportInPlace: an import under a name that has a resource deletes that one at the end of the run.
func TestImportInPlace(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.up(thing("main", fields{"size": 1}))
	b.real["id-7"] = fields{"size": 1}
	b.take(false)
	b.up(thing("main", fields{"size": 1}, importing("id-7")))
	b.asked(`
		Read main {"id":"id-7","properties":{}}
		Check main {"news":{"size":1},"oldOutputs":{"self":"self-id-7","size":1},"olds":{"size":1}}
		Diff main {"id":"id-7","news":{"size":1},"oldInputs":{"size":1},"olds":{"self":"self-id-7","size":1}}
		Delete main {"id":"id-1","oldInputs":{"size":1},"properties":{"self":"self-id-1","size":1}}`)
}

// TestImportOfNothing: an empty answer of Read is an error for both ways to import and for .get.
func TestImportOfNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, r := range []*engine.Result{
		b.upFails(thing("main", fields{}, importing("id-7"))),
		b.upFails(thing("main", fields{}, func(r *engine.Resource) { r.Get = "id-7" })),
		b.fails(b.Import(t.Context(), deploy.Import{Type: thingType, Name: "main", ID: "id-7"})),
	} {
		if text := r.Text(false); !strings.Contains(text, "resource 'id-7' does not exist") {
			t.Errorf("the engine says %s", text)
		}
	}
}

// TestImportCommand: `pulumi import` reads without state and checks what it has read. It asks for no Diff.
func TestImportCommand(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.real["id-7"] = fields{"size": 7}
	b.succeeds(b.Import(t.Context(), deploy.Import{Type: thingType, Name: "main", ID: "id-7"}))
	b.asked(`
		Read main {"id":"id-7","properties":{}}
		Check main {"news":{"size":7},"oldOutputs":{},"olds":{"size":7}}`)
	b.recorded(`main id-7 {"size":7} {"self":"self-id-7","size":7}`)
}

// TestImportOfUnfinished: both ways to import take over a resource that Read says is unfinished, and the next update, or the same one,
// makes an Update. With .get, it is a failure.
func TestImportOfUnfinished(t *testing.T) {
	t.Parallel()
	const update = `
		Check main {"news":{},"oldOutputs":{},"olds":{}}
		Diff main {"id":"id-7","news":{},"oldInputs":{},"olds":{}}
		Update main {"id":"id-7","news":{},"oldInputs":{},"olds":{}}`
	begin := func() *bench {
		b := newBench(t)
		b.fail = failing(unfinished(t, "not yet"), "Read")
		return b
	}
	b := begin()
	b.up(thing("main", fields{}, importing("id-7")))
	b.asked(`Read main {"id":"id-7","properties":{}}` + update)

	b = begin()
	b.succeeds(b.Import(t.Context(), deploy.Import{Type: thingType, Name: "main", ID: "id-7"}))
	b.take(false)
	b.up(thing("main", fields{}))
	b.asked(update)

	b = begin()
	got := thing("main", fields{}, func(r *engine.Resource) { r.Get = "id-7" })
	if text := b.upFails(got).Text(false); !strings.Contains(text, "not yet") {
		t.Errorf("the engine says %s", text)
	}
}

// TestGet: .get reads without state, like an import, in every run. A refresh has the outputs, but no inputs.
func TestGet(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.real["id-7"] = fields{"size": 7}
	got := thing("main", fields{}, func(r *engine.Resource) { r.Get = "id-7" })
	for range 2 {
		if r := b.up(got); r.Registered["main"].Outputs["self"].V != "self-id-7" {
			t.Errorf("the program was handed %+v", r.Registered["main"])
		}
		b.asked(`Read main {"id":"id-7","properties":{}}`)
	}
	b.refresh()
	b.asked(`Read main {"id":"id-7","properties":{"self":"self-id-7","size":7}}`)
}

// TestImportWithDefault: a default that Check sets, and that Read does not find in the cloud, is not recorded by `pulumi import`, so that
// the next preview has a change. The option makes an Update at once.
func TestImportWithDefault(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.defaults = true
	b.real["id-7"] = fields{"more": 1}
	b.succeeds(b.Import(t.Context(), deploy.Import{Type: thingType, Name: "main", ID: "id-7"}))
	b.recorded(`main id-7 {"more":1} {"more":1,"self":"self-id-7"}`)
	r := b.succeeds(b.Preview(t.Context(), engine.Program{thing("main", fields{"more": 1})}, engine.Options{}))
	if ops := r.Ops(); len(ops) != 1 || ops[0] != "update main" {
		t.Errorf("after an import the preview has %v", ops)
	}
	b.SetSnapshot(nil)
	if ops := b.up(thing("main", fields{"more": 1}, importing("id-7"))).Ops(); len(ops) != 2 || ops[1] != "update main" {
		t.Errorf("the import has %v", ops)
	}
}
