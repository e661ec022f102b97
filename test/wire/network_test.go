package wire_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/wire"
)

// withNetworks declares two VPCs.
func withNetworks(t *testing.T, b *wire.Bench) {
	t.Helper()
	none := 0
	for _, n := range []emulator.Network{
		{VpcID: "vpc-main", VSwitches: []emulator.VSwitch{
			{ID: "vsw-k", ZoneID: "cn-hangzhou-k"}, {ID: "vsw-j", ZoneID: "cn-hangzhou-j"}, {ID: "vsw-g", ZoneID: "cn-hangzhou-g"},
			{ID: "vsw-full", ZoneID: "cn-hangzhou-k", FreeIPs: &none},
			{ID: "vsw-pending", ZoneID: "cn-hangzhou-k", AvailableAt: b.Cloud.Now().Add(time.Hour)},
			{ID: "vsw-shared", ZoneID: "cn-hangzhou-k", Hidden: true},
		}},
		{VpcID: "vpc-b", VSwitches: []emulator.VSwitch{{ID: "vsw-b", ZoneID: "cn-hangzhou-b"}, {ID: "vsw-b-full", ZoneID: "cn-hangzhou-b", FreeIPs: &none}}},
	} {
		if _, err := b.Cloud.AddNetwork(n); err != nil {
			t.Fatal(err)
		}
	}
}

func inNetwork(more map[string]any) property.Map {
	inputs := map[string]any{"vpcId": "vpc-main", "zoneIds": []string{"cn-hangzhou-k", "cn-hangzhou-j"}, "vswitchIds": []string{"vsw-k"}}
	for name, value := range more {
		inputs[name] = value
	}
	return wire.Subscription(inputs)
}

func bound(pairs ...string) []map[string]any {
	var list []map[string]any
	for pair := range slices.Chunk(pairs, 2) {
		list = append(list, map[string]any{"vpcId": pair[0], "vswitchId": pair[1]})
	}
	return list
}

