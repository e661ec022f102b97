package emulator

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"
)

// Statuses of a KMS instance.
const (
	StatusUninitialized = "Uninitialized"
	StatusConnecting    = "Connecting"
	StatusConnected     = "Connected"
	StatusDisconnected  = "Disconnected"
	StatusError         = "Error"
)

// Payment types, in the words of BSS.
const (
	Subscription = "Subscription"
	PayAsYouGo   = "PayAsYouGo"
)

// Renewal settings, in the words of BSS.
const (
	AutoRenewal   = "AutoRenewal"
	ManualRenewal = "ManualRenewal"
	NotRenewal    = "NotRenewal"
)

// Sizes are the attributes of an instance that an order sets.
type Sizes struct {
	ProductVersion string `json:"productVersion"`
	Spec           int    `json:"spec"`
	KeyNum         int    `json:"keyNum"`
	SecretNum      int    `json:"secretNum"`
	VpcNum         int    `json:"vpcNum"`
	Log            int    `json:"log"`        // 0 or 1
	LogStorage     int    `json:"logStorage"` // GB
}

// BindVpc is a further VPC that reaches the instance.
type BindVpc struct {
	VpcID      string `json:"vpcId"`
	VSwitchID  string `json:"vswitchId"`
	RegionID   string `json:"regionId"`
	VpcOwnerID string `json:"vpcOwnerId"` // digits
}

// Renewal is the renewal setting of a Subscription instance. Period and Unit count only with AutoRenewal.
type Renewal struct {
	Status string `json:"status"`
	Period int    `json:"period,omitempty"`
	Unit   string `json:"unit,omitempty"` // M or Y
}

// Instance is a KMS instance as the emulator keeps it.
type Instance struct {
	ID          string `json:"instanceId"`
	Name        string `json:"instanceName"`
	Region      string `json:"region"`
	AccountID   string `json:"accountId"`
	Status      string `json:"status"`
	PaymentType string `json:"paymentType"`
	ProductType string `json:"productType"`
	SaleStatus  string `json:"saleStatus"`
	OrderID     string `json:"orderId,omitempty"`

	Sizes `json:"sizes"`

	VpcID      string    `json:"vpcId"`
	VSwitchIDs []string  `json:"vswitchIds"`
	ZoneIDs    []string  `json:"zoneIds"`
	BindVpcs   []BindVpc `json:"bindVpcs"`

	DeletionProtection            bool              `json:"deletionProtection"`
	DeletionProtectionDescription string            `json:"deletionProtectionDescription,omitempty"`
	Tags                          map[string]string `json:"tags"`
	Renewal                       Renewal           `json:"renewal"`
	// SharedWith is the number of accounts that the instance is shared with. Each takes one of VpcNum, like a bound VPC.
	SharedWith int `json:"sharedWith,omitempty"`
	// UsedKeys and UsedSecrets are the numbers of keys and secrets in the instance.
	UsedKeys    int `json:"usedKeys,omitempty"`
	UsedSecrets int `json:"usedSecrets,omitempty"`
	// HasBackup allows a release without ForceDeleteWithoutBackup.
	HasBackup bool `json:"hasBackup,omitempty"`

	CreateTime time.Time `json:"createTime"`
	StartDate  time.Time `json:"startDate"`
	EndDate    time.Time `json:"endDate"`

	CACertificateChainPEM string `json:"caCertificateChainPem,omitempty"`

	// Gone is true once the instance vanished. Its record is kept for the journal's sake; ids are never used twice.
	Gone bool `json:"gone,omitempty"`

	underway
}

// underway is what an instance is on its way to. The admin API and the state file show it.
type underway struct {
	// VisibleAt is when KMS begins to know the instance, and ListedAt when BSS does; zero means from the order on.
	VisibleAt time.Time `json:"visibleAt,omitzero"`
	ListedAt  time.Time `json:"listedAt,omitzero"`
	// ConnectedAt is when an instance that is Connecting gets to ConnectsTo (empty means Connected); zero means never. A
	// fault may set ConnectsTo before the connection begins.
	ConnectedAt time.Time `json:"connectedAt,omitzero"`
	ConnectsTo  string    `json:"connectsTo,omitempty"`
	// ReadyAt is when an instance that has just become Connected accepts changes; see Options.StateInvalid.
	ReadyAt time.Time `json:"readyAt,omitzero"`
	// Ordered are the sizes that show from UpgradedAt on; nil if no upgrade is under way.
	Ordered    *Sizes    `json:"ordered,omitempty"`
	UpgradedAt time.Time `json:"upgradedAt,omitzero"`
	// GoneAt is when an instance that was refunded or released vanishes; zero if it was not.
	GoneAt time.Time `json:"goneAt,omitzero"`
	// RefundDue is paid back when the instance vanishes by itself; see FaultAutoRefund.
	RefundDue int `json:"refundDue,omitempty"`
	// NeverConnects is the outcome that a fault gave to an instance.
	NeverConnects bool `json:"neverConnects,omitempty"`
}

// ARN is the resource name that ListKmsInstances shows.
func (i *Instance) ARN() string {
	return fmt.Sprintf("acs:kms:%s:%s:keystore/%s", i.Region, i.AccountID, i.ID)
}

