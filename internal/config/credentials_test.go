package config

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

// Each way has an identity of its own here, so that a test sees which one was taken.
// Promise (Configuration): Credentials come from the first way that is given, and a way that fails is not skipped.
func TestOrderOfWays(t *testing.T) {
	t.Parallel()
	options := emulator.Options{Credentials: []emulator.Credential{{AccessKeyID: testAccessKey, Secret: testSecretKey}}}
	for _, user := range []string{"config", "env", "env2", "profile", "env-profile", "current", "sdk"} {
		options.Credentials = append(options.Credentials, emulator.Credential{AccessKeyID: user, Secret: user, UserName: user})
	}
	n := newNetwork(t, options)
	issued := n.issue(t, "issued")
	n.metadata = metadataService(true, func() cloud.Session { return issued })
	fromService := n.issue(t, "service")
	n.service = respond(200, answerOf(fromService))

	ak := func(name string) map[string]any {
		return map[string]any{"name": name, "mode": "AK", "access_key_id": name, "access_key_secret": name}
	}
	files := map[string]string{
		cliFile:                                cliProfiles("current", ak("current"), ak("profile"), ak("env-profile")),
		"/other.json":                          cliProfiles("profile", ak("profile")),
		"/home/user/.alibabacloud/credentials": "[default]\ntype=access_key\naccess_key_id=sdk\naccess_key_secret=sdk\n[only-sdk]\ntype=access_key\naccess_key_id=sdk\naccess_key_secret=sdk\n",
		"/token":                               oidcToken(time.Now().Add(time.Hour)),
	}
	const metadata, service = issuedIdentity, "assumed-role/service/by-test"
	type vars = map[string]string
	envKeys := vars{"ALICLOUD_ACCESS_KEY": "env", "ALICLOUD_SECRET_KEY": "env"}
	keyPair := func(more map[string]any) map[string]any {
		return with(map[string]any{"accessKey": "config", "secretKey": "config"}, more)
	}
	uri := map[string]any{"credentialsUri": credentialsURL}
	role := map[string]any{"roleArn": testRole, "sessionName": "wrapped"}
	for name, c := range map[string]struct {
		given map[string]any
		env   vars
		want  string
	}{
		"configured keys":                         {keyPair(map[string]any{"profile": "profile", "ecsRoleName": "ecs-role", "credentialsUri": credentialsURL}), envKeys, "user/config"},
		"a token of the environment":              {keyPair(nil), vars{"ALICLOUD_SECURITY_TOKEN": "of another pair"}, "user/config"},
		"one key each":                            {map[string]any{"accessKey": "env"}, envKeys, "user/env"},
		"keys of the environment":                 {nil, envKeys, "user/env"},
		"the environment's second name":           {nil, vars{"ALICLOUD_ACCESS_KEY": "", "ALIBABA_CLOUD_ACCESS_KEY_ID": "env2", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "env2"}, "user/env2"},
		"profile, keys of the environment":        {map[string]any{"profile": "profile"}, envKeys, "user/profile"},
		"file, keys of the environment":           {map[string]any{"sharedCredentialsFile": "/other.json"}, envKeys, "user/profile"},
		"profile, half a pair of the environment": {map[string]any{"profile": "profile"}, vars{"ALICLOUD_ACCESS_KEY": "env"}, "user/profile"},
		"profile, one key each":                   {map[string]any{"profile": "profile", "accessKey": "env"}, envKeys, "user/env"},
		"profile, a configured token": {map[string]any{"profile": "profile", "securityToken": issued.SecurityToken},
			vars{"ALICLOUD_ACCESS_KEY": issued.AccessKeyID, "ALICLOUD_SECRET_KEY": issued.AccessKeySecret}, metadata},
		"keys and ways of the environment": {nil, with(envKeys, vars{"ALICLOUD_PROFILE": "env-profile", "ALIBABA_CLOUD_ECS_METADATA": "ecs-role", "ALIBABA_CLOUD_CREDENTIALS_URI": credentialsURL}), "user/env"},
		"role of the ECS instance":         {map[string]any{"ecsRoleName": "ecs-role", "profile": "profile", "credentialsUri": credentialsURL}, nil, metadata},
		"file of the environment":          {nil, vars{"ALIBABA_CLOUD_CREDENTIALS_FILE": "/other.json"}, "user/profile"},
		"profile of the SDKs' file":        {map[string]any{"profile": "only-sdk"}, nil, "user/sdk"},
		"URI":                              {uri, nil, service},
		"URI before env role":              {uri, vars{"ALIBABA_CLOUD_ECS_METADATA": "ecs-role", "ALIBABA_CLOUD_PROFILE": "env-profile"}, service},
		"profile before env role":          {map[string]any{"profile": "profile"}, vars{"ALICLOUD_ECS_ROLE_NAME": "ecs-role", "ALICLOUD_PROFILE": "env-profile"}, "user/profile"},
		"env role":                         {nil, vars{"ALIBABA_CLOUD_ECS_METADATA": "ecs-role", "ALIBABA_CLOUD_PROFILE": "env-profile"}, metadata},
		"env profile":                      {nil, with(oidcVars, vars{"ALIBABA_CLOUD_PROFILE": "env-profile", "ALIBABA_CLOUD_CREDENTIALS_URI": credentialsURL}), "user/env-profile"},
		"env URI":                          {nil, with(oidcVars, vars{"ALIBABA_CLOUD_CREDENTIALS_URI": credentialsURL}), service},
		"chain: OIDC":                      {nil, with(oidcVars, vars{"ALIBABA_CLOUD_ROLE_SESSION_NAME": "pod"}), roleIdentity + "pod"},
		"chain: current profile":           {nil, nil, "user/current"},
		"chain: the CLI's file elsewhere":  {nil, vars{"ALIBABA_CLOUD_CONFIG_FILE": "/other.json"}, "user/profile"},
		"chain: no CLI profile":            {nil, vars{"ALIBABA_CLOUD_CLI_PROFILE_DISABLED": "true"}, "user/sdk"},
		"role wraps keys":                  {keyPair(map[string]any{"assumeRole": role}), nil, roleIdentity + "wrapped"},
		"role wraps the chain":             {map[string]any{"assumeRole": role}, nil, roleIdentity + "wrapped"},
		"OIDC instead of keys": {keyPair(map[string]any{"assumeRoleWithOidc": map[string]any{"roleArn": testRole, "oidcProviderArn": testProvider,
			"oidcToken": oidcToken(time.Now().Add(time.Hour)), "roleSessionName": "direct", "sessionExpiration": 900}}), nil, roleIdentity + "direct"},
		"OIDC from the environment": {map[string]any{"assumeRoleWithOidc": "{}"}, oidcVars, roleIdentity + "pulumi"},
		"OIDC file before env token": {map[string]any{"assumeRoleWithOidc": map[string]any{"oidcTokenFile": "/token"}}, with(oidcVars, vars{"ALIBABA_CLOUD_OIDC_TOKEN": "stale"}),
			roleIdentity + "pulumi"},
		"role wraps OIDC": {map[string]any{"assumeRoleWithOidc": "{}", "assumeRole": map[string]any{"roleArn": "acs:ram::1234567890123456:role/second"}}, oidcVars,
			"assumed-role/second/pulumi"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := whoami(t, n.machine(t, c.env, files), c.given)
			if err != nil || got != c.want {
				t.Errorf("got %q, %v; want %q", got, err, c.want)
			}
		})
	}
}

