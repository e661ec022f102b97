package engine_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/pulumiverse/pulumi-alicloud-kms/test/engine"
)

// unknown is how a value that is not known yet is sent.
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

// For dependents of a delete-first replacement Diff gets the recorded inputs, unknown references, and the recorded ignoreChanges, unapplied.
func TestDeleteFirst(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.up(thing("main", fields{"net": "a"}, deleteFirst), thing("other", fields{"size": 1}, idOfMain("net")))
	b.take(false)
	b.up(thing("main", fields{"net": "b"}, deleteFirst), thing("other", fields{"size": 2}, idOfMain("net"), ignoring("net", "size")))
	b.asked(`
		Check main {"news":{"net":"b"},"oldOutputs":{"net":"a","self":"self-id-1"},"olds":{"net":"a"}}
		Diff main {"id":"id-1","news":{"net":"b"},"oldInputs":{"net":"a"},"olds":{"net":"a","self":"self-id-1"}}
		Check main {"news":{"net":"b"},"oldOutputs":{},"olds":{}}
		Diff other {"id":"id-2","news":{"net":"` + unknown + `","size":1},"oldInputs":{"net":"id-1","size":1},"olds":{"net":"id-1","self":"self-id-2","size":1}}
		Delete other {"id":"id-2","oldInputs":{"net":"id-1","size":1},"properties":{"net":"id-1","self":"self-id-2","size":1}}
		Delete main {"id":"id-1","oldInputs":{"net":"a"},"properties":{"net":"a","self":"self-id-1"}}
		Create main {"properties":{"net":"b"}}
		Check other {"news":{"net":"id-3","size":2},"oldOutputs":{},"olds":{}}
		Create other {"properties":{"net":"id-3","size":2}}`)

	// By now it is recorded what is ignored.
	b.up(thing("main", fields{"net": "c"}, deleteFirst), thing("other", fields{"size": 2}, idOfMain("net"), ignoring("net", "size")))
	b.asked(`
		Check main {"news":{"net":"c"},"oldOutputs":{"net":"b","self":"self-id-3"},"olds":{"net":"b"}}
		Diff main {"id":"id-3","news":{"net":"c"},"oldInputs":{"net":"b"},"olds":{"net":"b","self":"self-id-3"}}
		Check main {"news":{"net":"c"},"oldOutputs":{},"olds":{}}
		Diff other {"id":"id-4","ignoreChanges":["net","size"],"news":{"net":"` + unknown + `","size":2},"oldInputs":{"net":"id-3","size":2},"olds":{"net":"id-3","self":"self-id-4","size":2}}
		Delete main {"id":"id-3","oldInputs":{"net":"b"},"properties":{"net":"b","self":"self-id-3"}}
		Create main {"properties":{"net":"c"}}
		Check other {"news":{"net":"id-3","size":2},"oldOutputs":{"net":"id-3","self":"self-id-4","size":2},"olds":{"net":"id-3","size":2}}
		Diff other {"id":"id-4","ignoreChanges":["net","size"],"news":{"net":"id-3","size":2},"oldInputs":{"net":"id-3","size":2},"olds":{"net":"id-3","self":"self-id-4","size":2}}`)
}

// What was deleted first and could not be created is not read by a refresh, and the next update creates it whatever Diff says.
func TestDeleteFirstInterrupted(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.up(thing("main", fields{"net": "a"}, deleteFirst))
	b.fail = failing(plain, "Create")
	b.upFails(thing("main", fields{"net": "b"}, deleteFirst))
	b.recorded(`main id-1 {"net":"a"} {"net":"a","self":"self-id-1"}, deleted, to be replaced`)
	b.fail = nil
	b.take(false)
	b.refresh()
	b.asked("")
	b.up(thing("main", fields{"net": "a"}, deleteFirst))
	b.asked(`
		Check main {"news":{"net":"a"},"oldOutputs":{"net":"a","self":"self-id-1"},"olds":{"net":"a"}}
		Diff main {"id":"id-1","news":{"net":"a"},"oldInputs":{"net":"a"},"olds":{"net":"a","self":"self-id-1"}}
		Check main {"news":{"net":"a"},"oldOutputs":{},"olds":{}}
		Create main {"properties":{"net":"a"}}`)
}

