package credentials

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

// STS answers in well under a second. stsTryTimeout bounds one try of a call, stsPatience all tries: less than a request for
// credentials may take, so that its error says what was wrong last.
const (
	stsTryTimeout = 10 * time.Second
	stsPatience   = obtainTimeout - stsTryTimeout
)

// stsPlace is what a profile says about where STS is.
type stsPlace struct {
	endpoint string
	region   string
	vpc      bool
}

// sts returns a client for STS that calls with the credentials: at the configured endpoint; else where the profile or the
// environment says; else in the region of the provider.
func (b *builder) sts(credentials cloud.CredentialsProvider, place stsPlace) (*cloud.Client, error) {
	o := b.Client
	o.Credentials, o.AccountID = credentials, ""
	if o.ReadTimeout <= 0 || o.ReadTimeout > stsTryTimeout {
		o.ReadTimeout = stsTryTimeout
	}
	if o.MaxRetryTimeout <= 0 || o.MaxRetryTimeout > stsPatience {
		o.MaxRetryTimeout = stsPatience
	}
	region := o.Region
	switch {
	case o.STSEndpoint != "":
	case place.endpoint != "":
		o.STSEndpoint = place.endpoint
		if !strings.Contains(o.STSEndpoint, "://") {
			o.STSEndpoint = "https://" + o.STSEndpoint
		}
	default:
		name := "sts"
		if place.vpc || b.Machine.isTrue("ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED") {
			name = "sts-vpc"
		}
		if place.region != "" {
			region = place.region
		} else if elsewhere := b.Machine.Getenv("ALIBABA_CLOUD_STS_REGION"); elsewhere != "" {
			region = elsewhere
		}
		o.STSEndpoint = "https://" + name + "." + region + ".aliyuncs.com"
	}
	return cloud.New(o)
}

// roleSource is the source of the credentials of a role that other credentials may assume.
type roleSource struct {
	sts  *cloud.Client // which calls with those
	role cloud.Role
}

func (b *builder) withRole(base cloud.CredentialsProvider, role cloud.Role, place stsPlace) (source, error) {
	sts, err := b.sts(base, place)
	if err != nil {
		return nil, err
	}
	return &roleSource{sts, withDefaults(role)}, nil
}

func (r *roleSource) obtain(ctx context.Context) (cloud.Session, error) {
	s, err := r.sts.AssumeRole(ctx, r.role)
	if err != nil && !cloud.HasCode(err, cloud.CodeInvalidCredentials) { // which says what it is about
		err = fmt.Errorf("cannot assume the role %s: %w", r.role.ARN, err)
	}
	return s, err
}

// oidcSource is the source of the credentials of a role that an OIDC token may assume.
type oidcSource struct {
	sts     *cloud.Client
	role    OIDC
	machine Machine
}

func (b *builder) withOIDC(role OIDC, place stsPlace) (source, error) {
	sts, err := b.sts(nil, place)
	if err != nil {
		return nil, err
	}
	role.Role = withDefaults(role.Role)
	return &oidcSource{sts, role, b.Machine}, nil
}

func (o *oidcSource) obtain(ctx context.Context) (cloud.Session, error) {
	token, err := o.token()
	if err != nil {
		return cloud.Session{}, err
	}
	s, err := o.sts.AssumeRoleWithOIDC(ctx, o.role.Role, o.role.ProviderARN, token)
	if err != nil {
		err = fmt.Errorf("cannot assume the role %s with the OIDC token: %w. See that the token is current, and that the role's trust policy "+
			"names the identity provider %s", o.role.ARN, err, o.role.ProviderARN)
	}
	return s, err
}

// token reads the file anew each time: whoever issues tokens rotates it.
func (o *oidcSource) token() (string, error) {
	if o.role.Token != "" {
		return o.role.Token, nil
	}
	path := o.machine.expand(o.role.TokenFile)
	content, err := o.machine.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("cannot read the file with the OIDC token: %w", err)
	}
	token := strings.TrimSpace(string(content))
	if token == "" {
		return "", errors.New("the file with the OIDC token, " + path + ", is empty")
	}
	return token, nil
}

func withDefaults(role cloud.Role) cloud.Role {
	if role.SessionName == "" {
		role.SessionName = DefaultSessionName
	}
	if role.Seconds <= 0 {
		role.Seconds = DefaultSeconds
	}
	return role
}
