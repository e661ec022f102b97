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
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/kmsinstance"
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
		"vpcId left out":       one(with("vpcId", nil), "vpcId", "vpcId is required: the id of the VPC"),
		"vpcId empty":          one(with("vpcId", ""), "vpcId", "vpcId must not be empty"),
		"vpcId a number":       one(with("vpcId", 12), "vpcId", `must be an id that starts with "vpc-", but 12 was given`),
		"vpcId a list":         one(with("vpcId", []string{"vpc-a"}), "vpcId", `must be an id that starts with "vpc-", but a list was given`),
		"vpcId of a vSwitch":   one(with("vpcId", "vsw-a"), "vpcId", `must be an id that starts with "vpc-", but "vsw-a" was given`),
		"vpcId with a space":   one(with("vpcId", "vpc-a b"), "vpcId", `must be an id that starts with "vpc-"`),
		"vpcId a prefix alone": one(with("vpcId", "vpc-"), "vpcId", `but "vpc-" was given`),

		"zoneIds left out":      one(with("zoneIds", nil), "zoneIds", "zoneIds is required"),
		"zoneIds empty":         one(with("zoneIds", []any{}), "zoneIds", "must have 1 to 3 elements, but it has 0"),
		"zoneIds of four":       one(with("zoneIds", []string{"cn-hangzhou-e", "cn-hangzhou-f", "cn-hangzhou-g", "cn-hangzhou-h"}), "zoneIds", "1 to 3 elements, but it has 4"),
		"zoneIds elsewhere":     one(with("zoneIds", []string{"cn-hangzhou-k", "cn-beijing-a"}), "zoneIds[1]", `must be a zone of the provider's region cn-hangzhou (such as cn-hangzhou-a), but "cn-beijing-a" was given`),
		"zoneIds longer region": one(with("zoneIds", []string{"cn-hangzhou-finance-a"}), "zoneIds[0]", "must be a zone of the provider's region"),
		"zoneIds a region":      one(with("zoneIds", []string{"cn-hangzhou"}), "zoneIds[0]", "must be a zone of the provider's region"),
		"zoneIds twice":         one(with("zoneIds", []string{"cn-hangzhou-k", "cn-hangzhou-k"}), "zoneIds[1]", "is the same as zoneIds[0]; each may be given once"),
		"zoneIds a string":      one(with("zoneIds", "cn-hangzhou-k"), "zoneIds", `must be a list of strings, but "cn-hangzhou-k" was given`),
		"zoneIds of numbers":    one(with("zoneIds", []any{1}), "zoneIds[0]", "must be a zone of the provider's region cn-hangzhou (such as cn-hangzhou-a), but 1 was given"),
		"zoneIds empty element": one(with("zoneIds", []string{"cn-hangzhou-k", ""}), "zoneIds[1]", "must not be empty"),
		"zoneIds null element":  one(with("zoneIds", []any{"cn-hangzhou-k", nil}), "zoneIds[1]", "zoneIds[1] is null: give it a value, or take it out"),

		"vswitchIds left out":     one(with("vswitchIds", nil), "vswitchIds", "vswitchIds is required"),
		"vswitchIds empty":        one(with("vswitchIds", []any{}), "vswitchIds", "must have at least 1 element, but it has 0"),
		"vswitchIds of a VPC":     one(with("vswitchIds", []string{"vpc-a"}), "vswitchIds[0]", `must be an id that starts with "vsw-", but "vpc-a" was given`),
		"vswitchIds twice":        one(with("vswitchIds", []string{"vsw-a", "vsw-b", "vsw-a"}), "vswitchIds[2]", "is the same as vswitchIds[0]"),
		"vswitchIds an object":    one(with("vswitchIds", map[string]any{"a": "vsw-a"}), "vswitchIds", "must be a list of strings, but an object was given"),
		"vswitchIds null element": one(with("vswitchIds", []any{nil}), "vswitchIds[0]", "is null"),

		"paymentType unknown word": one(with("paymentType", "Prepaid"), "paymentType", `must be one of "Subscription", "PayAsYouGo", but "Prepaid" was given`),
		"paymentType lower case":   one(with("paymentType", "subscription"), "paymentType", `must be one of "Subscription", "PayAsYouGo"`),
		"paymentType a boolean":    one(with("paymentType", true), "paymentType", "but true was given"),

		"productVersion a number": one(with("productVersion", 3), "productVersion", `but 3 was given; put it in quotes: "3"`),
		"productVersion unknown":  one(with("productVersion", "4"), "productVersion", `must be one of "3", "5", but "4" was given`),
		"productVersion hardware": one(with("productVersion", "1"), "productVersion", `must be one of "3", "5"`),

		"spec not sold":   one(with("spec", 500), "spec", "must be one of 200, 1000, 2000, 4000, 10000, 20000, but 500 was given"),
		"spec in quotes":  one(with("spec", "1000"), "spec", "give the number without quotes"),
		"spec fraction":   one(with("spec", 1000.5), "spec", "but 1000.5 was given"),
		"keyNum low":      one(with("keyNum", 99), "keyNum", "must be a whole number from 100 to 100000, but 99 was given"),
		"keyNum high":     one(with("keyNum", 100001), "keyNum", "but 100001 was given"),
		"keyNum boolean":  one(with("keyNum", true), "keyNum", "must be a whole number from 100 to 100000, but true was given"),
		"keyNum fraction": one(with("keyNum", 1000.25), "keyNum", "but 1000.25 was given"),
		"keyNum huge":     one(with("keyNum", 1e30), "keyNum", "must be a whole number"),
		"secretNum minus": one(with("secretNum", -1), "secretNum", "must be a whole number from 0 to 100000, but -1 was given"),
		"secretNum high":  one(with("secretNum", 100001), "secretNum", "but 100001 was given"),
		"vpcNum minus":    one(with("vpcNum", -3), "vpcNum", "from 0 to 10000, but -3 was given"),
		"vpcNum high":     one(with("vpcNum", 10001), "vpcNum", "from 0 to 10000, but 10001 was given"),
		"log a word":      one(with("log", "on"), "log", `must be one of "0", "1", but "on" was given`),
		"log a boolean":   one(with("log", true), "log", `must be one of "0", "1", but true was given`),
		"log a number":    one(with("log", 1), "log", `put it in quotes: "1"`),
		"storage minus":   one(with("logStorage", -1), "logStorage", "from 0 to 500000"),
		"storage high":    one(with("logStorage", 500001), "logStorage", "from 0 to 500000, but 500001 was given"),
		"period four":     one(with("period", 4), "period", "must be one of 1, 2, 3, 6, 12, 24, 36, but 4 was given"),
		"period zero":     one(with("period", 0), "period", "but 0 was given"),

		"renewStatus unknown word":   one(with("renewStatus", "Auto"), "renewStatus", `must be one of "AutoRenewal", "ManualRenewal", "NotRenewal"`),
		"AutoRenewal without period": one(with("renewStatus", "AutoRenewal"), "renewPeriod", `renewPeriod is required with renewStatus "AutoRenewal"`),
		"renewPeriod not sold": one(wire.Subscription(map[string]any{"renewStatus": "AutoRenewal", "renewPeriod": 4}),
			"renewPeriod", "must be 1, 2, 3, 6 or 12 months, but 4 was given"),
		"renewPeriod in years": one(wire.Subscription(map[string]any{"renewStatus": "AutoRenewal", "renewPeriod": 12, "renewalPeriodUnit": "Y"}),
			"renewPeriod", "must be 1, 2 or 3 years, but 12 was given"),
		"renewPeriod minus":         one(with("renewPeriod", -1), "renewPeriod", "must be a whole number from 0 on, but -1 was given"),
		"renewPeriod a string":      one(with("renewPeriod", "1"), "renewPeriod", "give the number without quotes"),
		"renewalPeriodUnit unknown": one(with("renewalPeriodUnit", "D"), "renewalPeriodUnit", `must be one of "M", "Y", but "D" was given`),

		"bindVpcs an object":                 one(with("bindVpcs", map[string]any{"vpcId": "vpc-b"}), "bindVpcs", "must be a list of objects with vpcId, vswitchId"),
		"bindVpcs of strings":                one(with("bindVpcs", []string{"vpc-b"}), "bindVpcs[0]", `must be an object with vpcId, vswitchId, regionId and vpcOwnerId, but "vpc-b" was given`),
		"bindVpcs without vpcId":             one(with("bindVpcs", bindVpc(map[string]any{"vpcId": nil})), "bindVpcs[0].vpcId", "bindVpcs[0].vpcId is required"),
		"bindVpcs without vSwitch":           one(with("bindVpcs", bindVpc(map[string]any{"vswitchId": nil})), "bindVpcs[0].vswitchId", "is required"),
		"bindVpcs unknown field":             one(with("bindVpcs", bindVpc(map[string]any{"vSwitchId": "vsw-b"})), "bindVpcs[0].vSwitchId", `bindVpcs[0] has no property "vSwitchId"; did you mean "vswitchId"?`),
		"bindVpcs wrong id":                  one(with("bindVpcs", bindVpc(map[string]any{"vpcId": "b"})), "bindVpcs[0].vpcId", `must be an id that starts with "vpc-", but "b" was given`),
		"bindVpcs wrong vSwitch":             one(with("bindVpcs", bindVpc(map[string]any{"vswitchId": "vpc-b"})), "bindVpcs[0].vswitchId", `must be an id that starts with "vsw-"`),
		"bindVpcs twice":                     one(with("bindVpcs", append(bindVpc(nil), bindVpc(map[string]any{"vswitchId": "vsw-c"})...)), "bindVpcs[1].vpcId", "is the same as bindVpcs[0].vpcId; each may be given once"),
		"bindVpcs own VPC":                   one(with("bindVpcs", bindVpc(map[string]any{"vpcId": "vpc-a"})), "bindVpcs[0].vpcId", "is the instance's own vpcId, which is connected anyway"),
		"bindVpcs other region":              one(with("bindVpcs", bindVpc(map[string]any{"regionId": "cn-beijing"})), "bindVpcs[0].regionId", "must be the provider's region cn-hangzhou, because only VPCs of the instance's region can be bound, but \"cn-beijing\" was given"),
		"bindVpcs empty region":              one(with("bindVpcs", bindVpc(map[string]any{"regionId": ""})), "bindVpcs[0].regionId", "must not be empty"),
		"bindVpcs owner a number":            one(with("bindVpcs", bindVpc(map[string]any{"vpcOwnerId": 1234567890123456})), "bindVpcs[0].vpcOwnerId", `must be the digits of an account id, but 1234567890123456 was given; put it in quotes: "1234567890123456"`),
		"bindVpcs owner with a leading zero": one(with("bindVpcs", bindVpc(map[string]any{"vpcOwnerId": "0123456789"})), "bindVpcs[0].vpcOwnerId", `must be the digits of an account id, but "0123456789" was given`),
		"bindVpcs owner of 20 digits":        one(with("bindVpcs", bindVpc(map[string]any{"vpcOwnerId": "12345678901234567890"})), "bindVpcs[0].vpcOwnerId", `must be the digits of an account id, but "12345678901234567890" was given`),
		"bindVpcs owner a name":              one(with("bindVpcs", bindVpc(map[string]any{"vpcOwnerId": "me"})), "bindVpcs[0].vpcOwnerId", `must be the digits of an account id, but "me" was given`),
		"bindVpcs null element":              one(with("bindVpcs", []any{bindVpc(nil)[0], nil}), "bindVpcs[1]", "is null"),
		"bindVpcs null field":                one(with("bindVpcs", bindVpc(map[string]any{"vpcOwnerId": null})), "bindVpcs[0].vpcOwnerId", "is null"),

		"instanceName empty":               one(with("instanceName", ""), "instanceName", "must not be empty; leave it out if you do not want to set it"),
		"instanceName a number":            one(with("instanceName", 7), "instanceName", "must be a string, but 7 was given"),
		"deletionProtection in quotes":     one(with("deletionProtection", "true"), "deletionProtection", `must be true or false, but "true" was given`),
		"forceDeleteWithoutBackup a digit": one(with("forceDeleteWithoutBackup", 1), "forceDeleteWithoutBackup", "must be true or false, but 1 was given"),

		"tags a list":         one(with("tags", []string{"a"}), "tags", "must be a map of strings, but a list was given"),
		"tags too many":       one(with("tags", manyTags(21)), "tags", "must have at most 20 elements, but it has 21"),
		"tags of aliyun":      one(with("tags", map[string]string{"aliyun-x": "1"}), `tags["aliyun-x"]`, `a key of tags must be one of your own: keys that start with "aliyun" or "acs:" belong to Alibaba Cloud, but "aliyun-x" was given`),
		"tags of acs":         one(with("tags", map[string]string{"acs:rm:rgId": "1"}), `tags["acs:rm:rgId"]`, "must be one of your own"),
		"tags with a space":   one(with("tags", map[string]string{"a b": "1"}), `tags["a b"]`, "a key of tags must be up to 128 letters, digits and"),
		"tags empty key":      one(with("tags", map[string]string{"": "1"}), `tags[""]`, "a key of tags must be 1 to 128 letters and digits, but \"\" was given"),
		"tags long key":       one(with("tags", map[string]string{strings.Repeat("k", 129): "1"}), "tags."+strings.Repeat("k", 129), "up to 128 letters"),
		"tags long value":     one(with("tags", map[string]string{"k": strings.Repeat("v", 129)}), "tags.k", "tags.k must be up to 128 letters"),
		"tags odd value":      one(with("tags", map[string]string{"k": "a,b"}), "tags.k", `but "a,b" was given`),
		"tags value a number": one(with("tags", map[string]any{"k": 1}), "tags.k", "tags.k must be a string, but 1 was given; put it in quotes"),
		"tags null value":     one(with("tags", map[string]any{"k": nil}), "tags.k", "tags.k is null"),

		"mistyped vpcID":        one(with("vpcID", "vpc-a"), "vpcID", `KmsInstance has no property "vpcID"; did you mean "vpcId"?`),
		"mistyped keyNumber":    one(with("keyNumber", 1000), "keyNumber", `did you mean "keyNum"?`),
		"mistyped vswitches":    one(with("vswitchs", []string{"vsw-a"}), "vswitchs", `did you mean "vswitchIds"?`),
		"the old renewal name":  one(with("renew_status", "AutoRenewal"), "renew_status", `did you mean "renewStatus"?`),
		"a word from elsewhere": one(with("availabilityOptions", "x"), "availabilityOptions", `KmsInstance has no property "availabilityOptions"`),

		"zoneIds twice, elsewhere": {with("zoneIds", []string{"cn-beijing-a", "cn-beijing-a"}), map[string][]string{
			"zoneIds[0]": {"must be a zone of the provider's region"},
			"zoneIds[1]": {"must be a zone of the provider's region", "is the same as zoneIds[0]"},
		}},
		"tags with a bad key and value": one(with("tags", map[string]any{"acs:a b": "c,d"}), `tags["acs:a b"]`,
			"a key of tags must be up to 128 letters, digits and / \\ _ - . + = : @, and one of your own", `but "c,d" was given`),
		"bindVpcs own VPC twice": {with("bindVpcs", append(bindVpc(map[string]any{"vpcId": "vpc-a"}), bindVpc(map[string]any{"vpcId": "vpc-a"})...)),
			map[string][]string{
				"bindVpcs[0].vpcId": {"is the instance's own vpcId"},
				"bindVpcs[1].vpcId": {"is the same as bindVpcs[0].vpcId", "is the instance's own vpcId"},
			}},
		"PayAsYouGo and a wrong size": {wire.PayAsYouGo(map[string]any{"spec": 7}), map[string][]string{
			"spec": {"must be one of 200", `valid only with paymentType "Subscription"`},
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
		"AutoRenewal with PayAsYouGo": one(wire.PayAsYouGo(map[string]any{"renewStatus": "AutoRenewal"}),
			"renewStatus", `valid only with paymentType "Subscription"`),
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

// Promise (Preview): A wrong value is refused before anything is called, on the path of its property, with what is valid.
func TestCheckRefusesBadPrograms(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{Config: map[string]any{"verifyNetwork": false}})
	cases := badPrograms()
	if len(cases) < 60 {
		t.Fatalf("only %d bad programs", len(cases))
	}
	complained := map[string]bool{}
	for name, c := range cases {
		_, failures := b.Check(c.inputs)
		found := map[string][]string{}
		for _, f := range failures {
			found[f.Path] = append(found[f.Path], f.Reason)
			if goNames.MatchString(f.Reason) {
				t.Errorf("%s: the message shows names of the source: %s", name, f.Reason)
			}
		}
		for path, phrases := range c.says {
			same := slices.EqualFunc(found[path], phrases, strings.Contains)
			if !same {
				t.Errorf("%s: at %s got %q, want %q (all: %v)", name, path, found[path], phrases, found)
			}
			complained[strings.FieldsFunc(path, func(r rune) bool { return r == '.' || r == '[' })[0]] = true
		}
		for path, reasons := range found {
			if _, expected := c.says[path]; !expected {
				t.Errorf("%s: unexpected failures at %s: %s", name, path, reasons)
			}
		}
	}
	for _, name := range kmsinstance.InputNames() {
		if !complained[name] {
			t.Errorf("no bad program is about %s", name)
		}
	}
	if calls := b.Cloud.Journal(); len(calls) > 0 {
		t.Errorf("Check has called the cloud: %v", calls)
	}
}

// TestCheckKeepsSecrets makes each value of each bad program secret, with marks in it: no message shows one.
func TestCheckKeepsSecrets(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{})
	const word, number = "MARK", 98765.25
	failed := 0
	for name, c := range badPrograms() {
		for _, at := range placesIn(c.inputs) {
			_, failures := b.Check(at.in(c.inputs, func(v property.Value) property.Value { return secret(marked(v, at, word, number)) }))
			for _, f := range failures {
				if text := f.Path + ": " + f.Reason; strings.Contains(text, word) || strings.Contains(text, "98765") || goNames.MatchString(text) {
					t.Errorf("%s, %v secret: %s", name, at, text)
				}
			}
			failed += len(failures)
		}
	}
	if failed < 300 {
		t.Errorf("only %d failures: this test does not look at all of them", failed)
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

// Valid values at the edges of their ranges, all of which the table of bad programs must not have caught.
func TestCheckAcceptsValidPrograms(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{})
	cases := map[string]property.Map{
		"the least":      wire.Props(map[string]any{"vpcId": "vpc-a", "zoneIds": []string{"cn-hangzhou-a"}, "vswitchIds": []string{"vsw-a"}}),
		"low edges":      wire.Subscription(map[string]any{"spec": 200, "keyNum": 100, "secretNum": 0, "vpcNum": 0, "logStorage": 0, "period": 1, "productVersion": "5"}),
		"high edges":     wire.Subscription(map[string]any{"spec": 20000, "keyNum": 100000, "secretNum": 100000, "vpcNum": 10000, "logStorage": 500000, "period": 36}),
		"three zones":    subscription("zoneIds", []string{"cn-hangzhou-a", "cn-hangzhou-b", "cn-hangzhou-c"}),
		"two vSwitches":  subscription("vswitchIds", []string{"vsw-a", "vsw-b"}),
		"renewal":        wire.Subscription(map[string]any{"renewStatus": "AutoRenewal", "renewPeriod": 3, "renewalPeriodUnit": "Y"}),
		"period unsent":  wire.Subscription(map[string]any{"renewStatus": "ManualRenewal", "renewPeriod": 5}),
		"unit alone":     subscription("renewalPeriodUnit", "M"),
		"NotRenewal":     subscription("renewStatus", "NotRenewal"),
		"top-level null": subscription("instanceName", null),
		"tags":           subscription("tags", map[string]string{"日本/_-.+=:@\\": "ünï", "empty": ""}),
		"twenty tags":    subscription("tags", manyTags(20)),
		"no bindings":    subscription("bindVpcs", []any{}),
		"full binding":   subscription("bindVpcs", bindVpc(map[string]any{"regionId": "cn-hangzhou", "vpcOwnerId": "1234567890123456"})),
		"PayAsYouGo":     wire.PayAsYouGo(map[string]any{"log": "1", "logStorage": 1000, "forceDeleteWithoutBackup": true}),
	}
	for name, inputs := range cases {
		checked, failures := b.Check(inputs)
		if len(failures) > 0 {
			t.Errorf("%s is refused: %v", name, failures)
		}
		// Nothing but the default of paymentType is added, and nothing but a null is dropped.
		want := inputs
		if _, given := want.GetOk("paymentType"); !given {
			want = want.Set("paymentType", property.New("Subscription"))
		}
		for key, v := range want.All {
			if v.IsNull() {
				want = want.Delete(key)
			}
		}
		if !checked.Equals(want) {
			t.Errorf("%s comes back as %v, want %v", name, wire.Go(checked), wire.Go(want))
		}
	}
}

// TestCheckDropsNamesOfSDKs: what SDKs add for themselves is no input, so that a Create does not fail on it.
func TestCheckDropsNamesOfSDKs(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{})
	inputs := wire.Subscription(map[string]any{
		"__defaults": []any{"paymentType"}, "__internal": map[string]any{"a": nil}, "tags": map[string]string{"__mine": "1"},
		"bindVpcs": bindVpc(map[string]any{"__defaults": []any{}}),
	})
	checked := b.Checked(inputs)
	if want := withDefaults(wire.Subscription(map[string]any{"tags": map[string]string{"__mine": "1"}, "bindVpcs": bindVpc(nil)})); !checked.Equals(want) {
		t.Errorf("got %v, want %v", wire.Go(checked), wire.Go(want))
	}
	b.Created(inputs)
}

