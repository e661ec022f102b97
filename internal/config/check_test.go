package config

import (
	"slices"
	"strings"
	"testing"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/sig"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/input"
)

const (
	testRole     = "acs:ram::1234567890123456:role/deployer"
	testProvider = "acs:ram::1234567890123456:oidc-provider/cluster"
)

// The engine prints the value under the path of a failure, so the path of a failure about what may be secret must lead to none: it is
// spelt as ["name"].
func TestCheckRefuses(t *testing.T) {
	t.Parallel()
	keys := map[string]any{"accessKey": testAccessKey, "secretKey": testSecretKey}
	oidc := func(more map[string]any) map[string]any {
		return map[string]any{"assumeRoleWithOidc": with(map[string]any{"oidcProviderArn": testProvider, "roleArn": testRole, "oidcTokenFile": "/token"}, more)}
	}
	elsewhere := map[string]any{"endpoints": map[string]any{"kms": "kms.cn-hangzhou.aliyuncs.com"}}
	for name, c := range map[string]struct {
		args map[string]any
		path string
		says []string
	}{
		"a typo":                   {map[string]any{"regoin": "cn-hangzhou"}, "regoin", []string{`no key "regoin"`, `did you mean "region"?`}},
		"a Terraform name":         {map[string]any{"access_key": testAccessKey}, `["access_key"]`, []string{`did you mean "accessKey"?`}},
		"a stranger":               {map[string]any{"fc": "x"}, `["fc"]`, []string{`no key "fc"; it has region, accessKey`}},
		"a typo in an object":      {map[string]any{"assumeRole": map[string]any{"roleArn": testRole, "sesionName": "x1"}}, "assumeRole.sesionName", []string{`did you mean "sessionName"?`}},
		"another endpoint":         {map[string]any{"endpoints": []any{map[string]any{"ecs": "ecs.aliyuncs.com"}}}, "endpoints[0].ecs", []string{"endpoints[0]", "kms, bssopenapi, sts and vpc"}},
		"region no region":         {map[string]any{"region": "Hangzhou!"}, "region", []string{`"Hangzhou!"`, "cn-hangzhou"}},
		"region a zone":            {map[string]any{"region": "cn-hangzhou-k"}, "region", []string{"not that of a zone"}},
		"region a list":            {map[string]any{"region": []any{"cn-hangzhou"}}, `["region"]`, []string{"must be the id of a region", "but a list was given"}},
		"account no number":        {map[string]any{"accountId": "me"}, "accountId", []string{`"me"`, "number of an account"}},
		"account rounded":          {map[string]any{"accountId": 12345678901234567890.0}, "accountId", []string{"12345678901234567000 was given; put it in quotes"}},
		"protocol":                 {map[string]any{"protocol": "FTP"}, "protocol", []string{`"FTP"`, `"HTTPS", "HTTP"`}},
		"read time-out text":       {map[string]any{"clientReadTimeout": "1m"}, "clientReadTimeout", []string{`"1m"`, "whole number from 1 to 3600000"}},
		"connect time-out half":    {map[string]any{"clientConnectTimeout": 1.5}, "clientConnectTimeout", []string{"a whole number", "1.5"}},
		"retry time-out below 0":   {map[string]any{"maxRetryTimeout": "-1"}, "maxRetryTimeout", []string{"from 0 to 86400"}},
		"skip a word":              {map[string]any{"skipRegionValidation": "perhaps"}, "skipRegionValidation", []string{"true or false", `"perhaps"`}},
		"access key of two lines":  {map[string]any{"accessKey": testAccessKey + "\n" + testAccessKey, "secretKey": testSecretKey}, `["accessKey"]`, []string{"without control characters", "a secret value"}},
		"verify in a word":         {map[string]any{"verifyNetwork": "sometimes"}, "verifyNetwork", []string{"true or false"}},
		"ignore something else":    {map[string]any{"ignoreInstances": []any{"kst-1", "vpc-1"}}, "ignoreInstances[1]", []string{`"kst-", or "*"`, `"vpc-1"`}},
		"endpoint without a port":  {map[string]any{"endpoints": map[string]any{"kms": "localhost:99999"}}, "endpoints.kms", []string{"host:port"}},
		"access key alone":         {map[string]any{"accessKey": testAccessKey}, "secretKey", []string{"accessKey is set but secretKey is not", "pulumi config set --secret alicloud-kms:secretKey", "ALICLOUD_SECRET_KEY"}},
		"token alone":              {map[string]any{"securityToken": testToken}, `["securityToken"]`, []string{"accessKey and secretKey are not"}},
		"access key a list":        {map[string]any{"accessKey": []any{testAccessKey}, "secretKey": testSecretKey}, `["accessKey"]`, []string{"a list was given"}},
		"endpoint plain HTTP":      {map[string]any{"endpoints": map[string]any{"sts": "http://sts.aliyuncs.com"}}, "endpoints.sts", []string{"addresses of this machine only"}},
		"endpoint with a password": {map[string]any{"endpoints": map[string]any{"kms": "https://me:" + testSecretKey + "@kms.example.com"}}, "endpoints.kms", []string{`"https://…@kms.example.com"`}},
		"endpoint elsewhere": {map[string]any{"region": "cn-hangzhou", "endpoints": map[string]any{"kms": "kms.cn-beijing.aliyuncs.com"}}, "endpoints.kms",
			[]string{`"kms.cn-beijing.aliyuncs.com"`, `the endpoint of "cn-beijing"`, `the region is "cn-hangzhou" (from the configuration)`}},
		"VPC endpoint elsewhere": {map[string]any{"region": "ap-southeast-1", "endpoints": map[string]any{"kms": "https://KMS-VPC.cn-beijing.aliyuncs.com:443"}}, "endpoints.kms",
			[]string{"cn-beijing", "ap-southeast-1"}},
		"endpoints twice":        {map[string]any{"endpoints": []any{map[string]any{"kms": "a.example.com"}, map[string]any{"kms": "b.example.com"}}}, `["endpoints"]`, []string{"give it once"}},
		"endpoints with a null":  {map[string]any{"endpoints": []any{nil}}, "endpoints[0]", []string{"is null"}},
		"endpoints a word":       {map[string]any{"endpoints": "kms"}, "endpoints", []string{"must be an object with kms", `"kms" was given`}},
		"HTTP without endpoints": {map[string]any{"protocol": "http"}, "protocol", []string{"set endpoints.kms, endpoints.bssopenapi and endpoints.sts to such addresses"}},
		"HTTP without STS": {map[string]any{"protocol": "HTTP", "endpoints": map[string]any{"kms": "127.0.0.1:1", "bssopenapi": "localhost:1"}}, "protocol",
			[]string{"set endpoints.sts to such addresses"}},
		"HTTP to VPC": {map[string]any{"protocol": "HTTP", "endpoints": map[string]any{"kms": "[::1]:1", "bssopenapi": "[::1]:1", "sts": "[::1]:1", "vpc": "vpc.aliyuncs.com"}}, "protocol",
			[]string{"the endpoint vpc from the configuration is not an address of this machine"}},
		"HTTP elsewhere": {map[string]any{"protocol": "HTTP", "endpoints": map[string]any{"kms": "kms.aliyuncs.com", "bssopenapi": "[::1]:1", "sts": "https://sts.aliyuncs.com"}}, "protocol",
			[]string{"the endpoint kms from the configuration is not an address of this machine"}},
		"role no ARN":                  {with(keys, map[string]any{"assumeRole": map[string]any{"roleArn": "deployer"}}), "assumeRole.roleArn", []string{`"deployer"`, "acs:ram::1234567890123456:role/deployer"}},
		"role without an ARN":          {with(keys, map[string]any{"assumeRole": map[string]any{}}), "assumeRole.roleArn", []string{"assumeRole.roleArn is required", "ALIBABA_CLOUD_ROLE_ARN"}},
		"role session too long":        {map[string]any{"assumeRole": `{"roleArn":"` + testRole + `","sessionExpiration":"43201"}`}, "assumeRole.sessionExpiration", []string{"43201", "from 900 to 43200"}},
		"role session name":            {map[string]any{"assumeRole": map[string]any{"roleArn": testRole, "sessionName": "a b"}}, "assumeRole.sessionName", []string{"2 to 64"}},
		"role policy":                  {map[string]any{"assumeRole": map[string]any{"roleArn": testRole, "policy": "{"}}, "assumeRole.policy", []string{"JSON text"}},
		"role a word":                  {map[string]any{"assumeRole": testRole}, "assumeRole", []string{"must be an object with roleArn"}},
		"OIDC without a provider":      {oidc(map[string]any{"oidcProviderArn": nil}), "assumeRoleWithOidc.oidcProviderArn", []string{"required"}},
		"OIDC provider":                {oidc(map[string]any{"oidcProviderArn": testRole}), "assumeRoleWithOidc.oidcProviderArn", []string{"oidc-provider/"}},
		"OIDC without a token":         {oidc(map[string]any{"oidcTokenFile": nil}), "assumeRoleWithOidc.oidcTokenFile", []string{"ALIBABA_CLOUD_OIDC_TOKEN_FILE", "ALIBABA_CLOUD_OIDC_TOKEN"}},
		"OIDC with two tokens":         {oidc(map[string]any{"oidcToken": testOIDCToken}), "assumeRoleWithOidc.oidcTokenFile", []string{"give one of them"}},
		"OIDC no JSON":                 {map[string]any{"assumeRoleWithOidc": `{"oidcToken":"` + testOIDCToken}, `["assumeRoleWithOidc"]`, []string{"must be an object", "a secret value was given"}},
		"OIDC a list":                  {map[string]any{"assumeRoleWithOidc": []any{testOIDCToken}}, `["assumeRoleWithOidc"]`, []string{"must be an object", "a list was given"}},
		"a secret region":              {map[string]any{"region": secret(testToken + "!")}, `["region"]`, []string{"a secret value"}},
		"a secret endpoint":            {map[string]any{"endpoints": secret(`{"kms":"not/` + testToken + `"}`)}, "endpoints.kms", []string{"a secret value"}},
		"a secret in a list":           {map[string]any{"profile": []any{secret("x")}}, `["profile"]`, nil},
		"a token in a URL":             {map[string]any{"credentialsUri": "http://example.com/?token=" + testToken}, `["credentialsUri"]`, nil},
		"a known one of a list":        {map[string]any{"endpoints": []any{unknown, map[string]any{"kms": "a/b"}}}, "endpoints[1].kms", nil},
		"not the environment's region": {elsewhere, "endpoints.kms", []string{"(from the environment variable ALICLOUD_REGION)"}},
		"a secret endpoint elsewhere":  {map[string]any{"region": "cn-hangzhou", "endpoints": map[string]any{"kms": secret("kms.cn-beijing.aliyuncs.com")}}, "endpoints.kms", []string{"endpoints.kms is a secret value"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			vars := map[string]string{}
			if name == "not the environment's region" {
				vars["ALICLOUD_REGION"] = "cn-beijing"
			}
			resp, err := (&Holder{Env: machine(t, vars, nil)}).Check(t.Context(), p.CheckRequest{Inputs: args(c.args)})
			if err != nil || len(resp.Failures) != 1 || resp.Failures[0].Property != c.path {
				t.Fatalf("got %v, %v; want one failure on %s", resp.Failures, err, c.path)
			}
			wantSaid(t, resp.Failures[0].Reason, c.says...)
			for name, v := range resp.Inputs.All {
				if key := input.Find(Keys, name); key != nil && (key.Secret || hasSecretField(key) && !v.IsMap()) && !v.Secret() {
					t.Errorf("%s is not secret in the answer", name)
				}
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
	var got []string
	for _, f := range failures {
		got = append(got, f.Property)
	}
	slices.Sort(got)
	if want := "assumeRole.roleArn assumeRole.sessionExpiration clientReadTimeout protocol region secretKey typo"; strings.Join(got, " ") != want {
		t.Errorf("got failures on %s, want %s", got, want)
	}
}

// What is written in another way means the same, and is its own canonical form. wire.TestFormsOfConfiguration has the forms of SDKs.
func TestCheckCanonicalForm(t *testing.T) {
	t.Parallel()
	given := args(map[string]any{
		"region": " cn-hangzhou ", "profile": "", "accountId": 1234567890123456, "accountType": "international", "protocol": "http",
		"clientReadTimeout": " 2000 ", "maxRetryTimeout": "0", "secureTransport": "TRUE", "skipRegionValidation": "False", "ignoreInstances": " kst-1,, * ",
		"endpoints":  `[{"kms":"http://127.0.0.1:1234","sts":null},{"bssopenapi":"localhost:1"},{"sts":"[::1]:2","kms":{"` + sig.Key + `":"` + sig.Secret + `","value":"http://127.0.0.1:1234"}}]`,
		"assumeRole": `{"roleArn":"` + testRole + `","sessionExpiration":"900","externalId":12345678901234567890,"policy":"","__defaults":[]}`, "__internal": "{}",
	})
	want := args(map[string]any{
		"region": "cn-hangzhou", "accountId": "1234567890123456", "accountType": "International", "protocol": "HTTP",
		"clientReadTimeout": 2000, "maxRetryTimeout": 0, "secureTransport": "true", "skipRegionValidation": false, "ignoreInstances": []any{"kst-1", "*"},
		"endpoints":  map[string]any{"kms": secret("http://127.0.0.1:1234"), "bssopenapi": "localhost:1", "sts": "[::1]:2"},
		"assumeRole": map[string]any{"roleArn": testRole, "sessionExpiration": 900, "externalId": "12345678901234567890"},
	})
	for _, form := range []property.Map{given, want} {
		if got, failures := check(form, machine(t, nil, nil)); len(failures) > 0 || !got.Equals(want) {
			t.Errorf("got  %v (%v)\nwant %v", got, failures, want)
		}
	}
}

// Unknown values are accepted and stay unknown. What the environment gives is not missed in the configuration; what is wrong in it is no
// fault of a configuration.
func TestCheckAccepts(t *testing.T) {
	t.Parallel()
	type vars = map[string]string
	endpoint := func(region, kms any) map[string]any {
		return map[string]any{"region": region, "endpoints": map[string]any{"kms": kms}}
	}
	beijing := vars{"ALICLOUD_REGION": "cn-beijing"}
	for name, c := range map[string]struct {
		args map[string]any
		env  vars
	}{
		"an unknown region":                {map[string]any{"region": unknown}, nil},
		"an unknown secret key":            {map[string]any{"accessKey": testAccessKey, "secretKey": unknown}, nil},
		"a token of unknown keys":          {map[string]any{"accessKey": unknown, "secretKey": unknown, "securityToken": testToken}, nil},
		"an unknown role":                  {map[string]any{"assumeRole": map[string]any{"roleArn": unknown}}, nil},
		"unknown OIDC fields":              {map[string]any{"assumeRoleWithOidc": map[string]any{"roleArn": unknown, "oidcProviderArn": unknown, "oidcToken": unknown}}, nil},
		"unknown endpoints":                {map[string]any{"endpoints": unknown, "protocol": "HTTP"}, nil},
		"an unknown endpoint":              {map[string]any{"endpoints": map[string]any{"kms": unknown, "sts": "127.0.0.1", "bssopenapi": "127.0.0.1"}, "protocol": "HTTP"}, nil},
		"an unknown object of endpoints":   {map[string]any{"endpoints": []any{unknown, map[string]any{"kms": "kms.example.com"}}, "protocol": "HTTP"}, nil},
		"an unknown endpoint twice":        {map[string]any{"endpoints": []any{map[string]any{"kms": unknown}, map[string]any{"kms": "kms.example.com"}}}, nil},
		"an unknown protocol":              {map[string]any{"protocol": unknown}, nil},
		"the environment's secret key":     {map[string]any{"accessKey": testAccessKey}, vars{"ALIBABACLOUD_ACCESS_KEY_SECRET": testSecretKey}},
		"the environment's access key":     {map[string]any{"secretKey": testSecretKey}, vars{"ALICLOUD_ACCESS_KEY": testAccessKey}},
		"the environment's role":           {map[string]any{"assumeRole": map[string]any{}}, vars{"ALICLOUD_ASSUME_ROLE_ARN": testRole}},
		"the environment's OIDC fields":    {map[string]any{"assumeRoleWithOidc": "{}"}, oidcVars},
		"the environment's endpoints":      {map[string]any{"protocol": "HTTP", "endpoints": map[string]any{"sts": "127.0.0.1:1"}}, vars{"KMS_ENDPOINT": "127.0.0.1:1", "ALIBABA_CLOUD_ENDPOINT_BSSOPENAPI": "127.0.0.1:1"}},
		"a broken environment":             {map[string]any{"region": "cn-hangzhou"}, vars{"ALICLOUD_ACCESS_KEY": testAccessKey, "CLIENT_READ_TIMEOUT": "soon", "KMS_ENDPOINT": "a/b"}},
		"an environment's endpoint":        {map[string]any{"region": "cn-beijing"}, vars{"KMS_ENDPOINT": "kms.cn-hangzhou.aliyuncs.com"}},
		"an endpoint of the region":        {endpoint("cn-beijing", "kms.cn-beijing.aliyuncs.com"), nil},
		"of the environment's region":      {endpoint(nil, "kms.cn-beijing.aliyuncs.com"), beijing},
		"an endpoint without a region":     {endpoint(nil, "kms.cn-hangzhou.aliyuncs.com"), nil},
		"an endpoint of an unknown region": {endpoint(unknown, "kms.cn-hangzhou.aliyuncs.com"), beijing},
		"a proxy":                          {endpoint("cn-beijing", "kms.cn-hangzhou.example.com"), nil},
		"the one exception":                {endpoint("ap-southeast-5", "kms.ap-southeast-1.aliyuncs.com"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, failures := check(args(c.args), machine(t, c.env, nil))
			if len(failures) > 0 {
				t.Errorf("got %v", failures)
			}
			for key, v := range args(c.args).All {
				if v.HasComputed() != got.Get(key).HasComputed() {
					t.Errorf("%s became %v", key, got.Get(key))
				}
			}
			if _, failures := check(args(c.args), machine(t, nil, nil)); strings.HasPrefix(name, "the environment's") && len(failures) == 0 {
				t.Error("without the environment it must be refused")
			}
		})
	}
}
