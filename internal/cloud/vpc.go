package cloud

import (
	"context"
	"strconv"
)

const actionVSwitches = "DescribeVSwitches"

// vSwitchAvailable is the status of a vSwitch that can be used.
const vSwitchAvailable = "Available"

// VSwitch is a vSwitch as VPC lists it.
type VSwitch struct {
	ID     string
	ZoneID string
	Status string // Pending or Available
	// FreeAddresses is nil if the answer does not tell how many there are.
	FreeAddresses *int
}

// IsAvailable reports whether the vSwitch can be used; one whose status the answer lacks can.
func (v VSwitch) IsAvailable() bool { return v.Status == "" || v.Status == vSwitchAvailable }

// IsFull reports whether the vSwitch has no free address.
func (v VSwitch) IsFull() bool { return v.FreeAddresses != nil && *v.FreeAddresses <= 0 }

// ListVSwitches returns the vSwitches of a VPC in the client's region. The list is empty for a VPC that does not exist or that these
// credentials do not see, and may lack vSwitches that another account shares.
func (c *Client) ListVSwitches(ctx context.Context, vpcID string) ([]VSwitch, error) {
	return pages(actionVSwitches, func(page int) (rows []VSwitch, total int, err error) {
		err = c.do(ctx, call{
			service: vpc,
			action:  actionVSwitches,
			kind:    read,
			query: func(Site) map[string]*string {
				return pointers(map[string]string{"RegionId": c.region, "VpcId": vpcID, "PageNumber": strconv.Itoa(page), "PageSize": "50"})
			},
			decode: func(a answer) (err error) {
				rows, total, err = decodeVSwitches(a)
				return err
			},
		})
		return rows, total, err
	}, func(v VSwitch) string { return v.ID })
}

func decodeVSwitches(a answer) (rows []VSwitch, total int, err error) {
	var body struct {
		VSwitches struct {
			VSwitch []struct {
				VSwitchID               text `json:"VSwitchId"`
				ZoneID                  text `json:"ZoneId"`
				Status                  text
				AvailableIPAddressCount integer `json:"AvailableIpAddressCount"`
			}
		}
		TotalCount integer
	}
	if err := a.into(&body); err != nil {
		return nil, 0, err
	}
	if body.TotalCount.value == nil {
		return nil, 0, missing("TotalCount")
	}
	for _, row := range body.VSwitches.VSwitch {
		if row.VSwitchID == "" {
			return nil, 0, missing("VSwitchId")
		}
		rows = append(rows, VSwitch{string(row.VSwitchID), string(row.ZoneID), string(row.Status), row.AvailableIPAddressCount.value})
	}
	return rows, *body.TotalCount.value, nil
}
