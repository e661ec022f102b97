package emulator

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

var vpcOperations = map[string]operation{
	"CreateVpc":                 {required: []string{"RegionId"}, effect: "created", run: createVpc},
	"DescribeVpcs":              {required: []string{"RegionId"}, run: describeVpcs},
	"DescribeVpcAttribute":      {required: []string{"VpcId"}, run: describeVpcAttribute},
	"DeleteVpc":                 {required: []string{"VpcId"}, effect: "deleted", run: deleteVpc},
	"CreateVSwitch":             {required: []string{"VpcId", "ZoneId", "CidrBlock"}, effect: "created", run: createVSwitch},
	"DescribeVSwitches":         {run: describeVSwitches},
	"DescribeVSwitchAttributes": {required: []string{"VSwitchId"}, run: describeVSwitchAttributes},
	"DeleteVSwitch":             {required: []string{"VSwitchId"}, effect: "deleted", run: deleteVSwitch},
	"TagResources":              {required: []string{"RegionId", "ResourceType", "ResourceId.N", "Tag.N"}, effect: "tagged", run: tagNetworks},
}

const maxNetworkPage = 50

func vpcNotFound(id string) {
	notFound("InvalidVpcId.NotFound", "The specified VPC %s is not found.", id)
}

func vSwitchNotFound(id string) {
	notFound("InvalidVSwitchId.NotFound", "The specified vSwitch %s is not found.", id)
}

func invalidBlock(kind, block string) {
	badRequest("InvalidCidrBlock."+kind, "The specified CidrBlock %s is not valid.", block)
}

// vpcRegion is the region that a call is about; without a RegionId it is the endpoint's.
func (s *Server) vpcRegion(r *request) string {
	region := cmp.Or(r.get("RegionId"), r.region)
	if !slices.Contains(s.opts.Regions, region) {
		notFound("InvalidRegionId.NotFound", "The specified RegionId %s is not found.", region)
	}
	return region
}

// owns says whether a VPC is one of the caller, in the region of the call.
func (r *request) owns(n *Network) bool {
	return n != nil && n.AccountID == r.caller.accountID && n.Region == cmp.Or(r.get("RegionId"), r.region)
}

// ownNetwork returns a VPC of the caller in the region of the call; nil if there is none.
func (s *Server) ownNetwork(r *request, id string) *Network {
	if n := s.account.network(id); r.owns(n) {
		return n
	}
	return nil
}

// ownVSwitch returns a vSwitch of the caller and its VPC; nil if there is none.
func (s *Server) ownVSwitch(r *request, id string) (*Network, *VSwitch) {
	if n, v := s.account.networkOf(id); r.owns(n) {
		return n, v
	}
	return nil, nil
}

func createVpc(s *Server, r *request) result {
	region := s.vpcRegion(r)
	block := cmp.Or(r.get("CidrBlock"), "172.16.0.0/12")
	if prefix, err := netip.ParsePrefix(block); !validBlock(block) || err != nil || prefix.Bits() < 8 || prefix.Bits() > 28 {
		invalidBlock("Malformed", block)
	}
	n := Network{
		VpcID: "vpc-emu" + randomHex(8), Name: r.get("VpcName"), Description: r.get("Description"), Region: region,
		AccountID: r.caller.accountID, CidrBlock: block, Tags: newTags(r),
		CreateTime: r.now.Truncate(time.Second), AvailableAt: r.now.Add(s.opts.NetworkAvailable),
	}
	s.account.keepNetwork(n)
	return result{"VpcId": n.VpcID, "VRouterId": n.routerID(), "RouteTableId": "vtb-" + n.VpcID[4:], "ResourceGroupId": ""}
}

func (n *Network) routerID() string { return "vrt-" + strings.TrimPrefix(n.VpcID, "vpc-") }

