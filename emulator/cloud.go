package emulator

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// cloud is the state behind the APIs. It is guarded by Server.mu.
type cloud struct {
	opts Options
	ca   string // the certificate chain of connected instances
	book
}

// book is what would be lost if the emulator forgot it: the content of a state file.
type book struct {
	Format    int                    `json:"format"`
	Clock     time.Time              `json:"clock"`
	Instances []*Instance            `json:"instances"` // oldest first
	Networks  []*Network             `json:"networks"`  // in the order of the VPC ids
	Orders    []Order                `json:"orders"`
	Tokens    map[string]tokenResult `json:"tokens"`
	OrderSeq  int64                  `json:"orderSequence"`
	Totals    Totals                 `json:"totals"`
}

// Totals are sums over all calls.
type Totals struct {
	// Calls counts every call to an API, refused ones too.
	Calls int `json:"calls"`
	// Orders counts instances bought.
	Orders int `json:"orders"`
	// Modifications counts upgrades ordered, Renewals paid extensions (by RenewInstance or by AutoRenewal).
	Modifications int `json:"modifications"`
	Renewals      int `json:"renewals"`
	Refunds       int `json:"refunds"`
	Releases      int `json:"releases"`
	// Replays counts orders that were answered from their client token and bought nothing.
	Replays int `json:"replays"`
	// Paid and Refunded are in whole units of the emulator's own money; see docs/emulator.md for its prices.
	Paid     int `json:"paid"`
	Refunded int `json:"refunded"`
}

// Order is one order that took effect.
type Order struct {
	ID         string            `json:"orderId"`
	Kind       string            `json:"kind"` // CreateInstance, ModifyInstance, RenewInstance, RefundInstance, AutoRenewal
	InstanceID string            `json:"instanceId"`
	AccountID  string            `json:"accountId"`
	Time       time.Time         `json:"time"`
	Amount     int               `json:"amount"` // negative for refunds
	Token      string            `json:"clientToken,omitempty"`
	Parameters map[string]string `json:"parameters,omitempty"`
}

// autoRenewalOrder is the kind of the orders that nobody places.
const autoRenewalOrder = "AutoRenewal"

// tokenResult is the answer that an order with a client token got, for the next call with that token.
type tokenResult struct {
	Parameters string    `json:"parameters"`
	InstanceID string    `json:"instanceId"`
	OrderID    int64     `json:"orderId"`
	Time       time.Time `json:"time"`
}

func newCloud(opts Options, ca string) cloud {
	return cloud{opts: opts, ca: ca, book: book{
		Format: stateFormat, Instances: []*Instance{}, Networks: []*Network{}, Orders: []Order{}, Tokens: map[string]tokenResult{},
		OrderSeq: 210000000000000,
	}}
}

// catchUp brings an instance to the state that it has reached by now. Looking is what moves time here.
func (c *cloud) catchUp(i *Instance, now time.Time) {
	if i.Status == StatusConnecting && !i.ConnectedAt.IsZero() && !now.Before(i.ConnectedAt) {
		i.Status = cmp.Or(i.ConnectsTo, StatusConnected)
		if i.Status == StatusConnected {
			i.CACertificateChainPEM = cmp.Or(i.CACertificateChainPEM, c.ca)
			i.ReadyAt = i.ConnectedAt.Add(c.opts.StateInvalid)
		}
		i.ConnectedAt, i.ConnectsTo = time.Time{}, ""
	}
	if i.Ordered != nil && !now.Before(i.UpgradedAt) {
		i.Sizes = *i.Ordered
		i.Ordered, i.UpgradedAt = nil, time.Time{}
	}
	if i.leaving() && !now.Before(i.GoneAt) && !i.Gone {
		i.Gone = true
		if i.RefundDue > 0 {
			c.order(Order{Kind: "RefundInstance", InstanceID: i.ID, AccountID: i.AccountID, Time: i.GoneAt, Amount: -i.RefundDue})
		}
	}
	if !i.Gone {
		c.endTerm(i, now)
	}
}

