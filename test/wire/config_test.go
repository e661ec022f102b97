package wire_test

import (
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/wire"
)

const (
	role         = "acs:ram::1234567890123456:role/deployer"
	oidcProvider = "acs:ram::1234567890123456:oidc-provider/cluster"
)

// TestRenewalDuringACreate: credentials that expire again and again while an instance connects are renewed in time, without
// a call that is refused for them.
// Promise (Configuration): Credentials that end during an operation are renewed.
func TestRenewalDuringACreate(t *testing.T) {
	t.Parallel()
	part := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	for name, config := range map[string]func() map[string]any{
		"assumeRole": func() map[string]any { return map[string]any{"assumeRole": map[string]any{"roleArn": role}} },
		"assumeRoleWithOidc": func() map[string]any {
			claims := fmt.Sprintf(`{"iss":"https://issuer.example","sub":"job","aud":"sts","exp":%d}`, time.Now().Add(10*time.Hour).Unix())
			return map[string]any{"accessKey": nil, "secretKey": nil, "assumeRoleWithOidc": map[string]any{
				"roleArn": role, "oidcProviderArn": oidcProvider, "oidcToken": part(`{"alg":"none"}`) + "." + part(claims) + "." + part("signature"),
			}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const life, connect = 5 * time.Minute, 40 * time.Minute
				b := wire.New(t, wire.Options{
					Emulator: emulator.Options{MaxSession: life, Connect: connect, OrderVisible: time.Minute}, Config: config(),
				})
				r := b.Created(wire.Subscription(map[string]any{"instanceName": "mine"}))
				if got := r.Outputs.Get("status").AsString(); got != emulator.StatusConnected {
					t.Errorf("the status is %s", got)
				}
				issued, used := 0, map[string]bool{}
				for _, call := range b.Cloud.Journal() {
					switch {
					case strings.HasPrefix(call.Action, "AssumeRole"):
						issued++
					case call.Code != "Success":
						t.Errorf("%s answered %s", call.Action, call.Code)
					default:
						used[call.AccessKeyID] = true
					}
				}
				if least := int(connect / life); issued < least || len(used) != issued {
					t.Errorf("credentials were issued %d times and %d of them used, want at least %d", issued, len(used), least)
				}
				if n := b.Cloud.Totals().Orders; n != 1 {
					t.Errorf("%d instances were bought", n)
				}
			})
		})
	}
}

// unplugged lets a test see every call, of which there must be none.
func unplugged(t *testing.T) func(http.Handler) http.Handler {
	t.Helper()
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			t.Errorf("%s was called on %s", r.Header.Get("X-Acs-Action"), r.Host)
			panic(http.ErrAbortHandler)
		})
	}
}

// TestPreviewWithoutNetwork: what a preview would like to look at delays it by seconds, and never fails it.
// Promise (Preview): A preview of a new stack works without a network.
func TestPreviewWithoutNetwork(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(http.ResponseWriter, *http.Request){
		"nothing answers": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"every call is refused": func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, `{"Code":"Forbidden.RAM"}`, http.StatusForbidden)
		},
		"connections break": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := wire.New(t, wire.Options{Wrap: func(http.Handler) http.Handler { return http.HandlerFunc(answer) }})
				start := time.Now()
				inputs := b.Checked(wire.Subscription(nil))
				b.PreviewCreate(inputs)
				old := wire.Resource{ID: "kst-1", Inputs: inputs, Outputs: wire.Change(inputs, map[string]any{
					"status": "Connected", "arn": "acs:kms:cn-hangzhou:1:keystore/kst-1",
				})}
				plan, err := b.Diff(old, b.Checked(wire.Change(inputs, map[string]any{"vpcId": "vpc-b"})))
				if err != nil || len(plan.Replaces) == 0 {
					t.Errorf("planned %+v, %v", plan, err)
				}
				b.PreviewUpdate(old, b.Checked(wire.Change(inputs, map[string]any{"keyNum": 2000})))
				if took := time.Since(start); took > 15*time.Second {
					t.Errorf("the previews take %s", took)
				}
				wantSaid(t, "the output", b.Said(), "ALL KEYS AND SECRETS IN IT ARE DESTROYED")
				time.Sleep(5 * time.Minute) // the look goes on in the background
			})
		})
	}
}

