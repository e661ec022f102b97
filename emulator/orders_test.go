package emulator

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

func modification(id string, codes map[string]string, more params) params {
	p := params{
		"ProductCode": "kms", "ProductType": "kms_ddi_public_cn", "SubscriptionType": "Subscription", "ModifyType": "Upgrade", "InstanceId": id,
	}
	n := 0
	for code, value := range codes {
		n++
		p[fmt.Sprintf("Parameter.%d.Code", n)] = code
		p[fmt.Sprintf("Parameter.%d.Value", n)] = value
	}
	for name, value := range more {
		p[name] = value
	}
	return p
}

// Promise (Emulator): A client token never buys twice.
func TestClientTokenNeverBuysTwice(t *testing.T) {
	s, c := start(t, Options{VirtualClock: true})
	eachForm(t, c, func(t *testing.T, c client) {
		before := s.Totals()
		p := order(params{"ClientToken": "token-" + c.form})
		first := c.ok(serviceBSS, "CreateInstance", p)
		again := c.ok(serviceBSS, "CreateInstance", p)
		if first.text("Data", "InstanceId") != again.text("Data", "InstanceId") || first.text("Data", "OrderId") != again.text("Data", "OrderId") {
			t.Fatalf("the replay answers %s, not %s", again.raw, first.raw)
		}
		if first.text("RequestId") == again.text("RequestId") {
			t.Error("the replay has the request id of the first call")
		}
		after := s.Totals()
		if after.Orders != before.Orders+1 || after.Replays != before.Replays+1 || after.Paid-before.Paid != 741 {
			t.Fatalf("totals went from %+v to %+v", before, after)
		}
		c.buy(order(nil)) // without a token every call buys
		c.buy(order(nil))
		if got := s.Totals().Orders; got != after.Orders+2 {
			t.Fatalf("%d orders", got)
		}
	})
}

func TestTokensOfEveryOrder(t *testing.T) {
	s, c := start(t, Options{VirtualClock: true})
	id := c.buy(order(nil))
	c.connect(id)
	modify := modification(id, map[string]string{"KeyNum": "2000"}, params{"ClientToken": "t"})
	renew := params{"ClientToken": "t", "InstanceId": id, "ProductCode": "kms", "RenewPeriod": "1"}
	refund := params{"ClientToken": "t", "InstanceId": id, "ProductCode": "kms"}
	for action, p := range map[string]params{"ModifyInstance": modify, "RenewInstance": renew} {
		first, again := c.ok(serviceBSS, action, p), c.ok(serviceBSS, action, p)
		if first.text("Data", "OrderId") != again.text("Data", "OrderId") {
			t.Errorf("%s: the replay is another order", action)
		}
	}
	first, again := c.ok(serviceBSS, "RefundInstance", refund), c.ok(serviceBSS, "RefundInstance", refund)
	if number(t, first.at("Data", "OrderId")) != number(t, again.at("Data", "OrderId")) {
		t.Error("RefundInstance: the replay is another order")
	}
	if got := s.Totals(); got.Modifications != 1 || got.Renewals != 1 || got.Refunds != 1 || got.Replays != 3 {
		t.Fatalf("totals %+v", got)
	}
}

// Another account's order with the same token is another order, and so is another action's.
func TestTokensBelongToAnAccount(t *testing.T) {
	_, c := start(t, Options{Credentials: []Credential{
		{AccessKeyID: "mine", Secret: "s"}, {AccessKeyID: "theirs", Secret: "s", AccountID: "1111"},
	}})
	p := order(params{"ClientToken": "t"})
	mine := c.buy(p)
	theirs := c
	theirs.key = "theirs"
	if got := theirs.buy(p); got == mine {
		t.Error("another account got this account's instance")
	}
	c.ok(serviceBSS, "RenewInstance", params{"ClientToken": "t", "InstanceId": mine, "ProductCode": "kms", "RenewPeriod": "1"})
}

// An order that failed is not remembered: the same token can be used for a better one.
func TestFailedOrdersAreForgotten(t *testing.T) {
	s, c := start(t, Options{})
	c.refused(serviceBSS, "CreateInstance", order(params{"ClientToken": "t", "Parameter.3.Value": "7"}), 200, "ProductCheckError")
	c.buy(order(params{"ClientToken": "t"}))
	if got := s.Totals(); got.Orders != 1 || got.Replays != 0 {
		t.Fatalf("totals %+v", got)
	}
}

