package kmsinstance

import (
	"cmp"
	"encoding/json"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

// desire says what inputs want of a connected instance. news are the same inputs as the program gave them, declared is the record
// of what it has declared before, and what is ignored is left as it is.
func desire(args Args, news property.Map, declared []string, ignored ignoring, region string) Desired {
	want := Desired{Region: region, Sizes: args.codes()}
	for _, prop := range Properties {
		if ignored.covers(prop.Name) {
			delete(want.Sizes, prop.Code)
		}
	}
	if !ignored.covers("instanceName") {
		want.Name = args.InstanceName
	}
	if !ignored.covers("renewStatus") && !ignored.covers("renewPeriod") && !ignored.covers("renewalPeriodUnit") {
		want.Renewal = args.renewal()
	}
	if !ignored.covers("bindVpcs") && (isGiven(news, "bindVpcs") || slices.Contains(declared, "bindVpcs")) {
		vpcs := toCloud(args.BindVpcs)
		want.BindVpcs = &vpcs
	}
	if !ignored.covers("deletionProtection") {
		want.Protection = args.DeletionProtection
		if want.Protection == nil && slices.Contains(declared, "deletionProtection") {
			want.Protection = new(false)
		}
	}
	if !ignored.covers("tags") {
		want.wantTags(args.Tags, isGiven(news, "tags"), tagKeys(declared), ignored)
	}
	return want
}

// wantTags decides about tags: those given are the whole set; those declared before and no longer given go.
func (w *Desired) wantTags(tags map[string]string, given bool, declared []string, ignored ignoring) {
	isIgnored := func(key string) bool { return ignored.covers("tags", key) }
	w.DropTags = slices.DeleteFunc(declared, func(key string) bool {
		_, still := tags[key]
		return still || isIgnored(key)
	})
	if !given {
		return
	}
	w.Tags, w.TagsExact = withoutKeys(tags, isIgnored), true
	for _, path := range ignored {
		if key, ok := path[len(path)-1].(string); ok && len(path) == 2 && path[0] == "tags" {
			w.KeepTags = append(w.KeepTags, key)
		}
	}
}

// payment is the payment type, of which Subscription is the default.
func (a Args) payment() PaymentType { return cmp.Or(PaymentType(text(a.PaymentType)), Subscription) }

// renewal is the renewal setting that the inputs give, nil if none or if the instance is not a Subscription.
func (a Args) renewal() *cloud.Renewal {
	if a.payment() != Subscription {
		return nil
	}
	return a.toCloud()
}

func (r RenewalSetting) toCloud() *cloud.Renewal {
	if r.RenewStatus == nil && r.RenewPeriod == nil {
		return nil
	}
	setting := &cloud.Renewal{Status: text(r.RenewStatus), Unit: text(r.RenewalPeriodUnit)}
	if r.RenewPeriod != nil {
		setting.Period, setting.Unit = *r.RenewPeriod, cmp.Or(setting.Unit, string(Month))
	}
	return setting
}

// purchase is the order that the inputs ask for. NotRenewal cannot be ordered: the instance is bought with the default and the
// setting is made afterwards.
func (a Args) purchase(token string) cloud.Purchase {
	p := cloud.Purchase{ClientToken: token, PaymentType: cloud.PaymentType(a.payment()), Sizes: a.codes()}
	if a.payment() != Subscription {
		return p
	}
	p.Period = *cmp.Or(a.Period, new(1))
	if a.RenewStatus != nil {
		r := a.orderedRenewal()
		p.RenewalStatus, p.RenewMonths = r.Status, inMonths(r.Period, r.Unit)
	}
	return p
}

// orderedRenewal is the renewal setting that a new instance has, should billing not list it yet.
func (a Args) orderedRenewal() *cloud.Renewal {
	if a.payment() != Subscription {
		return nil
	}
	if r := a.renewal(); r != nil && r.Status == cloud.AutoRenewal {
		return r
	}
	return &cloud.Renewal{Status: cloud.ManualRenewal}
}

func toCloud(vpcs []BindVpc) []cloud.BindVpc {
	out := make([]cloud.BindVpc, len(vpcs))
	for i, v := range vpcs {
		out[i] = cloud.BindVpc{VpcID: v.VpcID, VswitchID: v.VswitchID, RegionID: text(v.RegionID), VpcOwnerID: json.Number(text(v.VpcOwnerID))}
	}
	return out
}

func text[T ~string](s *T) string {
	if s == nil {
		return ""
	}
	return string(*s)
}
