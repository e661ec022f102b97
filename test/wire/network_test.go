package wire_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
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

// Before anything is bought, Check compares the vSwitches with VPC's list; what the list does not tell is no failure.
func TestNetworkIsChecked(t *testing.T) {
	b := fresh(t)
	withNetworks(t, b)
	const wouldDo = "These would do: vsw-j (cn-hangzhou-j), vsw-k (cn-hangzhou-k). "
	for name, c := range map[string]struct {
		inputs     map[string]any
		path, says string
	}{
		"right":                     {nil, "", ""},
		"another zone of zoneIds":   {map[string]any{"vswitchIds": []string{"vsw-j"}}, "", ""},
		"wrong":                     {map[string]any{"vswitchIds": []string{"vsw-nope"}}, "vswitchIds[0]", "vsw-nope is not among the vSwitches of vpc-main. " + wouldDo},
		"of another VPC":            {map[string]any{"vswitchIds": []string{"vsw-b"}}, "vswitchIds[0]", "vsw-b is not among the vSwitches of vpc-main"},
		"in another zone":           {map[string]any{"vswitchIds": []string{"vsw-g"}}, "vswitchIds[0]", "vsw-g is in zone cn-hangzhou-g, which is not in zoneIds. " + wouldDo},
		"full":                      {map[string]any{"vswitchIds": []string{"vsw-full"}}, "vswitchIds[0]", "vsw-full has no free address. " + wouldDo},
		"pending":                   {map[string]any{"vswitchIds": []string{"vsw-pending"}}, "vswitchIds[0]", "vsw-pending is Pending, not Available. " + wouldDo},
		"none in the zones":         {map[string]any{"zoneIds": []string{"cn-hangzhou-h"}}, "vswitchIds[0]", "No vSwitch of vpc-main would do"},
		"zones that are not known":  {map[string]any{"vswitchIds": []string{"vsw-g"}, "zoneIds": []any{wire.Unknown}}, "", ""},
		"a vSwitch not known":       {map[string]any{"vswitchIds": []any{wire.Unknown}}, "", ""},
		"a VPC without vSwitches":   {map[string]any{"vpcId": "vpc-elsewhere", "vswitchIds": []string{"vsw-nope"}}, "", ""},
		"shared, not listed":        {map[string]any{"vswitchIds": []string{"vsw-shared"}}, "vswitchIds[0]", "set verifyNetwork to false"},
		"a secret vSwitch":          {map[string]any{"vswitchIds": []any{wire.Secret("vsw-nope")}}, "vswitchIds[0]", "vswitchIds[0] is not among the vSwitches of its VPC"},
		"a full one, for a binding": {map[string]any{"bindVpcs": bound("vpc-b", "vsw-b-full")}, "", ""},
		"a wrong one, for a binding": {
			map[string]any{"bindVpcs": bound("vpc-c", "vsw-c", "vpc-b", "vsw-k")}, "bindVpcs[1].vswitchId",
			"vsw-k is not among the vSwitches of vpc-b. These would do: vsw-b (cn-hangzhou-b), vsw-b-full (cn-hangzhou-b)",
		},
	} {
		inputs := inNetwork(c.inputs)
		_, failures := b.Check(inputs)
		if c.says == "" && len(failures) > 0 || c.says != "" && (len(failures) != 1 || failures[0].Path != c.path || !strings.Contains(failures[0].Reason, c.says)) {
			t.Errorf("%s: the failures are %v, want %q at %s", name, failures, c.says, c.path)
		}
		if strings.Contains(name, "secret") && (strings.Contains(failures[0].Reason, "vsw-") || strings.Contains(failures[0].Reason, "vpc-main")) {
			t.Errorf("the failure tells a secret: %s", failures[0].Reason)
		}
		looks := len(b.Cloud.Journal())
		off := wire.Attach(t, b.Cloud, wire.Options{Config: map[string]any{"verifyNetwork": false}})
		if _, failures := off.Check(inputs); len(failures) > 0 || len(b.Cloud.Journal()) > looks {
			t.Errorf("%s: with verifyNetwork false: %v", name, failures)
		}
	}
	if changed := b.Mutations(); len(changed) > 0 {
		t.Errorf("Check called %v", changed)
	}
}

