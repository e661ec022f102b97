package kmsinstance

import (
	"context"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/guard"
)

// Check holds the inputs against the rules of the table.
func (r *Resource) Check(ctx context.Context, req p.CheckRequest) (p.CheckResponse, error) {
	region, err := r.connection.Region(ctx)
	if err != nil {
		return p.CheckResponse{}, err
	}
	inputs, failures := checkInputs(req.Inputs, region)
	return p.CheckResponse{Inputs: inputs, Failures: failures}, nil
}

// checkInputs holds the inputs of a program against the table of properties and returns them with defaults filled in.
// All failures are reported at once, each on its property path. Unknown values are passed over at every level: they are
// checked when they are known. region is the provider's, or empty if it is not known yet.
func checkInputs(inputs property.Map, region string) (property.Map, []p.CheckFailure) {
	c := &checker{region: region}
	inputs = withoutNulls(inputs)
	c.payment = inputs.Get("paymentType")
	for name, value := range inputs.AllStable {
		prop, known := propertyByName[name]
		if !known {
			if !strings.HasPrefix(name, "__") {
				c.fail(name, "KmsInstance has no property %q%s", name, didYouMean(name))
			}
			continue
		}
		if value.HasSecrets() {
			value = secretWithin(value) // for the messages, which are about elements
		}
		c.property(prop, value)
	}
	for i := range Properties {
		prop := &Properties[i]
		if _, given := inputs.GetOk(prop.Name); prop.Required && !given {
			c.fail(prop.Name, "%s is required: %s", prop.Name, strings.TrimSuffix(lowerFirst(prop.Description), "."))
		}
	}
	c.renewal(inputs)
	c.ownVpc(inputs)
	if _, given := inputs.GetOk("paymentType"); !given {
		inputs = inputs.Set("paymentType", property.New(string(Subscription)))
	}
	return inputs, c.failures
}

// withoutNulls drops top-level nulls: a program that sets a property to null leaves it out.
func withoutNulls(m property.Map) property.Map {
	for name, value := range m.All {
		if value.IsNull() {
			m = m.Delete(name)
		}
	}
	return m
}

// secretWithin makes what a secret list or map holds secret, too: a message is about an element.
func secretWithin(v property.Value) property.Value {
	deep := func(item property.Value) property.Value {
		return secretWithin(item.WithSecret(item.Secret() || v.Secret()))
	}
	switch {
	case v.IsArray():
		items := make([]property.Value, 0, v.AsArray().Len())
		for _, item := range v.AsArray().All {
			items = append(items, deep(item))
		}
		return property.New(items).WithSecret(v.Secret())
	case v.IsMap():
		fields := make(map[string]property.Value, v.AsMap().Len())
		for key, item := range v.AsMap().All {
			fields[key] = deep(item)
		}
		return property.New(fields).WithSecret(v.Secret())
	}
	return v
}

type checker struct {
	region   string
	payment  property.Value
	failures []p.CheckFailure
}

func (c *checker) fail(path, format string, args ...any) {
	c.failures = append(c.failures, p.CheckFailure{Property: path, Reason: fmt.Sprintf(format, args...)})
}

// property checks one value against its row.
func (c *checker) property(prop *Property, v property.Value) {
	if prop.SubscriptionOnly && isString(c.payment, string(PayAsYouGo)) {
		other := ", and paymentType is \"PayAsYouGo\""
		if c.payment.Secret() {
			other = ""
		}
		c.fail(prop.Name, "%s is valid only with paymentType \"Subscription\"%s: take %s out", prop.Name, other, prop.Name)
	}
	if v.IsComputed() {
		return
	}
	switch prop.Kind {
	case String:
		c.text(prop.Name, prop, v)
	case Integer:
		c.integer(prop, v)
	case Boolean:
		if !v.IsBool() {
			c.wrongType(prop.Name, prop, v)
		}
	case Enum:
		c.enum(prop, v)
	case StringList:
		c.list(prop, v)
	case BindVpcList:
		c.bindVpcs(prop, v)
	case TagMap:
		c.tags(prop, v)
	}
}

