package cloud

import "context"

func (c *Client) GetInstance(ctx context.Context, id string) (*Instance, error) { return nil, nil }
func (c *Client) ListInstances(ctx context.Context, filters []Filter) ([]InstanceRef, error) {
	return nil, nil
}
func (c *Client) ConnectInstance(ctx context.Context, r ConnectRequest) error         { return nil }
func (c *Client) SetBindVpcs(ctx context.Context, id string, vpcs []BindVpc) error    { return nil }
func (c *Client) RenameInstance(ctx context.Context, id, name string) error           { return nil }
func (c *Client) SetDeletionProtection(ctx context.Context, id string, on bool) error { return nil }
func (c *Client) ReleaseInstance(ctx context.Context, id string, forceWithoutBackup bool) error {
	return nil
}
func (c *Client) ListTags(ctx context.Context, id string) (map[string]string, error) { return nil, nil }
func (c *Client) TagInstance(ctx context.Context, id string, tags map[string]string) error {
	return nil
}
func (c *Client) UntagInstance(ctx context.Context, id string, keys []string) error { return nil }
func (c *Client) GetCallerIdentity(ctx context.Context) (Identity, error)           { return Identity{}, nil }
func (c *Client) SetRenewal(ctx context.Context, id string, r Renewal) error        { return nil }
func (c *Client) RefundInstance(ctx context.Context, id, clientToken, productType string) (string, error) {
	return "", nil
}
func (c *Client) GetRenewal(ctx context.Context, id string) (*Renewal, error) { return nil, nil }
func (c *Client) order(ctx context.Context, action string, o *Order, must string) (OrderResult, error) {
	return OrderResult{}, nil
}

type Filter struct {
	Key    string
	Values []string
}