// Without any credentials the error is one sentence that lists the ways. Half a pair is an error that names the variable, and a way that
// is set up but fails is not passed over: what comes after it would be another identity.
func TestNoIdentity(t *testing.T) {
	t.Parallel()
	type vars = map[string]string
	ways := []string{
		"alicloud-kms:accessKey and alicloud-kms:secretKey", "ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET",
		"alicloud-kms:profile", "alicloud-kms:ecsRoleName", "alicloud-kms:credentialsUri", "alicloud-kms:assumeRoleWithOidc",
	}
	another := newNetwork(t, emulator.Options{})
	issued := another.issue(t, "issued")
	ecs := metadataService(false, func() cloud.Session { return issued })
	profile := func(fields map[string]any) vars { return vars{cliFile: cliProfiles("role", with(roleProfile, fields))} }
	for name, c := range map[string]struct {
		vars, files vars
		metadata    http.HandlerFunc
		says        []string
	}{
		"nothing":            {says: append(ways, "no usable credentials: none were found: set")},
		"metadata off":       {vars: vars{"ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true"}, says: append(ways, "were found: set")},
		"ECS without a role": {metadata: http.NotFound, says: append(ways, "were found: set")},
		"an empty profile": {files: profile(map[string]any{"mode": "AK", "access_key_id": ""}),
			says: append(ways, "(the current profile of "+cliFile+" holds no keys)")},
		"no secret key": {vars: vars{"ALIBABA_CLOUD_ACCESS_KEY_ID": testAccessKey}, metadata: ecs,
			says: []string{"the environment variable ALIBABA_CLOUD_ACCESS_KEY_ID gives accessKey but nothing gives secretKey"}},
		"no access key": {vars: vars{"ALICLOUD_SECRET_KEY": testSecretKey}, metadata: ecs,
			says: []string{"the environment variable ALICLOUD_SECRET_KEY gives secretKey but nothing gives accessKey"}},
		"OIDC":               {vars: oidcVars, metadata: ecs, says: []string{"cannot read the file with the OIDC token"}},
		"a broken file":      {files: vars{cliFile: `{"profiles":"` + testSecretKey + `"`}, metadata: ecs, says: []string{"no valid JSON file of the aliyun CLI"}},
		"an unusable mode":   {files: profile(map[string]any{"mode": "OAuth"}), metadata: ecs, says: []string{`the mode "OAuth"`}},
		"a role not to have": {files: profile(map[string]any{"ram_role_arn": "acs:ram::1234567890123456:role/missing"}), metadata: ecs, says: []string{"EntityNotExist.Role"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newNetwork(t, emulator.Options{})
			n.metadata = c.metadata
			_, err := whoami(t, n.machine(t, c.vars, c.files), nil)
			wantSaid(t, err, c.says...)
			if called := n.called(); c.vars != nil && len(called) > 0 {
				t.Errorf("%v was called", called)
			}
		})
	}
}

