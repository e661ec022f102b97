package wire_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/wire"
)

// A refresh marks an instance that is not usable as unfinished and keeps what it cannot read; an import only warns.
func TestReadOfAnInstanceThatIsNotUsable(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		left emulator.Patch
		says string
	}{
		"bought": {
			emulator.Patch{Status: new(emulator.StatusUninitialized), VpcID: new(""), VSwitchIDs: []string{}, ZoneIDs: []string{}},
			"is bought but not connected to a VPC yet; `pulumi up` with vpcId, zoneIds and vswitchIds in the program connects it without buying again",
		},
		"connecting":   {emulator.Patch{Status: new(emulator.StatusConnecting)}, "is being connected; `pulumi up` waits for it"},
		"error":        {emulator.Patch{Status: new(emulator.StatusError)}, "has status Error: look at it in the KMS console"},
		"disconnected": {emulator.Patch{Status: new(emulator.StatusDisconnected)}, "has status Disconnected"},
	} {
		b := wire.New(t, wire.Options{})
		r := b.Created(wire.Subscription(map[string]any{"tags": map[string]string{"team": "a"}}))
		patch(t, b, r.ID, c.left)
		before := len(b.Mutations())
		refreshed := b.Refresh(r)
		wantUnfinished(t, refreshed, c.says)
		if got := refreshed.Outputs.Get("status"); !got.Equals(wire.Value(*c.left.Status)) {
			t.Errorf("%s: the output status is %#v", name, got)
		}
		for _, kept := range []string{"vpcId", "zoneIds", "vswitchIds", "tags", "spec"} {
			if !refreshed.Inputs.Get(kept).Equals(r.Inputs.Get(kept)) {
				t.Errorf("%s: the input %s became %v", name, kept, refreshed.Inputs.Get(kept))
			}
		}
		if !refreshed.Outputs.Get("tags").Equals(r.Outputs.Get("tags")) {
			t.Errorf("%s: the tags, which cannot be read now, became %v", name, refreshed.Outputs.Get("tags"))
		}
		b.Hush()
		wantKept(t, b.Import(r.ID), r.ID)
		wantSaid(t, "the output of an import", b.Said(), "warning: KMS instance "+r.ID, c.says)
		if calls := b.Mutations()[before:]; len(calls) > 0 {
			t.Errorf("%s: reading led to %v", name, calls)
		}
	}
}

// An imported instance without a network passes Check, and Diff asks for the network.
func TestDiffOfAnImportWithoutNetwork(t *testing.T) {
	b := fresh(t)
	imported := b.Import(seeded(t, b, emulator.Instance{Status: emulator.StatusUninitialized}))
	if _, failures := b.CheckUpdate(imported.Inputs, imported.Inputs); len(failures) > 0 {
		t.Errorf("the check of an import complains: %v", failures)
	}
	if _, err := b.Diff(imported.Resource, imported.Inputs); err == nil || !strings.Contains(err.Error(), "Write vpcId, zoneIds, vswitchIds into") {
		t.Errorf("Diff without a network gives %v", err)
	}
}

// Sizes that are ordered and not shown yet count as observed in a refresh, and their order stays recorded until they show.
func TestReadOfAnUpgradingInstance(t *testing.T) {
	onClock(t, wire.Options{Emulator: emulator.Options{Upgrade: time.Hour}}, func(t *testing.T, b *wire.Bench) {
		r := b.Created(wire.Subscription(map[string]any{"logStorage": 0, "log": "1"}))
		out := b.Update(r, b.Checked(wire.Change(r.Inputs, map[string]any{"keyNum": 2000, "logStorage": 1000})), 20)
		wantUnfinished(t, out)
		refreshed := b.Refresh(out.Resource)
		wantKept(t, refreshed, r.ID)
		shown := wire.Go(refreshed.Outputs)
		if shown["pendingOrder"] == nil || shown["keyNum"] != 2000.0 || shown["logStorage"] != 1000.0 {
			t.Errorf("the refresh gives %v, want what was accepted", shown)
		}
		time.Sleep(time.Hour)
		refreshed = b.Refresh(refreshed.Resource)
		wantKept(t, refreshed, r.ID)
		if shown = wire.Go(refreshed.Outputs); shown["pendingOrder"] != nil || shown["keyNum"] != 2000.0 {
			t.Errorf("after the upgrade the refresh gives %v", shown)
		}
		if n := b.Cloud.Totals().Modifications; n != 1 {
			t.Errorf("%d orders were placed", n)
		}
	})
}

