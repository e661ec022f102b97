package wire_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	generate "github.com/pulumi/pulumi/sdk/v3/go/property/testing"
	"pgregory.net/rapid"

	"github.com/pulumiverse/pulumi-alicloud-kms/test/wire"
)

// seeds are what the generators draw from when the fuzz tests run as ordinary tests.
func seeds(f *testing.F, n int) {
	for i := range n {
		source := rand.NewChaCha8([32]byte{byte(i), 7})
		data := make([]byte, 1<<17)
		if _, err := source.Read(data); err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
}

// genAnything generates arbitrary maps: valid inputs with anything in some places, the properties with any values, any maps.
func genAnything() *rapid.Generator[property.Map] {
	names := append(outputNames(), "id", "urn", "__defaults", "vpcID", "", "a.b", "a[0]", `"`)
	value := rapid.OneOf(generate.Value(4), rapid.SampledFrom([]property.Value{
		wire.Unknown, null, secret(null), wire.Value(""), wire.Value(-1), wire.Value(0.5), wire.Value(1e300),
		wire.Value([]any{nil}), wire.Value([]any{[]any{}}), wire.Value(map[string]any{"": nil}), wire.Value("PayAsYouGo"),
		wire.Value(bindVpc(nil)), wire.Value("Connected"), wire.Secret(map[string]any{"aliyun": nil}), wire.Value(true),
	}))
	valid := rapid.Custom(func(t *rapid.T) property.Map {
		m := genInputs.Draw(t, "inputs")
		for range rapid.IntRange(0, 4).Draw(t, "places") {
			v := value.Draw(t, "value")
			m = genPlace(t, m).in(m, func(property.Value) property.Value { return v })
		}
		return m
	})
	named := rapid.Custom(func(t *rapid.T) property.Map {
		m := valid.Draw(t, "base")
		for _, name := range rapid.SliceOfN(rapid.SampledFrom(names), 0, 5).Draw(t, "names") {
			m = m.Set(name, value.Draw(t, name))
		}
		return m
	})
	return rapid.Map(rapid.OneOf(valid, named, generate.Map(3)), func(m property.Map) property.Map {
		return readable(property.New(m)).AsMap()
	})
}

// readable replaces what is not UTF-8 in strings: the engine does not send such a string to a provider.
func readable(v property.Value) property.Value {
	clean := v
	switch {
	case v.IsString():
		clean = property.New(strings.ToValidUTF8(v.AsString(), "?"))
	case v.IsArray():
		items := make([]property.Value, 0, v.AsArray().Len())
		for _, item := range v.AsArray().All {
			items = append(items, readable(item))
		}
		clean = property.New(items)
	case v.IsMap():
		fields := make(map[string]property.Value, v.AsMap().Len())
		for key, item := range v.AsMap().All {
			fields[strings.ToValidUTF8(key, "?")] = readable(item)
		}
		clean = property.New(fields)
	}
	return clean.WithSecret(v.Secret()).WithDependencies(v.Dependencies())
}

// Whatever is recorded and whatever a program gives, Check, Diff and the previews answer, in words for users.
// Promise (Preview): Whatever a program gives, there is an answer and never a crash.
func FuzzProgram(f *testing.F) {
	seeds(f, 200)
	f.Fuzz(func(t *testing.T, data []byte) {
		b := wire.New(t, wire.Options{})
		rapid.MakeFuzz(func(rt *rapid.T) {
			old := wire.Resource{ID: "kst-x", Inputs: genAnything().Draw(rt, "old inputs"), Outputs: genAnything().Draw(rt, "outputs")}
			news := genAnything().Draw(rt, "new inputs")
			checked, failures, err := b.TryCheck(news)
			if err != nil || slices.ContainsFunc(failures, func(f wire.Failure) bool { return f.Reason == "" || goNames.MatchString(f.Reason) }) {
				rt.Fatalf("Check of %#v: %v %v", news, failures, err)
			}
			if again, failed, err := b.TryCheck(checked); len(failures) == 0 && (err != nil || len(failed) > 0 || !again.Equals(checked)) {
				rt.Fatalf("Check accepts %#v as %#v, then %v, %v, %#v", news, checked, failed, err, again)
			}
			plan, err := b.Diff(old, news)
			isAllowed := func(err error) bool {
				return slices.ContainsFunc([]string{"deletion protection is on", "but the provider is configured for", "is bought but not connected"},
					func(text string) bool { return strings.Contains(err.Error(), text) })
			}
			if err != nil && !isAllowed(err) {
				rt.Fatalf("Diff of %#v and %#v: %v", old, news, err)
			}
			for path := range plan.Kinds {
				if top := topOf(path); top != "status" && !slices.Contains(inputNames(), top) {
					rt.Fatalf("Diff of %#v and %#v plans %v", old, news, plan.Kinds)
				}
			}
			// What is not connected is unfinished, which is a change.
			if same, err := b.Diff(old, old.Inputs); err != nil && !isAllowed(err) || same.Changes && (len(same.Kinds) != 1 || same.Kinds["status"] == "") {
				rt.Fatalf("%#v differs from itself: %v %v", old, same.Kinds, err)
			}
			b.PreviewUpdate(old, news)
			b.PreviewCreate(news)
			for _, m := range slices.Concat(b.Messages(), wire.Unaddressed()) {
				if m.Severity == "error" || goNames.MatchString(m.Text) || strings.Contains(m.Text, "panic") {
					rt.Fatalf("said: %s", m.Text)
				}
			}
		})(t, data)
	})
}
