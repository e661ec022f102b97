package guard

import (
	"context"
	"errors"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

const (
	guardedType tokens.Type  = "test:index:Guarded"
	guardedURN  resource.URN = "urn:pulumi:dev::test::test:index:Guarded::one"
	otherURN    resource.URN = "urn:pulumi:dev::test::test:index:Other::two"
)

func text(s string) property.Value { return property.New(s) }

// fields makes a map of names and values, each value a text or a property value.
func fields(pairs ...any) property.Map {
	m := property.Map{}
	for pair := range slices.Chunk(pairs, 2) {
		name, _ := pair[0].(string)
		switch v := pair[len(pair)-1].(type) {
		case property.Value:
			m = m.Set(name, v)
		case string:
			m = m.Set(name, text(v))
		}
	}
	return m
}

func list(items ...property.Value) property.Value {
	return property.New(append([]property.Value{}, items...)) // of nil, New makes a null
}

// raw answers each raw question with what it was asked.
type raw struct{ refresh []bool }

func (*raw) Check(_ context.Context, req p.CheckRequest) (p.CheckResponse, error) {
	return p.CheckResponse{Inputs: req.Inputs, Failures: []p.CheckFailure{{Property: "a[0]", Reason: "odd"}, {Property: "b", Reason: "odd"}}}, nil
}

func (r *raw) Diff(_ context.Context, _ p.DiffRequest, refresh bool) (p.DiffResponse, error) {
	r.refresh = append(r.refresh, refresh)
	return p.DiffResponse{}, nil
}

func (*raw) PreviewCreate(_ context.Context, req p.CreateRequest) (p.CreateResponse, error) {
	return p.CreateResponse{Properties: fields("foretold", "create", "a", property.New(property.Computed)).Set("b", req.Properties.Get("b"))}, nil
}

func (*raw) Imported(_ context.Context, _ p.ReadRequest, inputs property.Map) property.Map {
	return inputs
}

func (*raw) PreviewUpdate(context.Context, p.UpdateRequest) (p.UpdateResponse, error) {
	return p.UpdateResponse{Properties: fields("foretold", "update", "a", property.New(property.Computed), "b", "recorded")}, nil
}

type guardedInputs struct {
	A string `pulumi:"a"`
	B *int   `pulumi:"b,optional"`
}

// nested is an object in an output.
type nested struct {
	X     string            `pulumi:"x"`
	Y     *string           `pulumi:"y,optional"`
	Free  map[string]string `pulumi:"free,optional"`
	Inner *struct {
		Z string `pulumi:"z"`
	} `pulumi:"inner,optional"`
}

type guardedOutputs struct {
	A      string            `pulumi:"a"`
	B      *int              `pulumi:"b,optional"`
	Out    string            `pulumi:"out"`
	Object *nested           `pulumi:"object,optional"`
	List   []nested          `pulumi:"list,optional"`
	Empty  []nested          `pulumi:"empty,optional"`
	Free   map[string]string `pulumi:"free,optional"`
}

func wrap(inner p.Provider, r RawResource) p.Provider {
	return Wrap(inner, map[tokens.Type]Guarded{
		guardedType: {Raw: r, Inputs: FieldsOf[guardedInputs](), Outputs: FieldsOf[guardedOutputs](),
			DeleteTimeout: func(property.Map) time.Duration { return DeleteTimeout }},
	})
}

// TestPanics: a panic in any method ends as an error of that one operation, without its cause.
func TestPanics(t *testing.T) {
	t.Parallel()
	var provider p.Provider
	for _, method := range reflect.ValueOf(&provider).Elem().Fields() {
		method.Set(reflect.MakeFunc(method.Type(), func([]reflect.Value) []reflect.Value { panic("secret cause") }))
	}
	guarded := reflect.ValueOf(withoutPanics(provider))
	for field, method := range guarded.Fields() {
		args := []reflect.Value{reflect.ValueOf(t.Context())}
		if method.Type().NumIn() == 2 {
			args = append(args, reflect.Zero(method.Type().In(1)))
		}
		results := method.Call(args)
		if err, _ := reflect.TypeAssert[error](results[len(results)-1]); !errors.Is(err, errBug) {
			t.Errorf("a panic in %s ends as %v", field.Name, err)
		}
	}
	if withoutPanics(p.Provider{}).Construct != nil {
		t.Error("a method that the provider lacks is there")
	}
}

// TestPanicIsLogged: the log has the cause and the stack. It takes over the default logger.
func TestPanicIsLogged(t *testing.T) {
	var log strings.Builder
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(before)
	if err := Bug("the cause"); !errors.Is(err, errBug) || !strings.Contains(log.String(), "the cause") || !strings.Contains(log.String(), "TestPanicIsLogged") {
		t.Errorf("%v is logged as %s", err, log.String())
	}
}

// TestObjectsInRecordedState: what a later version adds to an object of the state does not keep this one from decoding it.
func TestObjectsInRecordedState(t *testing.T) {
	t.Parallel()
	null := property.New(property.Null)
	object := func(pairs ...any) property.Value { return property.New(fields(pairs...)) }
	free := object("any", "name")
	state := fields(
		"object", object("x", "1", "y", null, "later", "2", "free", free, "inner", object("z", "3", "later", "4")).WithSecret(true),
		"list", list(object("x", "1", "later", "2"), property.New(property.Computed), object("x", "3").WithSecret(true)),
		"free", free, "a", list(object("later", "1")), "empty", list(),
	)
	want := fields(
		"object", object("x", "1", "free", free, "inner", object("z", "3")).WithSecret(true),
		"list", list(object("x", "1"), property.New(property.Computed), object("x", "3").WithSecret(true)),
		"free", free, "a", list(object("later", "1")), "empty", list(),
	)
	var got, inputs property.Map
	guarded := wrap(p.Provider{Read: func(_ context.Context, req p.ReadRequest) (p.ReadResponse, error) {
		got, inputs = req.Properties, req.Inputs
		return p.ReadResponse{ID: "x"}, nil
	}}, &raw{})
	_, err := guarded.Read(t.Context(), p.ReadRequest{Urn: guardedURN, ID: "x", Properties: state, Inputs: fields("a", "1", "retired", "3")})
	if err != nil || !got.Equals(want) || !inputs.Equals(fields("a", "1")) {
		t.Errorf("infer is given %#v and %#v, want %#v (%v)", got, inputs, want, err)
	}
}

// TestSecretsByName: a property that has a secret anywhere comes back secret as a whole. infer marks by place, which a cloud
// that answers in another order moves (our own reproduction: TestHolesOfInfer).
func TestSecretsByName(t *testing.T) {
	t.Parallel()
	secretList := list(text("1"), text("2").WithSecret(true))
	inputs := fields("a", secretList, "b", "plain")
	answer := fields("a", list(text("2"), text("1")), "b", "plain", "out", "3")
	guarded := wrap(p.Provider{
		Create: func(context.Context, p.CreateRequest) (p.CreateResponse, error) {
			return p.CreateResponse{ID: "x", Properties: answer}, nil
		},
		Update: func(context.Context, p.UpdateRequest) (p.UpdateResponse, error) {
			return p.UpdateResponse{Properties: answer}, nil
		},
		Read: func(context.Context, p.ReadRequest) (p.ReadResponse, error) {
			return p.ReadResponse{ID: "x", Properties: answer, Inputs: answer.Delete("out")}, nil
		},
	}, &raw{})
	ctx := t.Context()
	created, err1 := guarded.Create(ctx, p.CreateRequest{Urn: guardedURN, Properties: inputs})
	updated, err2 := guarded.Update(ctx, p.UpdateRequest{Urn: guardedURN, Inputs: inputs, State: fields("out", text("3").WithSecret(true))})
	read, err3 := guarded.Read(ctx, p.ReadRequest{Urn: guardedURN, ID: "x", Inputs: inputs, Properties: inputs})
	foretold, err4 := guarded.Create(ctx, p.CreateRequest{Urn: guardedURN, Properties: inputs, DryRun: true})
	planned, err5 := guarded.Update(ctx, p.UpdateRequest{Urn: guardedURN, Inputs: inputs, State: fields("b", text("x").WithSecret(true)), DryRun: true})
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		t.Fatal(err)
	}
	if foretold.Properties.Get("foretold").AsString() != "create" || planned.Properties.Get("foretold").AsString() != "update" {
		t.Errorf("the previews answer %#v and %#v", foretold.Properties, planned.Properties)
	}
	for name, c := range map[string]struct {
		got    property.Map
		secret string
	}{
		"create": {created.Properties, "a"}, "update": {updated.Properties, "a out"}, "read": {read.Properties, "a"}, "inputs of a read": {read.Inputs, "a"},
		"preview of a create": {foretold.Properties, "a"}, "preview of an update": {planned.Properties, "a b"},
	} {
		var secret []string
		for key, v := range c.got.AllStable {
			if v.Secret() {
				secret = append(secret, key)
			} else if v.HasSecrets() {
				t.Errorf("%s: %s is secret in part", name, key)
			}
		}
		if strings.Join(secret, " ") != c.secret {
			t.Errorf("%s: secret are %q, want %q", name, secret, c.secret)
		}
	}
}

