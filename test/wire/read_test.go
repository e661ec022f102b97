package wire_test

import (
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/wire"
)

// seeded puts an instance into the bench's cloud and returns its id.
func seeded(t *testing.T, b *wire.Bench, i emulator.Instance) string {
	t.Helper()
	kept, err := b.Cloud.Seed(i)
	if err != nil {
		t.Fatal(err)
	}
	return kept.ID
}

// patch changes an instance behind the provider's back.
func patch(t *testing.T, b *wire.Bench, id string, p emulator.Patch) {
	t.Helper()
	if _, err := b.Cloud.Change(id, p); err != nil {
		t.Fatal(err)
	}
}

func inject(t *testing.T, b *wire.Bench, faults ...emulator.Fault) {
	t.Helper()
	if err := b.Cloud.Inject(faults...); err != nil {
		t.Fatal(err)
	}
}

// wantKept requires that a read has kept the resource as usable.
func wantKept(t *testing.T, out wire.Outcome, id string) {
	t.Helper()
	if out.Err != nil || len(out.Reasons) > 0 || out.ID != id {
		t.Errorf("the read gave %q, %v, %v; want %s", out.ID, out.Reasons, out.Err, id)
	}
}

func wantSaid(t *testing.T, what, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%s does not say %q: %s", what, part, text)
		}
	}
}

// TestReadOfAnInstanceThatIsNotUsable: with prior state it is an init failure, so that a refresh never clears the mark;
// without it is a warning, because a failure would end an import or a `.get`.
func TestReadOfAnInstanceThatIsNotUsable(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		leave func(t *testing.T, b *wire.Bench, id string)
		says  string
	}{
		"bought": {func(t *testing.T, b *wire.Bench, id string) {
			t.Helper()
			patch(t, b, id, emulator.Patch{Status: new(emulator.StatusUninitialized), VpcID: new(""), VSwitchIDs: []string{}, ZoneIDs: []string{}})
		}, "is bought but not connected to a VPC yet; `pulumi up` with vpcId, zoneIds and vswitchIds in the program connects it without buying again"},
		"connecting": {func(t *testing.T, b *wire.Bench, id string) {
			t.Helper()
			patch(t, b, id, emulator.Patch{Status: new(emulator.StatusConnecting)})
		}, "is being connected; `pulumi up` waits for it"},
		"error": {func(t *testing.T, b *wire.Bench, id string) {
			t.Helper()
			patch(t, b, id, emulator.Patch{Status: new(emulator.StatusError)})
		}, "has status Error: look at it in the KMS console"},
		"disconnected": {func(t *testing.T, b *wire.Bench, id string) {
			t.Helper()
			patch(t, b, id, emulator.Patch{Status: new(emulator.StatusDisconnected)})
		}, "has status Disconnected"},
		"expired": {func(_ *testing.T, b *wire.Bench, _ string) { b.Cloud.Advance(32 * 24 * time.Hour) }, "has status Disconnected"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := wire.New(t, wire.Options{})
			r := b.Created(wire.Subscription(map[string]any{"tags": map[string]string{"team": "a"}}))
			c.leave(t, b, r.ID)
			b.Hush()
			before := len(b.Mutations())

			refreshed := b.Refresh(r)
			if refreshed.Err != nil || refreshed.ID != r.ID || len(refreshed.Reasons) != 1 {
				t.Fatalf("a refresh gives %q, %v, %v", refreshed.ID, refreshed.Reasons, refreshed.Err)
			}
			wantSaid(t, "the reason", refreshed.Reasons[0], r.ID, c.says)
			status, _ := b.Cloud.Instance(r.ID)
			if got := refreshed.Outputs.Get("status").AsString(); got != status.Status {
				t.Errorf("the output status is %s, want %s", got, status.Status)
			}
			for _, kept := range []string{"vpcId", "zoneIds", "vswitchIds", "tags", "spec"} {
				if !refreshed.Inputs.Get(kept).Equals(r.Inputs.Get(kept)) {
					t.Errorf("the input %s became %v", kept, refreshed.Inputs.Get(kept))
				}
			}
			if !refreshed.Outputs.Get("tags").Equals(r.Outputs.Get("tags")) {
				t.Errorf("the tags, which cannot be read now, became %v", refreshed.Outputs.Get("tags"))
			}

			imported := b.Import(r.ID)
			wantKept(t, imported, r.ID)
			wantSaid(t, "the output of an import", b.Said(), "warning: KMS instance "+r.ID, c.says)
			if calls := b.Mutations()[before:]; len(calls) > 0 {
				t.Errorf("reading led to %v", calls)
			}
		})
	}
}

