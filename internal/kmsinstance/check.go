package kmsinstance

import (
	"context"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/input"
)

// Check holds the inputs against the rules of the table. All failures are reported at once, each on its property path. Unknown
// values are passed over at every level: they are checked when they are known.
func (r *Resource) Check(ctx context.Context, req p.CheckRequest) (p.CheckResponse, error) {
	region, err := r.connection.Region(ctx)
	if err != nil {
		return p.CheckResponse{}, err
	}
	r.memory.isChecked(newProgress(ctx, ""), req.Urn)
	c := &input.Checker{}
	inputs := checkInputs(c, req.Inputs, region)
	if req.State.Len() > 0 && req.State.Equals(req.Inputs) {
		// So the engine checks what an import has read. An instance that is not connected has no network yet: Diff asks for it.
		missing := withoutNetwork(inputs)
		c.Failures = slices.DeleteFunc(c.Failures, func(f p.CheckFailure) bool { return slices.Contains(missing, f.Property) })
	}
	r.checkNetwork(ctx, c, req.State, inputs)
	return p.CheckResponse{Inputs: inputs, Failures: c.Failures}, nil
}

var networkInputs = []string{"vpcId", "zoneIds", "vswitchIds"}

// withoutNetwork names the network inputs that are not given.
func withoutNetwork(inputs property.Map) []string {
	return slices.DeleteFunc(slices.Clone(networkInputs), func(name string) bool { return isGiven(inputs, name) })
}

// checkInputs returns the inputs with defaults filled in. region is the provider's, or empty if it is not known yet.
func checkInputs(c *input.Checker, inputs property.Map, region string) property.Map {
	fields := make([]input.Field, len(Properties))
	for i, prop := range Properties {
		fields[i] = prop.field(region)
	}
	inputs = input.Clean(fields, inputs)
	c.Map("KmsInstance has no property", fields, inputs)
	checkPayment(c, inputs)
	checkRenewal(c, inputs)
	checkOwnVpc(c, inputs)
	if _, given := inputs.GetOk("paymentType"); !given {
		inputs = inputs.Set("paymentType", property.New(string(Subscription)))
	}
	return inputs
}

// refusal says why Check would refuse a property of an instance in a VPC, or "".
func refusal(name string, v property.Value, vpcID, region string) string {
	c := &input.Checker{}
	field := propertyByName[name].field(region)
	c.Value(name, &field, v)
	checkOwnVpc(c, property.NewMap(map[string]property.Value{"vpcId": property.New(vpcID), name: v}))
	if len(c.Failures) == 0 {
		return ""
	}
	return c.Failures[0].Reason
}

// field is what the table says of a property, for the checker.
func (p *Property) field(region string) input.Field {
	f := input.Field{
		Name: p.Name, Type: p.Type, Required: p.Required, Values: p.Values, Rule: p.Rule, Allowed: p.Allowed, Min: p.Min, Max: p.Max,
		Meaning: strings.ToLower(p.Description[:1]) + strings.TrimSuffix(p.Description[1:], "."),
	}
	switch p.Name {
	case "zoneIds":
		f.Distinct, f.Element = true, &input.Field{Required: true, Rule: zoneRule(region)}
	case "vswitchIds":
		f.Distinct, f.Element = true, &input.Field{Required: true, Rule: vswitchRule}
	case "bindVpcs":
		f.DistinctBy, f.Element = "vpcId", &input.Field{Type: input.Object, Fields: bindVpcFields(region)}
	case "tags":
		f.Rule, f.Element = tagKeyRule, &input.Field{Rule: tagRule, Empty: true}
	}
	return f
}

func bindVpcFields(region string) []input.Field {
	return []input.Field{
		{Name: "vpcId", Required: true, Rule: vpcRule}, {Name: "vswitchId", Required: true, Rule: vswitchRule},
		{Name: "regionId", Rule: regionRule(region)}, {Name: "vpcOwnerId", Rule: ownerRule},
	}
}

// Rules say what a text must be, or "" if it is that.

var (
	vpcRule     = input.Matching(`^vpc-[0-9A-Za-z_-]+$`, `an id that starts with "vpc-"`)
	vswitchRule = input.Matching(`^vsw-[0-9A-Za-z_-]+$`, `an id that starts with "vsw-"`)
	ownerRule   = input.Matching(`^[1-9][0-9]{0,18}$`, "the digits of an account id") // a number of 64 bits
	tagForm     = regexp.MustCompile(`^[\p{L}\p{Nd}/\\_.+=:@-]*$`)
	tagRule     = input.Must(`up to 128 letters, digits and / \ _ - . + = : @`, func(text string) bool {
		return utf8.RuneCountInString(text) <= 128 && tagForm.MatchString(text)
	})
	// nameRule refuses what no cloud would take as a name: it would be refused only after the purchase.
	nameRule = input.Must("a text in UTF-8 without control characters", input.IsPlain)
)

