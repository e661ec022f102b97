package config

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

func assumed(more map[string]any) map[string]any {
	return with(map[string]any{"accessKey": testAccessKey, "secretKey": testSecretKey, "assumeRole": map[string]any{"roleArn": testRole}}, more)
}

// Every parameter of a role reaches STS, in a body that is signed with ACS3 if there is a key to sign with.
func TestRoleParameters(t *testing.T) {
	t.Parallel()
	const policy = `{"Version":"1"}`
	for action, c := range map[string]struct {
		given      map[string]any
		who        string
		host       string
		parameters map[string]string
		signature  string
	}{
		"AssumeRole": {
			assumed(map[string]any{
				"sourceIp": "203.0.113.7", "secureTransport": "true",
				"assumeRole": map[string]any{"roleArn": testRole, "sessionName": "by.name@x", "sessionExpiration": 900, "policy": policy + " ", "externalId": "a+b *~/=&"},
			}), "by.name@x", "sts.cn-hangzhou.aliyuncs.com",
			map[string]string{"RoleArn": testRole, "RoleSessionName": "by.name@x", "DurationSeconds": "900", "Policy": policy, "ExternalId": "a+b *~/=&"}, "ACS3",
		},
		"AssumeRole of a profile": {
			map[string]any{"profile": "role"}, "pulumi", "sts-vpc.cn-beijing.aliyuncs.com",
			map[string]string{"RoleArn": testRole, "RoleSessionName": "pulumi", "DurationSeconds": "1200", "Policy": policy, "ExternalId": "partner"}, "ACS3",
		},
		"AssumeRoleWithOIDC": {
			map[string]any{"assumeRoleWithOidc": map[string]any{
				"roleArn": testRole, "oidcProviderArn": testProvider, "oidcToken": oidcToken(time.Now().Add(time.Hour)),
				"roleSessionName": "job", "sessionExpiration": "1800", "policy": policy,
			}}, "job", "sts.cn-hangzhou.aliyuncs.com", map[string]string{
				"RoleArn": testRole, "OIDCProviderArn": testProvider, "RoleSessionName": "job", "DurationSeconds": "1800", "Policy": policy, "OIDCToken": "***",
			}, "",
		},
	} {
		n := newNetwork(t, emulator.Options{})
		files := map[string]string{cliFile: cliProfiles("", with(roleProfile, map[string]any{
			"expired_seconds": 1200, "policy": policy, "external_id": "partner", "sts_region": "cn-beijing", "enable_vpc": true,
		}))}
		got, err := whoami(t, n.machine(t, nil, files), c.given)
		if err != nil || got != roleIdentity+c.who {
			t.Errorf("%s: got %q, %v", action, got, err)
			continue
		}
		call, then := n.cloud.Journal()[0], n.cloud.Journal()[1]
		if !strings.HasPrefix(action, call.Action) || n.called()[0] != c.host || !maps.Equal(call.Parameters, c.parameters) ||
			call.SignatureForm != c.signature || call.Method != "POST" || then.AccessKeyID == testAccessKey {
			t.Errorf("%s: got %+v at %s, then %+v", action, call, n.called()[0], then)
		}
	}
}

// Sessions are renewed in the middle of a long operation, whatever they come from: before they end, or, if the clock of this machine
// is behind, when a service refuses them. Credentials that are given as such cannot be.
func TestSessionsAreRenewed(t *testing.T) {
	t.Parallel()
	const life, duration = 10 * time.Second, time.Minute
	for name, given := range map[string]map[string]any{
		"role":               assumed(nil),
		"role of a role":     {"profile": "role", "assumeRole": map[string]any{"roleArn": "acs:ram::1234567890123456:role/second"}},
		"profile":            {"profile": "role"},
		"chain":              {},
		"OIDC":               {"assumeRoleWithOidc": map[string]any{"roleArn": testRole, "oidcProviderArn": testProvider, "oidcTokenFile": "/token"}},
		"ECS":                {"ecsRoleName": "ecs-role"},
		"URI":                {"credentialsUri": credentialsURL},
		"fixed in a profile": {"profile": "fixed"},
	} {
		for _, late := range []bool{false, true} {
			t.Run(fmt.Sprint(name, " ", late), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					n := newNetwork(t, emulator.Options{MaxSession: life})
					issue := func() cloud.Session { return n.issue(t, "issued") }
					n.metadata = metadataService(false, issue)
					n.service = func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, answerOf(issue())) }
					if late { // as a clock that is behind would understand the end
						ends := map[string]any{"Credentials": map[string]any{"Expiration": "2100-01-01T00:00:00Z"}}
						if err := n.cloud.Inject(
							emulator.Fault{Action: "AssumeRole", Kind: emulator.FaultAnswer.After(), Merge: ends, Count: -1},
							emulator.Fault{Action: "AssumeRoleWithOIDC", Kind: emulator.FaultAnswer.After(), Merge: ends, Count: -1},
						); err != nil {
							t.Fatal(err)
						}
					}
					first := issue()
					fixed := map[string]any{
						"name": "fixed", "mode": "StsToken", "access_key_id": first.AccessKeyID, "access_key_secret": first.AccessKeySecret, "sts_token": first.SecurityToken,
					}
					files := map[string]string{cliFile: cliProfiles("role", roleProfile, fixed)}
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
					for err == nil && time.Since(start) < duration {
						_, err = c.GetCallerIdentity(t.Context())
						time.Sleep(500 * time.Millisecond)
					}
					refused := 0
					for _, call := range n.actions("GetCallerIdentity") {
						if call.Code == cloud.CodeTokenExpired {
							refused++
						}
					}
					most := int(duration / life)
					switch {
					case name == "fixed in a profile":
						if !cloud.HasCode(err, cloud.CodeTokenExpired) || refused != 1 {
							t.Errorf("got %v after %d refusals", err, refused)
						}
					case err != nil:
						t.Errorf("after %s: %v", time.Since(start), err)
					case !late && refused > 0, late && (refused < most-1 || refused > most):
						t.Errorf("%d calls were refused", refused)
					}
				})
			})
		}
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
		"a reset":           {faults: []emulator.Fault{{Action: action, Kind: emulator.FaultReset}}},
		"no JSON always":    {faults: []emulator.Fault{{Action: action, Kind: emulator.FaultMalformed, Count: -1}}, calls: 5, says: []string{"no complete JSON object"}},
		"refused":           {faults: []emulator.Fault{{Action: action, Kind: emulator.FaultRefuse}}, calls: 1, says: []string{"cannot assume the role " + testRole + ": AssumeRole failed on sts.cn-hangzhou.aliyuncs.com: NoPermission", "HTTP 403", "request id", "sts:AssumeRole", "trust policy"}},
		"no such role":      {given: map[string]any{"assumeRole": map[string]any{"roleArn": "acs:ram::1234567890123456:role/missing"}}, calls: 1, says: []string{"EntityNotExist.Role", "HTTP 404", "names a role that exists"}},
		"wrong secret":      {given: map[string]any{"secretKey": testToken}, calls: 1, says: []string{"SignatureDoesNotMatch", "The secret does not belong to the access key"}},
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
				} else {
					wantSaid(t, err, c.says...)
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
			wantSaid(t, err, c.says...)
		})
	}
}
