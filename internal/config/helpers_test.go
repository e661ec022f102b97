package config

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// Secrets of the tests. No message, and no text form of anything, may hold one of them.
const (
	testAccessKey = "LTAI-test-access-key"
	testSecretKey = "test-secret-key-9f3a"
	testToken     = "test-security-token-77c1"
	testOIDCToken = "test.oidc.token-51d0"
)

var testSecrets = []string{testAccessKey, testSecretKey, testToken, testOIDCToken}

func assertNoSecrets(t testing.TB, text string) {
	t.Helper()
	for _, secret := range testSecrets {
		if strings.Contains(text, secret) {
			t.Errorf("a secret stands in %s", text)
		}
	}
}

// machine is a machine with the given environment variables and files only, that can contact nothing.
func machine(t testing.TB, vars, files map[string]string) Env {
	t.Helper()
	return Env{
		Getenv:  func(name string) string { return vars[name] },
		HomeDir: func() (string, error) { return "/home/user", nil },
		ReadFile: func(path string) ([]byte, error) {
			if content, ok := files[path]; ok {
				return []byte(content), nil
			}
			return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
		},
		Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			t.Errorf("%s was contacted", r.URL.Host)
			return nil, errors.New("nothing may be contacted")
		}),
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// args makes a property map of Go values, among which property values may be.
func args(m map[string]any) property.Map { return toValue(m).AsMap() }

func toValue(v any) property.Value {
	return resource.FromResourcePropertyValue(resource.NewPropertyValueRepl(v, nil, func(v any) (resource.PropertyValue, bool) {
		value, is := v.(property.Value)
		return resource.ToResourcePropertyValue(value), is
	}))
}

// with is a copy of a map with more in it, and without what is nil there.
func with[V any](base, more map[string]V) map[string]V {
	out := map[string]V{}
	maps.Copy(out, base)
	maps.Copy(out, more)
	maps.DeleteFunc(out, func(_ string, v V) bool { return any(v) == nil })
	return out
}

// wantSaid requires an error, or another text, that says all parts and holds no secret.
func wantSaid(t testing.TB, what any, parts ...string) {
	t.Helper()
	text := fmt.Sprint(what)
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q does not say %q", text, part)
		}
	}
	assertNoSecrets(t, text)
}

var unknown = property.New(property.Computed)

func secret(text string) property.Value { return property.New(text).WithSecret(true) }

func TestMain(m *testing.M) {
	// Property tests are the same every time, and leave no files behind. A flag on the command line comes later and wins.
	for name, value := range map[string]string{"rapid.seed": "20260102", "rapid.nofailfile": "true"} {
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}
