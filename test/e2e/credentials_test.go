package e2e_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

const (
	roleArn = "acs:ram::1234567890123456:role/deployer"
	// oidcToken is one that the emulator accepts for some thousand years: {"alg":"none"} and {…,"exp":99999999999} in Base64.
	oidcToken = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIiwic3ViIjoiam9iIiwiYXVkIjoic3RzIiwiZXhwIjo5OTk5OTk5OTk5OX0.c2lnbmF0dXJl"
)

// issued is a temporary credential as STS issues it (JSON does not mind the case of names).
type issued struct{ AccessKeyID, AccessKeySecret, SecurityToken, Expiration string }

// wiretap passes all calls on to a cloud and keeps the temporary credentials that its STS issues. It refuses one action, if
// told so, in a message that quotes all that the call has told of its credentials.
type wiretap struct {
	url    string
	refuse atomic.Value // an action
	mutex  sync.Mutex
	issued []issued
}

func tap(t *testing.T, cloud *e2e.Cloud) *wiretap {
	t.Helper()
	w := &wiretap{}
	w.refuse.Store("")
	next := cloud.Handler("")
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if action := r.Header.Get("X-Acs-Action"); action != "" && w.refuse.Load() == action {
			message := "refused for " + r.Header.Get("Authorization") + r.Header.Get("X-Acs-Security-Token") + " and " + r.FormValue("OIDCToken")
			out.WriteHeader(http.StatusForbidden)
			_ = json.NewEncoder(out).Encode(map[string]string{"Code": "Forbidden.Odd", "Message": message, "RequestId": "R1"})
			return
		}
		recorder := httptest.NewRecorder()
		next.ServeHTTP(recorder, r)
		var answer struct{ Credentials issued }
		if json.Unmarshal(recorder.Body.Bytes(), &answer) == nil && answer.Credentials.AccessKeySecret != "" {
			w.mutex.Lock()
			w.issued = append(w.issued, answer.Credentials)
			w.mutex.Unlock()
		}
		maps.Copy(out.Header(), recorder.Header())
		out.WriteHeader(recorder.Code)
		_, _ = out.Write(recorder.Body.Bytes())
	}))
	t.Cleanup(server.Close)
	w.url = server.URL
	return w
}

func (w *wiretap) all() []issued {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return slices.Clone(w.issued)
}

// A profile in ~/.aliyun/config.json gives a provider its identity and its region. config.TestProfileModes knows all modes.
// Promise (Functions): `getCallerIdentity` works for accounts, users and roles.
func TestProfiles(t *testing.T) {
	t.Parallel()
	cloud := e2e.NewCloud(t, e2e.Quick())
	p := e2e.NewProject(t, cloud, `name: profiles
runtime: yaml
resources:
  asUser: {type: pulumi:providers:alicloud-kms, properties: {profile: user}}
  asRole: {type: pulumi:providers:alicloud-kms, properties: {profile: role}}
variables:
  user:
    fn::invoke: {function: alicloud-kms:getCallerIdentity, arguments: {}, options: {provider: "${asUser}"}}
  role:
    fn::invoke: {function: alicloud-kms:getCallerIdentity, arguments: {}, options: {provider: "${asRole}"}}
outputs: {user: "${user.arn}", role: "${role.arn}"}
`)
	p.SetEnv(e2e.Credential("", "")...)
	keys := `"region_id":"cn-hangzhou","access_key_id":"` + emulator.DefaultAccessKeyID + `","access_key_secret":"` + emulator.DefaultAccessKeySecret + `"`
	p.WriteFile(filepath.Join(p.Home(), ".aliyun", "config.json"), `{"profiles":[{"name":"user","mode":"AK",`+keys+`},
		{"name":"role","mode":"RamRoleArn","ram_role_arn":"`+roleArn+`","ram_session_name":"by-role",`+keys+`}]}`)
	p.Up().Succeeds()
	want := map[string]any{"user": "acs:ram::1234567890123456:user/emulator", "role": "acs:ram::1234567890123456:assumed-role/deployer/by-role"}
	if got := p.Outputs(); !maps.Equal(got, want) {
		t.Errorf("the identities are %v, want %v", got, want)
	}
}

