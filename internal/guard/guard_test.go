package guard

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
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

func (*raw) PreviewUpdate(context.Context, p.UpdateRequest) (p.UpdateResponse, error) {
	return p.UpdateResponse{Properties: fields("foretold", "update", "a", property.New(property.Computed), "b", "recorded")}, nil
}

type ownConfig struct{}

func (ownConfig) Check(context.Context, p.CheckRequest) (p.CheckResponse, error) {
	return p.CheckResponse{Inputs: fields("config", "own")}, nil
}

func (ownConfig) Diff(context.Context, p.DiffRequest) (p.DiffResponse, error) {
	return p.DiffResponse{HasChanges: true}, nil
}

func (ownConfig) Configure(context.Context, p.ConfigureRequest) error { return errors.New("own") }

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
	return Wrap(inner, ownConfig{}, map[tokens.Type]Guarded{
		guardedType: {Raw: r, Inputs: FieldsOf[guardedInputs](), Outputs: FieldsOf[guardedOutputs]()},
	})
}

// TestConfigurationIsAnsweredByItsOwnCode: infer would replace all resources on any change (pulumi-go-provider issue 409), and
// keep values of an earlier configuration (our own reproduction: TestHolesOfInfer).
func TestConfigurationIsAnsweredByItsOwnCode(t *testing.T) {
	t.Parallel()
	guarded := wrap(p.Provider{}, &raw{})
	if resp, err := guarded.CheckConfig(t.Context(), p.CheckRequest{}); err != nil || resp.Inputs.Get("config").AsString() != "own" {
		t.Errorf("CheckConfig: %v %v", resp, err)
	}
	if resp, err := guarded.DiffConfig(t.Context(), p.DiffRequest{}); err != nil || !resp.HasChanges {
		t.Errorf("DiffConfig: %v %v", resp, err)
	}
	if err := guarded.Configure(t.Context(), p.ConfigureRequest{}); err == nil || err.Error() != "own" {
		t.Errorf("Configure: %v", err)
	}
}

// TestPanics: a panic in any method ends as an error of that one operation, with its cause in the log.
func TestPanics(t *testing.T) {
	t.Parallel()
	inner := p.Provider{
		Invoke: func(context.Context, p.InvokeRequest) (p.InvokeResponse, error) { panic("secret cause") },
		Check:  func(context.Context, p.CheckRequest) (p.CheckResponse, error) { panic("secret cause") },
		Diff:   func(context.Context, p.DiffRequest) (p.DiffResponse, error) { panic("secret cause") },
		Create: func(context.Context, p.CreateRequest) (p.CreateResponse, error) { panic("secret cause") },
		Read:   func(context.Context, p.ReadRequest) (p.ReadResponse, error) { panic("secret cause") },
		Update: func(context.Context, p.UpdateRequest) (p.UpdateResponse, error) { panic("secret cause") },
		Delete: func(context.Context, p.DeleteRequest) error { panic("secret cause") },
	}
	guarded := wrap(inner, &raw{})
	ctx := t.Context()
	for _, urn := range []resource.URN{guardedURN, otherURN} {
		calls := map[string]func() error{
			"Invoke": func() error { _, err := guarded.Invoke(ctx, p.InvokeRequest{}); return err },
			"Create": func() error { _, err := guarded.Create(ctx, p.CreateRequest{Urn: urn}); return err },
			"Read":   func() error { _, err := guarded.Read(ctx, p.ReadRequest{Urn: urn, ID: "x"}); return err },
			"Update": func() error { _, err := guarded.Update(ctx, p.UpdateRequest{Urn: urn}); return err },
			"Delete": func() error { return guarded.Delete(ctx, p.DeleteRequest{Urn: urn}) },
		}
		if urn == otherURN { // the others are asked of the raw resource
			calls["Check"] = func() error { _, err := guarded.Check(ctx, p.CheckRequest{Urn: urn}); return err }
			calls["Diff"] = func() error { _, err := guarded.Diff(ctx, p.DiffRequest{Urn: urn}); return err }
		}
		for name, call := range calls {
			if err := call(); err == nil || strings.Contains(err.Error(), "secret cause") || !strings.Contains(err.Error(), "a bug of its own") {
				t.Errorf("%s of %s: %v", name, urn.Name(), err)
			}
		}
	}
	config := withoutPanics(p.Provider{
		CheckConfig: func(context.Context, p.CheckRequest) (p.CheckResponse, error) { panic(1) },
		DiffConfig:  func(context.Context, p.DiffRequest) (p.DiffResponse, error) { panic(1) },
		Configure:   func(context.Context, p.ConfigureRequest) error { panic(1) },
	})
	_, checkErr := config.CheckConfig(ctx, p.CheckRequest{})
	_, diffErr := config.DiffConfig(ctx, p.DiffRequest{})
	for _, err := range []error{checkErr, diffErr, config.Configure(ctx, p.ConfigureRequest{})} {
		if !errors.Is(err, errBug) {
			t.Errorf("a panic in the configuration ends as %v", err)
		}
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

// TestDeadlines: each operation has one, and fractions of a second count. infer has none by default and cuts fractions off
// (our own reproduction: TestHolesOfInfer); its own, which lies outside of ours in the provider, must come later.
func TestDeadlines(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var left time.Duration
		var passedOn float64
		note := func(ctx context.Context, seconds float64) {
			until, _ := ctx.Deadline()
			left, passedOn = time.Until(until), seconds
		}
		guarded := wrap(p.Provider{
			Create: func(ctx context.Context, req p.CreateRequest) (p.CreateResponse, error) {
				note(ctx, req.Timeout)
				return p.CreateResponse{}, nil
			},
			Update: func(ctx context.Context, req p.UpdateRequest) (p.UpdateResponse, error) {
				note(ctx, req.Timeout)
				return p.UpdateResponse{}, nil
			},
			Delete: func(ctx context.Context, req p.DeleteRequest) error { note(ctx, req.Timeout); return nil },
			Read: func(ctx context.Context, _ p.ReadRequest) (p.ReadResponse, error) {
				note(ctx, 0)
				return p.ReadResponse{ID: "x"}, nil
			},
		}, &raw{})
		ctx := t.Context()
		for name, c := range map[string]struct {
			call func(seconds float64) error
			want time.Duration
		}{
			"create": {func(s float64) error {
				_, err := guarded.Create(ctx, p.CreateRequest{Urn: guardedURN, Timeout: s})
				return err
			}, time.Hour},
			"update": {func(s float64) error {
				_, err := guarded.Update(ctx, p.UpdateRequest{Urn: guardedURN, Timeout: s})
				return err
			}, time.Hour},
			"delete": {func(s float64) error { return guarded.Delete(ctx, p.DeleteRequest{Urn: guardedURN, Timeout: s}) }, 10 * time.Minute},
		} {
			for seconds, want := range map[float64]time.Duration{0: c.want, 0.5: 500 * time.Millisecond, 1.5: 1500 * time.Millisecond, 7200: 2 * time.Hour} {
				if err := c.call(seconds); err != nil || left != want || passedOn < want.Seconds()+1 || passedOn > want.Seconds()+2 {
					t.Errorf("%s with %v s has %v left, want %v; infer is told %v s (%v)", name, seconds, left, want, passedOn, err)
				}
			}
		}
		if _, err := guarded.Read(ctx, p.ReadRequest{Urn: guardedURN, ID: "x"}); err != nil || left != 5*time.Minute {
			t.Errorf("a read has %v left (%v)", left, err)
		}
	})
}

