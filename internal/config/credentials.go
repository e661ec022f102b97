package config

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

// obtainTimeout bounds one asking for credentials, whatever it takes.
const obtainTimeout = time.Minute

// stsTryTimeout bounds one try of a call to STS, which answers in well under a second.
const stsTryTimeout = 10 * time.Second

// builder makes the sources of credentials of a configuration.
type builder struct {
	values    values
	env       Env
	region    func() (string, error)
	connect   time.Duration
	read      time.Duration
	userAgent string

	once     sync.Once
	outbound *http.Client
}

// client is the HTTP client for STS and credentials services.
func (b *builder) client() *http.Client {
	b.once.Do(func() { b.outbound = newHTTPClient(b.env.Transport, b.connect, true) })
	return b.outbound
}

// credentials returns the credentials of the configuration as the package comment orders the ways. It contacts nothing and
// reads no file: the source does, when it is asked.
func (b *builder) credentials() (*cache, error) {
	base, err := b.base()
	if err != nil {
		return nil, err
	}
	if b.values.configured("assumeRoleWithOidc") {
		base = b.later(b.withOIDC)
	}
	if b.values.configured("assumeRole") {
		inner := newCache(base, obtainTimeout)
		base = b.later(func() (source, error) { return b.withRole(inner) })
	}
	return newCache(base, obtainTimeout), nil
}

func (b *builder) base() (source, error) {
	// A part of the pair is enough to mean the pair; the environment may hold the rest.
	for _, key := range []string{"accessKey", "secretKey", "securityToken"} {
		if b.values.configured(key) {
			return b.keyPair()
		}
	}
	ways := []struct {
		keys   []string
		source func(found) source
	}{
		{[]string{"ecsRoleName"}, func(f found) source { return b.ecsRole(f.text()) }},
		{[]string{"profile", "sharedCredentialsFile"}, func(found) source { return b.later(b.ofChosenProfile) }},
		{[]string{"credentialsUri"}, func(f found) source { return b.uri(f.text()) }},
	}
	named := func(look func(...string) found) source {
		for _, way := range ways {
			for _, key := range way.keys {
				if f := look(key); f.given {
					return way.source(f)
				}
			}
		}
		return nil
	}
	// Two providers of one program that name different profiles must not both end in the account whose keys the
	// environment happens to hold.
	if s := named(b.values.inConfig); s != nil {
		return s, nil
	}
	if s, err := b.keyPair(); s != nil || err != nil {
		return s, err
	}
	if s := named(b.values.inEnv); s != nil {
		return s, nil
	}
	return &chain{builder: b}, nil
}

// keyPair returns the credentials that the configuration and the environment give as such, or nil.
func (b *builder) keyPair() (source, error) {
	id, secret := b.values.find("accessKey"), b.values.find("secretKey")
	switch {
	case !id.given && !secret.given:
		return nil, nil //nolint:nilnil // no source and no error: there are other ways
	case !secret.given:
		return nil, fmt.Errorf("%s gives accessKey but nothing gives secretKey: set it %s", id.origin, b.values.ways("secretKey"))
	case !id.given:
		return nil, fmt.Errorf("%s gives secretKey but nothing gives accessKey: set it %s", secret.origin, b.values.ways("accessKey"))
	}
	s := session{accessKeyID: id.text(), accessKeySecret: secret.text(), way: "static_ak"}
	token := b.values.inConfig("securityToken")
	if !token.given && (id.fromEnv || secret.fromEnv) {
		// A token belongs to one key pair. With a pair from the configuration, the environment's token is some other pair's.
		token = b.values.inEnv("securityToken")
	}
	if token.given {
		s.securityToken, s.way = token.text(), "static_sts"
	}
	return keys{s}, nil
}

func (b *builder) ofChosenProfile() (source, error) {
	file, p, err := b.chosenProfile()
	if err != nil {
		return nil, err
	}
	return b.profileSource(file, p)
}