// Before anything is bought, Check compares the vSwitches with VPC's list. What the list does not tell is no failure.
func TestNetworkIsChecked(t *testing.T) {
	t.Parallel()
	wouldDo := "These would do: vsw-j (cn-hangzhou-j), vsw-k (cn-hangzhou-k). "
	for name, c := range map[string]struct {
		inputs map[string]any
		says   map[string]string // by path
	}{
		"right":                     {nil, nil},
		"another zone of zoneIds":   {map[string]any{"vswitchIds": []string{"vsw-j"}}, nil},
		"unknown":                   {map[string]any{"vswitchIds": []string{"vsw-nope"}}, map[string]string{"vswitchIds[0]": "vsw-nope is not among the vSwitches of vpc-main. " + wouldDo}},
		"of another VPC":            {map[string]any{"vswitchIds": []string{"vsw-b"}}, map[string]string{"vswitchIds[0]": "vsw-b is not among the vSwitches of vpc-main"}},
		"in another zone":           {map[string]any{"vswitchIds": []string{"vsw-g"}}, map[string]string{"vswitchIds[0]": "vsw-g is in zone cn-hangzhou-g, which is not in zoneIds. " + wouldDo}},
		"full":                      {map[string]any{"vswitchIds": []string{"vsw-full"}}, map[string]string{"vswitchIds[0]": "vsw-full has no free address. " + wouldDo}},
		"pending":                   {map[string]any{"vswitchIds": []string{"vsw-pending"}}, map[string]string{"vswitchIds[0]": "vsw-pending is Pending, not Available. " + wouldDo}},
		"the second":                {map[string]any{"vswitchIds": []string{"vsw-k", "vsw-x"}}, map[string]string{"vswitchIds[1]": "vsw-x is not among"}},
		"none in the zones":         {map[string]any{"vswitchIds": []string{"vsw-k"}, "zoneIds": []string{"cn-hangzhou-h"}}, map[string]string{"vswitchIds[0]": "No vSwitch of vpc-main would do"}},
		"zones that are not known":  {map[string]any{"vswitchIds": []string{"vsw-g"}, "zoneIds": []any{wire.Unknown}}, nil},
		"a vSwitch not known":       {map[string]any{"vswitchIds": []any{wire.Unknown}}, nil},
		"a VPC not known":           {map[string]any{"vpcId": wire.Unknown, "vswitchIds": []string{"vsw-nope"}}, nil},
		"a VPC without vSwitches":   {map[string]any{"vpcId": "vpc-elsewhere", "vswitchIds": []string{"vsw-nope"}}, nil},
		"shared, not listed":        {map[string]any{"vswitchIds": []string{"vsw-shared"}}, map[string]string{"vswitchIds[0]": "set verifyNetwork to false"}},
		"a secret vSwitch":          {map[string]any{"vswitchIds": []any{wire.Secret("vsw-nope")}}, map[string]string{"vswitchIds[0]": "vswitchIds[0] is not among the vSwitches of its VPC"}},
		"a secret VPC":              {map[string]any{"vpcId": wire.Secret("vpc-main"), "vswitchIds": []string{"vsw-nope"}}, map[string]string{"vswitchIds[0]": "vswitchIds[0] is not among the vSwitches of its VPC"}},
		"a bound VPC":               {map[string]any{"bindVpcs": bound("vpc-b", "vsw-b")}, nil},
		"a full one, for a binding": {map[string]any{"bindVpcs": bound("vpc-b", "vsw-b-full")}, nil},
		"a wrong one, for a binding": {
			map[string]any{"bindVpcs": bound("vpc-c", "vsw-c", "vpc-b", "vsw-k")},
			map[string]string{"bindVpcs[1].vswitchId": "vsw-k is not among the vSwitches of vpc-b. These would do: vsw-b (cn-hangzhou-b), vsw-b-full (cn-hangzhou-b)"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := wire.New(t, wire.Options{})
			withNetworks(t, b)
			_, failures := b.Check(inNetwork(c.inputs))
			if len(failures) != len(c.says) {
				t.Fatalf("the failures are %v, want %v", failures, c.says)
			}
			for _, f := range failures {
				if !strings.Contains(f.Reason, c.says[f.Path]) {
					t.Errorf("%s: %s, want %q", f.Path, f.Reason, c.says[f.Path])
				}
				if text := f.Reason; strings.Contains(name, "secret") && (strings.Contains(text, "vsw-") || strings.Contains(text, "vpc-main")) {
					t.Errorf("the failure tells a secret: %s", text)
				}
			}
			if changed := b.Mutations(); len(changed) > 0 {
				t.Errorf("Check called %v", changed)
			}
			// Switched off, nothing is asked.
			off := wire.Attach(t, b.Cloud, wire.Options{Config: map[string]any{"verifyNetwork": false}})
			before := len(b.Cloud.Journal())
			if _, failures := off.Check(inNetwork(c.inputs)); len(failures) > 0 || len(b.Cloud.Journal()) > before {
				t.Errorf("with verifyNetwork false: %v", failures)
			}
		})
	}
}

// Only what changes is looked at.
func TestUnchangedNetworkIsNotLookedAt(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{})
	withNetworks(t, b)
	olds := inNetwork(map[string]any{"vswitchIds": []string{"vsw-full"}, "bindVpcs": bound("vpc-b", "vsw-gone")})
	for name, c := range map[string]struct {
		news     property.Map
		looks    int
		failures int
	}{
		"nothing":   {olds, 0, 0},
		"a name":    {wire.Change(olds, map[string]any{"instanceName": "other"}), 0, 0},
		"a binding": {wire.Change(olds, map[string]any{"bindVpcs": bound("vpc-b", "vsw-gone", "vpc-c", "vsw-c")}), 1, 0},
		"zones":     {wire.Change(olds, map[string]any{"zoneIds": []string{"cn-hangzhou-k"}}), 1, 1},
		"a vSwitch": {wire.Change(olds, map[string]any{"vswitchIds": []string{"vsw-j"}}), 1, 0},
	} {
		next := wire.Attach(t, b.Cloud, wire.Options{})
		before := len(b.Calls("DescribeVSwitches"))
		_, failures := next.CheckUpdate(olds, c.news)
		if looks := len(b.Calls("DescribeVSwitches")) - before; looks != c.looks || len(failures) != c.failures {
			t.Errorf("%s: %d looks, the failures %v", name, looks, failures)
		}
	}
}

