package emulator

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// orderTypes are the order book's words for the orders that are booked here.
var orderTypes = map[string]string{
	"CreateInstance": "New", "ModifyInstance": "Upgrade", "RenewInstance": "Renew", autoRenewalOrder: "Renew", "RefundInstance": "Refund",
}

// getOrderDetail shows one order: what it was for and what was paid. BSS knows it as soon as it knows the instance.
func getOrderDetail(s *Server, r *request) (map[string]any, *apiError) {
	s.account.catchUpAll(r.now)
	rows := []map[string]any{}
	for _, o := range s.account.orders {
		i := s.account.instances[o.InstanceID]
		if o.ID == r.get("OrderId") && o.AccountID == r.caller.accountID && !r.now.Before(i.ListedAt) {
			rows = append(rows, s.orderView(o, i))
		}
	}
	return map[string]any{
		"HostName": "", "PageNum": 1, "PageSize": 20, "TotalCount": len(rows), "OrderList": map[string]any{"Order": rows},
	}, nil
}

// orderView is an order as the book shows it: amounts and ids are texts, and so is the list of instances.
func (s *Server) orderView(o Order, i *Instance) map[string]any {
	amount, currency, placed := strconv.Itoa(o.Amount), "CNY", stamp(o.Time)
	if s.opts.Site == SiteInternational {
		currency = "USD"
	}
	ids, _ := json.Marshal([]string{o.InstanceID}) // a list of texts can always be written
	return map[string]any{
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
	ordered, refused := codes(&request{params: o.Parameters})
	if refused != nil || len(ordered) == 0 {
		return ""
	}
	var b strings.Builder
	for _, code := range slices.Sorted(maps.Keys(ordered)) {
		b.WriteString(code + ":" + ordered[code] + ";")
	}
	return productKMS + ":[" + b.String() + "]"
}
