package credentials

import (
	"cmp"
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
	STSEndpoint string `json:"sts_endpoint"`
	STSRegion   string `json:"sts_region"`
	EnableVPC   bool   `json:"enable_vpc"`
}

// sts returns a client for STS that calls with the credentials: at the configured endpoint; else where the profile or the
// environment says; else in the region of the provider.
func (o Options) sts(credentials cloud.CredentialsProvider, place stsPlace) (*cloud.Client, error) {
	c := o.Client
	c.Credentials, c.AccountID = credentials, ""
	c.ReadTimeout = min(cmp.Or(c.ReadTimeout, stsTryTimeout), stsTryTimeout)
	c.MaxRetryTimeout = min(cmp.Or(c.MaxRetryTimeout, stsPatience), stsPatience)
	if c.STSEndpoint == "" {
		name := "sts."
		if place.EnableVPC || o.Machine.isTrue("ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED") {
			name = "sts-vpc."
		}
		region := cmp.Or(place.STSRegion, o.Machine.Getenv("ALIBABA_CLOUD_STS_REGION"), c.Region)
		c.STSEndpoint = cmp.Or(place.STSEndpoint, name+region+".aliyuncs.com")
		if !strings.Contains(c.STSEndpoint, "://") {
			c.STSEndpoint = "https://" + c.STSEndpoint
		}
	}
	return cloud.New(c)
}

// withRole is the source of the credentials of a role that other credentials may assume.
func (o Options) withRole(base source, role cloud.Role, place stsPlace) (source, error) {
	sts, err := o.sts(newCache(base), place)
	if err != nil {
		return nil, err
	}
	role = withDefaults(role)
	return func(ctx context.Context) (cloud.Session, error) {
		s, err := sts.AssumeRole(ctx, role)
		if err != nil && !cloud.HasCode(err, cloud.CodeInvalidCredentials) { // which says what it is about
			err = fmt.Errorf("cannot assume the role %s: %w", role.ARN, err)
		}
		return s, err
	}, nil
}

// withOIDC is the source of the credentials of a role that an OIDC token may assume.
func (o Options) withOIDC(role OIDC, place stsPlace) (source, error) {
	sts, err := o.sts(nil, place)
	if err != nil {
		return nil, err
	}
	role.Role = withDefaults(role.Role)
	return func(ctx context.Context) (cloud.Session, error) {
		token, err := o.Machine.oidcToken(role)
		if err != nil {
			return cloud.Session{}, err
		}
		s, err := sts.AssumeRoleWithOIDC(ctx, role.Role, role.ProviderARN, token)
		if err != nil {
			err = fmt.Errorf("cannot assume the role %s with the OIDC token: %w. See that the token is current, and that the role's trust policy "+
				"names the identity provider %s", role.ARN, err, role.ProviderARN)
		}
		return s, err
	}, nil
}

// oidcToken reads the file anew each time: whoever issues tokens rotates it.
func (m Machine) oidcToken(role OIDC) (string, error) {
	if role.Token != "" {
		return role.Token, nil
	}
	path := m.expand(role.TokenFile)
	content, err := m.ReadFile(path)
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
	role.SessionName = cmp.Or(role.SessionName, DefaultSessionName)
	role.Seconds = cmp.Or(max(role.Seconds, 0), DefaultSeconds)
	return role
}