// TestCheckTakesResources: wherever an id is wanted, a resource counts as its id, as the handshake promises; what is created has it.
func TestCheckTakesResources(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{})
	reference := func(id property.Value) property.Value {
		return property.New(property.NewResourceReference("urn:pulumi:dev::p::alicloud:vpc/network:Network::net", id, "3.0.0"))
	}
	text := property.New[string]
	inputs := wire.Subscription(map[string]any{
		"vpcId": reference(text("vpc-x")), "vswitchIds": []any{reference(text("vsw-x"))},
		"bindVpcs": bindVpc(map[string]any{"vpcId": reference(text("vpc-b")).WithSecret(true), "vswitchId": reference(text("vsw-b"))}),
	})
	checked := b.Checked(inputs)
	want := withDefaults(wire.Subscription(map[string]any{
		"vpcId": "vpc-x", "vswitchIds": []string{"vsw-x"}, "bindVpcs": bindVpc(map[string]any{"vpcId": wire.Secret("vpc-b")}),
	}))
	if !checked.Equals(want) {
		t.Errorf("got %#v, want %#v", checked, want)
	}
	r := b.Created(inputs)
	if i, _ := b.Cloud.Instance(r.ID); i.VpcID != "vpc-x" || i.BindVpcs[0].VpcID != "vpc-b" {
		t.Errorf("the instance is in %s with %v", i.VpcID, i.BindVpcs)
	}
	checked = b.Checked(subscription("vpcId", reference(wire.Unknown)))
	if !checked.Get("vpcId").IsComputed() {
		t.Errorf("the id of a resource to come is %#v", checked.Get("vpcId"))
	}
	for name, id := range map[string]property.Value{"the id of another resource": text("eni-1"), "no id": null} {
		if _, failures := b.Check(subscription("vpcId", reference(id))); len(failures) != 1 || failures[0].Path != "vpcId" || goNames.MatchString(failures[0].Reason) {
			t.Errorf("%s: got %v", name, failures)
		}
	}
}

