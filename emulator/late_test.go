package emulator

import (
	"path/filepath"
	"testing"
	"time"
)

// shownSizes is what GetKmsInstance says of an instance's keys and Spec.
func (c client) shownSizes(id string) (keys, spec int) {
	c.t.Helper()
	r := c.get(id)
	return int(number(c.t, r.at("KmsInstance", "KeyNum"))), int(number(c.t, r.at("KmsInstance", "Spec")))
}

func (c client) wantSizes(when, id string, keys, spec int) {
	c.t.Helper()
	if gotKeys, gotSpec := c.shownSizes(id); gotKeys != keys || gotSpec != spec {
		c.t.Errorf("%s %d keys and Spec %d are shown, want %d and %d", when, gotKeys, gotSpec, keys, spec)
	}
}

func TestSizesThatShowLate(t *testing.T) {
	s, c := start(t, Options{VirtualClock: true, Connect: time.Minute, Upgrade: time.Minute, SizesVisible: time.Hour})
	id := c.buy(order(nil))
	c.connect(id)
	s.Advance(time.Minute)
	if got := c.status(id); got != StatusConnected {
		t.Fatalf("status %s", got)
	}
	c.wantSizes("when connected", id, 0, 0)
	s.Advance(time.Hour - time.Second)
	c.wantSizes("just before the time", id, 0, 0)
	s.Advance(time.Second)
	c.wantSizes("at the time", id, 1000, 1000)

	c.ok(serviceBSS, "ModifyInstance", modification(id, map[string]string{"KeyNum": "2000"}, nil))
	s.Advance(time.Minute)
	// The upgrade is over: changes are accepted again, and the next order is held against the new sizes.
	c.ok(serviceKMS, "UpdateKmsInstance", params{"KmsInstanceId": id, "InstanceName": "free"})
	c.refused(serviceBSS, "ModifyInstance", modification(id, map[string]string{"KeyNum": "2000"}, nil), 200, "ProductCheckError")
	s.Advance(time.Hour - time.Second)
	c.wantSizes("just before the time", id, 1000, 1000)
	s.Advance(time.Second)
	c.wantSizes("at the time", id, 2000, 1000)
}

// Several orders, one after the other, show each in its turn or together, but never a size that was not ordered.
func TestSizesOfASecondOrderShowLate(t *testing.T) {
	s, c := start(t, Options{VirtualClock: true, SizesVisible: time.Hour})
	id := c.buy(order(nil))
	c.connect(id)
	s.Advance(time.Hour)
	c.ok(serviceBSS, "ModifyInstance", modification(id, map[string]string{"KeyNum": "2000"}, nil))
	s.Advance(time.Minute)
	c.ok(serviceBSS, "ModifyInstance", modification(id, map[string]string{"KeyNum": "3000"}, nil))
	s.Advance(time.Hour - time.Second)
	c.wantSizes("before the time of the second", id, 1000, 1000)
	s.Advance(time.Second)
	c.wantSizes("at the time of the second", id, 3000, 1000)
}

func TestSizesOfOneOrderThatShowLateOrNever(t *testing.T) {
	s, c := start(t, Options{VirtualClock: true, Upgrade: time.Minute})
	id := c.buy(order(nil))
	c.connect(id)
	inject(t, s, Fault{Kind: FaultDelayedSizes, Seconds: 90})
	c.ok(serviceBSS, "ModifyInstance", modification(id, map[string]string{"KeyNum": "2000"}, nil))
	s.Advance(time.Minute + 89*time.Second)
	c.wantSizes("too early", id, 1000, 1000)
	s.Advance(time.Second)
	c.wantSizes("in time", id, 2000, 1000)

	inject(t, s, Fault{Kind: FaultDelayedSizes, InstanceID: id})
	c.ok(serviceBSS, "ModifyInstance", modification(id, map[string]string{"KeyNum": "3000"}, nil))
	s.Advance(20 * 24 * time.Hour)
	c.wantSizes("after days", id, 2000, 1000)
	if kept, _ := s.Instance(id); kept.KeyNum != 3000 {
		t.Errorf("the instance really has %d keys", kept.KeyNum)
	}

	other := c.buy(order(nil))
	c.connect(other)
	c.wantSizes("of another instance", other, 1000, 1000)

	inject(t, s, Fault{Kind: FaultDelayedSizes, Action: "CreateInstance"})
	bought := c.buy(order(nil))
	c.connect(bought)
	s.Advance(24 * time.Hour)
	c.wantSizes("of a purchase, after a day", bought, 0, 0)
	if _, err := s.Change(bought, Patch{Spec: ptr(2000)}); err != nil {
		t.Fatal(err)
	}
	c.wantSizes("once it was helped", bought, 1000, 2000)
}

func TestLateSizesSurviveARestart(t *testing.T) {
	opts := Options{VirtualClock: true, SizesVisible: time.Hour, StateFile: filepath.Join(t.TempDir(), "state.json")}
	s, c := start(t, opts)
	id := c.buy(order(nil))
	c.connect(id)
	s.Advance(time.Minute)
	c.wantSizes("at first", id, 0, 0)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s, c = start(t, opts)
	c.wantSizes("after the restart", id, 0, 0)
	s.Advance(time.Hour)
	c.wantSizes("in time", id, 1000, 1000)
}

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

	s, c = start(t, Options{VirtualClock: true})
	inject(t, s, Fault{Kind: FaultDelayedListing, Seconds: 60})
	late, other := c.buy(order(nil)), c.buy(order(nil))
	c.refused(serviceBSS, "RefundInstance", params{"InstanceId": late, "ProductCode": "kms"}, 200, "ResourceNotExists")
	c.ok(serviceBSS, "RefundInstance", params{"InstanceId": other, "ProductCode": "kms"})
	s.Advance(time.Minute)
	c.ok(serviceBSS, "RefundInstance", params{"InstanceId": late, "ProductCode": "kms"})
}
