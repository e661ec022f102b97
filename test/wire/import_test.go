package wire_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"pgregory.net/rapid"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/kmsinstance"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/wire"
)

// anInstance draws an instance as the console, another tool or this provider may have left it.
func anInstance(t *rapid.T, region string, zones []string, statuses ...string) emulator.Instance {
	i := emulator.Instance{
		Status:             rapid.SampledFrom(statuses).Draw(t, "status"),
		PaymentType:        rapid.SampledFrom([]string{emulator.Subscription, emulator.PayAsYouGo}).Draw(t, "payment"),
		VpcID:              "vpc-own",
		VSwitchIDs:         rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"vsw-1", "vsw-2"}), 1, 2, rapid.ID[string]).Draw(t, "vswitches"),
		ZoneIDs:            rapid.SliceOfNDistinct(rapid.SampledFrom(zones), 1, 3, rapid.ID[string]).Draw(t, "zones"),
		DeletionProtection: rapid.Bool().Draw(t, "protection"),
		Name:               rapid.SampledFrom([]string{"", "mine", "Ключ 1", "a: \"b\" #c"}).Draw(t, "name"),
		Tags:               genTags.Draw(t, "tags"),
		HasBackup:          rapid.Bool().Draw(t, "backup"),
	}
	i.Sizes = emulator.Sizes{
		ProductVersion: rapid.SampledFrom([]string{"3", "5", "1"}).Draw(t, "version"),
		Log:            rapid.IntRange(0, 1).Draw(t, "log"),
		LogStorage:     rapid.SampledFrom([]int{0, 1000, 500000}).Draw(t, "storage"),
	}
	if i.PaymentType == emulator.Subscription {
		i.Spec = rapid.SampledFrom([]int{7, 200, 1000, 20000}).Draw(t, "spec")
		i.KeyNum = rapid.SampledFrom([]int{20, 100, 4711, 100000}).Draw(t, "keys")
		i.SecretNum = rapid.SampledFrom([]int{0, 1, 100000}).Draw(t, "secrets")
		i.VpcNum = rapid.IntRange(1, 12).Draw(t, "vpcs")
		i.Renewal.Status = rapid.SampledFrom([]string{emulator.AutoRenewal, emulator.ManualRenewal, emulator.NotRenewal}).Draw(t, "renewal")
		if i.Renewal.Status == emulator.AutoRenewal {
			i.Renewal.Unit = rapid.SampledFrom([]string{"M", "Y"}).Draw(t, "unit")
			// An order also takes 24 and 36 months, and the console may have set anything.
			i.Renewal.Period = rapid.SampledFrom([]int{1, 2, 3, 5, 6, 12, 24, 36}).Draw(t, "renewalPeriod")
		}
		if rapid.IntRange(0, 4).Draw(t, "expired") == 0 && i.Renewal.Status != emulator.AutoRenewal {
			i.StartDate = time.Now().AddDate(0, -1, -2)
			i.EndDate = time.Now().AddDate(0, 0, -2)
		}
	}
	for n := range rapid.IntRange(0, 3).Draw(t, "bound") {
		i.BindVpcs = append(i.BindVpcs, emulator.BindVpc{
			VpcID: fmt.Sprintf("vpc-%d", n), VSwitchID: fmt.Sprintf("vsw-%d", n), RegionID: region,
			VpcOwnerID: rapid.SampledFrom([]string{emulator.DefaultAccountID, "9876543210987654"}).Draw(t, "owner"),
		})
	}
	if rapid.Bool().Draw(t, "platform's own tags") {
		i.Tags["acs:rm:rgId"], i.Tags["aliyun.x"] = "rg-1", "y"
	}
	return i
}

