package wire_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/wire"
)

// badProgram is a program that Check must refuse: its inputs, and by path what each message says.
type badProgram struct {
	inputs property.Map
	says   map[string][]string
}

func subscription(name string, value any) property.Map {
	m := wire.Subscription(nil)
	return m.Set(name, wire.Value(value))
}

func bindVpc(more map[string]any) []any {
	vpc := map[string]any{"vpcId": "vpc-b", "vswitchId": "vsw-b"}
	maps.Copy(vpc, more)
	maps.DeleteFunc(vpc, func(_ string, v any) bool { return v == nil })
	return []any{vpc}
}

func manyTags(n int) map[string]string {
	tags := map[string]string{}
	for i := range n {
		tags[fmt.Sprintf("k%d", i)] = "v"
	}
	return tags
}

var null = property.New(property.Null)

func badPrograms() map[string]badProgram {
	with := subscription
	one := func(inputs property.Map, path string, phrases ...string) badProgram {
		return badProgram{inputs, map[string][]string{path: phrases}}
	}
	cases := map[string]badProgram{
		"vpcId left out":             one(with("vpcId", nil), "vpcId", "vpcId is required: the id of the VPC"),
		"vpcId empty":                one(with("vpcId", ""), "vpcId", "vpcId must not be empty"),
		"vpcId of a vSwitch":         one(with("vpcId", "vsw-a"), "vpcId", `must be an id that starts with "vpc-", but "vsw-a" was given`),
		"zoneIds left out":           one(with("zoneIds", nil), "zoneIds", "zoneIds is required"),
		"zoneIds of four":            one(with("zoneIds", []string{"cn-hangzhou-e", "cn-hangzhou-f", "cn-hangzhou-g", "cn-hangzhou-h"}), "zoneIds", "1 to 3 elements, but it has 4"),
		"zoneIds elsewhere":          one(with("zoneIds", []string{"cn-hangzhou-k", "cn-beijing-a"}), "zoneIds[1]", `must be a zone of the provider's region cn-hangzhou (such as cn-hangzhou-a), but "cn-beijing-a" was given`),
		"zoneIds twice":              one(with("zoneIds", []string{"cn-hangzhou-k", "cn-hangzhou-k"}), "zoneIds[1]", "is the same as zoneIds[0]; each may be given once"),
		"zoneIds null element":       one(with("zoneIds", []any{"cn-hangzhou-k", nil}), "zoneIds[1]", "zoneIds[1] is null: give it a value, or take it out"),
		"vswitchIds empty":           one(with("vswitchIds", []any{}), "vswitchIds", "must have at least 1 element, but it has 0"),
		"paymentType unknown word":   one(with("paymentType", "Prepaid"), "paymentType", `must be one of "Subscription", "PayAsYouGo", but "Prepaid" was given`),
		"productVersion a number":    one(with("productVersion", 3), "productVersion", `but 3 was given; put it in quotes: "3"`),
		"productVersion unknown":     one(with("productVersion", "4"), "productVersion", `must be one of "3", "5", but "4" was given`),
		"spec not sold":              one(with("spec", 500), "spec", "must be one of 200, 1000, 2000, 4000, 10000, 20000, but 500 was given"),
		"keyNum low":                 one(with("keyNum", 99), "keyNum", "must be a whole number from 100 to 100000, but 99 was given"),
		"secretNum minus":            one(with("secretNum", -1), "secretNum", "must be a whole number from 0 to 100000, but -1 was given"),
		"vpcNum high":                one(with("vpcNum", 10001), "vpcNum", "from 0 to 10000, but 10001 was given"),
		"log a word":                 one(with("log", "on"), "log", `must be one of "0", "1", but "on" was given`),
		"storage high":               one(with("logStorage", 500001), "logStorage", "from 0 to 500000, but 500001 was given"),
		"period four":                one(with("period", 4), "period", "must be one of 1, 2, 3, 6, 12, 24, 36, but 4 was given"),
		"renewStatus unknown word":   one(with("renewStatus", "Auto"), "renewStatus", `must be one of "AutoRenewal", "ManualRenewal", "NotRenewal"`),
		"AutoRenewal without period": one(with("renewStatus", "AutoRenewal"), "renewPeriod", `renewPeriod is required with renewStatus "AutoRenewal"`),
		"renewPeriod not sold": one(wire.Subscription(map[string]any{"renewStatus": "AutoRenewal", "renewPeriod": 4}),
			"renewPeriod", "must be 1, 2, 3, 6 or 12 months, but 4 was given"),
		"renewPeriod in years": one(wire.Subscription(map[string]any{"renewStatus": "AutoRenewal", "renewPeriod": 12, "renewalPeriodUnit": "Y"}),
			"renewPeriod", "must be 1, 2 or 3 years, but 12 was given"),
		"renewalPeriodUnit unknown":          one(with("renewalPeriodUnit", "D"), "renewalPeriodUnit", `must be one of "M", "Y", but "D" was given`),
		"bindVpcs of strings":                one(with("bindVpcs", []string{"vpc-b"}), "bindVpcs[0]", `must be an object with vpcId, vswitchId, regionId and vpcOwnerId, but "vpc-b" was given`),
		"bindVpcs without vpcId":             one(with("bindVpcs", bindVpc(map[string]any{"vpcId": nil})), "bindVpcs[0].vpcId", "bindVpcs[0].vpcId is required"),
		"bindVpcs unknown field":             one(with("bindVpcs", bindVpc(map[string]any{"vSwitchId": "vsw-b"})), "bindVpcs[0].vSwitchId", `bindVpcs[0] has no property "vSwitchId"; did you mean "vswitchId"?`),
		"bindVpcs twice":                     one(with("bindVpcs", append(bindVpc(nil), bindVpc(map[string]any{"vswitchId": "vsw-c"})...)), "bindVpcs[1].vpcId", "is the same as bindVpcs[0].vpcId; each may be given once"),
		"bindVpcs own VPC":                   one(with("bindVpcs", bindVpc(map[string]any{"vpcId": "vpc-a"})), "bindVpcs[0].vpcId", "is the instance's own vpcId, which is connected anyway"),
		"bindVpcs other region":              one(with("bindVpcs", bindVpc(map[string]any{"regionId": "cn-beijing"})), "bindVpcs[0].regionId", "must be the provider's region cn-hangzhou, because only VPCs of the instance's region can be bound, but \"cn-beijing\" was given"),
		"bindVpcs owner a number":            one(with("bindVpcs", bindVpc(map[string]any{"vpcOwnerId": 1234567890123456})), "bindVpcs[0].vpcOwnerId", `must be the digits of an account id, but 1234567890123456 was given; put it in quotes: "1234567890123456"`),
		"bindVpcs owner with a leading zero": one(with("bindVpcs", bindVpc(map[string]any{"vpcOwnerId": "0123456789"})), "bindVpcs[0].vpcOwnerId", `must be the digits of an account id, but "0123456789" was given`),
		"instanceName empty":                 one(with("instanceName", ""), "instanceName", "must not be empty; leave it out if you do not want to set it"),
		"deletionProtection in quotes":       one(with("deletionProtection", "true"), "deletionProtection", `must be true or false, but "true" was given`),
		"forceDeleteWithoutBackup a digit":   one(with("forceDeleteWithoutBackup", 1), "forceDeleteWithoutBackup", "must be true or false, but 1 was given"),
		"tags too many":                      one(with("tags", manyTags(21)), "tags", "must have at most 20 elements, but it has 21"),
		"tags of aliyun":                     one(with("tags", map[string]string{"aliyun-x": "1"}), `tags["aliyun-x"]`, `a key of tags must be one of your own: keys that start with "aliyun" or "acs:" belong to Alibaba Cloud, but "aliyun-x" was given`),
		"tags with a space":                  one(with("tags", map[string]string{"a b": "1"}), `tags["a b"]`, "a key of tags must be up to 128 letters, digits and"),
		"tags odd value":                     one(with("tags", map[string]string{"k": "a,b"}), "tags.k", `but "a,b" was given`),
		"tags null value":                    one(with("tags", map[string]any{"k": nil}), "tags.k", "tags.k is null"),
		"mistyped vpcID":                     one(with("vpcID", "vpc-a"), "vpcID", `KmsInstance has no property "vpcID"; did you mean "vpcId"?`),
		"tags with a bad key and value": one(with("tags", map[string]any{"acs:a b": "c,d"}), `tags["acs:a b"]`,
			"a key of tags must be up to 128 letters, digits and / \\ _ - . + = : @, and one of your own", `but "c,d" was given`),
		"bindVpcs own VPC twice": {with("bindVpcs", append(bindVpc(map[string]any{"vpcId": "vpc-a"}), bindVpc(map[string]any{"vpcId": "vpc-a"})...)),
			map[string][]string{
				"bindVpcs[0].vpcId": {"is the instance's own vpcId"},
				"bindVpcs[1].vpcId": {"is the same as bindVpcs[0].vpcId", "is the instance's own vpcId"},
			}},
		"everything at once": {
			wire.Props(map[string]any{
				"zoneIds": []any{"cn-beijing-a", nil, 3}, "vswitchIds": []string{}, "paymentType": "Sub", "spec": 1, "keyNum": "1000",
				"bindVpcs": []any{map[string]any{"vpcId": "x", "vpcOwnerId": 1}}, "tags": map[string]any{"aliyun": "1", "b": 2}, "colour": "red",
			}),
			map[string][]string{
				"vpcId": {"is required"}, "zoneIds[0]": {"must be a zone"}, "zoneIds[1]": {"is null"}, "zoneIds[2]": {"must be a zone"},
				"vswitchIds": {"at least 1"}, "paymentType": {"must be one of"}, "spec": {"must be one of"}, "keyNum": {"without quotes"},
				"bindVpcs[0].vpcId": {"must be an id"}, "bindVpcs[0].vswitchId": {"is required"}, "bindVpcs[0].vpcOwnerId": {"digits"},
				"tags.aliyun": {"one of your own"}, "tags.b": {"must be a string"}, "colour": {"has no property"},
			},
		},
	}
	for name, value := range map[string]any{
		"spec": 1000, "keyNum": 1000, "secretNum": 0, "vpcNum": 1, "period": 1, "renewStatus": "ManualRenewal", "renewPeriod": 1,
		"renewalPeriodUnit": "M",
	} {
		cases[name+" with PayAsYouGo"] = one(wire.PayAsYouGo(map[string]any{name: value}), name,
			name+` is valid only with paymentType "Subscription", and paymentType is "PayAsYouGo": take `+name+" out")
	}
	return cases
}

