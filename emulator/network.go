package emulator

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Network is a VPC with its vSwitches. A VPC that nobody declared and nobody created is in no list, and instances can be
// connected to it all the same.
type Network struct {
	VpcID       string            `json:"vpcId"`
	Name        string            `json:"vpcName,omitempty"`
	Description string            `json:"description,omitempty"`
	Region      string            `json:"region"`
	AccountID   string            `json:"accountId"`
	CidrBlock   string            `json:"cidrBlock"`
	Tags        map[string]string `json:"tags,omitempty"`
	VSwitches   []VSwitch         `json:"vswitches"`
	CreateTime  time.Time         `json:"createTime"`
	// AvailableAt is when a VPC that was created becomes Available; until then it is Pending.
	AvailableAt time.Time `json:"availableAt,omitzero"`
}

// VSwitch is a subnet of a VPC, in one zone.
type VSwitch struct {
	ID          string            `json:"vswitchId"`
	Name        string            `json:"vswitchName,omitempty"`
	Description string            `json:"description,omitempty"`
	ZoneID      string            `json:"zoneId"`
	CidrBlock   string            `json:"cidrBlock"`
	Tags        map[string]string `json:"tags,omitempty"`
	// FreeIPs is the number of addresses that are free; nil means all of its CIDR block.
	FreeIPs *int `json:"freeIps,omitempty"`
	// ShareType is "Shared" or "Sharing" for a vSwitch that accounts share.
	ShareType string `json:"shareType,omitempty"`
	// Hidden vSwitches are there, but no list shows them, as a shared one may be missing.
	Hidden      bool      `json:"hidden,omitempty"`
	CreateTime  time.Time `json:"createTime"`
	AvailableAt time.Time `json:"availableAt,omitzero"`
}

// exampleNetworks are the networks of the examples and of the documentation: each has one vSwitch of the same name.
func exampleNetworks() []Network {
	names := []string{"bp1main00000000000000", "bp1orders000000000000", "bp1payments0000000000", "bp1reports00000000000", "bp1example"}
	networks := make([]Network, len(names))
	for n, name := range names {
		networks[n] = Network{
			VpcID: "vpc-" + name, Region: DefaultRegion, VSwitches: []VSwitch{{ID: "vsw-" + name, ZoneID: DefaultRegion + "-k"}},
		}
	}
	return networks
}

func (n *Network) copy() Network {
	c := *n
	c.Tags = maps.Clone(n.Tags)
	c.VSwitches = slices.Clone(n.VSwitches)
	for at := range c.VSwitches {
		c.VSwitches[at].Tags = maps.Clone(c.VSwitches[at].Tags)
		if free := c.VSwitches[at].FreeIPs; free != nil {
			c.VSwitches[at].FreeIPs = new(*free)
		}
	}
	return c
}

func (n *Network) find(vSwitch string) *VSwitch {
	for at := range n.VSwitches {
		if n.VSwitches[at].ID == vSwitch {
			return &n.VSwitches[at]
		}
	}
	return nil
}

// The addresses of a vSwitch that the cloud keeps for itself.
const reservedIPs = 4

func (v *VSwitch) freeIPs() int {
	if v.FreeIPs != nil {
		return *v.FreeIPs
	}
	block, err := netip.ParsePrefix(v.CidrBlock)
	if err != nil {
		return 0
	}
	return int(math.Exp2(float64(32-block.Bits()))) - reservedIPs
}

// networkStatus is the status of a VPC or vSwitch.
func networkStatus(availableAt, now time.Time) string {
	if now.Before(availableAt) {
		return "Pending"
	}
	return "Available"
}

