package kmsinstance

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"golang.org/x/sync/errgroup"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/input"
)

// A wrong vSwitch shows only after the purchase, when the instance is to be connected. So Check compares new network inputs with VPC's
// list of vSwitches, as far as values are known. What the list cannot tell never fails a preview.

// networks are the lists of vSwitches that this process has asked for, each once.
type networks struct {
	mutex sync.Mutex
	looks map[string]*networkLook
	blind bool // a look failed, and others would
}

type networkLook struct {
	once      sync.Once
	vswitches []cloud.VSwitch // nil if nothing is known
}

// checkNetwork refuses vSwitches that the instance could not be connected or reached through.
func (r *Resource) checkNetwork(ctx context.Context, c *input.Checker, olds, news property.Map) {
	region, err := r.connection.Region(ctx)
	if err != nil || !r.connection.VerifyNetwork(ctx) {
		return
	}
	n := networkCheck{c, newProgress(ctx, ""), map[string][]cloud.VSwitch{}, map[string]bool{}}
	own := changedNetwork(olds, news, region)
	bound := newBindings(olds.Get("bindVpcs"), news.Get("bindVpcs"))
	var vpcs []string
	if own {
		vpcs = append(vpcs, stringOf(news.Get("vpcId")))
		n.secret[vpcs[0]] = news.Get("vpcId").Secret()
	}
	for _, b := range bound {
		vpcs = append(vpcs, b.vpcID)
		n.secret[b.vpcID] = n.secret[b.vpcID] || b.vswitch.Secret()
	}
	slices.Sort(vpcs)
	r.lookAtVpcs(ctx, n, slices.DeleteFunc(slices.Compact(vpcs), func(id string) bool { return !isID("vpc-", id) }))
	if own {
		n.checkOwn(news)
	}
	for _, b := range bound {
		n.isListed(b.path, b.vswitch, b.vpcID, func(cloud.VSwitch) bool { return true })
	}
}

// changedNetwork tells whether the instance is new, or gets another network.
func changedNetwork(olds, news property.Map, region string) bool {
	return slices.ContainsFunc([]string{"vpcId", "vswitchIds", "zoneIds"}, func(name string) bool {
		return !sameValue(olds.Get(name), news.Get(name), region)
	})
}

type binding struct {
	path    string
	vpcID   string
	vswitch property.Value
}

func newBindings(olds, news property.Value) (added []binding) {
	if !news.IsArray() {
		return nil
	}
	secret := news.HasSecrets()
	had := map[[2]string]bool{}
	each := func(list property.Value, do func(i int, vpcID, vswitch property.Value)) {
		if !list.IsArray() {
			return
		}
		for i, item := range list.AsArray().All {
			if item.IsMap() {
				do(i, item.AsMap().Get("vpcId"), item.AsMap().Get("vswitchId"))
			}
		}
	}
	each(olds, func(_ int, vpcID, vswitch property.Value) { had[[2]string{stringOf(vpcID), stringOf(vswitch)}] = true })
	each(news, func(i int, vpcID, vswitch property.Value) {
		if !had[[2]string{stringOf(vpcID), stringOf(vswitch)}] {
			vswitch = vswitch.WithSecret(secret)
			added = append(added, binding{fmt.Sprintf("bindVpcs[%d].vswitchId", i), stringOf(vpcID), vswitch})
		}
	})
	return added
}

// lookAtVpcs lists the vSwitches of VPCs side by side, at most for the time of a preview's look.
func (r *Resource) lookAtVpcs(ctx context.Context, n networkCheck, vpcs []string) {
	client, err := r.connection.Client(ctx)
	if err != nil || len(vpcs) == 0 {
		return // a missing region or key is told of elsewhere
	}
	ctx, cancel := context.WithTimeout(ctx, previewLook)
	defer cancel()
	const most, atOnce = 50, 10 // no instance has more VPCs
	vpcs = vpcs[:min(len(vpcs), most)]
	lists := make([][]cloud.VSwitch, len(vpcs))
	var group errgroup.Group
	group.SetLimit(atOnce)
	for i, id := range vpcs {
		group.Go(func() error {
			lists[i] = r.networks.list(ctx, client, n, id)
			return nil
		})
	}
	_ = group.Wait() // no look fails
	for i, id := range vpcs {
		n.listed[id] = lists[i]
	}
}

