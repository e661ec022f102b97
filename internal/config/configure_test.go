package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/input"
)

// sample returns two values of a key that mean different things. They need not keep its rule.
func sample(key *Key) (first, second any) {
	switch {
	case key.Values != nil:
		return key.Values[0], key.Values[1]
	case key.Type == input.Integer:
		return "1000", "2000"
	}
	return "value-a", "value-b"
}

// Of the variables of a key the first that is not empty counts, and only if the configuration says nothing.
// Promise (Configuration): The configuration comes before the environment, for every key.
func TestPrecedence(t *testing.T) {
	t.Parallel()
	tried := 0
	try := func(path string) {
		key := at(path)
		first, second := sample(key)
		look := func(v any, vars map[string]string) found {
			given := map[string]any{key.Name: v}
			if object, _, inside := strings.Cut(path, "."); inside {
				given = map[string]any{object: given}
			}
			return values{args: canonical(args(given)), env: machine(t, vars, nil)}.find(path)
		}
		if got := look(nil, nil); got.given() {
			t.Errorf("%s: nothing gives %v", path, got)
		}
		for i, variable := range key.Env {
			tried++
			vars := map[string]string{variable: fmt.Sprint(" ", first, " ")}
			for _, earlier := range key.Env[:i] {
				vars[earlier] = "" // set but empty: not given
			}
			for _, later := range key.Env[i+1:] {
				vars[later] = fmt.Sprint(second)
			}
			const environment = "the environment variable "
			for _, c := range []struct {
				given, counts any
				origin        string
			}{{nil, first, environment + variable}, {"", first, environment + variable}, {second, second, inConfiguration}, {unknown, unknown, inConfiguration}} {
				if got, want := look(c.given, vars), look(c.counts, nil); !got.value.Equals(want.value) || got.origin != c.origin {
					t.Errorf("%s: %v beside %s gives %+v, want %+v from %s", path, c.given, variable, got, want.value, c.origin)
				}
			}
		}
	}
	for _, key := range Keys {
		try(key.Name)
		for _, field := range key.Fields {
			try(key.Name + "." + field.Name)
		}
	}
	if tried < 40 {
		t.Errorf("only %d environment variables were tried", tried)
	}
}

// Also forms that an earlier version has recorded are understood.
func TestResolve(t *testing.T) {
	t.Parallel()
	s := resolve(args(map[string]any{
		"accountId": "1234567890123456", "accountType": "international", "clientReadTimeout": "1500", "maxRetryTimeout": 30,
		"endpoints": `[{"kms":"http://127.0.0.1:1"}]`, "sourceIp": "203.0.113.7",
		"verifyNetwork": "false", "ignoreInstances": `["kst-1","kst-2"]`,
	}), machine(t, map[string]string{
		"ALICLOUD_REGION": "cn-hangzhou", "BSSOPENAPI_ENDPOINT": "business.example.com", "STS_ENDPOINT": "sts.example.com:443",
		"CLIENT_CONNECT_TIMEOUT": "700", "ALIBABA_CLOUD_SECURE_TRANSPORT": "True", "VPC_ENDPOINT": "vpc.example.com",
	}, nil), "test/1.0")
	if region, err := s.region(); region != "cn-hangzhou" || err != nil {
		t.Error(region, err)
	}
	options := s.options()
	options.Warn, options.Transport = nil, nil // which cannot be compared
	if want := (cloud.Options{
		UserAgent: "test/1.0", AccountID: "1234567890123456", Site: cloud.International, SourceIP: "203.0.113.7", SecureTransport: "true",
		KMSEndpoint: "http://127.0.0.1:1", BSSEndpoint: "business.example.com", STSEndpoint: "sts.example.com:443", VPCEndpoint: "vpc.example.com",
		ConnectTimeout: 700 * time.Millisecond, ReadTimeout: 1500 * time.Millisecond, MaxRetryTimeout: 30 * time.Second,
	}); !reflect.DeepEqual(options, want) {
		t.Errorf("got %+v; want %+v", options, want)
	}
	h := &Holder{}
	h.current.Store(s)
	if verify, ignored := h.VerifyNetwork(t.Context()), h.IgnoredInstances(t.Context()); verify || !slices.Equal(ignored, []string{"kst-1", "kst-2"}) {
		t.Errorf("got %t, %v", verify, ignored)
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
			wantSaid(t, resolve(args(c.args), machine(t, c.env, nil), "test/1.0").err, c.says...)
		})
	}
	// A role's variables mean nothing while the configuration assumes no role: Kubernetes sets them in every pod.
	if s := resolve(property.Map{}, machine(t, map[string]string{"ALIBABA_CLOUD_ROLE_ARN": "me"}, nil), "test/1.0"); s.err != nil {
		t.Error(s.err)
	}
	// The state of another version may hold keys that this one does not know. They must not block `pulumi destroy`.
	later := map[string]any{"later": "x", "la.ter": "x", "endpoints": map[string]any{"ecs": "y", "e c s": "y"}}
	if s := resolve(args(later), machine(t, nil, nil), "test/1.0"); s.err != nil {
		t.Error(s.err)
	}
	later["endpoints"] = []any{map[string]any{"ecs": "y"}}
	if s := resolve(args(later), machine(t, nil, nil), "test/1.0"); s.err != nil {
		t.Error(s.err)
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
			got, err := resolve(args(c.args), machine(t, c.env, files), "test/1.0").region()
			if got != c.want || (c.err == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Errorf("got %q, %v; want %q, %q", got, err, c.want, c.err)
			}
		})
	}
}

