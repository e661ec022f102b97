package config

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

// network is everything that the provider can reach in a test: the emulator as STS, KMS and BSS, an ECS metadata service,
// and a service that hands out credentials.
type network struct {
	cloud *emulator.Server
	pipe  *emulator.Pipe

	mu    sync.Mutex
	hosts []string // hosts that were called, in order

	metadata http.HandlerFunc // nil: no answer, as outside ECS
	service  http.HandlerFunc
}

func newNetwork(t testing.TB, options emulator.Options) *network {
	t.Helper()
	if options.Credentials == nil {
		options.Credentials = []emulator.Credential{{AccessKeyID: testAccessKey, Secret: testSecretKey}}
	}
	server, err := emulator.New(options)
	if err != nil {
		t.Fatal(err)
	}
	n := &network{cloud: server}
	n.pipe = emulator.PipeTransport(n)
	t.Cleanup(func() {
		n.pipe.Close()
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return n
}

func (n *network) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n.mu.Lock()
	n.hosts = append(n.hosts, r.Host)
	n.mu.Unlock()
	switch {
	case r.Host == metadataHost && n.metadata != nil:
		n.metadata(w, r)
	case r.Host == metadataHost:
		panic(http.ErrAbortHandler) // the connection breaks
	case strings.HasPrefix(r.Host, "credentials.") && n.service != nil:
		n.service(w, r)
	default:
		n.cloud.Handler("").ServeHTTP(w, r)
	}
}

func (n *network) called() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]string(nil), n.hosts...)
}

// actions lists the calls of an action in the emulator's journal.
func (n *network) actions(action string) []emulator.Call {
	var calls []emulator.Call
	for _, c := range n.cloud.Journal() {
		if c.Action == action {
			calls = append(calls, c)
		}
	}
	return calls
}

// machine is a machine on the network.
func (n *network) machine(t testing.TB, vars, files map[string]string) Env {
	t.Helper()
	env := machine(t, vars, files)
	env.Transport = n.pipe
	return env
}

// client makes the client of a configuration in cn-hangzhou.
func client(t testing.TB, env Env, given map[string]any) (*cloud.Client, error) {
	t.Helper()
	h := &Holder{Env: env}
	configure(t, h, with(map[string]any{"region": "cn-hangzhou"}, given))
	return h.Client(t.Context())
}

// whoami is who the cloud takes the caller for: the last part of the ARN.
func whoami(t testing.TB, env Env, given map[string]any) (string, error) {
	t.Helper()
	c, err := client(t, env, given)
	if err != nil {
		return "", err
	}
	who, err := c.GetCallerIdentity(t.Context())
	return strings.TrimPrefix(who.ARN, "acs:ram::1234567890123456:"), err
}

const (
	metadataHost   = "100.100.100.200"
	credentialsURL = "https://credentials.example.com/"
	userIdentity   = "user/emulator"
	roleIdentity   = "assumed-role/deployer/"
	issuedIdentity = "assumed-role/issued/by-test"
)

// oidcVars are those of a pod of Kubernetes that may assume a role.
var oidcVars = map[string]string{
	"ALIBABA_CLOUD_ROLE_ARN": testRole, "ALIBABA_CLOUD_OIDC_PROVIDER_ARN": testProvider, "ALIBABA_CLOUD_OIDC_TOKEN_FILE": "/token",
}

// issue lets STS issue a session for a role.
func (n *network) issue(t testing.TB, role string) cloud.Session {
	t.Helper()
	sts, err := client(t, n.machine(t, nil, nil), map[string]any{"accessKey": testAccessKey, "secretKey": testSecretKey})
	if err != nil {
		t.Fatal(err)
	}
	s, err := sts.AssumeRole(t.Context(), cloud.Role{ARN: "acs:ram::1234567890123456:role/" + role, SessionName: "by-test", Seconds: 900})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// answerOf is the JSON of the metadata service and of credentials services.
func answerOf(s cloud.Session) string {
	text, _ := json.Marshal(map[string]string{
		"Code": "Success", "AccessKeyId": s.AccessKeyID, "AccessKeySecret": s.AccessKeySecret, "SecurityToken": s.SecurityToken,
		"Expiration": s.Expires.UTC().Format(time.RFC3339),
	})
	return string(text)
}

func respond(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// metadataService serves the role "ecs-role" in the hardened mode, and without it if plain is set.
func metadataService(plain bool, s func() cloud.Session) http.HandlerFunc {
	const path = "/latest/meta-data/ram/security-credentials/"
	return func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodPut && r.URL.Path == "/latest/api/token":
			if plain {
				http.NotFound(w, r)
				return
			}
			_, _ = io.WriteString(w, "metadata-token")
		case !plain && r.Header.Get("X-aliyun-ecs-metadata-token") != "metadata-token":
			http.Error(w, "no token", http.StatusForbidden)
		case r.URL.Path == path:
			_, _ = io.WriteString(w, "ecs-role\n")
		case r.URL.Path == path+"ecs-role":
			_, _ = io.WriteString(w, answerOf(s()))
		default:
			http.NotFound(w, r)
		}
	}
}

// oidcToken is an OIDC token that the emulator accepts until it expires.
func oidcToken(expires time.Time) string {
	part := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	claims := fmt.Sprintf(`{"iss":"https://issuer.example","sub":"job","aud":"sts","exp":%d}`, expires.Unix())
	return part(`{"alg":"none"}`) + "." + part(claims) + "." + part("signature")
}