// TestReadOfAnImportedUnfinishedInstance: the state of such an instance lacks the network. It can be refreshed and
// previewed all the same, and the next up finishes it.
func TestReadOfAnImportedUnfinishedInstance(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{})
	id := seeded(t, b, emulator.Instance{Status: emulator.StatusUninitialized})
	imported := b.Import(id)
	wantKept(t, imported, id)
	for _, absent := range []string{"vpcId", "zoneIds", "vswitchIds", "tags", "bindVpcs"} {
		if v, given := imported.Inputs.GetOk(absent); given {
			t.Errorf("the input %s is %v", absent, v)
		}
	}
	refreshed := b.Refresh(imported.Resource)
	if refreshed.Err != nil || len(refreshed.Reasons) != 1 {
		t.Fatalf("a refresh gives %v, %v", refreshed.Reasons, refreshed.Err)
	}
	if !refreshed.Inputs.Equals(imported.Inputs) {
		t.Errorf("a refresh turns the inputs %v into %v", wire.Go(imported.Inputs), wire.Go(refreshed.Inputs))
	}
	inputs := b.Checked(wire.Subscription(map[string]any{"keyNum": nil, "secretNum": nil, "spec": nil, "vpcNum": nil}))
	plan, err := b.Diff(refreshed.Resource, inputs)
	if err != nil || len(plan.Replaces) > 0 || !plan.Changes {
		t.Errorf("Diff gives %+v, %v", plan, err)
	}
	done := b.Update(refreshed.Resource, inputs, 0)
	b.MustHaveWorked(done)
	wantKept(t, b.Refresh(done.Resource), id)
	if n := b.Cloud.Totals(); n.Orders > 0 || n.Modifications > 0 {
		t.Errorf("%+v was ordered", n)
	}
}

// TestReadOfAnUpgradingInstance: sizes that are ordered and not shown yet are no trouble and no drift of the mark.
func TestReadOfAnUpgradingInstance(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := wire.New(t, wire.Options{Emulator: emulator.Options{Upgrade: time.Hour}})
		r := b.Created(wire.Subscription(map[string]any{"logStorage": 0, "log": "1"}))
		out := b.Update(r, b.Checked(wire.Change(r.Inputs, map[string]any{"keyNum": 2000, "logStorage": 1000})), 20)
		if len(out.Reasons) == 0 || out.Outputs.Get("pendingOrder").IsNull() {
			t.Fatalf("the update ended with %v, %v", out.Err, wire.Go(out.Outputs))
		}
		refreshed := b.Refresh(out.Resource)
		wantKept(t, refreshed, r.ID)
		if refreshed.Outputs.Get("pendingOrder").IsNull() {
			t.Error("the order is forgotten before it shows")
		}
		if n := refreshed.Outputs.Get("keyNum").AsNumber(); n != 2000 {
			t.Errorf("keyNum is %v, want what was accepted", n)
		}
		if n := refreshed.Outputs.Get("logStorage").AsNumber(); n != 1000 {
			t.Errorf("logStorage is %v, want the last one ordered, because the cloud may never show it", n)
		}
		time.Sleep(time.Hour)
		refreshed = b.Refresh(refreshed.Resource)
		wantKept(t, refreshed, r.ID)
		if v, still := refreshed.Outputs.GetOk("pendingOrder"); still {
			t.Errorf("the order shows, and is still pending: %v", wire.Go(v.AsMap()))
		}
		if n := refreshed.Outputs.Get("keyNum").AsNumber(); n != 2000 {
			t.Errorf("keyNum is %v after the upgrade", n)
		}
		if n := b.Cloud.Totals().Modifications; n != 1 {
			t.Errorf("%d orders were placed", n)
		}
	})
}

