package emulator

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// Promise (Emulator): A client token never buys twice.
func TestClientTokenNeverBuysTwice(t *testing.T) {
	s, c := start(t, Options{VirtualClock: true})
	p := order(params{"ClientToken": "token"})
	first, again := c.ok(serviceBSS, "CreateInstance", p), c.ok(serviceBSS, "CreateInstance", p)
	again.is(first.at("Data"), "Data")
	if first.text("RequestId") == again.text("RequestId") {
		t.Error("the replay has the request id of the first call")
	}
	equal(t, s.Totals(), Totals{Calls: 2, Orders: 1, Replays: 1, Paid: 741})
	renew := params{"ClientToken": "token", "InstanceId": first.text("Data", "InstanceId"), "ProductCode": "kms", "RenewPeriod": "1"}
	for range 2 { // the token of another action is another one
		c.ok(serviceBSS, "RenewInstance", renew)
	}
	equal(t, s.Totals().Renewals, 1)
	c.refused(serviceBSS, "CreateInstance", order(params{"ClientToken": "bad", "Period": "5"}), 200, "InvalidParameter")
	c.buy(order(params{"ClientToken": "bad"})) // a refused order is not remembered
	c.buy(order(nil))                          // without a token every call buys
	c.buy(order(nil))
	equal(t, s.Totals().Orders, 4)
}

func TestOrderRefusals(t *testing.T) {
	s, c := start(t, Options{})
	c.refusesEach(serviceBSS, "CreateInstance", order(nil), map[string]refusal{
		"another product":       {params{"ProductCode": "ecs"}, 200, "ProductCheckError"},
		"no product type":       {params{"ProductType": "-"}, 200, "ProductCheckError"},
		"type of pay-as-you-go": {params{"ProductType": "kms_ppi_public_cn"}, 200, "ProductCheckError"},
		"wrong site":            {params{"ProductType": "kms_ddi_public_intl"}, 200, "NotApplicable"},
		"unknown payment":       {params{"SubscriptionType": "Free"}, 200, "InvalidParameter"},
		"no period":             {params{"Period": "-"}, 200, "InvalidParameter"},
		"period of 5":           {params{"Period": "5"}, 200, "InvalidParameter"},
		"period of x":           {params{"Period": "x"}, 200, "InvalidParameter"},
		"NotRenewal":            {params{"RenewalStatus": "NotRenewal"}, 200, "InvalidParameter"},
		"AutoRenewal alone":     {params{"RenewalStatus": "AutoRenewal"}, 200, "InvalidParameter"},
		"no region":             {params{"Parameter.1.Code": "-", "Parameter.1.Value": "-"}, 200, "ProductCheckError"},
		"another region":        {params{"Parameter.1.Value": "cn-beijing"}, 200, "ProductCheckError"},
		"version 4":             {params{"Parameter.2.Value": "4"}, 200, "ProductCheckError"},
		"spec of 7":             {params{"Parameter.3.Value": "7"}, 200, "ProductCheckError"},
		"99 keys":               {params{"Parameter.4.Value": "99"}, 200, "ProductCheckError"},
		"keys of x":             {params{"Parameter.4.Value": "x"}, 200, "InvalidParameter"},
		"unknown code":          {params{"Parameter.7.Code": "Colour", "Parameter.7.Value": "1"}, 200, "ProductCheckError"},
		"value without code":    {params{"Parameter.7.Value": "1"}, 200, "InvalidParameter"},
		"101st code":            {params{"Parameter.101.Code": "Log", "Parameter.101.Value": "1"}, 200, "InvalidParameter"},
		"code without value":    {params{"Parameter.7.Code": "Log"}, 200, "InvalidParameter"},
		"a long token":          {params{"ClientToken": strings.Repeat("t", 65)}, 200, "InvalidParameter"},
		"code twice":            {params{"Parameter.7.Code": "KeyNum", "Parameter.7.Value": "1000"}, 200, "InvalidParameter"},
	})
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
	c.refused(serviceBSS, "RefundInstance", with(refund(id), wrong), 200, "NotApplicable")

	_, home := start(t, Options{})
	r := home.ok(serviceBSS, "QueryAvailableInstances", params{"ProductCode": domesticProbe, "ProductType": domesticProbe, "PageSize": "50"})
	r.is(0, "Data", "TotalCount")
}

func TestAbsentSizes(t *testing.T) {
	_, c := start(t, Options{})
	drop := params{}
	for n := 3; n <= 6; n++ {
		drop[fmt.Sprintf("Parameter.%d.Code", n)] = "-"
		drop[fmt.Sprintf("Parameter.%d.Value", n)] = "-"
	}
	r := c.get(c.buy(order(drop)))
	r.is(1000, "KmsInstance", "KeyNum")
	drop["Parameter.3.Code"], drop["Parameter.3.Value"] = "Spec", "200"
	drop["Parameter.2.Code"], drop["Parameter.2.Value"] = "-", "-" // the small Spec is that of version 5
	r = c.get(c.buy(order(drop)))
	r.is(100, "KmsInstance", "KeyNum")
	r.is(5, "KmsInstance", "ProductVersion")
	small := r.text("KmsInstance", "InstanceId")
	c.ok(serviceBSS, "ModifyInstance", modification(small, map[string]string{"ProductVersion": "3", "Spec": "1000"}, nil))
	r = c.get(c.buy(payAsYouGoOrder(params{"Parameter.3.Code": "log", "Parameter.3.Value": "1"})))
	r.is(1, "KmsInstance", "Log")
	r.is("POSTPAY", "KmsInstance", "ChargeType")
}

