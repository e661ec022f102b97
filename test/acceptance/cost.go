package main

import (
	"context"
	"strings"

	"github.com/pulumiverse/pulumi-alicloud-kms/test/acceptance/recording"
)

const explanation = `make acceptance takes a KMS instance through its whole life on a real Alibaba Cloud account: it buys one, changes it,
and gives it back, with all that it made. That costs money, so it calls nothing unless ACCEPT_COSTS=yes.

  ACCEPT_COSTS=yes                     run, and pay
  SUBSCRIPTION=1                       a Subscription instance for a month in place of a PayAsYouGo one
  ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET, ALIBABA_CLOUD_SECURITY_TOKEN
  ALIBABA_CLOUD_REGION, ACCEPT_ZONES   by default cn-hangzhou, and its zones k and j

docs/howto-acceptance.md says more.

`

// listPrice is what a run costs by the public billing pages of the international site (2026-11). Those of the domestic site, the price of
// a bound VPC, and what a refund keeps are not known.
func listPrice(payment string) string {
	if payment == "Subscription" {
		return "List price: 500 USD for the month of a software instance (https://www.alibabacloud.com/help/en/kms, billing). It is asked back\n" +
			"at the end; how much comes back, and the price on the domestic site, is not known.\n"
	}
	return "List price: 4.50 USD a day for a software instance (https://www.alibabacloud.com/help/en/kms, billing), on the bill of the next\n" +
		"day. What a bound VPC adds, and the price on the domestic site, is not known.\n"
}

// costs says what the orders of this run did cost by the order book.
func (r *run) costs(ctx context.Context) {
	for _, o := range r.orders() {
		if o.Run != r.name {
			continue
		}
		answer, err := r.client.Call(ctx, o.Host, recording.BSS, "GetOrderDetail", "OrderId", o.OrderID)
		if err == nil {
			err = answer.Refused()
		}
		rows := recording.Objects(answer.Body, "Data", "OrderList", "Order")
		if err != nil || len(rows) == 0 {
			r.say("order %s (%s): the order book does not say what it cost: %v", o.OrderID, o.Action, err)
		}
		for _, row := range rows {
			r.say("order %s (%s): %s %s, %s", o.OrderID, o.Action, recording.Text(row, "PretaxAmount"), recording.Text(row, "Currency"),
				recording.Text(row, "PaymentStatus"))
		}
		if strings.HasPrefix(o.ProductType, "kms_ppi_") {
			r.say("what the PayAsYouGo instance used is on the bill of the next day")
		}
	}
}