func TestOrderRefusals(t *testing.T) {
	s, c := start(t, Options{})
	for name, r := range map[string]struct {
		more params
		code string
	}{
		"another product":       {params{"ProductCode": "ecs"}, "ProductCheckError"},
		"no product type":       {params{"ProductType": "-"}, "ProductCheckError"},
		"type of pay-as-you-go": {params{"ProductType": "kms_ppi_public_cn"}, "ProductCheckError"},
		"wrong site":            {params{"ProductType": "kms_ddi_public_intl"}, "NotApplicable"},
		"unknown payment":       {params{"SubscriptionType": "Free"}, "InvalidParameter"},
		"no period":             {params{"Period": "-"}, "InvalidParameter"},
		"period of 5":           {params{"Period": "5"}, "InvalidParameter"},
		"period of x":           {params{"Period": "x"}, "InvalidParameter"},
		"NotRenewal":            {params{"RenewalStatus": "NotRenewal"}, "InvalidParameter"},
		"AutoRenewal alone":     {params{"RenewalStatus": "AutoRenewal"}, "InvalidParameter"},
		"no region":             {params{"Parameter.1.Code": "-", "Parameter.1.Value": "-"}, "ProductCheckError"},
		"another region":        {params{"Parameter.1.Value": "cn-beijing"}, "ProductCheckError"},
		"version 4":             {params{"Parameter.2.Value": "4"}, "ProductCheckError"},
		"spec of 7":             {params{"Parameter.3.Value": "7"}, "ProductCheckError"},
		"99 keys":               {params{"Parameter.4.Value": "99"}, "ProductCheckError"},
		"keys of x":             {params{"Parameter.4.Value": "x"}, "InvalidParameter"},
		"unknown code":          {params{"Parameter.7.Code": "Colour", "Parameter.7.Value": "1"}, "ProductCheckError"},
		"value without code":    {params{"Parameter.7.Value": "1"}, "InvalidParameter"},
		"101st code":            {params{"Parameter.101.Code": "Log", "Parameter.101.Value": "1"}, "InvalidParameter"},
		"code without value":    {params{"Parameter.7.Code": "Log"}, "InvalidParameter"},
		"a long token":          {params{"ClientToken": strings.Repeat("t", 65)}, "InvalidParameter"},
		"code twice":            {params{"Parameter.7.Code": "KeyNum", "Parameter.7.Value": "1000"}, "InvalidParameter"},
	} {
		t.Run(name, func(t *testing.T) {
			c := c
			c.t = t
			c.refused(serviceBSS, "CreateInstance", order(r.more), 200, r.code)
		})
	}
	if got := s.Totals(); got.Orders != 0 || got.Paid != 0 {
		t.Fatalf("refused orders count: %+v", got)
	}
}

func TestSites(t *testing.T) {
	_, c := start(t, Options{Site: SiteInternational})
	c.refused(serviceBSS, "CreateInstance", order(nil), 200, "NotApplicable")
	id := c.buy(order(params{"ProductType": "kms_ddi_public_intl"}))
	wrong, right := params{"ProductType": "kms_ddi_public_cn"}, params{"ProductType": "kms_ddi_public_intl"}
	c.refused(serviceBSS, "ModifyInstance", modification(id, map[string]string{"KeyNum": "2000"}, wrong), 200, "NotApplicable")
	c.ok(serviceBSS, "ModifyInstance", modification(id, map[string]string{"KeyNum": "2000"}, right))
	renewal := params{"InstanceIDs": id, "RenewalStatus": "NotRenewal", "ProductCode": "kms"}
	c.refused(serviceBSS, "SetRenewal", with(renewal, wrong), 200, "NotApplicable")
	c.ok(serviceBSS, "SetRenewal", with(renewal, right))
	c.refused(serviceBSS, "QueryAvailableInstances", with(params{"ProductCode": "kms"}, wrong), 200, "NotApplicable")
	c.refused(serviceBSS, "QueryAvailableInstances", params{"ProductCode": domesticProbe, "ProductType": domesticProbe}, 200, "NotApplicable")
	c.ok(serviceBSS, "QueryAvailableInstances", with(params{"ProductCode": "kms"}, right))
	renew := params{"InstanceId": id, "ProductCode": "kms", "RenewPeriod": "1"}
	c.refused(serviceBSS, "RenewInstance", with(renew, wrong), 200, "NotApplicable")
	refund := params{"InstanceId": id, "ProductCode": "kms"}
	c.refused(serviceBSS, "RefundInstance", with(refund, wrong), 200, "NotApplicable")
	c.ok(serviceBSS, "RefundInstance", with(refund, right))

	_, home := start(t, Options{})
	r := home.ok(serviceBSS, "QueryAvailableInstances", params{"ProductCode": domesticProbe, "ProductType": domesticProbe, "PageSize": "50"})
	if got := number(t, r.at("Data", "TotalCount")); got != 0 {
		t.Fatalf("the probe finds %d instances", got)
	}
}

