package config

import (
	"context"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

func assumed(more map[string]any) map[string]any {
	given := map[string]any{"accessKey": testAccessKey, "secretKey": testSecretKey, "assumeRole": map[string]any{"roleArn": testRole}}
	maps.Copy(given, more)
	return given
}

// Every parameter of a role reaches STS, in the body and signed with ACS3.
func TestAssumeRoleParameters(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, emulator.Options{})
	got, err := whoami(t, n.machine(t, nil, nil), assumed(map[string]any{
		"sourceIp": "203.0.113.7", "secureTransport": "true",
		"assumeRole": map[string]any{"roleArn": testRole, "sessionName": "by.name@x", "sessionExpiration": 900, "policy": `{"Version":"1"} `, "externalId": "a+b *~/=&"},
	}))
	if err != nil || got != roleIdentity+"by.name@x" {
		t.Fatal(got, err)
	}
	call := n.actions("AssumeRole")[0]
	want := map[string]string{
		"RoleArn": testRole, "RoleSessionName": "by.name@x", "DurationSeconds": "900", "Policy": `{"Version":"1"}`, "ExternalId": "a+b *~/=&",
	}
	if !maps.Equal(call.Parameters, want) || call.SignatureForm != "ACS3" || call.AccessKeyID != testAccessKey || call.Method != "POST" {
		t.Errorf("got %+v", call)
	}
	if used := n.actions("GetCallerIdentity")[0].AccessKeyID; used == testAccessKey {
		t.Error("the call was not made with the role's credentials")
	}
}

func TestAssumeRoleWithOIDCParameters(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, emulator.Options{})
	got, err := whoami(t, n.machine(t, nil, nil), map[string]any{"assumeRoleWithOidc": map[string]any{
		"roleArn": testRole, "oidcProviderArn": testProvider, "oidcToken": oidcToken(time.Now().Add(time.Hour)),
		"roleSessionName": "job", "sessionExpiration": "1800", "policy": `{}`,
	}})
	if err != nil || got != roleIdentity+"job" {
		t.Fatal(got, err)
	}
	call := n.actions("AssumeRoleWithOIDC")[0]
	for name, want := range map[string]string{
		"RoleArn": testRole, "OIDCProviderArn": testProvider, "RoleSessionName": "job", "DurationSeconds": "1800", "Policy": "{}", "OIDCToken": "***",
	} {
		if call.Parameters[name] != want {
			t.Errorf("%s is %q; want %q", name, call.Parameters[name], want)
		}
	}
	if call.SignatureForm != "" {
		t.Errorf("the call was signed: %+v", call)
	}
}

// Credentials that expire in the middle of a long operation are renewed before they do, whatever they come from.
func TestRenewalDuringALongWait(t *testing.T) {
	t.Parallel()
	const life, duration = 10 * time.Second, 2 * time.Minute
	for name, given := range map[string]map[string]any{
		"role":           assumed(nil),
		"role of a role": {"profile": "role", "assumeRole": map[string]any{"roleArn": "acs:ram::1234567890123456:role/second"}},
		"OIDC":           {"assumeRoleWithOidc": map[string]any{"roleArn": testRole, "oidcProviderArn": testProvider, "oidcTokenFile": "/token"}},
		"ECS":            {"ecsRoleName": "ecs-role"},
		"URI":            {"credentialsUri": "https://credentials.example.com/"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				n := newNetwork(t, emulator.Options{MaxSession: life})
				issue := func() cloud.Session { return n.issue(t) }
				n.metadata = metadataService(false, issue)
				n.service = func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, answerOf(issue())) }
				files := map[string]string{cliFile: cliProfiles("", map[string]any{
					"name": "role", "mode": "RamRoleArn", "access_key_id": testAccessKey, "access_key_secret": testSecretKey, "ram_role_arn": testRole,
				})}
				env := n.machine(t, nil, files)
				env.ReadFile = func(path string) ([]byte, error) {
					if path == "/token" { // it is rotated, and does not live for long either
						return []byte(oidcToken(time.Now().Add(5 * time.Second))), nil
					}
					return []byte(files[path]), nil
				}
				c, err := client(t, env, given)
				if err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				for time.Since(start) < duration {
					if _, err := c.GetCallerIdentity(t.Context()); err != nil {
						t.Fatalf("after %s: %v", time.Since(start), err)
					}
					time.Sleep(500 * time.Millisecond)
				}
				renewals := 0
				for _, call := range n.cloud.Journal() {
					switch {
					case strings.HasPrefix(call.Action, "AssumeRole"):
						renewals++
					case call.Code != "Success":
						t.Errorf("%s answered %s", call.Action, call.Code)
					}
				}
				if least := int(duration / life); renewals < least || renewals > 4*least {
					t.Errorf("credentials were issued %d times in %s, with a life of %s", renewals, duration, life)
				}
			})
		})
	}
}