// Many instances of one VPC make one look, with all its pages.
func TestOneLookForManyInstances(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{})
	var many []emulator.VSwitch
	for i := range 120 {
		many = append(many, emulator.VSwitch{ID: fmt.Sprintf("vsw-%d", i), ZoneID: "cn-hangzhou-k", CidrBlock: fmt.Sprintf("10.0.%d.0/24", i)})
	}
	if _, err := b.Cloud.AddNetwork(emulator.Network{VpcID: "vpc-main", CidrBlock: "10.0.0.0/8", VSwitches: many}); err != nil {
		t.Fatal(err)
	}
	done := make(chan []wire.Failure)
	for range 50 {
		one := b.Another()
		go func() {
			_, failures := one.Check(inNetwork(map[string]any{"vswitchIds": []string{"vsw-119"}}))
			done <- failures
		}()
	}
	for range 50 {
		if failures := <-done; len(failures) > 0 {
			t.Errorf("refused: %v", failures)
		}
	}
	if looks := len(b.Calls("DescribeVSwitches")); looks != 3 {
		t.Errorf("%d pages were read, want 3", looks)
	}
	_, failures := b.Check(inNetwork(map[string]any{"vswitchIds": []string{"vsw-120"}}))
	if len(failures) != 1 || !strings.Contains(failures[0].Reason, "and 110 more. ") {
		t.Errorf("the failures are %v", failures)
	}
}

// A look that fails, or takes too long, is one line, and the last look of this process. It delays a preview by five seconds at most.
// Promise (Preview): A network that cannot be looked up never fails a preview.
func TestNetworkThatCannotBeLookedAt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault  emulator.Fault
		denied bool
		within time.Duration
	}{
		"denied":      {denied: true, within: time.Second},
		"never":       {fault: emulator.Fault{Action: "DescribeVSwitches", Kind: emulator.FaultHang, Count: -1}, within: 5 * time.Second},
		"slow":        {fault: emulator.Fault{Action: "DescribeVSwitches", Kind: emulator.FaultSlow, Seconds: 60, Count: -1}, within: 5 * time.Second},
		"unreachable": {fault: emulator.Fault{Action: "DescribeVSwitches", Kind: emulator.FaultResetBefore, Count: -1}, within: 5 * time.Second},
		"broken":      {fault: emulator.Fault{Action: "DescribeVSwitches", Kind: emulator.FaultMalformed, Count: -1}, within: 5 * time.Second},
		"throttled":   {fault: emulator.Fault{Action: "DescribeVSwitches", Kind: emulator.FaultAnswer, Status: http.StatusTooManyRequests, Count: -1}, within: 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := wire.New(t, wire.Options{Emulator: emulator.Options{NoVPCPermission: c.denied}})
				withNetworks(t, b)
				if !c.denied {
					inject(t, b, c.fault)
				}
				start := time.Now()
				for n, vpc := range []string{"vpc-main", "vpc-b", "vpc-main"} {
					if _, failures := b.Check(inNetwork(map[string]any{"vpcId": vpc, "bindVpcs": bound("vpc-d", "vsw-d", "vpc-e", "vsw-e")})); len(failures) > 0 {
						t.Errorf("the check refuses %v", failures)
					}
					said := b.Said()
					wantSaid(t, "the check", said, "could not be looked up", "vpc:DescribeVSwitches", "verifyNetwork: false")
					if lines := strings.Count(said, "\n") + 1; lines > 1 {
						t.Errorf("after %d checks it says\n%s", n+1, said)
					}
				}
				if took := time.Since(start); took > c.within {
					t.Errorf("the checks took %s", took)
				}
			})
		})
	}
}