func zoneRule(region string) func(string) string {
	example := region + "a"
	if strings.HasPrefix(region, "cn-") {
		example = region + "-a"
	}
	words := fmt.Sprintf("a zone of the provider's region %s (such as %s)", region, example)
	return input.Must(words, func(zone string) bool { return region == "" || regionOfZone(zone) == region })
}

// zoneForm knows both spellings of zones: cn-hangzhou-k and ap-southeast-1a.
var zoneForm = regexp.MustCompile(`^([a-z]+-[a-z0-9-]*[a-z0-9])-[a-z]$|^([a-z]+-[a-z0-9-]*[0-9])[a-z]$`)

// regionOfZone is the region in the name of a zone, "" if it has none.
func regionOfZone(zone string) string {
	m := zoneForm.FindStringSubmatch(zone)
	if m == nil {
		return ""
	}
	return m[1] + m[2]
}

func regionRule(region string) func(string) string {
	words := fmt.Sprintf("the provider's region %s, because only VPCs of the instance's region can be bound", region)
	return input.Must(words, func(given string) bool { return region == "" || given == region })
}

func tagKeyRule(key string) string {
	must := tagRule(key)
	if key == "" {
		must = "1 to 128 letters and digits"
	}
	if isReservedTag(key) {
		must = strings.TrimPrefix(must+`, and one of your own: keys that start with "aliyun" or "acs:" belong to Alibaba Cloud`, ", and ")
	}
	return must
}

// isReservedTag tells the tags that Alibaba Cloud itself puts on resources.
func isReservedTag(key string) bool {
	return strings.HasPrefix(key, "aliyun") || strings.HasPrefix(key, "acs:")
}

// checkPayment refuses what is valid for a Subscription only.
func checkPayment(c *input.Checker, inputs property.Map) {
	payment := inputs.Get("paymentType")
	if !isString(payment, string(PayAsYouGo)) {
		return
	}
	other := ", and paymentType is \"PayAsYouGo\""
	if payment.Secret() {
		other = ""
	}
	for _, prop := range Properties {
		if _, given := inputs.GetOk(prop.Name); given && prop.SubscriptionOnly {
			c.Fail(prop.Name, "%s is valid only with paymentType \"Subscription\"%s: take %s out", prop.Name, other, prop.Name)
		}
	}
}

// checkRenewal looks at what renewStatus, renewPeriod and renewalPeriodUnit say together. Only an automatic renewal sends the
// period; with any other setting it is recorded as given.
func checkRenewal(c *input.Checker, inputs property.Map) {
	status, period, unit := inputs.Get("renewStatus"), inputs.Get("renewPeriod"), inputs.Get("renewalPeriodUnit")
	if isString(inputs.Get("paymentType"), string(PayAsYouGo)) || !isString(status, string(AutoRenewal)) {
		return
	}
	if period.IsNull() {
		with := " with renewStatus \"AutoRenewal\""
		if status.Secret() {
			with = ""
		}
		c.Fail("renewPeriod", "renewPeriod is required%s: say for how long the subscription is renewed each time", with)
		return
	}
	if !period.IsNumber() || unit.IsComputed() || period.AsNumber() < 0 || period.AsNumber() != math.Trunc(period.AsNumber()) {
		return // not known yet, or complained about already
	}
	allowed, words := renewalPeriods(Month), "1, 2, 3, 6 or 12 months"
	if isString(unit, string(Year)) {
		allowed, words = renewalPeriods(Year), "1, 2 or 3 years"
	}
	if unit.Secret() {
		words = "1, 2, 3, 6 or 12 months, or 1, 2 or 3 years"
	}
	if !slices.Contains(allowed, int(period.AsNumber())) {
		c.Fail("renewPeriod", "renewPeriod must be %s, but %s was given", words, input.Show(period, false))
	}
}

// checkOwnVpc refuses a binding of the VPC that the instance is connected to anyway.
func checkOwnVpc(c *input.Checker, inputs property.Map) {
	own, list := inputs.Get("vpcId"), inputs.Get("bindVpcs")
	if !own.IsString() || own.AsString() == "" || !list.IsArray() {
		return
	}
	for i, item := range list.AsArray().All {
		if item.IsMap() && isString(item.AsMap().Get("vpcId"), own.AsString()) {
			path := fmt.Sprintf("bindVpcs[%d].vpcId", i)
			c.Fail(path, "%s is the instance's own vpcId, which is connected anyway: take this element out", path)
		}
	}
}

func isString(v property.Value, s string) bool { return v.IsString() && v.AsString() == s }
