package cloud

import (
	"context"
	"time"
)

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
	ProductVersion        string
	ProductType           string
	SaleStatus            string
	Spec                  *int
	KeyNum                *int
	SecretNum             *int
	VpcNum                *int
	Log                   *string
	LogStorage            *int
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

// Renewal is the renewal setting that QueryAvailableInstances reports. Period and Unit are zero unless Status is
// AutoRenewal.
type Renewal struct {
	Status string
	Period int
	Unit   string // "M" or "Y"
}

// Order is an order to BSS (CreateInstance or ModifyInstance). Parameters holds every query parameter of the call but
// the client token, as it goes over the wire, so that an order can be recorded and repeated to the letter.
type Order struct {
	ClientToken string
	Parameters  map[string]string
}

// OrderResult is the answer to an order. InstanceID is empty for ModifyInstance.
type OrderResult struct {
	InstanceID string
	OrderID    string
	RequestID  string
}

// InstanceOrder describes the purchase of an instance. Nil and empty fields are not sent.
type InstanceOrder struct {
	Region            string
	PaymentType       PaymentType
	ProductVersion    string
	Spec              *int
	KeyNum            *int
	SecretNum         *int
	VpcNum            *int
	Log               *string
	LogStorage        *int
	Period            int    // months; Subscription only
	RenewalStatus     string // AutoRenewal or ManualRenewal; Subscription only
	RenewPeriodMonths int    // with AutoRenewal only
}

// SizeOrder describes a change of sizes: only the codes that change, with their new values.
type SizeOrder struct {
	InstanceID  string
	PaymentType PaymentType
	Codes       map[string]string // e.g. KeyNum: "2000"
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

// Retry is what a retry notice says: the call failed with Err and is tried again after Wait.
type Retry struct {
	Action  string
	Attempt int
	Wait    time.Duration
	Err     error
}

type retryNoticeKey struct{}

// WithRetryNotice returns a context whose calls report each retry to notice, so that a user can see why they wait.
func WithRetryNotice(ctx context.Context, notice func(Retry)) context.Context {
	return context.WithValue(ctx, retryNoticeKey{}, notice)
}

func noticeRetry(ctx context.Context, r Retry) {
	if notice, ok := ctx.Value(retryNoticeKey{}).(func(Retry)); ok {
		notice(r)
	}
}