func TestSettingsPrintNoSecrets(t *testing.T) {
	t.Parallel()
	h := &Holder{Env: machine(t, nil, nil)}
	configure(t, h, map[string]any{"region": "cn-hangzhou", "accessKey": testAccessKey, "secretKey": testSecretKey, "securityToken": testToken})
	s := h.settings()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		assertNoSecrets(t, fmt.Sprintf(verb+verb+verb, s, *s, h))
	}
}

// What Check cannot see, the environment's endpoint and the profile's region, is refused before anything is called.
func TestEndpointOfAnotherRegion(t *testing.T) {
	t.Parallel()
	profiles := map[string]string{cliFile: cliProfiles("", with(roleProfile, map[string]any{"region_id": "cn-shanghai"}))}
	for region, c := range map[string]struct {
		given map[string]any
		vars  map[string]string
	}{
		"cn-beijing":  {map[string]any{"region": "cn-beijing"}, map[string]string{"KMS_ENDPOINT": "kms.cn-hangzhou.aliyuncs.com"}},
		"cn-shanghai": {map[string]any{"region": nil, "profile": "role", "endpoints": map[string]any{"kms": "kms.cn-hangzhou.aliyuncs.com"}}, nil},
	} {
		_, err := client(t, machine(t, c.vars, profiles), c.given)
		wantSaid(t, err, "the region is "+region+`, but the endpoint "kms" is kms.cn-hangzhou.aliyuncs.com, which is that of cn-hangzhou`)
	}
}

func configure(t testing.TB, h *Holder, given map[string]any) {
	t.Helper()
	if err := h.Configure(t.Context(), p.ConfigureRequest{Args: args(given)}); err != nil {
		t.Fatal(err)
	}
}

// What the resource asks of the configuration: it has an answer before all values are known, too.
func TestHolderForTheResource(t *testing.T) {
	t.Parallel()
	h := &Holder{Env: machine(t, map[string]string{"ALICLOUD_REGION": ""}, nil)}
	if _, err := h.Client(t.Context()); err == nil || !h.VerifyNetwork(t.Context()) || !strings.Contains(err.Error(), "has not been configured yet") {
		t.Errorf("without a configuration it is said %v", err)
	}
	for name, c := range map[string]struct {
		given   map[string]any
		verify  bool
		ignored []string
		region  string // what is said of a missing one
	}{
		"nothing":  {nil, true, nil, "no region is set"},
		"both":     {map[string]any{"verifyNetwork": false, "ignoreInstances": []any{"kst-1", "*"}, "region": "cn-hangzhou"}, false, []string{"kst-1", "*"}, ""},
		"unknown":  {map[string]any{"verifyNetwork": unknown, "ignoreInstances": unknown, "region": unknown}, true, nil, ""},
		"an error": {map[string]any{"protocol": "FTP"}, true, nil, "protocol must be"},
	} {
		configure(t, h, c.given)
		if got := h.VerifyNetwork(t.Context()); got != c.verify {
			t.Errorf("%s: verifyNetwork is %t", name, got)
		}
		if got := h.IgnoredInstances(t.Context()); !slices.Equal(got, c.ignored) {
			t.Errorf("%s: ignored are %v", name, got)
		}
		if err := h.MissingRegion(t.Context()); (err == nil) != (c.region == "") || err != nil && !strings.Contains(err.Error(), c.region) {
			t.Errorf("%s: of the region it is said %v", name, err)
		}
	}
}

func TestHolderWithUnknownValues(t *testing.T) {
	t.Parallel()
	h := &Holder{Env: machine(t, map[string]string{"ALICLOUD_REGION": "cn-beijing"}, nil)}
	configure(t, h, map[string]any{"region": unknown, "accountId": unknown})
	if region, err := h.Region(t.Context()); region != "" || err != nil {
		t.Errorf("got %q, %v; a region that is not known yet is not the environment's", region, err)
	}
	if _, err := h.Client(t.Context()); err == nil || !strings.Contains(err.Error(), "alicloud-kms:region, alicloud-kms:accountId is not known before") {
		t.Errorf("got %v", err)
	}
}
