package wire_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/wire"
)

var theirs = emulator.Credential{AccessKeyID: "theirs", Secret: "s", AccountID: "9999999999999999"}

// twoAccounts are a cloud with the default account and theirs, in two regions.
func twoAccounts() wire.Options {
	return wire.Options{Emulator: emulator.Options{
		Regions: []string{"cn-hangzhou", "cn-shanghai"},
		Credentials: []emulator.Credential{
			{AccessKeyID: emulator.DefaultAccessKeyID, Secret: emulator.DefaultAccessKeySecret}, theirs,
		},
	}}
}

// nameless keeps the provider from finding out whose credentials it has.
func nameless(t *testing.T, b *wire.Bench) {
	t.Helper()
	for _, action := range []string{"GetCallerIdentity", "ListKmsInstances"} {
		inject(t, b, emulator.Fault{Action: action, Kind: emulator.FaultRefuse, Count: -1})
	}
}

// An instance that Alibaba Cloud explicitly reports as gone leaves the stack at a refresh, and cannot be imported.
func TestGone(t *testing.T) {
	each(t, map[string]bool{"an empty id": false, "Forbidden.DKMSInstanceNotFound": true}, func(t *testing.T, asError bool) {
		b := wire.New(t, wire.Options{Emulator: emulator.Options{NotFoundAsError: asError}})
		r := b.Created(wire.Subscription(nil))
		remove(t, b, r.ID)
		wantKept(t, b.Refresh(r), "")
		wantFailed(t, b.Import(r.ID), "KMS instance "+r.ID+" does not exist in cn-hangzhou", "region", "account")
	})
}

// Any other answer than that an instance is gone is an error, and keeps the instance in the stack.
// Promise (Refresh and import): A missing permission, a deleted access key or a broken answer drop nothing.
func TestNotGone(t *testing.T) {
	type answer struct {
		status int
		body   string
		says   string
	}
	each(t, map[string]answer{
		"a wrong host":         {404, "<html>not found</html>", "HTTP 404"},
		"a deleted access key": {404, `{"Code":"InvalidAccessKeyId.NotFound","Message":"no","RequestId":"R1"}`, "InvalidAccessKeyId.NotFound"},
		"no permission":        {403, `{"Code":"Forbidden.NoPermission","Message":"no","RequestId":"R1"}`, "kms:GetKmsInstance"},
		"throttling":           {429, `{"Code":"Rejected.Throttling","Message":"slow","RequestId":"R1"}`, "Rejected.Throttling"},
		"no JSON":              {200, "hello", "GetKmsInstance failed"},
		"no object":            {200, `{"RequestId":"R1"}`, "KmsInstance"},
		"a null id":            {200, `{"RequestId":"R1","KmsInstance":{"InstanceId":null}}`, "InstanceId"},
		"another instance":     {200, `{"RequestId":"R1","KmsInstance":{"InstanceId":"kst-other"}}`, "kst-other"},
	}, func(t *testing.T, c answer) {
		b := wire.New(t, wire.Options{})
		r := b.Created(wire.Subscription(nil))
		inject(t, b, emulator.Fault{Action: "GetKmsInstance", Kind: emulator.FaultAnswer, Status: c.status, Body: &c.body, Count: -1})
		wantFailed(t, b.Refresh(r), "reading KMS instance "+r.ID, c.says)
		wantFailed(t, b.Import(r.ID))
		if err := b.Delete(r, 60); err == nil {
			t.Error("the delete counts the instance as gone")
		}
	})
}

// What KMS's list has is not gone, however often the instance is said not to exist; without that list, two answers decide.
func TestGoneButListed(t *testing.T) {
	onClock(t, wire.Options{}, func(t *testing.T, b *wire.Bench) {
		made := b.Created(wire.Subscription(nil))
		inject(t, b, emulator.Fault{
			Action: "GetKmsInstance", Kind: emulator.FaultAnswer, Merge: map[string]any{"KmsInstance": map[string]any{"InstanceId": ""}}, Count: -1,
		})
		wantFailed(t, b.Refresh(made), "ListKmsInstances lists it")
		if err := b.Delete(made, 60); err == nil {
			t.Error("the destroy succeeds")
		}
		wantOwned(t, b)
		inject(t, b, emulator.Fault{Action: "ListKmsInstances", Kind: emulator.FaultRefuse, Count: -1})
		wantKept(t, b.Refresh(made), "")
	})
}

