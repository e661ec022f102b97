package emulator

import (
	"fmt"
	"testing"
	"time"
)

// declared is a network with two vSwitches, of which one is hidden.
func declared() Network {
	return Network{VpcID: "vpc-a", Name: "a", Tags: map[string]string{"team": "x"}, VSwitches: []VSwitch{
		{ID: "vsw-a", Name: "one", ZoneID: "cn-hangzhou-k"},
		{ID: "vsw-full", ZoneID: "cn-hangzhou-j", FreeIPs: new(0), ShareType: "Sharing"},
		{ID: "vsw-hidden", ZoneID: "cn-hangzhou-j", Hidden: true},
	}}
}

// ids are the ids in an answer of DescribeVpcs or DescribeVSwitches.
func (r reply) ids(outer, inner, field string) []string {
	ids := []string{}
	for n := range r.len(outer, inner) {
		ids = append(ids, r.text(outer, inner, n, field))
	}
	return ids
}

func TestDeclaredNetworks(t *testing.T) {
	_, c := start(t, Options{
		Networks: []Network{declared(), {VpcID: "vpc-far", VSwitches: []VSwitch{{ID: "vsw-far", ZoneID: "cn-beijing-c"}}}, {VpcID: "vpc-theirs", AccountID: "1"}},
		Regions:  []string{"cn-hangzhou", "cn-beijing"},
	})
	for name, r := range map[string]struct {
		params params
		want   []string
	}{
		"of a VPC":           {params{"VpcId": "vpc-a"}, []string{"vsw-a", "vsw-full"}},
		"of a region":        {params{"RegionId": "cn-beijing"}, []string{"vsw-far"}},
		"by id":              {params{"RegionId": "cn-hangzhou", "VSwitchId": "vsw-a"}, []string{"vsw-a"}},
		"by name":            {params{"RegionId": "cn-hangzhou", "VSwitchName": "one"}, []string{"vsw-a"}},
		"a hidden one":       {params{"RegionId": "cn-hangzhou", "VSwitchId": "vsw-hidden"}, []string{}},
		"of an unknown VPC":  {params{"VpcId": "vpc-none"}, []string{}},
		"of the examples":    {params{"VpcId": "vpc-bp1example"}, []string{"vsw-bp1example"}},
		"of a VPC elsewhere": {params{"VpcId": "vpc-far"}, []string{}},
		"the second page":    {params{"VpcId": "vpc-a", "PageSize": "1", "PageNumber": "2"}, []string{"vsw-full"}},
	} {
		equal(t, c.ok(serviceVPC, "DescribeVSwitches", r.params).ids("VSwitches", "VSwitch", "VSwitchId"), r.want, name)
	}
	r := c.ok(serviceVPC, "DescribeVSwitches", params{"VpcId": "vpc-a"})
	r.is("Sharing", "VSwitches", "VSwitch", 1, "ShareType")
	r.is(252, "VSwitches", "VSwitch", 0, "AvailableIpAddressCount")
	r.is(0, "VSwitches", "VSwitch", 1, "AvailableIpAddressCount")
	c.ok(serviceVPC, "DescribeVSwitchAttributes", params{"VSwitchId": "vsw-hidden"}).is("vsw-hidden", "VSwitchId")
	for name, r := range map[string]struct {
		params params
		want   []string
	}{
		"by id":        {params{"RegionId": "cn-hangzhou", "VpcId": "vpc-a,vpc-far"}, []string{"vpc-a"}},
		"by name":      {params{"RegionId": "cn-hangzhou", "VpcName": "a"}, []string{"vpc-a"}},
		"by tag":       {params{"RegionId": "cn-hangzhou", "Tag.1.Key": "team", "Tag.1.Value": "x"}, []string{"vpc-a"}},
		"by other tag": {params{"RegionId": "cn-hangzhou", "Tag.1.Key": "team", "Tag.1.Value": "y"}, []string{}},
		"of another":   {params{"RegionId": "cn-hangzhou", "VpcId": "vpc-theirs"}, []string{}},
	} {
		equal(t, c.ok(serviceVPC, "DescribeVpcs", r.params).ids("Vpcs", "Vpc", "VpcId"), r.want, name)
	}
	c.refused(serviceVPC, "DescribeVSwitches", params{"VpcId": "vpc-a", "PageSize": "51"}, 400, "InvalidParameter")
	c.refused(serviceVPC, "DescribeVSwitches", nil, 400, "MissingParameter")
	c.refused(serviceVPC, "DescribeVpcs", nil, 400, "MissingRegionId")
	c.refused(serviceVPC, "DescribeVpcs", params{"RegionId": "xx-nowhere"}, 404, "InvalidRegionId.NotFound")
}

