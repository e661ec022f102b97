package config

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

const (
	testRole     = "acs:ram::1234567890123456:role/deployer"
	testProvider = "acs:ram::1234567890123456:oidc-provider/cluster"
)

func TestCheckRefuses(t *testing.T) {
	t.Parallel()
	keysGiven := map[string]any{"accessKey": testAccessKey, "secretKey": testSecretKey}
	with := func(more map[string]any) map[string]any {
		out := map[string]any{}
		for name, v := range keysGiven {
			out[name] = v
		}
		for name, v := range more {
			out[name] = v
		}
		return out
	}
	oidc := func(more map[string]any) map[string]any {
		out := map[string]any{"oidcProviderArn": testProvider, "roleArn": testRole, "oidcTokenFile": "/token"}
		for name, v := range more {
			if out[name] = v; v == nil {
				delete(out, name)
			}
		}
		return map[string]any{"assumeRoleWithOidc": out}
	}
	for name, c := range map[string]struct {
		args map[string]any
		path string
		says []string
	}{
		"a typo":                   {map[string]any{"regoin": "cn-hangzhou"}, "regoin", []string{`no key "regoin"`, `did you mean "region"?`}},
		"a Terraform name":         {map[string]any{"access_key": testAccessKey}, "access_key", []string{`did you mean "accessKey"?`}},
		"a stranger":               {map[string]any{"fc": "x"}, "fc", []string{`no key "fc"; it has region, accessKey`}},
		"a typo in an object":      {map[string]any{"assumeRole": map[string]any{"roleArn": testRole, "sesionName": "x1"}}, "assumeRole.sesionName", []string{`did you mean "sessionName"?`}},
		"another endpoint":         {map[string]any{"endpoints": []any{map[string]any{"ecs": "ecs.aliyuncs.com"}}}, "endpoints[0].ecs", []string{"endpoints[0]", "kms, bssopenapi, sts and vpc"}},
		"region no region":         {map[string]any{"region": "Hangzhou!"}, "region", []string{`"Hangzhou!"`, "cn-hangzhou"}},
		"region a zone":            {map[string]any{"region": "cn-hangzhou-k"}, "region", []string{"not that of a zone"}},
		"region a list":            {map[string]any{"region": []any{"cn-hangzhou"}}, "region", []string{"must be the id of a region", "but a list was given"}},
		"account no number":        {map[string]any{"accountId": "me"}, "accountId", []string{`"me"`, "number of an account"}},
		"account rounded":          {map[string]any{"accountId": 12345678901234567890.0}, "accountId", []string{"12345678901234567000 was given; put it in quotes"}},
		"protocol":                 {map[string]any{"protocol": "FTP"}, "protocol", []string{`"FTP"`, `"HTTPS", "HTTP"`}},
		"read time-out text":       {map[string]any{"clientReadTimeout": "1m"}, "clientReadTimeout", []string{`"1m"`, "whole number from 1 to 3600000"}},
		"connect time-out half":    {map[string]any{"clientConnectTimeout": 1.5}, "clientConnectTimeout", []string{"a whole number", "1.5"}},
		"retry time-out below 0":   {map[string]any{"maxRetryTimeout": "-1"}, "maxRetryTimeout", []string{"from 0 to 86400"}},
		"skip a word":              {map[string]any{"skipRegionValidation": "perhaps"}, "skipRegionValidation", []string{"true or false", `"perhaps"`}},
		"access key of two lines":  {map[string]any{"accessKey": testAccessKey + "\n" + testAccessKey, "secretKey": testSecretKey}, "accessKey", []string{"without control characters", "a secret value"}},
		"verify in a word":         {map[string]any{"verifyNetwork": "sometimes"}, "verifyNetwork", []string{"true or false"}},
		"ignore something else":    {map[string]any{"ignoreInstances": []any{"kst-1", "vpc-1"}}, "ignoreInstances[1]", []string{`"kst-", or "*"`, `"vpc-1"`}},
		"endpoint without a port":  {map[string]any{"endpoints": map[string]any{"kms": "localhost:99999"}}, "endpoints.kms", []string{"host:port"}},
		"access key alone":         {map[string]any{"accessKey": testAccessKey}, "secretKey", []string{"accessKey is set but secretKey is not", "pulumi config set --secret alicloud-kms:secretKey", "ALICLOUD_SECRET_KEY"}},
		"token alone":              {map[string]any{"securityToken": testToken}, "securityToken", []string{"accessKey and secretKey are not"}},
		"access key a list":        {map[string]any{"accessKey": []any{testAccessKey}, "secretKey": testSecretKey}, "accessKey", []string{"a list was given"}},
		"endpoint plain HTTP":      {map[string]any{"endpoints": map[string]any{"sts": "http://sts.aliyuncs.com"}}, "endpoints.sts", []string{"addresses of this machine only"}},
		"endpoint with a password": {map[string]any{"endpoints": map[string]any{"kms": "https://me:" + testSecretKey + "@kms.example.com"}}, "endpoints.kms", []string{`"https://…@kms.example.com"`}},
		"endpoint elsewhere": {map[string]any{"region": "cn-hangzhou", "endpoints": map[string]any{"kms": "kms.cn-beijing.aliyuncs.com"}}, "endpoints.kms",
			[]string{`"kms.cn-beijing.aliyuncs.com"`, `the endpoint of "cn-beijing"`, `the region is "cn-hangzhou" (from the configuration)`}},
		"VPC endpoint elsewhere": {map[string]any{"region": "ap-southeast-1", "endpoints": map[string]any{"kms": "https://KMS-VPC.cn-beijing.aliyuncs.com:443"}}, "endpoints.kms",
			[]string{"cn-beijing", "ap-southeast-1"}},
		"endpoints twice":        {map[string]any{"endpoints": []any{map[string]any{"kms": "a.example.com"}, map[string]any{"kms": "b.example.com"}}}, "endpoints", []string{"give it once"}},
		"endpoints with a null":  {map[string]any{"endpoints": []any{nil}}, "endpoints[0]", []string{"is null"}},
		"endpoints a word":       {map[string]any{"endpoints": "kms"}, "endpoints", []string{"must be an object with kms", `"kms" was given`}},
		"HTTP without endpoints": {map[string]any{"protocol": "http"}, "protocol", []string{"endpoints.kms, endpoints.bssopenapi and endpoints.sts are not set"}},
		"HTTP without STS": {map[string]any{"protocol": "HTTP", "endpoints": map[string]any{"kms": "127.0.0.1:1", "bssopenapi": "localhost:1"}}, "protocol",
			[]string{"endpoints.sts is not set"}},
		"HTTP to VPC": {map[string]any{"protocol": "HTTP", "endpoints": map[string]any{"kms": "[::1]:1", "bssopenapi": "[::1]:1", "sts": "[::1]:1", "vpc": "vpc.aliyuncs.com"}}, "protocol",
			[]string{"the endpoint vpc from the configuration is not an address of this machine"}},
		"HTTP elsewhere": {map[string]any{"protocol": "HTTP", "endpoints": map[string]any{"kms": "kms.aliyuncs.com", "bssopenapi": "[::1]:1", "sts": "https://sts.aliyuncs.com"}}, "protocol",
			[]string{"the endpoint kms from the configuration is not an address of this machine"}},
		"role no ARN":             {with(map[string]any{"assumeRole": map[string]any{"roleArn": "deployer"}}), "assumeRole.roleArn", []string{`"deployer"`, "acs:ram::1234567890123456:role/deployer"}},
		"role without an ARN":     {with(map[string]any{"assumeRole": map[string]any{}}), "assumeRole.roleArn", []string{"assumeRole.roleArn is required", "ALIBABA_CLOUD_ROLE_ARN"}},
		"role session too long":   {map[string]any{"assumeRole": `{"roleArn":"` + testRole + `","sessionExpiration":"43201"}`}, "assumeRole.sessionExpiration", []string{"43201", "from 900 to 43200"}},
		"role session name":       {map[string]any{"assumeRole": map[string]any{"roleArn": testRole, "sessionName": "a b"}}, "assumeRole.sessionName", []string{"2 to 64"}},
		"role policy":             {map[string]any{"assumeRole": map[string]any{"roleArn": testRole, "policy": "{"}}, "assumeRole.policy", []string{"JSON text"}},
		"role a word":             {map[string]any{"assumeRole": testRole}, "assumeRole", []string{"must be an object with roleArn"}},
		"OIDC without a provider": {oidc(map[string]any{"oidcProviderArn": nil}), "assumeRoleWithOidc.oidcProviderArn", []string{"required"}},
		"OIDC provider":           {oidc(map[string]any{"oidcProviderArn": testRole}), "assumeRoleWithOidc.oidcProviderArn", []string{"oidc-provider/"}},
		"OIDC without a token":    {oidc(map[string]any{"oidcTokenFile": nil}), "assumeRoleWithOidc.oidcTokenFile", []string{"ALIBABA_CLOUD_OIDC_TOKEN_FILE", "ALIBABA_CLOUD_OIDC_TOKEN"}},
		"OIDC with two tokens":    {oidc(map[string]any{"oidcToken": testOIDCToken}), "assumeRoleWithOidc.oidcTokenFile", []string{"give one of them"}},
		"OIDC no JSON":            {map[string]any{"assumeRoleWithOidc": `{"oidcToken":"` + testOIDCToken}, "assumeRoleWithOidc", []string{"must be an object", "a secret value was given"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inputs, failures := check(args(c.args), machine(t, nil, nil))
			if len(failures) != 1 || failures[0].Property != c.path {
				t.Fatalf("got %v; want one failure on %s", failures, c.path)
			}
			for _, part := range c.says {
				if !strings.Contains(failures[0].Reason, part) {
					t.Errorf("the reason %q does not say %q", failures[0].Reason, part)
				}
			}
			assertNoSecrets(t, "the reason", failures[0].Reason)
			for _, key := range []string{"accessKey", "secretKey", "securityToken"} {
				if v, given := inputs.GetOk(key); given && !v.Secret() {
					t.Errorf("%s is not secret in the answer", key)
				}
			}
		})
	}
}

