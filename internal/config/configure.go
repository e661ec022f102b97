package config

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/credentials"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/input"
)

// Holder holds the configuration of a running provider and the client that follows from it. It is safe for concurrent use.
type Holder struct {
	UserAgent string // what requests add to the user agent of the SDK, e.g. "pulumi-alicloud-kms/1.0.0"
	Env       Env    // the machine; its zero value is the real one

	current atomic.Pointer[settings]
}

// Configure replaces the configuration wholly: nothing of an earlier one remains. It reads and contacts nothing, so that
// a new stack can be previewed offline; what is missing or wrong is an error of the call that needs it.
func (h *Holder) Configure(_ context.Context, req p.ConfigureRequest) error {
	h.current.Store(resolve(req.Args, h.Env, h.UserAgent))
	return nil
}

func (h *Holder) settings() *settings { return cmp.Or(h.current.Load(), unconfigured) }

var unconfigured = newSettings(values{env: Env{}.WithDefaults()}, "", errors.New("the provider has not been configured yet"))

// Client returns the client of the configuration. A missing region is an error here; missing credentials are one of the client's
// first call.
func (h *Holder) Client(context.Context) (*cloud.Client, error) { return h.settings().client() }

// Region returns the provider's region for checks at preview, "" if none is given or it is not known yet. It contacts nothing.
func (h *Holder) Region(context.Context) (string, error) { return h.settings().region() }

// MissingRegion says how to give a region, if neither configuration, environment nor profile gives one. It is nil otherwise, also if
// the region is not known yet.
func (h *Holder) MissingRegion(context.Context) error {
	s := h.settings()
	if s.err != nil || s.unknown() != nil {
		return s.err
	}
	region, err := s.region()
	if err == nil && region == "" {
		err = errNoRegion
	}
	return err
}

// VerifyNetwork reports whether vSwitches are to be looked up.
func (h *Holder) VerifyNetwork(context.Context) bool {
	v := h.settings().find("verifyNetwork").value
	return !v.IsBool() || v.AsBool()
}

// IgnoredInstances returns the instances that no purchase waits for; "*" stands for all.
func (h *Holder) IgnoredInstances(context.Context) (ids []string) {
	if list := h.settings().find("ignoreInstances").value; list.IsArray() {
		for _, id := range list.AsArray().All {
			ids = append(ids, found{value: id}.text())
		}
	}
	return ids
}

// settings are a configuration with what follows from it. They contact nothing, and read a file only if the region must come from a
// profile.
type settings struct {
	values

	err       error // what is wrong with the configuration
	userAgent string
	// region is the region of the configuration, the environment or the profile, in this order. It is "" if none gives one, or
	// if the configured one is not known yet.
	region func() (string, error)
	client func() (*cloud.Client, error)
}

func newSettings(v values, userAgent string, err error) *settings {
	s := &settings{values: v, userAgent: userAgent, err: err}
	s.region, s.client = sync.OnceValues(s.findRegion), sync.OnceValues(s.newClient)
	return s
}

// Format keeps the secrets out of every verb of fmt.
func (settings) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("[provider configuration]")) }

var listIndex = regexp.MustCompile(`\[[0-9]+\]`)

// resolve checks a configuration, and what the environment gives in the place of what it lacks. A missing region or missing credentials
// are no error yet.
func resolve(args property.Map, env Env, userAgent string) *settings {
	env = env.WithDefaults()
	inputs, failures := check(args, env)
	// Keys that this version does not know may come from the state of another version, which must not block a destroy.
	failures = slices.DeleteFunc(failures, func(f p.CheckFailure) bool { return at(listIndex.ReplaceAllString(f.Property, "")) == nil })
	v := values{args: inputs, env: env, checker: &input.Checker{Failures: failures}}
	v.checkEnv("", Keys)
	var problems []string
	for _, f := range v.checker.Failures {
		problems = append(problems, f.Reason)
	}
	var err error
	if problems != nil {
		err = fmt.Errorf("the provider configuration is not valid: %s. %s", strings.Join(problems, "; "), cloud.RecordedHint)
	}
	return newSettings(v, userAgent, err)
}