// TestPreviewIsOffline: a preview of what exists already contacts nothing, whatever gives the credentials.
// Promise (Preview): The preview of an unchanged stack calls nothing.
func TestPreviewIsOffline(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]map[string]any{
		"keys":         nil,
		"no keys":      {"accessKey": nil, "secretKey": nil},
		"a role":       {"assumeRole": map[string]any{"roleArn": role}},
		"OIDC":         {"accessKey": nil, "secretKey": nil, "assumeRoleWithOidc": map[string]any{"roleArn": role, "oidcProviderArn": oidcProvider, "oidcToken": "a.b.c"}},
		"an ECS role":  {"accessKey": nil, "secretKey": nil, "ecsRoleName": "deployer"},
		"a service":    {"accessKey": nil, "secretKey": nil, "credentialsUri": "http://127.0.0.1:1/"},
		"unknown keys": {"accessKey": wire.Unknown, "secretKey": wire.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := wire.New(t, wire.Options{Config: config, Wrap: unplugged(t)})
			settings := map[string]any{"region": "cn-hangzhou"}
			maps.Copy(settings, config)
			maps.DeleteFunc(settings, func(_ string, v any) bool { return v == nil })
			if _, refused, err := b.CheckConfig(wire.Props(nil), wire.Props(settings)); err != nil || len(refused) > 0 {
				t.Errorf("CheckConfig gives %v, %v", refused, err)
			}
			if _, err := b.DiffConfig(wire.Props(settings), wire.Props(map[string]any{"region": "cn-beijing"})); err != nil {
				t.Error(err)
			}
			inputs, _ := b.CheckUpdate(wire.Subscription(nil), wire.Subscription(nil))
			old := wire.Resource{ID: "kst-1", Inputs: inputs, Outputs: wire.Change(inputs, map[string]any{"status": "Connected"})}
			news, _ := b.CheckUpdate(inputs, wire.Change(inputs, map[string]any{"keyNum": 2000}))
			if _, err := b.Diff(old, news); err != nil {
				t.Error(err)
			}
			b.PreviewUpdate(old, news)
		})
	}
}

// TestLaterConfigurationReplacesAnEarlierOne wholly, through gRPC: nothing of it remains in the provider.
func TestLaterConfigurationReplacesAnEarlierOne(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{
		Emulator: emulator.Options{Regions: []string{"cn-hangzhou", "cn-shanghai"}},
		Config:   map[string]any{"assumeRole": map[string]any{"roleArn": role}},
	})
	identity := func() string {
		t.Helper()
		out, _, err := b.Invoke("getCallerIdentity", wire.Props(nil))
		if err != nil {
			return err.Error()
		}
		return out.Get("arn").AsString()
	}
	if got := identity(); !strings.Contains(got, "assumed-role/deployer") {
		t.Errorf("got %s", got)
	}
	if err := b.Configure(wire.Props(map[string]any{
		"region": "cn-shanghai", "accessKey": emulator.DefaultAccessKeyID, "secretKey": emulator.DefaultAccessKeySecret,
	})); err != nil {
		t.Fatal(err)
	}
	if got := identity(); !strings.HasSuffix(got, "user/emulator") {
		t.Errorf("the role of the earlier configuration remains: %s", got)
	}
	_, refused := b.Check(wire.Subscription(nil))
	if len(refused) != 2 || !strings.Contains(refused[0].Reason, "must be a zone of the provider's region cn-shanghai") {
		t.Errorf("the region of the earlier configuration remains: %v", refused)
	}
	if err := b.Configure(wire.Props(nil)); err != nil {
		t.Fatal(err)
	}
	if got := identity(); !strings.Contains(got, "no region is set, and there is no default") {
		t.Errorf("something of the earlier configuration remains: %s", got)
	}
}

// TestProvidersInOneProcess with different regions and credentials do not touch each other.
func TestProvidersInOneProcess(t *testing.T) {
	t.Parallel()
	cloud := wire.New(t, wire.Options{Emulator: emulator.Options{
		Regions: []string{"cn-hangzhou", "cn-shanghai"},
		Credentials: []emulator.Credential{
			{AccessKeyID: emulator.DefaultAccessKeyID, Secret: emulator.DefaultAccessKeySecret},
			{AccessKeyID: "second", Secret: "second", AccountID: "9876543210987654"},
		},
	}}).Cloud
	near := wire.Attach(t, cloud, wire.Options{})
	far := wire.Attach(t, cloud, wire.Options{Config: map[string]any{"region": "cn-shanghai", "accessKey": "second", "secretKey": "second"}})
	a := near.Created(wire.PayAsYouGo(nil))
	b := far.Created(wire.PayAsYouGo(map[string]any{"zoneIds": []string{"cn-shanghai-a", "cn-shanghai-b"}}))
	for id, want := range map[string]string{a.ID: "cn-hangzhou 1234567890123456", b.ID: "cn-shanghai 9876543210987654"} {
		if i, _ := cloud.Instance(id); i.Region+" "+i.AccountID != want {
			t.Errorf("%s is in %s of %s, want %s", id, i.Region, i.AccountID, want)
		}
	}
	near.MustHaveWorked(near.Refresh(a))
	far.MustHaveWorked(far.Refresh(b))
}