// TestRecordedState: infer refuses to decode what it does not know and nulls (pulumi-command issue 709, reproduced in
// TestHolesOfInfer); what the engine sent stays in the context whole.
func TestRecordedState(t *testing.T) {
	t.Parallel()
	state := fields("a", "1", "out", "2", "retired", "3", "b", property.New(property.Null))
	want := fields("a", "1", "out", "2")
	seen := map[string]property.Map{}
	note := func(ctx context.Context, verb string, got property.Map) {
		seen[verb] = got
		if sent := FromContext(ctx); !sent.State.Equals(state) || sent.URN != guardedURN {
			t.Errorf("%s: the request in the context is %#v", verb, sent)
		}
	}
	guarded := wrap(p.Provider{
		Update: func(ctx context.Context, req p.UpdateRequest) (p.UpdateResponse, error) {
			note(ctx, "update", req.State)
			if req.IgnoreChanges != nil {
				t.Error("infer is told of ignoreChanges, which the engine has applied")
			}
			return p.UpdateResponse{}, nil
		},
		Delete: func(ctx context.Context, req p.DeleteRequest) error { note(ctx, "delete", req.Properties); return nil },
		Read: func(ctx context.Context, req p.ReadRequest) (p.ReadResponse, error) {
			note(ctx, "read", req.Properties)
			seen["read inputs"] = req.Inputs.Set("out", text("2"))
			return p.ReadResponse{ID: "x"}, nil
		},
	}, &raw{})
	ctx := t.Context()
	_, updateErr := guarded.Update(ctx, p.UpdateRequest{Urn: guardedURN, State: state, IgnoreChanges: []string{"a"}})
	_, readErr := guarded.Read(ctx, p.ReadRequest{Urn: guardedURN, ID: "x", Properties: state, Inputs: fields("a", "1", "retired", "3")})
	if err := errors.Join(updateErr, readErr, guarded.Delete(ctx, p.DeleteRequest{Urn: guardedURN, Properties: state})); err != nil {
		t.Error(err)
	}
	for _, verb := range []string{"update", "delete", "read", "read inputs"} {
		if got := seen[verb]; !got.Equals(want) {
			t.Errorf("%s is given %#v, want %#v", verb, got, want)
		}
	}
	if got := FromContext(ctx); got.URN != "" {
		t.Errorf("outside of an operation the context has %#v", got)
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
	var got property.Map
	guarded := wrap(p.Provider{Delete: func(_ context.Context, req p.DeleteRequest) error { got = req.Properties; return nil }}, &raw{})
	if err := guarded.Delete(t.Context(), p.DeleteRequest{Urn: guardedURN, Properties: state}); err != nil || !got.Equals(want) {
		t.Errorf("infer is given %#v, want %#v (%v)", got, want, err)
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

// TestReadOfNothing: of an import or a `.get` it is an error, of a refresh it means gone. The engine takes infer's empty answer
// for an object without properties (pulumi pull request 24518; reproduced in TestHolesOfInfer).
func TestReadOfNothing(t *testing.T) {
	t.Parallel()
	guarded := wrap(p.Provider{Read: func(_ context.Context, req p.ReadRequest) (p.ReadResponse, error) {
		if req.ID == "there" {
			return p.ReadResponse{ID: "there", Inputs: fields("a", "", "b", list(), "c", property.New(property.Map{}), "d", "x"), Properties: fields("a", "")}, nil
		}
		return p.ReadResponse{}, nil
	}}, &raw{})
	if _, err := guarded.Read(t.Context(), p.ReadRequest{Urn: guardedURN, ID: "absent"}); err == nil || err.Error() != "absent does not exist" {
		t.Errorf("an import of nothing: %v", err)
	}
	resp, err := guarded.Read(t.Context(), p.ReadRequest{Urn: guardedURN, ID: "absent", Properties: fields("a", "1")})
	if err != nil || resp.ID != "" || resp.Properties.Len() > 0 {
		t.Errorf("a refresh of what is gone: %#v, %v", resp, err)
	}
	// What infer writes for required inputs that an imported object lacks is left out.
	resp, err = guarded.Read(t.Context(), p.ReadRequest{Urn: guardedURN, ID: "there"})
	if err != nil || !resp.Inputs.Equals(fields("d", "x")) {
		t.Errorf("an import has the inputs %#v, %v", resp.Inputs, err)
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

// TestOthersAreLeftAlone: resources without raw answers go to infer as they are.
func TestOthersAreLeftAlone(t *testing.T) {
	t.Parallel()
	asked := 0
	guarded := wrap(p.Provider{
		Check: func(context.Context, p.CheckRequest) (p.CheckResponse, error) { asked++; return p.CheckResponse{}, nil },
		Diff:  func(context.Context, p.DiffRequest) (p.DiffResponse, error) { asked++; return p.DiffResponse{}, nil },
		Create: func(context.Context, p.CreateRequest) (p.CreateResponse, error) {
			asked++
			return p.CreateResponse{}, nil
		},
		Update: func(context.Context, p.UpdateRequest) (p.UpdateResponse, error) {
			asked++
			return p.UpdateResponse{}, nil
		},
		Read:   func(context.Context, p.ReadRequest) (p.ReadResponse, error) { asked++; return p.ReadResponse{}, nil },
		Delete: func(context.Context, p.DeleteRequest) error { asked++; return nil },
	}, &raw{})
	ctx := t.Context()
	for _, urn := range []resource.URN{otherURN} {
		_, err1 := guarded.Check(ctx, p.CheckRequest{Urn: urn})
		_, err2 := guarded.Diff(ctx, p.DiffRequest{Urn: urn})
		_, err3 := guarded.Create(ctx, p.CreateRequest{Urn: urn, DryRun: true})
		_, err4 := guarded.Update(ctx, p.UpdateRequest{Urn: urn, DryRun: true})
		_, err5 := guarded.Read(ctx, p.ReadRequest{Urn: urn, ID: "x"})
		if err := errors.Join(err1, err2, err3, err4, err5, guarded.Delete(ctx, p.DeleteRequest{Urn: urn})); err != nil {
			t.Error(err)
		}
	}
	if asked != 6 {
		t.Errorf("infer was asked %d times, want 6", asked)
	}
}

// TestMalformedURNs: infer panics on them.
func TestMalformedURNs(t *testing.T) {
	t.Parallel()
	guarded := wrap(p.Provider{}, &raw{})
	ctx := t.Context()
	for _, urn := range []resource.URN{"", "no urn", "urn:pulumi:a::b::c::d", "urn:pulumi:a::b::c:d::e"} {
		_, err1 := guarded.Check(ctx, p.CheckRequest{Urn: urn})
		_, err2 := guarded.Diff(ctx, p.DiffRequest{Urn: urn})
		_, err3 := guarded.Create(ctx, p.CreateRequest{Urn: urn})
		_, err4 := guarded.Update(ctx, p.UpdateRequest{Urn: urn})
		_, err5 := guarded.Read(ctx, p.ReadRequest{Urn: urn})
		for n, err := range []error{err1, err2, err3, err4, err5, guarded.Delete(ctx, p.DeleteRequest{Urn: urn})} {
			if err == nil || !strings.Contains(err.Error(), "is not the URN of a resource") {
				t.Errorf("%d: %q gives %v", n, urn, err)
			}
		}
	}
}
