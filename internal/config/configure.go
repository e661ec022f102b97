package config

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/credentials"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/guard"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/input"
)

// Holder holds the configuration of a running provider and the client that follows from it. It is safe for concurrent use.
type Holder struct {
	// UserAgent is what requests add to the user agent of the SDK, e.g. "pulumi-alicloud-kms/1.0.0".
	UserAgent string
	// Env is the machine; its zero value is the real one.
	Env Env

	current atomic.Pointer[func() (*Settings, error)]
}

// Configure replaces the configuration wholly: nothing of an earlier one remains. It reads and contacts nothing, so that
// a new stack can be previewed offline; what is missing is an error of the call that needs it.
func (h *Holder) Configure(_ context.Context, req p.ConfigureRequest) error {
	resolve := sync.OnceValues(func() (*Settings, error) { return Resolve(req.Args, h.Env, h.UserAgent) })
	h.current.Store(&resolve)
	return nil
}

func (h *Holder) settings() (*Settings, error) {
	if resolve := h.current.Load(); resolve != nil {
		return (*resolve)()
	}
	return nil, errors.New("the provider has not been configured yet")
}

// Client returns the client of the configuration. A missing region is an error here; missing credentials are one of the client's
// first call.
func (h *Holder) Client(context.Context) (*cloud.Client, error) {
	s, err := h.settings()
	if err != nil {
		return nil, err
	}
	return s.Client()
}

// Region returns the provider's region for checks at preview, "" if none is given or it is not known yet. It contacts nothing.
func (h *Holder) Region(context.Context) (string, error) {
	s, err := h.settings()
	if err != nil {
		return "", err
	}
	return s.Region()
}

// MissingRegion says how to give a region, if neither configuration, environment nor profile gives one. It is nil otherwise, also if
// the region is not known yet.
func (h *Holder) MissingRegion(context.Context) error {
	s, err := h.settings()
	if err != nil || len(s.values.unknown()) > 0 {
		return err
	}
	if region, err := s.Region(); region != "" || err != nil {
		return err
	}
	return errNoRegion
}

// VerifyNetwork reports whether vSwitches are to be looked up.
func (h *Holder) VerifyNetwork(context.Context) bool {
	s, err := h.settings()
	return err != nil || s.VerifyNetwork
}

// IgnoredInstances returns the instances that no purchase waits for; "*" stands for all.
func (h *Holder) IgnoredInstances(context.Context) []string {
	s, err := h.settings()
	if err != nil {
		return nil
	}
	return s.IgnoreInstances
}

// Settings is a configuration that has been resolved against the environment. It contacts nothing, and reads a file only if the region
// must come from a profile.
type Settings struct {
	// Options say how the cloud is called; the region and the credentials are found when the client is made.
	Options cloud.Options
	// VerifyNetwork says whether vSwitches are looked up.
	VerifyNetwork bool
	// IgnoreInstances are the instances that no purchase waits for, or "*".
	IgnoreInstances []string
	// Region is the region of the configuration, the environment or the profile, in this order. It is "" if none gives one, or
	// if the configured one is not known yet.
	Region func() (string, error)
	// Client is the client with these settings. A missing region is an error.
	Client func() (*cloud.Client, error)

	values values
}

// Format keeps the secrets out of every verb of fmt.
func (Settings) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("[provider configuration]")) }