func TestAbsentSizes(t *testing.T) {
	_, c := start(t, Options{})
	drop := params{}
	for n := 3; n <= 6; n++ {
		drop[fmt.Sprintf("Parameter.%d.Code", n)] = "-"
		drop[fmt.Sprintf("Parameter.%d.Value", n)] = "-"
	}
	r := c.get(c.buy(order(drop)))
	if got := number(t, r.at("KmsInstance", "KeyNum")); got != 1000 {
		t.Errorf("KeyNum %d", got)
	}
	drop["Parameter.2.Value"] = "5"
	r = c.get(c.buy(order(drop)))
	if got := number(t, r.at("KmsInstance", "Spec")); got != 200 {
		t.Errorf("Spec %d", got)
	}
	r = c.get(c.buy(payAsYouGoOrder(params{"Parameter.3.Code": "log", "Parameter.3.Value": "1"})))
	if got := number(t, r.at("KmsInstance", "Log")); got != 1 || r.text("KmsInstance", "ChargeType") != "POSTPAY" {
		t.Errorf("pay-as-you-go %s", r.raw)
	}
}

// An order that names no version gets the small edition if its Spec is that edition's.
func TestVersionOfAnOrderWithoutOne(t *testing.T) {
	_, c := start(t, Options{})
	noVersion := params{"Parameter.2.Code": "-", "Parameter.2.Value": "-"}
	for spec, want := range map[string]string{"200": "5", "1000": "3"} {
		id := c.buy(order(with(noVersion, params{"Parameter.3.Value": spec, "Parameter.4.Value": "100"})))
		if got := c.get(id).text("KmsInstance", "ProductVersion"); got != want {
			t.Errorf("Spec %s without a version gives version %s, want %s", spec, got, want)
		}
	}
	byUse := c.buy(payAsYouGoOrder(noVersion))
	if got := c.get(byUse).text("KmsInstance", "ProductVersion"); got != "3" {
		t.Errorf("pay-as-you-go without a version gives version %s", got)
	}
}