func TestModifyRules(t *testing.T) {
	s, c := start(t, Options{VirtualClock: true, Upgrade: time.Minute})
	id := c.buy(order(params{"Parameter.7.Code": "LogStorage", "Parameter.7.Value": "1000"}))
	byUse := c.buy(payAsYouGoOrder(nil))
	to := func(code, value string) params { return params{"Parameter.1.Code": code, "Parameter.1.Value": value} }
	ofByUse := params{"SubscriptionType": "PayAsYouGo", "ProductType": "kms_ppi_public_cn"}
	c.refusesEach(serviceBSS, "ModifyInstance", modification(id, map[string]string{"KeyNum": "2000"}, nil), map[string]refusal{
		"a downgrade":       {params{"ModifyType": "Downgrade"}, 200, "ProductCheckError"},
		"an unknown type":   {params{"ModifyType": "Side"}, 200, "InvalidParameter"},
		"fewer keys":        {to("KeyNum", "900"), 200, "ProductCheckError"},
		"VPCs for secrets":  {with(to("VpcNum", "1"), params{"Parameter.2.Code": "SecretNum", "Parameter.2.Value": "20"}), 200, "ProductCheckError"},
		"less log storage":  {to("LogStorage", "0"), 200, "ProductCheckError"},
		"a lower spec":      {to("Spec", "200"), 200, "ProductCheckError"},
		"a smaller edition": {to("ProductVersion", "5"), 200, "ProductCheckError"},
		"no change":         {to("KeyNum", "1000"), 200, "ProductCheckError"},
		"another region":    {to("Region", "cn-beijing"), 200, "ProductCheckError"},
		"an unknown id":     {params{"InstanceId": "kst-0"}, 200, "ResourceNotExists"},
		"a wrong payment":   {params{"SubscriptionType": "PayAsYouGo"}, 200, "ProductCheckError"},
		"its product type":  {params{"ProductType": "kms_ppi_public_cn"}, 200, "ProductCheckError"},
		"sizes by use":      {with(ofByUse, params{"InstanceId": byUse}), 200, "ProductCheckError"},
	})
	equal(t, s.Totals().Modifications, 0)

	c.ok(serviceBSS, "ModifyInstance", modification(id, map[string]string{"VpcNum": "5"}, nil))
	c.refused(serviceBSS, "ModifyInstance", modification(id, map[string]string{"VpcNum": "6"}, nil), 200, "SYSTEM.CONCURRENT_OPERATE")
	c.refused(serviceBSS, "RefundInstance", refund(id), 200, "SYSTEM.CONCURRENT_OPERATE")
	c.get(id).is(2, "KmsInstance", "VpcNum")
	s.Advance(time.Minute)
	c.get(id).is(5, "KmsInstance", "VpcNum")
	paid := s.Totals().Paid
	c.ok(serviceBSS, "ModifyInstance", modification(byUse, map[string]string{"Log": "1", "LogStorage": "1000"}, ofByUse))
	equal(t, s.Totals().Paid, paid)
	s.Advance(time.Minute)
	c.get(byUse).is(1000, "KmsInstance", "LogStorage")
}

func TestRefundRules(t *testing.T) {
	s, c := start(t, Options{VirtualClock: true})
	id := c.buy(order(params{"Period": "3"}))
	paid := s.Totals().Paid
	c.refusesEach(serviceBSS, "RefundInstance", refund(id), map[string]refusal{
		"no id":           {params{"InstanceId": "-"}, 200, "InvalidParameter"},
		"unknown id":      {params{"InstanceId": "kst-0"}, 200, "ResourceNotExists"},
		"no product":      {params{"ProductCode": "-"}, 200, "ProductCheckError"},
		"later release":   {params{"ImmediatelyRelease": "0"}, 200, "ProductCheckError"},
		"release of x":    {params{"ImmediatelyRelease": "x"}, 200, "InvalidParameter"},
		"another payment": {params{"InstanceId": c.buy(payAsYouGoOrder(nil))}, 200, "ProductCheckError"},
	})
	c.ok(serviceBSS, "RefundInstance", with(refund(id), params{"ProductType": "", "ImmediatelyRelease": "1"}))
	equal(t, s.Totals().Refunded, paid)
}

