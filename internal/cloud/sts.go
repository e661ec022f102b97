package cloud

import "context"

// GetCallerIdentity says whose credentials the client uses. It needs no permission.
func (c *Client) GetCallerIdentity(ctx context.Context) (Identity, error) {
	var identity Identity
	err := c.do(ctx, call{
		service: sts,
		action:  "GetCallerIdentity",
		kind:    read,
		query:   func(Site) map[string]*string { return map[string]*string{} },
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
