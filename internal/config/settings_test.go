package config

import (
	"fmt"
	"strings"
	"testing"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

// sample returns two valid values of a key that mean different things.
func sample(path ...string) (a, b string) {
	switch key := at(path...); {
	case key.Values != nil:
		return key.Values[0], key.Values[1]
	case key.Type == TypeInteger:
		return "1000", "2000"
	}
	switch path[len(path)-1] {
	case "region":
		return "cn-hangzhou", "cn-beijing"
	case "accountId":
		return "1111111111111111", "2222222222222222"
	case "sourceIp":
		return "203.0.113.1", "203.0.113.2"
	case "credentialsUri":
		return "http://127.0.0.1/a", "http://127.0.0.1/b"
	case "roleArn":
		return "acs:ram::1:role/a", "acs:ram::1:role/b"
	case "oidcProviderArn":
		return "acs:ram::1:oidc-provider/a", "acs:ram::1:oidc-provider/b"
	case "policy":
		return `{"Version":"1"}`, `{"Version":"2"}`
	case "ignoreInstances":
		return "kst-a", "*"
	default:
		return "value-a", "value-b"
	}
}

func eachKey(visit func(path ...string)) {
	for _, key := range Keys {
		if key.Fields == nil {
			visit(key.Name)
		}
		for _, field := range key.Fields {
			visit(key.Name, field.Name)
		}
	}
}

func setAt(v any, path ...string) map[string]any {
	if len(path) == 1 {
		return map[string]any{path[0]: v}
	}
	return map[string]any{path[0]: setAt(v, path[1:]...)}
}

// The precedence table: the configuration comes before the environment, and of the variables the first that is not empty
// counts, for every key and every field.
// Promise (Configuration): The configuration comes before the environment, for every key.
func TestPrecedence(t *testing.T) {
	t.Parallel()
	tried := 0
	eachKey(func(path ...string) {
		a, b := sample(path...)
		key := at(path...)
		look := func(given map[string]any, vars map[string]string) found {
			inputs := canonical(args(given))
			return values{args: inputs, env: machine(t, vars, nil)}.find(path...)
		}
		text := func(f found) string {
			if f.value.IsNumber() {
				return fmt.Sprint(f.number())
			}
			return f.value.GoString()
		}
		canonicalText := func(s string) string {
			inputs := canonical(args(setAt(s, path...)))
			return text(values{args: inputs, env: machine(t, nil, nil)}.inConfig(path...))
		}
		name := strings.Join(path, ".")
		if got := look(nil, nil); got.given() {
			t.Errorf("%s: nothing gives %v", name, got)
		}
		for i, variable := range key.Env {
			tried++
			vars := map[string]string{variable: " " + a + " "}
			for _, earlier := range key.Env[:i] {
				vars[earlier] = "" // set but empty: not given
			}
			for _, later := range key.Env[i+1:] {
				vars[later] = b
			}
			got := look(nil, vars)
			if text(got) != canonicalText(a) || got.origin != "the environment variable "+variable || got.wrong != "" {
				t.Errorf("%s: %s gives %+v", name, variable, got)
			}
			if got := look(setAt(b, path...), vars); text(got) != canonicalText(b) || got.origin != inConfiguration {
				t.Errorf("%s: the configuration must come before %s, got %+v", name, variable, got)
			}
			if got := look(setAt("", path...), vars); text(got) != canonicalText(a) {
				t.Errorf("%s: an empty string must leave it to %s, got %+v", name, variable, got)
			}
			if got := look(setAt(unknown, path...), vars); !got.unknown() {
				t.Errorf("%s: a value that is not known yet must not fall back to %s, got %+v", name, variable, got)
			}
		}
	})
	if tried < 40 {
		t.Errorf("only %d environment variables were tried", tried)
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	s, err := Resolve(args(map[string]any{
		"accountId": "1234567890123456", "accountType": "international", "clientReadTimeout": "1500", "maxRetryTimeout": 30,
		"endpoints": map[string]any{"kms": "http://127.0.0.1:1"}, "sourceIp": "203.0.113.7",
		"verifyNetwork": "false", "ignoreInstances": `["kst-1","kst-2"]`,
	}), machine(t, map[string]string{
		"ALICLOUD_REGION": "cn-hangzhou", "BSSOPENAPI_ENDPOINT": "business.example.com", "STS_ENDPOINT": "sts.example.com:443",
		"CLIENT_CONNECT_TIMEOUT": "700", "ALIBABA_CLOUD_SECURE_TRANSPORT": "True", "VPC_ENDPOINT": "vpc.example.com",
	}, nil))
	if err != nil {
		t.Fatal(err)
	}
	if region, err := s.Region(); region != "cn-hangzhou" || err != nil {
		t.Error(region, err)
	}
	got := []any{
		s.Client.AccountID, s.Client.Site, s.Client.KMSEndpoint, s.Client.BSSEndpoint, s.Client.STSEndpoint, s.Client.Protocol, s.Client.ConnectTimeout, s.Client.ReadTimeout,
		s.Client.MaxRetryTimeout, s.Client.SourceIP, s.Client.SecureTransport, s.Client.VPCEndpoint, s.VerifyNetwork, strings.Join(s.IgnoreInstances, " "),
	}
	want := []any{
		"1234567890123456", cloud.International, "http://127.0.0.1:1", "business.example.com", "sts.example.com:443", "",
		700 * time.Millisecond, 1500 * time.Millisecond, 30 * time.Second, "203.0.113.7", "true", "vpc.example.com", false, "kst-1 kst-2",
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %v; want %v", got[i], want[i])
		}
	}
}

// Values of the environment obey the same rules, and the message names the variable.
func TestResolveRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args map[string]any
		env  map[string]string
		says []string
	}{
		"region":          {nil, map[string]string{"ALIBABA_CLOUD_REGION": "nowhere!"}, []string{"the environment variable ALIBABA_CLOUD_REGION", `"nowhere!"`}},
		"time-out":        {nil, map[string]string{"CLIENT_READ_TIMEOUT": "soon"}, []string{"the environment variable CLIENT_READ_TIMEOUT", "whole number"}},
		"role":            {map[string]any{"assumeRole": map[string]any{}}, map[string]string{"ALICLOUD_ASSUME_ROLE_ARN": "me"}, []string{"the environment variable ALICLOUD_ASSUME_ROLE_ARN"}},
		"access key":      {nil, map[string]string{"ALICLOUD_ACCESS_KEY": "two\nlines"}, []string{"the environment variable ALICLOUD_ACCESS_KEY must be without control characters", "a secret value"}},
		"configuration":   {map[string]any{"region": "?"}, nil, []string{"not valid: region must be"}},
		"several at once": {map[string]any{"region": "?"}, map[string]string{"MAX_RETRY_TIMEOUT": "x", "CLIENT_CONNECT_TIMEOUT": "y"}, []string{"region must be", "MAX_RETRY_TIMEOUT", "CLIENT_CONNECT_TIMEOUT"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Resolve(args(c.args), machine(t, c.env, nil))
			if err == nil {
				t.Fatal("want an error")
			}
			for _, part := range c.says {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not say %q", err, part)
				}
			}
		})
	}
	// A role's variables mean nothing while the configuration assumes no role: Kubernetes sets them in every pod.
	if _, err := Resolve(property.Map{}, machine(t, map[string]string{"ALIBABA_CLOUD_ROLE_ARN": "me"}, nil)); err != nil {
		t.Error(err)
	}
	// The state of another version may hold keys that this one does not know. They must not block `pulumi destroy`.
	if _, err := Resolve(args(map[string]any{"later": "x", "endpoints": map[string]any{"ecs": "y"}}), machine(t, nil, nil)); err != nil {
		t.Error(err)
	}
}