// view is a VPC as DescribeVpcs and DescribeVpcAttribute show it.
func (n *Network) view(now time.Time) result {
	ids := []string{}
	for _, v := range n.VSwitches {
		if !v.Hidden {
			ids = append(ids, v.ID)
		}
	}
	return result{
		"VpcId": n.VpcID, "VpcName": n.Name, "Description": n.Description, "RegionId": n.Region, "CidrBlock": n.CidrBlock,
		"Status": networkStatus(n.AvailableAt, now), "CreationTime": stamp(n.CreateTime), "OwnerId": ownerNumber(n.AccountID),
		"VRouterId": n.routerID(), "IsDefault": false, "ResourceGroupId": "", "VSwitchIds": result{"VSwitchId": ids}, "Tags": tagsView(n.Tags),
	}
}

// view is a vSwitch as DescribeVSwitches and DescribeVSwitchAttributes show it.
func (v *VSwitch) view(n *Network, now time.Time) result {
	return result{
		"VSwitchId": v.ID, "VSwitchName": v.Name, "Description": v.Description, "VpcId": n.VpcID, "ZoneId": v.ZoneID,
		"CidrBlock": v.CidrBlock, "AvailableIpAddressCount": v.freeIPs(), "Status": networkStatus(v.AvailableAt, now),
		"CreationTime": stamp(v.CreateTime), "OwnerId": ownerNumber(n.AccountID), "ShareType": v.ShareType,
		"IsDefault": false, "ResourceGroupId": "", "Tags": tagsView(v.Tags),
	}
}

// ownerNumber is an account's id as a number, which is how VPC shows it.
func ownerNumber(account string) uint64 {
	n, _ := strconv.ParseUint(account, 10, 64) // options and credentials are checked for it
	return n
}

func tagsView(tags map[string]string) result {
	rows := []result{}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		rows = append(rows, result{"Key": key, "Value": tags[key]})
	}
	return result{"Tag": rows}
}

// describeVpcs lists the caller's VPCs of a region.
func describeVpcs(s *Server, r *request) result {
	s.vpcRegion(r)
	rows, ids, tags := []result{}, r.split("VpcId"), requestTags(r)
	for _, n := range s.account.Networks {
		if r.owns(n) && (len(ids) == 0 || slices.Contains(ids, n.VpcID)) && r.wants("VpcName", n.Name) && hasTags(n.Tags, tags) {
			rows = append(rows, n.view(r.now))
		}
	}
	return networkPage(r, rows, "Vpcs", "Vpc")
}

// describeVSwitches lists the caller's vSwitches of a region or of a VPC.
func describeVSwitches(s *Server, r *request) result {
	if r.get("RegionId") == "" && r.get("VpcId") == "" {
		badRequest("MissingParameter", "RegionId or VpcId is mandatory for this action.")
	}
	s.vpcRegion(r)
	rows, tags := []result{}, requestTags(r)
	for _, n := range s.account.Networks {
		if !r.owns(n) || !r.wants("VpcId", n.VpcID) {
			continue
		}
		for at := range n.VSwitches {
			v := &n.VSwitches[at]
			if !v.Hidden && r.wants("VSwitchId", v.ID) && r.wants("ZoneId", v.ZoneID) && r.wants("VSwitchName", v.Name) && hasTags(v.Tags, tags) {
				rows = append(rows, v.view(n, r.now))
			}
		}
	}
	return networkPage(r, rows, "VSwitches", "VSwitch")
}

// networkPage answers with one page of a list.
func networkPage(r *request, rows []result, outer, inner string) result {
	page, size := r.number("PageNumber", 1, 1<<30), r.number("PageSize", 10, maxNetworkPage)
	return result{
		outer: result{inner: emptyNotNull(pageOf(rows, page, size))}, "TotalCount": len(rows), "PageNumber": page, "PageSize": size,
	}
}

// describeVpcAttribute shows one VPC. An unknown id is answered with an empty one.
func describeVpcAttribute(s *Server, r *request) result {
	if n := s.ownNetwork(r, r.get("VpcId")); n != nil {
		return n.view(r.now)
	}
	return result{"VpcId": ""}
}