// Any connected instance of either payment type and site is imported with minimal inputs that Check accepts and that leave nothing to do.
func TestImportRoundTrips(t *testing.T) {
	t.Parallel()
	for region, place := range map[string]struct {
		site  string
		zones []string
	}{
		"cn-hangzhou":    {emulator.SiteDomestic, []string{"cn-hangzhou-h", "cn-hangzhou-j", "cn-hangzhou-k"}},
		"ap-southeast-1": {emulator.SiteInternational, []string{"ap-southeast-1a", "ap-southeast-1b", "ap-southeast-1c"}},
	} {
		b := wire.New(t, wire.Options{Emulator: emulator.Options{Site: place.site, Regions: []string{region}}})
		rapid.Check(t, func(rt *rapid.T) {
			i, err := b.Cloud.Seed(anInstance(rt, region, place.zones,
				emulator.StatusConnected, emulator.StatusConnected, emulator.StatusDisconnected, emulator.StatusError))
			if err != nil {
				rt.Fatal(err)
			}
			b.Hush()
			imported := b.Import(i.ID)
			if imported.Err != nil || len(imported.Reasons) > 0 || imported.ID != i.ID {
				rt.Fatalf("the import of %+v gave %q, %v, %v", i, imported.ID, imported.Err, imported.Reasons)
			}
			minimal(rt, imported.Inputs, i)
			complete(rt, imported.Outputs, b.Cloud, i.ID)
			checked, refused, err := b.TryCheck(imported.Inputs)
			if err != nil || len(refused) > 0 || !checked.Equals(imported.Inputs) {
				rt.Fatalf("Check turns %v into %v: %v %v", wire.Go(imported.Inputs), wire.Go(checked), refused, err)
			}
			// An unfinished instance is a change: the update says what is wrong with it.
			if plan, err := b.Diff(imported.Resource, checked); err != nil || plan.Changes != (i.Status == emulator.StatusError) {
				rt.Errorf("Diff sees %v, %v in %v", plan.Kinds, err, wire.Go(checked))
			}
			again := b.Refresh(imported.Resource)
			if again.Err != nil || !again.Inputs.Equals(imported.Inputs) || !again.Outputs.Equals(imported.Outputs) {
				rt.Errorf("a refresh gives %v, %v, %v", again.Err, wire.Go(again.Inputs), wire.Go(again.Outputs))
			}
			state, _ := b.Cloud.Instance(i.ID)
			if broken := state.Status != emulator.StatusConnected; broken != (len(again.Reasons) > 0) || broken != strings.Contains(b.Said(), "has status "+state.Status) {
				rt.Errorf("an instance with status %s gives the reasons %v, and it was said: %s", state.Status, again.Reasons, b.Said())
			} else if !broken {
				b.Updated(imported.Resource, checked)
			}
			if calls := b.Mutations(); len(calls) > 0 {
				rt.Fatalf("an imported instance that is not changed leads to %v", calls)
			}
		})
	}
}

// minimal: nothing that a program need not say, and no setting of a Subscription on a PayAsYouGo instance.
func minimal(t *rapid.T, inputs property.Map, i emulator.Instance) {
	for name, v := range inputs.AllStable {
		empty := v.IsNull() || v.IsString() && v.AsString() == "" || v.IsArray() && v.AsArray().Len() == 0 || v.IsMap() && v.AsMap().Len() == 0
		prop := slices.IndexFunc(kmsinstance.Properties, func(p *kmsinstance.Property) bool { return p.Name == name })
		switch {
		case empty:
			t.Errorf("%s is empty", name)
		case prop < 0:
			t.Errorf("%s is no input", name)
		case kmsinstance.Properties[prop].SubscriptionOnly && i.PaymentType != emulator.Subscription:
			t.Errorf("%s is given for a %s instance", name, i.PaymentType)
		case kmsinstance.Properties[prop].Change == kmsinstance.Record:
			t.Errorf("%s is given, which the cloud does not know", name)
		case name == "instanceName" && v.AsString() == i.ID, name == "deletionProtection" && !v.AsBool():
			t.Errorf("%s is given, and is what it would be without", name)
		}
	}
}