// Words that belong into our source, not before a user.
var goNames = regexp.MustCompile(`\*?(kmsinstance|infer|property|resource)\.[A-Z]|\bArgs\b|\[\]string|map\[|0x[0-9a-f]{6}|%!|goroutine`)

// Check refuses each wrong input at its path, all at once, and says what was given, what is valid and what to do.
// Promise (Preview): A wrong value is refused before anything is called, on the path of its property, with what is valid.
func TestCheckRefusesBadPrograms(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{Config: map[string]any{"verifyNetwork": false}})
	complained := map[string]bool{}
	for name, c := range badPrograms() {
		_, failures := b.Check(c.inputs)
		found := map[string][]string{}
		for _, f := range failures {
			found[f.Path] = append(found[f.Path], f.Reason)
			complained[topOf(f.Path)] = true
			if goNames.MatchString(f.Reason) {
				t.Errorf("%s: the message shows names of the source: %s", name, f.Reason)
			}
		}
		if !maps.EqualFunc(found, c.says, func(got, want []string) bool { return slices.EqualFunc(got, want, strings.Contains) }) {
			t.Errorf("%s: got %q, want %q", name, found, c.says)
		}
	}
	for _, name := range inputNames() {
		if !complained[name] {
			t.Errorf("no bad program is about %s", name)
		}
	}
	if calls := b.Cloud.Journal(); len(calls) > 0 {
		t.Errorf("Check has called the cloud: %v", calls)
	}
}

