package wire_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/wire"
)

const (
	role         = "acs:ram::1234567890123456:role/deployer"
	oidcProvider = "acs:ram::1234567890123456:oidc-provider/cluster"
	// oidcToken is one that the emulator accepts for some thousand years: {"alg":"none"} and {…,"exp":99999999999} in Base64.
	oidcToken = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIiwic3ViIjoiam9iIiwiYXVkIjoic3RzIiwiZXhwIjo5OTk5OTk5OTk5OX0.c2lnbmF0dXJl"
)

// Credentials of a role that expire again and again while an instance connects are renewed in time, and no call is refused.
// Promise (Configuration): Credentials that end during an operation are renewed.
func TestRenewalDuringACreate(t *testing.T) {
	each(t, map[string]map[string]any{
		"assumeRole": {"assumeRole": map[string]any{"roleArn": role}},
		"assumeRoleWithOidc": {"accessKey": nil, "secretKey": nil, "assumeRoleWithOidc": map[string]any{
			"roleArn": role, "oidcProviderArn": oidcProvider, "oidcToken": oidcToken,
		}},
	}, func(t *testing.T, config map[string]any) {
		const life, connect = 5 * time.Minute, 55 * time.Minute
		b := wire.New(t, wire.Options{Emulator: emulator.Options{MaxSession: life, Connect: connect, OrderVisible: time.Minute}, Config: config})
		b.Created(wire.Subscription(map[string]any{"instanceName": "mine"}))
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
		if least := int(connect / life); issued < least || issued > 2*least || len(used) != issued {
			t.Errorf("credentials were issued %d times and %d of them used, want at least %d", issued, len(used), least)
		}
		wantOwned(t, b)
	})
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

// A preview that cannot reach the cloud takes some seconds longer, and never fails for it.
// Promise (Preview): A preview of a new stack works without a network.
func TestPreviewWithoutNetwork(t *testing.T) {
	each(t, map[string]http.HandlerFunc{
		"nothing answers": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"every call is refused": func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, `{"Code":"Forbidden.RAM"}`, http.StatusForbidden)
		},
		"connections break": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	}, func(t *testing.T, answer http.HandlerFunc) {
		b := wire.New(t, wire.Options{Wrap: func(http.Handler) http.Handler { return answer }})
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
}

// A preview of what exists already contacts nothing, whatever gives the credentials.
// Promise (Preview): The preview of an unchanged stack calls nothing.
func TestPreviewIsOffline(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]map[string]any{
		"no keys":      {"accessKey": nil, "secretKey": nil},
		"a role":       {"assumeRole": map[string]any{"roleArn": role}},
		"OIDC":         {"accessKey": nil, "secretKey": nil, "assumeRoleWithOidc": map[string]any{"roleArn": role, "oidcProviderArn": oidcProvider, "oidcToken": "a.b.c"}},
		"a service":    {"accessKey": nil, "secretKey": nil, "credentialsUri": "http://127.0.0.1:1/"},
		"unknown keys": {"accessKey": wire.Unknown, "secretKey": wire.Unknown},
	} {
		b := wire.New(t, wire.Options{Config: config, Wrap: unplugged(t)})
		inputs, _ := b.CheckUpdate(wire.Subscription(nil), wire.Subscription(nil))
		old := wire.Resource{ID: "kst-1", Inputs: inputs, Outputs: wire.Change(inputs, map[string]any{"status": "Connected"})}
		news, _ := b.CheckUpdate(inputs, wire.Change(inputs, map[string]any{"keyNum": 2000}))
		if _, err := b.Diff(old, news); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		b.PreviewUpdate(old, news)
	}
}