// describeVSwitchAttributes shows one vSwitch, a hidden one too. An unknown id is answered with an empty one.
func describeVSwitchAttributes(s *Server, r *request) result {
	if n, v := s.ownVSwitch(r, r.get("VSwitchId")); v != nil {
		return v.view(n, r.now)
	}
	return result{"VSwitchId": ""}
}

func deleteVpc(s *Server, r *request) result {
	n := s.ownNetwork(r, r.get("VpcId"))
	switch {
	case n == nil:
		vpcNotFound(r.get("VpcId"))
	case len(n.VSwitches) > 0:
		badRequest("DependencyViolation.VSwitch", "The specified VPC has a vSwitch.")
	}
	s.account.removeNetwork(n.VpcID)
	return nil
}

func createVSwitch(s *Server, r *request) result {
	n := s.ownNetwork(r, r.get("VpcId"))
	switch {
	case n == nil:
		vpcNotFound(r.get("VpcId"))
	case networkStatus(n.AvailableAt, r.now) != "Available":
		badRequest("IncorrectVpcStatus", "The VPC %s is Pending.", n.VpcID)
	case !zoneInRegion(r.get("ZoneId"), n.Region):
		notFound("InvalidZoneId.NotFound", "The specified zone %s is not found.", r.get("ZoneId"))
	}
	n.checkBlock(r.get("CidrBlock"))
	v := VSwitch{
		ID: "vsw-emu" + randomHex(8), Name: r.get("VSwitchName"), Description: r.get("Description"), ZoneID: r.get("ZoneId"),
		CidrBlock: r.get("CidrBlock"), Tags: newTags(r),
		CreateTime: r.now.Truncate(time.Second), AvailableAt: r.now.Add(s.opts.NetworkAvailable),
	}
	n.VSwitches = append(n.VSwitches, v)
	return result{"VSwitchId": v.ID}
}

// checkBlock refuses the addresses of a new vSwitch that are not free ones of the VPC.
func (n *Network) checkBlock(text string) {
	block, err := netip.ParsePrefix(text)
	whole, _ := netip.ParsePrefix(n.CidrBlock) // was checked when the VPC was made
	if !validBlock(text) || err != nil || block.Bits() < 16 || block.Bits() > 29 || block.Bits() < whole.Bits() || !whole.Contains(block.Addr()) {
		invalidBlock("Malformed", text)
	}
	for _, v := range n.VSwitches {
		if other, err := netip.ParsePrefix(v.CidrBlock); err == nil && other.Overlaps(block) {
			invalidBlock("Overlapped", text)
		}
	}
}

func deleteVSwitch(s *Server, r *request) result {
	n, v := s.ownVSwitch(r, r.get("VSwitchId"))
	if v == nil {
		vSwitchNotFound(r.get("VSwitchId"))
	}
	id := v.ID
	if s.account.inUse(id, r.now) {
		badRequest("DependencyViolation", "A KMS instance is connected to the vSwitch %s.", id)
	}
	n.VSwitches = slices.DeleteFunc(n.VSwitches, func(v VSwitch) bool { return v.ID == id })
	return nil
}

// tagNetworks sets tags on VPCs or vSwitches.
func tagNetworks(s *Server, r *request) result {
	more := newTags(r)
	var tagged []*map[string]string
	for _, id := range r.values("ResourceId") {
		switch r.get("ResourceType") {
		case "VPC":
			n := s.ownNetwork(r, id)
			if n == nil {
				vpcNotFound(id)
			}
			tagged = append(tagged, &n.Tags)
		case "VSWITCH":
			_, v := s.ownVSwitch(r, id)
			if v == nil {
				vSwitchNotFound(id)
			}
			tagged = append(tagged, &v.Tags)
		default:
			invalidParameter("ResourceType must be VPC or VSWITCH.")
		}
	}
	for _, tags := range tagged {
		*tags = withTags(*tags, more)
	}
	return nil
}
