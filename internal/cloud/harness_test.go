package cloud

import (
	"cmp"
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
)

const (
	testKey    = "testid"
	testSecret = "testsecret-0123456789"
)

// provider is a provider of credentials under the test's control.
type provider func(context.Context) (Credentials, error)

func (p provider) Credentials(ctx context.Context) (Credentials, error) { return p(ctx) }
func (provider) Discard(context.Context, string) bool                   { return false }

// gives provides the same credentials each time.
func gives(c Credentials) provider {
	return func(context.Context) (Credentials, error) { return c, nil }
}

// staticKey is the credential of most tests.
var staticKey = gives(Credentials{AccessKeyID: testKey, AccessKeySecret: testSecret, Provider: "static_ak"})

// request is what the server saw of one call.
type request struct {
	Host   string
	Action string
	Query  url.Values
	Header http.Header
	At     time.Time
}

// param is a query parameter; "<absent>" if it was not sent.
func (r request) param(name string) string {
	if v, ok := r.Query[name]; ok {
		return v[0]
	}
	return "<absent>"
}

// reply is how the server answers one call.
type reply struct {
	status int // 200 if zero
	body   string
	header map[string]string
	hang   bool // no answer until the client gives up
	reset  bool // the connection is cut after the request was read
	cut    bool // the connection is cut in the middle of the body
	after  time.Duration
}

// fake is a server behind in-memory connections. It answers every host name over plain HTTP (the client takes its
// connections for TLS ones). Signatures are the emulator's to check.
type fake struct {
	t      testing.TB
	script func(n int, r request) reply // n counts from 1
	pipe   *emulator.Pipe

	mu       sync.Mutex
	requests []request
	dials    int
}

// serve starts a server that answers with script, and stops it when the test ends.
func serve(t testing.TB, script func(n int, r request) reply) *fake {
	t.Helper()
	f := &fake{t: t, script: script}
	f.pipe = emulator.PipeTransport(http.HandlerFunc(f.handle))
	t.Cleanup(f.pipe.Close)
	return f
}

// replies is a script that answers the nth request with the nth reply, and further ones with the last.
func replies(rs ...reply) func(int, request) reply {
	return func(n int, _ request) reply { return rs[min(n, len(rs))-1] }
}

func (f *fake) handle(w http.ResponseWriter, r *http.Request) {
	seen := request{Host: r.Host, Action: r.Header.Get("x-acs-action"), Query: r.URL.Query(), Header: r.Header.Clone(), At: time.Now()}
	f.mu.Lock()
	f.requests = append(f.requests, seen)
	n := len(f.requests)
	f.mu.Unlock()
	answer := f.script(n, seen)
	if answer.hang {
		<-r.Context().Done()
		return
	}
	if answer.after > 0 {
		time.Sleep(answer.after)
	}
	if answer.reset {
		panic(http.ErrAbortHandler)
	}
	for k, v := range answer.header {
		w.Header().Set(k, v)
	}
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	w.WriteHeader(cmp.Or(answer.status, http.StatusOK))
	if answer.cut {
		_, _ = io.WriteString(w, answer.body[:len(answer.body)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	_, _ = io.WriteString(w, answer.body)
}

// count is how many requests of some actions arrived; of none means of all.
func (f *fake) count(actions ...string) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.requests {
		if len(actions) == 0 || slices.Contains(actions, r.Action) {
			n++
		}
	}
	return n
}

// seen returns the nth request, from 1.
func (f *fake) seen(n int) request {
	f.t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	if n > len(f.requests) {
		f.t.Fatalf("%d requests arrived, want at least %d", len(f.requests), n)
	}
	return f.requests[n-1]
}

// refusing connects to the server, or not where the script of dials says so.
func (f *fake) refusing(script func(dial int) error) *http.Transport {
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		f.mu.Lock()
		f.dials++
		n := f.dials
		f.mu.Unlock()
		if err := script(n); err != nil {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: err}
		}
		return f.pipe.DialContext(ctx, network, address)
	}
	return &http.Transport{DialContext: dial, DialTLSContext: dial, DisableKeepAlives: true}
}

// client makes a client whose requests end at the server.
func (f *fake) client(change ...func(*Options)) *Client {
	f.t.Helper()
	o := Options{Region: "cn-hangzhou", Credentials: staticKey, Transport: f.pipe.Transport}
	for _, c := range change {
		c(&o)
	}
	c, err := New(o)
	if err != nil {
		f.t.Fatal(err)
	}
	return c
}

// bubble runs a test on a clock of its own, so that waiting takes no time.
func bubble(t *testing.T, name string, test func(*testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { synctest.Test(t, test) })
}

// Bodies of answers.
const (
	okBSS = `{"Code":"Success","Message":"Successful!","RequestId":"req-ok","Success":true,"Data":{"InstanceId":"kst-1","OrderId":"2001"}}`
	okKMS = `{"RequestId":"req-ok"}`
)

// apiError is an error body of the gateway or of KMS.
func apiError(status int, code string) reply {
	return reply{status: status, body: `{"RequestId":"req-bad","HostId":"x","Code":"` + code + `","Message":"it does not work.","Recommend":"https://example.com"}`}
}

// refusal is a refusal of BSS.
func declined(code string) reply {
	return reply{body: `{"Code":"` + code + `","Message":"it does not work.","RequestId":"req-bad","Success":false}`}
}