// TestCheckOfNames: a name that no cloud takes is refused before the purchase.
func TestCheckOfNames(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{})
	// As recent engines do, which may then send texts that are not UTF-8.
	if _, err := b.Server.Handshake(t.Context(), &pulumirpc.ProviderHandshakeRequest{AcceptsByteString: true}); err != nil {
		t.Fatal(err)
	}
	for name, good := range map[string]bool{
		"plain": true, "mit Leerzeichen": true, "密钥": true, strings.Repeat("x", 10_000): true,
		"a\x1b[31mred": false, "nul\x00": false, "two\nlines": false, "\xff\xfe": false, "del\x7f": false, "c1\u0085": false,
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

// TestCheckOfLargeInputs: what is wrong is said of 100,000 elements as of ten, in time that grows with their number.
func TestCheckOfLargeInputs(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{})
	const n = 100_000
	zones, vpcs := make([]any, n), make([]any, n)
	for i := range n {
		zones[i], vpcs[i] = "cn-hangzhou-k", map[string]any{"vpcId": fmt.Sprint("vpc-", i/2), "vswitchId": "vsw-a"}
	}
	name := strings.Repeat("zoneIds", 1_500_000)
	inputs := wire.Subscription(map[string]any{"zoneIds": zones, "bindVpcs": vpcs, name: 1, "instanceName": strings.Repeat("\x1b", 10_000_000)})
	start := time.Now()
	_, failures := b.Check(inputs)
	if took := time.Since(start); took > time.Minute {
		t.Errorf("Check took %s", took)
	}
	if want := n - 1 + 1 + n/2 + 1 + 1; len(failures) != want {
		t.Errorf("there are %d failures, want %d", len(failures), want)
	}
	for _, f := range failures {
		if len(f.Path) > 300 || len(f.Reason) > 1500 {
			t.Fatalf("a failure has %d and %d characters", len(f.Path), len(f.Reason))
		}
	}
}