// TestSecretsTakenBack: what the program no longer calls secret is shown after an update, but only the very value that the
// program shows.
func TestSecretsTakenBack(t *testing.T) {
	t.Parallel()
	secret := func(v property.Value) property.Value { return v.WithSecret(true) }
	for name, c := range map[string]struct {
		recorded, input, output property.Value
		secret                  bool
	}{
		"the same value":               {secret(text("x")), text("x"), text("x"), false},
		"another value":                {secret(text("x")), text("y"), text("y"), false},
		"an update that failed":        {secret(text("x")), text("y"), text("x"), true},
		"still secret":                 {secret(text("x")), secret(text("x")), text("x"), true},
		"not known yet":                {secret(text("x")), property.New(property.Computed), text("x"), true},
		"left to the cloud":            {secret(text("x")), property.New(property.Null), text("x"), true},
		"a list":                       {secret(list(text("x"))), list(text("x")), list(text("x")), false},
		"a list with a secret in it":   {secret(list(text("x"))), list(secret(text("x"))), list(text("x")), true},
		"a list that was secret in it": {list(secret(text("x")), text("y")), list(text("x"), text("y")), list(text("x"), text("y")), false},
	} {
		inputs := fields("a", c.input)
		if c.input.IsNull() {
			inputs = fields()
		}
		guarded := wrap(p.Provider{
			Update: func(context.Context, p.UpdateRequest) (p.UpdateResponse, error) {
				return p.UpdateResponse{Properties: fields("a", c.output)}, nil
			},
			Read: func(context.Context, p.ReadRequest) (p.ReadResponse, error) {
				return p.ReadResponse{ID: "x", Properties: fields("a", c.output)}, nil
			},
		}, &raw{})
		updated, err1 := guarded.Update(t.Context(), p.UpdateRequest{Urn: guardedURN, Inputs: inputs, State: fields("a", c.recorded)})
		read, err2 := guarded.Read(t.Context(), p.ReadRequest{Urn: guardedURN, ID: "x", Inputs: inputs, Properties: fields("a", c.recorded)})
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		if got := updated.Properties.Get("a").HasSecrets(); got != c.secret {
			t.Errorf("%s: secret after an update: %t, want %t", name, got, c.secret)
		}
		if !read.Properties.Get("a").Secret() {
			t.Errorf("%s: a refresh shows it", name)
		}
	}
}