func TestModifyRules(t *testing.T) {
	s, c := start(t, Options{VirtualClock: true, Upgrade: time.Minute})
	id := c.buy(order(params{"Parameter.7.Code": "LogStorage", "Parameter.7.Value": "1000"}))
	byUse := c.buy(payAsYouGoOrder(nil))
	refusals := []struct {
		name  string
		id    string
		codes map[string]string
		more  params
		code  string
	}{
		{"downgrade by type", id, map[string]string{"KeyNum": "2000"}, params{"ModifyType": "Downgrade"}, "ProductCheckError"},
		{"unknown type", id, map[string]string{"KeyNum": "2000"}, params{"ModifyType": "Side"}, "InvalidParameter"},
		{"fewer keys", id, map[string]string{"KeyNum": "900"}, nil, "ProductCheckError"},
		{"fewer secrets", id, map[string]string{"SecretNum": "0"}, nil, "ProductCheckError"},
		{"fewer VPCs, more secrets", id, map[string]string{"VpcNum": "1", "SecretNum": "20"}, nil, "ProductCheckError"},
		{"less log storage", id, map[string]string{"LogStorage": "0"}, nil, "ProductCheckError"},
		{"lower spec", id, map[string]string{"Spec": "200"}, nil, "ProductCheckError"},
		{"smaller edition", id, map[string]string{"ProductVersion": "5"}, nil, "ProductCheckError"},
		{"no code", id, nil, nil, "ProductCheckError"},
		{"no change", id, map[string]string{"KeyNum": "1000"}, nil, "ProductCheckError"},
		{"another region", id, map[string]string{"Region": "cn-beijing"}, nil, "ProductCheckError"},
		{"unknown instance", "kst-0", map[string]string{"KeyNum": "2000"}, nil, "ResourceNotExists"},
		{"wrong payment", id, map[string]string{"KeyNum": "2000"}, params{"SubscriptionType": "PayAsYouGo"}, "ProductCheckError"},
		{"type of the other payment", id, map[string]string{"KeyNum": "2000"}, params{"ProductType": "kms_ppi_public_cn"}, "ProductCheckError"},
		{
			"sizes by use", byUse, map[string]string{"KeyNum": "2000"},
			params{"SubscriptionType": "PayAsYouGo", "ProductType": "kms_ppi_public_cn"}, "ProductCheckError",
		},
	}
	for _, r := range refusals {
		t.Run(r.name, func(t *testing.T) {
			c := c
			c.t = t
			c.refused(serviceBSS, "ModifyInstance", modification(r.id, r.codes, r.more), 200, r.code)
		})
	}
	if got := s.Totals().Modifications; got != 0 {
		t.Fatalf("refused orders count: %d", got)
	}

	c.ok(serviceBSS, "ModifyInstance", modification(id, map[string]string{"VpcNum": "5"}, nil))
	c.refused(serviceBSS, "ModifyInstance", modification(id, map[string]string{"VpcNum": "6"}, nil), 200, "SYSTEM.CONCURRENT_OPERATE")
	c.refused(serviceBSS, "RefundInstance", params{"InstanceId": id, "ProductCode": "kms"}, 200, "SYSTEM.CONCURRENT_OPERATE")
	if got := number(t, c.get(id).at("KmsInstance", "VpcNum")); got != 2 {
		t.Fatalf("VpcNum %d during the upgrade", got)
	}
	s.Advance(time.Minute)
	if got := number(t, c.get(id).at("KmsInstance", "VpcNum")); got != 5 {
		t.Fatalf("VpcNum %d after the upgrade", got)
	}
	paid := s.Totals().Paid
	c.ok(serviceBSS, "ModifyInstance", modification(byUse, map[string]string{"Log": "1", "LogStorage": "1000"},
		params{"SubscriptionType": "PayAsYouGo", "ProductType": "kms_ppi_public_cn"}))
	if got := s.Totals().Paid; got != paid {
		t.Errorf("a change of a pay-as-you-go instance cost %d", got-paid)
	}
	s.Advance(time.Minute)
	if got := number(t, c.get(byUse).at("KmsInstance", "LogStorage")); got != 1000 {
		t.Errorf("LogStorage %d", got)
	}
}

func TestSmallEditionGrowsInPlace(t *testing.T) {
	_, c := start(t, Options{})
	id := c.buy(order(params{"Parameter.2.Value": "5", "Parameter.3.Value": "200", "Parameter.4.Value": "100"}))
	c.ok(serviceBSS, "ModifyInstance", modification(id, map[string]string{"ProductVersion": "3", "Spec": "1000"}, nil))
	if got := c.get(id).text("KmsInstance", "ProductVersion"); got != "3" {
		t.Errorf("version %q", got)
	}
}

func TestRefundRules(t *testing.T) {
	s, c := start(t, Options{VirtualClock: true})
	id := c.buy(order(params{"Period": "3"}))
	paid := s.Totals().Paid
	for name, r := range map[string]struct {
		params params
		code   string
	}{
		"no id":           {params{"ProductCode": "kms"}, "InvalidParameter"},
		"unknown id":      {params{"InstanceId": "kst-0", "ProductCode": "kms"}, "ResourceNotExists"},
		"no product":      {params{"InstanceId": id}, "ProductCheckError"},
		"later release":   {params{"InstanceId": id, "ProductCode": "kms", "ImmediatelyRelease": "0"}, "ProductCheckError"},
		"release of x":    {params{"InstanceId": id, "ProductCode": "kms", "ImmediatelyRelease": "x"}, "InvalidParameter"},
		"another payment": {params{"InstanceId": c.buy(payAsYouGoOrder(nil)), "ProductCode": "kms"}, "ProductCheckError"},
	} {
		t.Run(name, func(t *testing.T) {
			c := c
			c.t = t
			c.refused(serviceBSS, "RefundInstance", r.params, 200, r.code)
		})
	}
	r := c.ok(serviceBSS, "RefundInstance", params{"InstanceId": id, "ProductCode": "kms", "ProductType": "", "ImmediatelyRelease": "1"})
	if _, ok := r.at("Data", "OrderId").(json.Number); !ok {
		t.Errorf("OrderId of a refund is %#v, not a number", r.at("Data", "OrderId"))
	}
	if got := s.Totals().Refunded; got != paid {
		t.Errorf("paid %d, paid back %d on the first day", paid, got)
	}
}