func (b *builder) withRole(base *cache) (source, error) {
	sts, err := b.sts(stsPlace{})
	if err != nil {
		return nil, err
	}
	field := func(name string) found { return b.values.find("assumeRole", name) }
	return &roleSession{sts: sts, base: base, role: role{
		arn:         field("roleArn").text(),
		sessionName: textOr(field("sessionName"), defaultSessionName),
		seconds:     numberOr(field("sessionExpiration"), defaultSessionExpiration),
		policy:      field("policy").text(),
		externalID:  field("externalId").text(),
	}}, nil
}

func (b *builder) withOIDC() (source, error) {
	const key = "assumeRoleWithOidc"
	sts, err := b.sts(stsPlace{})
	if err != nil {
		return nil, err
	}
	field := func(name string) found { return b.values.find(key, name) }
	s := &oidcSession{
		sts:         sts,
		providerArn: field("oidcProviderArn").text(),
		readFile:    b.env.ReadFile,
		role: role{
			arn:         field("roleArn").text(),
			sessionName: textOr(field("roleSessionName"), defaultSessionName),
			seconds:     numberOr(field("sessionExpiration"), defaultSessionExpiration),
			policy:      field("policy").text(),
		},
	}
	// A file that the configuration names comes before a token that only the environment holds.
	if token, file := field("oidcToken"), field("oidcTokenFile"); token.given && (!token.fromEnv || !file.given || file.fromEnv) {
		s.token = token.text()
	} else {
		s.tokenFile = b.expand(file.text())
	}
	return s, nil
}

func textOr(f found, otherwise string) string {
	if text := f.text(); text != "" {
		return text
	}
	return otherwise
}

func numberOr(f found, otherwise int) int {
	if !f.given {
		return otherwise
	}
	return f.number()
}

func (b *builder) ecsRole(name string) source {
	return &ecsRole{
		name:         name,
		address:      b.env.MetadataURL,
		http:         newHTTPClient(b.env.Transport, metadataTimeout, false),
		hardenedOnly: b.isTrue("ALIBABA_CLOUD_IMDSV1_DISABLED"),
	}
}

func (b *builder) uri(address string) source {
	return &uriSession{url: address, http: b.client()}
}

func (b *builder) isTrue(variable string) bool {
	return strings.EqualFold(strings.TrimSpace(b.env.Getenv(variable)), "true")
}

// stsPlace is what a profile says about where STS is.
type stsPlace struct {
	endpoint string
	region   string
	vpc      bool
}

// sts returns a caller of STS: at the configured endpoint; else where the profile or the environment says; else in the
// region of the provider; else at the global endpoint.
func (b *builder) sts(place stsPlace) (*stsCaller, error) {
	c := &stsCaller{
		http: b.client(), tryFor: min(b.read, stsTryTimeout), userAgent: b.userAgent, extra: map[string]string{},
	}
	for parameter, key := range map[string]string{"SourceIp": "sourceIp", "SecureTransport": "secureTransport"} {
		if f := b.values.find(key); f.given {
			c.extra[parameter] = f.text()
		}
	}
	text := b.values.find("endpoints", "sts").text()
	scheme := strings.ToLower(textOr(b.values.find("protocol"), "HTTPS"))
	if text == "" {
		text, scheme = place.endpoint, "https"
	}
	if text == "" {
		host, err := b.stsHost(place)
		if err != nil {
			return nil, err
		}
		text = host
	}
	e, err := cloud.ParseEndpoint(text, scheme)
	if err != nil {
		return nil, fmt.Errorf("the endpoint of STS must be %w", err)
	}
	c.endpoint = e
	return c, nil
}

func (b *builder) stsHost(place stsPlace) (string, error) {
	name, region := "sts", place.region
	if place.vpc || b.isTrue("ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED") {
		name = "sts-vpc"
	}
	if region == "" {
		region = b.env.Getenv("ALIBABA_CLOUD_STS_REGION")
	}
	if region == "" {
		var err error
		if region, err = b.region(); err != nil {
			return "", err
		}
	}
	if region == "" {
		return "sts.aliyuncs.com", nil
	}
	if must := regionRule(region); must != "" {
		return "", fmt.Errorf("the region of STS must be %s, but %q was given", must, region)
	}
	return name + "." + region + ".aliyuncs.com", nil
}