// No message of Check shows a secret input, wherever in a wrong program it stands.
func TestCheckKeepsSecrets(t *testing.T) {
	b := fresh(t)
	const word, number = "MARK", 98765.25
	for name, c := range badPrograms() {
		for _, at := range placesIn(c.inputs) {
			_, failures := b.Check(at.in(c.inputs, func(v property.Value) property.Value { return secret(marked(v, at, word, number)) }))
			for _, f := range failures {
				if text := f.Path + ": " + f.Reason; strings.Contains(text, word) || strings.Contains(text, "98765") || goNames.MatchString(text) {
					t.Errorf("%s, %v secret: %s", name, at, text)
				}
			}
		}
	}
}

// marked puts marks into all that a value holds, and into the keys of tags.
func marked(v property.Value, at place, word string, number float64) property.Value {
	switch {
	case v.IsString():
		return property.New(v.AsString() + word)
	case v.IsNumber():
		return property.New(number)
	case v.IsArray():
		items := v.AsArray().AsSlice()
		for i := range items {
			items[i] = marked(items[i], at, word, number)
		}
		return property.New(items)
	case v.IsMap():
		fields := map[string]property.Value{}
		for key, item := range v.AsMap().All {
			if at.property() == "tags" {
				key += word
			}
			fields[key] = marked(item, at, word, number)
		}
		return property.New(fields)
	}
	return v
}

