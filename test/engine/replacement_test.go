package engine_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/pulumiverse/pulumi-alicloud-kms/test/engine"
)

// For dependents of a delete-first replacement Diff gets unknown references, and the recorded inputs and ignoreChanges, unapplied.
func TestDeleteFirst(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	program := func(net string) engine.Program {
		return engine.Program{thing("main", fields{"net": net}, deleteFirst), thing("other", fields{"size": 2}, ignoring("net"), func(r *engine.Resource) {
			r.Refs = map[resource.PropertyKey]engine.Ref{"net": {Resource: "main", Output: "id"}}
		})}
	}
	b.up(program("a")...)
	b.take()
	b.up(program("b")...)
	b.asked(`
		Check main {"news":{"net":"b"},"oldOutputs":{"net":"a","self":"self-id-1"},"olds":{"net":"a"}}
		Diff main {"id":"id-1","news":{"net":"b"},"oldInputs":{"net":"a"},"olds":{"net":"a","self":"self-id-1"}}
		Check main {"news":{"net":"b"},"oldOutputs":{},"olds":{}}
		Diff other {"id":"id-2","ignoreChanges":["net"],"news":{"net":"04da6b54-80e4-46f7-96ec-b56ff0331ba9","size":2},"oldInputs":{"net":"id-1","size":2},"olds":{"net":"id-1","self":"self-id-2","size":2}}
		Delete main {"id":"id-1","oldInputs":{"net":"a"},"properties":{"net":"a","self":"self-id-1"}}
		Create main {"properties":{"net":"b"}}
		Check other {"news":{"net":"id-1","size":2},"oldOutputs":{"net":"id-1","self":"self-id-2","size":2},"olds":{"net":"id-1","size":2}}
		Diff other {"id":"id-2","ignoreChanges":["net"],"news":{"net":"id-1","size":2},"oldInputs":{"net":"id-1","size":2},"olds":{"net":"id-1","self":"self-id-2","size":2}}`)
}

// Diff is not asked before a replacement by --replace, taint, a provider, replaceWith, a trigger or deletedWith.
// Promise (Replacement): Without asking Diff, the engine replaces for `--replace`, taint, another region of the default provider, `replaceWith` and `replacementTrigger`.
func TestReplacementsWithoutDiff(t *testing.T) {
	t.Parallel()
	const (
		compared = `Check main {"news":{"size":1},"oldOutputs":{"self":"self-id-2","size":1},"olds":{"size":1}}` + "\n"
		created  = `Check main {"news":{"size":1},"oldOutputs":{},"olds":{}}` + "\n" + `Create main {"properties":{"size":1}}` + "\n"
		deleted  = `Delete main {"id":"id-2","oldInputs":{"size":1},"properties":{"self":"self-id-2","size":1}}`
	)
	for name, c := range map[string]struct {
		options engine.Options
		change  func(b *bench)
		option  func(r *engine.Resource, net string)
		want    string
	}{
		"--replace": {options: replaceMain, want: created + deleted},
		"taint": {change: func(b *bench) {
			snapshot := b.Snapshot()
			for _, r := range snapshot.Resources {
				r.Taint = r.URN == urn("main")
			}
			b.SetSnapshot(snapshot)
		}, want: created + deleted},
		"configuration of the default provider": {change: func(b *bench) { b.Config["fake:region"] = "other" }, want: compared + created + deleted},
		"replaceWith":                           {option: func(r *engine.Resource, _ string) { r.ReplaceWith = []resource.URN{urn("before")} }, want: compared + created + deleted},
		"trigger":                               {option: func(r *engine.Resource, net string) { r.ReplacementTrigger = resource.NewProperty(net) }, want: compared + created + deleted},
		// The provider never deletes such a resource.
		"deletedWith": {option: func(r *engine.Resource, _ string) { r.DeletedWith = urn("before") }, want: compared + created},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			program := func(net string) engine.Program {
				main := thing("main", fields{"size": 1})
				main.DependsOn = []string{"before"}
				if c.option != nil {
					c.option(&main, net)
				}
				return engine.Program{thing("before", fields{"net": net}), main}
			}
			b.up(program("a")...)
			b.take()
			if c.change != nil {
				c.change(b)
			}
			b.succeeds(b.Up(t.Context(), program("b"), c.options))
			b.compare("calls", slices.DeleteFunc(b.take(), func(call string) bool { return !strings.Contains(call, " main ") }), c.want)
		})
	}
}

// replaceOnChanges turns an update into a replacement; `*` replaces an unfinished resource as well, and a property does not.
func TestReplaceOnChanges(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		path       string
		unfinished bool
		size       int
		want       string
	}{
		"changed":    {"size", false, 2, "Check Diff Check Create Delete"},
		"unfinished": {"size", true, 1, "Check Diff Update"},
		"anything":   {"*", true, 1, "Check Diff Check Create Delete"},
	} {
		b := newBench(t)
		main := func(size int) engine.Resource {
			return thing("main", fields{"size": size}, func(r *engine.Resource) { r.ReplaceOnChanges = []string{c.path} })
		}
		if c.unfinished {
			b.fail = failing(unfinished, "Create")
			b.upFails(main(1))
			b.fail = nil
		} else {
			b.up(main(1))
		}
		b.take()
		b.up(main(c.size))
		var methods []string
		for _, call := range b.take() {
			method, _, _ := strings.Cut(call, " ")
			methods = append(methods, method)
		}
		if got := strings.Join(methods, " "); got != c.want {
			t.Errorf("%s: the engine calls %s, want %s", name, got, c.want)
		}
	}
}

// The engine refuses to replace or delete what is protected before it creates anything, but not to import in its place.
// Promise (Replacement): The option `protect` stops every replacement before the purchase, except that of the option `import`.
func TestProtect(t *testing.T) {
	t.Parallel()
	main := thing("main", fields{"net": "a"}, protect)
	begun := func() *bench {
		b := newBench(t)
		b.up(main)
		return b
	}
	up := func(b *bench, main engine.Resource, options engine.Options) *engine.Result {
		return b.Up(t.Context(), engine.Program{main}, options)
	}
	for name, replace := range map[string]func(b *bench) *engine.Result{
		"Diff": func(b *bench) *engine.Result {
			return up(b, thing("main", fields{"net": "b"}, protect), engine.Options{})
		},
		"--replace": func(b *bench) *engine.Result { return up(b, main, replaceMain) },
		"a provider": func(b *bench) *engine.Result {
			b.Config["fake:region"] = "other"
			return up(b, main, engine.Options{})
		},
		"replaceOnChanges": func(b *bench) *engine.Result {
			return up(b, thing("main", fields{"net": "a", "size": 1}, protect, replacing), engine.Options{})
		},
		"a destroy": func(b *bench) *engine.Result { return b.Destroy(t.Context(), engine.Options{}) },
	} {
		b := begun()
		r := b.fails(replace(b))
		if text := r.Text(false); !strings.Contains(text, "protect") || len(b.real) != 1 || b.real["id-1"] == nil {
			t.Errorf("%s: %s\n%v", name, text, b.real)
		}
	}
	b := begun()
	b.real["id-7"] = fields{"net": "a"}
	b.up(thing("main", fields{"net": "a"}, protect, importing))
	if len(b.real) != 1 || b.real["id-7"] == nil {
		t.Errorf("after an import in its place there are %v", b.real)
	}
}