// list returns the vSwitches of a VPC, nil if nothing is known of them.
func (w *networks) list(ctx context.Context, client *cloud.Client, n networkCheck, vpcID string) []cloud.VSwitch {
	w.mutex.Lock()
	look := w.looks[vpcID]
	if look == nil && !w.blind {
		look = &networkLook{}
		if w.looks == nil {
			w.looks = map[string]*networkLook{}
		}
		w.looks[vpcID] = look
	}
	w.mutex.Unlock()
	if look == nil {
		return nil
	}
	look.once.Do(func() {
		var err error
		defer caught(&err)
		if look.vswitches, err = client.ListVSwitches(ctx, vpcID); err == nil && len(look.vswitches) == 0 {
			name := vpcID
			if n.secret[vpcID] {
				name = "a VPC"
			}
			n.info("VPC lists no vSwitches of %s, so whether the vSwitches are right is not checked", name)
		}
		w.mutex.Lock()
		defer w.mutex.Unlock()
		if err == nil || w.blind {
			return
		}
		w.blind = true
		if !cloud.HasCode(err, cloud.CodeInvalidCredentials) { // told of elsewhere
			n.info("The vSwitches could not be looked up, so they are not checked: %v. The permission is vpc:DescribeVSwitches. "+
				"verifyNetwork: false in the provider configuration switches this look off", cloud.Reason(err))
		}
	})
	return look.vswitches
}

// networkCheck holds inputs against the lists.
type networkCheck struct {
	*input.Checker
	*progress
	listed map[string][]cloud.VSwitch // by VPC
	secret map[string]bool            // VPCs whose id is a secret
}

func (n networkCheck) checkOwn(news property.Map) {
	vpcID, list, zones := news.Get("vpcId"), news.Get("vswitchIds"), news.Get("zoneIds")
	if !list.IsArray() {
		return
	}
	zonesKnown := zones.IsArray() && !zones.HasComputed()
	inZones := func(v cloud.VSwitch) bool {
		return !zonesKnown || v.ZoneID == "" || slices.ContainsFunc(zones.AsArray().AsSlice(), func(z property.Value) bool { return isString(z, v.ZoneID) })
	}
	suits := func(v cloud.VSwitch) bool { return inZones(v) && v.IsAvailable() && !v.IsFull() }
	secret := vpcID.Secret() || list.Secret() || zones.HasSecrets()
	for i, item := range list.AsArray().All {
		path := fmt.Sprintf("vswitchIds[%d]", i)
		item = item.WithSecret(secret || item.Secret())
		v, ok := n.isListed(path, item, stringOf(vpcID), suits)
		switch {
		case !ok:
		case !inZones(v):
			n.wrong(path, item, stringOf(vpcID), suits, "is in another zone than zoneIds", "is in zone "+v.ZoneID+", which is not in zoneIds")
		case !v.IsAvailable():
			n.wrong(path, item, stringOf(vpcID), suits, "is not available", "is "+v.Status+", not Available")
		case v.IsFull():
			n.wrong(path, item, stringOf(vpcID), suits, "has no free address", "has no free address")
		}
	}
}

// isListed refuses a vSwitch that is not among those of its VPC.
func (n networkCheck) isListed(path string, id property.Value, vpcID string, suits func(cloud.VSwitch) bool) (cloud.VSwitch, bool) {
	list := n.listed[vpcID]
	if !id.IsString() || len(list) == 0 {
		return cloud.VSwitch{}, false
	}
	at := slices.IndexFunc(list, func(v cloud.VSwitch) bool { return v.ID == id.AsString() })
	if at < 0 {
		n.wrong(path, id, vpcID, suits, "is not among the vSwitches of its VPC", "is not among the vSwitches of "+vpcID)
		return cloud.VSwitch{}, false
	}
	return list[at], true
}

// wrong refuses a vSwitch and names those that would do, unless that would tell a secret.
func (n networkCheck) wrong(path string, id property.Value, vpcID string, suits func(cloud.VSwitch) bool, hidden, why string) {
	if id.Secret() {
		n.Fail(path, "%s %s", path, hidden)
		return
	}
	const most = 10
	var would []string
	for _, v := range n.listed[vpcID] {
		if suits(v) {
			would = append(would, v.ID+" ("+v.ZoneID+")")
		}
	}
	slices.Sort(would)
	advice := "No vSwitch of " + vpcID + " would do"
	if len(would) > 0 {
		advice = "These would do: " + strings.Join(would[:min(len(would), most)], ", ")
		if len(would) > most {
			advice += fmt.Sprintf(" and %d more", len(would)-most)
		}
	}
	n.Fail(path, "%s %s. %s. If the list lacks a shared vSwitch, set verifyNetwork to false in the provider configuration",
		id.AsString(), why, advice)
}