// Check accepts valid values up to the edges of their ranges, adds the default of paymentType, and changes nothing else.
func TestCheckAcceptsValidPrograms(t *testing.T) {
	b := fresh(t)
	for name, inputs := range map[string]property.Map{
		"the least":     wire.Props(map[string]any{"vpcId": "vpc-a", "zoneIds": []string{"cn-hangzhou-a"}, "vswitchIds": []string{"vsw-a"}}),
		"low edges":     wire.Subscription(map[string]any{"spec": 200, "keyNum": 100, "secretNum": 0, "vpcNum": 0, "logStorage": 0, "period": 1, "productVersion": "5"}),
		"high edges":    wire.Subscription(map[string]any{"spec": 20000, "keyNum": 100000, "secretNum": 100000, "vpcNum": 10000, "logStorage": 500000, "period": 36}),
		"lists":         wire.Subscription(map[string]any{"zoneIds": []string{"cn-hangzhou-a", "cn-hangzhou-b", "cn-hangzhou-c"}, "vswitchIds": []string{"vsw-a", "vsw-b"}}),
		"renewal":       wire.Subscription(map[string]any{"renewStatus": "AutoRenewal", "renewPeriod": 3, "renewalPeriodUnit": "Y"}),
		"period unsent": wire.Subscription(map[string]any{"renewStatus": "ManualRenewal", "renewPeriod": 5}),
		"NotRenewal":    subscription("renewStatus", "NotRenewal"),
		"tags":          subscription("tags", map[string]string{"日本/_-.+=:@\\": "ünï", "empty": ""}),
		"twenty tags":   subscription("tags", manyTags(20)),
		"no bindings":   subscription("bindVpcs", []any{}),
		"full binding":  subscription("bindVpcs", bindVpc(map[string]any{"regionId": "cn-hangzhou", "vpcOwnerId": "1234567890123456"})),
		"PayAsYouGo":    wire.PayAsYouGo(map[string]any{"log": "1", "logStorage": 1000, "forceDeleteWithoutBackup": true}),
	} {
		if checked := b.Checked(inputs); !checked.Equals(withDefaults(inputs)) {
			t.Errorf("%s comes back as %v", name, wire.Go(checked))
		}
	}
}

