package kmsinstance

import (
	"fmt"
	"strings"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/input"
)

// Change says what a change of a property does to an existing instance.
type Change int

// What a change can do.
const (
	Replace Change = iota // a connected instance is replaced: Alibaba Cloud cannot change it
	InPlace               // a call of the KMS API
	Order                 // a BSS ModifyInstance order, which is paid at once
	Renewal               // a BSS SetRenewal call
	Record                // no API is called: the value is only recorded
)

// Property is one row of the table that Check, Diff, preview, the schema and the reference docs work from.
type Property struct {
	Name             string
	Type             input.Type // the order of a list means nothing
	Required         bool
	SubscriptionOnly bool
	Computed         bool // left out, the cloud's own value stays and is never a diff
	Change           Change
	Code             string   // code in a BSS order
	Values           []string // of a String with few values
	Allowed          []int    // of an Integer with few values
	Min, Max         int      // of an Integer with a range, or the number of elements of a list; Max 0 means no upper end
	NoDowngrade      bool     // KMS documents no way down
	Unit             string
	Description      string // what it is, as an input and as an output
	Usage            string // what a program must know to set it
	ReplaceReason    string
	Rule             func(text string) string // of a String: what it must be, "" if it is that
}

// Properties is the table of all inputs of KmsInstance, in the order of the reference docs.
//
// Ranges and values: Alibaba Cloud's documentation of the purchase parameters and of the APIs ConnectKmsInstance,
// UpdateKmsInstanceBindVpc, ModifyInstance, SetRenewal and TagResources.
var Properties = []*Property{
	{
		Name: "vpcId", Required: true, Change: Replace, Rule: vpcRule,
		Description:   "The id of the VPC that the instance is connected to.",
		ReplaceReason: "a connected instance cannot move to another VPC",
	},
	{
		Name: "zoneIds", Type: input.List, Required: true, Change: Replace, Min: 1, Max: 3,
		Description:   "The zones that the instance runs in, for example `cn-hangzhou-k` and `cn-hangzhou-j`.",
		Usage:         "1 to 3 zones of the provider's region; two is the norm. Their order means nothing.",
		ReplaceReason: "a connected instance cannot move to other zones",
	},
	{
		Name: "vswitchIds", Type: input.List, Required: true, Change: Replace, Min: 1,
		Description: "The vSwitch that the instance takes its addresses from, as a list of one id.",
		Usage: "It must lie in `vpcId` and in one of the zones and have a free address. Alibaba Cloud documents one; more than one " +
			"is sent as given, with a warning.",
		ReplaceReason: "a connected instance cannot move to another vSwitch",
	},
	{
		Name: "paymentType", Change: Replace, Values: []string{string(Subscription), string(PayAsYouGo)},
		Description:   "How the instance is paid: `Subscription` (prepaid, the default) or `PayAsYouGo` (postpaid).",
		ReplaceReason: "the payment type of an instance cannot be changed",
	},
	{
		Name: "productVersion", Computed: true, Change: Order, Code: "ProductVersion", NoDowngrade: true,
		Values:      []string{string(Software), string(SmallSoftware)},
		Description: "The edition: `3` (software key management) or `5` (software key management, small).",
		Usage:       "The SDKs call them `Software` and `SmallSoftware`. From `5` to `3` is an upgrade in place.",
	},
	{
		Name: "spec", Type: input.Integer, SubscriptionOnly: true, Computed: true, Change: Order, Code: "Spec", NoDowngrade: true,
		Allowed: []int{200, 1000, 2000, 4000, 10000, 20000}, Unit: "requests per second",
		Description: "The computing performance.",
		Usage:       "One of 200 (small edition), 1000, 2000, 4000, 10000 and 20000.",
	},
	{
		Name: "keyNum", Type: input.Integer, SubscriptionOnly: true, Computed: true, Change: Order, Code: "KeyNum", NoDowngrade: true,
		Min: 100, Max: 100000, Unit: "keys",
		Description: "How many keys the instance can hold.",
	},
	{
		Name: "secretNum", Type: input.Integer, SubscriptionOnly: true, Computed: true, Change: Order, Code: "SecretNum", NoDowngrade: true,
		Max: 100000, Unit: "secrets",
		Description: "How many secrets the instance can hold.",
		Usage:       "0 is a value of its own: no secrets.",
	},
	{
		Name: "vpcNum", Type: input.Integer, SubscriptionOnly: true, Computed: true, Change: Order, Code: "VpcNum", NoDowngrade: true,
		Max: 10000, Unit: "units of access management",
		Description: "How many VPCs can be bound to the instance.",
		Usage:       "Each element of `bindVpcs` takes one unit.",
	},
	{
		Name: "log", Computed: true, Change: Order, Code: "Log", Values: []string{string(LogOff), string(LogOn)},
		Description: "The audit log: `0` (off) or `1` (on).",
		Usage:       "The SDKs call them `Off` and `On`.",
	},
	{
		Name: "logStorage", Type: input.Integer, Computed: true, Change: Order, Code: "LogStorage", NoDowngrade: true,
		Max: 500000, Unit: "GB",
		Description: "How much of the audit log is kept.",
		Usage:       "Alibaba Cloud sells it in steps of 1000.",
	},
	{
		Name: "period", Type: input.Integer, SubscriptionOnly: true, Change: Record, Allowed: []int{1, 2, 3, 6, 12, 24, 36}, Unit: "months",
		Description: "For how long the instance is bought.",
		Usage: "One of 1, 2, 3, 6, 12, 24 and 36; 1 if left out. Used at purchase only: a later change is recorded and changes " +
			"nothing in the cloud.",
	},
	{
		Name: "renewStatus", SubscriptionOnly: true, Computed: true, Change: Renewal,
		Values:      []string{string(AutoRenewal), string(ManualRenewal), string(NotRenewal)},
		Description: "What happens when the subscription ends: `AutoRenewal`, `ManualRenewal` or `NotRenewal`.",
	},
	{
		Name: "renewPeriod", Type: input.Integer, SubscriptionOnly: true, Change: Renewal, Unit: "renewalPeriodUnit",
		Description: "For how long the subscription is renewed each time, in `renewalPeriodUnit`.",
		Usage: "Required with `AutoRenewal`: 1, 2, 3, 6 or 12 months, or 1 to 3 years. With another `renewStatus` it is recorded and " +
			"not sent.",
	},
	{
		Name: "renewalPeriodUnit", SubscriptionOnly: true, Change: Renewal, Values: []string{string(Month), string(Year)},
		Description: "The unit of `renewPeriod`: `M` (months, also when left out) or `Y` (years). 12 `M` and 1 `Y` are the same.",
		Usage:       "The SDKs call them `Month` and `Year`.",
	},
	{
		Name: "bindVpcs", Type: input.List, Change: InPlace,
		Description: "Further VPCs of the same region from which the instance can be reached; not the instance's own.",
		Usage:       "Their order means nothing. Left out, bindings are not managed; taken out of a program again, they are all removed.",
	},
	{
		Name: "instanceName", Rule: nameRule, Computed: true, Change: InPlace,
		Description: "The name of the instance.",
		Usage:       "Left out, the cloud's own (the id at first) stays.",
	},
	{
		Name: "deletionProtection", Type: input.Boolean, Change: InPlace,
		Description: "Whether the cloud refuses to release or refund the instance.",
		Usage: "It is switched on last and off first. Left out, it is not managed; taken out of a program again, it is switched off. " +
			"Switch it on for every instance that holds keys.",
	},
	{
		Name: "forceDeleteWithoutBackup", Type: input.Boolean, Change: Record,
		Description: "Whether a PayAsYouGo instance is released even if it has no backup.",
		Usage:       "It acts on a delete only after a `pulumi up` has recorded it; a change calls no API. Without effect for a Subscription.",
	},
	{
		Name: "tags", Type: input.Map, Change: InPlace, Max: 20,
		Description: "The tags of the instance, without those that Alibaba Cloud sets itself.",
		Usage: "At most 20. Keys and values: up to 128 letters, digits and `/ \\ _ - . + = : @`; keys must not start with `aliyun` or " +
			"`acs:`. Left out, tags are not managed; taken out of a program again, the tags that the program had set are removed.",
	},
}

