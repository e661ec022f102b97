package cloud

import (
	"context"
	"time"
)

// Identity is the caller as STS GetCallerIdentity knows it.
type Identity struct {
	AccountID    string `must:"AccountId"`
	ARN          string
	IdentityType string
	PrincipalID  string
}

// GetCallerIdentity says whose credentials the client uses. It needs no permission.
func (c *Client) GetCallerIdentity(ctx context.Context) (Identity, error) {
	var identity Identity
	if err := c.do(ctx, call{action: "GetCallerIdentity", result: &identity}); err != nil {
		return Identity{}, err
	}
	c.account.known.Store(identity.AccountID)
	return identity, nil
}

// Role is a RAM role to assume, with the names of the parameters.
type Role struct {
	ARN         string `json:"RoleArn"`
	SessionName string `json:"RoleSessionName"`
	Seconds     int    `json:"DurationSeconds"` // how long the session lasts
	Policy      string `json:",omitempty"`      // JSON text: narrows down what the session may do
	ExternalID  string `json:"ExternalId,omitempty"`
}

// Session is a set of credentials with its end.
type Session struct {
	Credentials `mapstructure:",squash"`

	Expires time.Time `mapstructure:"Expiration" must:"Expiration"` // zero: never, of one that no service issued
}

// AssumeRole returns credentials of a role that the caller may assume.
func (c *Client) AssumeRole(ctx context.Context, role Role) (Session, error) {
	return c.assume(ctx, call{action: "AssumeRole", form: role}, "ram_role_arn")
}

// AssumeRoleWithOIDC returns credentials of a role that the token of an identity provider may assume. It is not signed.
func (c *Client) AssumeRoleWithOIDC(ctx context.Context, role Role, providerARN, token string) (Session, error) {
	form := struct {
		Role
		OIDCProviderArn, OIDCToken string
	}{role, providerARN, token}
	s, err := c.assume(ctx, call{action: "AssumeRoleWithOIDC", form: form, authType: unsigned}, "oidc_role_arn")
	e := in(err)
	e.Message = withoutSecret(e.Message, token)
	return s, err
}

func (c *Client) assume(ctx context.Context, cl call, provider string) (Session, error) {
	var body struct{ Credentials Session }
	cl.result = &body
	err := c.do(ctx, cl)
	body.Credentials.Provider = provider
	return body.Credentials, err
}