func (i *Instance) copy() Instance {
	c := *i
	c.VSwitchIDs = slices.Clone(i.VSwitchIDs)
	c.ZoneIDs = slices.Clone(i.ZoneIDs)
	c.BindVpcs = slices.Clone(i.BindVpcs)
	c.Tags = maps.Clone(i.Tags)
	if i.Ordered != nil {
		ordered := *i.Ordered
		c.Ordered = &ordered
	}
	return c
}

// usedVpcs is how much of VpcNum is in use. The instance's own VPC does not count.
func (i *Instance) usedVpcs() int { return len(i.BindVpcs) + i.SharedWith }

func (i *Instance) leaving() bool { return !i.GoneAt.IsZero() }

func (i *Instance) upgrading() bool { return i.Ordered != nil }

func (i *Instance) expired(now time.Time) bool {
	return i.PaymentType == Subscription && !now.Before(i.EndDate)
}

// paidSizes are the sizes that have been paid for: those of an upgrade that is still under way, too.
func (i *Instance) paidSizes() Sizes {
	if i.Ordered != nil {
		return *i.Ordered
	}
	return i.Sizes
}

// extend makes a subscription last so many months from a time on, and ends what its expiry did.
func (i *Instance) extend(from time.Time, months int) {
	i.EndDate = endOfTerm(from, months)
	if i.SaleStatus != saleExpired {
		return
	}
	i.SaleStatus = saleNormal
	if i.Status == StatusDisconnected {
		i.Status = StatusConnected
	}
}

// Patch is a change behind the clients' backs. Nil fields stay as they are; lists and maps replace the whole.
type Patch struct {
	Name                          *string           `json:"instanceName"`
	Status                        *string           `json:"status"`
	SaleStatus                    *string           `json:"saleStatus"`
	ProductType                   *string           `json:"productType"`
	ProductVersion                *string           `json:"productVersion"`
	Spec                          *int              `json:"spec"`
	KeyNum                        *int              `json:"keyNum"`
	SecretNum                     *int              `json:"secretNum"`
	VpcNum                        *int              `json:"vpcNum"`
	Log                           *int              `json:"log"`
	LogStorage                    *int              `json:"logStorage"`
	VpcID                         *string           `json:"vpcId"`
	VSwitchIDs                    []string          `json:"vswitchIds"`
	ZoneIDs                       []string          `json:"zoneIds"`
	BindVpcs                      []BindVpc         `json:"bindVpcs"`
	DeletionProtection            *bool             `json:"deletionProtection"`
	DeletionProtectionDescription *string           `json:"deletionProtectionDescription"`
	Tags                          map[string]string `json:"tags"` // reserved keys are allowed here
	Renewal                       *Renewal          `json:"renewal"`
	HasBackup                     *bool             `json:"hasBackup"`
	SharedWith                    *int              `json:"sharedWith"`
	UsedKeys                      *int              `json:"usedKeys"`
	UsedSecrets                   *int              `json:"usedSecrets"`
	StartDate                     *time.Time        `json:"startDate"`
	EndDate                       *time.Time        `json:"endDate"`
	Gone                          *bool             `json:"gone"`
}

// apply copies the fields that a patch has; they have the names of the instance's.
func (i *Instance) apply(p Patch) error {
	changed := *i
	from, to := reflect.ValueOf(p), reflect.ValueOf(&changed).Elem()
	for n := range from.NumField() {
		if value := from.Field(n); !value.IsNil() {
			to.FieldByName(from.Type().Field(n).Name).Set(reflect.Indirect(value))
		}
	}
	if p.Status != nil {
		// Whatever was under way no longer decides the status.
		changed.ConnectedAt, changed.ConnectsTo, changed.ReadyAt = time.Time{}, "", time.Time{}
	}
	if err := changed.check(); err != nil {
		return err
	}
	*i = changed.copy()
	return nil
}

// meet lets the faults that hit a call decide what becomes of its instance.
func (i *Instance) meet(outcomes []Fault, now time.Time) {
	for _, f := range outcomes {
		switch f.Kind {
		case FaultErrorStatus:
			i.ConnectsTo = StatusError
		case FaultNeverConnected:
			i.NeverConnects = true
		case FaultDelayedVisibility:
			i.VisibleAt = now.Add(f.seconds())
		case FaultAutoRefund:
			i.GoneAt = now.Add(f.seconds())
			i.VisibleAt = i.GoneAt
		}
	}
}

var statuses = []string{StatusUninitialized, StatusConnecting, StatusConnected, StatusDisconnected, StatusError}

func checkStatus(status string) error {
	if !slices.Contains(statuses, status) {
		return fmt.Errorf("status %q is unknown; a KMS instance has one of %v", status, statuses)
	}
	return nil
}

// check says what is wrong with an instance that a test makes or changes.
func (i *Instance) check() error {
	switch r := i.Renewal; {
	case r.Status == "" && i.PaymentType == PayAsYouGo:
	case !slices.Contains([]string{AutoRenewal, ManualRenewal, NotRenewal}, r.Status):
		return fmt.Errorf("renewal status %q is unknown; give %s, %s or %s", r.Status, AutoRenewal, ManualRenewal, NotRenewal)
	case r.Status == AutoRenewal && (r.Period < 1 || r.Unit != "M" && r.Unit != "Y"):
		return fmt.Errorf("%s needs a period and the unit M or Y", AutoRenewal)
	}
	return checkStatus(i.Status)
}
