package kmsinstance

import (
	_ "embed"

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
	for field, name := range map[any]string{
		&args.VpcID: "vpcId", &args.ZoneIDs: "zoneIds", &args.VswitchIDs: "vswitchIds", &args.PaymentType: "paymentType",
		&args.ProductVersion: "productVersion", &args.Spec: "spec", &args.KeyNum: "keyNum", &args.SecretNum: "secretNum",
		&args.VpcNum: "vpcNum", &args.Log: "log", &args.LogStorage: "logStorage", &args.Period: "period",
		&args.RenewStatus: "renewStatus", &args.RenewPeriod: "renewPeriod", &args.RenewalPeriodUnit: "renewalPeriodUnit",
		&args.BindVpcs: "bindVpcs", &args.InstanceName: "instanceName", &args.DeletionProtection: "deletionProtection",
		&args.ForceDeleteWithoutBackup: "forceDeleteWithoutBackup", &args.Tags: "tags",
	} {
		a.Describe(field, propertyByName[name].Doc())
	}
	a.SetDefault(&args.PaymentType, Subscription)
}

// Annotate describes the outputs: those that mirror an input from the table, the others here.
func (s *State) Annotate(a infer.Annotator) {
	for field, name := range map[any]string{
		&s.VpcID: "vpcId", &s.ZoneIDs: "zoneIds", &s.VswitchIDs: "vswitchIds", &s.PaymentType: "paymentType",
		&s.ProductVersion: "productVersion", &s.Spec: "spec", &s.KeyNum: "keyNum", &s.SecretNum: "secretNum",
		&s.VpcNum: "vpcNum", &s.Log: "log", &s.LogStorage: "logStorage", &s.Period: "period",
		&s.RenewStatus: "renewStatus", &s.RenewPeriod: "renewPeriod", &s.RenewalPeriodUnit: "renewalPeriodUnit",
		&s.BindVpcs: "bindVpcs", &s.InstanceName: "instanceName", &s.DeletionProtection: "deletionProtection",
		&s.ForceDeleteWithoutBackup: "forceDeleteWithoutBackup", &s.Tags: "tags",
	} {
		a.Describe(field, outputDoc(name))
	}
	for field, name := range map[any]string{
		&s.InstanceID: "instanceId", &s.Status: "status", &s.CreateTime: "createTime", &s.StartDate: "startDate", &s.EndDate: "endDate",
		&s.CaCertificateChainPem: "caCertificateChainPem", &s.Endpoint: "endpoint", &s.Arn: "arn", &s.ProductType: "productType",
		&s.SaleStatus: "saleStatus", &s.LastOrderID: "lastOrderId", &s.PendingOrder: "pendingOrder",
	} {
		a.Describe(field, outputDoc(name))
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

// Annotate describes the fields of a recorded order.
func (p *PendingOrder) Annotate(a infer.Annotator) {
	a.Describe(&p, "An order as it was sent, complete enough to repeat it to the letter.")
	a.Describe(&p.ClientToken, "The client token, with which Alibaba Cloud tells a repeated order from a second one.")
	a.Describe(&p.RequestedAt, "When the order was first sent, in UTC.")
	a.Describe(&p.RepeatedAt, "When it was tried last, in UTC, if that was later than at first.")
	a.Describe(&p.Parameters, "The parameters of the order.")
	a.Describe(&p.AccountID, "The id of the account that the order was sent for, as far as it could be found out. Only there is it repeated.")
	a.Describe(&p.OrderID, "The id of the order, once it has been answered.")
	a.Describe(&p.Accepted, "Sizes of earlier orders that were accepted and that the instance does not show yet, by their code.")
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
