package recording

import (
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
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