func TestRegionOfProfile(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"/home/user/.aliyun/config.json": `{"current":"now","profiles":[{"name":"now","region_id":"cn-qingdao"},{"name":"dev","region_id":"cn-shanghai"},{"name":"bad","region_id":"?"}]}`,
		"/etc/ali":                       "[default]\ntype = access_key\nregion_id = cn-shenzhen\n",
	}
	for name, c := range map[string]struct {
		args map[string]any
		env  map[string]string
		want string
		err  string
	}{
		"profile":                 {map[string]any{"profile": "dev"}, nil, "cn-shanghai", ""},
		"configuration first":     {map[string]any{"profile": "dev", "region": "cn-beijing"}, nil, "cn-beijing", ""},
		"environment first":       {map[string]any{"profile": "dev"}, map[string]string{"ALICLOUD_REGION": "cn-beijing"}, "cn-beijing", ""},
		"file":                    {map[string]any{"sharedCredentialsFile": "/etc/ali"}, nil, "cn-shenzhen", ""},
		"current profile of file": {map[string]any{"sharedCredentialsFile": "~/.aliyun/config.json"}, nil, "cn-qingdao", ""},
		// The current profile of a file that nobody named must not decide where an instance is bought.
		"nothing named":      {nil, nil, "", ""},
		"unknown profile":    {map[string]any{"profile": unknown}, nil, "", ""},
		"no region at all":   {map[string]any{"region": "?"}, nil, "", "region must be"},
		"wrong region":       {map[string]any{"profile": "bad"}, nil, "", `the region_id of the profile "bad" in /home/user/.aliyun/config.json must be the id of a region`},
		"no such profile":    {map[string]any{"profile": "prod"}, nil, "", `no profile "prod" (from the configuration) in /home/user/.aliyun/config.json and /home/user/.alibabacloud/credentials (does not exist)`},
		"no such file":       {map[string]any{"sharedCredentialsFile": "/nowhere"}, nil, "", "the credentials file /nowhere does not exist (sharedCredentialsFile, from the configuration)"},
		"profile and region": {map[string]any{"profile": "prod", "region": "cn-beijing"}, nil, "cn-beijing", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := Resolve(args(c.args), machine(t, c.env, files))
			got := ""
			if err == nil {
				got, err = s.Region()
			}
			if got != c.want || (c.err == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Errorf("got %q, %v; want %q, %q", got, err, c.want, c.err)
			}
		})
	}
}