// Zones are spelled in two ways; and without a known region none can be held against it.
func TestCheckKnowsTheRegion(t *testing.T) {
	t.Parallel()
	for region, zones := range map[string]struct{ good, bad string }{
		"cn-hangzhou":           {"cn-hangzhou-k", "cn-hangzhouk-a"},
		"ap-southeast-1":        {"ap-southeast-1a", "ap-southeast-2a"},
		"cn-beijing-finance-1":  {"cn-beijing-finance-1k", "cn-beijing-a"},
		"me-central-1":          {"me-central-1a", "me-east-1a"},
		"cn-shanghai-finance-1": {"cn-shanghai-finance-1f", "cn-shanghai-f"},
	} {
		b := wire.New(t, wire.Options{Emulator: emulator.Options{Regions: []string{region}}})
		if _, failures := b.Check(subscription("zoneIds", []string{zones.good})); len(failures) > 0 {
			t.Errorf("%s: %v", region, failures)
		}
		_, failures := b.Check(subscription("zoneIds", []string{zones.bad}))
		if len(failures) != 1 || failures[0].Path != "zoneIds[0]" || !strings.Contains(failures[0].Reason, region) {
			t.Errorf("%s: %s: %v", region, zones.bad, failures)
		}
	}
	for name, region := range map[string]any{"absent": nil, "unknown": wire.Unknown} {
		b := wire.New(t, wire.Options{Config: map[string]any{"region": region}})
		inputs := wire.Subscription(map[string]any{"zoneIds": []string{"eu-central-1a"}, "bindVpcs": bindVpc(map[string]any{"regionId": "eu-central-1"})})
		if _, failures := b.Check(inputs); len(failures) > 0 {
			t.Errorf("region %s: %v", name, failures)
		}
	}
}

