package kmsinstance

import (
	"maps"
	"slices"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

// desire says what inputs want of a connected instance. news are the same inputs as the program gave them; olds are those
// recorded before: what they declared and news no longer do is cleared.
func desire(args Args, news, olds property.Map, region string) Desired {
	want := Desired{
		Region:     region,
		Sizes:      args.sizes(),
		Name:       args.InstanceName,
		Renewal:    args.renewal(),
		Protection: args.DeletionProtection,
	}
	if declared(news, "bindVpcs") || declared(olds, "bindVpcs") {
		vpcs := toCloud(args.BindVpcs)
		want.BindVpcs = &vpcs
	}
	if declared(news, "tags") {
		want.Tags, want.TagsExact = args.Tags, true
	} else if tags := olds.Get("tags"); tags.IsMap() {
		want.DropTags = slices.Sorted(maps.Keys(tags.AsMap().AsMap()))
	}
	if args.DeletionProtection == nil && declared(olds, "deletionProtection") {
		off := false
		want.Protection = &off
	}
	return want
}

func declared(m property.Map, name string) bool {
	v, ok := m.GetOk(name)
	return ok && !v.IsNull()
}

// payment is the payment type, of which Subscription is the default.
func (a Args) payment() PaymentType {
	if a.PaymentType == nil {
		return Subscription
	}
	return *a.PaymentType
}

// sizes are the values of the order codes that the inputs give.
func (a Args) sizes() map[string]string {
	m := map[string]string{}
	number := func(code string, n *int) {
		if n != nil {
			m[code] = strconv.Itoa(*n)
		}
	}
	if a.ProductVersion != nil {
		m["ProductVersion"] = string(*a.ProductVersion)
	}
	number("Spec", a.Spec)
	number("KeyNum", a.KeyNum)
	number("SecretNum", a.SecretNum)
	number("VpcNum", a.VpcNum)
	if a.Log != nil {
		m["Log"] = string(*a.Log)
	}
	number("LogStorage", a.LogStorage)
	return m
}

// renewal is the renewal setting that the inputs give, nil if none or if the instance is not a Subscription.
func (a Args) renewal() *cloud.Renewal {
	if a.payment() != Subscription || (a.RenewStatus == nil && a.RenewPeriod == nil) {
		return nil
	}
	r := &cloud.Renewal{}
	if a.RenewStatus != nil {
		r.Status = string(*a.RenewStatus)
	}
	if a.RenewPeriod != nil {
		r.Period, r.Unit = *a.RenewPeriod, string(Month)
	}
	if a.RenewalPeriodUnit != nil {
		r.Unit = string(*a.RenewalPeriodUnit)
	}
	return r
}

// order is the purchase that the inputs ask for. NotRenewal cannot be ordered: the instance is bought with the default and
// the setting is made afterwards.
func (a Args) order(region string) cloud.InstanceOrder {
	o := cloud.InstanceOrder{
		Region:      region,
		PaymentType: cloud.PaymentType(a.payment()),
		LogStorage:  a.LogStorage,
	}
	if a.ProductVersion != nil {
		o.ProductVersion = string(*a.ProductVersion)
	}
	if a.Log != nil {
		log := string(*a.Log)
		o.Log = &log
	}
	if a.payment() != Subscription {
		return o
	}
	o.Spec, o.KeyNum, o.SecretNum, o.VpcNum = a.Spec, a.KeyNum, a.SecretNum, a.VpcNum
	o.Period = 1
	if a.Period != nil {
		o.Period = *a.Period
	}
	if r := a.renewal(); r != nil && r.Status != "" {
		o.RenewalStatus = cloud.ManualRenewal
		if r.Status == cloud.AutoRenewal {
			o.RenewalStatus = cloud.AutoRenewal
			o.RenewPeriodMonths = inMonths(r.Period, r.Unit == string(Year))
		}
	}
	return o
}

func (a Args) network(id string) cloud.ConnectRequest {
	return cloud.ConnectRequest{InstanceID: id, VpcID: a.VpcID, ZoneIDs: a.ZoneIDs, VswitchIDs: a.VswitchIDs}
}

func toCloud(vpcs []BindVpc) []cloud.BindVpc {
	out := make([]cloud.BindVpc, len(vpcs))
	for i, v := range vpcs {
		out[i] = cloud.BindVpc{VpcID: v.VpcID, VswitchID: v.VswitchID, RegionID: text(v.RegionID), VpcOwnerID: text(v.VpcOwnerID)}
	}
	return out
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