// TestDrift: what the cloud changes shows in every input that the program manages, and in no other. The network, period and
// forceDeleteWithoutBackup stay as recorded.
// Promise (Refresh and import): A refresh never makes drift of the network into a replacement.
func TestDrift(t *testing.T) {
	t.Parallel()
	managed := wire.Subscription(map[string]any{
		"productVersion": "5", "log": "0", "logStorage": 0, "instanceName": "mine", "deletionProtection": true, "period": 3,
		"forceDeleteWithoutBackup": true, "renewStatus": "AutoRenewal", "renewPeriod": 12,
		"bindVpcs": []map[string]any{{"vpcId": "vpc-b", "vswitchId": "vsw-b"}}, "tags": map[string]string{"team": "a"},
	})
	changes := emulator.Patch{
		Name: new("theirs"), ProductVersion: new("3"), Spec: new(2000), KeyNum: new(3000), SecretNum: new(0), VpcNum: new(9), Log: new(1), LogStorage: new(4000),
		VpcID: new("vpc-other"), VSwitchIDs: []string{"vsw-other"}, ZoneIDs: []string{"cn-hangzhou-h"}, DeletionProtection: new(false),
		BindVpcs: []emulator.BindVpc{{VpcID: "vpc-c", VSwitchID: "vsw-c", RegionID: "cn-hangzhou", VpcOwnerID: "1"}},
		Tags:     map[string]string{"team": "b", "aliyun.own": "x"}, Renewal: &emulator.Renewal{Status: "AutoRenewal", Period: 6, Unit: "M"},
	}
	shown := map[string]any{
		"instanceName": "theirs", "productVersion": "3", "spec": 2000.0, "keyNum": 3000.0, "secretNum": 0.0, "vpcNum": 9.0, "log": "1", "logStorage": 4000.0,
		"deletionProtection": false, "renewStatus": "AutoRenewal", "renewPeriod": 6.0, "renewalPeriodUnit": "M",
		"bindVpcs": []any{map[string]any{"vpcId": "vpc-c", "vswitchId": "vsw-c", "regionId": "cn-hangzhou", "vpcOwnerId": "1"}},
		"tags":     map[string]any{"team": "b"},
	}
	kept := []string{"vpcId", "zoneIds", "vswitchIds", "period", "forceDeleteWithoutBackup", "paymentType"}

	b := wire.New(t, wire.Options{})
	r := b.Created(managed)
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
	for _, name := range kept {
		if !reflect.DeepEqual(inputs[name], wire.Go(r.Inputs)[name]) {
			t.Errorf("the input %s became %v", name, inputs[name])
		}
	}
	for name, want := range map[string]any{"vpcId": "vpc-other", "zoneIds": []any{"cn-hangzhou-h"}, "vswitchIds": []any{"vsw-other"}, "period": 3.0} {
		if !reflect.DeepEqual(outputs[name], want) {
			t.Errorf("the output %s is %v, want %v", name, outputs[name], want)
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
	if !refreshed.Inputs.Equals(plain.Inputs) {
		t.Errorf("drift of what is not managed turns %v into %v", wire.Go(plain.Inputs), wire.Go(refreshed.Inputs))
	}
	if outputs := wire.Go(refreshed.Outputs); !reflect.DeepEqual(outputs["tags"], shown["tags"]) || outputs["instanceName"] != "theirs" {
		t.Errorf("the outputs do not show it: %v", outputs)
	}
}

// TestRenewalThatIsNotAutomatic: the cloud reports no period then, and the recorded one stays.
func TestRenewalThatIsNotAutomatic(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{})
	r := b.Created(wire.Subscription(map[string]any{"renewStatus": "AutoRenewal", "renewPeriod": 2, "renewalPeriodUnit": "Y"}))
	patch(t, b, r.ID, emulator.Patch{Renewal: &emulator.Renewal{Status: "NotRenewal"}})
	refreshed := b.Refresh(r)
	wantKept(t, refreshed, r.ID)
	for name, want := range map[string]any{"renewStatus": "NotRenewal", "renewPeriod": 2.0, "renewalPeriodUnit": "Y"} {
		if in, out := wire.Go(refreshed.Inputs)[name], wire.Go(refreshed.Outputs)[name]; in != want || out != want {
			t.Errorf("%s: the input is %v and the output %v, want %v", name, in, out, want)
		}
	}
}

// TestSettingsThatCannotBeRead: if the renewal or the tags are refused or missing, the recorded ones stay, and a warning
// names the permission. Nothing else of the read is lost.
func TestSettingsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	const renewal, tags = "the permission bss:QueryAvailableInstances", "The permission is kms:ListTagResources"
	for name, c := range map[string]struct {
		options emulator.Options
		fault   emulator.Fault
		wrap    func(http.Handler) http.Handler
		says    string
	}{
		"renewal denied":         {fault: emulator.Fault{Action: "QueryAvailableInstances", Kind: emulator.FaultRefuse}, says: "The permission is bss:QueryAvailableInstances"},
		"renewal not applicable": {fault: emulator.Fault{Action: "QueryAvailableInstances", Kind: emulator.FaultBusiness, Code: "NotApplicable", Count: -1}, says: "The permission is bss:QueryAvailableInstances"},
		"renewal empty":          {wrap: answering("QueryAvailableInstances", `{"Success":true,"Code":"Success","RequestId":"r","Data":{"InstanceList":[],"TotalCount":0}}`), says: renewal},
		"tags denied":            {fault: emulator.Fault{Action: "ListTagResources", Kind: emulator.FaultRefuse}, says: tags},
		"tags not ready":         {fault: emulator.Fault{Action: "ListTagResources", Kind: emulator.FaultBusiness, Status: 409, Code: "Rejected.Uninitialized", Count: -1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := wire.New(t, wire.Options{Emulator: c.options})
			r := b.Created(wire.Subscription(map[string]any{
				"renewStatus": "AutoRenewal", "renewPeriod": 6, "tags": map[string]string{"team": "a"}, "instanceName": "mine",
			}))
			patch(t, b, r.ID, emulator.Patch{Name: new("theirs")})
			read := wire.Attach(t, b.Cloud, wire.Options{Wrap: c.wrap})
			if c.fault.Action != "" {
				inject(t, b, c.fault)
			}
			refreshed := read.Refresh(r)
			wantKept(t, refreshed, r.ID)
			for _, name := range []string{"renewStatus", "renewPeriod", "tags"} {
				if !refreshed.Inputs.Get(name).Equals(r.Inputs.Get(name)) || !refreshed.Outputs.Get(name).Equals(r.Outputs.Get(name)) {
					t.Errorf("%s became %v, %v", name, refreshed.Inputs.Get(name), refreshed.Outputs.Get(name))
				}
			}
			if got := refreshed.Inputs.Get("instanceName").AsString(); got != "theirs" {
				t.Errorf("the rest was not read: the name is %q", got)
			}
			wantSaid(t, "the warning", read.Said(), c.says)
			if n := strings.Count(read.Said(), "warning:"); n > 1 || (c.says != "") != (n == 1) {
				t.Errorf("there are %d warnings: %s", n, read.Said())
			}

			imported := read.Import(r.ID)
			wantKept(t, imported, r.ID)
			if checked, refused := read.Check(imported.Inputs); len(refused) > 0 {
				t.Errorf("Check refuses %v: %v", wire.Go(checked), refused)
			}
			_, hasRenewal := imported.Inputs.GetOk("renewStatus")
			_, hasTags := imported.Inputs.GetOk("tags")
			if strings.HasPrefix(name, "renewal") == hasRenewal || strings.HasPrefix(name, "tags") == hasTags {
				t.Errorf("the import gives %v", wire.Go(imported.Inputs))
			}
		})
	}
}