func TestEndpointOfTheRegion(t *testing.T) {
	t.Parallel()
	given := func(region any, kms any) map[string]any {
		return map[string]any{"region": region, "endpoints": map[string]any{"kms": kms}}
	}
	beijing := map[string]string{"ALICLOUD_REGION": "cn-beijing"}
	for name, c := range map[string]struct {
		args  map[string]any
		env   map[string]string
		wrong string
	}{
		"the same":                       {given("cn-beijing", "kms.cn-beijing.aliyuncs.com"), nil, ""},
		"the environment's region":       {given(nil, "kms.cn-beijing.aliyuncs.com"), beijing, ""},
		"not the environment's region":   {given(nil, "kms.cn-hangzhou.aliyuncs.com"), beijing, "(from the environment variable ALICLOUD_REGION)"},
		"no region":                      {given(nil, "kms.cn-hangzhou.aliyuncs.com"), nil, ""},
		"a region to come":               {given(unknown, "kms.cn-hangzhou.aliyuncs.com"), beijing, ""},
		"a proxy":                        {given("cn-beijing", "kms.cn-hangzhou.example.com"), nil, ""},
		"the one exception":              {given("ap-southeast-5", "kms.ap-southeast-1.aliyuncs.com"), nil, ""},
		"a secret":                       {given("cn-beijing", secret("kms.cn-hangzhou.aliyuncs.com")), nil, "a secret value"},
		"the environment's own endpoint": {map[string]any{"region": "cn-beijing"}, map[string]string{"KMS_ENDPOINT": "kms.cn-hangzhou.aliyuncs.com"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, failures := check(args(c.args), machine(t, c.env, nil))
			if len(failures) > 1 || (len(failures) == 1) != (c.wrong != "") || c.wrong != "" && !strings.Contains(failures[0].Reason, c.wrong) {
				t.Errorf("got %v; want one with %q", failures, c.wrong)
			}
		})
	}
}