// A command that does not run the program still uses the recorded key, and each way on that its message names works.
func TestCorrectedKey(t *testing.T) {
	t.Parallel()
	cloud := e2e.NewCloud(t, e2e.Quick())
	p := e2e.NewProject(t, cloud, small)
	p.SetEnv(e2e.Credential("", "")...)
	keys := func(id, secret string) {
		p.Pulumi("config", "set-all", "--secret", "alicloud-kms:accessKey="+id, "--secret", "alicloud-kms:secretKey="+secret).Succeeds()
	}
	wrong := func() {
		keys(emulator.DefaultAccessKeyID, "a-mistyped-secret-key")
		p.Up().Succeeds() // nothing is to be changed, so that the key is only recorded
		keys(emulator.DefaultAccessKeyID, emulator.DefaultAccessKeySecret)
	}
	keys(emulator.DefaultAccessKeyID, emulator.DefaultAccessKeySecret)
	p.Up().Succeeds()
	other := cloud.Put(emulator.Instance{PaymentType: "PayAsYouGo"})

	wrong()
	for _, command := range [][]string{
		{"refresh", "--yes", "--skip-preview"}, {"destroy", "--yes", "--skip-preview"}, {"preview", "--refresh"},
		{"import", e2e.InstanceType, "other", other.ID, "--yes", "--skip-preview"},
	} {
		p.Pulumi(command...).Fails().Shows("SignatureDoesNotMatch", "still use the configuration that the last `pulumi up` recorded",
			"Run `pulumi up` (without `--refresh`) first, or add `--run-program` to refresh or destroy")
	}
	p.Pulumi("refresh", "--yes", "--skip-preview", "--run-program").Succeeds()
	wrong()
	p.Up().Succeeds()
	p.Pulumi("import", e2e.InstanceType, "other", other.ID, "--yes", "--skip-preview", "--protect=false").Succeeds()
	p.Pulumi("state", "delete", "--yes", "urn:pulumi:dev::small::alicloud-kms:index:KmsInstance::other").Succeeds()
	wrong()
	p.Pulumi("destroy", "--yes", "--skip-preview", "--run-program").Succeeds()
	cloud.WantBill(e2e.Bill{Orders: 1, Refunds: 1})
}