// TestUnfinishedSettingsThatCannotBeRead: a refresh that cannot read what an interrupted create has left undone does not take it
// for done.
func TestUnfinishedSettingsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		program      map[string]any
		set          string
		reading      emulator.Fault
		done         func(emulator.Instance) bool
		wantProperty string
	}{
		"tags": {
			program: map[string]any{"tags": map[string]string{"team": "a"}}, set: "TagResources",
			reading: emulator.Fault{Action: "ListTagResources", Kind: emulator.FaultRefuse},
			done:    func(i emulator.Instance) bool { return i.Tags["team"] == "a" }, wantProperty: "tags.team",
		},
		"renewal": {
			program: map[string]any{"renewStatus": "NotRenewal"}, set: "SetRenewal",
			reading: emulator.Fault{Action: "QueryAvailableInstances", Kind: emulator.FaultRefuse},
			done:    func(i emulator.Instance) bool { return i.Renewal.Status == "NotRenewal" }, wantProperty: "renewStatus",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := wire.New(t, wire.Options{})
			inject(t, b, c.reading, emulator.Fault{Action: c.set, Kind: emulator.FaultRefuse})
			program := b.Checked(wire.Subscription(c.program))
			made := b.Create(program, 0)
			if len(made.Reasons) != 1 {
				t.Fatalf("the create ends with %q, %v", made.Reasons, made.Err)
			}
			refreshed := b.Refresh(made.Resource)
			b.Cloud.ClearFaults()
			inject(t, b, c.reading)
			plan, err := b.Diff(refreshed.Resource, program)
			if err != nil || plan.Kinds[c.wantProperty] == "" {
				t.Fatalf("the next update plans %+v, %v", plan, err)
			}
			b.Updated(refreshed.Resource, program)
			if i, _ := b.Cloud.Instance(made.ID); !c.done(i) {
				t.Errorf("the instance is %+v", i)
			}
		})
	}
}