// All bad programs, in pairs: every failure of both is reported.
// Promise (Preview): All mistakes are reported at once.
func TestCheckReportsAllFailures(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{})
	cases := badPrograms()
	names := slices.Sorted(maps.Keys(cases))
	base := wire.Subscription(nil)
	pairs := 0
	for n, first := range names {
		second := names[(n*7+3)%len(names)]
		a, c := cases[first], cases[second]
		touched := func(p badProgram) map[string]property.Value {
			changes := map[string]property.Value{}
			for _, name := range append(kmsinstance.InputNames(), slices.Collect(maps.Keys(p.inputs.AsMap()))...) {
				now, has := p.inputs.GetOk(name)
				before, had := base.GetOk(name)
				if has != had || has && !now.Equals(before) {
					changes[name] = now
				}
			}
			return changes
		}
		x, y := touched(a), touched(c)
		_, paid := x["paymentType"]
		_, alsoPaid := y["paymentType"]
		if paid || alsoPaid || len(a.says) > 1 || len(c.says) > 1 ||
			slices.ContainsFunc(slices.Collect(maps.Keys(x)), func(k string) bool { _, both := y[k]; return both }) {
			continue // they are about the same property, or change what holds for the others
		}
		inputs := base
		for _, changes := range []map[string]property.Value{x, y} {
			for name, v := range changes {
				inputs = inputs.Set(name, v)
			}
		}
		_, failures := b.Check(inputs)
		var paths []string
		for _, f := range failures {
			paths = append(paths, f.Path)
		}
		want := append(slices.Collect(maps.Keys(a.says)), slices.Collect(maps.Keys(c.says))...)
		slices.Sort(want)
		slices.Sort(paths)
		if !slices.Equal(paths, want) {
			t.Errorf("%s and %s: failures at %v, want %v", first, second, paths, want)
		}
		pairs++
	}
	if pairs < 30 {
		t.Errorf("only %d pairs were tried", pairs)
	}
}
