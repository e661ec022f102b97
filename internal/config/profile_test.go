package config

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

const cliFile = "/home/user/.aliyun/config.json"

// cliProfiles is a credentials file of the aliyun CLI.
func cliProfiles(current string, profiles ...map[string]any) string {
	text, err := json.Marshal(map[string]any{"current": current, "profiles": profiles, "meta_path": ""})
	if err != nil {
		panic(err)
	}
	return "\n  " + string(text)
}

// Every mode of a profile leads to the identity that it stands for.
func TestProfileModes(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, emulator.Options{})
	issued := n.issue(t, "issued")
	n.metadata = metadataService(false, func() cloud.Session { return issued })
	n.service = respond(200, answerOf(issued))
	printed := filepath.Join(t.TempDir(), "printed.json")
	external := `{"mode":"StsToken","access_key_id":"` + issued.AccessKeyID + `","access_key_secret":"` + issued.AccessKeySecret + `","sts_token":"` + issued.SecurityToken + `"}`
	if err := os.WriteFile(printed, []byte(external), 0o600); err != nil {
		t.Fatal(err)
	}
	ak := map[string]any{"name": "ak", "mode": "AK", "access_key_id": testAccessKey, "access_key_secret": testSecretKey, "region_id": "cn-shanghai"}
	files := map[string]string{
		"/token": oidcToken(time.Now().Add(time.Hour)) + "\n",
		cliFile: cliProfiles("ak", ak,
			map[string]any{"name": "old", "access_key_id": testAccessKey, "access_key_secret": testSecretKey},
			map[string]any{"name": "sts", "mode": "StsToken", "access_key_id": issued.AccessKeyID, "access_key_secret": issued.AccessKeySecret, "sts_token": issued.SecurityToken},
			map[string]any{"name": "role", "mode": "RamRoleArn", "access_key_id": testAccessKey, "access_key_secret": testSecretKey,
				"ram_role_arn": testRole, "ram_session_name": "from-role", "expired_seconds": 1200, "policy": `{"Version":"1"}`, "external_id": "x"},
			map[string]any{"name": "role of token", "mode": "RamRoleArn", "access_key_id": issued.AccessKeyID, "access_key_secret": issued.AccessKeySecret, "sts_token": issued.SecurityToken,
				"ram_role_arn": testRole},
			map[string]any{"name": "chain", "mode": "ChainableRamRoleArn", "source_profile": "role", "ram_role_arn": "acs:ram::1234567890123456:role/second", "ram_session_name": "from-chain"},
			map[string]any{"name": "ecs", "mode": "EcsRamRole", "ram_role_name": "ecs-role"},
			map[string]any{"name": "ecs any", "mode": "EcsRamRole"},
			map[string]any{"name": "oidc", "mode": "OIDC", "oidc_provider_arn": testProvider, "oidc_token_file": "/token", "ram_role_arn": testRole, "ram_session_name": "from-oidc"},
			map[string]any{"name": "external", "mode": "External", "process_command": "cat '" + printed + "'"},
			map[string]any{"name": "uri", "mode": "CredentialsURI", "credentials_uri": credentialsURL + "x?y=z"},
		),
		"/ini": "[default]\ntype = access_key\naccess_key_id = " + testAccessKey + "\naccess_key_secret=" + testSecretKey + "\n" +
			"[role]\ntype=ram_role_arn\naccess_key_id=" + testAccessKey + "\naccess_key_secret=" + testSecretKey + "\nrole_arn=" + testRole + "\nrole_session_name=from-ini\n" +
			"[ecs]\ntype=ecs_ram_role\nrole_name=ecs-role\n",
	}
	env := n.machine(t, nil, files)
	for name, c := range map[string]struct {
		file, profile, want string
	}{
		"AK":                     {"", "ak", userIdentity},
		"AK of the CLI's youth":  {"", "old", userIdentity},
		"StsToken":               {"", "sts", issuedIdentity},
		"RamRoleArn":             {"", "role", roleIdentity + "from-role"},
		"RamRoleArn of a token":  {"", "role of token", roleIdentity + "pulumi"},
		"ChainableRamRoleArn":    {"", "chain", "assumed-role/second/from-chain"},
		"EcsRamRole":             {"", "ecs", issuedIdentity},
		"EcsRamRole of any name": {"", "ecs any", issuedIdentity},
		"OIDC":                   {"", "oidc", roleIdentity + "from-oidc"},
		"External":               {"", "external", issuedIdentity},
		"CredentialsURI":         {"", "uri", issuedIdentity},
		"current profile":        {cliFile, "", userIdentity},
		"INI default":            {"/ini", "", userIdentity},
		"INI ram_role_arn":       {"/ini", "role", roleIdentity + "from-ini"},
		"INI ecs_ram_role":       {"/ini", "ecs", issuedIdentity},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := whoami(t, env, map[string]any{"profile": c.profile, "sharedCredentialsFile": c.file})
			if err != nil || got != c.want {
				t.Errorf("got %q, %v; want %q", got, err, c.want)
			}
		})
	}
}

// roleProfile is a profile with a role.
var roleProfile = map[string]any{
	"name": "role", "mode": "RamRoleArn", "access_key_id": testAccessKey, "access_key_secret": testSecretKey, "ram_role_arn": testRole,
}

