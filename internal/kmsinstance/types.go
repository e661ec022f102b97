package kmsinstance

import "github.com/pulumi/pulumi-go-provider/infer"

// Args are the inputs of KmsInstance. Check has seen to it that they obey the rules of [Properties].
type Args struct {
	VpcID       string       `pulumi:"vpcId"`
	ZoneIDs     []string     `pulumi:"zoneIds"`
	VswitchIDs  []string     `pulumi:"vswitchIds"`
	PaymentType *PaymentType `pulumi:"paymentType,optional"`
	Sizes
	RenewalSetting
	Settings
}

// Sizes are what is bought of an instance, and can be bought later.
type Sizes struct {
	ProductVersion *ProductVersion `pulumi:"productVersion,optional"`
	Spec           *int            `pulumi:"spec,optional"`
	KeyNum         *int            `pulumi:"keyNum,optional"`
	SecretNum      *int            `pulumi:"secretNum,optional"`
	VpcNum         *int            `pulumi:"vpcNum,optional"`
	Log            *LogSwitch      `pulumi:"log,optional"`
	LogStorage     *int            `pulumi:"logStorage,optional"`
}

// RenewalSetting is what happens when a Subscription ends.
type RenewalSetting struct {
	RenewStatus       *RenewStatus       `pulumi:"renewStatus,optional"`
	RenewPeriod       *int               `pulumi:"renewPeriod,optional"`
	RenewalPeriodUnit *RenewalPeriodUnit `pulumi:"renewalPeriodUnit,optional"`
}

// Settings are the inputs that can be changed at any time, or that are only recorded.
type Settings struct {
	Period                   *int              `pulumi:"period,optional"`
	BindVpcs                 []BindVpc         `pulumi:"bindVpcs,optional"`
	InstanceName             *string           `pulumi:"instanceName,optional"`
	DeletionProtection       *bool             `pulumi:"deletionProtection,optional"`
	ForceDeleteWithoutBackup *bool             `pulumi:"forceDeleteWithoutBackup,optional"`
	Tags                     map[string]string `pulumi:"tags,optional"`
}

// Facts are what the cloud tells of an instance and no program decides.
type Facts struct {
	CreateTime            *string `pulumi:"createTime,optional"`
	StartDate             *string `pulumi:"startDate,optional"`
	EndDate               *string `pulumi:"endDate,optional"`
	CaCertificateChainPem *string `pulumi:"caCertificateChainPem,optional"`
	Arn                   *string `pulumi:"arn,optional"`
	ProductType           *string `pulumi:"productType,optional"`
	SaleStatus            *string `pulumi:"saleStatus,optional"`
}

// State is what the checkpoint holds of an instance. Every field is optional: half-created and imported instances lack
// some, and a required field would make them undeletable.
type State struct {
	VpcID       *string      `pulumi:"vpcId,optional"`
	ZoneIDs     []string     `pulumi:"zoneIds,optional"`
	VswitchIDs  []string     `pulumi:"vswitchIds,optional"`
	PaymentType *PaymentType `pulumi:"paymentType,optional"`
	Sizes
	RenewalSetting
	Settings
	Facts

	InstanceID   *string       `pulumi:"instanceId,optional"`
	Status       *string       `pulumi:"status,optional"`
	Endpoint     *string       `pulumi:"endpoint,optional"`
	Declared     []string      `pulumi:"declared,optional"`
	LastOrderID  *string       `pulumi:"lastOrderId,optional"`
	PendingOrder *PendingOrder `pulumi:"pendingOrder,optional"`
}

// BindVpc is one further VPC from which the instance can be reached.
type BindVpc struct {
	VpcID      string  `pulumi:"vpcId"`
	VswitchID  string  `pulumi:"vswitchId"`
	RegionID   *string `pulumi:"regionId,optional"`
	VpcOwnerID *string `pulumi:"vpcOwnerId,optional"`
}

// PendingOrder is an order that was accepted and that the instance may not show yet. See order.go.
type PendingOrder struct {
	OrderID    *string           `pulumi:"orderId,optional"`
	AcceptedAt *string           `pulumi:"acceptedAt,optional"`
	Sizes      map[string]string `pulumi:"sizes,optional"`
}

// The enums. Values lists the values of each for the schema.
type (
	// PaymentType says how the instance is paid.
	PaymentType string
	// ProductVersion is the edition of the instance.
	ProductVersion string
	// LogSwitch turns the audit log of the instance on or off.
	LogSwitch string
	// RenewStatus says what happens when a Subscription ends.
	RenewStatus string
	// RenewalPeriodUnit is the unit of renewPeriod.
	RenewalPeriodUnit string
)

// The values of the enums. There are further editions, which need an HSM cluster.
const (
	Subscription PaymentType = "Subscription"
	PayAsYouGo   PaymentType = "PayAsYouGo"

	Software      ProductVersion = "3"
	SmallSoftware ProductVersion = "5"

	LogOff LogSwitch = "0"
	LogOn  LogSwitch = "1"

	AutoRenewal   RenewStatus = "AutoRenewal"
	ManualRenewal RenewStatus = "ManualRenewal"
	NotRenewal    RenewStatus = "NotRenewal"

	Month RenewalPeriodUnit = "M"
	Year  RenewalPeriodUnit = "Y"
)

// Values lists the payment types for the schema.
func (PaymentType) Values() []infer.EnumValue[PaymentType] {
	return []infer.EnumValue[PaymentType]{
		{Name: "Subscription", Value: Subscription, Description: "Prepaid for a number of months; charged when the order is placed."},
		{Name: "PayAsYouGo", Value: PayAsYouGo, Description: "Postpaid; billed daily."},
	}
}

// Values lists the editions for the schema.
func (ProductVersion) Values() []infer.EnumValue[ProductVersion] {
	return []infer.EnumValue[ProductVersion]{
		{Name: "Software", Value: Software, Description: "Software key management."},
		{Name: "SmallSoftware", Value: SmallSoftware, Description: "Software key management, small edition."},
	}
}

// Values lists the positions of the switch for the schema.
func (LogSwitch) Values() []infer.EnumValue[LogSwitch] {
	return []infer.EnumValue[LogSwitch]{
		{Name: "Off", Value: LogOff, Description: "No audit log."},
		{Name: "On", Value: LogOn, Description: "The instance writes an audit log; logStorage says how much of it is kept."},
	}
}

// Values lists the renewal settings for the schema.
func (RenewStatus) Values() []infer.EnumValue[RenewStatus] {
	return []infer.EnumValue[RenewStatus]{
		{Name: "AutoRenewal", Value: AutoRenewal, Description: "Renewed by itself for renewPeriod; needs renewPeriod."},
		{Name: "ManualRenewal", Value: ManualRenewal, Description: "Renewed by hand; Alibaba Cloud reminds the owner before the end."},
		{Name: "NotRenewal", Value: NotRenewal, Description: "Not renewed; no reminder but one before the end."},
	}
}

// Values lists the units for the schema.
func (RenewalPeriodUnit) Values() []infer.EnumValue[RenewalPeriodUnit] {
	return []infer.EnumValue[RenewalPeriodUnit]{
		{Name: "Month", Value: Month, Description: "Months."},
		{Name: "Year", Value: Year, Description: "Years."},
	}
}