func TestCheckReportsAllAtOnce(t *testing.T) {
	t.Parallel()
	_, failures := check(args(map[string]any{
		"region": "?", "accessKey": testAccessKey, "clientReadTimeout": "soon", "protocol": "HTTP", "typo": "",
		"assumeRole": map[string]any{"roleArn": "x", "sessionExpiration": 1},
	}), machine(t, nil, nil))
	got := map[string]bool{}
	for _, f := range failures {
		got[f.Property] = true
	}
	for _, path := range []string{"region", "secretKey", "clientReadTimeout", "protocol", "typo", "assumeRole.roleArn", "assumeRole.sessionExpiration"} {
		if !got[path] {
			t.Errorf("no failure on %s in %v", path, failures)
		}
	}
	if len(failures) != 7 {
		t.Errorf("got %d failures: %v", len(failures), failures)
	}
}

// The engine prints the value under the path of a failure, so the path of a failure about a secret must lead to none.
func TestCheckFailuresLeadToNoSecrets(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args map[string]any
		path string
	}{
		"token alone":           {map[string]any{"securityToken": testToken}, `["securityToken"]`},
		"access key a list":     {map[string]any{"accessKey": []any{testAccessKey}, "secretKey": testSecretKey}, `["accessKey"]`},
		"Terraform's name":      {map[string]any{"secret_key": testSecretKey}, `["secret_key"]`},
		"a stranger":            {map[string]any{"password1234567890": testSecretKey}, `["password1234567890"]`},
		"OIDC no JSON":          {map[string]any{"assumeRoleWithOidc": `{"oidcToken":"` + testOIDCToken}, `["assumeRoleWithOidc"]`},
		"a secret region":       {map[string]any{"region": secret("Here")}, `["region"]`},
		"a secret in a list":    {map[string]any{"profile": []any{secret("x")}}, `["profile"]`},
		"a token in a URL":      {map[string]any{"credentialsUri": "http://example.com/?token=" + testToken}, `["credentialsUri"]`},
		"a password in a URL":   {map[string]any{"endpoints": []any{map[string]any{"ecs": "https://a:b@c"}, nil}}, `endpoints[1]`},
		"a typo without danger": {map[string]any{"regoin": "cn-hangzhou"}, "regoin"},
		"a plain value":         {map[string]any{"region": "Here"}, "region"},
		"what is missing":       {map[string]any{"accessKey": testAccessKey}, "secretKey"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := &Holder{Env: machine(t, nil, nil)}
			resp, err := h.Check(t.Context(), p.CheckRequest{Inputs: args(c.args)})
			if err != nil || !slices.ContainsFunc(resp.Failures, func(f p.CheckFailure) bool { return f.Property == c.path }) {
				t.Errorf("got %v, %v; want a failure on %s", resp.Failures, err, c.path)
			}
		})
	}
}

