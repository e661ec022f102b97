package engine_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"google.golang.org/protobuf/proto"

	"github.com/pulumiverse/pulumi-alicloud-kms/test/engine"
)

// An unfinished create is recorded with its inputs, and the next update is an Update whatever Diff says.
func TestCreateUnfinished(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fail = failing(unfinished(t, "not yet"), "Create")
	b.upFails(thing("main", fields{"size": 1}))
	b.recorded(`main id-9 {"size":1} {"size":1} unfinished: not yet`)
	b.take(false)
	b.up(thing("main", fields{"size": 2}, ignoring("size")))
	b.asked(`
		Check main {"news":{"size":1},"oldOutputs":{"size":1},"olds":{"size":1}}
		Diff main {"id":"id-9","ignoreChanges":["size"],"news":{"size":1},"oldInputs":{"size":1},"olds":{"size":1}}
		Update main {"id":"id-9","ignoreChanges":["size"],"news":{"size":1},"oldInputs":{"size":1},"olds":{"size":1}}`)
	b.recorded(`main id-9 {"size":1} {"self":"self-id-9","size":1}`)
}

// A failed update records the old inputs, and an unfinished one the new outputs as well.
func TestUpdateFails(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.up(thing("main", fields{"size": 1}))
	b.fail = failing(plain, "Update")
	b.upFails(thing("main", fields{"size": 2}))
	b.recorded(`main id-1 {"size":1} {"self":"self-id-1","size":1}`)
	b.fail = failing(unfinished(t, "not yet"), "Update")
	b.upFails(thing("main", fields{"size": 2}))
	b.recorded(`main id-1 {"size":1} {"self":"self-id-1","size":1} unfinished: not yet`)
	b.fail = nil
	b.take(false)
	b.up(thing("main", fields{"size": 1})) // the user takes the change back
	b.asked(`
		Check main {"news":{"size":1},"oldOutputs":{"self":"self-id-1","size":1},"olds":{"size":1}}
		Diff main {"id":"id-1","news":{"size":1},"oldInputs":{"size":1},"olds":{"self":"self-id-1","size":1}}
		Update main {"id":"id-1","news":{"size":1},"oldInputs":{"size":1},"olds":{"self":"self-id-1","size":1}}`)
}

// The old resource of an unfinished replacement stays until a run in which nothing fails.
func TestReplacementUnfinished(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.up(thing("main", fields{"net": "a"}))
	b.fail = failing(unfinished(t, "not yet"), "Create", "Update")
	for range 2 {
		b.upFails(thing("main", fields{"net": "b"}))
		b.recorded(`
			main id-9 {"net":"b"} {"net":"b"} unfinished: not yet
			main id-1 {"net":"a"} {"net":"a","self":"self-id-1"}, to be deleted`)
	}
	b.fail = nil
	b.take(false)
	b.real["id-9"] = fields{"net": "b"}
	b.refresh()
	calls := b.take(false)
	for _, want := range []string{
		`Read main {"id":"id-9","inputs":{"net":"b"},"properties":{"net":"b"}}`,
		`Read main {"id":"id-1","inputs":{"net":"a"},"properties":{"net":"a","self":"self-id-1"}}`,
		`Diff main {"id":"id-1","news":{"net":"a"},"oldInputs":{"net":"a"},"olds":{"net":"a","self":"self-id-1"}}`,
	} {
		if !strings.Contains(calls, want) {
			t.Errorf("the refresh makes the calls\n%s\nwhich lack %s", calls, want)
		}
	}
	b.up(thing("main", fields{"net": "b"}))
	b.recorded(`main id-9 {"net":"b"} {"net":"b","self":"self-id-9"}`)
	if b.real["id-1"] != nil {
		t.Error("the old one is still there")
	}
}