// Sessions that end before the clock of this machine says so are replaced when a service refuses them. Fixed credentials
// cannot be.
func TestSessionsThatEndEarly(t *testing.T) {
	t.Parallel()
	const life, duration = 10 * time.Second, time.Minute
	for name, c := range map[string]struct {
		given func(cloud.Session) map[string]any
		fixed bool
	}{
		"role": {given: func(cloud.Session) map[string]any { return assumed(nil) }},
		"role of a role": {given: func(cloud.Session) map[string]any {
			return map[string]any{"profile": "role", "assumeRole": map[string]any{"roleArn": "acs:ram::1234567890123456:role/second"}}
		}},
		"profile": {given: func(cloud.Session) map[string]any { return map[string]any{"profile": "role"} }},
		"chain":   {given: func(cloud.Session) map[string]any { return nil }},
		"OIDC": {given: func(cloud.Session) map[string]any {
			return map[string]any{"assumeRoleWithOidc": map[string]any{"roleArn": testRole, "oidcProviderArn": testProvider, "oidcTokenFile": "/token"}}
		}},
		"ECS": {given: func(cloud.Session) map[string]any { return map[string]any{"ecsRoleName": "ecs-role"} }},
		"URI": {given: func(cloud.Session) map[string]any {
			return map[string]any{"credentialsUri": "https://credentials.example.com/"}
		}},
		"fixed": {fixed: true, given: func(s cloud.Session) map[string]any {
			return map[string]any{"accessKey": s.AccessKeyID, "secretKey": s.AccessKeySecret, "securityToken": s.SecurityToken}
		}},
		"fixed in a profile": {fixed: true, given: func(cloud.Session) map[string]any { return map[string]any{"profile": "fixed"} }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				n := newNetwork(t, emulator.Options{MaxSession: life})
				n.late = time.Hour
				issue := func() cloud.Session { return n.issue(t) }
				n.metadata = metadataService(false, issue)
				n.service = func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, answerOf(issue())) }
				first := issue()
				files := map[string]string{cliFile: cliProfiles("role", map[string]any{
					"name": "role", "mode": "RamRoleArn", "access_key_id": testAccessKey, "access_key_secret": testSecretKey, "ram_role_arn": testRole,
				}, map[string]any{
					"name": "fixed", "mode": "StsToken", "access_key_id": first.AccessKeyID, "access_key_secret": first.AccessKeySecret, "sts_token": first.SecurityToken,
				}), "/token": oidcToken(time.Now().Add(time.Hour))}
				client, err := client(t, n.machine(t, nil, files), c.given(first))
				if err != nil {
					t.Fatal(err)
				}
				start, failed := time.Now(), false
				for time.Since(start) < duration && !failed {
					_, err := client.GetCallerIdentity(t.Context())
					failed = err != nil
					if failed && (!c.fixed || !cloud.HasCode(err, cloud.CodeTokenExpired)) {
						t.Errorf("after %s: %v", time.Since(start), err)
					}
					time.Sleep(500 * time.Millisecond)
				}
				refused := 0
				for _, call := range n.actions("GetCallerIdentity") {
					if call.Code == cloud.CodeTokenExpired {
						refused++
					}
				}
				switch most := int(duration / life); {
				case failed != c.fixed:
					t.Errorf("failed: %t", failed)
				case c.fixed && refused != 1, !c.fixed && (refused < most-1 || refused > most):
					t.Errorf("%d calls were refused", refused)
				}
			})
		})
	}
}

// Many calls at once lead to one call to STS.
func TestAssumeRoleOnce(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, emulator.Options{})
	c, err := client(t, n.machine(t, nil, nil), assumed(nil))
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, err := c.GetCallerIdentity(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if calls := len(n.actions("AssumeRole")); calls != 1 {
		t.Errorf("AssumeRole was called %d times", calls)
	}
}

