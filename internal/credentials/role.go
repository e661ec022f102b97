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

// sts returns a client for STS that calls with the credentials of the base: at the configured endpoint; else where the profile or the
// environment says; else in the region of the provider.
func (o Options) sts(base source, role Role) (*cloud.Client, error) {
	c := o.Client
	c.Credentials, c.AccountID = newCache(base), ""
	c.ReadTimeout = min(cmp.Or(c.ReadTimeout, stsTryTimeout), stsTryTimeout)
	c.MaxRetryTimeout = min(cmp.Or(c.MaxRetryTimeout, stsPatience), stsPatience)
	if c.STSEndpoint == "" {
		name := "sts."
		if role.EnableVPC || o.Machine.isTrue("ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED") {
			name = "sts-vpc."
		}
		region := cmp.Or(role.STSRegion, o.Machine.Getenv("ALIBABA_CLOUD_STS_REGION"), c.Region)
		c.STSEndpoint = cmp.Or(role.STSEndpoint, name+region+".aliyuncs.com")
		if !strings.Contains(c.STSEndpoint, "://") {
			c.STSEndpoint = "https://" + c.STSEndpoint
		}
	}
	return cloud.New(c)
}

// assume is the source of the credentials of a role that the base may assume, or the holder of an OIDC token if there is no base.
func (o Options) assume(base source, role Role) (source, error) {
	sts, err := o.sts(base, role)
	if err != nil {
		return nil, err
	}
	assumed := cloud.Role{
		ARN: role.ARN, SessionName: cmp.Or(role.SessionName, DefaultSessionName), Seconds: cmp.Or(max(role.Seconds, 0), DefaultSeconds),
		Policy: role.Policy, ExternalID: role.ExternalID,
	}
	return func(ctx context.Context) (cloud.Session, error) {
		if base == nil {
			return o.assumeWithOIDC(ctx, sts, role, assumed)
		}
		s, err := sts.AssumeRole(ctx, assumed)
		if err != nil && !cloud.HasCode(err, cloud.CodeInvalidCredentials) { // which says what it is about
			err = fmt.Errorf("cannot assume the role %s: %w", role.ARN, err)
		}
		return s, err
	}, nil
}

func (o Options) assumeWithOIDC(ctx context.Context, sts *cloud.Client, role Role, assumed cloud.Role) (cloud.Session, error) {
	token := role.OIDCToken
	if token == "" { // the file is read anew each time: whoever issues tokens rotates it
		path := o.Machine.expand(role.OIDCTokenFile)
		content, err := o.Machine.ReadFile(path)
		if err != nil {
			return cloud.Session{}, fmt.Errorf("cannot read the file with the OIDC token: %w", err)
		}
		if token = strings.TrimSpace(string(content)); token == "" {
			return cloud.Session{}, errors.New("the file with the OIDC token, " + path + ", is empty")
		}
	}
	s, err := sts.AssumeRoleWithOIDC(ctx, assumed, role.OIDCProviderARN, token)
	if err != nil {
		err = fmt.Errorf("cannot assume the role %s with the OIDC token: %w. See that the token is current, and that the role's trust policy "+
			"names the identity provider %s", role.ARN, err, role.OIDCProviderARN)
	}
	return s, err
}