// Drift shows in every input that the program manages and in no other; the recorded network stays, and its outputs and a warning tell.
// Promise (Refresh and import): A refresh never makes drift of the network into a replacement.
func TestDrift(t *testing.T) {
	t.Parallel()
	changes := emulator.Patch{
		Name: new("theirs"), ProductVersion: new("3"), Spec: new(2000), KeyNum: new(3000), SecretNum: new(0), VpcNum: new(9), Log: new(1), LogStorage: new(4000),
		VpcID: new("vpc-other"), VSwitchIDs: []string{"vsw-other"}, ZoneIDs: []string{"cn-hangzhou-h"}, DeletionProtection: new(false),
		BindVpcs: []emulator.BindVpc{{VpcID: "vpc-c", VSwitchID: "vsw-c", RegionID: "cn-hangzhou", VpcOwnerID: "1"}},
		Tags:     map[string]string{"team": "b", "aliyun.own": "x"}, Renewal: &emulator.Renewal{Status: "NotRenewal"},
	}
	shown := map[string]any{
		"instanceName": "theirs", "productVersion": "3", "spec": 2000.0, "keyNum": 3000.0, "secretNum": 0.0, "vpcNum": 9.0, "log": "1", "logStorage": 4000.0,
		"deletionProtection": false, "renewStatus": "NotRenewal", "tags": map[string]any{"team": "b"},
		"bindVpcs": []any{map[string]any{"vpcId": "vpc-c", "vswitchId": "vsw-c", "regionId": "cn-hangzhou", "vpcOwnerId": "1"}},
		// The cloud tells a renewal period of automatic renewals only, and these two never.
		"renewPeriod": 2.0, "renewalPeriodUnit": "Y", "period": 3.0, "forceDeleteWithoutBackup": true,
	}
	network := map[string]any{"vpcId": "vpc-other", "zoneIds": []any{"cn-hangzhou-h"}, "vswitchIds": []any{"vsw-other"}}
	b := wire.New(t, wire.Options{})
	r := b.Created(wire.Subscription(map[string]any{
		"productVersion": "5", "log": "0", "logStorage": 0, "instanceName": "mine", "deletionProtection": true, "period": 3,
		"forceDeleteWithoutBackup": true, "renewStatus": "AutoRenewal", "renewPeriod": 2, "renewalPeriodUnit": "Y",
		"bindVpcs": []map[string]any{{"vpcId": "vpc-b", "vswitchId": "vsw-b"}}, "tags": map[string]string{"team": "a"},
	}))
	patch(t, b, r.ID, changes)
	b.Hush()
	refreshed := b.Refresh(r)
	wantKept(t, refreshed, r.ID)
	inputs, outputs := wire.Go(refreshed.Inputs), wire.Go(refreshed.Outputs)
	for name, want := range shown {
		if !reflect.DeepEqual(inputs[name], want) || !reflect.DeepEqual(outputs[name], want) {
			t.Errorf("%s: the input is %v and the output %v, want %v", name, inputs[name], outputs[name], want)
		}
	}
	for name, want := range network {
		if !reflect.DeepEqual(inputs[name], wire.Go(r.Inputs)[name]) || !reflect.DeepEqual(outputs[name], want) {
			t.Errorf("%s: the input is %v and the output %v, want %v", name, inputs[name], outputs[name], want)
		}
	}
	for _, name := range []string{"vpcId vpc-other, the program says vpc-a", "zoneIds cn-hangzhou-h", "vswitchIds vsw-other"} {
		wantSaid(t, "the warning", b.Said(), "warning: "+r.ID+": Alibaba Cloud reports "+name)
	}
	if plan, err := b.RefreshDiff(r, refreshed.Resource); err != nil || len(plan.Replaces) > 0 {
		t.Errorf("the refresh plans %+v, %v", plan, err)
	}

	other := b.Another()
	plain := other.Created(wire.Subscription(map[string]any{"productVersion": nil, "spec": nil, "keyNum": nil, "secretNum": nil, "vpcNum": nil}))
	patch(t, other, plain.ID, changes)
	refreshed = other.Refresh(plain)
	wantKept(t, refreshed, plain.ID)
	if outputs := wire.Go(refreshed.Outputs); !refreshed.Inputs.Equals(plain.Inputs) || outputs["instanceName"] != "theirs" {
		t.Errorf("drift of what is not managed turns %v into %v, and shows as %v", wire.Go(plain.Inputs), wire.Go(refreshed.Inputs), outputs)
	}
}

