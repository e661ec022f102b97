package emulator

import (
	"cmp"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

var vpcOperations = map[string]operation{
	"CreateVpc":                 {required: []string{"RegionId"}, run: createVpc},
	"DescribeVpcs":              {required: []string{"RegionId"}, run: describeVpcs},
	"DescribeVpcAttribute":      {required: []string{"VpcId"}, run: describeVpcAttribute},
	"DeleteVpc":                 {required: []string{"VpcId"}, run: deleteVpc},
	"CreateVSwitch":             {required: []string{"VpcId", "ZoneId", "CidrBlock"}, run: createVSwitch},
	"DescribeVSwitches":         {run: describeVSwitches},
	"DescribeVSwitchAttributes": {required: []string{"VSwitchId"}, run: describeVSwitchAttributes},
	"DeleteVSwitch":             {required: []string{"VSwitchId"}, run: deleteVSwitch},
	"TagResources":              {required: []string{"RegionId", "ResourceType", "ResourceId.N", "Tag.N"}, run: tagNetworks},
}

const maxNetworkPage = 50

func vpcNotFound(id string) *apiError {
	return fail(http.StatusNotFound, "InvalidVpcId.NotFound", "The specified VPC %s is not found.", id)
}

func vSwitchNotFound(id string) *apiError {
	return fail(http.StatusNotFound, "InvalidVSwitchId.NotFound", "The specified vSwitch %s is not found.", id)
}

func invalidBlock(kind, block string) *apiError {
	return fail(http.StatusBadRequest, "InvalidCidrBlock."+kind, "The specified CidrBlock %s is not valid.", block)
}

// vpcRegion is the region that a call is about; without a RegionId it is the endpoint's.
func (s *Server) vpcRegion(r *request) (string, *apiError) {
	region := cmp.Or(r.get("RegionId"), r.region)
	if !slices.Contains(s.opts.Regions, region) {
		return "", fail(http.StatusNotFound, "InvalidRegionId.NotFound", "The specified RegionId %s is not found.", region)
	}
	return region, nil
}

// ownNetwork returns a VPC of the caller in the region of the call; nil if there is none.
func (s *Server) ownNetwork(r *request, id string) *Network {
	region, refused := s.vpcRegion(r)
	if n := s.account.networks[id]; n != nil && refused == nil && n.AccountID == r.caller.accountID && n.Region == region {
		return n
	}
	return nil
}

// ownVSwitch returns a vSwitch of the caller and its VPC; nil if there is none.
func (s *Server) ownVSwitch(r *request, id string) (*Network, *VSwitch) {
	n, v := s.account.networkOf(id)
	if v == nil || s.ownNetwork(r, n.VpcID) == nil {
		return nil, nil
	}
	return n, v
}

func createVpc(s *Server, r *request) (map[string]any, *apiError) {
	region, refused := s.vpcRegion(r)
	if refused != nil {
		return nil, refused
	}
	block := cmp.Or(r.get("CidrBlock"), "172.16.0.0/12")
	if prefix, err := netip.ParsePrefix(block); !validBlock(block) || err != nil || prefix.Bits() < 8 || prefix.Bits() > 28 {
		return nil, invalidBlock("Malformed", block)
	}
	n := &Network{
		VpcID: "vpc-emu" + randomHex(8), Name: r.get("VpcName"), Description: r.get("Description"), Region: region,
		AccountID: r.caller.accountID, CidrBlock: block, VSwitches: []VSwitch{},
		CreateTime: r.now.Truncate(time.Second), AvailableAt: r.now.Add(s.opts.NetworkAvailable),
	}
	if n.Tags, refused = tagsOfCreation(r); refused != nil {
		return nil, refused
	}
	s.account.networks[n.VpcID] = n
	r.effect.kind = EffectCreated
	return map[string]any{"VpcId": n.VpcID, "VRouterId": n.routerID(), "RouteTableId": "vtb-" + n.VpcID[4:], "ResourceGroupId": ""}, nil
}

func (n *Network) routerID() string { return "vrt-" + strings.TrimPrefix(n.VpcID, "vpc-") }

func tagsOfCreation(r *request) (tags map[string]string, refused *apiError) {
	keys, values, refused := newTags(r)
	if len(keys) > 0 {
		setTags(&tags, keys, values)
	}
	return tags, refused
}

// view is a VPC as DescribeVpcs and DescribeVpcAttribute show it.
func (n *Network) view(now time.Time) map[string]any {
	ids := []string{}
	for _, v := range n.VSwitches {
		if !v.Hidden {
			ids = append(ids, v.ID)
		}
	}
	return map[string]any{
		"VpcId": n.VpcID, "VpcName": n.Name, "Description": n.Description, "RegionId": n.Region, "CidrBlock": n.CidrBlock,
		"Status": networkStatus(n.AvailableAt, now), "CreationTime": stamp(n.CreateTime), "OwnerId": ownerNumber(n.AccountID),
		"VRouterId": n.routerID(), "IsDefault": false, "ResourceGroupId": "",
		"VSwitchIds": map[string]any{"VSwitchId": ids}, "Tags": tagsView(n.Tags),
	}
}

// view is a vSwitch as DescribeVSwitches and DescribeVSwitchAttributes show it.
func (v *VSwitch) view(n *Network, now time.Time) map[string]any {
	return map[string]any{
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

func tagsView(tags map[string]string) map[string]any {
	rows := []map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		rows = append(rows, map[string]any{"Key": key, "Value": tags[key]})
	}
	return map[string]any{"Tag": rows}
}

// describeVpcs lists the caller's VPCs of a region.
func describeVpcs(s *Server, r *request) (map[string]any, *apiError) {
	region, refused := s.vpcRegion(r)
	if refused != nil {
		return nil, refused
	}
	keys, values, refused := requestTags(r)
	if refused != nil {
		return nil, refused
	}
	rows, ids := []map[string]any{}, r.split("VpcId")
	for _, n := range s.account.sortedNetworks() {
		if n.Region == region && n.AccountID == r.caller.accountID && hasTags(n.Tags, keys, values) &&
			(len(ids) == 0 || slices.Contains(ids, n.VpcID)) && r.wants("VpcName", n.Name) {
			rows = append(rows, n.view(r.now))
		}
	}
	return networkPage(r, rows, "Vpcs", "Vpc")
}

// describeVSwitches lists the caller's vSwitches of a region or of a VPC.
func describeVSwitches(s *Server, r *request) (map[string]any, *apiError) {
	if r.get("RegionId") == "" && r.get("VpcId") == "" {
		return nil, fail(http.StatusBadRequest, "MissingParameter", "RegionId or VpcId is mandatory for this action.")
	}
	region, refused := s.vpcRegion(r)
	if refused != nil {
		return nil, refused
	}
	keys, values, refused := requestTags(r)
	if refused != nil {
		return nil, refused
	}
	rows := []map[string]any{}
	for _, n := range s.account.sortedNetworks() {
		if n.Region != region || n.AccountID != r.caller.accountID || !r.wants("VpcId", n.VpcID) {
			continue
		}
		for at := range n.VSwitches {
			v := &n.VSwitches[at]
			if !v.Hidden && r.wants("VSwitchId", v.ID) && r.wants("ZoneId", v.ZoneID) && r.wants("VSwitchName", v.Name) && hasTags(v.Tags, keys, values) {
				rows = append(rows, v.view(n, r.now))
			}
		}
	}
	return networkPage(r, rows, "VSwitches", "VSwitch")
}

// networkPage answers with one page of a list.
func networkPage(r *request, rows []map[string]any, outer, inner string) (map[string]any, *apiError) {
	page, size, refused := r.page("PageNumber", 10, maxNetworkPage)
	if refused != nil {
		return nil, refused
	}
	return map[string]any{
		outer: map[string]any{inner: emptyNotNull(pageOf(rows, page, size))}, "TotalCount": len(rows), "PageNumber": page, "PageSize": size,
	}, nil
}

// describeVpcAttribute shows one VPC. An unknown id is answered with an empty one.
func describeVpcAttribute(s *Server, r *request) (map[string]any, *apiError) {
	if n := s.ownNetwork(r, r.get("VpcId")); n != nil {
		return n.view(r.now), nil
	}
	return map[string]any{"VpcId": ""}, nil
}

// describeVSwitchAttributes shows one vSwitch, a hidden one too. An unknown id is answered with an empty one.
func describeVSwitchAttributes(s *Server, r *request) (map[string]any, *apiError) {
	if n, v := s.ownVSwitch(r, r.get("VSwitchId")); v != nil {
		return v.view(n, r.now), nil
	}
	return map[string]any{"VSwitchId": ""}, nil
}

func deleteVpc(s *Server, r *request) (map[string]any, *apiError) {
	n := s.ownNetwork(r, r.get("VpcId"))
	switch {
	case n == nil:
		return nil, vpcNotFound(r.get("VpcId"))
	case len(n.VSwitches) > 0:
		return nil, fail(http.StatusBadRequest, "DependencyViolation.VSwitch", "The specified VPC has a vSwitch.")
	}
	delete(s.account.networks, n.VpcID)
	r.effect.kind = EffectDeleted
	return nil, nil
}

func createVSwitch(s *Server, r *request) (map[string]any, *apiError) {
	n := s.ownNetwork(r, r.get("VpcId"))
	switch {
	case n == nil:
		return nil, vpcNotFound(r.get("VpcId"))
	case networkStatus(n.AvailableAt, r.now) != "Available":
		return nil, fail(http.StatusBadRequest, "IncorrectVpcStatus", "The VPC %s is Pending.", n.VpcID)
	case !zoneInRegion(r.get("ZoneId"), n.Region):
		return nil, fail(http.StatusNotFound, "InvalidZoneId.NotFound", "The specified zone %s is not found.", r.get("ZoneId"))
	}
	block := r.get("CidrBlock")
	if refused := n.checkBlock(block); refused != nil {
		return nil, refused
	}
	tags, refused := tagsOfCreation(r)
	if refused != nil {
		return nil, refused
	}
	v := VSwitch{
		ID: "vsw-emu" + randomHex(8), Name: r.get("VSwitchName"), Description: r.get("Description"), ZoneID: r.get("ZoneId"), CidrBlock: block,
		Tags: tags, CreateTime: r.now.Truncate(time.Second), AvailableAt: r.now.Add(s.opts.NetworkAvailable),
	}
	n.VSwitches = append(n.VSwitches, v)
	r.effect.kind = EffectCreated
	return map[string]any{"VSwitchId": v.ID}, nil
}

// checkBlock refuses the addresses of a new vSwitch that are not free ones of the VPC.
func (n *Network) checkBlock(text string) *apiError {
	block, err := netip.ParsePrefix(text)
	whole, _ := netip.ParsePrefix(n.CidrBlock) // was checked when the VPC was made
	if !validBlock(text) || err != nil || block.Bits() < 16 || block.Bits() > 29 || block.Bits() < whole.Bits() || !whole.Contains(block.Addr()) {
		return invalidBlock("Malformed", text)
	}
	for _, v := range n.VSwitches {
		if other, err := netip.ParsePrefix(v.CidrBlock); err == nil && other.Overlaps(block) {
			return invalidBlock("Overlapped", text)
		}
	}
	return nil
}

func deleteVSwitch(s *Server, r *request) (map[string]any, *apiError) {
	n, v := s.ownVSwitch(r, r.get("VSwitchId"))
	switch {
	case v == nil:
		return nil, vSwitchNotFound(r.get("VSwitchId"))
	case s.account.usersOf(v.ID, r.now) > 0:
		return nil, fail(http.StatusBadRequest, "DependencyViolation", "A KMS instance is connected to the vSwitch %s.", v.ID)
	}
	id := v.ID
	n.VSwitches = slices.DeleteFunc(n.VSwitches, func(v VSwitch) bool { return v.ID == id })
	r.effect.kind = EffectDeleted
	return nil, nil
}

// tagNetworks sets tags on VPCs or vSwitches.
func tagNetworks(s *Server, r *request) (map[string]any, *apiError) {
	keys, values, refused := newTags(r)
	if refused != nil {
		return nil, refused
	}
	var tags []*map[string]string
	for _, id := range r.values("ResourceId") {
		switch r.get("ResourceType") {
		case "VPC":
			n := s.ownNetwork(r, id)
			if n == nil {
				return nil, vpcNotFound(id)
			}
			tags = append(tags, &n.Tags)
		case "VSWITCH":
			_, v := s.ownVSwitch(r, id)
			if v == nil {
				return nil, vSwitchNotFound(id)
			}
			tags = append(tags, &v.Tags)
		default:
			return nil, invalidParameter("ResourceType must be VPC or VSWITCH.")
		}
	}
	for _, t := range tags {
		setTags(t, keys, values)
	}
	r.effect.kind = EffectTagged
	return nil, nil
}
