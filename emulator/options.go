package emulator

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// The credential that a Server knows when Options.Credentials is empty. It belongs to a RAM user of DefaultAccountID.
const (
	DefaultAccessKeyID     = "emulator-access-key"
	DefaultAccessKeySecret = "emulator-secret-key"
	DefaultAccountID       = "1234567890123456"
	DefaultRegion          = "cn-hangzhou"
)

// The two sites of Alibaba Cloud; an account belongs to one of them and can order only its product types.
const (
	SiteDomestic      = "Domestic"
	SiteInternational = "International"
)

// Credential is a long-lived access key that the emulator accepts.
type Credential struct {
	AccessKeyID string
	Secret      string
	// AccountID is the account that the key belongs to; empty means Options.AccountID. Accounts see only their own
	// instances.
	AccountID string
	// UserName is the RAM user that owns the key; empty means "emulator". The name "root" stands for the account
	// itself, which may not assume roles.
	UserName string
	// Inactive makes every call with this key fail with InvalidAccessKeyId.Inactive.
	Inactive bool
	// Deny lists actions (such as "ListTagResources", or "*") that this key may not call.
	Deny []string
}

// Options configures a Server. The zero value is a usable emulator without any delay.
type Options struct {
	// Regions are the regions that have a KMS endpoint here; the first is the main one. Default: cn-hangzhou.
	Regions []string
	// AccountID is the account of credentials that name none. Default: DefaultAccountID.
	AccountID string
	// Site is SiteDomestic (default) or SiteInternational.
	Site string
	// Credentials are the access keys that are accepted. Default: the documented pair.
	Credentials []Credential

	// OrderVisible is the time from an order until KMS knows the instance.
	OrderVisible time.Duration
	// OrderListed is the time from an order until BSS knows the instance: until then it lists no such instance, and
	// refuses orders about it.
	OrderListed time.Duration
	// Connect is the time from ConnectKmsInstance until the instance is Connected, and StateInvalid how long it refuses
	// changes after that with Forbidden.DKMSInstanceStateInvalid.
	Connect, StateInvalid time.Duration
	// Upgrade is the time from ModifyInstance until the new sizes show; until then changes are refused with
	// Forbidden.KMSInstanceInUpgrade.
	Upgrade time.Duration
	// NetworkAvailable is the time from CreateVpc or CreateVSwitch until the network is Available.
	NetworkAvailable time.Duration
	// Refund and Release are the times from RefundInstance and ReleaseKmsInstance until the instance is gone.
	Refund, Release time.Duration

	// VirtualClock stops the emulator's clock; only Advance moves it. Authentication always uses the real clock.
	VirtualClock bool
	// StateFile keeps instances, orders and totals over restarts. Empty: in memory only.
	StateFile string
	// Networks are VPCs that are there from the start, beside those of the examples.
	Networks []Network
	// UsedKeys and UsedSecrets are how many keys and secrets each bought instance has once it is Connected.
	UsedKeys, UsedSecrets int
	// NoVPCPermission answers every action of VPC with 403 Forbidden.RAM.
	NoVPCPermission bool
	// MixedOrders accepts an upgrade that lowers one size while it raises another. Which of the two the cloud does is not documented.
	MixedOrders bool
	// RateLimits applies the documented rates of KMS (per account and region) and answers 429 beyond them.
	RateLimits bool
	// NotFoundAsError makes GetKmsInstance answer an unknown id with 403 Forbidden.DKMSInstanceNotFound instead of
	// HTTP 200 with an empty InstanceId.
	NotFoundAsError bool
	// TokenMismatch is the code of an order whose client token came with other parameters before:
	// IdempotentParameterMismatch or Duplicated.ClientToken. Empty: it is answered like the first one, and buys nothing.
	TokenMismatch string
	// RefundRefusedIn are the statuses of an instance, such as Connecting and Error, in which a refund is refused.
	RefundRefusedIn []string
	// MaxSession shortens the temporary credentials that STS issues; 0 means that they last as long as asked for.
	MaxSession time.Duration
	// RequestLog receives one readable line for each call; nil means none.
	RequestLog io.Writer
}

// withDefaults fills what the options leave out, and refuses what makes no sense.
func (o Options) withDefaults() (Options, error) {
	o.AccountID, o.Site = cmp.Or(o.AccountID, DefaultAccountID), cmp.Or(o.Site, SiteDomestic)
	switch {
	case !digitsPattern.MatchString(o.AccountID):
		return o, fmt.Errorf("account id %q is not a number", o.AccountID)
	case o.Site != SiteDomestic && o.Site != SiteInternational:
		return o, fmt.Errorf("site %q is unknown: give %s or %s", o.Site, SiteDomestic, SiteInternational)
	case !slices.Contains([]string{"", "IdempotentParameterMismatch", "Duplicated.ClientToken"}, o.TokenMismatch):
		return o, fmt.Errorf("token mismatch %q is unknown; give IdempotentParameterMismatch or Duplicated.ClientToken", o.TokenMismatch)
	}
	for _, status := range o.RefundRefusedIn {
		if err := checkStatus(status); err != nil {
			return o, err
		}
	}
	if shortest := min(
		o.OrderVisible, o.OrderListed, o.Connect, o.StateInvalid, o.Upgrade, o.NetworkAvailable, o.Refund, o.Release, o.MaxSession,
	); shortest < 0 {
		return o, fmt.Errorf("the time %s is negative", shortest)
	}
	if err := o.chooseRegions(); err != nil {
		return o, err
	}
	return o, o.chooseCredentials()
}

func (o *Options) chooseRegions() error {
	if len(o.Regions) == 0 {
		o.Regions = []string{DefaultRegion}
	}
	for n, region := range o.Regions {
		switch {
		case !regionPattern.MatchString(region):
			return fmt.Errorf("%q is not a region id, such as %s", region, DefaultRegion)
		case slices.Contains(o.Regions[:n], region):
			return fmt.Errorf("region %s is given twice", region)
		}
	}
	return nil
}

func (o *Options) chooseCredentials() error {
	given := o.Credentials
	if len(given) == 0 {
		given = []Credential{{AccessKeyID: DefaultAccessKeyID, Secret: DefaultAccessKeySecret}}
	}
	o.Credentials = nil // the caller's list stays as it is
	for _, c := range given {
		c.AccountID, c.UserName = cmp.Or(c.AccountID, o.AccountID), cmp.Or(c.UserName, "emulator")
		switch {
		case c.AccessKeyID == "" || c.Secret == "":
			return errors.New("a credential needs an access key id and a secret")
		case slices.ContainsFunc(o.Credentials, func(other Credential) bool { return other.AccessKeyID == c.AccessKeyID }):
			return fmt.Errorf("access key %s is given twice", c.AccessKeyID)
		case !digitsPattern.MatchString(c.AccountID):
			return fmt.Errorf("account id %q of access key %s is not a number", c.AccountID, c.AccessKeyID)
		}
		o.Credentials = append(o.Credentials, c)
	}
	return nil
}
