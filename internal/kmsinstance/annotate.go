package kmsinstance

import (
	_ "embed"
	"reflect"
	"strings"

	"github.com/pulumi/pulumi-go-provider/infer"
)

//go:embed kmsinstance.md
var resourceDoc string

// Annotate names and describes the resource.
func (r *Resource) Annotate(a infer.Annotator) {
	a.Describe(&r, resourceDoc)
	a.SetToken("index", "KmsInstance")
}

// Annotate describes the inputs from the table of properties.
func (args *Args) Annotate(a infer.Annotator) {
	describeFields(a, args, func(name string) string { return propertyByName[name].Doc() })
	a.SetDefault(&args.PaymentType, Subscription)
}

// Annotate describes the outputs from the tables of properties and outputs.
func (s *State) Annotate(a infer.Annotator) { describeFields(a, s, outputDoc) }

// describeFields describes each field of a struct by its name for users.
func describeFields(a infer.Annotator, pointer any, doc func(name string) string) {
	v := reflect.ValueOf(pointer).Elem()
	for _, field := range reflect.VisibleFields(v.Type()) {
		if name, _, _ := strings.Cut(field.Tag.Get("pulumi"), ","); name != "" {
			a.Describe(v.FieldByIndex(field.Index).Addr().Interface(), doc(name))
		}
	}
}

// Annotate describes the fields of a bound VPC.
func (v *BindVpc) Annotate(a infer.Annotator) {
	a.Describe(&v, "A further VPC from which the instance can be reached.")
	a.Describe(&v.VpcID, "The id of the VPC. Each VPC can be bound once.")
	a.Describe(&v.VswitchID, "The id of a vSwitch of that VPC.")
	a.Describe(&v.RegionID, "The region of the VPC: the provider's, also when left out.")
	a.Describe(&v.VpcOwnerID, "The id of the account that owns the VPC, as a string of digits. Left out, it matches any owner. "+
		"The vSwitch of another account must be shared with this one first. `getCallerIdentity` tells one's own.")
}

// Annotate describes the fields of an order.
func (p *PendingOrder) Annotate(a infer.Annotator) {
	a.Describe(&p, "An order that was accepted and that the instance may not show yet.")
	a.Describe(&p.OrderID, "The id of the order.")
	a.Describe(&p.AcceptedAt, "When it was accepted, in UTC; of a purchase, since when the instance is connected. Its sizes count as there for an hour.")
	a.Describe(&p.Sizes, "The ordered sizes by their order code.")
}

// EnumDescriptions say what each enum is about. The provider puts them into the schema, since infer takes none.
var EnumDescriptions = map[string]string{
	"PaymentType":       "How an instance is paid.",
	"ProductVersion":    "The edition of an instance.",
	"LogSwitch":         "Whether an instance writes an audit log.",
	"RenewStatus":       "What happens when a subscription ends.",
	"RenewalPeriodUnit": "The unit of a renewal period.",
}

// outputDoc describes an output, one that mirrors an input in the words of the table.
func outputDoc(name string) string {
	if prop, ok := propertyByName[name]; ok {
		return prop.OutputDoc()
	}
	for _, o := range Outputs {
		if o.Name == name {
			return o.Description
		}
	}
	return ""
}
