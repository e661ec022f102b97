package engine_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/pkg/v3/resource/deploy"
	"github.com/pulumi/pulumi/pkg/v3/resource/deploy/deploytest"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"github.com/pulumiverse/pulumi-alicloud-kms/test/engine"
)

const thingType = "fake:index:Thing"

// bench is a stack whose provider is a fake.
type bench struct {
	*fake

	*engine.Stack

	t *testing.T
}

func newBench(t *testing.T) *bench {
	t.Helper()
	f := &fake{real: map[string]fields{}}
	return &bench{f, &engine.Stack{
		Providers: map[tokens.Package]engine.Provider{
			"fake": engine.InProcess(func() (pulumirpc.ResourceProviderServer, error) { return f, nil }),
		},
		Config: map[string]string{},
	}, t}
}

// thing is a resource of the fake.
func thing(name string, in fields, options ...func(*engine.Resource)) engine.Resource {
	r := engine.Resource{Type: thingType, Name: name, ResourceOptions: deploytest.ResourceOptions{Inputs: resource.NewPropertyMapFromMap(in)}}
	for _, option := range options {
		option(&r)
	}
	return r
}

// Options of resources.
func protect(r *engine.Resource)     { r.Protect = engine.Ptr(true) }
func deleteFirst(r *engine.Resource) { r.DeleteBeforeReplace = engine.Ptr(true) }
func replacing(r *engine.Resource)   { r.ReplaceOnChanges = []string{"size"} }
func importing(r *engine.Resource)   { r.ImportID = "id-7" }

func ignoring(paths ...string) func(*engine.Resource) {
	return func(r *engine.Resource) { r.IgnoreChanges = paths }
}

func urn(name string) resource.URN { return (&engine.Stack{}).URN(thingType, name) }

// replaceMain is the option --replace of the CLI, for "main".
var replaceMain = engine.Options{ReplaceTargets: deploy.NewUrnTargetsFromUrns([]resource.URN{urn("main")})}

// up brings the resources up, which must succeed.
func (b *bench) up(what ...engine.Resource) {
	b.t.Helper()
	b.succeeds(b.Up(b.t.Context(), what, engine.Options{}))
}

// upFails brings the resources up, which must fail.
func (b *bench) upFails(what ...engine.Resource) {
	b.t.Helper()
	b.fails(b.Up(b.t.Context(), what, engine.Options{}))
}

func (b *bench) succeeds(r *engine.Result) {
	b.t.Helper()
	if r.Err != nil || r.Broken != nil {
		b.t.Fatalf("it failed: %v %v\n%s", r.Err, r.Broken, r.Text(true))
	}
}

func (b *bench) fails(r *engine.Result) *engine.Result {
	b.t.Helper()
	if r.Err == nil || r.Broken != nil {
		b.t.Fatalf("it did not fail: %v\n%s", r.Broken, r.Text(true))
	}
	return r
}

// asked compares the calls about resources since the last time with those that are wanted, one a line.
func (b *bench) asked(want string) {
	b.t.Helper()
	b.compare("calls", b.take(), want)
}

// recorded compares the resources of the snapshot with those that are wanted, one a line: name, id, inputs, outputs, and what is
// special about it.
func (b *bench) recorded(want string) {
	b.t.Helper()
	var lines []string
	for _, res := range b.Snapshot().Resources {
		if res.Type != thingType {
			continue
		}
		line := fmt.Sprintf("%s %s %s %s", res.URN.Name(), res.ID, b.json(res.Inputs), b.json(res.Outputs))
		if len(res.InitErrors) > 0 {
			line += " unfinished: " + strings.Join(res.InitErrors, ", ")
		}
		lines = append(lines, line)
	}
	b.compare("resources", lines, want)
}

func (b *bench) json(m resource.PropertyMap) string {
	b.t.Helper()
	text, err := json.Marshal(m.Mappable())
	if err != nil {
		b.t.Fatal(err)
	}
	return string(text)
}

func (b *bench) compare(what string, lines []string, want string) {
	b.t.Helper()
	got := strings.Join(lines, "\n")
	if want = strings.ReplaceAll(strings.TrimSpace(want), "\t", ""); got != want {
		b.t.Errorf("the %s are\n%s\nwant\n%s", what, got, want)
	}
}
