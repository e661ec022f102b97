package emulator

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// createInstance buys an instance: the order is placed and paid in one call.
func createInstance(s *Server, r *request) (map[string]any, *apiError) {
	i, months, refused := s.purchase(r)
	if refused != nil {
		return nil, refused
	}
	for _, f := range r.outcomes {
		switch f.Kind {
		case FaultErrorStatus:
			i.FailsToConnect = true
		case FaultNeverConnected:
			i.NeverConnects = true
		case FaultDelayedVisibility:
			i.VisibleAt = r.now.Add(f.seconds())
		case FaultAutoRefund:
			i.GoneAt = r.now.Add(f.seconds())
			i.VisibleAt = i.GoneAt
		}
	}
	amount := months * monthlyPrice(i.Sizes)
	if i.leaving() {
		i.RefundDue = amount
	}
	s.account.instances[i.ID] = i
	data := s.place(r, i, EffectOrdered, amount)
	i.OrderID = r.effect.orderID
	return data, nil
}

// purchase reads an order and makes its instance, which is paid for so many months.
func (s *Server) purchase(r *request) (i *Instance, months int, refused *apiError) {
	payment := r.get("SubscriptionType")
	if payment != Subscription && payment != PayAsYouGo {
		return nil, 0, invalidOrder("SubscriptionType must be %s or %s.", Subscription, PayAsYouGo)
	}
	if refused := s.checkProduct(r, payment, true); refused != nil {
		return nil, 0, refused
	}
	ordered, refused := codes(r)
	if refused != nil {
		return nil, 0, refused
	}
	region := ordered["Region"]
	if !slices.Contains(s.opts.Regions, region) {
		return nil, 0, productCheck("Region %q is not offered by this emulator; there are %s.", region, strings.Join(s.opts.Regions, ", "))
	}
	sizes, refused := applyCodes(defaultSizes(payment, cmp.Or(ordered["ProductVersion"], versionOf(ordered["Spec"]))), ordered)
	if refused != nil {
		return nil, 0, refused
	}
	start := r.now.Truncate(time.Second)
	i = &Instance{
		ID: newInstanceID(), Region: region, AccountID: r.caller.accountID, Status: StatusUninitialized, PaymentType: payment,
		ProductType: r.get("ProductType"), SaleStatus: saleNormal, Sizes: sizes, UsedKeys: s.opts.UsedKeys, UsedSecrets: s.opts.UsedSecrets,
		CreateTime: start, StartDate: start, EndDate: endOfPayAsYouGo,
		underway: underway{VisibleAt: r.now.Add(s.opts.OrderVisible), ListedAt: r.now.Add(s.opts.OrderListed)},
	}
	i.Name = i.ID
	if payment == PayAsYouGo {
		return i, 0, nil
	}
	if months, refused = orderNumber(r, "Period", purchaseMonths); refused != nil {
		return nil, 0, refused
	}
	i.EndDate = endOfTerm(start, months)
	i.Renewal, refused = orderedRenewal(r)
	return i, months, refused
}

// versionOf is the edition of an order that names none: the small one has a Spec of its own.
func versionOf(spec string) string {
	if spec == "200" {
		return "5"
	}
	return "3"
}

// orderedRenewal is the renewal setting that an order asks for.
func orderedRenewal(r *request) (Renewal, *apiError) {
	switch r.get("RenewalStatus") {
	case "", ManualRenewal:
		return Renewal{Status: ManualRenewal}, nil
	case AutoRenewal:
		months, refused := orderNumber(r, "RenewPeriod", autoRenewalMonths)
		if refused != nil {
			return Renewal{}, refused
		}
		return Renewal{Status: AutoRenewal, Period: months, Unit: "M"}, nil
	}
	return Renewal{}, invalidOrder("RenewalStatus of an order must be %s or %s, not %q.", AutoRenewal, ManualRenewal, r.get("RenewalStatus"))
}

// modifyInstance orders new sizes for an instance. They show when the upgrade is over.
func modifyInstance(s *Server, r *request) (map[string]any, *apiError) {
	if kind := r.get("ModifyType"); kind != "Upgrade" && kind != "Downgrade" {
		return nil, invalidOrder("ModifyType must be Upgrade or Downgrade.")
	}
	i, refused := s.orderable(r, r.get("InstanceId"))
	if refused != nil {
		return nil, refused
	}
	if refused := s.checkProduct(r, i.PaymentType, true); refused != nil {
		return nil, refused
	}
	if r.get("SubscriptionType") != i.PaymentType {
		return nil, productCheck("The instance %s is %s.", i.ID, i.PaymentType)
	}
	if r.get("ModifyType") == "Downgrade" {
		return nil, productCheck("This product does not support downgrades.")
	}
	if i.expired(r.now) {
		return nil, productCheck("The subscription of the instance %s has ended.", i.ID)
	}
	ordered, refused := codes(r)
	if refused != nil {
		return nil, refused
	}
	if i.upgrading() {
		return nil, concurrentOrder(i)
	}
	sizes, refused := s.upgradedSizes(i, ordered)
	if refused != nil {
		return nil, refused
	}
	amount := 0
	if i.PaymentType == Subscription {
		amount = max(0, monthlyPrice(sizes)-monthlyPrice(i.Sizes)) * monthsLeft(i, r.now)
	}
	i.Ordered, i.UpgradedAt = &sizes, r.now.Add(s.opts.Upgrade)
	data := s.place(r, i, EffectModified, amount)
	s.account.catchUp(i, r.now) // without a delay the new sizes show at once
	return data, nil
}