// Nothing counts as gone on a KMS endpoint whose name does not say its region.
func TestEndpointOfAnUnknownRegion(t *testing.T) {
	type endpoint struct {
		host string
		gone bool
	}
	each(t, map[string]endpoint{
		"own name": {"kms.company.example", false}, "left out, as the message says": {"", true}, "public": {"kms.cn-hangzhou.aliyuncs.com", true},
		"in a VPC": {"kms-vpc.cn-hangzhou.aliyuncs.com", true}, "this machine": {"http://127.0.0.1:8080", true},
	}, func(t *testing.T, c endpoint) {
		b := wire.New(t, wire.Options{})
		made := b.Created(wire.Subscription(nil))
		remove(t, b, made.ID)
		out := wire.Attach(t, b.Cloud, wire.Options{Config: map[string]any{"endpoints": map[string]any{"kms": c.host}}}).Refresh(made)
		if c.gone {
			wantKept(t, out, "")
		} else {
			wantFailed(t, out, "does not exist on the configured endpoint", "Leave out endpoints.kms", "pulumi state delete")
		}
	})
}

// An instance in another region or account than the provider's is an error that names both, and never counts as gone.
// Promise (Refresh and import): Another region or account is an error that names both.
func TestWrongPlace(t *testing.T) {
	t.Parallel()
	keys := map[string]any{"accessKey": theirs.AccessKeyID, "secretKey": theirs.Secret}
	for name, c := range map[string]struct {
		config map[string]any
		noArn  bool
		says   []string
	}{
		"another region":         {map[string]any{"region": "cn-shanghai"}, false, []string{"is in region cn-hangzhou", "configured for cn-shanghai"}},
		"another account":        {keys, false, []string{"belongs to account 1234567890123456", "those of account " + theirs.AccountID}},
		"another region, no ARN": {map[string]any{"region": "cn-shanghai"}, true, []string{"is in region cn-hangzhou", "configured for cn-shanghai"}},
	} {
		b := wire.New(t, twoAccounts())
		r := b.Created(wire.PayAsYouGo(nil))
		if c.noArn {
			r.Outputs = r.Outputs.Delete("arn")
			nameless(t, b)
		}
		elsewhere := wire.Attach(t, b.Cloud, wire.Options{Config: c.config})
		wantFailed(t, elsewhere.Refresh(r), append(c.says, r.ID)...)
		before := len(b.Mutations())
		if err := elsewhere.Delete(r, 0); err == nil {
			t.Errorf("%s: the delete does nothing and says that it is done", name)
		} else {
			wantSaid(t, "the error of the delete", err.Error(), append(c.says, r.ID)...)
		}
		wantUnfinished(t, elsewhere.Update(r, wire.Change(r.Inputs, map[string]any{"instanceName": "other"}), 0), append(c.says, "was not changed")...)
		if calls := b.Mutations()[before:]; len(calls) > 0 {
			t.Errorf("%s: there were the calls %v", name, calls)
		}
	}
}

// While the recorded or the current account is not known, nothing counts as gone until accountId says which account is meant.
func TestGoneInAnUnknownAccount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := wire.New(t, twoAccounts())
		recorded := b.Created(wire.Subscription(nil))
		made := recorded
		made.Outputs = made.Outputs.Delete("arn")
		keys := map[string]any{"accessKey": theirs.AccessKeyID, "secretKey": theirs.Secret}
		other := wire.Attach(t, b.Cloud, wire.Options{Config: keys})
		wantFailed(t, other.Refresh(made), made.ID, "is not known", "Set accountId")
		if err := other.Delete(made, 0); err == nil {
			t.Error("the destroy succeeds")
		}
		wantOwned(t, b)
		keys["accountId"] = emulator.DefaultAccountID
		wantFailed(t, wire.Attach(t, b.Cloud, wire.Options{Config: keys}).Refresh(made), "belongs to account "+emulator.DefaultAccountID)
		// The next refresh in the right account records the ARN.
		if arn := wire.Attach(t, b.Cloud, wire.Options{}).Refresh(made).Outputs.Get("arn"); arn.IsNull() {
			t.Error("a refresh records no ARN")
		}
		// An instance that is really gone counts as gone with accountId, even if nobody can tell whose credentials they are.
		remove(t, b, made.ID)
		nameless(t, b)
		wantFailed(t, wire.Attach(t, b.Cloud, wire.Options{}).Refresh(recorded), made.ID, "is not known", "Set accountId")
		mute := wire.Attach(t, b.Cloud, wire.Options{Config: map[string]any{"accountId": emulator.DefaultAccountID}})
		wantKept(t, mute.Refresh(made), "")
	})
}