// TestRefreshIsTold: the one Diff right after a Read, with just what it returned, is that of a refresh.
func TestRefreshIsTold(t *testing.T) {
	t.Parallel()
	recorded, returned := fields("a", "recorded"), fields("a", "real")
	r := &raw{}
	guarded := wrap(p.Provider{Read: func(context.Context, p.ReadRequest) (p.ReadResponse, error) {
		return p.ReadResponse{ID: "x", Inputs: returned, Properties: returned}, nil
	}}, r)
	ctx := t.Context()
	read := func() {
		if _, err := guarded.Read(ctx, p.ReadRequest{Urn: guardedURN, ID: "x", Inputs: recorded, Properties: recorded}); err != nil {
			t.Fatal(err)
		}
	}
	diff := func(olds, news property.Map) {
		if _, err := guarded.Diff(ctx, p.DiffRequest{Urn: guardedURN, OldInputs: olds, Inputs: news}); err != nil {
			t.Fatal(err)
		}
	}
	diff(returned, recorded) // nothing was read yet
	read()
	diff(returned, recorded) // the refresh
	diff(returned, recorded) // a program that takes the drift back
	read()
	diff(returned, fields("a", "wanted")) // an update after the refresh
	diff(returned, recorded)
	if want := []bool{false, true, false, false, false}; !slices.Equal(r.refresh, want) {
		t.Errorf("of a refresh were %v, want %v", r.refresh, want)
	}
}

// TestRepeatedSecrets: an output that repeats a secret input under another name is secret, too.
func TestRepeatedSecrets(t *testing.T) {
	t.Parallel()
	r := Guarded{Repeats: map[string][]string{"out": {"a", "b"}}}
	for secret, input := range map[bool]property.Value{true: text("x").WithSecret(true), false: text("x")} {
		if got := r.keepSecret(fields("out", "x"), fields("b", input)); got.Get("out").Secret() != secret {
			t.Errorf("the output is %#v, want it secret: %t", got.Get("out"), secret)
		}
	}
}