// Inputs that SDKs add for themselves, and nulls, are dropped by Check, so that a create works with them.
func TestCheckDropsNamesOfSDKs(t *testing.T) {
	b := fresh(t)
	inputs := wire.Subscription(map[string]any{
		"__defaults": []any{"paymentType"}, "__internal": map[string]any{"a": nil}, "tags": map[string]string{"__mine": "1"},
		"bindVpcs": bindVpc(map[string]any{"__defaults": []any{}}), "instanceName": null,
	})
	want := withDefaults(wire.Subscription(map[string]any{"tags": map[string]string{"__mine": "1"}, "bindVpcs": bindVpc(nil)}))
	if checked := b.Checked(inputs); !checked.Equals(want) {
		t.Errorf("got %v, want %v", wire.Go(checked), wire.Go(want))
	}
	b.Created(inputs)
}

// Wherever an id is wanted, a resource counts as its id.
func TestCheckTakesResources(t *testing.T) {
	b := fresh(t)
	reference := func(id property.Value) property.Value {
		return property.New(property.NewResourceReference("urn:pulumi:dev::p::alicloud:vpc/network:Network::net", id, "3.0.0"))
	}
	text := property.New[string]
	inputs := wire.Subscription(map[string]any{
		"vpcId": reference(text("vpc-x")), "vswitchIds": []any{reference(text("vsw-x"))},
		"bindVpcs": bindVpc(map[string]any{"vpcId": reference(text("vpc-b")).WithSecret(true), "vswitchId": reference(text("vsw-b"))}),
	})
	if checked, want := b.Checked(inputs), withDefaults(wire.Subscription(map[string]any{
		"vpcId": "vpc-x", "vswitchIds": []string{"vsw-x"}, "bindVpcs": bindVpc(map[string]any{"vpcId": wire.Secret("vpc-b")}),
	})); !checked.Equals(want) {
		t.Errorf("got %#v, want %#v", checked, want)
	}
	b.Created(inputs)
	if checked := b.Checked(subscription("vpcId", reference(wire.Unknown))); !checked.Get("vpcId").IsComputed() {
		t.Errorf("the id of a resource to come is %#v", checked.Get("vpcId"))
	}
	for _, id := range []property.Value{text("eni-1"), null} {
		if _, failures := b.Check(subscription("vpcId", reference(id))); len(failures) != 1 || failures[0].Path != "vpcId" || goNames.MatchString(failures[0].Reason) {
			t.Errorf("the id %#v: got %v", id, failures)
		}
	}
}

// A name that is not valid UTF-8 or has control characters is refused before the purchase, and no message shows such a character.
func TestCheckOfNames(t *testing.T) {
	b := fresh(t)
	// As recent engines do, which may then send texts that are not UTF-8.
	if _, err := b.Server.Handshake(t.Context(), &pulumirpc.ProviderHandshakeRequest{AcceptsByteString: true}); err != nil {
		t.Fatal(err)
	}
	for name, good := range map[string]bool{
		"mit Leerzeichen": true, "密钥": true, strings.Repeat("x", 10_000): true, "a\x1b[31mred": false, "two\nlines": false, "\xff\xfe": false, "c1\u0085": false,
	} {
		_, failures := b.Check(subscription("instanceName", name))
		if good != (len(failures) == 0) {
			t.Errorf("%.20q: got %v", name, failures)
		}
		for _, f := range failures {
			if f.Path != "instanceName" || !strings.Contains(f.Reason, "must be a text in UTF-8 without control characters, but \"") ||
				strings.ContainsFunc(f.Reason, func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Errorf("%.20q: got %q", name, f.Reason)
			}
		}
	}
}