// Another region or account of a provider replaces its resources if both sides record one; any other change updates the provider.
// Promise (Configuration): Another region or account replaces only if both sides record one, with a warning.
func TestDiffConfig(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{Wrap: unplugged(t)})
	base := wire.Props(map[string]any{
		"region": "cn-hangzhou", "accessKey": wire.Secret("a"), "secretKey": wire.Secret("b"), "accountId": "1", "profile": "x", "__internal": "y",
	})
	for _, c := range []struct {
		change   map[string]any
		kinds    string
		replaces []string
		says     string
	}{
		{nil, "map[]", nil, ""},
		{map[string]any{"accessKey": "a", "profile": wire.Secret("x"), "accountType": "", "__internal": "z", "__other": "y"}, "map[]", nil, ""},
		{map[string]any{"accessKey": wire.Secret("c"), "secretKey": nil, "securityToken": wire.Secret("e")},
			"map[accessKey:UPDATE secretKey:DELETE securityToken:ADD]", nil, ""},
		{map[string]any{"endpoints": map[string]any{"kms": "kms.example.com"}, "protocol": "HTTPS", "version": "9.9.9"},
			"map[endpoints:ADD protocol:ADD version:ADD]", nil, ""},
		{map[string]any{"region": nil}, "map[region:DELETE]", nil, ""},
		{map[string]any{"region": wire.Unknown}, "map[region:UPDATE]", nil, ""},
		{map[string]any{"region": []any{"cn-beijing"}}, "map[region:UPDATE]", nil, ""}, // which Check refuses
		{map[string]any{"accountId": wire.Secret("hidden")}, "map[accountId:UPDATE_REPLACE]", []string{"accountId"}, "The provider's accountId changes. An instance"},
		{map[string]any{"accessKey": wire.Secret("hidden"), "region": "cn-beijing"},
			"map[accessKey:UPDATE region:UPDATE_REPLACE]", []string{"region"}, `The provider's region changes from "cn-hangzhou" to "cn-beijing"`},
	} {
		said := len(wire.Unaddressed())
		for undone, sides := range [][2]property.Map{{base, wire.Change(base, c.change)}, {wire.Change(base, c.change), base}} {
			plan, err := b.DiffConfig(sides[0], sides[1])
			if err != nil || plan.Changes != (c.kinds != "map[]") || !slices.Equal(plan.Replaces, c.replaces) || plan.DeleteFirst || undone == 0 && fmt.Sprint(plan.Kinds) != c.kinds {
				t.Errorf("%v gives %+v, %v, want a change that replaces %v", c.change, plan, err, c.replaces)
			}
		}
		text := fmt.Sprint(wire.Unaddressed()[said:])
		if !strings.Contains(text, c.says) || strings.Contains(text, "hidden") {
			t.Errorf("%v is commented with %s", c.change, text)
		}
	}
}

// A checked configuration has its credentials marked as secret, and a misspelt key is refused with the nearest name.
// Promise (Configuration): A misspelled key is refused, with the nearest name.
func TestCheckConfig(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{Wrap: unplugged(t)})
	checked, refused, err := b.CheckConfig(wire.Props(nil), wire.Props(map[string]any{
		"region": "cn-hangzhou", "accessKey": "k", "secretKey": "s", "securityToken": "t",
		"assumeRoleWithOidc": map[string]any{"roleArn": role, "oidcProviderArn": oidcProvider, "oidcToken": "o"},
		// Keys of the engine and of the alicloud provider.
		"version": "1.0.0", "pluginDownloadURL": "x", "__internal": "y", "skipRegionValidation": true, "configurationSource": "z",
	}))
	if err != nil || len(refused) > 0 {
		t.Fatal(refused, err)
	}
	for _, name := range []string{"skipRegionValidation", "configurationSource"} {
		if logged("alicloud-kms:"+name+" has no effect in this provider") == 0 {
			t.Errorf("nothing warns of %s", name)
		}
	}
	for _, name := range []string{"accessKey", "secretKey", "securityToken", "assumeRoleWithOidc"} {
		if !checked.Get(name).HasSecrets() {
			t.Errorf("%s is not secret", name)
		}
	}
	for key, says := range map[string]string{"acessKey": `did you mean "accessKey"?`, "regionId": `did you mean "region"?`, "colour": "colour"} {
		_, refused, err := b.CheckConfig(wire.Props(nil), wire.Props(map[string]any{"region": "cn-hangzhou", key: "x"}))
		if err != nil || len(refused) != 1 || !strings.Contains(refused[0].Path, key) || !strings.Contains(refused[0].Reason, says) {
			t.Errorf("%s: got %v, %v; want %q", key, refused, err, says)
		}
	}
}