// TestDiffConfig: nothing but another region or account replaces resources, and only if both sides record one.
// Promise (Configuration): Another region or account replaces only if both sides record one, with a warning.
func TestDiffConfig(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{Wrap: unplugged(t)})
	base := map[string]any{"region": "cn-hangzhou", "accessKey": wire.Secret("a"), "secretKey": wire.Secret("b"), "accountId": "1"}
	for name, c := range map[string]struct {
		change   map[string]any
		replaces []string
	}{
		"credentials":         {map[string]any{"accessKey": wire.Secret("c"), "secretKey": wire.Secret("d"), "securityToken": wire.Secret("e")}, nil},
		"another way":         {map[string]any{"accessKey": nil, "secretKey": nil, "profile": "p", "assumeRole": map[string]any{"roleArn": role}}, nil},
		"endpoints":           {map[string]any{"endpoints": map[string]any{"kms": "kms.example.com"}, "protocol": "HTTPS"}, nil},
		"another version":     {map[string]any{"version": "9.9.9"}, nil},
		"region taken out":    {map[string]any{"region": nil}, nil},
		"region not known":    {map[string]any{"region": wire.Unknown}, nil},
		"region":              {map[string]any{"region": "cn-beijing"}, []string{"region"}},
		"account":             {map[string]any{"accountId": "2"}, []string{"accountId"}},
		"account and region":  {map[string]any{"accountId": "2", "region": "cn-beijing"}, []string{"accountId", "region"}},
		"credentials, region": {map[string]any{"accessKey": wire.Secret("c"), "region": "cn-beijing"}, []string{"region"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plan, err := b.DiffConfig(wire.Props(base), wire.Change(wire.Props(base), c.change))
			if err != nil {
				t.Fatal(err)
			}
			slices.Sort(plan.Replaces)
			if !plan.Changes || !slices.Equal(plan.Replaces, c.replaces) || plan.DeleteFirst {
				t.Errorf("got %+v, want a change that replaces %v", plan, c.replaces)
			}
			if plan, err := b.DiffConfig(wire.Change(wire.Props(base), c.change), wire.Change(wire.Props(base), c.change)); err != nil || plan.Changes {
				t.Errorf("no change gives %+v, %v", plan, err)
			}
		})
	}
}

// TestCheckConfig: through gRPC, secrets come back marked as such, and misspelt keys with the nearest name.
// Promise (Configuration): A misspelled key is refused, with the nearest name.
func TestCheckConfig(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{Wrap: unplugged(t)})
	checked, refused, err := b.CheckConfig(wire.Props(nil), wire.Props(map[string]any{
		"region": "cn-hangzhou", "accessKey": "k", "secretKey": "s", "securityToken": "t",
		"assumeRoleWithOidc": map[string]any{"roleArn": role, "oidcProviderArn": oidcProvider, "oidcToken": "o"},
	}))
	if err != nil || len(refused) > 0 {
		t.Fatal(refused, err)
	}
	for _, name := range []string{"accessKey", "secretKey", "securityToken", "assumeRoleWithOidc"} {
		if !checked.Get(name).HasSecrets() {
			t.Errorf("%s is not secret", name)
		}
	}
	for key, says := range map[string]string{
		"acessKey": `did you mean "accessKey"?`, "regionId": `did you mean "region"?`, "endpoint": `did you mean "endpoints"?`,
		"assumerole": `did you mean "assumeRole"?`, "colour": "colour",
	} {
		_, refused, err := b.CheckConfig(wire.Props(nil), wire.Props(map[string]any{"region": "cn-hangzhou", key: "x"}))
		if err != nil || len(refused) != 1 || strings.Trim(refused[0].Path, `["]`) != key || !strings.Contains(refused[0].Reason, says) {
			t.Errorf("%s: got %v, %v; want %q", key, refused, err, says)
		}
	}
	_, refused, err = b.CheckConfig(wire.Props(nil), wire.Props(map[string]any{
		"region": "cn-hangzhou", "version": "1.0.0", "pluginDownloadURL": "x", "__internal": "y", "skipRegionValidation": true, "configurationSource": "z",
	}))
	if err != nil || len(refused) > 0 {
		t.Errorf("keys of the engine and of the alicloud provider are refused: %v, %v", refused, err)
	}
}