// options say how the cloud is called. They lack the region and the credentials.
func (s *settings) options() cloud.Options {
	text := func(path string) string { return s.find(path).text() }
	duration := func(unit time.Duration, key string) time.Duration { return time.Duration(s.find(key).number()) * unit }
	return cloud.Options{
		UserAgent: s.userAgent, AccountID: text("accountId"), Site: cloud.Site(text("accountType")), Protocol: text("protocol"),
		KMSEndpoint: text("endpoints.kms"), BSSEndpoint: text("endpoints.bssopenapi"),
		STSEndpoint: text("endpoints.sts"), VPCEndpoint: text("endpoints.vpc"),
		ConnectTimeout: duration(time.Millisecond, "clientConnectTimeout"), ReadTimeout: duration(time.Millisecond, "clientReadTimeout"),
		MaxRetryTimeout: duration(time.Second, "maxRetryTimeout"), SourceIP: text("sourceIp"), SecureTransport: text("secureTransport"),
		Warn: func(ctx context.Context, text string) { p.GetLogger(ctx).Warning(text) }, Transport: s.env.Transport,
	}
}

func (s *settings) findRegion() (string, error) {
	region, profile, file := s.find("region"), s.find("profile"), s.find("sharedCredentialsFile")
	switch {
	case s.err != nil:
		return "", s.err
	case region.given():
		return region.text(), nil
	case !profile.given() && !file.given(), profile.unknown(), file.unknown():
		return "", nil
	}
	text, origin, err := credentials.ProfileRegion(s.credentials(cloud.Options{}))
	if err != nil || text == "" {
		return "", err
	}
	if must := regionRule(text); must != "" {
		return "", fmt.Errorf("%s must be %s, but %s was given", origin, must, input.Quote(text))
	}
	return text, nil
}

func (s *settings) newClient() (*cloud.Client, error) {
	if unknown := s.unknown(); s.err == nil && unknown != nil {
		return nil, fmt.Errorf("the provider cannot be used yet, because the value of %s is not known before `pulumi up`",
			strings.Join(unknown, ", "))
	}
	o := s.options()
	var err error
	if o.Region, err = s.region(); err != nil {
		return nil, err
	}
	if o.Region == "" {
		return nil, errNoRegion
	}
	if o.Credentials, err = credentials.New(s.credentials(o)); err != nil {
		return nil, err
	}
	return cloud.New(o)
}

// credentials says where the credentials of a client come from.
func (s *settings) credentials(client cloud.Options) credentials.Options {
	value := func(f found) credentials.Value { return credentials.Value{Text: f.text(), Origin: f.origin} }
	o := credentials.Options{
		Configured:  func(key string) credentials.Value { return value(s.inConfig(key)) },
		Environment: func(key string) credentials.Value { return value(s.inEnv(key)) },
		Client:      client, Machine: s.env,
	}
	if s.configured("assumeRole") {
		o.AssumeRole = s.role("assumeRole.", "sessionName")
		o.AssumeRole.ExternalID = s.find("assumeRole.externalId").text()
	}
	const key = "assumeRoleWithOidc."
	oidc := s.role(key, "roleSessionName")
	oidc.OIDCProviderARN, oidc.OIDCTokenFile = s.find(key+"oidcProviderArn").text(), s.find(key+"oidcTokenFile").text()
	if !s.configured(key + "oidcTokenFile") { // which comes before a token that only the environment holds
		oidc.OIDCToken = s.find(key + "oidcToken").text()
	}
	if s.configured("assumeRoleWithOidc") {
		o.AssumeRoleWithOIDC = oidc
	} else {
		o.PodRole = *oidc
	}
	return o
}

func (v values) role(key, sessionName string) *credentials.Role {
	return &credentials.Role{
		ARN: v.find(key + "roleArn").text(), SessionName: v.find(key + sessionName).text(),
		Seconds: v.find(key + "sessionExpiration").number(), Policy: v.find(key + "policy").text(),
	}
}

var errNoRegion = errors.New("no region is set, and there is no default: set it with `pulumi config set " + Package +
	":region cn-hangzhou`, as `region` of an explicit provider, in the environment variable ALICLOUD_REGION or ALIBABA_CLOUD_REGION, " +
	"or as region_id of the profile that " + Package + ":profile names")