// Resolve checks a configuration and looks up in the environment what it lacks. A missing region or missing credentials are no
// error yet.
func Resolve(args property.Map, env Env, userAgent string) (*Settings, error) {
	env = env.WithDefaults()
	inputs, failures := check(args, env)
	v := values{args: inputs, env: env, checker: &input.Checker{}}
	var problems []string
	for _, f := range failures {
		// Keys that this version does not know may come from the state of another version, which must not block a destroy.
		if knownPath(f.Property) {
			problems = append(problems, f.Reason)
		}
	}
	v.checkEnv(Keys)
	for _, f := range v.checker.Failures {
		problems = append(problems, f.Reason)
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("the provider configuration is not valid: %s. %s", strings.Join(problems, "; "), cloud.RecordedHint)
	}
	text := func(path ...string) string { return v.find(path...).text() }
	duration := func(unit time.Duration, key string) time.Duration { return time.Duration(v.find(key).number()) * unit }
	s := &Settings{
		Options: cloud.Options{
			UserAgent: userAgent, AccountID: text("accountId"), Site: cloud.Site(text("accountType")), Protocol: text("protocol"),
			KMSEndpoint: text(keyEndpoints, "kms"), BSSEndpoint: text(keyEndpoints, "bssopenapi"),
			STSEndpoint: text(keyEndpoints, "sts"), VPCEndpoint: text(keyEndpoints, "vpc"),
			ConnectTimeout: duration(time.Millisecond, "clientConnectTimeout"), ReadTimeout: duration(time.Millisecond, "clientReadTimeout"),
			MaxRetryTimeout: duration(time.Second, "maxRetryTimeout"), SourceIP: text("sourceIp"), SecureTransport: text("secureTransport"),
			Warn: func(ctx context.Context, text string) { p.GetLogger(ctx).Warning(text) }, Transport: env.Transport,
		},
		VerifyNetwork: !guard.Plain(v.find("verifyNetwork").value).Equals(property.New(false)), IgnoreInstances: v.find("ignoreInstances").texts(), values: v,
	}
	s.Region, s.Client = sync.OnceValues(s.findRegion), sync.OnceValues(s.newClient)
	return s, nil
}

// knownPath reports whether a failure is about a key of the table.
func knownPath(path string) bool {
	keys := Keys
	for _, name := range strings.Split(path, ".") {
		name, _, _ = strings.Cut(name, "[")
		key := find(keys, name)
		if key == nil {
			return false
		}
		keys = key.Fields
	}
	return true
}

func (s *Settings) findRegion() (string, error) {
	if f := s.values.find("region"); f.given() {
		return f.text(), nil
	}
	profile, file := s.values.find("profile"), s.values.find("sharedCredentialsFile")
	if !profile.given() && !file.given() || profile.unknown() || file.unknown() {
		return "", nil
	}
	region, origin, err := credentials.ProfileRegion(s.credentials(cloud.Options{}))
	if err != nil || region == "" {
		return "", err
	}
	if must := regionRule(region); must != "" {
		return "", fmt.Errorf("%s must be %s, but %s was given", origin, must, input.Quote(region))
	}
	return region, nil
}

// credentials says where the credentials of a client come from.
func (s *Settings) credentials(client cloud.Options) credentials.Options {
	v := s.values
	value := func(look func(...string) found) func(string) credentials.Value {
		return func(key string) credentials.Value {
			f := look(key)
			return credentials.Value{Text: f.text(), Origin: f.origin}
		}
	}
	o := credentials.Options{Configured: value(v.inConfig), Environment: value(v.inEnv), Client: client, Machine: v.env}
	if key := "assumeRole"; v.configured(key) {
		o.AssumeRole = v.role(key, "sessionName")
		o.AssumeRole.ExternalID = v.find(key, "externalId").text()
	}
	const key = "assumeRoleWithOidc"
	oidc := v.role(key, "roleSessionName")
	oidc.ProviderARN = v.find(key, "oidcProviderArn").text()
	// A file that the configuration names comes before a token that only the environment holds.
	if token, file := v.find(key, "oidcToken"), v.find(key, "oidcTokenFile"); token.given() && (token.origin == inConfiguration || file.origin != inConfiguration) {
		oidc.Token = token.text()
	} else {
		oidc.TokenFile = file.text()
	}
	if v.configured(key) {
		o.AssumeRoleWithOIDC = oidc
	} else {
		o.PodRole = *oidc
	}
	return o
}

func (v values) role(key, sessionName string) *credentials.Role {
	return &credentials.Role{Role: cloud.Role{
		ARN: v.find(key, "roleArn").text(), SessionName: v.find(key, sessionName).text(),
		Seconds: v.find(key, "sessionExpiration").number(), Policy: v.find(key, "policy").text(),
	}}
}

func (s *Settings) newClient() (*cloud.Client, error) {
	if unknown := s.values.unknown(); len(unknown) > 0 {
		return nil, fmt.Errorf("the provider cannot be used yet, because the value of %s is not known before `pulumi up`",
			strings.Join(unknown, ", "))
	}
	o := s.Options
	var err error
	if o.Region, err = s.Region(); err != nil {
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

var errNoRegion = errors.New("no region is set, and there is no default: set it with `pulumi config set " + Package +
	":region cn-hangzhou`, as `region` of an explicit provider, in the environment variable ALICLOUD_REGION or ALIBABA_CLOUD_REGION, " +
	"or as region_id of the profile that " + Package + ":profile names")
