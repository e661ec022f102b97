package emulator

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"
)

// Billing lists a purchase before KMS shows it, whichever way it is paid, until it is gone. Before that, BSS knows nothing
// of it but its client token.
func TestBillingListsEveryPurchase(t *testing.T) {
	s, c := start(t, Options{
		VirtualClock: true, OrderListed: 10 * time.Second, OrderVisible: time.Minute, Refund: time.Hour, Release: time.Hour,
	})
	for productType, purchase := range map[string]params{
		"kms_ddi_public_cn": order(params{"ClientToken": "t"}), "kms_ppi_public_cn": payAsYouGoOrder(nil),
	} {
		id := c.buy(purchase)
		want := func(status any) {
			t.Helper()
			r := c.ok(serviceBSS, "QueryAvailableInstances", params{"ProductCode": "kms", "ProductType": productType, "InstanceIDs": id})
			r.is(status, "Data", "InstanceList", 0, "Status")
		}
		want(nil)
		refund := refund(id)
		c.refused(serviceBSS, "RefundInstance", refund, 200, "ResourceNotExists")
		if again := c.buy(purchase); purchase["ClientToken"] != "" && again != id {
			t.Error("the client token does not answer with the instance")
		}
		s.Advance(10 * time.Second)
		want("Creating") // before KMS shows it
		c.refused(serviceKMS, "ConnectKmsInstance", connection(id, nil), 403, "Forbidden.DKMSInstanceNotFound")
		s.Advance(time.Minute)
		want("Normal")
		if productType == "kms_ddi_public_cn" {
			c.ok(serviceBSS, "RefundInstance", refund)
		} else {
			c.ok(serviceKMS, "ReleaseKmsInstance", params{"KmsInstanceId": id, "ForceDeleteWithoutBackup": "true"})
		}
		want("Normal") // while it leaves
		s.Advance(time.Hour)
		want(nil)
	}
}

func TestTokenWithOtherParameters(t *testing.T) {
	for _, code := range []string{"", "IdempotentParameterMismatch", "Duplicated.ClientToken"} {
		s, c := start(t, Options{TokenMismatch: code})
		id := c.buy(order(params{"ClientToken": "t"}))
		other := order(params{"ClientToken": "t", "Period": "2"})
		if code == "" {
			equal(t, c.buy(other), id)
		} else {
			c.refused(serviceBSS, "CreateInstance", other, 200, code)
		}
		equal(t, c.buy(order(params{"ClientToken": "t"})), id)
		equal(t, s.Totals().Orders, 1)
	}
}

func TestOptionsThatMakeNoSense(t *testing.T) {
	for _, opts := range []Options{{TokenMismatch: "Other"}, {RefundRefusedIn: []string{"Asleep"}}} {
		if _, err := New(opts); err == nil {
			t.Errorf("%+v was accepted", opts)
		}
	}
}

func TestRefundsThatAreRefused(t *testing.T) {
	s, c := start(t, Options{VirtualClock: true, Connect: time.Minute, RefundRefusedIn: []string{StatusConnecting, StatusError}})
	id := c.buy(order(nil))
	refund := refund(id)
	c.connect(id)
	c.refused(serviceBSS, "RefundInstance", refund, 200, "PAY.REFUND_FAILED")
	change(t, s, id, Patch{Status: new(StatusError)})
	c.refused(serviceBSS, "RefundInstance", refund, 200, "PAY.REFUND_FAILED")
	change(t, s, id, Patch{Status: new(StatusConnected)})
	c.ok(serviceBSS, "RefundInstance", refund)
}

// The order book tells what was paid for a purchase, for sizes, for a renewal and for a refund.
func TestOrderDetail(t *testing.T) {
	s, c := start(t, Options{
		VirtualClock: true, OrderListed: time.Minute,
		Credentials: []Credential{{AccessKeyID: "mine", Secret: "s"}, {AccessKeyID: "theirs", Secret: "s", AccountID: "1111"}},
	})
	detail := func(c client, id string) reply {
		t.Helper()
		return c.ok(serviceBSS, "GetOrderDetail", params{"OrderId": id})
	}
	bought := c.ok(serviceBSS, "CreateInstance", order(nil))
	id, first := bought.text("Data", "InstanceId"), bought.text("Data", "OrderId")
	detail(c, first).is(0, "Data", "TotalCount")
	s.Advance(time.Minute)
	byUse := c.ok(serviceBSS, "CreateInstance", payAsYouGoOrder(nil)).text("Data", "OrderId")
	s.Advance(time.Minute)
	sizes := c.ok(serviceBSS, "ModifyInstance", modification(id, map[string]string{"KeyNum": "2000"}, nil)).text("Data", "OrderId")
	renewal := c.ok(serviceBSS, "RenewInstance", params{"InstanceId": id, "ProductCode": "kms", "RenewPeriod": "1"}).text("Data", "OrderId")
	refund, _ := c.ok(serviceBSS, "RefundInstance", refund(id)).at("Data", "OrderId").(json.Number)

	for id, want := range map[string][]string{
		first:           {"New", Subscription, "741"},
		byUse:           {"New", PayAsYouGo, "0"},
		sizes:           {"Upgrade", Subscription, "100"},
		renewal:         {"Renew", Subscription, "841"},
		refund.String(): {"Refund", Subscription, "-1682"},
	} {
		got := detail(c, id)
		equal(t, got.len("Data", "OrderList", "Order"), 1)
		for n, field := range []string{"OrderType", "SubscriptionType", "PretaxAmount", "OrderId", "PaymentStatus", "Currency"} {
			got.is(append(want, id, "Paid", "CNY")[n], "Data", "OrderList", "Order", 0, field)
		}
		if id != byUse {
			got.is(fmt.Sprintf("[%q]", bought.text("Data", "InstanceId")), "Data", "OrderList", "Order", 0, "InstanceIDs")
		}
	}
	detail(c, first).is("kms:[KeyNum:1000;ProductVersion:3;Region:cn-hangzhou;SecretNum:10;Spec:1000;VpcNum:2;]", "Data", "OrderList", "Order", 0, "Config")
	theirs := c
	theirs.key = "theirs"
	for _, r := range []reply{detail(theirs, first), detail(c, "1")} {
		r.is(0, "Data", "TotalCount")
		r.is("[]", "Data", "OrderList", "Order")
	}
}
