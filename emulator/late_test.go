package emulator

import (
	"testing"
	"time"
)

// Until BSS lists an instance it knows nothing of it, whoever asks.
func TestInstancesThatBSSListsLate(t *testing.T) {
	s, c := start(t, Options{VirtualClock: true, OrderListed: time.Hour})
	id := c.buy(order(params{"ClientToken": "t"}))
	c.connect(id) // KMS knows it
	calls := map[string]params{
		"RefundInstance": {"InstanceId": id, "ProductCode": "kms"},
		"RenewInstance":  {"InstanceId": id, "ProductCode": "kms", "RenewPeriod": "1"},
		"SetRenewal":     {"InstanceIDs": id, "ProductCode": "kms", "RenewalStatus": "NotRenewal"},
		"ModifyInstance": modification(id, map[string]string{"KeyNum": "2000"}, nil),
	}
	for action, p := range calls {
		c.refused(serviceBSS, action, p, 200, "ResourceNotExists")
	}
	listed := func() int {
		return int(number(t, c.ok(serviceBSS, "QueryAvailableInstances", params{"InstanceIDs": id}).at("Data", "TotalCount")))
	}
	s.Advance(time.Hour - time.Second)
	if got := listed(); got != 0 {
		t.Errorf("%d instances are listed too early", got)
	}
	if again := c.buy(order(params{"ClientToken": "t"})); again != id {
		t.Error("the client token does not answer with the instance")
	}
	s.Advance(time.Second)
	if got := listed(); got != 1 {
		t.Errorf("%d instances are listed in time", got)
	}
	for _, action := range []string{"ModifyInstance", "RenewInstance", "SetRenewal", "RefundInstance"} {
		c.ok(serviceBSS, action, calls[action])
	}
}