// endTerm renews a subscription that has ended and renews itself; any other one expires, and is released later.
func (c *cloud) endTerm(i *Instance, now time.Time) {
	for i.expired(now) && i.Renewal.Status == AutoRenewal && !i.leaving() {
		months := i.Renewal.Period
		if i.Renewal.Unit == "Y" {
			months *= 12
		}
		c.order(Order{
			Kind: autoRenewalOrder, InstanceID: i.ID, AccountID: i.AccountID, Time: i.EndDate, Amount: months * monthlyPrice(i.paidSizes()),
		})
		i.extend(i.EndDate, months)
	}
	if !i.expired(now) {
		return
	}
	i.SaleStatus = saleExpired
	if i.Status == StatusConnected {
		i.Status = StatusDisconnected
	}
	i.Gone = !now.Before(i.EndDate.Add(releasedAfterExpiry))
}

const (
	saleNormal  = "Normal"
	saleExpired = "Expired"

	// An expired subscription is released on the 16th day after it ended.
	releasedAfterExpiry = 15 * 24 * time.Hour
)

// order books an order and returns its number.
func (c *cloud) order(o Order) int64 {
	c.OrderSeq++
	o.ID = strconv.FormatInt(c.OrderSeq, 10)
	c.Orders = append(c.Orders, o)
	switch o.Kind {
	case "CreateInstance":
		c.Totals.Orders++
	case "ModifyInstance":
		c.Totals.Modifications++
	case "RenewInstance", autoRenewalOrder:
		c.Totals.Renewals++
	case "RefundInstance":
		c.Totals.Refunds++
	}
	c.Totals.Paid += max(0, o.Amount)
	c.Totals.Refunded += max(0, -o.Amount)
	return c.OrderSeq
}

// catchUpAll brings every instance up to now, so that whatever was paid or paid back meanwhile is booked, in the order in
// which the instances were bought.
func (c *cloud) catchUpAll(now time.Time) { c.instances(now, func(*Instance) bool { return true }) }

// add keeps a new instance.
func (c *cloud) add(i *Instance) {
	c.Instances = append(c.Instances, i)
	slices.SortStableFunc(c.Instances, func(a, b *Instance) int { return a.CreateTime.Compare(b.CreateTime) })
}

// instance returns the instance of an id, whether or not it is visible or gone; nil if there never was one.
func (c *cloud) instance(id string) *Instance {
	if n := slices.IndexFunc(c.Instances, func(i *Instance) bool { return i.ID == id }); n >= 0 {
		return c.Instances[n]
	}
	return nil
}

// instances returns the instances that a filter lets through, oldest first.
func (c *cloud) instances(now time.Time, keep func(*Instance) bool) []*Instance {
	var kept []*Instance
	for _, i := range c.Instances {
		if c.catchUp(i, now); keep(i) {
			kept = append(kept, i)
		}
	}
	return kept
}

// find returns an instance as KMS sees it: of this account and region, visible and not gone. Nil if there is none.
func (c *cloud) find(id, account, region string, now time.Time) *Instance {
	if i := c.instance(id); i != nil && c.visible(i, account, region, now) {
		return i
	}
	return nil
}

// visible says whether KMS shows an instance to an account in a region.
func (c *cloud) visible(i *Instance, account, region string, now time.Time) bool {
	c.catchUp(i, now)
	return !i.Gone && i.AccountID == account && i.Region == region && !now.Before(i.VisibleAt)
}

// listed says whether BSS shows an instance to an account: of any region, as soon as BSS knows it.
func (c *cloud) listed(i *Instance, account string, now time.Time) bool {
	c.catchUp(i, now)
	return !i.Gone && i.AccountID == account && !now.Before(i.ListedAt)
}

// monthlyPrice is an invention: a price that grows with every size, so that tests can see what was paid for.
func monthlyPrice(s Sizes) int {
	base := 500
	if s.ProductVersion == "5" {
		base = 150
	}
	return base + s.Spec/10 + s.KeyNum/10 + s.SecretNum/10 + 20*s.VpcNum + 50*s.Log + s.LogStorage/10
}

// monthsLeft is how many months of a subscription remain, the month under way included.
func monthsLeft(i *Instance, now time.Time) int {
	if !now.Before(i.EndDate) {
		return 0
	}
	months := 1
	for months < 1200 && endOfTerm(now, months).Before(i.EndDate) {
		months++
	}
	return months
}

// chinaTime is the time zone in which subscriptions end.
var chinaTime = time.FixedZone("China", 8*3600)