// Before KMS shows a new instance, a destroy neither takes it for gone nor forgets it; once it is shown, the destroy gives it back.
func TestDestroyBeforeTheInstanceIsVisible(t *testing.T) {
	each(t, map[string]bool{"Subscription": true, "PayAsYouGo": false}, func(t *testing.T, subscription bool) {
		b := wire.New(t, wire.Options{Emulator: emulator.Options{OrderVisible: 8 * time.Minute}})
		program := wire.PayAsYouGo(map[string]any{"forceDeleteWithoutBackup": true})
		if subscription {
			program = wire.Subscription(nil)
		}
		made := b.Create(b.Checked(program), 10)
		if subscription { // billing may be as late as KMS
			inject(t, b, emulator.Fault{Action: "RefundInstance", Kind: emulator.FaultBusiness, Code: "ResourceNotExists"})
		}
		err := b.Delete(made.Resource, 120)
		if err == nil {
			t.Fatalf("the destroy succeeds; totals %+v", b.Cloud.Totals())
		}
		wantSaid(t, "the error", err.Error(), made.ID, "not visible yet", "stays in the stack")
		wantOwned(t, b)
		time.Sleep(8 * time.Minute)
		if err := b.Delete(made.Resource, 0); err != nil {
			t.Fatal(err)
		}
		if got := b.Cloud.Totals(); got.Refunds+got.Releases != 1 {
			t.Errorf("totals are %+v", got)
		}
	})
}

// A destroy deletes an unfinished successor first, and the old instance after it.
func TestDestroyOfAnUnfinishedSuccessor(t *testing.T) {
	b := fresh(t)
	old := b.Created(wire.Subscription(nil))
	inject(t, b, emulator.Fault{Action: "ConnectKmsInstance", Kind: emulator.FaultRefuse})
	made := b.Create(b.Checked(wire.Subscription(map[string]any{"vpcId": "vpc-other"})), 0)
	for _, r := range []wire.Resource{made.Resource, old} {
		if err := b.Delete(r, 0); err != nil {
			t.Error(err)
		}
	}
	if got := b.Cloud.Totals(); got.Orders != 2 || got.Refunds != 2 {
		t.Errorf("totals are %+v", got)
	}
}

// For an hour after its order an instance that KMS does not show counts as not visible yet, never as gone.
func TestNotVisibleYet(t *testing.T) {
	onClock(t, wire.Options{Emulator: emulator.Options{OrderVisible: 3 * time.Hour}}, func(t *testing.T, b *wire.Bench) {
		out := b.Create(b.Checked(wire.Subscription(nil)), 30)
		wantUnfinished(t, out)
		for range 5 {
			refreshed := b.Refresh(out.Resource)
			wantUnfinished(t, refreshed, out.ID, "is not visible yet", "without buying again")
			if !refreshed.Inputs.Equals(out.Inputs) || refreshed.Outputs.Get("pendingOrder").IsNull() {
				t.Error("the refresh loses inputs or the order")
			}
			time.Sleep(11 * time.Minute)
		}
		time.Sleep(10 * time.Minute)
		wantKept(t, b.Refresh(out.Resource), "")
	})
}

// An order that Alibaba Cloud takes back without showing an instance is waited for once; afterwards every command knows at once.
func TestOrderThatIsTakenBack(t *testing.T) {
	onClock(t, wire.Options{Emulator: emulator.Options{OrderVisible: 2 * time.Hour}}, func(t *testing.T, b *wire.Bench) {
		inject(t, b, emulator.Fault{Action: "CreateInstance", Kind: emulator.FaultAutoRefund, Seconds: 60})
		made := b.Create(b.Checked(wire.Subscription(nil)), 0)
		wantUnfinished(t, made, "not visible yet", "pulumi up")
		for name, command := range map[string]func(b *wire.Bench){
			"update":  func(b *wire.Bench) { wantFailed(t, b.Update(made.Resource, made.Inputs, 0), "no longer exists") },
			"refresh": func(b *wire.Bench) { wantKept(t, b.Refresh(made.Resource), "") },
			"delete": func(b *wire.Bench) {
				if err := b.Delete(made.Resource, 0); err != nil {
					t.Error(err)
				}
			},
		} {
			start := time.Now()
			command(wire.Attach(t, b.Cloud, wire.Options{}))
			if took := time.Since(start); took > time.Minute {
				t.Errorf("%s waited for %s", name, took)
			}
		}
		if len(b.Calls("CreateInstance")) != 1 || len(b.Calls("RefundInstance")) > 0 {
			t.Errorf("totals are %+v", b.Cloud.Totals())
		}
	})
}