// A stack's configuration gives strings, an explicit provider real values: the answer is the same.
func TestCheckCanonicalForm(t *testing.T) {
	t.Parallel()
	asText := args(map[string]any{
		"region": " cn-hangzhou ", "accessKey": testAccessKey, "secretKey": testSecretKey, "securityToken": testToken,
		"profile": "", "accountId": "1234567890123456", "accountType": "international", "protocol": "http",
		"clientConnectTimeout": "1000", "clientReadTimeout": " 2000 ", "maxRetryTimeout": "0",
		"secureTransport": "TRUE", "skipRegionValidation": "False", "configurationSource": "x", "verifyNetwork": "FALSE", "ignoreInstances": " kst-1,, * ",
		"endpoints":          `[{"kms":"http://127.0.0.1:1234","sts":null},{"bssopenapi":"localhost:1"},{"sts":"[::1]:2","kms":"http://127.0.0.1:1234"}]`,
		"assumeRole":         `{"roleArn":"` + testRole + `","sessionExpiration":"900","externalId":12345678901234567890,"policy":"","__defaults":[]}`,
		"assumeRoleWithOidc": `{"roleArn":"` + testRole + `","oidcProviderArn":"` + testProvider + `","oidcToken":"` + testOIDCToken + `"}`,
		"version":            "1.0.0", "pluginDownloadURL": "https://example.com", "__internal": "{}",
	})
	want := args(map[string]any{
		"region": "cn-hangzhou", "accessKey": secret(testAccessKey), "secretKey": secret(testSecretKey), "securityToken": secret(testToken),
		"accountId": "1234567890123456", "accountType": "International", "protocol": "HTTP",
		"clientConnectTimeout": 1000, "clientReadTimeout": 2000, "maxRetryTimeout": 0,
		"secureTransport": "true", "skipRegionValidation": false, "configurationSource": "x", "verifyNetwork": false, "ignoreInstances": []any{"kst-1", "*"},
		"endpoints":          map[string]any{"kms": "http://127.0.0.1:1234", "bssopenapi": "localhost:1", "sts": "[::1]:2"},
		"assumeRole":         map[string]any{"roleArn": testRole, "sessionExpiration": 900, "externalId": "12345678901234567890"},
		"assumeRoleWithOidc": map[string]any{"roleArn": testRole, "oidcProviderArn": testProvider, "oidcToken": secret(testOIDCToken)},
		"version":            "1.0.0", "pluginDownloadURL": "https://example.com",
	})
	for _, given := range []property.Map{asText, want} {
		got, failures := check(given, machine(t, nil, nil))
		if len(failures) > 0 {
			t.Fatal(failures)
		}
		if !got.Equals(want) {
			t.Errorf("got  %v\nwant %v", got, want)
		}
	}
}

