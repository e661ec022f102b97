package credentials

import (
	"net/http"
	"strings"
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

// Secrets of the tests, which no message may hold.
const (
	testAccessKey = "LTAI-test-access-key"
	testSecretKey = "test-secret-key-9f3a"
	testToken     = "test-security-token-77c1"
)

func assertNoSecrets(t testing.TB, what, text string) {
	t.Helper()
	for _, secret := range []string{testAccessKey, testSecretKey, testToken} {
		if strings.Contains(text, secret) {
			t.Errorf("%s holds a secret: %s", what, text)
		}
	}
}

// JSON and INI are told apart by content, whatever the file is called.
func TestParseProfiles(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ content, modeWord string }{
		"JSON":               {`{"profiles":[{"name":"p","mode":"AK"}]}`, "mode"},
		"JSON with a mark":   {"\xef\xbb\xbf {\"profiles\":[{\"name\":\"p\",\"mode\":\"AK\"}]}", "mode"},
		"JSON after blanks":  {"\n\t {\"profiles\":[{\"name\":\"p\",\"mode\":\"AK\"}]}", "mode"},
		"INI":                {"[p]\ntype=access_key", "type"},
		"INI with a comment": {"# {\n[p]\ntype = access_key", "type"},
		"INI with a mark":    {"\xef\xbb\xbf[p]\ntype = access_key", "type"},
		"INI with CRLF":      {"[p]\r\ntype = access_key\r\n", "type"},
	} {
		f, err := parseProfiles("/creds.ini.json", []byte(c.content))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		p, err := f.profile("p")
		if err != nil || f.modeWord != c.modeWord || p.Mode != "AK" {
			t.Errorf("%s: got %v, %v", name, p, err)
		}
	}
}

func FuzzParseProfiles(f *testing.F) {
	f.Add(`{"current":"a","profiles":[{"name":"a","mode":"ChainableRamRoleArn","source_profile":"a"}]}`)
	f.Add("[default]\ntype=access_key\naccess_key_id=%(x)s\nx=%(access_key_id)s\n")
	f.Add("{")
	f.Fuzz(func(t *testing.T, content string) {
		file, err := parseProfiles("/creds", []byte(content))
		if err != nil {
			return
		}
		b := Options{Client: cloud.Options{Region: "cn-hangzhou"}, Machine: Machine{Getenv: func(string) string { return "" }}}
		for i := range file.Profiles {
			_, _ = b.profileSource(&file.Profiles[i])
		}
	})
}

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
		transport, ok := Options{}.httpClient(uri).Transport.(*http.Transport)
		if !ok || (transport.Proxy != nil) != proxied {
			t.Errorf("%s may go through a proxy: %t", uri, !proxied)
		}
	}
}