// In a life with failures no key or token, given or issued, stands in the checkpoint, the output, or an answer of the plugin.
// Promise (Configuration): No key or token reaches state, logs or errors in clear text.
func TestNoSecretAnywhere(t *testing.T) {
	t.Parallel()
	const keyID, keySecret = "hidden-access-key", "hidden-secret-key"
	options := e2e.Quick()
	options.Credentials = []emulator.Credential{{AccessKeyID: keyID, Secret: keySecret}}
	cloud := e2e.NewCloud(t, options)
	w := tap(t, cloud)
	p := e2e.NewProject(t, cloud, strings.Replace(small, "resources:\n", `  token: {type: string, secret: true}
resources:
  provider:
    type: pulumi:providers:alicloud-kms
    properties:
      region: cn-hangzhou
      accessKey: `+keyID+`
      secretKey: {fn::secret: `+keySecret+`}
      assumeRole: {roleArn: `+roleArn+`}
`, 1)+`    options: {provider: "${provider}"}
  web:
    type: pulumi:providers:alicloud-kms
    properties:
      region: cn-hangzhou
      assumeRoleWithOidc:
        roleArn: `+roleArn+`
        oidcProviderArn: acs:ram::1234567890123456:oidc-provider/cluster
        oidcToken: ${token}
variables:
  found:
    fn::invoke: {function: alicloud-kms:getKmsInstances, arguments: {ids: ["${kms.instanceId}"]}, options: {provider: "${web}"}}
outputs: {found: "${found.ids}"}
`)
	p.Pulumi("config", "set", "--secret", "token", oidcToken).Succeeds()
	trace := filepath.Join(t.TempDir(), "grpc.json")
	p.SetEnv(e2e.Endpoints(w.url)...)
	p.SetEnv(e2e.Credential("", "")...)
	p.SetEnv("PULUMI_DEBUG_GRPC=" + trace)

	var printed strings.Builder
	run := func(r e2e.Result) { printed.WriteString(r.Output) }
	for _, action := range []string{"AssumeRole", "CreateInstance", "ConnectKmsInstance", "AssumeRoleWithOIDC"} {
		w.refuse.Store(action)
		run(p.Up("--debug").Fails().Shows("Forbidden.Odd", "refused for"))
	}
	w.refuse.Store("")
	run(p.Up("--debug").Succeeds())
	w.refuse.Store("GetKmsInstance")
	run(p.Refresh("--debug").Fails())
	w.refuse.Store("")
	run(p.Refresh("--debug").Succeeds())
	p.Edit("instanceName: small", "instanceName: changed")
	w.refuse.Store("UpdateKmsInstance")
	run(p.Up("--debug").Fails())
	w.refuse.Store("")
	p.Edit("secretKey: {fn::secret: "+keySecret+"}", "secretKey: {fn::secret: wrong-hidden-key}")
	run(p.Up("--debug").Fails().Shows("SignatureDoesNotMatch"))
	p.Edit("secretKey: {fn::secret: wrong-hidden-key}", "secretKey: {fn::secret: "+keySecret+"}")
	run(p.Up("--debug").Succeeds())
	kept := p.Backend() + p.Checkpoint()
	run(p.Destroy("--debug").Succeeds())
	kept += p.Backend()

	secrets := []string{keySecret, "wrong-hidden-key", oidcToken}
	for _, s := range w.all() {
		secrets = append(secrets, s.AccessKeyID, s.AccessKeySecret, s.SecurityToken)
	}
	if len(secrets) < 7 {
		t.Fatalf("only %d credentials were issued", len(w.all()))
	}
	responses, methods := pluginResponses(t, trace)
	for _, method := range []string{"DiffConfig", "Configure", "Check", "Create", "Read", "Update", "Delete", "Invoke"} {
		if methods[method] == 0 {
			t.Errorf("the trace holds no response to %s: %v", method, methods)
		}
	}
	if !strings.Contains(kept, "kst-emu") || !strings.Contains(printed.String(), "is bought") {
		t.Error("what is scanned is not what it should be")
	}
	for what, text := range map[string]string{"the backend": kept, "the output": printed.String(), "a response of the plugin": responses} {
		for n, secret := range secrets {
			if at := strings.Index(text, secret); at >= 0 {
				t.Errorf("%s holds secret %d: …%s…", what, n, text[max(0, at-300):at])
			}
		}
	}
	if strings.Contains(printed.String(), keyID) {
		t.Error("the output holds the access key")
	}
}

// pluginResponses are the answers, errors included, that a provider gave the engine, as its trace of gRPC calls has them, and
// how many there are of each method. The configuration that CheckConfig echoes is not among them.
func pluginResponses(t *testing.T, trace string) (string, map[string]int) {
	t.Helper()
	text, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	methods := map[string]int{}
	for line := range strings.Lines(string(text)) {
		var call struct {
			Method           string          `json:"method"`
			Response, Errors json.RawMessage // JSON does not mind the case of names
		}
		if err := json.Unmarshal([]byte(line), &call); err != nil {
			t.Fatalf("the trace cannot be read: %v", err)
		}
		if method, ok := strings.CutPrefix(call.Method, "/pulumirpc.ResourceProvider/"); ok && method != "CheckConfig" {
			methods[method]++
			all.Write(call.Response)
			all.Write(call.Errors)
		}
	}
	return all.String(), methods
}
