package credentials

import (
	"net/http"
	"strings"
	"testing"
)

func TestURIRule(t *testing.T) {
	t.Parallel()
	for uri, want := range map[string]string{
		"http://127.0.0.1:8080/c": "", "http://localhost/c": "", "http://[::1]:1/": "", "http://169.254.170.2/v2?id=1": "", "http://[fe80::1]/": "",
		"https://credentials.example.com/c?token=x": "",
		"http://credentials.example.com/c":          "plain HTTP is accepted from this machine only",
		"http://10.0.0.1/c":                         "plain HTTP is accepted from this machine only",
		"http://100.100.100.200/c":                  "plain HTTP is accepted from this machine only",
		"http://127.0.0.1.example.com/c":            "plain HTTP is accepted from this machine only",
		"https://me@credentials.example.com/c":      "without user and password",
		"http://me:pw@127.0.0.1/c":                  "without user and password",
		"127.0.0.1/c":                               "a URL, such as",
		"ftp://127.0.0.1/c":                         "a URL, such as",
		"http:///c":                                 "a URL, such as",
		"":                                          "a URL, such as",
		"http://127.0.0.1:port/":                    "a URL, such as",
	} {
		if got := URIRule(uri); (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%s must be %q, want %q", uri, got, want)
		}
	}
}

// The answer of a service holds credentials: over plain HTTP it must not pass through a proxy.
func TestURIAndProxies(t *testing.T) {
	t.Parallel()
	for uri, proxied := range map[string]bool{
		"http://127.0.0.1/c": false, "HTTP://169.254.170.2/c": false, "https://credentials.example.com/c": true, "HTTPS://credentials.example.com/c": true,
	} {
		transport, ok := Options{}.httpClient(uri, 0).Transport.(*http.Transport)
		if !ok || (transport.Proxy != nil) != proxied {
			t.Errorf("%s may go through a proxy: %t", uri, !proxied)
		}
	}
}
