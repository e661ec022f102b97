package e2e_test

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
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
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

const roleArn = "acs:ram::1234567890123456:role/deployer"

// issued is a temporary credential as STS issues it (JSON does not mind the case of names).
type issued struct{ AccessKeyID, AccessKeySecret, SecurityToken, Expiration string }

// wiretap passes all calls on to a cloud and keeps the temporary credentials that its STS issues. It refuses one action, if
// told so, in a message that quotes all that the call has told of its credentials.
type wiretap struct {
	url    string
	mutex  sync.Mutex
	issued []issued
	refuse string
}

func (w *wiretap) refused(action string) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.refuse = action
}

func (w *wiretap) refuses(action string) bool {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.refuse == action
}

func tap(t *testing.T, cloud *e2e.Cloud) *wiretap {
	t.Helper()
	w := &wiretap{}
	next := cloud.Handler("")
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		action := r.Header.Get("X-Acs-Action")
		if w.refuses(action) {
			_, key, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
			key, _, _ = strings.Cut(key, ",")
			message := "refused for " + key + " with " + r.Header.Get("X-Acs-Security-Token") + " and " + r.FormValue("OIDCToken")
			out.WriteHeader(http.StatusForbidden)
			_ = json.NewEncoder(out).Encode(map[string]string{"Code": "Forbidden.Odd", "Message": message, "RequestId": "R1"})
			return
		}
		if !strings.HasPrefix(action, "AssumeRole") {
			next.ServeHTTP(out, r)
			return
		}
		recorder := httptest.NewRecorder()
		next.ServeHTTP(recorder, r)
		var answer struct {
			Credentials issued
		}
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

// oidcToken is one that the emulator accepts for an hour.
func oidcToken() string {
	part := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	claims := fmt.Sprintf(`{"iss":"https://issuer.example","sub":"job","aud":"sts","exp":%d}`, time.Now().Add(time.Hour).Unix())
	return part(`{"alg":"none"}`) + "." + part(claims) + "." + part("signature")
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestProfiles: several providers in one program, each with a profile of another mode of ~/.aliyun/config.json (all but
// EcsRamRole, for which this machine would have to be an ECS instance), each with the identity that it stands for.
func TestProfiles(t *testing.T) {
	t.Parallel()
	cloud := e2e.NewCloud(t, e2e.Quick())
	w := tap(t, cloud)
	p := e2e.NewProject(t, cloud, empty)
	p.SetEnv(e2e.Endpoints(w.url)...)

	// A first run gets a temporary credential, which then stands in profiles of its own.
	p.Write(empty + `resources:
  role:
    type: pulumi:providers:alicloud-kms
    properties: {region: cn-hangzhou, assumeRole: {roleArn: ` + roleArn + `, sessionName: first}}
variables:
  me:
    fn::invoke: {function: alicloud-kms:getCallerIdentity, arguments: {}, options: {provider: "${role}"}}
outputs: {arn: "${me.arn}"}
`)
	p.Up().Succeeds()
	if got := p.Outputs()["arn"]; got != "acs:ram::1234567890123456:assumed-role/deployer/first" {
		t.Fatalf("the role is %v", got)
	}
	session := w.all()[0]

	service := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(out).Encode(map[string]string{
			"Code": "Success", "AccessKeyId": session.AccessKeyID, "AccessKeySecret": session.AccessKeySecret,
			"SecurityToken": session.SecurityToken, "Expiration": session.Expiration,
		})
	}))
	t.Cleanup(service.Close)
	home := p.Home()
	writeFile(t, filepath.Join(home, "token"), oidcToken())
	printed, err := json.Marshal(map[string]string{
		"mode": "StsToken", "access_key_id": session.AccessKeyID, "access_key_secret": session.AccessKeySecret, "sts_token": session.SecurityToken,
	})
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(home, "printed.json"), string(printed))

	key := map[string]any{"access_key_id": emulator.DefaultAccessKeyID, "access_key_secret": emulator.DefaultAccessKeySecret}
	with := func(base map[string]any, more map[string]any) map[string]any {
		out := maps.Clone(base)
		maps.Copy(out, more)
		return out
	}
	profiles := map[string]map[string]any{
		"ak":    with(key, map[string]any{"mode": "AK"}),
		"sts":   {"mode": "StsToken", "access_key_id": session.AccessKeyID, "access_key_secret": session.AccessKeySecret, "sts_token": session.SecurityToken},
		"role":  with(key, map[string]any{"mode": "RamRoleArn", "ram_role_arn": roleArn, "ram_session_name": "by-role"}),
		"chain": {"mode": "ChainableRamRoleArn", "source_profile": "ak", "ram_role_arn": roleArn, "ram_session_name": "by-chain"},
		"oidc": {
			"mode": "OIDC", "ram_role_arn": roleArn, "ram_session_name": "by-oidc", "oidc_token_file": filepath.Join(home, "token"),
			"oidc_provider_arn": "acs:ram::1234567890123456:oidc-provider/cluster",
		},
		"external": {"mode": "External", "process_command": "cat '" + filepath.Join(home, "printed.json") + "'"},
		"uri":      {"mode": "CredentialsURI", "credentials_uri": service.URL},
	}
	want := map[string]string{
		"ak": "user/emulator", "sts": "assumed-role/deployer/first", "role": "assumed-role/deployer/by-role", "chain": "assumed-role/deployer/by-chain",
		"oidc": "assumed-role/deployer/by-oidc", "external": "assumed-role/deployer/first", "uri": "assumed-role/deployer/first",
	}
	var list []map[string]any
	resources, variables, outputs := "resources:\n", "variables:\n", "outputs:\n"
	for _, name := range slices.Sorted(maps.Keys(profiles)) {
		list = append(list, with(profiles[name], map[string]any{"name": name, "region_id": "cn-hangzhou"}))
		resources += "  " + name + ":\n    type: pulumi:providers:alicloud-kms\n    properties: {profile: " + name + "}\n"
		variables += "  " + name + "Me:\n    fn::invoke: {function: alicloud-kms:getCallerIdentity, arguments: {}, options: {provider: \"${" + name + "}\"}}\n"
		outputs += "  " + name + ": ${" + name + "Me.arn}\n"
	}
	file, err := json.Marshal(map[string]any{"current": "ak", "profiles": list})
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(home, ".aliyun", "config.json"), string(file))
	// The region comes from the profiles, too.
	p.Write("name: imported\nruntime: yaml\n" + resources + variables + outputs)
	p.SetEnv(e2e.Credential("", "")...)
	p.Up().Succeeds().Hides(session.AccessKeySecret, session.SecurityToken)
	for name, identity := range want {
		if got := p.Outputs()[name]; got != "acs:ram::1234567890123456:"+identity {
			t.Errorf("the profile %s is %v, want %s", name, got, identity)
		}
	}
}