// later returns a source that is built when it is first asked, because building it reads files.
func (b *builder) later(build func() (source, error)) source { return &lateSource{build: build} }

type lateSource struct {
	build  func() (source, error)
	source source
}

func (l *lateSource) obtain(ctx context.Context) (session, error) {
	if l.source == nil {
		s, err := l.build()
		if err != nil {
			return session{}, err
		}
		l.source = s
	}
	return l.source.obtain(ctx)
}

// chain is the default chain of the Alibaba Cloud SDKs, for configurations that name no credentials. A way that is set up
// but fails ends the chain: what comes after it would be another identity.
type chain struct {
	builder    *builder
	chosen     source
	unfinished string // a credentials file whose current profile holds no keys
}

func (c *chain) obtain(ctx context.Context) (session, error) {
	if c.chosen == nil {
		s, err := c.choose()
		if err != nil {
			return session{}, err
		}
		c.chosen = s
	}
	s, err := c.chosen.obtain(ctx)
	if errors.Is(err, errNoMetadata) || errors.Is(err, errNoRole) {
		c.chosen = nil
		return session{}, errNoCredentials(c.unfinished)
	}
	return s, err
}

func (c *chain) choose() (source, error) {
	b := c.builder
	if s, err := b.oidcFromEnv(); s != nil || err != nil {
		return s, err
	}
	cli, sdk := b.defaultFiles()
	files := []string{cli, sdk}
	if b.isTrue("ALIBABA_CLOUD_CLI_PROFILE_DISABLED") {
		files = files[1:]
	}
	c.unfinished = ""
	for _, path := range files {
		s, err := b.currentProfile(path)
		switch {
		case isUnfinished(err):
			c.unfinished = path
		case s != nil || err != nil:
			return s, err
		}
	}
	if b.isTrue("ALIBABA_CLOUD_ECS_METADATA_DISABLED") {
		return nil, errNoCredentials(c.unfinished)
	}
	return b.ecsRole(""), nil
}

// oidcFromEnv returns the source of the role of a Kubernetes service account or the like, or nil if the environment does
// not name one.
func (b *builder) oidcFromEnv() (source, error) {
	arn, providerArn := b.env.Getenv("ALIBABA_CLOUD_ROLE_ARN"), b.env.Getenv("ALIBABA_CLOUD_OIDC_PROVIDER_ARN")
	token, file := b.env.Getenv("ALIBABA_CLOUD_OIDC_TOKEN"), b.env.Getenv("ALIBABA_CLOUD_OIDC_TOKEN_FILE")
	if arn == "" || providerArn == "" || token == "" && file == "" {
		return nil, nil //nolint:nilnil // no source and no error: there are other ways
	}
	return b.withOIDC()
}

// currentProfile returns the source of a file's current profile, or nil if there is no such file or profile.
func (b *builder) currentProfile(path string) (source, error) {
	file, err := b.readProfiles(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // no source and no error: there are other ways
	}
	if err != nil {
		return nil, err
	}
	p, err := file.profile("")
	if err != nil {
		return nil, &unfinishedError{err.Error()}
	}
	return b.profileSource(file, p)
}

// errNoCredentials is one sentence with all the ways. unfinished is a credentials file whose current profile holds no keys.
func errNoCredentials(unfinished string) error {
	hint := ""
	if unfinished != "" {
		hint = fmt.Sprintf(" (the current profile of %s holds no keys)", unfinished)
	}
	return fmt.Errorf("no Alibaba Cloud credentials were found%s: set %s:accessKey and %s:secretKey, or ALIBABA_CLOUD_ACCESS_KEY_ID and "+
		"ALIBABA_CLOUD_ACCESS_KEY_SECRET in the environment, or %s:profile to a profile of the aliyun CLI, or %s:ecsRoleName, "+
		"%s:credentialsUri or %s:assumeRoleWithOidc", hint, Package, Package, Package, Package, Package, Package)
}
