package config

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"testing"

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

func assertNoSecrets(t testing.TB, what, text string) {
	t.Helper()
	for _, secret := range testSecrets {
		if strings.Contains(text, secret) {
			t.Errorf("%s holds a secret: %s", what, text)
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

// args makes a property map of Go values: strings, ints, bools, maps and lists of them, and property values.
func args(m map[string]any) property.Map { return toValue(m).AsMap() }

func toValue(v any) property.Value {
	switch v := v.(type) {
	case property.Value:
		return v
	case nil:
		return property.New(property.Null)
	case int:
		return property.New(float64(v))
	case float64:
		return property.New(v)
	case bool:
		return property.New(v)
	case string:
		return property.New(v)
	case []any:
		list := make([]property.Value, len(v))
		for i := range v {
			list[i] = toValue(v[i])
		}
		return property.New(list)
	case map[string]any:
		m := map[string]property.Value{}
		for name := range v {
			m[name] = toValue(v[name])
		}
		return property.New(m)
	default:
		panic(fmt.Sprintf("no property value for %T", v))
	}
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