// What passes is tried again; what does not fails at once. The message says what went wrong and what to do.
func TestAssumeRoleFailures(t *testing.T) {
	t.Parallel()
	const action = "AssumeRole"
	for name, c := range map[string]struct {
		faults []emulator.Fault
		given  map[string]any
		calls  int // 0: any number
		says   []string
	}{
		"throttled twice":   {faults: []emulator.Fault{{Action: action, Kind: emulator.FaultThrottle, Count: 2}}, calls: 3},
		"HTTP 500":          {faults: []emulator.Fault{{Action: action, Kind: emulator.FaultHTTP500}}, calls: 2},
		"HTTP 503":          {faults: []emulator.Fault{{Action: action, Kind: emulator.FaultHTTP503, Count: 3}}, calls: 4},
		"a reset":           {faults: []emulator.Fault{{Action: action, Kind: emulator.FaultReset}}},
		"a lost answer":     {faults: []emulator.Fault{{Action: action, Kind: emulator.FaultResetAfter}}},
		"a broken answer":   {faults: []emulator.Fault{{Action: action, Kind: emulator.FaultTruncated}}, calls: 2},
		"no JSON":           {faults: []emulator.Fault{{Action: action, Kind: emulator.FaultMalformed}}, calls: 2},
		"throttled always":  {faults: []emulator.Fault{{Action: action, Kind: emulator.FaultThrottle, Count: -1}}, says: []string{"Throttling", "run the command again later"}},
		"no JSON always":    {faults: []emulator.Fault{{Action: action, Kind: emulator.FaultMalformed, Count: -1}}, calls: 5, says: []string{"no complete JSON object"}},
		"refused":           {faults: []emulator.Fault{{Action: action, Kind: emulator.FaultRefuse}}, calls: 1, says: []string{"cannot assume the role " + testRole + ": AssumeRole failed on sts.cn-hangzhou.aliyuncs.com: NoPermission", "HTTP 403", "request id", "sts:AssumeRole", "trust policy"}},
		"no such role":      {given: map[string]any{"assumeRole": map[string]any{"roleArn": "acs:ram::1234567890123456:role/missing"}}, calls: 1, says: []string{"EntityNotExist.Role", "HTTP 404", "names a role that exists"}},
		"wrong secret":      {given: map[string]any{"secretKey": testToken}, calls: 1, says: []string{"SignatureDoesNotMatch", "The secret does not belong to the access key"}},
		"wrong access key":  {given: map[string]any{"accessKey": "other"}, calls: 1, says: []string{"InvalidAccessKeyId.NotFound", "does not exist or is disabled"}},
		"the key repeated":  {faults: []emulator.Fault{{Action: action, Kind: emulator.FaultRefuse, Code: "Forbidden", Message: "not for " + testAccessKey + " with " + testSecretKey}}, calls: 1, says: []string{"Forbidden: not for [secret] with [secret]"}},
		"a hanging service": {faults: []emulator.Fault{{Action: action, Kind: emulator.FaultHang, Count: -1}}, says: []string{"no complete answer within 10s", "Check the network"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				n := newNetwork(t, emulator.Options{})
				if err := n.cloud.Inject(c.faults...); err != nil {
					t.Fatal(err)
				}
				got, err := whoami(t, n.machine(t, nil, nil), assumed(c.given))
				if c.says == nil {
					if err != nil || got != roleIdentity+"pulumi" {
						t.Errorf("got %q, %v", got, err)
					}
				} else if err == nil {
					t.Fatal("want an error")
				}
				for _, part := range c.says {
					if !strings.Contains(err.Error(), part) {
						t.Errorf("%q does not say %q", err, part)
					}
				}
				if err != nil {
					assertNoSecrets(t, "the error", err.Error())
				}
				if calls := len(n.actions(action)); c.calls > 0 && calls != c.calls {
					t.Errorf("STS was called %d times; want %d", calls, c.calls)
				}
			})
		})
	}
}

func TestAssumeRoleWithOIDCFailures(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		token string
		says  []string
	}{
		"no file":  {"", []string{"cannot read the file with the OIDC token", "/token"}},
		"empty":    {" \n", []string{"the file with the OIDC token, /token, is empty"}},
		"no token": {testOIDCToken, []string{"AuthenticationFail.OIDCToken.Invalid", "token is current", testProvider}},
		"past":     {oidcToken(time.Now().Add(-time.Hour)), []string{"AuthenticationFail.OIDCToken.Expired"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newNetwork(t, emulator.Options{})
			files := map[string]string{}
			if c.token != "" {
				files["/token"] = c.token
			}
			_, err := whoami(t, n.machine(t, nil, files), map[string]any{"assumeRoleWithOidc": map[string]any{
				"roleArn": testRole, "oidcProviderArn": testProvider, "oidcTokenFile": "/token"}})
			if err == nil {
				t.Fatal("want an error")
			}
			for _, part := range c.says {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not say %q", err, part)
				}
			}
			assertNoSecrets(t, "the error", err.Error())
		})
	}
}

// A user who cancels does not wait for STS.
func TestAssumeRoleIsCancellable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(t, emulator.Options{})
		if err := n.cloud.Inject(emulator.Fault{Action: "AssumeRole", Kind: emulator.FaultHang, Count: -1}); err != nil {
			t.Fatal(err)
		}
		c, err := client(t, n.machine(t, nil, nil), assumed(nil))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		if _, err := c.GetCallerIdentity(ctx); err == nil || time.Since(start) != time.Second {
			t.Errorf("got %v after %s", err, time.Since(start))
		}
	})
}

// The local emulator is reached over plain HTTP by real sockets too.
func TestAssumeRoleOverLoopback(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, emulator.Options{})
	if err := n.cloud.Start(); err != nil {
		t.Fatal(err)
	}
	env := n.machine(t, nil, nil)
	env.Transport = nil
	host := strings.TrimPrefix(n.cloud.URL(""), "http://")
	for _, given := range []map[string]any{
		{"endpoints": map[string]any{"sts": n.cloud.URL("")}},
		{"endpoints": map[string]any{"kms": host, "bssopenapi": host, "sts": host}, "protocol": "http"},
	} {
		if got, err := whoami(t, env, assumed(given)); err != nil || got != roleIdentity+"pulumi" {
			t.Errorf("got %q, %v", got, err)
		}
	}
	if calls := n.actions("AssumeRole"); len(calls) != 2 || slices.ContainsFunc(calls, func(c emulator.Call) bool { return c.Code != "Success" }) {
		t.Errorf("got %+v", calls)
	}
}