func (c *checker) wrongType(path string, prop *Property, v property.Value) {
	hint := ""
	if prop.Kind == Enum && v.IsNumber() {
		hint = fmt.Sprintf("; put it in quotes: %q", formatNumber(v.AsNumber()))
		if v.Secret() {
			hint = "; put it in quotes"
		}
	}
	if prop.Kind == Integer && v.IsString() {
		hint = "; give the number without quotes"
	}
	c.fail(path, "%s must be %s, but %s was given%s", path, prop.rule(), show(v), hint)
}

// text checks a string that has no fixed values.
func (c *checker) text(path string, prop *Property, v property.Value) {
	switch {
	case v.IsComputed():
	case !v.IsString():
		c.fail(path, "%s must be a string, but %s was given", path, show(v))
	case v.AsString() == "":
		c.fail(path, "%s must not be empty%s", path, leaveOut(prop))
	case prop.Pattern != "" && !isID(prop.Pattern, v.AsString()):
		c.fail(path, "%s must be an id that starts with %q, but %s was given", path, prop.Pattern, show(v))
	}
}

func leaveOut(prop *Property) string {
	if prop.Required {
		return ""
	}
	return "; leave it out to keep what the instance has"
}

func (c *checker) integer(prop *Property, v property.Value) {
	if !v.IsNumber() {
		c.wrongType(prop.Name, prop, v)
		return
	}
	n := v.AsNumber()
	switch {
	case n != math.Trunc(n) || math.IsInf(n, 0) || math.IsNaN(n) || math.Abs(n) > math.MaxInt32:
		c.wrongType(prop.Name, prop, v)
	case len(prop.Allowed) > 0 && !slices.Contains(prop.Allowed, int(n)):
		c.fail(prop.Name, "%s must be %s, but %s was given", prop.Name, prop.rule(), show(v))
	case len(prop.Allowed) == 0 && prop.Max > 0 && (int(n) < prop.Min || int(n) > prop.Max):
		c.fail(prop.Name, "%s must be %s, but %s was given", prop.Name, prop.rule(), show(v))
	case n < 0:
		c.fail(prop.Name, "%s must not be negative, but %s was given", prop.Name, show(v))
	}
}

func (c *checker) enum(prop *Property, v property.Value) {
	switch {
	case !v.IsString():
		c.wrongType(prop.Name, prop, v)
	case !slices.Contains(prop.Values, v.AsString()):
		c.fail(prop.Name, "%s must be %s, but %s was given", prop.Name, prop.rule(), show(v))
	}
}

// list checks zoneIds and vswitchIds.
func (c *checker) list(prop *Property, v property.Value) {
	if !v.IsArray() {
		c.wrongType(prop.Name, prop, v)
		return
	}
	items := v.AsArray()
	if items.Len() < prop.Min || (prop.Max > 0 && items.Len() > prop.Max) {
		limit := fmt.Sprintf("at least %d element", prop.Min)
		if prop.Max > 0 {
			limit = fmt.Sprintf("%d to %d elements", prop.Min, prop.Max)
		}
		c.fail(prop.Name, "%s must have %s, but it has %d", prop.Name, limit, items.Len())
	}
	seen := map[string]int{}
	for i, item := range items.All {
		path := fmt.Sprintf("%s[%d]", prop.Name, i)
		c.text(path, prop, item)
		if !item.IsString() || item.AsString() == "" {
			continue
		}
		if prop.Name == "zoneIds" && c.region != "" && !zoneIsIn(item.AsString(), c.region) {
			c.fail(path, "%s must be a zone of the provider's region %s (such as %s), but %s was given",
				path, c.region, exampleZone(c.region), show(item))
		}
		if first, twice := seen[item.AsString()]; twice {
			c.fail(path, "%s is the same as %s[%d]; each may be given once", path, prop.Name, first)
		} else {
			seen[item.AsString()] = i
		}
	}
}

var bindVpcFields = []struct {
	name     string
	required bool
	prefix   string
}{
	{"vpcId", true, "vpc-"},
	{"vswitchId", true, "vsw-"},
	{"regionId", false, ""},
	{"vpcOwnerId", false, ""},
}