// Diff is not asked before a replacement by --replace, taint, a provider, replaceWith, a trigger or deletedWith.
// Promise (Replacement): Without asking Diff, the engine replaces for `--replace`, taint, another region of the default provider, `replaceWith` and `replacementTrigger`.
func TestReplacementsWithoutDiff(t *testing.T) {
	t.Parallel()
	const replaced = `
		Check main {"news":{"size":1},"oldOutputs":{"self":"self-id-1","size":1},"olds":{"size":1}}
		Check main {"news":{"size":1},"oldOutputs":{},"olds":{}}
		Create main {"properties":{"size":1}}
		Delete main {"id":"id-1","oldInputs":{"size":1},"properties":{"self":"self-id-1","size":1}}`
	const replacedAtOnce = `
		Check main {"news":{"size":1},"oldOutputs":{},"olds":{}}
		Create main {"properties":{"size":1}}
		Delete main {"id":"id-1","oldInputs":{"size":1},"properties":{"self":"self-id-1","size":1}}`
	main := thing("main", fields{"size": 1})
	for _, c := range []struct {
		name    string
		options engine.Options
		change  func(b *bench)
		want    string
	}{
		{"--replace", engine.Options{ReplaceTargets: only("main")}, nil, replacedAtOnce},
		{"taint", engine.Options{}, func(b *bench) {
			snapshot := b.Snapshot()
			for _, r := range snapshot.Resources {
				r.Taint = r.Type == thingType
			}
			b.SetSnapshot(snapshot)
		}, replacedAtOnce},
		{"configuration of the default provider", engine.Options{}, func(b *bench) { b.Config["fake:region"] = "other" }, replaced},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.up(main)
			b.take(false)
			if c.change != nil {
				c.change(b)
			}
			b.succeeds(b.Up(t.Context(), engine.Program{main}, c.options))
			b.asked(c.want)
		})
	}
	for name, option := range map[string]func(r *engine.Resource, net string){
		"replaceWith": func(r *engine.Resource, _ string) { r.ReplaceWith = []resource.URN{urn("before")} },
		"trigger":     func(r *engine.Resource, net string) { r.ReplacementTrigger = resource.NewProperty(net) },
		"deletedWith": func(r *engine.Resource, _ string) { r.DeletedWith = urn("before") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			program := func(net string) engine.Program {
				return engine.Program{
					thing("before", fields{"net": net}),
					thing("main", fields{"size": 1}, func(r *engine.Resource) { r.DependsOn = []string{"before"}; option(r, net) }),
				}
			}
			b.up(program("a")...)
			b.take(false)
			b.up(program("b")...)
			deleted := "Delete main {\"id\":\"id-2\",\"oldInputs\":{\"size\":1},\"properties\":{\"self\":\"self-id-2\",\"size\":1}}\n"
			if name == "deletedWith" { // the provider never deletes such a resource
				deleted = ""
			}
			b.asked(`
				Check before {"news":{"net":"b"},"oldOutputs":{"net":"a","self":"self-id-1"},"olds":{"net":"a"}}
				Diff before {"id":"id-1","news":{"net":"b"},"oldInputs":{"net":"a"},"olds":{"net":"a","self":"self-id-1"}}
				Check before {"news":{"net":"b"},"oldOutputs":{},"olds":{}}
				Create before {"properties":{"net":"b"}}
				Check main {"news":{"size":1},"oldOutputs":{"self":"self-id-2","size":1},"olds":{"size":1}}
				Check main {"news":{"size":1},"oldOutputs":{},"olds":{}}
				Create main {"properties":{"size":1}}
				` + deleted + `Delete before {"id":"id-1","oldInputs":{"net":"a"},"properties":{"net":"a","self":"self-id-1"}}`)
		})
	}
}

