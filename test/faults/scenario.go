package faults

import (
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
)

// act is a command that is typed.
type act string

const (
	up      act = "up"
	refresh act = "refresh"
	destroy act = "destroy"
)

// scenario is an operation on a stack, in a state that other operations have brought about.
type scenario struct {
	name string
	// base is the program that was brought up before; nil if the stack is new.
	base inputs
	// baseFails says that it cannot be brought up; interrupted strikes it at a call.
	baseFails   bool
	interrupted *kind
	at          callAt
	// denied says that nobody can find out the account while it is brought up.
	denied bool
	// options change the cloud.
	options func(*emulator.Options)
	// passes is how much time passes once before a user goes on after a destroy that failed.
	passes time.Duration
	// within is the time-out for a deletion, which the base has recorded.
	within time.Duration
	// silent says that the act makes no call, so that none can be struck.
	silent bool
	// early limits the calls that are struck to the first few of each action: how many there are is a matter of time.
	early bool
	// more is how many runs more than others it needs after a fault.
	more int
	// place is a wrong one, to which the provider is configured during the act: it must be noticed.
	place place
	// hook gives the resource an error hook that tries a failed operation again, twice.
	hook bool
	// drift changes the cloud behind the stack's back after the base was made.
	drift func(c *emulator.Server, id string) error
	// act is done with want as the program; imported means by the resource option import of the base's instance.
	act      act
	want     inputs
	imported bool
	// The most that may be bought, changed by order, refunded and released, from the act on.
	orders, modifications, refunds, releases int
}