func TestRenewal(t *testing.T) {
	_, c := start(t, Options{VirtualClock: true})
	id := c.buy(order(params{"RenewalStatus": "AutoRenewal", "RenewPeriod": "12"}))
	query := func(more params) reply {
		return c.ok(serviceBSS, "QueryAvailableInstances", with(params{"ProductCode": "kms", "InstanceIDs": id}, more))
	}
	row := func() map[string]any {
		m, _ := query(nil).at("Data", "InstanceList", 0).(map[string]any)
		return m
	}
	if got := row(); got["RenewStatus"] != AutoRenewal || got["RenewalDuration"] != json.Number("12") || got["RenewalDurationUnit"] != "M" {
		t.Fatalf("renewal of the order %v", got)
	}
	setting := params{"InstanceIDs": id, "ProductCode": "kms", "SubscriptionType": "Subscription"}
	c.ok(serviceBSS, "SetRenewal", with(setting, params{"RenewalStatus": "AutoRenewal", "RenewalPeriod": "1", "RenewalPeriodUnit": "Y"}))
	if got := row(); got["RenewalDuration"] != json.Number("1") || got["RenewalDurationUnit"] != "Y" {
		t.Fatalf("renewal %v", got)
	}
	for _, status := range []string{ManualRenewal, NotRenewal} {
		c.ok(serviceBSS, "SetRenewal", with(setting, params{"RenewalStatus": status}))
		got := row()
		if _, there := got["RenewalDuration"]; there || got["RenewStatus"] != status {
			t.Fatalf("renewal %v", got)
		}
	}
	for name, r := range map[string]struct {
		more params
		code string
	}{
		"no unit":         {params{"RenewalStatus": "AutoRenewal", "RenewalPeriod": "1"}, "InvalidParameter"},
		"no period":       {params{"RenewalStatus": "AutoRenewal", "RenewalPeriodUnit": "M"}, "InvalidParameter"},
		"4 months":        {params{"RenewalStatus": "AutoRenewal", "RenewalPeriod": "4", "RenewalPeriodUnit": "M"}, "InvalidParameter"},
		"6 years":         {params{"RenewalStatus": "AutoRenewal", "RenewalPeriod": "6", "RenewalPeriodUnit": "Y"}, "InvalidParameter"},
		"unknown status":  {params{"RenewalStatus": "Never"}, "InvalidParameter"},
		"pay-as-you-go":   {params{"RenewalStatus": "NotRenewal", "SubscriptionType": "PayAsYouGo"}, "InvalidParameter"},
		"unknown id":      {params{"RenewalStatus": "NotRenewal", "InstanceIDs": id + ",kst-0"}, "ResourceNotExists"},
		"billed by use":   {params{"RenewalStatus": "NotRenewal", "InstanceIDs": c.buy(payAsYouGoOrder(nil))}, "ProductCheckError"},
		"another product": {params{"RenewalStatus": "NotRenewal", "ProductCode": "ecs"}, "ProductCheckError"},
	} {
		t.Run(name, func(t *testing.T) {
			c := c
			c.t = t
			c.refused(serviceBSS, "SetRenewal", with(setting, r.more), 200, r.code)
		})
	}
	for filter, want := range map[string]int64{
		"RenewStatus=NotRenewal": 1, "RenewStatus=AutoRenewal": 0, "Region=cn-hangzhou": 1, "Region=cn-beijing": 0,
		"SubscriptionType=PayAsYouGo": 0, "ProductType=kms_ddi_public_cn": 1, "CreateTimeStart=2100-01-01T00:00:00Z": 0,
		"EndTimeEnd=2100-01-01T00:00:00Z": 1, "PageNum=2": 1,
	} {
		name, value, _ := strings.Cut(filter, "=")
		if got := number(t, query(params{name: value}).at("Data", "TotalCount")); got != want {
			t.Errorf("%s finds %d, want %d", filter, got, want)
		}
	}
	c.refused(serviceBSS, "QueryAvailableInstances", params{"CreateTimeStart": "yesterday"}, 200, "InvalidParameter")
	c.refused(serviceBSS, "QueryAvailableInstances", params{"PageNum": "0"}, 200, "InvalidParameter")
	c.refused(serviceBSS, "QueryAvailableInstances", params{"Region": "cn-hangzhou"}, 400, "MissingProductCode")
}