// replaceOnChanges turns an update into a replacement, and `*` replaces an unfinished resource as well.
func TestReplaceOnChanges(t *testing.T) {
	t.Parallel()
	on := func(path string) func(*engine.Resource) {
		return func(r *engine.Resource) { r.ReplaceOnChanges = []string{path} }
	}
	b := newBench(t)
	b.up(thing("main", fields{"size": 1}))
	b.take(false)
	b.up(thing("main", fields{"size": 2}, on("size")))
	b.asked(`
		Check main {"news":{"size":2},"oldOutputs":{"self":"self-id-1","size":1},"olds":{"size":1}}
		Diff main {"id":"id-1","news":{"size":2},"oldInputs":{"size":1},"olds":{"self":"self-id-1","size":1}}
		Check main {"news":{"size":2},"oldOutputs":{},"olds":{}}
		Create main {"properties":{"size":2}}
		Delete main {"id":"id-1","oldInputs":{"size":1},"properties":{"self":"self-id-1","size":1}}`)
	for path, want := range map[string]string{
		"size": `Update main {"id":"id-9","news":{"size":1},"oldInputs":{"size":1},"olds":{"size":1}}`,
		"*": `
			Check main {"news":{"size":1},"oldOutputs":{},"olds":{}}
			Create main {"properties":{"size":1}}
			Delete main {"id":"id-9","oldInputs":{"size":1},"properties":{"size":1}}`,
	} {
		b := newBench(t)
		b.fail = failing(unfinished(t, "not yet"), "Create")
		b.upFails(thing("main", fields{"size": 1}, on(path)))
		b.fail = nil
		b.take(false)
		b.up(thing("main", fields{"size": 1}, on(path)))
		b.asked(`
			Check main {"news":{"size":1},"oldOutputs":{"size":1},"olds":{"size":1}}
			Diff main {"id":"id-9","news":{"size":1},"oldInputs":{"size":1},"olds":{"size":1}}
			` + want)
	}
}

// The engine refuses to replace or delete what is protected before it creates anything, but not to import in its place.
// Promise (Replacement): The option `protect` stops every replacement before the purchase, except that of the option `import`.
func TestProtect(t *testing.T) {
	t.Parallel()
	main := thing("main", fields{"net": "a"}, protect)
	for name, up := range map[string]func(b *bench) *engine.Result{
		"Diff": func(b *bench) *engine.Result {
			return b.Up(t.Context(), engine.Program{thing("main", fields{"net": "b"}, protect)}, engine.Options{})
		},
		"--replace": func(b *bench) *engine.Result {
			return b.Up(t.Context(), engine.Program{main}, engine.Options{ReplaceTargets: only("main")})
		},
		"a provider": func(b *bench) *engine.Result {
			b.Config["fake:region"] = "other"
			return b.Up(t.Context(), engine.Program{main}, engine.Options{})
		},
		"replaceOnChanges": func(b *bench) *engine.Result {
			return b.Up(t.Context(), engine.Program{thing("main", fields{"net": "a", "size": 1}, protect, func(r *engine.Resource) {
				r.ReplaceOnChanges = []string{"size"}
			})}, engine.Options{})
		},
		"a destroy": func(b *bench) *engine.Result { return b.Destroy(t.Context(), engine.Options{}) },
	} {
		b := newBench(t)
		b.up(main)
		r := b.fails(up(b))
		if text := r.Text(false); !strings.Contains(text, "protect") || len(b.real) != 1 || b.real["id-1"] == nil {
			t.Errorf("%s: %s\n%v", name, text, b.real)
		}
	}
	b := newBench(t)
	b.up(main)
	b.real["id-7"] = fields{"net": "a"}
	b.up(thing("main", fields{"net": "a"}, protect, importing("id-7")))
	if len(b.real) != 1 || b.real["id-7"] == nil {
		t.Errorf("after an import in its place there are %v", b.real)
	}
}
