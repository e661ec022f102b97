package wire_test

import (
	"maps"
	"slices"
	"strconv"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"pgregory.net/rapid"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/wire"
)

// TestUpdateReachesAnyInputs takes instances from any valid inputs to any others that can be reached in place: what Diff sees
// no change in makes no call, afterwards the instance is what the inputs say, and a second update makes no call.
// Promise (Changes): An update reaches any inputs, and a second one calls nothing.
func TestUpdateReachesAnyInputs(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{})
	rapid.Check(t, func(rt *rapid.T) {
		before := genWorking.Draw(rt, "before")
		old := createdFor(rt, b, before)
		if _, err := b.Cloud.Change(old.ID, emulator.Patch{Tags: withPlatformTag(instanceOf(rt, b, old.ID).Tags)}); err != nil {
			rt.Fatal(err)
		}
		news := inPlace(rt, old, genWorking.Filter(func(m property.Map) bool { return samePayment(m, before) }).Draw(rt, "after"))

		plan, err := b.Diff(old, news)
		if err != nil || len(plan.Replaces) > 0 {
			rt.Fatalf("Diff plans %v: %v", plan.Kinds, err)
		}
		calls := len(b.Mutations())
		out := b.Update(old, news, 0)
		if out.Err != nil || len(out.Reasons) > 0 {
			rt.Fatalf("updating %v to %v: %v %v", wire.Go(old.Inputs), wire.Go(news), out.Err, out.Reasons)
		}
		if made := b.Mutations()[calls:]; !plan.Changes && len(made) > 0 {
			rt.Fatalf("Diff sees no change from %v to %v, but the update calls %v", wire.Go(old.Inputs), wire.Go(news), made)
		}
		wantReached(rt, instanceOf(rt, b, old.ID), before, news)

		calls = len(b.Mutations())
		if again, err := b.Diff(out.Resource, news); err != nil || again.Changes {
			rt.Fatalf("after the update Diff plans %v: %v", again.Kinds, err)
		}
		if again := b.Update(out.Resource, news, 0); again.Err != nil || len(again.Reasons) > 0 || !again.Outputs.Equals(out.Outputs) {
			rt.Fatalf("the second update: %v %v\n%v\n%v", again.Err, again.Reasons, wire.Go(again.Outputs), wire.Go(out.Outputs))
		}
		if made := b.Mutations()[calls:]; len(made) > 0 {
			rt.Fatalf("the second update calls %v", made)
		}
	})
}

func instanceOf(rt *rapid.T, b *wire.Bench, id string) emulator.Instance {
	for _, i := range b.Cloud.Instances() {
		if i.ID == id {
			return i
		}
	}
	rt.Fatalf("there is no instance %s", id)
	return emulator.Instance{}
}

func withPlatformTag(tags map[string]string) map[string]string {
	with := map[string]string{"acs:rm:rgId": "rg-1"}
	maps.Copy(with, tags)
	return with
}

func samePayment(a, b property.Map) bool {
	payAsYouGo := property.New("PayAsYouGo")
	return a.Get("paymentType").Equals(payAsYouGo) == b.Get("paymentType").Equals(payAsYouGo)
}

// inPlace changes inputs so that an instance can get there: on its network, and without a downgrade.
func inPlace(rt *rapid.T, old wire.Resource, news property.Map) property.Map {
	for _, name := range []string{"vpcId", "zoneIds", "vswitchIds", "paymentType"} {
		news = news.Set(name, old.Inputs.Get(name))
	}
	for _, name := range []string{"spec", "keyNum", "secretNum", "vpcNum", "logStorage"} {
		if now, shown := news.Get(name), old.Outputs.Get(name); now.IsNumber() && shown.IsNumber() && now.AsNumber() < shown.AsNumber() {
			news = news.Set(name, shown)
		}
	}
	if old.Outputs.Get("productVersion").Equals(property.New("3")) {
		news = news.Delete("productVersion")
	}
	// What is not given may be taken from the other side, so that small changes are tried, too.
	for _, name := range slices.Sorted(maps.Keys(old.Inputs.AsMap())) {
		if _, given := news.GetOk(name); !given && name != "productVersion" && name != "renewPeriod" && rapid.Bool().Draw(rt, "keep "+name) {
			news = news.Set(name, old.Inputs.Get(name))
		}
	}
	if news.Get("renewStatus").Equals(property.New("AutoRenewal")) && !news.Get("renewPeriod").IsNumber() {
		news = news.Set("renewPeriod", property.New(1.0))
	}
	return news
}