// If the renewal or the tags cannot be read, the recorded ones stay, one warning names the permission, and the rest is read.
func TestSettingsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	const renewal, tags = "bss:QueryAvailableInstances", "The permission is kms:ListTagResources"
	empty := `{"Success":true,"Code":"Success","RequestId":"r","Data":{"InstanceList":[],"TotalCount":0}}`
	for name, c := range map[string]struct {
		fault emulator.Fault
		says  string
	}{
		"renewal denied":         {emulator.Fault{Action: "QueryAvailableInstances", Kind: emulator.FaultRefuse}, renewal},
		"renewal not applicable": {emulator.Fault{Action: "QueryAvailableInstances", Kind: emulator.FaultBusiness, Code: "NotApplicable", Count: -1}, renewal},
		"renewal empty":          {emulator.Fault{Action: "QueryAvailableInstances", Kind: emulator.FaultAnswer, Body: &empty, Count: -1}, renewal},
		"tags denied":            {emulator.Fault{Action: "ListTagResources", Kind: emulator.FaultRefuse}, tags},
		"tags not ready":         {emulator.Fault{Action: "ListTagResources", Kind: emulator.FaultBusiness, Status: 409, Code: "Rejected.Uninitialized", Count: -1}, ""},
	} {
		b := wire.New(t, wire.Options{})
		r := b.Created(wire.Subscription(map[string]any{
			"renewStatus": "AutoRenewal", "renewPeriod": 6, "tags": map[string]string{"team": "a"}, "instanceName": "mine",
		}))
		patch(t, b, r.ID, emulator.Patch{Name: new("theirs")})
		inject(t, b, c.fault)
		b.Hush()
		refreshed := b.Refresh(r)
		wantKept(t, refreshed, r.ID)
		for _, kept := range []string{"renewStatus", "renewPeriod", "tags"} {
			if !refreshed.Inputs.Get(kept).Equals(r.Inputs.Get(kept)) || !refreshed.Outputs.Get(kept).Equals(r.Outputs.Get(kept)) {
				t.Errorf("%s: %s became %v, %v", name, kept, refreshed.Inputs.Get(kept), refreshed.Outputs.Get(kept))
			}
		}
		if got := refreshed.Inputs.Get("instanceName").AsString(); got != "theirs" {
			t.Errorf("%s: the rest was not read: the name is %q", name, got)
		}
		wantSaid(t, name, b.Said(), c.says)
		if n := strings.Count(b.Said(), "warning:"); n != map[bool]int{true: 1, false: 0}[c.says != ""] {
			t.Errorf("%s: there are %d warnings: %s", name, n, b.Said())
		}
		imported := b.Import(r.ID)
		wantKept(t, imported, r.ID)
		b.Checked(imported.Inputs)
		_, hasRenewal := imported.Inputs.GetOk("renewStatus")
		_, hasTags := imported.Inputs.GetOk("tags")
		if hasRenewal == strings.HasPrefix(name, "renewal") || hasTags == strings.HasPrefix(name, "tags") {
			t.Errorf("%s: the import gives %v", name, wire.Go(imported.Inputs))
		}
	}
}