func TestRenewal(t *testing.T) {
	_, c := start(t, Options{VirtualClock: true})
	id := c.buy(order(params{"RenewalStatus": "AutoRenewal", "RenewPeriod": "12"}))
	query := func(more params) reply {
		return c.ok(serviceBSS, "QueryAvailableInstances", with(params{"ProductCode": "kms", "InstanceIDs": id}, more))
	}
	shows := func(status string, period, unit any) {
		t.Helper()
		for field, want := range map[string]any{"RenewStatus": status, "RenewalDuration": period, "RenewalDurationUnit": unit} {
			query(nil).is(want, "Data", "InstanceList", 0, field)
		}
	}
	shows(AutoRenewal, 12, "M")
	setting := params{"InstanceIDs": id, "ProductCode": "kms", "SubscriptionType": "Subscription"}
	c.ok(serviceBSS, "SetRenewal", with(setting, params{"RenewalStatus": "AutoRenewal", "RenewalPeriod": "1", "RenewalPeriodUnit": "Y"}))
	shows(AutoRenewal, 1, "Y")
	for _, status := range []string{ManualRenewal, NotRenewal} {
		c.ok(serviceBSS, "SetRenewal", with(setting, params{"RenewalStatus": status}))
		shows(status, nil, nil)
	}
	c.refusesEach(serviceBSS, "SetRenewal", setting, map[string]refusal{
		"no unit":         {params{"RenewalStatus": "AutoRenewal", "RenewalPeriod": "1"}, 200, "InvalidParameter"},
		"no period":       {params{"RenewalStatus": "AutoRenewal", "RenewalPeriodUnit": "M"}, 200, "InvalidParameter"},
		"4 months":        {params{"RenewalStatus": "AutoRenewal", "RenewalPeriod": "4", "RenewalPeriodUnit": "M"}, 200, "InvalidParameter"},
		"6 years":         {params{"RenewalStatus": "AutoRenewal", "RenewalPeriod": "6", "RenewalPeriodUnit": "Y"}, 200, "InvalidParameter"},
		"unknown status":  {params{"RenewalStatus": "Never"}, 200, "InvalidParameter"},
		"pay-as-you-go":   {params{"RenewalStatus": "NotRenewal", "SubscriptionType": "PayAsYouGo"}, 200, "InvalidParameter"},
		"unknown id":      {params{"RenewalStatus": "NotRenewal", "InstanceIDs": id + ",kst-0"}, 200, "ResourceNotExists"},
		"billed by use":   {params{"RenewalStatus": "NotRenewal", "InstanceIDs": c.buy(payAsYouGoOrder(nil))}, 200, "ProductCheckError"},
		"another product": {params{"RenewalStatus": "NotRenewal", "ProductCode": "ecs"}, 200, "ProductCheckError"},
	})
	for filter, want := range map[string]int64{
		"RenewStatus=NotRenewal": 1, "RenewStatus=AutoRenewal": 0, "Region=cn-hangzhou": 1, "Region=cn-beijing": 0,
		"SubscriptionType=PayAsYouGo": 0, "ProductType=kms_ddi_public_cn": 1, "CreateTimeStart=2100-01-01T00:00:00Z": 0,
		"EndTimeEnd=2100-01-01T00:00:00Z": 1, "PageNum=2": 1,
	} {
		name, value, _ := strings.Cut(filter, "=")
		query(params{name: value}).is(want, "Data", "TotalCount")
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
	equal(t, r.len("Data", "InstanceList"), 100)
	r.is(130, "Data", "TotalCount")
}

func TestEndOfASubscription(t *testing.T) {
	s, c := start(t, Options{VirtualClock: true})
	id := c.buy(order(nil))
	c.connect(id)
	auto := c.buy(order(params{"RenewalStatus": "AutoRenewal", "RenewPeriod": "1"}))
	renewals, paid := s.Totals().Renewals, s.Totals().Paid

	s.Advance(32 * 24 * time.Hour)
	r := c.get(id)
	r.is(saleExpired, "KmsInstance", "SaleStatus")
	r.is(StatusDisconnected, "KmsInstance", "Status")
	c.refused(serviceKMS, "UpdateKmsInstance", params{"KmsInstanceId": id, "InstanceName": "x"}, 400, "UnsupportedOperation")
	c.refused(serviceBSS, "ModifyInstance", modification(id, map[string]string{"KeyNum": "2000"}, nil), 200, "ProductCheckError")
	c.ok(serviceBSS, "QueryAvailableInstances", params{"InstanceIDs": id}).is("Expired", "Data", "InstanceList", 0, "Status")
	c.get(auto).is(saleNormal, "KmsInstance", "SaleStatus")
	if got := s.Totals(); got.Renewals != renewals+1 || got.Paid <= paid {
		t.Errorf("the renewal was not paid: %+v", got)
	}

	c.ok(serviceBSS, "RenewInstance", params{"InstanceId": id, "ProductCode": "kms", "RenewPeriod": "1"})
	c.get(id).is(StatusConnected, "KmsInstance", "Status")
	c.refused(serviceBSS, "RenewInstance", params{"InstanceId": id, "ProductCode": "kms", "RenewPeriod": "10"}, 200, "InvalidParameter")

	s.Advance((31 + 1 + 15) * 24 * time.Hour)
	c.get(id).is("", "KmsInstance", "InstanceId")
	c.refused(serviceBSS, "RefundInstance", refund(id), 200, "ResourceNotExists")
}
