package kmsinstance

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

// see fills the state with what the cloud says of the instance. What the cloud does not report stays as it was recorded;
// sets keep the order in which the program gave them.
func (s *State) see(i cloud.Instance, args Args) {
	s.InstanceID = &i.ID
	setText(&s.Status, i.Status)
	setText(&s.InstanceName, i.Name)
	setText(&s.VpcID, i.VpcID)
	if len(i.ZoneIDs) > 0 {
		s.ZoneIDs = inOrderOf(args.ZoneIDs, i.ZoneIDs)
	}
	if len(i.VswitchIDs) > 0 {
		s.VswitchIDs = inOrderOf(args.VswitchIDs, i.VswitchIDs)
	}
	if i.PaymentType != "" {
		payment := PaymentType(i.PaymentType)
		s.PaymentType = &payment
	}
	if i.ProductVersion != "" {
		version := ProductVersion(i.ProductVersion)
		s.ProductVersion = &version
	}
	if i.Log != nil {
		log := LogSwitch(*i.Log)
		s.Log = &log
	}
	setNumber(&s.Spec, i.Spec)
	setNumber(&s.KeyNum, i.KeyNum)
	setNumber(&s.SecretNum, i.SecretNum)
	setNumber(&s.VpcNum, i.VpcNum)
	setNumber(&s.LogStorage, i.LogStorage)
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
	if args.RenewPeriod != nil && renewalOf(args.RenewPeriod, args.RenewalPeriodUnit) == inMonths(r.Period, r.Unit == string(Year)) {
		return
	}
	period, unit := r.Period, Month
	if r.Unit == string(Year) {
		unit = Year
	}
	s.RenewPeriod, s.RenewalPeriodUnit = &period, &unit
}

func renewalOf(period *int, unit *RenewalPeriodUnit) int {
	return inMonths(*period, unit != nil && *unit == Year)
}

// seeTags fills in the tags without those that Alibaba Cloud itself has put there.
func (s *State) seeTags(tags map[string]string) {
	if tags == nil {
		return
	}
	s.Tags = ownTags(tags)
}

func ownTags(tags map[string]string) map[string]string {
	own := map[string]string{}
	for key, value := range tags {
		if !isReservedTag(key) {
			own[key] = value
		}
	}
	return own
}

// record takes over what only the program knows.
func (s *State) record(args Args) {
	s.Period, s.ForceDeleteWithoutBackup = args.Period, args.ForceDeleteWithoutBackup
	if s.PaymentType == nil {
		payment := args.payment()
		s.PaymentType = &payment
	}
}

// observed reads the recorded outputs as an observation, to tell without a call whether anything is left to do.
func (s State) observed() Observed {
	o := Observed{Instance: cloud.Instance{
		ID: text(s.InstanceID), Name: text(s.InstanceName), Status: text(s.Status),
		Spec: s.Spec, KeyNum: s.KeyNum, SecretNum: s.SecretNum, VpcNum: s.VpcNum, LogStorage: s.LogStorage,
		BindVpcs: toCloud(s.BindVpcs), DeletionProtection: s.DeletionProtection,
	}, Tags: s.Tags, Renewal: s.renewal()}
	if s.ProductVersion != nil {
		o.Instance.ProductVersion = string(*s.ProductVersion)
	}
	if s.Log != nil {
		log := string(*s.Log)
		o.Instance.Log = &log
	}
	return o
}

// renewal is the recorded renewal setting, nil if none is.
func (s State) renewal() *cloud.Renewal {
	if s.RenewStatus == nil {
		return nil
	}
	r := &cloud.Renewal{Status: string(*s.RenewStatus)}
	if r.Status == cloud.AutoRenewal && s.RenewPeriod != nil {
		r.Period, r.Unit = *s.RenewPeriod, string(Month)
		if s.RenewalPeriodUnit != nil {
			r.Unit = string(*s.RenewalPeriodUnit)
		}
	}
	return r
}

// connected tells whether the state is that of an instance that has been connected.
func (s State) connected() bool {
	return text(s.Status) == cloud.StatusConnected || text(s.Status) == cloud.StatusDisconnected
}

// region is the region in which the instance was recorded: by its ARN, without one by its order or its zones. It is "" if the
// state does not tell.
func (s State) region() string {
	if parts := strings.Split(text(s.Arn), ":"); len(parts) == 5 {
		return parts[2]
	}
	if s.PendingOrder != nil && s.PendingOrder.region() != "" {
		return s.PendingOrder.region()
	}
	for _, zone := range s.ZoneIDs {
		if region := regionOfZone(zone); region != "" {
			return region
		}
	}
	return ""
}

// account is the account in which the instance was recorded, or "" if the state does not tell.
func (s State) account() string {
	if account := cloud.AccountOf(text(s.Arn)); account != "" {
		return account
	}
	if s.PendingOrder != nil {
		return text(s.PendingOrder.AccountID)
	}
	return ""
}

func arn(region, account, id string) string {
	return fmt.Sprintf("acs:kms:%s:%s:keystore/%s", region, account, id)
}

// boughtRecently tells whether the instance was ordered less than an hour ago and has not been seen connected since: it may
// not be visible yet.
func (s State) boughtRecently() bool {
	return s.unconnectedPurchase() && time.Since(s.PendingOrder.lastTry()) < notYetVisible
}

// notYetVisible is for how long an instance that was ordered, and never seen, may still appear.
const notYetVisible = time.Hour

// neverSeen tells whether the instance was ordered less than an hour ago and nobody has seen it in the cloud.
func (s State) neverSeen() bool { return s.boughtRecently() && s.Status == nil }

// unconnectedPurchase tells whether the recorded order is the instance's own, which then has not been connected yet.
func (s State) unconnectedPurchase() bool {
	return s.PendingOrder != nil && s.PendingOrder.isPurchase() && !s.connected()
}

func setText(field **string, value string) {
	if value != "" {
		*field = &value
	}
}

func setNumber(field **int, value *int) {
	if value != nil {
		*field = value
	}
}

// inOrderOf returns have, in the order of want if the two are the same set.
func inOrderOf(want, have []string) []string {
	if sameSet(want, have) {
		return slices.Clone(want)
	}
	return have
}

func sameSet(a, b []string) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(a, b)
}

// bindingsInOrderOf returns the bindings as the cloud has them, those that the program names first and in its order.
func bindingsInOrderOf(want []BindVpc, have []cloud.BindVpc) []BindVpc {
	rank := map[string]int{}
	for i, w := range want {
		rank[w.VpcID] = i + 1
	}
	position := func(v cloud.BindVpc) int {
		if n := rank[v.VpcID]; n > 0 {
			return n
		}
		return len(want) + 1
	}
	sorted := slices.Clone(have)
	slices.SortStableFunc(sorted, func(a, b cloud.BindVpc) int { return position(a) - position(b) })
	out := make([]BindVpc, len(sorted))
	for i, v := range sorted {
		out[i] = BindVpc{VpcID: v.VpcID, VswitchID: v.VswitchID}
		setText(&out[i].RegionID, v.RegionID)
		setText(&out[i].VpcOwnerID, v.VpcOwnerID)
	}
	return out
}
