package wire_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"pgregory.net/rapid"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/wire"
)

// An update reaches any valid inputs in place, calls nothing where Diff sees no change, and leaves a second update nothing to do. Its calls come in one order, and each changes something.
// Promise (Changes): An update reaches any inputs, and a second one calls nothing.
func TestUpdateReachesAnyInputs(t *testing.T) {
	b := fresh(t)
	rapid.Check(t, func(rt *rapid.T) {
		before := genWorking.Draw(rt, "before")
		old := createdFor(rt, b, before)
		i, _ := b.Cloud.Instance(old.ID)
		tags := map[string]string{"acs:rm:rgId": "rg-1"}
		maps.Copy(tags, i.Tags)
		was, err := b.Cloud.Change(old.ID, emulator.Patch{Tags: tags})
		if err != nil {
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
		// What the cloud has now is no drift from the inputs, and what was taken out is gone.
		i, _ = b.Cloud.Instance(old.ID)
		if wrong := wrongCalls(b.Mutations()[calls:], was, i); wrong != "" {
			rt.Fatalf("updating %v to %v calls %v: %s", wire.Go(old.Inputs), wire.Go(news), b.Mutations()[calls:], wrong)
		}
		left := map[string]bool{"tags": len(i.Tags) > 1, "bindVpcs": len(i.BindVpcs) > 0, "deletionProtection": i.DeletionProtection}
		for name, there := range left {
			if _, given := news.GetOk(name); !given && there || i.Tags["acs:rm:rgId"] == "" {
				rt.Fatalf("after %v was updated to %v there is %+v", wire.Go(old.Inputs), wire.Go(news), i)
			}
		}
		calls = len(b.Mutations())
		refreshed := b.Refresh(out.Resource)
		for what, r := range map[string]wire.Resource{"update": out.Resource, "refresh": refreshed.Resource} {
			if again, err := b.Diff(r, news); err != nil || again.Changes {
				rt.Fatalf("after the %s Diff plans %v: %v", what, again.Kinds, err)
			}
		}
		if again := b.Update(out.Resource, news, 0); again.Err != nil || len(again.Reasons) > 0 || !again.Outputs.Equals(out.Outputs) {
			rt.Fatalf("the second update: %v %v\n%v\n%v", again.Err, again.Reasons, wire.Go(again.Outputs), wire.Go(out.Outputs))
		}
		if made := b.Mutations()[calls:]; len(made) > 0 {
			rt.Fatalf("the second update calls %v", made)
		}
	})
}

// wrongCalls says which of the calls of an update breaks the one order, or changes nothing.
func wrongCalls(made []string, before, after emulator.Instance) string {
	order := []string{"UpdateKmsInstanceBindVpc", "ModifyInstance", "UpdateKmsInstanceBindVpc", "UpdateKmsInstance", "SetRenewal", "UntagResources", "TagResources"}
	if protection := "SetDeletionProtection"; after.DeletionProtection {
		order = append(order, protection)
	} else {
		order = append([]string{protection}, order...)
	}
	changed := map[string]bool{
		"SetDeletionProtection": before.DeletionProtection != after.DeletionProtection, "ModifyInstance": before.Sizes != after.Sizes,
		"UpdateKmsInstanceBindVpc": !slices.Equal(before.BindVpcs, after.BindVpcs), "UpdateKmsInstance": before.Name != after.Name,
		"SetRenewal": before.Renewal != after.Renewal, "UntagResources": !maps.Equal(before.Tags, after.Tags), "TagResources": !maps.Equal(before.Tags, after.Tags),
	}
	for _, action := range made {
		at := slices.Index(order, action)
		switch {
		case at < 0:
			return action + " comes too late, or is not a call of an update"
		case !changed[action]:
			return action + " has changed nothing"
		}
		order = order[at+1:]
	}
	return ""
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
