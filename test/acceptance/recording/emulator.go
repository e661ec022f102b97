package recording

import (
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

// EmulatorOptions are the delays that the emulator's command has by default: recordings are made and replayed with them.
func EmulatorOptions() emulator.Options {
	return emulator.Options{
		OrderVisible: 500 * time.Millisecond, Connect: 3 * time.Second, Upgrade: 2 * time.Second, Refund: time.Second, Release: time.Second,
		NetworkAvailable: 200 * time.Millisecond,
	}
}

// Emulator is the way to an emulator at a URL, or to the real hosts if the URL is empty.
func Emulator(address string) (http.RoundTripper, error) {
	if address == "" {
		return http.DefaultTransport, nil
	}
	to, err := url.Parse(address)
	if err != nil || to.Scheme != "http" || to.Host == "" {
		return nil, fmt.Errorf("%q is not the URL of an emulator, such as http://127.0.0.1:8777", address)
	}
	plain := &http.Transport{}
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		out := r.Clone(r.Context())
		out.URL.Scheme, out.URL.Host, out.Host = to.Scheme, to.Host, r.Host // the signature covers the host's name
		return plain.RoundTrip(out)
	}), nil
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Taped is a client of a test's emulator, whose calls are recorded.
type Taped struct {
	*Client
	t testing.TB
}

// Tape records calls to an emulator, and returns the recording's file.
func Tape(t testing.TB, cloud *e2e.Cloud, credential Credential, calls func(Taped)) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "tape.yaml")
	way, err := Emulator(cloud.URL(""))
	if err != nil {
		t.Fatal(err)
	}
	recorder, err := NewRecorder(file, way, credential, nil)
	if err != nil {
		t.Fatal(err)
	}
	calls(Taped{&Client{Credential: credential, Transport: recorder}, t})
	if err := recorder.Stop(); err != nil {
		t.Fatal(err)
	}
	return file
}

// Ask makes a call that must be answered.
func (c Taped) Ask(host, version, action string, parameters ...string) Answer {
	c.t.Helper()
	answer, err := c.Call(c.t.Context(), host, version, action, parameters...)
	if err != nil {
		c.t.Fatal(err)
	}
	return answer
}
