package emulator

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

var purchaseMonths = []int{1, 2, 3, 6, 12, 24, 36}

// createInstance buys an instance: the order is placed and paid in one call.
func createInstance(s *Server, r *request) result {
	i, months := s.purchase(r)
	i.meet(r.outcomes, r.now)
	amount := months * monthlyPrice(i.Sizes)
	if i.leaving() {
		i.RefundDue = amount
	}
	s.account.add(i)
	data := s.place(r, i, amount)
	i.OrderID = r.effect.orderID
	return data
}

// purchase reads an order and makes its instance, which is paid for so many months.
func (s *Server) purchase(r *request) (i *Instance, months int) {
	payment := r.get("SubscriptionType")
	if payment != Subscription && payment != PayAsYouGo {
		invalidOrder("SubscriptionType must be %s or %s.", Subscription, PayAsYouGo)
	}
	s.checkProduct(r, payment, true)
	ordered := codes(r)
	region := ordered["Region"]
	if !slices.Contains(s.opts.Regions, region) {
		productCheck("Region %q is not offered by this emulator; there are %s.", region, strings.Join(s.opts.Regions, ", "))
	}
	start := r.now.Truncate(time.Second)
	i = &Instance{
		ID: newInstanceID(), Region: region, AccountID: r.caller.accountID, Status: StatusUninitialized, PaymentType: payment,
		ProductType: r.get("ProductType"), SaleStatus: saleNormal, UsedKeys: s.opts.UsedKeys, UsedSecrets: s.opts.UsedSecrets,
		Sizes:      applyCodes(defaultSizes(payment, cmp.Or(ordered["ProductVersion"], versionOf(ordered["Spec"]))), ordered),
		CreateTime: start, StartDate: start, EndDate: endOfPayAsYouGo,
		underway: underway{VisibleAt: r.now.Add(s.opts.OrderVisible), ListedAt: r.now.Add(s.opts.OrderListed)},
	}
	i.Name = i.ID
	if payment == Subscription {
		months = r.months("Period", purchaseMonths...)
		i.EndDate = endOfTerm(start, months)
		i.Renewal = orderedRenewal(r)
	}
	return i, months
}

// versionOf is the edition of an order that names none: the small one has a Spec of its own.
func versionOf(spec string) string {
	if spec == "200" {
		return "5"
	}
	return "3"
}

func orderedRenewal(r *request) Renewal {
	status := cmp.Or(r.get("RenewalStatus"), ManualRenewal)
	switch status {
	case AutoRenewal:
		return Renewal{Status: AutoRenewal, Period: r.months("RenewPeriod", purchaseMonths...), Unit: "M"}
	case ManualRenewal:
	default:
		invalidOrder("RenewalStatus of an order must be %s or %s, not %q.", AutoRenewal, ManualRenewal, status)
	}
	return Renewal{Status: ManualRenewal}
}

// modifyInstance orders new sizes for an instance. They show when the upgrade is over.
func modifyInstance(s *Server, r *request) result {
	kind := r.get("ModifyType")
	if kind != "Upgrade" && kind != "Downgrade" {
		invalidOrder("ModifyType must be Upgrade or Downgrade.")
	}
	i := s.orderable(r, r.get("InstanceId"), true)
	switch {
	case r.get("SubscriptionType") != i.PaymentType:
		productCheck("The instance %s is %s.", i.ID, i.PaymentType)
	case kind == "Downgrade":
		productCheck("This product does not support downgrades.")
	case i.expired(r.now):
		productCheck("The subscription of the instance %s has ended.", i.ID)
	}
	ordered := codes(r)
	i.refuseConcurrentOrder()
	sizes := i.upgraded(ordered, s.opts.MixedOrders)
	amount := 0
	if i.PaymentType == Subscription {
		amount = max(0, monthlyPrice(sizes)-monthlyPrice(i.Sizes)) * monthsLeft(i, r.now)
	}
	i.Ordered, i.UpgradedAt = &sizes, r.now.Add(s.opts.Upgrade)
	data := s.place(r, i, amount)
	s.account.catchUp(i, r.now) // without a delay the new sizes show at once
	return data
}

func (i *Instance) refuseConcurrentOrder() {
	if i.upgrading() {
		refuse(businessFailure("SYSTEM.CONCURRENT_OPERATE", "Another order for the instance %s is being carried out.", i.ID))
	}
}

// payAsYouGoCodes are the codes that can be changed on an instance that is billed by use.
var payAsYouGoCodes = []string{"Region", "ProductVersion", "Log", "LogStorage"}