// payAsYouGoCodes are the codes that can be changed on an instance that is billed by use.
var payAsYouGoCodes = []string{"ProductVersion", "Log", "LogStorage"}

// upgradedSizes checks the codes of an upgrade and returns the sizes after it.
func (s *Server) upgradedSizes(i *Instance, ordered map[string]string) (Sizes, *apiError) {
	if region, ok := ordered["Region"]; ok && region != i.Region {
		return Sizes{}, productCheck("An instance cannot move to another region.")
	}
	for code := range ordered {
		if i.PaymentType == PayAsYouGo && code != "Region" && !slices.Contains(payAsYouGoCodes, code) {
			return Sizes{}, productCheck("%s of a pay-as-you-go instance cannot be changed.", code)
		}
	}
	sizes, refused := applyCodes(i.Sizes, ordered)
	if refused != nil {
		return Sizes{}, refused
	}
	if sizes == i.Sizes {
		return Sizes{}, productCheck("The order changes nothing.")
	}
	if i.ProductVersion == "3" && sizes.ProductVersion == "5" {
		return Sizes{}, productCheck("This product does not support downgrades: ProductVersion 3 to 5.")
	}
	lower := ""
	for _, name := range slices.Sorted(maps.Keys(sizeCodes)) {
		field := sizeCodes[name].field
		before, after := *field(&i.Sizes), *field(&sizes)
		if after < before && name != "Log" { // which can be switched off
			lower = fmt.Sprintf("%s %d to %d", name, before, after)
		}
	}
	if lower != "" {
		return Sizes{}, productCheck("This product does not support downgrades: %s.", lower)
	}
	if sizes.VpcNum < i.usedVpcs() && sizes.VpcNum < i.VpcNum {
		return Sizes{}, productCheck("VpcNum %d is less than the %d in use.", sizes.VpcNum, i.usedVpcs())
	}
	return sizes, nil
}

// refundInstance gives a subscription back.
func refundInstance(s *Server, r *request) (map[string]any, *apiError) {
	id := r.get("InstanceId")
	if id == "" {
		return nil, invalidOrder("InstanceId is missing.")
	}
	switch r.get("ImmediatelyRelease") {
	case "", "1":
	case "0":
		return nil, productCheck("This product supports only refunds with immediate release.")
	default:
		return nil, invalidOrder("ImmediatelyRelease must be 1 or 0.")
	}
	i, refused := s.orderable(r, id)
	if refused != nil {
		return nil, refused
	}
	if refused := s.checkProduct(r, i.PaymentType, false); refused != nil {
		return nil, refused
	}
	switch {
	case i.PaymentType != Subscription:
		return nil, productCheck("The instance %s is pay-as-you-go; it is released, not refunded.", id)
	case i.DeletionProtection:
		return nil, businessFailure(codeProtected, "The instance %s is under deletion protection.", id)
	case i.upgrading():
		return nil, concurrentOrder(i)
	case slices.Contains(s.opts.RefundRefusedIn, i.Status):
		return nil, businessFailure("PAY.REFUND_FAILED", "The instance %s cannot be refunded while it is %s.", id, i.Status)
	}
	amount := 0
	if !i.expired(r.now) {
		amount = -monthlyPrice(i.Sizes) * (monthsLeft(i, r.now) - 1)
		if r.now.Sub(i.StartDate) < 5*24*time.Hour {
			amount -= monthlyPrice(i.Sizes)
		}
	}
	i.GoneAt = r.now.Add(s.opts.Refund)
	return s.place(r, i, EffectRefunded, amount), nil
}

// renewInstance extends a subscription.
func renewInstance(s *Server, r *request) (map[string]any, *apiError) {
	i, refused := s.orderable(r, r.get("InstanceId"))
	if refused != nil {
		return nil, refused
	}
	if refused := s.checkProduct(r, i.PaymentType, false); refused != nil {
		return nil, refused
	}
	if i.PaymentType != Subscription {
		return nil, productCheck("The instance %s is pay-as-you-go.", i.ID)
	}
	months, refused := orderNumber(r, "RenewPeriod", renewInstanceTerms)
	if refused != nil {
		return nil, refused
	}
	if i.upgrading() {
		return nil, concurrentOrder(i)
	}
	from := i.EndDate
	if i.expired(r.now) {
		from = r.now.Truncate(time.Second)
	}
	i.extend(from, months)
	return s.place(r, i, EffectRenewed, months*monthlyPrice(i.Sizes)), nil
}