func TestNetworksThatMakeNoSense(t *testing.T) {
	zone := "cn-hangzhou-k"
	for name, n := range map[string]Network{
		"no id":          {},
		"another region": {VpcID: "vpc-a", Region: "cn-beijing"},
		"no block":       {VpcID: "vpc-a", CidrBlock: "10.0.0.1/8"},
		"vSwitch id":     {VpcID: "vpc-a", VSwitches: []VSwitch{{ID: "a", ZoneID: zone}}},
		"no zone":        {VpcID: "vpc-a", VSwitches: []VSwitch{{ID: "vsw-a"}}},
		"vSwitch twice":  {VpcID: "vpc-a", VSwitches: []VSwitch{{ID: "vsw-a", ZoneID: zone}, {ID: "vsw-a", ZoneID: zone}}},
		"of another VPC": {VpcID: "vpc-a", VSwitches: []VSwitch{{ID: "vsw-bp1example", ZoneID: zone}}},
		"minus one free": {VpcID: "vpc-a", VSwitches: []VSwitch{{ID: "vsw-a", ZoneID: zone, FreeIPs: new(-1)}}},
	} {
		if s, err := New(Options{Networks: []Network{n}}); err == nil {
			t.Errorf("%s was accepted: %+v", name, s.Networks())
		}
	}
}

// A declared VPC has the vSwitches that were declared, and no other; of any other VPC every vSwitch exists.
func TestConnectToADeclaredNetwork(t *testing.T) {
	s, c := start(t, Options{Networks: []Network{declared()}, Regions: []string{"cn-hangzhou", "cn-beijing"}})
	id := c.buy(order(nil))
	connect := func(more params) params {
		return connection(id, with(params{"VpcId": "vpc-a", "VSwitchIds": "vsw-a"}, more))
	}
	c.refusesEach(serviceKMS, "ConnectKmsInstance", connect(nil), map[string]refusal{
		"a vSwitch of another VPC": {params{"VSwitchIds": "vsw-bp1example"}, 404, "InvalidVSwitchId.NotFound"},
		"an undeclared vSwitch":    {params{"VSwitchIds": "vsw-1"}, 404, "InvalidVSwitchId.NotFound"},
		"another zone":             {params{"ZoneIds": "cn-hangzhou-j,cn-hangzhou-h"}, 400, "InvalidParameter"},
		"no free address":          {params{"VSwitchIds": "vsw-full"}, 400, "InvalidParameter"},
	})
	abroad := c
	abroad.base = s.URL("cn-beijing")
	far := seed(t, s, Instance{Region: "cn-beijing", Status: StatusUninitialized})
	abroad.refused(serviceKMS, "ConnectKmsInstance", with(connect(nil), params{"KmsInstanceId": far.ID, "ZoneIds": "cn-beijing-c"}), 404, "InvalidVpcId.NotFound")

	c.ok(serviceKMS, "ConnectKmsInstance", connect(params{"VSwitchIds": "vsw-hidden"}))
	bind := func(vSwitch string) params {
		return params{"KmsInstanceId": id, "BindVpcs": fmt.Sprintf(`[{"VpcId":"vpc-bp1example","VSwitchId":%q}]`, vSwitch)}
	}
	c.refused(serviceKMS, "UpdateKmsInstanceBindVpc", bind("vsw-1"), 404, "InvalidVSwitchId.NotFound")
	c.ok(serviceKMS, "UpdateKmsInstanceBindVpc", bind("vsw-bp1example"))
	for _, vSwitch := range []string{"vsw-hidden", "vsw-bp1example"} {
		c.refused(serviceVPC, "DeleteVSwitch", params{"VSwitchId": vSwitch}, 400, "DependencyViolation")
	}
	c.ok(serviceBSS, "RefundInstance", refund(id))
	c.ok(serviceVPC, "DeleteVSwitch", params{"VSwitchId": "vsw-hidden"})
}

