package emulator

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"
)

// bill is billing's list of the account's instances of a product type: their statuses by id.
func (c client) bill(productType string) map[string]string {
	c.t.Helper()
	all := map[string]string{}
	for page := 1; ; page++ {
		r := c.ok(serviceBSS, "QueryAvailableInstances", params{
			"ProductCode": "kms", "ProductType": productType, "PageNum": fmt.Sprint(page), "PageSize": "300",
		})
		rows := r.len("Data", "InstanceList")
		for n := range rows {
			all[r.text("Data", "InstanceList", n, "InstanceID")] = r.text("Data", "InstanceList", n, "Status")
		}
		if rows == 0 {
			return all
		}
	}
}

// Billing lists a purchase before KMS shows it, whichever way it is paid, until it is gone.
func TestBillingListsEveryPurchase(t *testing.T) {
	s, c := start(t, Options{
		VirtualClock: true, OrderListed: 10 * time.Second, OrderVisible: time.Minute, Refund: time.Hour, Release: time.Hour,
	})
	leave := map[string]func(id string){
		"kms_ddi_public_cn": func(id string) {
			c.ok(serviceBSS, "RefundInstance", params{"InstanceId": id, "ProductCode": "kms"})
		},
		"kms_ppi_public_cn": func(id string) {
			c.ok(serviceKMS, "ReleaseKmsInstance", params{"KmsInstanceId": id, "ForceDeleteWithoutBackup": "true"})
		},
	}
	for productType, purchase := range map[string]params{"kms_ddi_public_cn": order(nil), "kms_ppi_public_cn": payAsYouGoOrder(nil)} {
		t.Run(productType, func(t *testing.T) {
			c.t = t
			want := func(when string, id, status string) {
				t.Helper()
				if got := c.bill(productType)[id]; got != status {
					t.Errorf("%s billing lists it as %q, want %q", when, got, status)
				}
			}
			id := c.buy(purchase)
			want("right after the order", id, "")
			s.Advance(10 * time.Second)
			want("before KMS shows it", id, "Creating")
			if got := c.get(id).text("KmsInstance", "InstanceId"); got != "" {
				t.Error("KMS shows it already")
			}
			s.Advance(time.Minute)
			want("when KMS shows it", id, "Normal")
			leave[productType](id)
			want("while it leaves", id, "Normal")
			s.Advance(time.Hour)
			want("when it is gone", id, "")
		})
	}
}

// What the cloud takes back is listed as Creating for a while, never shown by KMS, and then nowhere.
func TestPurchaseThatIsTakenBack(t *testing.T) {
	s, c := start(t, Options{VirtualClock: true})
	inject(t, s, Fault{Kind: FaultAutoRefund, Seconds: 300})
	id := c.buy(order(nil))
	s.Advance(299 * time.Second)
	if got := c.bill("kms_ddi_public_cn")[id]; got != "Creating" || c.get(id).text("KmsInstance", "InstanceId") != "" {
		t.Errorf("before the end billing lists it as %q", got)
	}
	s.Advance(time.Second)
	if got := c.bill("kms_ddi_public_cn"); len(got) != 0 {
		t.Errorf("in the end billing lists %v", got)
	}
}

func TestTokenWithOtherParameters(t *testing.T) {
	for _, code := range []string{"", "IdempotentParameterMismatch", "Duplicated.ClientToken"} {
		t.Run(code, func(t *testing.T) {
			s, c := start(t, Options{TokenMismatch: code})
			id := c.buy(order(params{"ClientToken": "t"}))
			other := order(params{"ClientToken": "t", "Period": "2"})
			if code == "" {
				if got := c.buy(other); got != id {
					t.Errorf("it is answered with %s, not %s", got, id)
				}
			} else {
				c.refused(serviceBSS, "CreateInstance", other, 200, code)
			}
			if got := c.buy(order(params{"ClientToken": "t"})); got != id {
				t.Errorf("the same order is answered with %s, not %s", got, id)
			}
			if got := s.Totals().Orders; got != 1 {
				t.Errorf("%d orders", got)
			}
		})
	}
	if _, err := New(Options{TokenMismatch: "Other"}); err == nil {
		t.Error("an unknown code was accepted")
	}
}