func (c *checker) bindVpcs(prop *Property, v property.Value) {
	if !v.IsArray() {
		c.wrongType(prop.Name, prop, v)
		return
	}
	seen := map[string]int{}
	for i, item := range v.AsArray().All {
		path := fmt.Sprintf("bindVpcs[%d]", i)
		if item.IsComputed() {
			continue
		}
		if !item.IsMap() {
			c.fail(path, "%s must be an object with vpcId and vswitchId, but %s was given", path, show(item))
			continue
		}
		c.bindVpc(path, item.AsMap())
		id := item.AsMap().Get("vpcId")
		if !id.IsString() || id.AsString() == "" {
			continue
		}
		if first, twice := seen[id.AsString()]; twice {
			c.fail(path+".vpcId", "%s.vpcId is the same as bindVpcs[%d].vpcId; a VPC can be bound once", path, first)
		} else {
			seen[id.AsString()] = i
		}
	}
}

// accountID is the form of an account id, which the cloud takes as a number of 64 bits.
var accountID = regexp.MustCompile(`^[1-9][0-9]{0,18}$`)

func (c *checker) bindVpc(path string, m property.Map) {
	m = withoutNulls(m)
	for name := range m.AllStable {
		if !slices.ContainsFunc(bindVpcFields, func(f struct {
			name     string
			required bool
			prefix   string
		}) bool {
			return f.name == name
		}) {
			c.fail(path+"."+name, "bindVpcs has no property %q; it has vpcId, vswitchId, regionId and vpcOwnerId", name)
		}
	}
	for _, f := range bindVpcFields {
		v, given := m.GetOk(f.name)
		at := path + "." + f.name
		if !given {
			if f.required {
				c.fail(at, "%s is required", at)
			}
			continue
		}
		if f.name == "vpcOwnerId" && v.IsNumber() {
			c.fail(at, "%s must be a string of digits: put the account id in quotes (as a number it loses digits)", at)
			continue
		}
		c.text(at, &Property{Required: f.required, Pattern: f.prefix}, v)
		if !v.IsString() || v.AsString() == "" {
			continue
		}
		switch {
		case f.name == "vpcOwnerId" && !accountID.MatchString(v.AsString()):
			c.fail(at, "%s must be the digits of an account id, but %s was given", at, show(v))
		case f.name == "regionId" && c.region != "" && v.AsString() != c.region:
			c.fail(at, "%s must be the provider's region %s, but %s was given: only VPCs of the instance's region can be bound",
				at, c.region, show(v))
		}
	}
}

func (c *checker) tags(prop *Property, v property.Value) {
	if !v.IsMap() {
		c.wrongType(prop.Name, prop, v)
		return
	}
	if n := v.AsMap().Len(); n > prop.Max {
		c.fail(prop.Name, "tags must have at most %d elements, but it has %d", prop.Max, n)
	}
	for key, value := range v.AsMap().AllStable {
		path, theKey, theValue := tagPath(key), fmt.Sprintf("the tag key %q", key), fmt.Sprintf("the value of tag %q", key)
		if v.Secret() {
			path, theKey, theValue = "tags", "a key of the secret tags", "a value of the secret tags"
		}
		switch {
		case key == "":
			c.fail(path, "a tag key must not be empty")
		case isReservedTag(key):
			c.fail(path, "%s is reserved: keys that start with \"aliyun\" or \"acs:\" belong to Alibaba Cloud", theKey)
		case !isTagText(key):
			c.fail(path, "%s must be up to 128 letters, digits and / \\ _ - . + = : @", theKey)
		}
		switch {
		case value.IsComputed():
		case !value.IsString():
			c.fail(path, "%s must be a string, but %s was given", theValue, show(value))
		case !isTagText(value.AsString()):
			c.fail(path, "%s must be up to 128 letters, digits and / \\ _ - . + = : @, but %s was given", theValue, show(value))
		}
	}
}

