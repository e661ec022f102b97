package engine_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/pkg/v3/resource/deploy"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/pulumiverse/pulumi-alicloud-kms/test/engine"
)

// The option import reads without state, and an update in the same run makes the difference; afterwards the option does nothing.
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

// An import that would replace fails and stays in the snapshot, so that the next run without the option replaces it.
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

// An import under a name that has a resource deletes that resource at the end of the run.
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

// An unfinished resource is taken over by both ways to import and then updated, and is a failure for `.get`.
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

// A default that Check sets, and that Read does not find, is a change after `pulumi import`.
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