// Check looks only at the network inputs that change.
func TestUnchangedNetworkIsNotLookedAt(t *testing.T) {
	b := fresh(t)
	withNetworks(t, b)
	olds := inNetwork(map[string]any{"vswitchIds": []string{"vsw-full"}, "bindVpcs": bound("vpc-b", "vsw-gone")})
	for name, c := range map[string]struct {
		change          map[string]any
		looks, failures int
	}{
		"a name":    {map[string]any{"instanceName": "other"}, 0, 0},
		"a binding": {map[string]any{"bindVpcs": bound("vpc-b", "vsw-gone", "vpc-c", "vsw-c")}, 1, 0},
		"an owner":  {map[string]any{"bindVpcs": []map[string]any{{"vpcId": "vpc-b", "vswitchId": "vsw-gone", "vpcOwnerId": "2"}}}, 0, 0},
		"zones":     {map[string]any{"zoneIds": []string{"cn-hangzhou-k"}}, 1, 1},
		"a vSwitch": {map[string]any{"vswitchIds": []string{"vsw-j"}}, 1, 0},
	} {
		before := len(b.Calls("DescribeVSwitches"))
		_, failures := wire.Attach(t, b.Cloud, wire.Options{}).CheckUpdate(olds, wire.Change(olds, c.change))
		if looks := len(b.Calls("DescribeVSwitches")) - before; looks != c.looks || len(failures) != c.failures {
			t.Errorf("%s: %d looks, the failures %v", name, looks, failures)
		}
	}
}

// Many instances of one VPC make one look, at all pages of its vSwitches.
func TestOneLookForManyInstances(t *testing.T) {
	b := fresh(t)
	var many []emulator.VSwitch
	for i := range 120 {
		many = append(many, emulator.VSwitch{ID: fmt.Sprintf("vsw-%d", i), ZoneID: "cn-hangzhou-k", CidrBlock: fmt.Sprintf("10.0.%d.0/24", i)})
	}
	if _, err := b.Cloud.AddNetwork(emulator.Network{VpcID: "vpc-main", CidrBlock: "10.0.0.0/8", VSwitches: many}); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 50 {
		one := b.Another()
		group.Go(func() {
			if _, failures := one.Check(inNetwork(map[string]any{"vswitchIds": []string{"vsw-119"}})); len(failures) > 0 {
				t.Errorf("refused: %v", failures)
			}
		})
	}
	group.Wait()
	if looks := len(b.Calls("DescribeVSwitches")); looks != 3 {
		t.Errorf("%d pages were read, want 3", looks)
	}
	_, failures := b.Check(inNetwork(map[string]any{"vswitchIds": []string{"vsw-120"}}))
	if len(failures) != 1 || !strings.Contains(failures[0].Reason, "and 110 more. ") {
		t.Errorf("the failures are %v", failures)
	}
}

// A look at the network that fails or takes over five seconds is one line, and the last look of this process.
// Promise (Preview): A network that cannot be looked up never fails a preview.
func TestNetworkThatCannotBeLookedAt(t *testing.T) {
	each(t, map[string]emulator.Fault{
		"denied":      {Kind: emulator.FaultRefuse, Code: "Forbidden.RAM"},
		"never":       {Kind: emulator.FaultHang, Count: -1},
		"unreachable": {Kind: emulator.FaultResetBefore, Count: -1},
		"broken":      {Kind: emulator.FaultMalformed, Count: -1},
		"throttled":   {Kind: emulator.FaultAnswer, Status: http.StatusTooManyRequests, Count: -1},
	}, func(t *testing.T, fault emulator.Fault) {
		b := wire.New(t, wire.Options{})
		withNetworks(t, b)
		fault.Action = "DescribeVSwitches"
		inject(t, b, fault)
		start := time.Now()
		for n, vpc := range []string{"vpc-main", "vpc-b", "vpc-main"} {
			if _, failures := b.Check(inNetwork(map[string]any{"vpcId": vpc, "bindVpcs": bound("vpc-d", "vsw-d", "vpc-e", "vsw-e")})); len(failures) > 0 {
				t.Errorf("the check refuses %v", failures)
			}
			wantSaid(t, "the check", b.Said(), "could not be looked up", "vpc:DescribeVSwitches", "verifyNetwork: false")
			if strings.Contains(b.Said(), "\n") {
				t.Errorf("after %d checks it says\n%s", n+1, b.Said())
			}
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("the checks took %s", took)
		}
	})
}