// TestCredentialsServiceAndProxies: what is asked over plain HTTP holds credentials, and never goes through a proxy.
func TestCredentialsServiceAndProxies(t *testing.T) {
	t.Parallel()
	var proxied atomic.Int32
	proxy := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) {
		proxied.Add(1)
		_ = json.NewEncoder(out).Encode(map[string]string{
			"Code": "Success", "AccessKeyId": emulator.DefaultAccessKeyID, "AccessKeySecret": emulator.DefaultAccessKeySecret,
			"SecurityToken": "t", "Expiration": time.Now().Add(time.Hour).UTC().Format(time.RFC3339),
		})
	}))
	t.Cleanup(proxy.Close)
	cloud := e2e.NewCloud(t, e2e.Quick())
	p := e2e.NewProject(t, cloud, `name: service
runtime: yaml
config:
  alicloud-kms:region: cn-hangzhou
  alicloud-kms:credentialsUri: http://169.254.201.7:9/credentials
  alicloud-kms:clientConnectTimeout: "300"
variables:
  me: {fn::invoke: {function: alicloud-kms:getCallerIdentity, arguments: {}}}
outputs: {me: "${me.arn}"}
`)
	p.SetEnv(e2e.Credential("", "")...)
	p.SetEnv("HTTP_PROXY="+proxy.URL, "http_proxy="+proxy.URL)
	p.Up().Fails().Shows("cannot get credentials from the service at 169.254.201.7:9 (credentialsUri)")
	if n := proxied.Load(); n > 0 {
		t.Errorf("the proxy was asked for credentials %d times", n)
	}
}

// TestCorrectedKey: commands that do not run the program go on with the key that the stack has recorded, and say how to get on. Each
// way that they name works.
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

// TestNoSecretAnywhere scans what the provider gives away in a life with failures: the checkpoint, its gRPC responses (but for
// the echo of CheckConfig, which is marked secret), its logs and its errors. Neither keys nor tokens, whether given or issued,
// may be in them.
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
	token := oidcToken()
	p.Pulumi("config", "set", "--secret", "token", token).Succeeds()
	trace := filepath.Join(t.TempDir(), "grpc.json")
	p.SetEnv(e2e.Endpoints(w.url)...)
	p.SetEnv(e2e.Credential("", "")...)
	p.SetEnv("PULUMI_DEBUG_GRPC=" + trace)

	var printed strings.Builder
	run := func(r e2e.Result) { printed.WriteString(r.Output) }
	for _, action := range []string{"AssumeRole", "CreateInstance", "ConnectKmsInstance", "AssumeRoleWithOIDC"} {
		w.refused(action)
		run(p.Up("--debug").Fails().Shows("Forbidden.Odd", "refused for"))
	}
	w.refused("")
	run(p.Up("--debug").Succeeds())
	w.refused("GetKmsInstance")
	run(p.Refresh("--debug").Fails())
	w.refused("")
	run(p.Refresh("--debug").Succeeds())
	p.Edit("instanceName: small", "instanceName: changed")
	w.refused("UpdateKmsInstance")
	run(p.Up("--debug").Fails())
	w.refused("")
	p.Edit("secretKey: {fn::secret: "+keySecret+"}", "secretKey: {fn::secret: wrong-hidden-key}")
	run(p.Up("--debug").Fails().Shows("SignatureDoesNotMatch"))
	p.Edit("secretKey: {fn::secret: wrong-hidden-key}", "secretKey: {fn::secret: "+keySecret+"}")
	run(p.Up("--debug").Succeeds())
	kept := p.Backend() + p.Checkpoint()
	run(p.Destroy("--debug").Succeeds())
	kept += p.Backend()

	secrets := []string{keySecret, "wrong-hidden-key", token}
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
	file, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	methods := map[string]int{}
	lines := bufio.NewReader(bytes.NewReader(file))
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 1 {
			var call struct {
				Method   string          `json:"method"`
				Response json.RawMessage `json:"response"`
				Errors   json.RawMessage `json:"errors"`
			}
			if err := json.Unmarshal(line, &call); err != nil {
				t.Fatalf("the trace cannot be read: %v", err)
			}
			if method, ok := strings.CutPrefix(call.Method, "/pulumirpc.ResourceProvider/"); ok && method != "CheckConfig" {
				methods[method]++
				all.Write(call.Response)
				all.Write(call.Errors)
			}
		}
		if err == io.EOF {
			return all.String(), methods
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
