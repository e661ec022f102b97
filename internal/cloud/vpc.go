package cloud

import "context"

// VSwitch is a vSwitch as VPC lists it.
type VSwitch struct {
	ID     string `mapstructure:"VSwitchId" must:"VSwitchId"`
	ZoneID string
	Status string // Pending or Available
	// FreeAddresses is nil if the answer does not tell how many there are.
	FreeAddresses *int `mapstructure:"AvailableIpAddressCount"`
}

// IsAvailable reports whether the vSwitch can be used; one whose status the answer lacks can.
func (v VSwitch) IsAvailable() bool { return v.Status == "" || v.Status == "Available" }

// IsFull reports whether the vSwitch has no free address.
func (v VSwitch) IsFull() bool { return v.FreeAddresses != nil && *v.FreeAddresses <= 0 }

// ListVSwitches returns the vSwitches of a VPC in the client's region. The list is empty for a VPC that does not exist or that these
// credentials do not see, and may lack vSwitches that another account shares.
func (c *Client) ListVSwitches(ctx context.Context, vpcID string) ([]VSwitch, error) {
	return pages("DescribeVSwitches", func(page int) ([]VSwitch, int, error) {
		var body struct {
			VSwitches  struct{ VSwitch []VSwitch }
			TotalCount *int `must:"TotalCount"`
		}
		parameters := map[string]any{"RegionId": c.options.Region, "VpcId": vpcID, "PageNumber": page, "PageSize": 50}
		if err := c.do(ctx, call{action: "DescribeVSwitches", parameters: parameters, result: &body}); err != nil {
			return nil, 0, err
		}
		return body.VSwitches.VSwitch, *body.TotalCount, nil
	}, func(v VSwitch) string { return v.ID })
}
