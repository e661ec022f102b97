package emulator

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"net/http"
	"testing"
	"time"
)

const roleARN = "acs:ram::" + DefaultAccountID + ":role/deployer"

func (c client) with(r reply) client {
	c.key = r.text("Credentials", "AccessKeyId")
	c.secret = r.text("Credentials", "AccessKeySecret")
	c.token = r.text("Credentials", "SecurityToken")
	return c
}

func TestCallerIdentity(t *testing.T) {
	_, c := start(t, Options{Credentials: []Credential{
		{AccessKeyID: "user", Secret: "s", UserName: "ci"}, {AccessKeyID: "root", Secret: "s", UserName: "root", AccountID: "42"},
	}})
	r := c.ok(serviceSTS, "GetCallerIdentity", nil)
	r.is(DefaultAccountID, "AccountId")
	r.is("RAMUser", "IdentityType")
	r.is("acs:ram::"+DefaultAccountID+":user/ci", "Arn")
	c.key = "root"
	r = c.ok(serviceSTS, "GetCallerIdentity", nil)
	r.is("42", "AccountId")
	r.is("Account", "IdentityType")
	r.is("acs:ram::42:root", "Arn")
	c.refused(serviceSTS, "AssumeRole", params{"RoleArn": "acs:ram::42:role/x", "RoleSessionName": "ci"}, 403, "NoPermission")
}

func TestAssumedRole(t *testing.T) {
	_, c := start(t, Options{Credentials: []Credential{
		{AccessKeyID: "ak", Secret: "s"}, {AccessKeyID: "limited", Secret: "s", Deny: []string{"ListKmsInstances"}},
	}})
	eachForm(t, c, func(t *testing.T, c client) {
		issued := c.ok(serviceSTS, "AssumeRole", params{"RoleArn": roleARN, "RoleSessionName": "ci", "DurationSeconds": "900"})
		issued.is("acs:ram::"+DefaultAccountID+":assumed-role/deployer/ci", "AssumedRoleUser", "Arn")
		expires, ok := parseTimestamp(issued.text("Credentials", "Expiration"))
		if left := time.Until(expires); !ok || left > 15*time.Minute || left < 14*time.Minute {
			t.Errorf("expires at %s", issued.text("Credentials", "Expiration"))
		}
		session := c.with(issued)
		session.ok(serviceSTS, "GetCallerIdentity", nil).is("AssumedRoleUser", "IdentityType")
		session.buy(order(nil)) // and it may do what its account may

		bad := session
		for token, code := range map[string]string{
			"": "MissingSecurityToken", "x": "InvalidSecurityToken.Malformed", session.token[1:]: "InvalidSecurityToken.Malformed",
			session.token + "x": "InvalidSecurityToken.MismatchWithAccessKey",
		} {
			bad.token = token
			bad.refused(serviceKMS, "ListKmsInstances", nil, 400, code)
		}
		bad = session
		bad.secret = "x"
		bad.refused(serviceKMS, "ListKmsInstances", nil, 400, "SignatureDoesNotMatch")
		bad.key = "STS.unknown"
		bad.refused(serviceKMS, "ListKmsInstances", nil, 404, "InvalidAccessKeyId.NotFound")

		limited := c
		limited.key = "limited"
		limited = limited.with(limited.ok(serviceSTS, "AssumeRole", params{"RoleArn": roleARN, "RoleSessionName": "ci"}))
		limited.refused(serviceKMS, "ListKmsInstances", nil, 403, "Forbidden.NoPermission")
	})
}