// Output is an output that is not an input.
type Output struct {
	Name        string
	Stable      bool // never changes in the life of an instance
	Description string
}

// Outputs is the table of the outputs of KmsInstance that are not inputs.
var Outputs = []Output{
	{"instanceId", true, "The id of the instance (`kst-…`), the same as the resource's id."},
	{"status", false, "The status of the instance: `Uninitialized` (bought, not connected), `Connecting`, `Connected`, " +
		"`Disconnected` or `Error`."},
	{"createTime", true, "When the instance was made, in UTC, such as `2026-01-02T03:04:05Z`."},
	{"startDate", true, "When the instance started, in UTC."},
	{"endDate", false, "When the instance expires, in UTC. Set for PayAsYouGo, too."},
	{"caCertificateChainPem", true, "The certificate chain of the instance in PEM form, with which clients verify its endpoint."},
	{"endpoint", true, "The private host name of the instance, for applications in its VPC and the bound VPCs."},
	{"arn", true, "The Alibaba Cloud Resource Name of the instance. Absent if neither `sts:GetCallerIdentity` nor the list of instances tells the account."},
	{"productType", true, "The commodity code under which the instance is billed, such as `kms_ddi_public_cn`."},
	{"saleStatus", false, "The status of the sale, such as `Normal`."},
	{"lastOrderId", false, "The id of the last order that this resource has placed for the instance, as the order list of the billing " +
		"console shows it. Absent for an imported instance."},
	{"pendingOrder", false, "An order that was accepted and that the instance does not show yet. Absent otherwise."},
	{"declared", false, "Which of `tags`, `bindVpcs` and `deletionProtection` a program has declared: only that is cleared when the " +
		"program takes it out again. Secret if the tags are."},
}