// scenarios are all of them. Every setting that can be changed is changed by itself once, and all together.
func scenarios() []scenario {
	list := []scenario{
		{name: "create a Subscription instance", act: up, want: subscription, orders: 1},
		{name: "create a PayAsYouGo instance", act: up, want: payAsYouGo, orders: 1},
		{
			name: "create an instance with the network only", act: up, orders: 1,
			want: inputs{"vpcId": "vpc-main", "zoneIds": []any{"cn-hangzhou-k"}, "vswitchIds": []any{"vsw-main"}},
		},
		{name: "create, with an error hook that tries again", act: up, want: subscription, orders: 1, hook: true},
		{
			name: "correct a wrong vSwitch of an instance that is not connected", act: up, want: subscription,
			base: subscription.with(inputs{"vswitchIds": []any{"vsw-missing"}}), baseFails: true,
		},
	}
	update := func(name string, orders int, base, changes inputs) {
		list = append(list, scenario{
			name: "update " + name, act: up, base: base, want: base.with(changes), modifications: orders,
		})
	}
	update("spec", 1, subscription, inputs{"spec": 2000})
	update("keyNum", 1, subscription, inputs{"keyNum": 2000})
	update("secretNum", 1, subscription.with(inputs{"secretNum": 0}), inputs{"secretNum": 1000})
	update("vpcNum and bindVpcs", 1, subscription, inputs{"vpcNum": 5, "bindVpcs": []any{
		object{"vpcId": "vpc-bound", "vswitchId": "vsw-bound"}, object{"vpcId": "vpc-second", "vswitchId": "vsw-second"},
	}})
	update("productVersion", 1, subscription.with(inputs{"productVersion": "5"}), inputs{"productVersion": "3"})
	update("log and logStorage", 1, payAsYouGo.with(inputs{"log": "0", "logStorage": 0}), inputs{"log": "1", "logStorage": 2000})
	update("bindVpcs to another VPC", 0, subscription, inputs{"bindVpcs": []any{object{"vpcId": "vpc-other", "vswitchId": "vsw-other"}}})
	update("bindVpcs, taken out", 0, subscription, inputs{"bindVpcs": nil})
	update("instanceName", 0, subscription, inputs{"instanceName": "ledger"})
	update("renewStatus", 0, subscription, inputs{"renewStatus": "AutoRenewal", "renewPeriod": 3})
	update("tags", 0, subscription, inputs{"tags": object{"team": "ledger", "owner": "ops"}})
	update("deletionProtection off", 0, subscription, inputs{"deletionProtection": false})
	update("deletionProtection on", 0, subscription.with(inputs{"deletionProtection": nil}), inputs{"deletionProtection": true})
	update("period, which is only recorded", 0, subscription, inputs{"period": 12})
	list[len(list)-1].silent = true
	update("everything at once", 1, subscription, inputs{
		"spec": 2000, "keyNum": 3000, "secretNum": 500, "vpcNum": 6, "logStorage": 5000, "instanceName": "ledger",
		"renewStatus": "AutoRenewal", "renewPeriod": 1, "renewalPeriodUnit": "Y", "deletionProtection": false,
		"bindVpcs": []any{object{"vpcId": "vpc-other", "vswitchId": "vsw-other"}, object{"vpcId": "vpc-third", "vswitchId": "vsw-third"}},
		"tags":     object{"team": "ledger", "owner": "ops"},
	})

	unprotected := subscription.with(inputs{"deletionProtection": false})
	for _, wrong := range []place{{region: otherRegion}, {account: otherAccount}} {
		name := "region"
		if wrong.account != "" {
			name = "account"
		}
		list = append(list,
			scenario{name: "refresh, configured for another " + name, act: refresh, base: subscription, want: subscription, place: wrong},
			scenario{
				name: "update, configured for another " + name, act: up, base: subscription, place: wrong, modifications: 1,
				want: subscription.with(inputs{"keyNum": 2000, "instanceName": "ledger"}), silent: wrong.region != "",
			},
			scenario{
				name: "delete, configured for another " + name, act: destroy, base: unprotected, refunds: 1, place: wrong, silent: wrong.region != "",
			},
			scenario{
				name: "replace, configured for another " + name, act: up, base: unprotected, place: wrong, orders: 1, refunds: 1,
				want: unprotected.with(inputs{"vpcId": "vpc-new", "vswitchIds": []any{"vsw-new"}}),
			},
		)
	}
	elsewhere := place{account: otherAccount}
	list = append(list,
		scenario{
			name: "refresh without a recorded account, configured for another one", act: refresh, base: subscription, want: subscription,
			denied: true, place: elsewhere,
		},
		scenario{
			name: "update without a recorded account, configured for another one", act: up, base: subscription, place: elsewhere, modifications: 1,
			want: subscription.with(inputs{"keyNum": 2000, "instanceName": "ledger"}), denied: true,
		},
		scenario{
			name: "delete without a recorded account, configured for another one", act: destroy, base: unprotected, refunds: 1,
			denied: true, place: elsewhere,
		},
	)
	return append(list,
		scenario{name: "refresh", act: refresh, base: subscription, want: subscription},
		scenario{
			name: "refresh after drift", act: refresh, base: subscription, want: subscription,
			drift: func(c *emulator.Server, id string) error {
				name := "changed in the console"
				_, err := c.Change(id, emulator.Patch{Name: &name, Tags: map[string]string{"team": "other", "acs:rm:rgId": "rg-1"}})
				return err
			},
		},
		scenario{
			name: "refresh of an instance that was released in the console", act: refresh, base: unprotected, want: unprotected, orders: 1,
			drift: func(c *emulator.Server, id string) error { return c.Remove(id) },
		},
		scenario{name: "import", act: up, base: subscription, want: subscription, imported: true},
		scenario{
			name: "import an instance that is not connected", act: up, base: subscription, want: subscription, imported: true,
			interrupted: cancelled, at: callAt{"ConnectKmsInstance", 1},
		},
		scenario{name: "replace, for another VPC", act: up, base: unprotected, orders: 1, refunds: 1, want: unprotected.with(inputs{
			"vpcId": "vpc-new", "vswitchIds": []any{"vsw-new"},
		})},
		scenario{name: "replace, for another payment type", act: up, base: unprotected, want: payAsYouGo, orders: 1, refunds: 1},
		scenario{name: "delete a Subscription instance", act: destroy, base: unprotected, refunds: 1},
		scenario{name: "delete a PayAsYouGo instance", act: destroy, base: payAsYouGo, releases: 1},
		scenario{
			name: "delete an instance that is not connected", act: destroy, base: subscription, refunds: 1,
			interrupted: cancelled, at: callAt{"ConnectKmsInstance", 1}, within: waited,
		},
		scenario{
			name: "delete an instance right after its order", act: destroy, base: subscription, refunds: 1,
			interrupted: cancelled, at: callAt{"GetKmsInstance", 1}, within: waited,
		},
		scenario{
			// One that was released before anybody has seen it counts as gone only after an hour.
			name: "delete a PayAsYouGo instance right after its order", act: destroy, base: payAsYouGo, releases: 1,
			interrupted: cancelled, at: callAt{"GetKmsInstance", 1}, within: waited, passes: 70 * time.Minute,
		},
		scenario{
			name: "delete an instance that appears later than is waited for", act: destroy, base: subscription, refunds: 1,
			interrupted: cancelled, at: callAt{"GetKmsInstance", 1}, options: appearsAfter(time.Minute), within: waited, passes: 70 * time.Minute, early: true,
			more: 1, // a fault may refund it before anybody has seen it
		},
		scenario{
			name: "delete a PayAsYouGo instance that appears later than is waited for", act: destroy, base: payAsYouGo, releases: 1,
			interrupted: cancelled, at: callAt{"GetKmsInstance", 1}, options: appearsAfter(time.Minute), within: waited, passes: 70 * time.Minute, early: true,
			more: 1,
		},
	)
}

// waited is a time-out for a deletion of which little is left to wait for an instance to appear.
const waited = 8 * time.Second

// appearsAfter has new instances appear only after some time.
func appearsAfter(d time.Duration) func(*emulator.Options) {
	return func(o *emulator.Options) { o.OrderVisible = d }
}

// strikes tells whether a call of the scenario is one that is struck.
func (s *scenario) strikes(at callAt) bool {
	const few = 2
	return !s.early || at.nth <= few
}
