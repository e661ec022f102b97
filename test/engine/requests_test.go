package engine_test

import (
	"slices"
	"strings"
	"testing"

	pkgresource "github.com/pulumi/pulumi/pkg/v3/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"google.golang.org/protobuf/proto"

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

// What the provider relies on: the calls of the last operation but for Check, and what is recorded after it.
func TestFacts(t *testing.T) {
	t.Parallel()
	main := func(size int, options ...func(*engine.Resource)) engine.Resource {
		return thing("main", fields{"size": size}, options...)
	}
	for name, c := range map[string]struct {
		run             func(b *bench)
		asked, recorded string
	}{
		"where Diff finds nothing, the program's inputs are recorded without a call": {func(b *bench) {
			b.up(main(1))
			b.blind = true
			b.take()
			b.up(main(2))
		}, `Diff main {"id":"id-1","news":{"size":2},"oldInputs":{"size":1},"olds":{"self":"self-id-1","size":1}}`,
			`main id-1 {"size":2} {"self":"self-id-1","size":1}`},
		"a failed update records the old inputs": {func(b *bench) {
			b.up(main(1))
			b.fail = failing(plain, "Update")
			b.take()
			b.upFails(main(2))
		}, `
			Diff main {"id":"id-1","news":{"size":2},"oldInputs":{"size":1},"olds":{"self":"self-id-1","size":1}}
			Update main {"id":"id-1","news":{"size":2},"oldInputs":{"size":1},"olds":{"self":"self-id-1","size":1}}`,
			`main id-1 {"size":1} {"self":"self-id-1","size":1}`},
		"after an unfinished update the next one is an Update, although the change is taken back": {func(b *bench) {
			b.up(main(1))
			b.fail = failing(unfinished, "Update")
			b.upFails(main(2))
			b.take()
			b.upFails(main(1))
		}, `
			Diff main {"id":"id-1","news":{"size":1},"oldInputs":{"size":1},"olds":{"self":"self-id-1","size":1}}
			Update main {"id":"id-1","news":{"size":1},"oldInputs":{"size":1},"olds":{"self":"self-id-1","size":1}}`,
			`main id-1 {"size":1} {"self":"self-id-1","size":1} unfinished: not yet`},
		"if the update that an error hook asks for fails plainly, the id is lost": {func(b *bench) {
			b.fail = func(method string, request proto.Message) error {
				if method == "Update" {
					return plain(request)
				}
				return failing(unfinished, "Create")(method, request)
			}
			b.upFails(main(1, func(r *engine.Resource) { r.OnError = func(failures []string) bool { return len(failures) < 2 } }))
		}, `
			Create main {"properties":{"size":1}}
			Update main {"id":"id-9","news":{"size":1},"oldInputs":{"size":1},"olds":{"size":1}}`,
			""},
		"a refresh asks Diff with the sides swapped, and applies no ignoreChanges beforehand": {func(b *bench) {
			b.up(main(1, ignoring("size")))
			b.real["id-1"] = fields{"size": 5}
			b.take()
			b.succeeds(b.Refresh(b.t.Context(), nil, engine.Options{}))
		}, `
			Read main {"id":"id-1","inputs":{"size":1},"properties":{"self":"self-id-1","size":1}}
			Diff main {"id":"id-1","ignoreChanges":["size"],"news":{"size":1},"oldInputs":{"size":5},"olds":{"self":"self-id-1","size":5}}`,
			`main id-1 {"size":5} {"self":"self-id-1","size":5}`},
		"an update has the recorded inputs in the place of what is ignored, and tells what that is": {func(b *bench) {
			b.up(thing("main", fields{"tags": fields{"a": 1, "b": 1}}))
			b.take()
			b.up(thing("main", fields{"tags": fields{"a": 2, "b": 2}, "added": 1}, ignoring("tags.a", "added")))
		}, `
			Diff main {"id":"id-1","ignoreChanges":["tags.a","added"],"news":{"tags":{"a":1,"b":2}},"oldInputs":{"tags":{"a":1,"b":1}},"olds":{"self":"self-id-1","tags":{"a":1,"b":1}}}
			Update main {"id":"id-1","ignoreChanges":["tags.a","added"],"news":{"tags":{"a":1,"b":2}},"oldInputs":{"tags":{"a":1,"b":1}},"olds":{"self":"self-id-1","tags":{"a":1,"b":1}}}`,
			`main id-1 {"tags":{"a":1,"b":2}} {"self":"self-id-1","tags":{"a":1,"b":2}}`},
		"an import that would replace fails and stays in the snapshot": {func(b *bench) {
			b.real["id-7"] = fields{"net": "a"}
			b.upFails(thing("main", fields{"net": "b"}, importing))
		}, `
			Read main {"id":"id-7","properties":{}}
			Diff main {"id":"id-7","news":{"net":"b"},"oldInputs":{"net":"a"},"olds":{"net":"a","self":"self-id-7"}}`,
			`main id-7 {"net":"a"} {"net":"a","self":"self-id-7"}`},
		"--import-pending-creates loses the id: the same refresh drops the pending create without an import": {func(b *bench) {
			b.up(main(1))
			b.take()
			snapshot := b.Snapshot()
			pending := snapshot.Resources[len(snapshot.Resources)-1]
			snapshot.Resources = slices.DeleteFunc(snapshot.Resources, func(r *pkgresource.State) bool { return r == pending })
			snapshot.PendingOperations = []pkgresource.Operation{{Resource: pending, Type: pkgresource.OperationTypeImporting}}
			b.SetSnapshot(snapshot)
			b.succeeds(b.Refresh(b.t.Context(), nil, engine.Options{}))
			if left := b.Snapshot().PendingOperations; len(left) > 0 {
				b.t.Errorf("pending are %v", left)
			}
		}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			c.run(b)
			b.compare("calls", slices.DeleteFunc(b.take(), func(call string) bool { return strings.HasPrefix(call, "Check ") }), c.asked)
			b.recorded(c.recorded)
		})
	}
}