// complete: the outputs are what the emulator holds, whatever the provider can and cannot manage of it.
func complete(t *rapid.T, outputs property.Map, cloud *emulator.Server, id string) {
	i, _ := cloud.Instance(id)
	want := map[string]any{
		"instanceId": id, "instanceName": i.Name, "status": i.Status, "paymentType": i.PaymentType, "productVersion": i.ProductVersion,
		"vpcId": i.VpcID, "spec": float64(i.Spec), "keyNum": float64(i.KeyNum), "secretNum": float64(i.SecretNum),
		"vpcNum": float64(i.VpcNum), "log": fmt.Sprint(i.Log), "logStorage": float64(i.LogStorage),
		"deletionProtection": i.DeletionProtection, "productType": i.ProductType, "saleStatus": i.SaleStatus,
		"arn": i.ARN(), "endpoint": id + ".cryptoservice.kms.aliyuncs.com",
		"createTime": i.CreateTime.UTC().Format(time.RFC3339), "startDate": i.StartDate.UTC().Format(time.RFC3339),
		"endDate": i.EndDate.UTC().Format(time.RFC3339),
		"zoneIds": wire.Go(wire.Props(map[string]any{"v": i.ZoneIDs}))["v"], "vswitchIds": wire.Go(wire.Props(map[string]any{"v": i.VSwitchIDs}))["v"],
	}
	bound := []any{}
	for _, v := range i.BindVpcs {
		bound = append(bound, map[string]any{"vpcId": v.VpcID, "vswitchId": v.VSwitchID, "regionId": v.RegionID, "vpcOwnerId": v.VpcOwnerID})
	}
	want["bindVpcs"] = bound
	if i.PaymentType == emulator.Subscription {
		want["renewStatus"] = i.Renewal.Status
	}
	if i.Renewal.Status == emulator.AutoRenewal {
		want["renewPeriod"], want["renewalPeriodUnit"] = float64(i.Renewal.Period), i.Renewal.Unit
		if i.Renewal.Unit == "M" && (i.Renewal.Period == 24 || i.Renewal.Period == 36) {
			want["renewPeriod"], want["renewalPeriodUnit"] = float64(i.Renewal.Period/12), "Y" // what a program can ask for
		}
	}
	if i.CACertificateChainPEM != "" {
		want["caCertificateChainPem"] = i.CACertificateChainPEM
	}
	if i.Status == emulator.StatusConnected {
		tags := map[string]any{}
		for key, value := range i.Tags {
			if !strings.HasPrefix(key, "acs:") && !strings.HasPrefix(key, "aliyun") {
				tags[key] = value
			}
		}
		want["tags"] = tags
	}
	for name, value := range wire.Go(outputs) {
		if !reflect.DeepEqual(value, want[name]) {
			t.Errorf("the output %s is %v, want %v", name, value, want[name])
		}
		delete(want, name)
	}
	if len(want) > 0 {
		t.Errorf("the outputs lack %v", want)
	}
}

// What no program may ask for is left out of imported inputs, so that the generated program is valid; once it is checked, a warning tells.
func TestImportOfWhatNoProgramMayAsk(t *testing.T) {
	b := fresh(t)
	for name, c := range map[string]struct {
		seed emulator.Instance
		left string
	}{
		"a key with a space": {emulator.Instance{Tags: map[string]string{"Cost Center": "R&D (EU)", "a": "b"}}, "tags"},
		"21 tags":            {emulator.Instance{Tags: manyTags(21)}, "tags"},
		"its own VPC":        {emulator.Instance{BindVpcs: []emulator.BindVpc{{VpcID: "vpc-a", VSwitchID: "vsw-a", RegionID: "cn-hangzhou"}}}, "bindVpcs"},
		"no vSwitch":         {emulator.Instance{BindVpcs: []emulator.BindVpc{{VpcID: "vpc-b", RegionID: "cn-hangzhou"}}}, "bindVpcs"},
	} {
		c.seed.VpcID = "vpc-a"
		id, b := seeded(t, b, c.seed), b.Another()
		out := b.Import(id)
		wantKept(t, out, id)
		if _, given := out.Inputs.GetOk(c.left); given || b.Said() != "" {
			t.Errorf("%s: the inputs are %v, and before it is clear that it is an import, it is said: %s", name, wire.Go(out.Inputs), b.Said())
		}
		checked := b.Checked(out.Inputs)
		wantSaid(t, name, b.Said(), c.left+" is left out of the inputs")
		if plan, err := b.Diff(out.Resource, checked); err != nil || plan.Changes {
			t.Errorf("%s: planned %v, %v", name, plan.Kinds, err)
		}
		if c.left == "tags" { // a program that declares them takes the others out, more than a call takes
			b.Updated(out.Resource, b.Checked(checked.Set("tags", wire.Value(map[string]any{"only": "x"}))))
			if i, _ := b.Cloud.Instance(id); len(i.Tags) != 1 {
				t.Errorf("%s: the instance has the tags %v", name, i.Tags)
			}
		}
	}
}