// endOfTerm is when a subscription of so many months ends: at the next midnight in China after the last month.
func endOfTerm(from time.Time, months int) time.Time {
	last := addMonths(from.In(chinaTime), months)
	midnight := time.Date(last.Year(), last.Month(), last.Day(), 0, 0, 0, 0, chinaTime)
	if midnight.Before(last) {
		midnight = midnight.AddDate(0, 0, 1)
	}
	return midnight.UTC()
}

// addMonths is the same day so many months later, or the last day of a month that is too short for it.
func addMonths(t time.Time, months int) time.Time {
	later := t.AddDate(0, months, 0)
	if later.Day() != t.Day() {
		later = later.AddDate(0, 0, -later.Day())
	}
	return later
}

func newInstanceID() string {
	return "kst-emu" + randomHex(8)
}

func randomHex(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b) // never fails: it ends the program instead
	return hex.EncodeToString(b)
}

// seed checks an instance that is to be put there and fills what it leaves out.
func (c *cloud) seed(i Instance, now time.Time) (Instance, error) {
	i.ID = cmp.Or(i.ID, newInstanceID())
	i.Name, i.Region, i.AccountID = cmp.Or(i.Name, i.ID), cmp.Or(i.Region, c.opts.Regions[0]), cmp.Or(i.AccountID, c.opts.AccountID)
	i.Status, i.PaymentType = cmp.Or(i.Status, StatusConnected), cmp.Or(i.PaymentType, Subscription)
	i.ProductType, i.SaleStatus = cmp.Or(i.ProductType, productType(i.PaymentType, c.opts.Site)), cmp.Or(i.SaleStatus, saleNormal)
	i.Sizes = cmp.Or(i.Sizes, defaultSizes(i.PaymentType, "3"))
	i.ProductVersion = cmp.Or(i.ProductVersion, "3")
	i.CreateTime = cmp.Or(i.CreateTime, now.Truncate(time.Second))
	i.StartDate = cmp.Or(i.StartDate, i.CreateTime)
	ends := endOfPayAsYouGo
	if i.PaymentType == Subscription {
		i.Renewal.Status = cmp.Or(i.Renewal.Status, ManualRenewal)
		ends = endOfTerm(i.StartDate, 1)
	}
	i.EndDate = cmp.Or(i.EndDate, ends)
	if err := c.checkSeed(i); err != nil {
		return Instance{}, err
	}
	if i.Status != StatusUninitialized {
		i.VpcID = cmp.Or(i.VpcID, "vpc-seeded")
		if len(i.VSwitchIDs) == 0 {
			i.VSwitchIDs = []string{"vsw-seeded"}
		}
		if len(i.ZoneIDs) == 0 {
			i.ZoneIDs = []string{zonePrefix(i.Region) + "j", zonePrefix(i.Region) + "k"}
		}
	}
	if i.Status == StatusConnected {
		i.CACertificateChainPEM = cmp.Or(i.CACertificateChainPEM, c.ca)
	}
	kept := i.copy()
	c.add(&kept)
	return i, nil
}

func (c *cloud) checkSeed(i Instance) error {
	switch {
	case c.instance(i.ID) != nil:
		return fmt.Errorf("there is already an instance %s", i.ID)
	case !slices.Contains(c.opts.Regions, i.Region):
		return fmt.Errorf("region %s is not emulated; there are %s", i.Region, strings.Join(c.opts.Regions, ", "))
	case i.PaymentType != Subscription && i.PaymentType != PayAsYouGo:
		return fmt.Errorf("payment type %q is unknown; give %s or %s", i.PaymentType, Subscription, PayAsYouGo)
	}
	return i.check()
}

// endOfPayAsYouGo is the EndDate of an instance that has none: far away.
var endOfPayAsYouGo = time.Date(2099, 12, 31, 16, 0, 0, 0, time.UTC)

// defaultSizes is what the emulator gives to an order that names no sizes.
func defaultSizes(paymentType, version string) Sizes {
	if paymentType == PayAsYouGo {
		return Sizes{ProductVersion: version}
	}
	if version == "5" {
		return Sizes{ProductVersion: version, Spec: 200, KeyNum: 100, VpcNum: 1}
	}
	return Sizes{ProductVersion: version, Spec: 1000, KeyNum: 1000, VpcNum: 1}
}

func productType(paymentType, site string) string {
	kind, suffix := "ddi", "cn"
	if paymentType == PayAsYouGo {
		kind = "ppi"
	}
	if site == SiteInternational {
		suffix = "intl"
	}
	return "kms_" + kind + "_public_" + suffix
}
