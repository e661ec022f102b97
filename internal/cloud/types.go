package cloud

// PaymentType says how an instance is paid, in the words of BSS (`SubscriptionType`).
type PaymentType string

// The two payment types of a KMS instance.
const (
	Subscription PaymentType = "Subscription"
	PayAsYouGo   PaymentType = "PayAsYouGo"
)

// Site is the Alibaba Cloud site that an account belongs to. BSS answers `NotApplicable` on the wrong one.
type Site string

// The two sites, in the words of the `alicloud` provider's `accountType`. The zero value means "not known yet".
const (
	Domestic      Site = "Domestic"
	International Site = "International"
)

// Status values of a KMS instance as GetKmsInstance returns them.
const (
	StatusUninitialized = "Uninitialized"
	StatusConnecting    = "Connecting"
	StatusConnected     = "Connected"
	StatusDisconnected  = "Disconnected"
	StatusError         = "Error"
)

// Renewal settings of a Subscription instance, in the words of BSS.
const (
	AutoRenewal   = "AutoRenewal"
	ManualRenewal = "ManualRenewal"
	NotRenewal    = "NotRenewal"
)

// Instance is what GetKmsInstance says of an instance. A nil pointer means that the field was absent.
type Instance struct {
	ID                    string
	Name                  string
	Status                string
	PaymentType           PaymentType // from ChargeType: PREPAY, POSTPAY; empty if absent
	ProductType           string
	SaleStatus            string
	Sizes                 map[string]string // by order code, such as "KeyNum": "2000"; what is absent was not reported
	VpcID                 string
	VswitchIDs            []string
	ZoneIDs               []string
	BindVpcs              []BindVpc
	DeletionProtection    *bool
	CreateTime            string
	StartDate             string
	EndDate               string
	CACertificateChainPEM string
}

// BindVpc is one further VPC from which an instance can be reached.
type BindVpc struct {
	VpcID      string
	VswitchID  string
	RegionID   string
	VpcOwnerID string // digits; empty if not given
}

// InstanceRef is one row of ListKmsInstances.
type InstanceRef struct {
	ID  string
	ARN string
}

// ConnectRequest holds the network of ConnectKmsInstance, in the user's order.
type ConnectRequest struct {
	InstanceID string
	VpcID      string
	ZoneIDs    []string
	VswitchIDs []string
}

// Quota is how much an instance may hold of a kind of thing, and holds.
type Quota struct {
	ResourceType string // "key", "secret", "vpc", "qps"
	Quota        int
	Used         int
}

// Renewal is the renewal setting that QueryAvailableInstances reports. Period and Unit are zero unless Status is
// AutoRenewal.
type Renewal struct {
	Status string
	Period int
	Unit   string // "M" or "Y"
}

// Identity is the caller as STS GetCallerIdentity knows it.
type Identity struct {
	AccountID    string
	ARN          string
	IdentityType string
	PrincipalID  string
	UserID       string
	RoleID       string
}