// A refresh that cannot read what an interrupted create has left undone does not take it for done.
func TestUnfinishedSettingsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		program     map[string]any
		set, read   string // the actions
		planned     string // the property
		hasBeenDone func(emulator.Instance) bool
	}{
		"tags": {
			map[string]any{"tags": map[string]string{"team": "a"}}, "TagResources", "ListTagResources", "tags.team",
			func(i emulator.Instance) bool { return i.Tags["team"] == "a" },
		},
		"renewal": {
			map[string]any{"renewStatus": "NotRenewal"}, "SetRenewal", "QueryAvailableInstances", "renewStatus",
			func(i emulator.Instance) bool { return i.Renewal.Status == "NotRenewal" },
		},
	} {
		b := wire.New(t, wire.Options{})
		unreadable := emulator.Fault{Action: c.read, Kind: emulator.FaultRefuse}
		inject(t, b, unreadable, emulator.Fault{Action: c.set, Kind: emulator.FaultRefuse})
		program := b.Checked(wire.Subscription(c.program))
		made := b.Create(program, 0)
		wantUnfinished(t, made)
		refreshed := b.Refresh(made.Resource)
		b.Cloud.ClearFaults()
		inject(t, b, unreadable)
		if plan, err := b.Diff(refreshed.Resource, program); err != nil || plan.Kinds[c.planned] == "" {
			t.Errorf("%s: the next update plans %+v, %v", name, plan, err)
		}
		b.Updated(refreshed.Resource, program)
		if i, _ := b.Cloud.Instance(made.ID); !c.hasBeenDone(i) {
			t.Errorf("%s: the instance is %+v", name, i)
		}
	}
}

// The account of the ARN is asked for once at import and never again; without STS the list of instances tells it, and else it is absent.
func TestArn(t *testing.T) {
	b := fresh(t)
	id := seeded(t, b, emulator.Instance{PaymentType: emulator.PayAsYouGo})
	imported := b.Import(id)
	arn := property.New("acs:kms:cn-hangzhou:1234567890123456:keystore/" + id)
	if got := imported.Outputs.Get("arn"); !got.Equals(arn) {
		t.Errorf("the ARN is %v", got)
	}
	again := wire.Attach(t, b.Cloud, wire.Options{})
	inject(t, b, emulator.Fault{Action: "GetCallerIdentity", Kind: emulator.FaultRefuse})
	if refreshed := again.Refresh(imported.Resource); !refreshed.Outputs.Equals(imported.Outputs) {
		t.Errorf("the refresh gives %v", wire.Go(refreshed.Outputs))
	}
	if n := len(b.Calls("GetCallerIdentity")); n != 1 {
		t.Errorf("the account was asked for %d times", n)
	}
	if listed := again.Import(id); !listed.Outputs.Get("arn").Equals(arn) {
		t.Errorf("without STS the ARN is %v", listed.Outputs.Get("arn"))
	}
	inject(t, b, emulator.Fault{Action: "ListKmsInstances", Kind: emulator.FaultRefuse})
	denied := wire.Attach(t, b.Cloud, wire.Options{}).Import(id)
	wantKept(t, denied, id)
	if v, given := denied.Outputs.GetOk("arn"); given {
		t.Errorf("the ARN is %v", v)
	}
}

// The tags of a disconnected instance cannot be read, so those that the program has set count, at once and after a refresh.
func TestTagsOfADisconnectedInstance(t *testing.T) {
	onClock(t, wire.Options{}, func(t *testing.T, b *wire.Bench) {
		made := b.Created(wire.Subscription(map[string]any{"tags": map[string]string{"team": "a"}}))
		patch(t, b, made.ID, emulator.Patch{Status: new(emulator.StatusDisconnected)})
		start := time.Now()
		changed := b.Updated(made, wire.Subscription(map[string]any{"tags": map[string]string{"team": "b"}}))
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("the update takes %s", took)
		}
		for what, m := range map[string]property.Map{"output": changed.Outputs, "input after a refresh": b.Refresh(changed).Inputs} {
			if tags := m.Get("tags"); !tags.Equals(wire.Value(map[string]string{"team": "b"})) {
				t.Errorf("the %s is %v", what, tags)
			}
		}
	})
}
