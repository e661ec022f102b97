package kmsinstance

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"golang.org/x/sync/errgroup"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/input"
)

// A wrong vSwitch shows only after the purchase, when the instance is to be connected. So Check compares new network inputs with VPC's
// list of vSwitches, as far as values are known. What the list cannot tell never fails a preview.

// networks are the lists of vSwitches that this process has asked for, each once.
type networks struct {
	byVpc sync.Map    // of *networkLook
	blind atomic.Bool // a look failed, and others would
}

type networkLook struct {
	once      sync.Once
	vswitches []cloud.VSwitch // nil if nothing is known
}

// checkNetwork refuses vSwitches that the instance could not be connected or reached through. It looks at VPCs side by side, at most
// for the time of a preview's look.
func (r *Resource) checkNetwork(ctx context.Context, c *input.Checker, olds, news property.Map) {
	region, err := r.connection.Region(ctx)
	if err != nil || !r.connection.VerifyNetwork(ctx) {
		return
	}
	vswitches := append(ownVSwitches(olds, news, region), boundVSwitches(olds.Get("bindVpcs"), news.Get("bindVpcs"))...)
	client, err := r.connection.Client(ctx)
	if err != nil {
		return // a missing region or key is told of elsewhere
	}
	g := newProgress(ctx, "")
	ctx, cancel := context.WithTimeout(ctx, previewLook)
	defer cancel()
	const most, atOnce = 50, 10 // no instance has more VPCs
	looks := map[string]*networkLook{}
	var group errgroup.Group
	group.SetLimit(atOnce)
	for _, v := range vswitches {
		if looks[v.vpcID] != nil || len(looks) == most {
			continue
		}
		made, _ := r.networks.byVpc.LoadOrStore(v.vpcID, &networkLook{})
		look, _ := made.(*networkLook)
		looks[v.vpcID] = look
		group.Go(func() error {
			look.once.Do(func() { look.vswitches = r.networks.list(ctx, client, g, v) })
			return nil
		})
	}
	_ = group.Wait() // no look fails
	for _, v := range vswitches {
		if look := looks[v.vpcID]; look != nil && len(look.vswitches) > 0 {
			v.check(c, look.vswitches)
		}
	}
}

// list asks for the vSwitches of a VPC.
func (n *networks) list(ctx context.Context, client *cloud.Client, g *progress, of givenVSwitch) (list []cloud.VSwitch) {
	if n.blind.Load() {
		return nil
	}
	var err error
	defer caught(&err)
	list, err = client.ListVSwitches(ctx, of.vpcID)
	switch {
	case err != nil:
		if n.blind.CompareAndSwap(false, true) && !cloud.HasCode(err, cloud.CodeInvalidCredentials) { // which is told of elsewhere
			g.info("The vSwitches could not be looked up, so they are not checked: %v. The permission is vpc:DescribeVSwitches. "+
				"verifyNetwork: false in the provider configuration switches this look off", cloud.Reason(err))
		}
	case len(list) == 0:
		name := of.vpcID
		if of.id.Secret() {
			name = "a VPC"
		}
		g.info("VPC lists no vSwitches of %s, so whether the vSwitches are right is not checked", name)
	}
	return list
}

// givenVSwitch is a vSwitch that the program names, and that the instance does not have yet.
type givenVSwitch struct {
	path  string
	id    property.Value // a secret if anything of its network is
	vpcID string
	// fault says what keeps a vSwitch of the VPC from being used, if anything: without and with its details.
	fault func(cloud.VSwitch) (hidden, why string)
}

// ownVSwitches are those that the instance is to be connected through, if it is new or gets another network.
func ownVSwitches(olds, news property.Map, region string) (given []givenVSwitch) {
	vpc, list, zones := news.Get("vpcId"), news.Get("vswitchIds"), news.Get("zoneIds")
	isChanged := func(name string) bool { return !sameValue(olds.Get(name), news.Get(name), region) }
	if vpcRule(stringOf(vpc)) != "" || !list.IsArray() || !slices.ContainsFunc(networkInputs, isChanged) {
		return nil
	}
	inZones, zonesKnown := stringsOf(zones), zones.IsArray() && !zones.HasComputed()
	fault := func(v cloud.VSwitch) (hidden, why string) {
		switch {
		case zonesKnown && v.ZoneID != "" && !slices.Contains(inZones, v.ZoneID):
			return "is in another zone than zoneIds", "is in zone " + v.ZoneID + ", which is not in zoneIds"
		case !v.IsAvailable():
			return "is not available", "is " + v.Status + ", not Available"
		case v.IsFull():
			return "has no free address", "has no free address"
		}
		return "", ""
	}
	secret := vpc.Secret() || list.Secret() || zones.HasSecrets()
	for i, id := range list.AsArray().All {
		if id.IsString() {
			given = append(given, givenVSwitch{fmt.Sprintf("vswitchIds[%d]", i), id.WithSecret(secret || id.Secret()), vpc.AsString(), fault})
		}
	}
	return given
}

// boundVSwitches are those of new bindings.
func boundVSwitches(olds, news property.Value) (given []givenVSwitch) {
	if !news.IsArray() {
		return nil
	}
	ids := func(binding property.Value) (vpcID string, vswitch property.Value) {
		if !binding.IsMap() {
			return "", property.Value{}
		}
		return stringOf(binding.AsMap().Get("vpcId")), binding.AsMap().Get("vswitchId")
	}
	had := map[[2]string]bool{}
	if olds.IsArray() {
		for _, item := range olds.AsArray().All {
			vpcID, vswitch := ids(item)
			had[[2]string{vpcID, stringOf(vswitch)}] = true
		}
	}
	fits, secret := func(cloud.VSwitch) (hidden, why string) { return "", "" }, news.HasSecrets()
	for i, item := range news.AsArray().All {
		vpcID, vswitch := ids(item)
		if vpcRule(vpcID) == "" && vswitch.IsString() && !had[[2]string{vpcID, vswitch.AsString()}] {
			path := fmt.Sprintf("bindVpcs[%d].vswitchId", i)
			given = append(given, givenVSwitch{path, vswitch.WithSecret(secret), vpcID, fits})
		}
	}
	return given
}

// check refuses a vSwitch that is not among those listed, or not fit, and names those that would do, unless that would tell a secret.
func (v givenVSwitch) check(c *input.Checker, listed []cloud.VSwitch) {
	hidden, why := "is not among the vSwitches of its VPC", "is not among the vSwitches of "+v.vpcID
	var would []string
	for _, other := range listed {
		otherHidden, otherWhy := v.fault(other)
		if otherWhy == "" {
			would = append(would, other.ID+" ("+other.ZoneID+")")
		}
		if other.ID == v.id.AsString() {
			hidden, why = otherHidden, otherWhy
		}
	}
	if why == "" {
		return
	}
	if v.id.Secret() {
		c.Fail(v.path, "%s %s", v.path, hidden)
		return
	}
	const most = 10
	slices.Sort(would)
	advice := "No vSwitch of " + v.vpcID + " would do"
	if len(would) > 0 {
		advice = "These would do: " + strings.Join(would[:min(len(would), most)], ", ")
		if len(would) > most {
			advice += fmt.Sprintf(" and %d more", len(would)-most)
		}
	}
	c.Fail(v.path, "%s %s. %s. If the list lacks a shared vSwitch, set verifyNetwork to false in the provider configuration",
		v.id.AsString(), why, advice)
}