// wantReached compares an instance with the inputs that it was taken to, and with those before.
func wantReached(rt *rapid.T, i emulator.Instance, before, inputs property.Map) {
	shown := map[string]any{
		"spec": i.Spec, "keyNum": i.KeyNum, "secretNum": i.SecretNum, "vpcNum": i.VpcNum, "logStorage": i.LogStorage,
		"log": strconv.Itoa(i.Log), "productVersion": i.ProductVersion, "instanceName": i.Name, "deletionProtection": i.DeletionProtection,
	}
	if i.PaymentType == emulator.Subscription {
		shown["renewStatus"] = i.Renewal.Status
	}
	for name, is := range shown {
		v, given := inputs.GetOk(name)
		if given && !v.Equals(wire.Value(is)) {
			rt.Fatalf("%s is %v, want %#v", name, is, v)
		}
		if name == "deletionProtection" && !given && !before.Get(name).IsNull() && i.DeletionProtection {
			rt.Fatalf("deletionProtection was taken out, and is still on")
		}
	}
	months := func(period int, unit string) int {
		if unit == "Y" {
			return 12 * period
		}
		return period
	}
	if period := inputs.Get("renewPeriod"); i.Renewal.Status == emulator.AutoRenewal && period.IsNumber() {
		unit := "M"
		if u := inputs.Get("renewalPeriodUnit"); u.IsString() {
			unit = u.AsString()
		}
		if months(i.Renewal.Period, i.Renewal.Unit) != months(int(period.AsNumber()), unit) {
			rt.Fatalf("the renewal is %+v, want %v %s", i.Renewal, period.AsNumber(), unit)
		}
	}
	wantTags := map[string]string{"acs:rm:rgId": "rg-1"}
	if tags := inputs.Get("tags"); tags.IsMap() {
		for key, v := range tags.AsMap().All {
			wantTags[key] = v.AsString()
		}
	}
	if !maps.Equal(i.Tags, wantTags) {
		rt.Fatalf("the tags are %v, want %v", i.Tags, wantTags)
	}
	var bound, want []string
	for _, v := range i.BindVpcs {
		bound = append(bound, v.VpcID+" "+v.VSwitchID)
	}
	if list := inputs.Get("bindVpcs"); list.IsArray() {
		for _, v := range list.AsArray().All {
			want = append(want, v.AsMap().Get("vpcId").AsString()+" "+v.AsMap().Get("vswitchId").AsString())
		}
	}
	slices.Sort(bound)
	slices.Sort(want)
	if !slices.Equal(bound, want) {
		rt.Fatalf("bound are %v, want %v", bound, want)
	}
}

// TestRecordingChangesNothingElse: an update that only records a value leaves every other output as it was, empty ones, too.
func TestRecordingChangesNothingElse(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{})
	old := b.Created(wire.PayAsYouGo(nil))
	for _, name := range []string{"bindVpcs", "tags"} {
		if v := old.Outputs.Get(name); v.IsNull() {
			t.Fatalf("the instance has no %s to begin with", name)
		}
	}
	calls := len(b.Cloud.Journal())
	now := b.Updated(old, wire.Change(old.Inputs, map[string]any{"forceDeleteWithoutBackup": true}))
	if want := old.Outputs.Set("forceDeleteWithoutBackup", property.New(true)); !now.Outputs.Equals(want) {
		t.Errorf("the outputs are %v, want %v", wire.Go(now.Outputs), wire.Go(want))
	}
	if made := b.Cloud.Journal()[calls:]; len(made) > 0 {
		t.Errorf("the update has called the cloud: %v", made)
	}
}