func TestQueryPagesAreCapped(t *testing.T) {
	s, c := start(t, Options{})
	for range 130 {
		seed(t, s, Instance{})
	}
	r := c.ok(serviceBSS, "QueryAvailableInstances", params{"PageSize": "300"})
	if list, _ := r.at("Data", "InstanceList").([]any); len(list) != 100 || number(t, r.at("Data", "TotalCount")) != 130 {
		t.Errorf("%d rows of %v", len(list), r.at("Data", "TotalCount"))
	}
	r = c.ok(serviceBSS, "QueryAvailableInstances", params{"PageSize": "300", "PageNum": "2"})
	if list, _ := r.at("Data", "InstanceList").([]any); len(list) != 30 {
		t.Errorf("%d rows on the second page", len(list))
	}
}

func TestOrderBeforeItIsVisible(t *testing.T) {
	s, c := start(t, Options{VirtualClock: true, OrderVisible: time.Minute})
	id := c.buy(order(nil))
	if got := number(t, c.ok(serviceKMS, "ListKmsInstances", nil).at("TotalCount")); got != 0 {
		t.Fatal("it is listed")
	}
	c.refused(serviceKMS, "ConnectKmsInstance", connection(id, nil), 403, "Forbidden.DKMSInstanceNotFound")
	r := c.ok(serviceBSS, "QueryAvailableInstances", params{"InstanceIDs": id})
	if got := r.text("Data", "InstanceList", 0, "Status"); got != "Creating" {
		t.Fatalf("BSS status %q", got)
	}
	s.Advance(time.Minute)
	c.connect(id)
}

func TestEndOfASubscription(t *testing.T) {
	s, c := start(t, Options{VirtualClock: true})
	id := c.buy(order(nil))
	c.connect(id)
	auto := c.buy(order(params{"RenewalStatus": "AutoRenewal", "RenewPeriod": "1"}))
	renewals, paid := s.Totals().Renewals, s.Totals().Paid

	s.Advance(32 * 24 * time.Hour)
	r := c.get(id)
	if r.text("KmsInstance", "SaleStatus") != saleExpired || r.text("KmsInstance", "Status") != StatusDisconnected {
		t.Fatalf("after the end: %s", r.raw)
	}
	c.refused(serviceKMS, "UpdateKmsInstance", params{"KmsInstanceId": id, "InstanceName": "x"}, 400, "UnsupportedOperation")
	c.refused(serviceBSS, "ModifyInstance", modification(id, map[string]string{"KeyNum": "2000"}, nil), 200, "ProductCheckError")
	if got := c.ok(serviceBSS, "QueryAvailableInstances", params{"InstanceIDs": id}).text("Data", "InstanceList", 0, "Status"); got != "Expired" {
		t.Errorf("BSS status %q", got)
	}
	if got := c.get(auto).text("KmsInstance", "SaleStatus"); got != saleNormal {
		t.Errorf("the renewed instance is %q", got)
	}
	if got := s.Totals(); got.Renewals != renewals+1 || got.Paid <= paid {
		t.Errorf("the renewal was not paid: %+v", got)
	}

	c.ok(serviceBSS, "RenewInstance", params{"InstanceId": id, "ProductCode": "kms", "RenewPeriod": "1"})
	if got := c.status(id); got != StatusConnected {
		t.Fatalf("status %q after the renewal", got)
	}
	c.refused(serviceBSS, "RenewInstance", params{"InstanceId": id, "ProductCode": "kms", "RenewPeriod": "10"}, 200, "InvalidParameter")

	s.Advance((31 + 1 + 15) * 24 * time.Hour)
	if got := c.get(id).text("KmsInstance", "InstanceId"); got != "" {
		t.Fatal("it was not released on the 16th day after its end")
	}
	c.refused(serviceBSS, "RefundInstance", params{"InstanceId": id, "ProductCode": "kms"}, 200, "ResourceNotExists")
}