func TestAssumeRoleRefusals(t *testing.T) {
	_, c := start(t, Options{})
	c.refusesEach(serviceSTS, "AssumeRole", params{"RoleArn": roleARN, "RoleSessionName": "ci"}, map[string]refusal{
		"malformed ARN":   {params{"RoleArn": "role/x"}, 400, "InvalidParameter.RoleArn"},
		"ARN of a user":   {params{"RoleArn": "acs:ram::" + DefaultAccountID + ":user/x"}, 400, "InvalidParameter.RoleArn"},
		"of another one":  {params{"RoleArn": "acs:ram::1:role/x"}, 404, "EntityNotExist.Role"},
		"missing role":    {params{"RoleArn": "acs:ram::" + DefaultAccountID + ":role/missing-1"}, 404, "EntityNotExist.Role"},
		"bad session":     {params{"RoleSessionName": "a b"}, 400, "InvalidParameter.RoleSessionName"},
		"no session":      {params{"RoleSessionName": ""}, 400, "MissingRoleSessionName"},
		"too short":       {params{"DurationSeconds": "899"}, 400, "InvalidParameter.DurationSeconds"},
		"too long":        {params{"DurationSeconds": "43201"}, 400, "InvalidParameter.DurationSeconds"},
		"policy not JSON": {params{"Policy": "{"}, 400, "InvalidParameter.PolicyGrammar"},
	})
}

func oidcToken(claims string) string {
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"RS256"}`)) + "." + encode([]byte(claims)) + "." + encode([]byte("signature"))
}

// AssumeRoleWithOIDC needs no signature, and its token stays out of the journal.
func TestAssumeRoleWithOIDC(t *testing.T) {
	s, c := start(t, Options{})
	provider := "acs:ram::" + DefaultAccountID + ":oidc-provider/ci"
	token := oidcToken(fmt.Sprintf(`{"sub":"job","iss":"https://issuer","aud":["a","b"],"exp":%d}`, time.Now().Add(time.Hour).Unix()))
	p := params{"OIDCProviderArn": provider, "RoleArn": roleARN, "RoleSessionName": "ci", "OIDCToken": token}
	unsigned := c
	unsigned.form, unsigned.key = formV1, ""
	unsigned.tamper = func(r *http.Request) {
		q := r.URL.Query()
		for _, name := range []string{"AccessKeyId", "Signature", "SignatureMethod", "SignatureVersion"} {
			q.Del(name)
		}
		r.URL.RawQuery = q.Encode()
	}
	r := unsigned.ok(serviceSTS, "AssumeRoleWithOIDC", p)
	r.is("map[ClientIds:a,b Issuer:https://issuer Subject:job]", "OIDCTokenInfo")
	c.with(r).ok(serviceKMS, "ListKmsInstances", nil)
	equal(t, s.Journal()[0].Parameters["OIDCToken"], "***")
	unsigned.refusesEach(serviceSTS, "AssumeRoleWithOIDC", p, map[string]refusal{
		"expired token":   {params{"OIDCToken": oidcToken(`{"exp":1}`)}, 400, "AuthenticationFail.OIDCToken.Expired"},
		"no token":        {params{"OIDCToken": ""}, 400, "MissingOIDCToken"},
		"not base64":      {params{"OIDCToken": "a.!.c"}, 400, "AuthenticationFail.OIDCToken.Invalid"},
		"not JSON":        {params{"OIDCToken": oidcToken("x")}, 400, "AuthenticationFail.OIDCToken.Invalid"},
		"odd expiry":      {params{"OIDCToken": oidcToken(`{"exp":"soon"}`)}, 400, "AuthenticationFail.OIDCToken.Invalid"},
		"malformed ARN":   {params{"OIDCProviderArn": "x"}, 403, "AuthenticationFail.NoPermission"},
		"other provider":  {params{"OIDCProviderArn": "acs:ram::1:oidc-provider/ci"}, 404, "EntityNotExist.OIDCProvider"},
		"role of another": {params{"RoleArn": "acs:ram::1:role/x"}, 404, "EntityNotExist.Role"},
	})
}

// In a bubble the real clock of authentication can be moved: a session ends when it said it would, or sooner if the
// emulator was told to shorten sessions.
func TestSessionsEnd(t *testing.T) {
	for _, shortened := range []time.Duration{0, time.Minute} {
		inABubble(t, Options{MaxSession: shortened}, func(t *testing.T, _ *Server, c client) {
			session := c.with(c.ok(serviceSTS, "AssumeRole", params{"RoleArn": roleARN, "RoleSessionName": "ci"}))
			time.Sleep(cmp.Or(shortened, time.Hour) - time.Second)
			session.ok(serviceKMS, "ListKmsInstances", nil)
			time.Sleep(time.Second)
			session.refused(serviceKMS, "ListKmsInstances", nil, 400, "InvalidSecurityToken.Expired")
		})
	}
}