// Check reports each failure of 100,000 elements in a short text, in time that grows with their number.
func TestCheckOfLargeInputs(t *testing.T) {
	b := fresh(t)
	const n = 100_000
	zones, vpcs := make([]any, n), make([]any, n)
	for i := range n {
		zones[i], vpcs[i] = "cn-hangzhou-k", map[string]any{"vpcId": fmt.Sprint("vpc-", i/2), "vswitchId": "vsw-a"}
	}
	name := strings.Repeat("zoneIds", 1_500_000)
	start := time.Now()
	_, failures := b.Check(wire.Subscription(map[string]any{"zoneIds": zones, "bindVpcs": vpcs, name: 1, "instanceName": strings.Repeat("\x1b", 10_000_000)}))
	if took, want := time.Since(start), n-1+1+n/2+1+1; took > time.Minute || len(failures) != want {
		t.Errorf("Check took %s and gives %d failures, want %d", took, len(failures), want)
	}
	if i := slices.IndexFunc(failures, func(f wire.Failure) bool { return len(f.Path) > 300 || len(f.Reason) > 1500 }); i >= 0 {
		t.Errorf("a failure has %d and %d characters", len(failures[i].Path), len(failures[i].Reason))
	}
}

// Diff of twenty thousand bound VPCs and tags takes time that grows with their number, also where they are taken out or cleared.
func TestDiffOfLargeInputs(t *testing.T) {
	b := fresh(t)
	const n = 20_000
	vpcs, tags, declared := make([]any, n), map[string]string{}, []any{"bindVpcs"}
	for i := range n {
		vpcs[i] = map[string]any{"vpcId": fmt.Sprint("vpc-", i), "vswitchId": "vsw-a"}
		tags[fmt.Sprint(i)] = "v"
		declared = append(declared, fmt.Sprint("tags.", i))
	}
	inputs := wire.Subscription(map[string]any{"bindVpcs": vpcs, "tags": tags})
	old := wire.Resource{ID: "kst-x", Inputs: inputs, Outputs: inputs.Set("declared", wire.Value(declared)).Set("status", wire.Value("Connected"))}
	slices.Reverse(vpcs)
	for changes, news := range map[int]property.Map{
		0: inputs.Set("bindVpcs", wire.Value(vpcs)), 2: wire.Subscription(nil),
		2 * n: wire.Subscription(map[string]any{"bindVpcs": []any{}, "tags": map[string]any{}}),
	} {
		start := time.Now()
		plan, err := b.Diff(old, news)
		if took := time.Since(start); took > time.Minute || err != nil || len(plan.Kinds) != changes {
			t.Errorf("Diff took %s and gives %d changes, want %d: %v", took, len(plan.Kinds), changes, err)
		}
	}
}

// Zones must be of the provider's region, in both spellings of zones; without a known region none is refused.
func TestCheckKnowsTheRegion(t *testing.T) {
	t.Parallel()
	for region, zones := range map[string]struct{ good, bad string }{
		"cn-hangzhou": {"cn-hangzhou-k", "cn-hangzhouk-a"}, "ap-southeast-1": {"ap-southeast-1a", "ap-southeast-2a"},
		"cn-beijing-finance-1": {"cn-beijing-finance-1k", "cn-beijing-a"},
	} {
		b := wire.New(t, wire.Options{Emulator: emulator.Options{Regions: []string{region}}})
		b.Checked(subscription("zoneIds", []string{zones.good}))
		_, failures := b.Check(subscription("zoneIds", []string{zones.bad}))
		if len(failures) != 1 || failures[0].Path != "zoneIds[0]" || !strings.Contains(failures[0].Reason, region) {
			t.Errorf("%s: %s: %v", region, zones.bad, failures)
		}
	}
	for _, region := range []any{nil, wire.Unknown} {
		b := wire.New(t, wire.Options{Config: map[string]any{"region": region}})
		b.Checked(wire.Subscription(map[string]any{"zoneIds": []string{"eu-central-1a"}, "bindVpcs": bindVpc(map[string]any{"regionId": "eu-central-1"})}))
	}
}