func TestNewClientNeedsARegion(t *testing.T) {
	t.Parallel()
	s, err := Resolve(args(map[string]any{"accessKey": testAccessKey, "secretKey": testSecretKey}), machine(t, nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.NewClient("test")
	if err == nil {
		t.Fatal("want an error")
	}
	for _, way := range []string{"alicloud-kms:region", "explicit provider", "ALICLOUD_REGION", "ALIBABA_CLOUD_REGION", "alicloud-kms:profile"} {
		if !strings.Contains(err.Error(), way) {
			t.Errorf("%q does not name the way %q", err, way)
		}
	}
}

func TestSettingsPrintNoSecrets(t *testing.T) {
	t.Parallel()
	s, err := Resolve(args(map[string]any{
		"region": "cn-hangzhou", "accessKey": testAccessKey, "secretKey": testSecretKey, "securityToken": testToken,
	}), machine(t, nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	h := &Holder{}
	if err := h.Configure(t.Context(), p.ConfigureRequest{Args: args(map[string]any{"accessKey": testAccessKey})}); err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		assertNoSecrets(t, verb, fmt.Sprintf(verb, s))
		assertNoSecrets(t, verb, fmt.Sprintf(verb, *s))
		assertNoSecrets(t, verb, fmt.Sprintf(verb, h))
	}
}

// What Check cannot see, the environment's endpoint and the profile's region, is refused before anything is called.
func TestEndpointOfAnotherRegion(t *testing.T) {
	t.Parallel()
	profiles := map[string]string{cliFile: cliProfiles("p", map[string]any{
		"name": "p", "mode": "AK", "access_key_id": testAccessKey, "access_key_secret": testSecretKey, "region_id": "cn-shanghai",
	})}
	for name, c := range map[string]struct {
		given map[string]any
		vars  map[string]string
		says  string
	}{
		"of the environment": {map[string]any{"region": "cn-beijing"}, map[string]string{"KMS_ENDPOINT": "kms.cn-hangzhou.aliyuncs.com"}, "cn-beijing"},
		"of the profile":     {map[string]any{"profile": "p", "endpoints": map[string]any{"kms": "kms.cn-hangzhou.aliyuncs.com"}}, nil, "cn-shanghai"},
	} {
		s, err := Resolve(args(c.given), machine(t, c.vars, profiles))
		if err != nil {
			t.Fatal(err)
		}
		want := "the region is " + c.says + `, but the endpoint "kms" is kms.cn-hangzhou.aliyuncs.com, which is that of cn-hangzhou`
		if _, err := s.NewClient("test/1.0"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v; want %q", name, err, want)
		}
	}
}
