package emulator

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

const maxQueryPageSize = 100

// queryAvailableInstances lists what the account has bought, with its renewal settings.
func queryAvailableInstances(s *Server, r *request) result {
	page, size := r.number("PageNum", 1, 1<<30), r.number("PageSize", 20, 1<<30)
	size = min(size, maxQueryPageSize) // the cloud caps it without a word
	if len(r.split("InstanceIDs")) > maxInstanceIDs {
		invalidOrder("InstanceIDs must be at most %d ids.", maxInstanceIDs)
	}
	if r.get("Region") != "" && r.get("ProductCode") == "" {
		missing("ProductCode")
	}
	matches := instanceQuery(r)
	found := s.account.instances(r.now, func(i *Instance) bool {
		return s.account.listed(i, r.caller.accountID, r.now) && matches(i)
	})
	rows := []result{}
	for _, i := range pageOf(found, page, size) {
		rows = append(rows, i.bssView(r.now))
	}
	return result{"InstanceList": rows, "PageNum": page, "PageSize": size, "TotalCount": len(found)}
}

// instanceQuery reads the filters of QueryAvailableInstances.
func instanceQuery(r *request) func(*Instance) bool {
	between := map[string]time.Time{}
	for _, name := range []string{"CreateTimeStart", "CreateTimeEnd", "EndTimeStart", "EndTimeEnd"} {
		t, ok := parseTimestamp(r.get(name))
		if ok {
			between[name] = t
		} else if r.get(name) != "" {
			invalidOrder("%s must be a time such as 2026-01-02T03:04:05Z.", name)
		}
	}
	inside := func(t time.Time, name string) bool {
		from, to := between[name+"Start"], between[name+"End"]
		return !t.Before(from) && (to.IsZero() || !t.After(to))
	}
	ids := r.split("InstanceIDs")
	return func(i *Instance) bool {
		return (len(ids) == 0 || slices.Contains(ids, i.ID)) &&
			r.wants("ProductCode", productKMS) && r.wants("ProductType", i.ProductType) && r.wants("SubscriptionType", i.PaymentType) &&
			r.wants("Region", i.Region) && r.wants("RenewStatus", i.Renewal.Status) &&
			inside(i.CreateTime, "CreateTime") && inside(i.EndDate, "EndTime")
	}
}

// bssView is a row of QueryAvailableInstances.
func (i *Instance) bssView(now time.Time) result {
	v := result{
		"InstanceID":       i.ID,
		"Status":           "Normal",
		"SubscriptionType": i.PaymentType,
		"ProductCode":      productKMS,
		"ProductType":      i.ProductType,
		"Region":           i.Region,
		"CreateTime":       stamp(i.CreateTime),
		"Seller":           "26842",
	}
	switch {
	case now.Before(i.VisibleAt):
		v["Status"] = "Creating"
	case i.expired(now):
		v["Status"] = "Expired"
	}
	if i.PaymentType == Subscription {
		v["EndTime"] = stamp(i.EndDate)
		v["ExpectedReleaseTime"] = stamp(i.EndDate.Add(releasedAfterExpiry))
		v["RenewStatus"] = i.Renewal.Status
		if i.Renewal.Status == AutoRenewal {
			v["RenewalDuration"], v["RenewalDurationUnit"] = i.Renewal.Period, i.Renewal.Unit
		}
	}
	return v
}

// orderTypes are the order book's words for the orders that are booked here.
var orderTypes = map[string]string{
	"CreateInstance": "New", "ModifyInstance": "Upgrade", "RenewInstance": "Renew", autoRenewalOrder: "Renew", "RefundInstance": "Refund",
}

// getOrderDetail shows one order: what it was for and what was paid. BSS knows it as soon as it knows the instance.
func getOrderDetail(s *Server, r *request) result {
	s.account.catchUpAll(r.now)
	rows := []result{}
	for _, o := range s.account.Orders {
		i := s.account.instance(o.InstanceID)
		if o.ID == r.get("OrderId") && o.AccountID == r.caller.accountID && !r.now.Before(i.ListedAt) {
			rows = append(rows, s.orderView(o, i))
		}
	}
	return result{"HostName": "", "PageNum": 1, "PageSize": 20, "TotalCount": len(rows), "OrderList": result{"Order": rows}}
}

// orderView is an order as the book shows it: amounts and ids are texts, and so is the list of instances.
func (s *Server) orderView(o Order, i *Instance) result {
	amount, currency, placed := strconv.Itoa(o.Amount), "CNY", stamp(o.Time)
	if s.opts.Site == SiteInternational {
		currency = "USD"
	}
	ids, _ := json.Marshal([]string{o.InstanceID}) // a list of texts can always be written
	return result{
		"OrderId": o.ID, "SubOrderId": o.ID, "RelatedOrderId": i.OrderID, "OrderType": orderTypes[o.Kind],
		"ProductCode": productKMS, "ProductType": i.ProductType, "CommodityCode": i.ProductType,
		"SubscriptionType": i.PaymentType, "Region": i.Region, "InstanceIDs": string(ids), "Quantity": "1",
		"CreateTime": placed, "PaymentTime": placed, "PaymentStatus": "Paid", "Config": orderConfig(o),
		"PretaxGrossAmount": amount, "PretaxAmount": amount, "AfterTaxAmount": amount, "Tax": "0",
		"Currency": currency, "PaymentCurrency": currency,
	}
}

// orderConfig shows the codes of an order in one text.
func orderConfig(o Order) string {
	if o.Kind != "CreateInstance" && o.Kind != "ModifyInstance" {
		return ""
	}
	ordered := codes(&request{params: o.Parameters})
	var b strings.Builder
	for _, code := range slices.Sorted(maps.Keys(ordered)) {
		b.WriteString(code + ":" + ordered[code] + ";")
	}
	return productKMS + ":[" + b.String() + "]"
}