// The metadata service of an ECS instance and a service at a URL give credentials, or an error that repeats nothing of the answer.
func TestServices(t *testing.T) {
	t.Parallel()
	ecs, uri := map[string]any{"ecsRoleName": "ecs-role"}, map[string]any{"credentialsUri": credentialsURL + "x?token=" + testToken}
	n := newNetwork(t, emulator.Options{})
	issued := n.issue(t, "issued")
	answer := answerOf(issued)
	session := func() cloud.Session { return issued }
	for name, c := range map[string]struct {
		given map[string]any
		vars  map[string]string
		serve http.HandlerFunc
		says  string
	}{
		"hardened":        {given: ecs, serve: metadataService(false, session)},
		"plain":           {given: ecs, serve: metadataService(true, session)},
		"plain forbidden": {given: ecs, serve: metadataService(true, session), vars: map[string]string{"ALIBABA_CLOUD_IMDSV1_DISABLED": "true"}, says: "IMDSV1_DISABLED forbids"},
		"another role":    {given: map[string]any{"ecsRoleName": "other"}, serve: metadataService(false, session), says: "the ECS instance has no RAM role of that name"},
		"no ECS instance": {given: ecs, says: "the ECS metadata service does not answer"},
		"ECS trouble":     {given: ecs, serve: respond(500, testSecretKey), says: "HTTP 500"},
		"ECS failure":     {given: ecs, serve: respond(200, `{"Code":"Failed","AccessKeySecret":"`+testSecretKey+`"}`), says: "the code Success"},
		"no expiration": {given: ecs, serve: respond(200, `{"Code":"Success","AccessKeyId":"a","AccessKeySecret":"`+testSecretKey+`","SecurityToken":"c"}`),
			says: "does not say when"},
		"past its end": {given: ecs, serve: respond(200, `{"Code":"Success","AccessKeyId":"a","AccessKeySecret":"`+testSecretKey+
			`","SecurityToken":"c","Expiration":"2020-01-01T00:00:00Z"}`), says: "expired at 2020-01-01T00:00:00Z already"},
		"answer":          {given: uri, serve: respond(200, answer)},
		"without a code":  {given: uri, serve: respond(200, strings.Replace(answer, `"Code":"Success",`, "", 1))},
		"another code":    {given: uri, serve: respond(200, strings.Replace(answer, `Success`, testSecretKey, 1)), says: "the code Success"},
		"trouble":         {given: uri, serve: respond(503, testSecretKey), says: "cannot get credentials from the service at credentials.example.com (credentialsUri): it answered HTTP 503"},
		"a redirect":      {given: uri, serve: http.RedirectHandler("https://elsewhere.example.com/", http.StatusFound).ServeHTTP, says: "HTTP 302"},
		"no JSON":         {given: uri, serve: respond(200, testSecretKey), says: "no JSON object"},
		"a broken answer": {given: uri, serve: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, says: "the connection failed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			on := &network{cloud: n.cloud, metadata: c.serve, service: c.serve}
			on.pipe = emulator.PipeTransport(on)
			t.Cleanup(on.pipe.Close)
			got, err := whoami(t, on.machine(t, c.vars, nil), c.given)
			if c.says != "" {
				wantSaid(t, err, c.says)
			} else if err != nil || got != issuedIdentity {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}