// Secret marks and dependencies of the user's own values survive.
func TestCheckKeepsSecrets(t *testing.T) {
	t.Parallel()
	given := args(map[string]any{
		"region":             secret("cn-hangzhou"),
		"endpoints":          secret(`{"kms":"kms.example.com"}`),
		"assumeRole":         map[string]any{"roleArn": testRole, "externalId": secret("x")},
		"assumeRoleWithOidc": `{"roleArn":"` + testRole + `","oidcProviderArn":"` + testProvider + `","oidcToken":7}`,
	})
	got, failures := check(given, machine(t, nil, nil))
	if len(failures) > 0 {
		t.Fatal(failures)
	}
	if !got.Get("region").Secret() || !got.Get("endpoints").Secret() || !got.Get("assumeRole").AsMap().Get("externalId").Secret() {
		t.Errorf("a secret mark was lost: %v", got)
	}
	got, _ = check(args(map[string]any{"endpoints": []any{map[string]any{"kms": secret("kms.example.com")}, map[string]any{"kms": "kms.example.com"}}}), machine(t, nil, nil))
	if !got.Get("endpoints").AsMap().Get("kms").Secret() {
		t.Errorf("a secret mark was lost: %v", got)
	}
	_, failures = check(args(map[string]any{"region": secret("Where It Is"), "endpoints": secret(`{"kms":"not/an/endpoint"}`)}), machine(t, nil, nil))
	for _, f := range failures {
		if strings.Contains(f.Reason, "Where It Is") || strings.Contains(f.Reason, "not/an/endpoint") {
			t.Errorf("a secret value was repeated: %s", f.Reason)
		}
	}
	// What might hold a token is secret as a whole if it cannot be read.
	for _, wrong := range []any{`{"oidcToken":"` + testOIDCToken, []any{testOIDCToken}} {
		got, _ := check(args(map[string]any{"assumeRoleWithOidc": wrong}), machine(t, nil, nil))
		if !got.Get("assumeRoleWithOidc").Secret() {
			t.Errorf("%v is not secret", wrong)
		}
	}
}

func TestCheckPassesUnknowns(t *testing.T) {
	t.Parallel()
	for name, given := range map[string]map[string]any{
		"region":          {"region": unknown},
		"secret key":      {"accessKey": testAccessKey, "secretKey": unknown},
		"token":           {"accessKey": unknown, "secretKey": unknown, "securityToken": testToken},
		"role ARN":        {"assumeRole": map[string]any{"roleArn": unknown}},
		"OIDC fields":     {"assumeRoleWithOidc": map[string]any{"roleArn": unknown, "oidcProviderArn": unknown, "oidcToken": unknown}},
		"endpoints":       {"endpoints": unknown, "protocol": "HTTP"},
		"endpoint":        {"endpoints": map[string]any{"kms": unknown, "sts": "127.0.0.1", "bssopenapi": "127.0.0.1"}, "protocol": "HTTP"},
		"endpoint object": {"endpoints": []any{unknown, map[string]any{"kms": "kms.example.com"}}, "protocol": "HTTP"},
		"endpoint twice":  {"endpoints": []any{map[string]any{"kms": unknown}, map[string]any{"kms": "kms.example.com"}}},
		"protocol":        {"protocol": unknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, failures := check(args(given), machine(t, nil, nil))
			if len(failures) > 0 {
				t.Errorf("got %v", failures)
			}
			for key, v := range given {
				value := toValue(v)
				if value.HasComputed() != got.Get(key).HasComputed() {
					t.Errorf("%s became %v", key, got.Get(key))
				}
			}
		})
	}
	// What is known beside an unknown value is checked all the same.
	_, failures := check(args(map[string]any{"endpoints": []any{unknown, map[string]any{"kms": "a/b"}}}), machine(t, nil, nil))
	if len(failures) != 1 || failures[0].Property != "endpoints[1].kms" {
		t.Errorf("got %v", failures)
	}
}

