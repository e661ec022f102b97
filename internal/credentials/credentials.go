package credentials

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

// Options say where credentials come from.
type Options struct {
	// Configured is what the configuration names, Environment what the environment names in its place.
	Configured, Environment Named
	// AssumeRole is the role to assume with the credentials, AssumeRoleWithOIDC the one to assume instead of having any; nil: none.
	AssumeRole         *cloud.Role
	AssumeRoleWithOIDC *OIDC
	// Client is how the cloud is called, for STS too. It needs no credentials.
	Client  cloud.Options
	Machine Machine
}

// Named is what one place names.
type Named struct {
	AccessKey, SecretKey, SecurityToken, EcsRoleName, Profile, SharedCredentialsFile, URI Value
}

// Value is a text and where it stands, for messages.
type Value struct{ Text, Origin string }

// OIDC is a role that the token of an identity provider may assume. Either the token or its file is given.
type OIDC struct {
	cloud.Role

	ProviderARN string
	Token       string
	TokenFile   string
}

// What roles have if nothing else is said. The shortest and the longest session are STS's.
const (
	DefaultSessionName = "pulumi"
	DefaultSeconds     = 3600
	MinSeconds         = 900
	MaxSeconds         = 43200
)

// New returns the credentials that the package comment describes.
func New(o Options) (*Cache, error) {
	b := &builder{Options: o}
	b.Machine = o.Machine.WithDefaults()
	base, err := b.base()
	if err != nil {
		return nil, err
	}
	if o.AssumeRoleWithOIDC != nil {
		base = later(func() (source, error) { return b.withOIDC(*o.AssumeRoleWithOIDC, stsPlace{}) })
	}
	if o.AssumeRole != nil {
		inner := newCache(base)
		base = later(func() (source, error) { return b.withRole(inner, *o.AssumeRole, stsPlace{}) })
	}
	return newCache(base), nil
}

// builder makes the sources of credentials.
type builder struct{ Options }

func (b *builder) base() (source, error) {
	c, e := b.Configured, b.Environment
	// A part of the pair is enough to mean the pair; the environment may hold the rest.
	if c.AccessKey.Text != "" || c.SecretKey.Text != "" || c.SecurityToken.Text != "" {
		return b.keyPair()
	}
	// Two providers of one program that name different profiles must not both end in the account whose keys the
	// environment happens to hold.
	if s := b.named(c); s != nil {
		return s, nil
	}
	if s, err := b.keyPair(); s != nil || err != nil {
		return s, err
	}
	if s := b.named(e); s != nil {
		return s, nil
	}
	return &chain{builder: b}, nil
}

// named returns the first way that a place names, key pairs aside, or nil.
func (b *builder) named(n Named) source {
	switch {
	case n.EcsRoleName.Text != "":
		return b.ecsRole(n.EcsRoleName.Text)
	case n.Profile.Text != "", n.SharedCredentialsFile.Text != "":
		return later(func() (source, error) {
			p, err := b.chosenProfile()
			if err != nil {
				return nil, err
			}
			return b.profileSource(p)
		})
	case n.URI.Text != "":
		return b.uri(n.URI.Text)
	}
	return nil
}

// keyPair returns the credentials that the configuration and the environment give as such, or nil.
func (b *builder) keyPair() (source, error) {
	id, secret := either(b.Configured.AccessKey, b.Environment.AccessKey), either(b.Configured.SecretKey, b.Environment.SecretKey)
	const half = "%s gives %s but nothing gives %s: set both, in the provider's configuration or in the environment"
	switch {
	case id.Text == "" && secret.Text == "":
		return nil, nil //nolint:nilnil // no source and no error: there are other ways
	case secret.Text == "":
		return nil, fmt.Errorf(half, id.Origin, "accessKey", "secretKey")
	case id.Text == "":
		return nil, fmt.Errorf(half, secret.Origin, "secretKey", "accessKey")
	}
	token := b.Configured.SecurityToken.Text
	if token == "" && (b.Configured.AccessKey.Text == "" || b.Configured.SecretKey.Text == "") {
		// A token belongs to one key pair. With a pair from the configuration, the environment's token is some other pair's.
		token = b.Environment.SecurityToken.Text
	}
	return fixed(id.Text, secret.Text, token), nil
}

func either(a, b Value) Value {
	if a.Text != "" {
		return a
	}
	return b
}

// later returns a source that is built when it is first asked, because building it reads files.
func later(build func() (source, error)) source { return &lateSource{build: build} }

type lateSource struct {
	build  func() (source, error)
	source source
}

func (l *lateSource) obtain(ctx context.Context) (cloud.Session, error) {
	if l.source == nil {
		s, err := l.build()
		if err != nil {
			return cloud.Session{}, err
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

func (c *chain) obtain(ctx context.Context) (cloud.Session, error) {
	if c.chosen == nil {
		s, err := c.choose()
		if err != nil {
			return cloud.Session{}, err
		}
		c.chosen = s
	}
	s, err := c.chosen.obtain(ctx)
	if errors.Is(err, errNoMetadata) || errors.Is(err, errNoRole) {
		c.chosen = nil
		return cloud.Session{}, errNone(c.unfinished)
	}
	return s, err
}

func (c *chain) choose() (source, error) {
	b := c.builder
	if role := b.oidcFromEnv(); role != nil {
		return b.withOIDC(*role, stsPlace{})
	}
	cli, sdk := b.defaultFiles()
	files := []string{cli, sdk}
	if b.Machine.isTrue("ALIBABA_CLOUD_CLI_PROFILE_DISABLED") {
		files = files[1:]
	}
	c.unfinished = ""
	for _, path := range files {
		file, err := b.readProfiles(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		p, err := file.profile("")
		if err == nil && !p.isBlank() {
			return b.profileSource(p)
		}
		c.unfinished = path
	}
	if b.Machine.isTrue("ALIBABA_CLOUD_ECS_METADATA_DISABLED") {
		return nil, errNone(c.unfinished)
	}
	return b.ecsRole(""), nil
}

// oidcFromEnv returns the role of a Kubernetes service account or the like, or nil if the environment does not name one.
func (b *builder) oidcFromEnv() *OIDC {
	getenv := b.Machine.Getenv
	role := OIDC{
		Role:        cloud.Role{ARN: getenv("ALIBABA_CLOUD_ROLE_ARN"), SessionName: getenv("ALIBABA_CLOUD_ROLE_SESSION_NAME")},
		ProviderARN: getenv("ALIBABA_CLOUD_OIDC_PROVIDER_ARN"),
		Token:       getenv("ALIBABA_CLOUD_OIDC_TOKEN"), TokenFile: getenv("ALIBABA_CLOUD_OIDC_TOKEN_FILE"),
	}
	if role.ARN == "" || role.ProviderARN == "" || role.Token == "" && role.TokenFile == "" {
		return nil
	}
	return &role
}

// errNone is one sentence with all the ways. unfinished is a credentials file whose current profile holds no keys.
func errNone(unfinished string) error {
	hint := ""
	if unfinished != "" {
		hint = fmt.Sprintf(" (the current profile of %s holds no keys)", unfinished)
	}
	return fmt.Errorf("none were found%s: set alicloud-kms:accessKey and alicloud-kms:secretKey, or ALIBABA_CLOUD_ACCESS_KEY_ID and "+
		"ALIBABA_CLOUD_ACCESS_KEY_SECRET in the environment, or alicloud-kms:profile to a profile of the aliyun CLI, or "+
		"alicloud-kms:ecsRoleName, alicloud-kms:credentialsUri or alicloud-kms:assumeRoleWithOidc", hint)
}