// renewal checks what renewStatus, renewPeriod and renewalPeriodUnit say together.
func (c *checker) renewal(inputs property.Map) {
	if isString(c.payment, string(PayAsYouGo)) {
		return // none of the three is valid then, which is said already
	}
	status, period, unit := inputs.Get("renewStatus"), inputs.Get("renewPeriod"), inputs.Get("renewalPeriodUnit")
	if _, given := inputs.GetOk("renewPeriod"); !given {
		if isString(status, string(AutoRenewal)) {
			c.fail("renewPeriod", "renewPeriod is required with renewStatus \"AutoRenewal\": say for how long the subscription is renewed each time")
		}
		return
	}
	if !period.IsNumber() || unit.IsComputed() || status.IsComputed() || period.AsNumber() < 0 ||
		period.AsNumber() != math.Trunc(period.AsNumber()) {
		return
	}
	// Only an automatic renewal sends the period; with any other setting it is recorded as given.
	if status.IsString() && status.AsString() != string(AutoRenewal) {
		return
	}
	allowed, words := []int{1, 2, 3, 6, 12}, "1, 2, 3, 6 or 12 months"
	if isString(unit, string(Year)) {
		allowed, words = []int{1, 2, 3}, "1, 2 or 3 years"
	}
	if !slices.Contains(allowed, int(period.AsNumber())) {
		c.fail("renewPeriod", "renewPeriod must be %s, but %s was given", words, show(period))
	}
}

// ownVpc refuses a binding of the VPC that the instance is connected to anyway.
func (c *checker) ownVpc(inputs property.Map) {
	own, list := inputs.Get("vpcId"), inputs.Get("bindVpcs")
	if !own.IsString() || !list.IsArray() {
		return
	}
	for i, item := range list.AsArray().All {
		if item.IsMap() && isString(item.AsMap().Get("vpcId"), own.AsString()) && own.AsString() != "" {
			path := fmt.Sprintf("bindVpcs[%d].vpcId", i)
			c.fail(path, "%s is the instance's own vpcId, which is connected anyway: take this element out", path)
		}
	}
}

func isString(v property.Value, s string) bool { return v.IsString() && v.AsString() == s }

var idRest = regexp.MustCompile(`^[0-9A-Za-z_-]+$`)

func isID(prefix, id string) bool {
	rest, ok := strings.CutPrefix(id, prefix)
	return ok && idRest.MatchString(rest)
}

// zoneIsIn knows both spellings of zones: cn-hangzhou-k and ap-southeast-1a.
func zoneIsIn(zone, region string) bool {
	rest, ok := strings.CutPrefix(zone, region)
	rest = strings.TrimPrefix(rest, "-")
	return ok && len(rest) == 1 && rest[0] >= 'a' && rest[0] <= 'z'
}

var zoneForm = regexp.MustCompile(`^([a-z]+-[a-z0-9-]*[a-z0-9])-[a-z]$|^([a-z]+-[a-z0-9-]*[0-9])[a-z]$`)

// regionOfZone is the region in the name of a zone, "" if it has none.
func regionOfZone(zone string) string {
	m := zoneForm.FindStringSubmatch(zone)
	if m == nil {
		return ""
	}
	return m[1] + m[2]
}

func exampleZone(region string) string {
	if strings.HasPrefix(region, "cn-") {
		return region + "-a"
	}
	return region + "a"
}

// isReservedTag tells the tags that Alibaba Cloud itself puts on resources.
func isReservedTag(key string) bool {
	return strings.HasPrefix(key, "aliyun") || strings.HasPrefix(key, "acs:")
}

func isTagText(s string) bool {
	if utf8.RuneCountInString(s) > 128 {
		return false
	}
	for _, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(`/\_-.+=:@`, r) {
			return false
		}
	}
	return true
}

// tagPath is the property path of a tag.
func tagPath(key string) string { return guard.PathTo("tags", key) }

// show renders a value for a message; a secret stays one.
func show(v property.Value) string {
	switch {
	case v.HasSecrets():
		return "a secret value"
	case v.IsString():
		return strconv.Quote(v.AsString())
	case v.IsNumber():
		return formatNumber(v.AsNumber())
	case v.IsBool():
		return strconv.FormatBool(v.AsBool())
	case v.IsArray():
		return "a list"
	case v.IsMap():
		return "an object"
	case v.IsNull():
		return "null"
	default:
		return "a value of another type"
	}
}

func formatNumber(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

func lowerFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(r)) + s[n:]
}

func didYouMean(name string) string {
	names := make([]string, len(Properties))
	for i, prop := range Properties {
		names[i] = prop.Name
	}
	if near := guard.Nearest(name, names); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return ""
}