func TestSTSEndpoint(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		given   map[string]any
		env     map[string]string
		profile map[string]any
		want    string
	}{
		"region of the provider": {want: "sts.cn-hangzhou.aliyuncs.com"},
		"environment":            {env: map[string]string{"ALIBABA_CLOUD_STS_REGION": "cn-beijing"}, want: "sts.cn-beijing.aliyuncs.com"},
		"environment, VPC":       {env: map[string]string{"ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED": "true"}, want: "sts-vpc.cn-hangzhou.aliyuncs.com"},
		"profile's region":       {profile: map[string]any{"sts_region": "cn-shenzhen"}, env: map[string]string{"ALIBABA_CLOUD_STS_REGION": "cn-beijing"}, want: "sts.cn-shenzhen.aliyuncs.com"},
		"profile's endpoint":     {profile: map[string]any{"sts_region": "cn-shenzhen", "sts_endpoint": "sts.profile.example.com"}, want: "sts.profile.example.com"},
		"environment's endpoint": {profile: map[string]any{"sts_endpoint": "sts.profile.example.com"}, env: map[string]string{"STS_ENDPOINT": "sts.env.example.com"}, want: "sts.env.example.com"},
		"configured endpoint": {given: map[string]any{"endpoints": map[string]any{"sts": "http://127.0.0.1:7"}}, profile: map[string]any{"sts_endpoint": "sts.profile.example.com"},
			env: map[string]string{"STS_ENDPOINT": "sts.env.example.com"}, want: "127.0.0.1:7"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newNetwork(t, emulator.Options{})
			files := map[string]string{cliFile: cliProfiles("", with(roleProfile, c.profile))}
			got, err := whoami(t, n.machine(t, c.env, files), with(map[string]any{"profile": "role"}, c.given))
			if err != nil || got != roleIdentity+"pulumi" || n.called()[0] != c.want {
				t.Errorf("got %q, %v at %v; want %s", got, err, n.called(), c.want)
			}
		})
	}
}

// Each way in which a profile cannot be used is one sentence that names the file, and holds nothing of its secrets.
func TestProfileErrors(t *testing.T) {
	t.Parallel()
	ak := func(more map[string]any) map[string]any {
		return with(with(roleProfile, map[string]any{"name": "p", "sts_token": testToken}), more)
	}
	for name, c := range map[string]struct {
		file string
		says string
	}{
		"CloudSSO":        {cliProfiles("p", ak(map[string]any{"mode": "CloudSSO"})), `has the mode "CloudSSO", which this provider cannot use; use a profile with one of AK, StsToken, RamRoleArn`},
		"no mode":         {cliProfiles("p", map[string]any{"name": "p"}), "has no mode"},
		"no key":          {cliProfiles("p", ak(map[string]any{"mode": "AK", "access_key_secret": nil})), "(mode AK) lacks access_key_secret"},
		"no token":        {cliProfiles("p", ak(map[string]any{"mode": "StsToken", "sts_token": ""})), "lacks sts_token"},
		"source missing":  {cliProfiles("p", ak(map[string]any{"mode": "ChainableRamRoleArn", "source_profile": "q"})), `no profile "q"; it has p`},
		"source unusable": {cliProfiles("p", ak(map[string]any{"mode": "ChainableRamRoleArn", "source_profile": "q"}), map[string]any{"name": "q", "mode": "OAuth"}), `"q"`},
		"longer loop":     {cliProfiles("p", ak(map[string]any{"mode": "ChainableRamRoleArn", "source_profile": "q"}), map[string]any{"name": "q", "mode": "ChainableRamRoleArn", "source_profile": "p", "ram_role_arn": testRole}), "in a circle: p → q → p"},
		"no OIDC token":   {cliProfiles("p", ak(map[string]any{"mode": "OIDC", "oidc_provider_arn": testProvider})), "lacks oidc_token_file"},
		"command":         {cliProfiles("p", ak(map[string]any{"mode": "External", "process_command": "'open"})), "a quotation mark in it is not closed"},
		"URI elsewhere":   {cliProfiles("p", ak(map[string]any{"mode": "CredentialsURI", "credentials_uri": "http://a.example/"})), "this machine only"},
		"STS endpoint":    {cliProfiles("p", ak(map[string]any{"sts_endpoint": "http://a.example/"})), `the sts_endpoint or sts_region of the profile "p"`},
		"STS region":      {cliProfiles("p", ak(map[string]any{"sts_region": "a/b"})), `the endpoint "sts" must be`},
		"no profiles":     {`{"current":"p"}`, "has no profiles"},
		"broken JSON":     {"{\n\"profiles\":[{\"name\":\"p\",\n\"access_key_secret\":\"" + testSecretKey + "\",,}]}", "no valid JSON file of the aliyun CLI"},
		"wrong JSON":      {`{"profiles":[{"name":"p","access_key_secret":["` + testSecretKey + `"]}]}`, "no valid JSON file of the aliyun CLI"},
		"INI type":        {"[p]\ntype=rsa_key_pair\npublic_key_id=" + testAccessKey, `has the type "rsa_key_pair", which this provider cannot use; use a profile with one of access_key, ecs_ram_role, ram_role_arn`},
		"INI no type":     {"[p]\naccess_key_id=" + testAccessKey, "has no type"},
		"INI no role":     {"[p]\ntype=ram_role_arn\naccess_key_id=" + testAccessKey + "\naccess_key_secret=" + testSecretKey, "(type ram_role_arn) lacks role_arn"},
		"neither":         {testSecretKey + "\n" + testToken, "neither a JSON file of the aliyun CLI nor an INI file"},
		"bytes":           {"\x00\xff" + testSecretKey, "the credentials file /creds"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := machine(t, nil, map[string]string{"/creds": c.file})
			_, err := whoami(t, env, map[string]any{"profile": "p", "sharedCredentialsFile": "/creds"})
			wantSaid(t, err, c.says)
		})
	}
}
