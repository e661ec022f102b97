package e2e

import (
	"slices"
	"testing"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
)

// Cloud is an emulator that a test has to itself.
type Cloud struct {
	*emulator.Server
	t testing.TB
}

// Quick are the emulator's delays for tests that do not stop in the middle: short, but there.
func Quick() emulator.Options {
	return emulator.Options{
		OrderVisible: 50 * time.Millisecond,
		Connect:      100 * time.Millisecond,
		Upgrade:      100 * time.Millisecond,
		Refund:       20 * time.Millisecond,
		Release:      20 * time.Millisecond,
	}
}

// NewCloud starts an emulator on free ports of loopback. It ends with the test.
func NewCloud(t testing.TB, options emulator.Options) *Cloud {
	t.Helper()
	server, err := emulator.New(options)
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return &Cloud{Server: server, t: t}
}

// Fail injects a fault.
func (c *Cloud) Fail(f emulator.Fault) {
	c.t.Helper()
	if err := c.Inject(f); err != nil {
		c.t.Fatal(err)
	}
}

// Bill is what the journal counts of orders and the like.
type Bill struct{ Orders, Modifications, Renewals, Refunds, Releases, Replays int }

// WantBill compares the journal's sums.
func (c *Cloud) WantBill(want Bill) {
	c.t.Helper()
	n := c.Totals()
	got := Bill{n.Orders, n.Modifications, n.Renewals, n.Refunds, n.Releases, n.Replays}
	if got != want {
		c.t.Errorf("the journal counts %+v, want %+v", got, want)
	}
}

// Only returns the one instance that is not gone.
func (c *Cloud) Only() emulator.Instance {
	c.t.Helper()
	there := slices.DeleteFunc(c.Instances(), func(i emulator.Instance) bool { return i.Gone })
	if len(there) != 1 {
		c.t.Fatalf("there are %d instances, want 1: %+v", len(there), there)
	}
	return there[0]
}

// Put seeds an instance.
func (c *Cloud) Put(i emulator.Instance) emulator.Instance {
	c.t.Helper()
	kept, err := c.Seed(i)
	if err != nil {
		c.t.Fatal(err)
	}
	return kept
}

// Patch changes an instance behind Pulumi's back.
func (c *Cloud) Patch(id string, p emulator.Patch) {
	c.t.Helper()
	if _, err := c.Change(id, p); err != nil {
		c.t.Fatal(err)
	}
}

// Calls returns the calls of an action, in their order.
func (c *Cloud) Calls(action string) []emulator.Call {
	return slices.DeleteFunc(c.Journal(), func(call emulator.Call) bool { return call.Action != action })
}

// LooksSince counts how often an instance was looked at since the last call of an action; 0 without one.
func (c *Cloud) LooksSince(action string) int {
	looks, found := 0, false
	for _, call := range c.Journal() {
		switch call.Action {
		case action:
			looks, found = 0, true
		case "GetKmsInstance":
			looks++
		}
	}
	if !found {
		return 0
	}
	return looks
}