// answering stands in for an action's answer.
func answering(action, body string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("X-Acs-Action") != action {
				next.ServeHTTP(w, r)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, body)
		})
	}
}

// TestGone: only the cloud's clear word takes an instance out of a stack.
func TestGone(t *testing.T) {
	t.Parallel()
	for name, asError := range map[string]bool{"an empty id": false, "Forbidden.DKMSInstanceNotFound": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := wire.New(t, wire.Options{Emulator: emulator.Options{NotFoundAsError: asError}})
			r := b.Created(wire.Subscription(nil))
			if err := b.Cloud.Remove(r.ID); err != nil {
				t.Fatal(err)
			}
			if out := b.Refresh(r); out.Err != nil || len(out.Reasons) > 0 || out.ID != "" {
				t.Errorf("the refresh of a gone instance gives %q, %v, %v", out.ID, out.Reasons, out.Err)
			}
			out := b.Import(r.ID)
			if out.Err == nil {
				t.Fatal("the import of a gone instance succeeds")
			}
			wantSaid(t, "the error", out.Err.Error(), "KMS instance "+r.ID+" does not exist in cn-hangzhou", "region", "account")
		})
	}
}

// TestNotGone: anything else is an error, and the resource stays.
func TestNotGone(t *testing.T) {
	t.Parallel()
	respond := func(status int, body string) func(http.Handler) http.Handler {
		return func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("X-Acs-Action") != "GetKmsInstance" {
					next.ServeHTTP(w, r)
					return
				}
				w.WriteHeader(status)
				_, _ = io.WriteString(w, body)
			})
		}
	}
	for name, c := range map[string]struct {
		wrap func(http.Handler) http.Handler
		says string
	}{
		"a wrong host":           {respond(404, "<html>not found</html>"), "HTTP 404"},
		"an unknown action":      {respond(404, `{"Code":"InvalidAction.NotFound","Message":"no","RequestId":"R1"}`), "InvalidAction.NotFound"},
		"a deleted access key":   {respond(404, `{"Code":"InvalidAccessKeyId.NotFound","Message":"no","RequestId":"R1"}`), "InvalidAccessKeyId.NotFound"},
		"an inactive access key": {respond(403, `{"Code":"InvalidAccessKeyId.Inactive","Message":"no","RequestId":"R1"}`), "InvalidAccessKeyId.Inactive"},
		"no permission":          {respond(403, `{"Code":"Forbidden.NoPermission","Message":"no","RequestId":"R1"}`), "kms:GetKmsInstance"},
		"throttling":             {respond(429, `{"Code":"Rejected.Throttling","Message":"slow","RequestId":"R1"}`), "Rejected.Throttling"},
		"trouble":                {respond(503, `{"Code":"ServiceUnavailable","Message":"no","RequestId":"R1"}`), "ServiceUnavailable"},
		"no JSON":                {respond(200, "hello"), "GetKmsInstance failed"},
		"no object":              {respond(200, `{"RequestId":"R1"}`), "KmsInstance"},
		"no id":                  {respond(200, `{"RequestId":"R1","KmsInstance":{}}`), "InstanceId"},
		"a null id":              {respond(200, `{"RequestId":"R1","KmsInstance":{"InstanceId":null}}`), "InstanceId"},
		"another instance":       {respond(200, `{"RequestId":"R1","KmsInstance":{"InstanceId":"kst-other"}}`), "kst-other"},
		"a body that ends":       {respond(200, `{"RequestId":"R1","KmsInstance":{"InstanceId":""`), "GetKmsInstance failed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := wire.New(t, wire.Options{})
				r := b.Created(wire.Subscription(nil))
				read := wire.Attach(t, b.Cloud, wire.Options{Wrap: c.wrap})
				out := read.Refresh(r)
				if out.Err == nil {
					t.Fatalf("the refresh gives %q, %v", out.ID, out.Reasons)
				}
				wantSaid(t, "the error", out.Err.Error(), "reading KMS instance "+r.ID, c.says)
				if out := read.Import(r.ID); out.Err == nil {
					t.Errorf("the import gives %q", out.ID)
				}
				if err := read.Delete(r, 60); err == nil {
					t.Error("the delete counts the instance as gone")
				}
			})
		})
	}
}

