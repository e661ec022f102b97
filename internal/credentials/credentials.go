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
	// Configured is what the configuration names, Environment what the environment names in its place, by the names of the keys:
	// accessKey, secretKey, securityToken, ecsRoleName, profile, sharedCredentialsFile and credentialsUri.
	Configured, Environment func(key string) Value
	// AssumeRole is the role to assume with the credentials, AssumeRoleWithOIDC the one to assume instead of having any; nil: none.
	AssumeRole, AssumeRoleWithOIDC *Role
	// PodRole is the role of the default chain, which the environment describes as in a pod of Kubernetes. It may lack fields.
	PodRole Role
	// Client is how the cloud is called, for STS too. It needs no credentials.
	Client cloud.Options
	// Machine has its defaults (see [Machine.WithDefaults]).
	Machine Machine
}

// Value is a text, "" if there is none, and where it stands, for messages.
type Value struct{ Text, Origin string }

// Role is a role to assume, with other credentials or with a token of an OIDC identity provider: itself or its file. A profile may say
// where STS is, too.
type Role struct {
	ARN             string `json:"ram_role_arn"`
	SessionName     string `json:"ram_session_name"`
	Seconds         int    `json:"expired_seconds"`
	Policy          string `json:"policy"`
	ExternalID      string `json:"external_id"`
	OIDCProviderARN string `json:"oidc_provider_arn"`
	OIDCToken       string `json:"oidc_token"`
	OIDCTokenFile   string `json:"oidc_token_file"`
	STSEndpoint     string `json:"sts_endpoint"`
	STSRegion       string `json:"sts_region"`
	EnableVPC       bool   `json:"enable_vpc"`
}

// What roles have if nothing else is said.
const (
	DefaultSessionName = "pulumi"
	DefaultSeconds     = 3600
)

// New returns the credentials that the package comment describes.
func New(o Options) (*Cache, error) {
	s, err := o.base()
	if err == nil && o.AssumeRoleWithOIDC != nil {
		s, err = o.assume(nil, *o.AssumeRoleWithOIDC)
	}
	if err == nil && o.AssumeRole != nil {
		s, err = o.assume(s, *o.AssumeRole)
	}
	if err != nil {
		return nil, err
	}
	return newCache(s), nil
}

func (o Options) base() (source, error) {
	// A part of the pair is enough to mean the pair; the environment may hold the rest. Else what the configuration names comes
	// before the environment's keys: two providers of one program that name different profiles must not both end in the account
	// whose keys the environment happens to hold.
	c := o.Configured
	if s := o.named(c); s != nil && c("accessKey").Text+c("secretKey").Text+c("securityToken").Text == "" {
		return s, nil
	}
	if s, err := o.keyPair(); s != nil || err != nil {
		return s, err
	}
	if s := o.named(o.Environment); s != nil {
		return s, nil
	}
	return later(o.chain), nil
}

// named returns the first way that a place names, key pairs aside, or nil.
func (o Options) named(place func(key string) Value) source {
	if role := place("ecsRoleName").Text; role != "" {
		return o.ecsRole(role)
	}
	if place("profile").Text+place("sharedCredentialsFile").Text != "" {
		return later(func() (source, error) {
			p, err := o.chosenProfile()
			if err != nil {
				return nil, err
			}
			return o.profileSource(p)
		})
	}
	if uri := place("credentialsUri").Text; uri != "" {
		return o.uri(uri)
	}
	return nil
}

// keyPair returns the credentials that the configuration and the environment give as such, or nil.
func (o Options) keyPair() (source, error) {
	id, secret, token := o.either("accessKey"), o.either("secretKey"), o.either("securityToken")
	const half = "%s gives %s but nothing gives %s: set both, in the provider's configuration or in the environment"
	switch {
	case id.Text == "" && secret.Text == "":
		return nil, nil //nolint:nilnil // no source and no error: there are other ways
	case secret.Text == "":
		return nil, fmt.Errorf(half, id.Origin, "accessKey", "secretKey")
	case id.Text == "":
		return nil, fmt.Errorf(half, secret.Origin, "secretKey", "accessKey")
	case o.Configured("accessKey").Text != "" && o.Configured("secretKey").Text != "":
		// A token belongs to one key pair. With a pair from the configuration, the environment's token is some other pair's.
		token = o.Configured("securityToken")
	}
	return fixed(id.Text, secret.Text, token.Text), nil
}

// either is what the configuration, or else the environment, gives.
func (o Options) either(key string) Value {
	if v := o.Configured(key); v.Text != "" {
		return v
	}
	return o.Environment(key)
}

// chain is the default chain of the Alibaba Cloud SDKs, for configurations that name no credentials. A way that is set up
// but fails ends the chain: what comes after it would be another identity.
func (o Options) chain() (source, error) {
	if role := o.PodRole; role.ARN != "" && role.OIDCProviderARN != "" && role.OIDCToken+role.OIDCTokenFile != "" {
		return o.assume(nil, role)
	}
	files := o.Machine.profileFiles()
	if o.Machine.isTrue("ALIBABA_CLOUD_CLI_PROFILE_DISABLED") {
		files = files[1:]
	}
	hint := ""
	for _, path := range files {
		file, err := o.Machine.readProfiles(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		// The aliyun CLI starts with a profile that has no keys.
		if p, err := file.profile(""); err == nil && (p.AccessKeyID != "" || p.Mode != "AK" && p.word != "") {
			return o.profileSource(p)
		}
		hint = fmt.Sprintf(" (the current profile of %s holds no keys)", path)
	}
	if o.Machine.isTrue("ALIBABA_CLOUD_ECS_METADATA_DISABLED") {
		return nil, errNone(hint)
	}
	ecs := o.ecsRole("")
	return func(ctx context.Context) (cloud.Session, error) {
		s, err := ecs(ctx)
		if errors.Is(err, errNoMetadata) || errors.Is(err, errNoRole) {
			err = errNone(hint)
		}
		return s, err
	}, nil
}

// errNone is one sentence with all the ways.
func errNone(hint string) error {
	return fmt.Errorf("none were found%s: set alicloud-kms:accessKey and alicloud-kms:secretKey, or ALIBABA_CLOUD_ACCESS_KEY_ID and "+
		"ALIBABA_CLOUD_ACCESS_KEY_SECRET in the environment, or alicloud-kms:profile to a profile of the aliyun CLI, or "+
		"alicloud-kms:ecsRoleName, alicloud-kms:credentialsUri or alicloud-kms:assumeRoleWithOidc", hint)
}