// Values that are given in the environment are not missed in the configuration.
func TestCheckSeesTheEnvironment(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args map[string]any
		env  map[string]string
	}{
		"secret key": {map[string]any{"accessKey": testAccessKey}, map[string]string{"ALIBABACLOUD_ACCESS_KEY_SECRET": testSecretKey}},
		"access key": {map[string]any{"secretKey": testSecretKey}, map[string]string{"ALICLOUD_ACCESS_KEY": testAccessKey}},
		"role":       {map[string]any{"assumeRole": map[string]any{}}, map[string]string{"ALICLOUD_ASSUME_ROLE_ARN": testRole}},
		"OIDC": {map[string]any{"assumeRoleWithOidc": "{}"}, map[string]string{
			"ALIBABA_CLOUD_ROLE_ARN": testRole, "ALIBABA_CLOUD_OIDC_PROVIDER_ARN": testProvider, "ALIBABA_CLOUD_OIDC_TOKEN_FILE": "/token"}},
		"endpoints": {map[string]any{"protocol": "HTTP", "endpoints": map[string]any{"sts": "127.0.0.1:1"}}, map[string]string{
			"KMS_ENDPOINT": "127.0.0.1:1", "ALIBABA_CLOUD_ENDPOINT_BSSOPENAPI": "127.0.0.1:1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, failures := check(args(c.args), machine(t, c.env, nil)); len(failures) > 0 {
				t.Errorf("got %v", failures)
			}
			if _, failures := check(args(c.args), machine(t, nil, nil)); len(failures) == 0 {
				t.Error("without the environment it must be refused")
			}
		})
	}
}

// A broken environment is no fault of a configuration that does not depend on it.
func TestCheckLeavesTheEnvironmentAlone(t *testing.T) {
	t.Parallel()
	_, failures := check(args(map[string]any{"region": "cn-hangzhou"}), machine(t, map[string]string{
		"ALICLOUD_ACCESS_KEY": testAccessKey, "CLIENT_READ_TIMEOUT": "soon", "KMS_ENDPOINT": "a/b",
	}, nil))
	if len(failures) > 0 {
		t.Errorf("got %v", failures)
	}
}

// The exported function looks at the real environment and warns about keys without effect.
func TestCheckWarnsAboutKeysWithoutEffect(t *testing.T) {
	t.Setenv("ALICLOUD_SECRET_KEY", testSecretKey)
	log := captureLog(t)
	resp, err := (&Holder{}).Check(t.Context(), p.CheckRequest{Inputs: args(map[string]any{
		"accessKey": testAccessKey, "skipRegionValidation": "true", "configurationSource": "module",
	})})
	if err != nil || len(resp.Failures) > 0 {
		t.Fatal(err, resp.Failures)
	}
	for _, key := range []string{"skipRegionValidation", "configurationSource"} {
		if want := fmt.Sprintf("alicloud-kms:%s has no effect in this provider", key); !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %q: %s", want, log)
		}
	}
	assertNoSecrets(t, "the log", log.String())
	if !resp.Inputs.Get("accessKey").Secret() {
		t.Error("accessKey is not secret")
	}
}

// BenchmarkCheck shows that the time of a Check grows with the size of the configuration, here all of it wrong.
func BenchmarkCheck(b *testing.B) {
	for _, n := range []int{10, 1_000, 100_000} {
		ids, endpoints, given := make([]any, n), make([]any, n), map[string]any{strings.Repeat("region", n): "x"}
		for i := range n {
			ids[i], endpoints[i] = "vpc-1", map[string]any{"kms": fmt.Sprint("a/", i), fmt.Sprint("typo", i): "x"}
			given[fmt.Sprint("typo", i)] = "x"
		}
		given["ignoreInstances"], given["endpoints"] = ids, endpoints
		config := args(given)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				_, failures := check(config, machine(b, nil, nil))
				if len(withheld(failures, config)) != 4*n+1 {
					b.Fatalf("%d failures", len(failures))
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/element")
		})
	}
}