// TestWrongPlace: an instance that is not where the provider looks is an error that names both places, before it counts as
// gone.
// Promise (Refresh and import): Another region or account is an error that names both.
func TestWrongPlace(t *testing.T) {
	t.Parallel()
	const otherKey, otherAccount = "other-access-key", "9999999999999999"
	options := wire.Options{Emulator: emulator.Options{
		Regions: []string{"cn-hangzhou", "cn-shanghai"},
		Credentials: []emulator.Credential{
			{AccessKeyID: emulator.DefaultAccessKeyID, Secret: emulator.DefaultAccessKeySecret},
			{AccessKeyID: otherKey, Secret: otherKey, AccountID: otherAccount},
			{AccessKeyID: "mute", Secret: "mute", Deny: []string{"GetCallerIdentity"}},
		},
	}}
	b := wire.New(t, options)
	r := b.Created(wire.PayAsYouGo(nil))
	withoutArn := r
	withoutArn.Outputs = r.Outputs.Delete("arn")
	for name, c := range map[string]struct {
		config map[string]any
		old    wire.Resource
		says   []string
	}{
		"another region":                     {map[string]any{"region": "cn-shanghai"}, r, []string{"is in region cn-hangzhou", "configured for cn-shanghai"}},
		"another account":                    {map[string]any{"accessKey": otherKey, "secretKey": otherKey}, r, []string{"belongs to account 1234567890123456", "those of account " + otherAccount}},
		"another region, no ARN":             {map[string]any{"region": "cn-shanghai"}, withoutArn, []string{"is in region cn-hangzhou", "configured for cn-shanghai"}},
		"another region, no identity either": {map[string]any{"region": "cn-shanghai", "accessKey": "mute", "secretKey": "mute"}, withoutArn, []string{"is in region cn-hangzhou", "configured for cn-shanghai"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			elsewhere := wire.Attach(t, b.Cloud, wire.Options{Config: c.config})
			out := elsewhere.Refresh(c.old)
			if out.Err == nil {
				t.Fatalf("the refresh gives %q, %v", out.ID, out.Reasons)
			}
			wantSaid(t, "the error", out.Err.Error(), append(c.says, r.ID)...)
			before := len(b.Mutations())
			if err := elsewhere.Delete(c.old, 0); err == nil {
				t.Error("the delete does nothing and says that it is done")
			} else {
				wantSaid(t, "the error of the delete", err.Error(), append(c.says, r.ID)...)
			}
			if out := elsewhere.Update(c.old, wire.Change(r.Inputs, map[string]any{"instanceName": "other"}), 0); len(out.Reasons) != 1 {
				t.Errorf("the update gives %v, %v", out.Reasons, out.Err)
			} else {
				wantSaid(t, "the reason of the update", out.Reasons[0], append(c.says, r.ID, "was not changed")...)
			}
			if calls := b.Mutations()[before:]; len(calls) > 0 {
				t.Errorf("there were the calls %v", calls)
			}
		})
	}
}