var propertyByName = func() map[string]*Property {
	m := make(map[string]*Property, len(Properties))
	for _, prop := range Properties {
		m[prop.Name] = prop
	}
	return m
}()

// OutputDoc is the description of the output that mirrors the property.
func (p *Property) OutputDoc() string {
	if p.Unit == "" || p.Unit == "renewalPeriodUnit" {
		return p.Description
	}
	return p.Description + " Unit: " + p.Unit + "."
}

// Meaning is the description of the input in the table's own words.
func (p *Property) Meaning() string { return strings.TrimSpace(p.Description + " " + p.Usage) }

// Doc is the description of the input for the schema: the table's words and what follows from its columns.
func (p *Property) Doc() string {
	parts := []string{p.OutputDoc()}
	if p.Usage != "" {
		parts = append(parts, p.Usage)
	}
	if p.Type == input.Integer && len(p.Allowed) == 0 && p.Max > 0 {
		parts = append(parts, fmt.Sprintf("Range: %d to %d.", p.Min, p.Max))
	}
	if p.SubscriptionOnly {
		parts = append(parts, "Valid only with `paymentType: Subscription`.")
	}
	switch p.Change {
	case Replace:
		parts = append(parts, "A change replaces a connected instance: "+p.ReplaceReason+".")
	case Order:
		parts = append(parts, "A change is an order, paid at once.")
		if p.NoDowngrade {
			parts = append(parts, "KMS documents no way down.")
		}
	case InPlace, Renewal:
		parts = append(parts, "Changed in place.")
	}
	return strings.Join(parts, " ")
}

// SizeNames are the names of the inputs that are ordered.
func SizeNames() []string {
	var names []string
	for _, prop := range Properties {
		if prop.Code != "" {
			names = append(names, prop.Name)
		}
	}
	return names
}