// upgraded checks the codes of an upgrade and returns the sizes after it.
func (i *Instance) upgraded(ordered map[string]string, mixed bool) Sizes {
	if region, ok := ordered["Region"]; ok && region != i.Region {
		productCheck("An instance cannot move to another region.")
	}
	for code := range ordered {
		if i.PaymentType == PayAsYouGo && !slices.Contains(payAsYouGoCodes, code) {
			productCheck("%s of a pay-as-you-go instance cannot be changed.", code)
		}
	}
	sizes := applyCodes(i.Sizes, ordered)
	lower, higher := "", sizes.ProductVersion != i.ProductVersion
	for _, name := range slices.Sorted(maps.Keys(sizeCodes)) {
		field := sizeCodes[name].field
		before, after := *field(&i.Sizes), *field(&sizes)
		if after < before && name != "Log" { // which can be switched off
			lower = fmt.Sprintf("%s %d to %d", name, before, after)
		}
		higher = higher || after > before
	}
	switch {
	case sizes == i.Sizes:
		productCheck("The order changes nothing.")
	case i.ProductVersion == "3" && sizes.ProductVersion == "5":
		productCheck("This product does not support downgrades: ProductVersion 3 to 5.")
	case lower != "" && (!mixed || !higher):
		productCheck("This product does not support downgrades: %s.", lower)
	}
	return sizes
}

func refundInstance(s *Server, r *request) result {
	id := r.get("InstanceId")
	switch release := r.get("ImmediatelyRelease"); {
	case id == "":
		invalidOrder("InstanceId is missing.")
	case release == "0":
		productCheck("This product supports only refunds with immediate release.")
	case release != "" && release != "1":
		invalidOrder("ImmediatelyRelease must be 1 or 0.")
	}
	i := s.orderable(r, id, false)
	if i.PaymentType != Subscription {
		productCheck("The instance %s is pay-as-you-go; it is released, not refunded.", id)
	}
	if i.DeletionProtection {
		refuse(businessFailure(codeProtected, "The instance %s is under deletion protection.", id))
	}
	i.refuseConcurrentOrder()
	if slices.Contains(s.opts.RefundRefusedIn, i.Status) {
		refuse(businessFailure("PAY.REFUND_FAILED", "The instance %s cannot be refunded while it is %s.", id, i.Status))
	}
	amount := 0
	if !i.expired(r.now) {
		months := monthsLeft(i, r.now) - 1
		if r.now.Sub(i.StartDate) < 5*24*time.Hour {
			months++
		}
		amount = -monthlyPrice(i.Sizes) * months
	}
	i.GoneAt = r.now.Add(s.opts.Refund)
	return s.place(r, i, amount)
}

func renewInstance(s *Server, r *request) result {
	i := s.orderable(r, r.get("InstanceId"), false)
	i.refuseUnlessSubscription()
	months := r.months("RenewPeriod", 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 24, 36)
	i.refuseConcurrentOrder()
	from := i.EndDate
	if i.expired(r.now) {
		from = r.now.Truncate(time.Second)
	}
	i.extend(from, months)
	return s.place(r, i, months*monthlyPrice(i.Sizes))
}

func (i *Instance) refuseUnlessSubscription() {
	if i.PaymentType != Subscription {
		productCheck("The instance %s is pay-as-you-go.", i.ID)
	}
}

const maxInstanceIDs = 100

func setRenewal(s *Server, r *request) result {
	ids := r.split("InstanceIDs")
	if len(ids) == 0 || len(ids) > maxInstanceIDs {
		invalidOrder("InstanceIDs must be one to %d ids.", maxInstanceIDs)
	}
	renewal := wantedRenewal(r)
	if !r.wants("SubscriptionType", Subscription) {
		invalidOrder("Only a %s can be renewed.", Subscription)
	}
	var instances []*Instance
	for _, id := range ids {
		i := s.orderable(r, id, false)
		i.refuseUnlessSubscription()
		instances = append(instances, i)
	}
	for _, i := range instances {
		i.Renewal = renewal
	}
	if len(ids) == 1 {
		r.effect.instanceID = ids[0]
	}
	return nil
}

func wantedRenewal(r *request) Renewal {
	renewal := Renewal{Status: r.get("RenewalStatus")}
	switch unit := r.get("RenewalPeriodUnit"); {
	case renewal.Status == ManualRenewal || renewal.Status == NotRenewal:
		return renewal
	case renewal.Status != AutoRenewal:
		invalidOrder("RenewalStatus must be %s, %s or %s.", AutoRenewal, ManualRenewal, NotRenewal)
	case unit == "M":
		renewal.Period = r.months("RenewalPeriod", 1, 2, 3, 6, 12)
	case unit == "Y":
		renewal.Period = r.months("RenewalPeriod", 1, 2, 3)
	default:
		invalidOrder("RenewalPeriodUnit must be M or Y with %s.", AutoRenewal)
	}
	renewal.Unit = r.get("RenewalPeriodUnit")
	return renewal
}
