package engine_test

import (
	"strings"
	"testing"

	pkgresource "github.com/pulumi/pulumi/pkg/v3/resource"
	"google.golang.org/protobuf/proto"

	"github.com/pulumiverse/pulumi-alicloud-kms/test/engine"
)

// Ctrl-C tells the providers, records how what is under way ends, and starts nothing more but the tries of an error hook.
func TestCancel(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fail = failing(func(r proto.Message) error {
		b.Stack.Cancel()
		return unfinished(t, "cancelled")(r)
	}, "Create")
	program := engine.Program{thing("main", fields{"size": 1}), thing("other", fields{}, idOfMain("of"))}
	b.upFails(program...)
	b.asked(`
		Check main {"news":{"size":1},"oldOutputs":{},"olds":{}}
		Create main {"properties":{"size":1}}`)
	b.configured(`
		CheckConfig default {"news":{},"olds":{}}
		Configure default {"args":{}}
		Cancel  {}
		Cancel  {}`) // the second one is the end of every operation
	b.recorded(`main id-9 {"size":1} {"size":1} unfinished: cancelled`)

	b = newBench(t)
	b.up(thing("main", fields{"size": 1}))
	b.fail = failing(func(proto.Message) error { b.Stack.Cancel(); return nil }, "Update")
	if r := b.upFails(thing("main", fields{"size": 2})); !strings.Contains(r.Text(false), "update canceled") {
		t.Errorf("the engine says %s", r.Text(false))
	}
	b.recorded(`main id-1 {"size":2} {"self":"self-id-1","size":2}`)

	b = newBench(t)
	b.fail = failing(func(r proto.Message) error {
		b.Stack.Cancel()
		return unfinished(t, "cancelled")(r)
	}, "Create", "Update")
	b.upFails(thing("main", fields{"size": 1}, hook(2)))
	b.asked(`
		Check main {"news":{"size":1},"oldOutputs":{},"olds":{}}
		Create main {"properties":{"size":1}}
		Update main {"id":"id-9","news":{"size":1},"oldInputs":{"size":1},"olds":{"size":1}}`)
}

// After a kill of the engine a create is made again and stays pending until a user clears it; an update or a delete is made again.
func TestKillEngine(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	kill := func(method string) {
		b.fail = failing(func(proto.Message) error { b.KillEngine(); return nil }, method)
	}
	kill("Create")
	b.upFails(thing("main", fields{"size": 1}), thing("other", fields{}, idOfMain("of")))
	b.recorded("creating main")
	b.fail = nil
	b.take(false)
	if text := b.up(thing("main", fields{"size": 1})).Text(false); !strings.Contains(text, "pending operations") {
		t.Errorf("the engine says %s", text)
	}
	b.asked(`
		Check main {"news":{"size":1},"oldOutputs":{},"olds":{}}
		Create main {"properties":{"size":1}}`)
	b.recorded(`
		main id-2 {"size":1} {"self":"self-id-2","size":1}
		creating main`)
	kill("Update")
	b.upFails(thing("main", fields{"size": 2}))
	b.recorded(`
		main id-2 {"size":1} {"self":"self-id-2","size":1}
		updating main
		creating main`)
	kill("Delete")
	b.fails(b.Destroy(t.Context(), engine.Options{}))
	b.fail = nil
	b.take(false)
	b.succeeds(b.Destroy(t.Context(), engine.Options{}))
	b.asked(`Delete main {"id":"id-2","oldInputs":{"size":1},"properties":{"self":"self-id-2","size":1}}`)
	b.recorded("creating main")
}

// `--import-pending-creates` loses the id: the same refresh drops the pending create without an import.
func TestImportPendingCreate(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fail = failing(func(proto.Message) error { b.KillEngine(); return nil }, "Create")
	b.upFails(thing("main", fields{"size": 1}))
	b.fail = nil
	b.take(false)
	snapshot := b.Snapshot()
	snapshot.PendingOperations[0].Type, snapshot.PendingOperations[0].Resource.ID = pkgresource.OperationTypeImporting, "id-1"
	b.SetSnapshot(snapshot)
	b.recorded("importing main")
	b.refresh()
	b.asked("")
	b.recorded("")
}