// declare checks a network that is to be there, fills what it leaves out, and keeps it in place of one of the same id.
func (c *cloud) declare(n Network, now time.Time) (Network, error) {
	n = n.copy()
	n.Region, n.AccountID = cmp.Or(n.Region, c.regionOf(n)), cmp.Or(n.AccountID, c.opts.AccountID)
	n.CidrBlock = cmp.Or(n.CidrBlock, "192.168.0.0/16")
	if n.CreateTime.IsZero() {
		n.CreateTime = now.Truncate(time.Second)
	}
	switch {
	case !strings.HasPrefix(n.VpcID, "vpc-"):
		return n, fmt.Errorf("%q is not the id of a VPC", n.VpcID)
	case !slices.Contains(c.opts.Regions, n.Region):
		return n, fmt.Errorf("region %s is not emulated; there are %s", n.Region, strings.Join(c.opts.Regions, ", "))
	case !validBlock(n.CidrBlock):
		return n, fmt.Errorf("%q is not a CIDR block of IPv4", n.CidrBlock)
	}
	for at := range n.VSwitches {
		v := &n.VSwitches[at]
		v.CidrBlock = cmp.Or(v.CidrBlock, fmt.Sprintf("192.168.%d.0/24", at%256))
		if v.CreateTime.IsZero() {
			v.CreateTime = n.CreateTime
		}
		of, twice := c.networkOf(v.ID)
		switch {
		case !strings.HasPrefix(v.ID, "vsw-"):
			return n, fmt.Errorf("%q is not the id of a vSwitch", v.ID)
		case !zoneInRegion(v.ZoneID, n.Region):
			return n, fmt.Errorf("vSwitch %s: %q is not a zone of %s", v.ID, v.ZoneID, n.Region)
		case !validBlock(v.CidrBlock):
			return n, fmt.Errorf("vSwitch %s: %q is not a CIDR block of IPv4", v.ID, v.CidrBlock)
		case n.find(v.ID) != v, twice != nil && of.VpcID != n.VpcID:
			return n, fmt.Errorf("vSwitch %s is given twice", v.ID)
		case v.freeIPs() < 0:
			return n, fmt.Errorf("vSwitch %s: the number of free addresses is negative", v.ID)
		}
	}
	kept := n.copy()
	if kept.VSwitches == nil {
		kept.VSwitches = []VSwitch{}
	}
	c.networks[n.VpcID] = &kept
	return n, nil
}

// regionOf is the region of a network that names none: that of its first zone, or the main one.
func (c *cloud) regionOf(n Network) string {
	for _, region := range c.opts.Regions {
		if len(n.VSwitches) > 0 && zoneInRegion(n.VSwitches[0].ZoneID, region) {
			return region
		}
	}
	return c.opts.Regions[0]
}

// declareAll puts the networks of the options there; before the first run those of the examples, too.
func (c *cloud) declareAll(now time.Time, first bool) error {
	all := c.opts.Networks
	if first && slices.Contains(c.opts.Regions, DefaultRegion) {
		all = append(exampleNetworks(), all...)
	}
	for _, n := range all {
		if _, err := c.declare(n, now); err != nil {
			return err
		}
	}
	return nil
}

func validBlock(text string) bool {
	block, err := netip.ParsePrefix(text)
	return err == nil && block.Addr().Is4() && block.Masked() == block
}

// networkOf returns a vSwitch and the network that it is in; nil if there is none.
func (c *cloud) networkOf(vSwitch string) (*Network, *VSwitch) {
	for _, n := range c.networks {
		if v := n.find(vSwitch); v != nil {
			return n, v
		}
	}
	return nil, nil
}

// sortedNetworks returns every network, in the order of the ids.
func (c *cloud) sortedNetworks() []*Network {
	return slices.SortedFunc(maps.Values(c.networks), func(a, b *Network) int { return strings.Compare(a.VpcID, b.VpcID) })
}

// usersOf counts the instances that are connected to a vSwitch, or bound to it.
func (c *cloud) usersOf(vSwitch string, now time.Time) int {
	users := 0
	for _, i := range c.instances {
		c.catchUp(i, now)
		bound := slices.ContainsFunc(i.BindVpcs, func(b BindVpc) bool { return b.VSwitchID == vSwitch })
		if !i.Gone && (bound || slices.Contains(i.VSwitchIDs, vSwitch)) {
			users++
		}
	}
	return users
}
