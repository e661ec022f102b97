package cloud

import (
	"context"
	"errors"
	"strconv"
	"time"

	openapiutil "github.com/alibabacloud-go/darabonba-openapi/v2/utils"
	"github.com/alibabacloud-go/tea/dara"
)

const (
	actionAssumeRole         = "AssumeRole"
	actionAssumeRoleWithOIDC = "AssumeRoleWithOIDC"
)

// GetCallerIdentity says whose credentials the client uses. It needs no permission.
func (c *Client) GetCallerIdentity(ctx context.Context) (Identity, error) {
	var identity Identity
	err := c.do(ctx, call{
		service: sts,
		action:  "GetCallerIdentity",
		kind:    read,
		query:   noQuery,
		decode: func(a answer) error {
			var body struct {
				AccountId, Arn, IdentityType, PrincipalId, UserId, RoleId text
			}
			if err := a.into(&body); err != nil {
				return err
			}
			if body.AccountId == "" {
				return missing("AccountId")
			}
			identity = Identity{
				AccountID:    string(body.AccountId),
				ARN:          string(body.Arn),
				IdentityType: string(body.IdentityType),
				PrincipalID:  string(body.PrincipalId),
				UserID:       string(body.UserId),
				RoleID:       string(body.RoleId),
			}
			return nil
		},
	})
	if err == nil {
		c.learnAccount(identity.AccountID)
	}
	return identity, err
}

// Role is a RAM role to assume.
type Role struct {
	ARN         string
	SessionName string
	Seconds     int    // how long the session lasts
	Policy      string // JSON text, or "": narrows down what the session may do
	ExternalID  string // or ""
}

// Session is a set of credentials with its end.
type Session struct {
	Credentials

	Expires time.Time // zero: never
}

// AssumeRole returns credentials of a role that the caller may assume.
func (c *Client) AssumeRole(ctx context.Context, role Role) (Session, error) {
	return c.assume(ctx, call{action: actionAssumeRole, form: role.form()}, "ram_role_arn")
}

// AssumeRoleWithOIDC returns credentials of a role that the token of an identity provider may assume. It is not signed.
func (c *Client) AssumeRoleWithOIDC(ctx context.Context, role Role, providerARN, token string) (Session, error) {
	form := role.form()
	form["OIDCProviderArn"], form["OIDCToken"] = providerARN, token
	s, err := c.assume(ctx, call{action: actionAssumeRoleWithOIDC, form: form, anonymous: true}, "oidc_role_arn")
	var e *Error
	if errors.As(err, &e) {
		e.Message = withoutSecret(e.Message, token)
	}
	return s, err
}

func (r Role) form() map[string]any {
	form := map[string]any{"RoleArn": r.ARN, "RoleSessionName": r.SessionName, "DurationSeconds": strconv.Itoa(r.Seconds)}
	if r.Policy != "" {
		form["Policy"] = r.Policy
	}
	if r.ExternalID != "" {
		form["ExternalId"] = r.ExternalID
	}
	return form
}

func (c *Client) assume(ctx context.Context, cl call, provider string) (Session, error) {
	var s Session
	cl.service, cl.kind, cl.query = sts, read, noQuery
	cl.decode = func(a answer) error {
		var body struct {
			Credentials struct{ AccessKeyId, AccessKeySecret, SecurityToken, Expiration text }
		}
		if err := a.into(&body); err != nil {
			return err
		}
		got := body.Credentials
		expires, err := time.Parse(time.RFC3339, string(got.Expiration))
		switch {
		case got.AccessKeyId == "" || got.AccessKeySecret == "" || got.SecurityToken == "":
			return missing("Credentials")
		case err != nil:
			return missing("Expiration")
		}
		s = Session{
			Credentials: Credentials{
				AccessKeyID: string(got.AccessKeyId), AccessKeySecret: string(got.AccessKeySecret), SecurityToken: string(got.SecurityToken),
				Provider: provider,
			},
			Expires: expires,
		}
		return nil
	}
	err := c.do(ctx, cl)
	return s, err
}

func noQuery(Site) map[string]*string { return map[string]*string{} }

// authType says whether the SDK signs the call.
func (cl call) authType() *string {
	if cl.anonymous {
		return dara.String("Anonymous")
	}
	return dara.String("AK")
}

// request is the call for the SDK. The form travels in the body, so that no log of URLs holds a token.
func (cl call) request(query map[string]*string) *openapiutil.OpenApiRequest {
	request := &openapiutil.OpenApiRequest{Query: query}
	if cl.form != nil {
		request.Body = cl.form
	}
	return request
}