// The life of a network, as a program creates and deletes it.
func TestLifeOfANetwork(t *testing.T) {
	s, c := start(t, Options{VirtualClock: true, NetworkAvailable: time.Minute})
	vpc := c.ok(serviceVPC, "CreateVpc", params{"RegionId": "cn-hangzhou", "CidrBlock": "10.0.0.0/8", "Tag.1.Key": "made", "Tag.1.Value": "here"}).text("VpcId")
	c.ok(serviceVPC, "DescribeVpcAttribute", params{"VpcId": vpc}).is("Pending", "Status")
	create := params{"VpcId": vpc, "ZoneId": "cn-hangzhou-k", "CidrBlock": "10.1.0.0/24", "VSwitchName": "one"}
	c.refused(serviceVPC, "CreateVSwitch", create, 400, "IncorrectVpcStatus")
	s.Advance(time.Minute)
	c.refusesEach(serviceVPC, "CreateVSwitch", create, map[string]refusal{
		"another zone":    {params{"ZoneId": "cn-beijing-c"}, 404, "InvalidZoneId.NotFound"},
		"outside":         {params{"CidrBlock": "172.16.0.0/24"}, 400, "InvalidCidrBlock.Malformed"},
		"no block":        {params{"CidrBlock": "10.1.0.1/24"}, 400, "InvalidCidrBlock.Malformed"},
		"too large":       {params{"CidrBlock": "10.0.0.0/8"}, 400, "InvalidCidrBlock.Malformed"},
		"of no VPC":       {params{"VpcId": "vpc-none"}, 404, "InvalidVpcId.NotFound"},
		"of someone else": {params{"VpcId": "vpc-bp1example", "RegionId": "cn-beijing"}, 404, "InvalidVpcId.NotFound"},
	})
	c.refused(serviceVPC, "CreateVpc", params{"RegionId": "cn-hangzhou", "CidrBlock": "10.0.0.0/29"}, 400, "InvalidCidrBlock.Malformed")
	vsw := c.ok(serviceVPC, "CreateVSwitch", create).text("VSwitchId")
	c.refused(serviceVPC, "CreateVSwitch", with(create, params{"CidrBlock": "10.1.0.128/25"}), 400, "InvalidCidrBlock.Overlapped")
	id := c.buy(order(nil))
	connect := connection(id, params{"VpcId": vpc, "VSwitchIds": vsw})
	c.ok(serviceVPC, "DescribeVSwitches", params{"VpcId": vpc}).is("Pending", "VSwitches", "VSwitch", 0, "Status")
	c.refused(serviceKMS, "ConnectKmsInstance", connect, 400, "InvalidParameter")
	s.Advance(time.Minute)
	c.ok(serviceVPC, "DescribeVSwitches", params{"VpcId": vpc}).is("Available", "VSwitches", "VSwitch", 0, "Status")
	c.ok(serviceKMS, "ConnectKmsInstance", connect)
	c.ok(serviceBSS, "RefundInstance", refund(id))

	tag := func(kind, id string) params {
		return params{"RegionId": "cn-hangzhou", "ResourceType": kind, "ResourceId.1": id, "Tag.1.Key": "team", "Tag.1.Value": "y"}
	}
	c.ok(serviceVPC, "TagResources", tag("VPC", vpc))
	c.ok(serviceVPC, "TagResources", tag("VSWITCH", vsw))
	filter := params{"RegionId": "cn-hangzhou", "Tag.1.Key": "team", "Tag.1.Value": "y", "Tag.2.Key": "made"}
	equal(t, c.ok(serviceVPC, "DescribeVpcs", filter).ids("Vpcs", "Vpc", "VpcId"), []string{vpc})
	c.refused(serviceVPC, "TagResources", tag("VPC", "x"), 404, "InvalidVpcId.NotFound")
	c.refused(serviceVPC, "TagResources", tag("VSWITCH", "x"), 404, "InvalidVSwitchId.NotFound")
	c.refused(serviceVPC, "TagResources", tag("EIP", "x"), 400, "InvalidParameter")

	c.refused(serviceVPC, "DeleteVpc", params{"VpcId": vpc}, 400, "DependencyViolation.VSwitch")
	c.ok(serviceVPC, "DeleteVSwitch", params{"VSwitchId": vsw})
	c.refused(serviceVPC, "DeleteVSwitch", params{"VSwitchId": vsw}, 404, "InvalidVSwitchId.NotFound")
	c.ok(serviceVPC, "DeleteVpc", params{"VpcId": vpc})
	c.refused(serviceVPC, "DeleteVpc", params{"VpcId": vpc}, 404, "InvalidVpcId.NotFound")
	c.ok(serviceVPC, "DescribeVpcAttribute", params{"VpcId": vpc}).is("", "VpcId")
	c.ok(serviceVPC, "DescribeVSwitchAttributes", params{"VSwitchId": vsw}).is("", "VSwitchId")
}