func TestRefundsThatAreRefused(t *testing.T) {
	s, c := start(t, Options{VirtualClock: true, Connect: time.Minute, RefundRefusedIn: []string{StatusConnecting, StatusError}})
	id := c.buy(order(nil))
	refund := params{"InstanceId": id, "ProductCode": "kms"}
	c.connect(id)
	c.refused(serviceBSS, "RefundInstance", refund, 200, "PAY.REFUND_FAILED")
	if _, err := s.Change(id, Patch{Status: ptr(StatusError)}); err != nil {
		t.Fatal(err)
	}
	c.refused(serviceBSS, "RefundInstance", refund, 200, "PAY.REFUND_FAILED")
	if _, err := s.Change(id, Patch{Status: ptr(StatusConnected)}); err != nil {
		t.Fatal(err)
	}
	c.ok(serviceBSS, "RefundInstance", refund)
	if _, err := New(Options{RefundRefusedIn: []string{"Asleep"}}); err == nil {
		t.Error("an unknown status was accepted")
	}
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
	if got := number(t, detail(c, first).at("Data", "TotalCount")); got != 0 {
		t.Errorf("the book has the order at once: %d", got)
	}
	s.Advance(time.Minute)
	byUse := c.ok(serviceBSS, "CreateInstance", payAsYouGoOrder(nil)).text("Data", "OrderId")
	s.Advance(time.Minute)
	sizes := c.ok(serviceBSS, "ModifyInstance", modification(id, map[string]string{"KeyNum": "2000"}, nil)).text("Data", "OrderId")
	renewal := c.ok(serviceBSS, "RenewInstance", params{"InstanceId": id, "ProductCode": "kms", "RenewPeriod": "1"}).text("Data", "OrderId")
	refund, _ := c.ok(serviceBSS, "RefundInstance", params{"InstanceId": id, "ProductCode": "kms"}).at("Data", "OrderId").(json.Number)

	for name, r := range map[string]struct {
		order, kind, payment, amount string
	}{
		"purchase":      {first, "New", Subscription, "741"},
		"pay-as-you-go": {byUse, "New", PayAsYouGo, "0"},
		"sizes":         {sizes, "Upgrade", Subscription, "100"},
		"renewal":       {renewal, "Renew", Subscription, "841"},
		"refund":        {refund.String(), "Refund", Subscription, "-1682"},
	} {
		got := detail(c, r.order)
		row := func(field string) string { return got.text("Data", "OrderList", "Order", 0, field) }
		if got.len("Data", "OrderList", "Order") != 1 || row("OrderId") != r.order || row("OrderType") != r.kind ||
			row("SubscriptionType") != r.payment || row("PretaxAmount") != r.amount || row("PaymentStatus") != "Paid" || row("Currency") != "CNY" {
			t.Errorf("%s: %s", name, got.raw)
		}
		var ids []string
		if err := json.Unmarshal([]byte(row("InstanceIDs")), &ids); err != nil || len(ids) != 1 || r.order != byUse && ids[0] != id {
			t.Errorf("%s: InstanceIDs %q: %v", name, row("InstanceIDs"), err)
		}
	}
	if got := detail(c, first).text("Data", "OrderList", "Order", 0, "Config"); got != "kms:[KeyNum:1000;ProductVersion:3;Region:cn-hangzhou;SecretNum:10;Spec:1000;VpcNum:2;]" {
		t.Errorf("Config %s", got)
	}
	theirs := c
	theirs.key = "theirs"
	for _, r := range []reply{detail(theirs, first), detail(c, "1")} {
		if got := number(t, r.at("Data", "TotalCount")); got != 0 || r.len("Data", "OrderList", "Order") != 0 {
			t.Errorf("an order that is not theirs, or none: %s", r.raw)
		}
	}
}