// --continue-on-error deletes the old resource although its replacement is unfinished.
func TestContinueOnError(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	program := func(net string) engine.Program {
		return engine.Program{thing("main", fields{"net": net}), thing("other", fields{}, idOfMain("of"))}
	}
	b.up(program("a")...)
	b.take(false)
	b.fail = failing(unfinished(t, "not yet"), "Create")
	b.fails(b.Up(t.Context(), program("b"), engine.Options{ContinueOnError: true}))
	b.asked(`
		Check main {"news":{"net":"b"},"oldOutputs":{"net":"a","self":"self-id-1"},"olds":{"net":"a"}}
		Diff main {"id":"id-1","news":{"net":"b"},"oldInputs":{"net":"a"},"olds":{"net":"a","self":"self-id-1"}}
		Check main {"news":{"net":"b"},"oldOutputs":{},"olds":{}}
		Create main {"properties":{"net":"b"}}
		Update other {"id":"id-2","news":{"of":"` + unknown + `"},"oldInputs":{"of":"id-1"},"olds":{"of":"id-1","self":"self-id-2"},"preview":true}
		Delete main {"id":"id-1","oldInputs":{"net":"a"},"properties":{"net":"a","self":"self-id-1"}}`)

	b = newBench(t)
	b.fail = failing(plain, "Create")
	b.fails(b.Up(t.Context(), program("a"), engine.Options{ContinueOnError: true}))
	b.asked(`
		Check main {"news":{"net":"a"},"oldOutputs":{},"olds":{}}
		Create main {"properties":{"net":"a"}}
		Create other {"preview":true,"properties":{"of":"` + unknown + `"}}`)
}

// An error hook has a failed create made again, and an unfinished one updated with the time-out of the create.
func TestHookOfCreate(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	failures := []error{errors.New("nothing was made"), unfinished(t, "not yet")(nil), unfinished(t, "still not")(nil)}
	once := func(proto.Message) (err error) {
		if len(failures) > 0 {
			err, failures = failures[0], failures[1:]
		}
		return err
	}
	b.fail = failing(once, "Create", "Update")
	b.up(thing("main", fields{"size": 1}, hook(9), func(r *engine.Resource) {
		r.CustomTimeouts = &resource.CustomTimeouts{Create: 10, Update: 20}
	}))
	b.asked(`
		Check main {"news":{"size":1},"oldOutputs":{},"olds":{}}
		Create main {"properties":{"size":1},"timeout":10}
		Create main {"properties":{"size":1},"timeout":10}
		Update main {"id":"id-9","news":{"size":1},"oldInputs":{"size":1},"olds":{},"timeout":10}
		Update main {"id":"id-9","news":{"size":1},"oldInputs":{"size":1},"olds":{},"timeout":10}`)
	b.recorded(`main id-9 {"size":1} {"self":"self-id-9","size":1}`)
}

// If the update that a hook asks for fails plainly, the id is lost, so an Update must not fail plainly where the resource exists.
func TestHookLosesTheID(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fail = func(method string, request proto.Message) error {
		return errors.Join(failing(unfinished(t, "not yet"), "Create")(method, request), failing(plain, "Update")(method, request))
	}
	b.upFails(thing("main", fields{"size": 1}, hook(2)))
	b.recorded("")
	b.fail = failing(unfinished(t, "not yet"), "Create", "Update")
	b.upFails(thing("main", fields{"size": 1}, hook(2)))
	b.recorded(`main id-9 {"size":1} {"size":1} unfinished: not yet`)
}

// After a hundred tries of a hook the resource is recorded without an id, and no operation works until it is taken out.
func TestHookWithoutEnd(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fail = failing(unfinished(t, "not yet"), "Create", "Update")
	b.upFails(thing("main", fields{"size": 1}, hook(1000)))
	if calls := strings.Count(b.take(false), "\n"); calls != 100 { // and a Check
		t.Errorf("there were %d tries", calls)
	}
	b.recorded(`main  {"size":1} {} unfinished: not yet`)
	if r := b.fails(b.Refresh(t.Context(), nil, engine.Options{})); !strings.Contains(r.Err.Error(), "has no ID") {
		t.Errorf("the engine says %v", r.Err)
	}
}