// TestAccountUnknown: if the account cannot be compared, nothing counts as gone.
func TestAccountUnknown(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{})
	r := b.Created(wire.PayAsYouGo(nil))
	if err := b.Cloud.Remove(r.ID); err != nil {
		t.Fatal(err)
	}
	inject(t, b, emulator.Fault{Action: "GetCallerIdentity", Kind: emulator.FaultBusiness, Code: "Odd", Count: -1})
	out := wire.Attach(t, b.Cloud, wire.Options{}).Refresh(r)
	if out.Err == nil {
		t.Fatalf("the refresh gives %q, %v", out.ID, out.Reasons)
	}
	wantSaid(t, "the error", out.Err.Error(), r.ID, "is not known", "Set accountId")
}

// TestNotVisibleYet: for an hour after its order an instance that has not been seen connected is never gone.
func TestNotVisibleYet(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := wire.New(t, wire.Options{Emulator: emulator.Options{OrderVisible: 3 * time.Hour}})
		out := b.Create(b.Checked(wire.Subscription(nil)), 30)
		if len(out.Reasons) == 0 || !strings.HasPrefix(out.ID, "kst-") {
			t.Fatalf("the create gives %q, %v, %v", out.ID, out.Reasons, out.Err)
		}
		for range 5 {
			refreshed := b.Refresh(out.Resource)
			if refreshed.Err != nil || refreshed.ID != out.ID || len(refreshed.Reasons) != 1 {
				t.Fatalf("the refresh gives %q, %v, %v", refreshed.ID, refreshed.Reasons, refreshed.Err)
			}
			wantSaid(t, "the reason", refreshed.Reasons[0], out.ID, "is not visible yet", "without buying again")
			if !refreshed.Inputs.Equals(out.Inputs) || refreshed.Outputs.Get("pendingOrder").IsNull() {
				t.Error("the refresh loses inputs or the order")
			}
			time.Sleep(11 * time.Minute)
		}
		time.Sleep(10 * time.Minute)
		if refreshed := b.Refresh(out.Resource); refreshed.Err != nil || refreshed.ID != "" {
			t.Errorf("after more than an hour the refresh gives %q, %v, %v", refreshed.ID, refreshed.Reasons, refreshed.Err)
		}
	})
}

// TestArn: one question for the account at import, none afterwards, and no ARN if it is refused.
func TestArn(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{})
	id := seeded(t, b, emulator.Instance{PaymentType: emulator.PayAsYouGo})
	imported := b.Import(id)
	wantKept(t, imported, id)
	if got := imported.Outputs.Get("arn"); !got.Equals(property.New("acs:kms:cn-hangzhou:1234567890123456:keystore/" + id)) {
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
	// Where STS is not allowed, the list of instances tells the account, too.
	if listed := again.Import(id); !listed.Outputs.Get("arn").Equals(imported.Outputs.Get("arn")) {
		t.Errorf("the ARN is %v", listed.Outputs.Get("arn"))
	}
	again = wire.Attach(t, b.Cloud, wire.Options{})
	inject(t, b, emulator.Fault{Action: "ListKmsInstances", Kind: emulator.FaultRefuse})
	denied := again.Import(id)
	wantKept(t, denied, id)
	if v, given := denied.Outputs.GetOk("arn"); given {
		t.Errorf("the ARN is %v", v)
	}
}

// The tags of a disconnected instance cannot be read: those that the program has set count, at once and after a refresh.
func TestTagsOfADisconnectedInstance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := wire.New(t, wire.Options{})
		made := b.Created(b.Checked(wire.Subscription(map[string]any{"tags": map[string]string{"team": "a"}})))
		patch(t, b, made.ID, emulator.Patch{Status: new(emulator.StatusDisconnected)})
		start := time.Now()
		changed := b.Updated(made, b.Checked(wire.Subscription(map[string]any{"tags": map[string]string{"team": "b"}})))
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("the update takes %s", took)
		}
		refreshed := b.Refresh(changed)
		for what, m := range map[string]property.Map{"output": changed.Outputs, "input after a refresh": refreshed.Inputs} {
			if tags := m.Get("tags"); !tags.IsMap() || tags.AsMap().Get("team").AsString() != "b" {
				t.Errorf("the %s is %v", what, tags)
			}
		}
	})
}
