package emulator

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"net/netip"
	"regexp"
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
	n.CidrBlock, n.CreateTime = cmp.Or(n.CidrBlock, "192.168.0.0/16"), cmp.Or(n.CreateTime, now.Truncate(time.Second))
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
		v.CreateTime = cmp.Or(v.CreateTime, n.CreateTime)
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
	c.keepNetwork(n)
	return n, nil
}

// keepNetwork keeps a network in place of one of the same id.
func (c *cloud) keepNetwork(n Network) {
	kept := n.copy()
	if kept.VSwitches == nil {
		kept.VSwitches = []VSwitch{}
	}
	c.removeNetwork(n.VpcID)
	c.Networks = append(c.Networks, &kept)
	slices.SortFunc(c.Networks, func(a, b *Network) int { return strings.Compare(a.VpcID, b.VpcID) })
}

func (c *cloud) removeNetwork(id string) {
	c.Networks = slices.DeleteFunc(c.Networks, func(n *Network) bool { return n.VpcID == id })
}

// network returns the VPC of an id; nil if it was neither declared nor created.
func (c *cloud) network(id string) *Network {
	if n := slices.IndexFunc(c.Networks, func(n *Network) bool { return n.VpcID == id }); n >= 0 {
		return c.Networks[n]
	}
	return nil
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
	for _, n := range c.Networks {
		if v := n.find(vSwitch); v != nil {
			return n, v
		}
	}
	return nil, nil
}

// inUse says whether an instance is connected to a vSwitch, or bound to it.
func (c *cloud) inUse(vSwitch string, now time.Time) bool {
	return len(c.instances(now, func(i *Instance) bool {
		bound := slices.ContainsFunc(i.BindVpcs, func(b BindVpc) bool { return b.VSwitchID == vSwitch })
		return !i.Gone && (bound || slices.Contains(i.VSwitchIDs, vSwitch))
	})) > 0
}

// checkConnection checks the network parameters of ConnectKmsInstance.
func (s *Server) checkConnection(r *request) {
	if r.get("KMProvider") != "Aliyun" {
		invalidParameter("KMProvider must be Aliyun.")
	}
	zones, vSwitches := r.split("ZoneIds"), r.split("VSwitchIds")
	if len(zones) < 1 || len(zones) > 3 || hasDuplicates(zones) {
		invalidParameter("ZoneIds must be one to three different zones.")
	}
	for _, zone := range zones {
		if !zoneInRegion(zone, r.region) {
			invalidParameter("ZoneIds: %s is not a zone of %s.", zone, r.region)
		}
	}
	if len(vSwitches) == 0 || hasDuplicates(vSwitches) {
		invalidParameter("VSwitchIds must be the id of a vSwitch.")
	}
	for _, id := range vSwitches {
		v := s.checkVSwitch(r.get("VpcId"), id, r.region)
		switch {
		case v == nil: // nobody declared its VPC
		case !slices.Contains(zones, v.ZoneID):
			invalidParameter("The vSwitch %s is in %s, which is not one of ZoneIds.", id, v.ZoneID)
		case networkStatus(v.AvailableAt, r.now) != "Available" || v.freeIPs() == 0:
			invalidParameter("The vSwitch %s is not Available or has no free address.", id)
		}
	}
}

// checkVSwitch refuses a VPC that is not in a region, and a vSwitch that is not in that VPC. It returns what is known of
// the vSwitch: nothing if nobody declared the VPC.
func (s *Server) checkVSwitch(vpc, id, region string) *VSwitch {
	n := s.account.network(vpc)
	switch {
	case !strings.HasPrefix(vpc, "vpc-"):
		invalidParameter("%q is not the id of a VPC.", vpc)
	case missingID(vpc) || n != nil && n.Region != region:
		vpcNotFound(vpc)
	case !strings.HasPrefix(id, "vsw-"):
		invalidParameter("%q is not the id of a vSwitch.", id)
	case missingID(id) || n != nil && n.find(id) == nil:
		vSwitchNotFound(id)
	case n == nil:
		return nil
	}
	return n.find(id)
}

// missingID says whether an id is one that does not exist, whoever declared what.
func missingID(id string) bool {
	return strings.HasPrefix(id, "vpc-missing") || strings.HasPrefix(id, "vsw-missing")
}

func hasDuplicates(list []string) bool {
	return len(slices.Compact(slices.Sorted(slices.Values(list)))) != len(list)
}

var (
	regionPattern = regexp.MustCompile(`^[a-z]{2}-[a-z]+(-[a-z0-9]+)*$`)
	digitsPattern = regexp.MustCompile(`^[0-9]{1,19}$`)
)

// zoneInRegion says whether a zone id belongs to a region: "<region>-<letter>" in China, "<region><letter>" elsewhere.
func zoneInRegion(zone, region string) bool {
	letter, ok := strings.CutPrefix(zone, zonePrefix(region))
	return ok && len(letter) == 1 && letter[0] >= 'a' && letter[0] <= 'z'
}

// zonePrefix is what stands before the letter of a zone.
func zonePrefix(region string) string {
	if strings.HasPrefix(region, "cn-") {
		return region + "-"
	}
	return region
}
