package kmsinstance

import (
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

// see fills the state with what the cloud says of the instance. What the cloud does not report stays as it was recorded;
// sets keep the order in which the program gave them.
func (s *State) see(i cloud.Instance, args Args) {
	wasConnected := s.connected()
	s.InstanceID = &i.ID
	setText(&s.Status, i.Status)
	setText(&s.InstanceName, i.Name)
	setText(&s.VpcID, i.VpcID)
	if len(i.ZoneIDs) > 0 || s.ZoneIDs == nil {
		s.ZoneIDs = inOrderOf(args.ZoneIDs, i.ZoneIDs)
	}
	if len(i.VswitchIDs) > 0 || s.VswitchIDs == nil {
		s.VswitchIDs = inOrderOf(args.VswitchIDs, i.VswitchIDs)
	}
	if i.PaymentType != "" {
		payment := PaymentType(i.PaymentType)
		s.PaymentType = &payment
	}
	s.seeSizes(i.Sizes, wasConnected)
	s.BindVpcs = bindingsInOrderOf(args.BindVpcs, i.BindVpcs)
	if i.DeletionProtection != nil {
		s.DeletionProtection = i.DeletionProtection
	}
	setText(&s.CreateTime, i.CreateTime)
	setText(&s.StartDate, i.StartDate)
	setText(&s.EndDate, i.EndDate)
	setText(&s.CaCertificateChainPem, i.CACertificateChainPEM)
	setText(&s.ProductType, i.ProductType)
	setText(&s.SaleStatus, i.SaleStatus)
	endpoint := i.ID + ".cryptoservice.kms.aliyuncs.com"
	s.Endpoint = &endpoint
}

// seeRenewal fills in the renewal setting. The cloud reports the period with AutoRenewal only; with any other setting the
// program's own values stand as recorded.
func (s *State) seeRenewal(r *cloud.Renewal, args Args) {
	if r == nil {
		return
	}
	status := RenewStatus(r.Status)
	s.RenewStatus = &status
	s.RenewPeriod, s.RenewalPeriodUnit = args.RenewPeriod, args.RenewalPeriodUnit
	if r.Status != cloud.AutoRenewal || r.Period == 0 {
		return
	}
	if args.RenewPeriod != nil && inMonths(*args.RenewPeriod, text(args.RenewalPeriodUnit)) == inMonths(r.Period, r.Unit) {
		return
	}
	period, unit := r.Period, Month
	if r.Unit == string(Year) {
		unit = Year
	}
	s.RenewPeriod, s.RenewalPeriodUnit = &period, &unit
}

// seeTags fills in the tags without those that Alibaba Cloud itself has put there.
func (s *State) seeTags(tags map[string]string) {
	if tags == nil {
		return
	}
	s.Tags = withoutKeys(tags, isReservedTag)
}

// retag records tags that were set or removed: the cloud does not tell them of every instance, and to every caller.
func (s *State) retag(set map[string]string, removed []string) {
	if len(set)+len(removed) == 0 {
		return
	}
	tags := withoutKeys(s.Tags, func(key string) bool { return slices.Contains(removed, key) })
	maps.Copy(tags, set)
	s.Tags = tags
}

// record copies inputs that the cloud does not report.
func (s *State) record(args Args) {
	s.Period, s.ForceDeleteWithoutBackup = args.Period, args.ForceDeleteWithoutBackup
	if s.PaymentType == nil {
		payment := args.payment()
		s.PaymentType = &payment
	}
}

// observed is the recorded instance as an observation.
func (s *State) observed() Observed {
	return Observed{
		Sizes: s.codes(), BindVpcs: toCloud(s.BindVpcs), Name: text(s.InstanceName), Renewal: s.renewal(), Tags: s.Tags,
		Protection: s.DeletionProtection,
	}
}

// renewal is the recorded renewal setting, nil if none is.
func (s *State) renewal() *cloud.Renewal {
	if s.RenewStatus == nil {
		return nil
	}
	return s.toCloud()
}

// connected tells whether the state is that of an instance that has been connected.
func (s *State) connected() bool { return isConnectedStatus(text(s.Status)) }

func isOn(setting *bool) bool { return setting != nil && *setting }

func setText(field **string, value string) {
	if value != "" {
		*field = &value
	}
}

// inOrderOf returns have, in the order of want if the two are the same set. It is never nil: a program may look into the list.
func inOrderOf(want, have []string) []string {
	if sameSet(want, have) {
		have = want
	}
	return append([]string{}, have...)
}

func sameSet(a, b []string) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(a, b)
}

// bindingsInOrderOf returns the bindings as the cloud has them, those that the program names first and in its order.
func bindingsInOrderOf(want []BindVpc, have []cloud.BindVpc) []BindVpc {
	position := func(v cloud.BindVpc) int {
		if n := slices.IndexFunc(want, func(w BindVpc) bool { return w.VpcID == v.VpcID }); n >= 0 {
			return n
		}
		return len(want)
	}
	sorted := slices.Clone(have)
	slices.SortStableFunc(sorted, func(a, b cloud.BindVpc) int { return position(a) - position(b) })
	out := make([]BindVpc, len(sorted))
	for i, v := range sorted {
		out[i] = BindVpc{VpcID: v.VpcID, VswitchID: v.VswitchID}
		setText(&out[i].RegionID, v.RegionID)
		setText(&out[i].VpcOwnerID, string(v.VpcOwnerID))
	}
	return out
}

// keepEmpty keeps a list or a map that is recorded as empty: infer decodes it as if it were absent.
func (s *State) keepEmpty(recorded property.Map) {
	for name, list := range map[string]*[]string{"zoneIds": &s.ZoneIDs, "vswitchIds": &s.VswitchIDs} {
		if recorded.Get(name).IsArray() && *list == nil {
			*list = []string{}
		}
	}
	if recorded.Get("bindVpcs").IsArray() && s.BindVpcs == nil {
		s.BindVpcs = []BindVpc{}
	}
	if recorded.Get("tags").IsMap() && s.Tags == nil {
		s.Tags = map[string]string{}
	}
}
