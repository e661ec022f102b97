package emulator

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// cloud is the state behind the APIs: what would be lost if the emulator forgot it. It is guarded by Server.mu.
type cloud struct {
	opts      Options
	ca        string // the certificate chain of connected instances
	instances map[string]*Instance
	orders    []Order
	tokens    map[string]tokenResult
	networks  map[string]*Network // by VPC
	orderSeq  int64
	totals    Totals
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
	return cloud{
		opts:      opts,
		ca:        ca,
		instances: map[string]*Instance{},
		tokens:    map[string]tokenResult{},
		networks:  map[string]*Network{},
		orderSeq:  210000000000000,
	}
}

// catchUp brings an instance to the state that it has reached by now. Looking is what moves time here.
func (c *cloud) catchUp(i *Instance, now time.Time) {
	if i.Status == StatusConnecting && !i.ConnectedAt.IsZero() && !now.Before(i.ConnectedAt) {
		i.Status = StatusConnected
		if i.ConnectsTo != "" {
			i.Status = i.ConnectsTo
		}
		if i.Status == StatusConnected && i.CACertificateChainPEM == "" {
			i.CACertificateChainPEM = c.ca
		}
		if i.Status == StatusConnected && c.opts.StateInvalid > 0 {
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
			c.order(Order{
				Kind: "RefundInstance", InstanceID: i.ID, AccountID: i.AccountID, Time: i.GoneAt, Amount: -i.RefundDue,
			})
		}
	}
	if i.Gone {
		return
	}
	for i.expired(now) && i.Renewal.Status == AutoRenewal && !i.leaving() {
		months := i.Renewal.Period
		if i.Renewal.Unit == "Y" {
			months *= 12
		}
		c.order(Order{
			Kind: autoRenewalOrder, InstanceID: i.ID, AccountID: i.AccountID, Time: i.EndDate,
			Amount: months * monthlyPrice(i.paidSizes()),
		})
		i.extend(i.EndDate, months)
	}
	if i.expired(now) {
		i.SaleStatus = saleExpired
		if i.Status == StatusConnected {
			i.Status = StatusDisconnected
		}
		if !now.Before(i.EndDate.Add(releasedAfterExpiry)) {
			i.Gone = true
		}
	}
}

const (
	saleNormal  = "Normal"
	saleExpired = "Expired"

	// An expired subscription is released on the 16th day after it ended.
	releasedAfterExpiry = 15 * 24 * time.Hour
)

// order books an order and returns its number.
func (c *cloud) order(o Order) int64 {
	c.orderSeq++
	o.ID = strconv.FormatInt(c.orderSeq, 10)
	c.orders = append(c.orders, o)
	switch o.Kind {
	case "CreateInstance":
		c.totals.Orders++
	case "ModifyInstance":
		c.totals.Modifications++
	case "RenewInstance", autoRenewalOrder:
		c.totals.Renewals++
	case "RefundInstance":
		c.totals.Refunds++
	}
	if o.Amount >= 0 {
		c.totals.Paid += o.Amount
	} else {
		c.totals.Refunded -= o.Amount
	}
	return c.orderSeq
}

// catchUpAll brings every instance up to now, so that whatever was paid or paid back meanwhile is booked, in the order in
// which the instances were bought.
func (c *cloud) catchUpAll(now time.Time) {
	for _, i := range c.sorted() {
		c.catchUp(i, now)
	}
}

// sorted returns every instance, oldest first.
func (c *cloud) sorted() []*Instance {
	return slices.SortedFunc(maps.Values(c.instances), (*Instance).compare)
}

// find returns an instance as KMS sees it: of this account and region, visible and not gone. Nil if there is none.
func (c *cloud) find(id, account, region string, now time.Time) *Instance {
	i := c.findAnywhere(id, account, now)
	if i == nil || i.Region != region || now.Before(i.VisibleAt) {
		return nil
	}
	return i
}

// listed returns an instance as BSS sees it: of this account, in any region, as soon as BSS knows it.
func (c *cloud) listed(id, account string, now time.Time) *Instance {
	if i := c.findAnywhere(id, account, now); i != nil && !now.Before(i.ListedAt) {
		return i
	}
	return nil
}

// findAnywhere returns an instance of this account, in any region, from the order on.
func (c *cloud) findAnywhere(id, account string, now time.Time) *Instance {
	i, ok := c.instances[id]
	if !ok || i.AccountID != account {
		return nil
	}
	c.catchUp(i, now)
	if i.Gone {
		return nil
	}
	return i
}

// visible returns the instances that KMS lists for an account and region, oldest first.
func (c *cloud) visible(account, region string, now time.Time) []*Instance {
	return slices.DeleteFunc(c.sorted(), func(i *Instance) bool { return c.find(i.ID, account, region, now) == nil })
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
	i.ProductType = cmp.Or(i.ProductType, productType(i.PaymentType, c.opts.Site))
	i.SaleStatus = cmp.Or(i.SaleStatus, saleNormal)
	if i.Sizes == (Sizes{}) {
		i.Sizes = defaultSizes(i.PaymentType, "3")
	}
	i.ProductVersion = cmp.Or(i.ProductVersion, "3")
	if i.PaymentType == Subscription {
		i.Renewal.Status = cmp.Or(i.Renewal.Status, ManualRenewal)
	}
	if err := c.checkSeed(i); err != nil {
		return Instance{}, err
	}
	if i.CreateTime.IsZero() {
		i.CreateTime = now.Truncate(time.Second)
	}
	if i.StartDate.IsZero() {
		i.StartDate = i.CreateTime
	}
	if i.EndDate.IsZero() {
		i.EndDate = endOfPayAsYouGo
		if i.PaymentType == Subscription {
			i.EndDate = endOfTerm(i.StartDate, 1)
		}
	}
	if i.Status != StatusUninitialized {
		i.VpcID = cmp.Or(i.VpcID, "vpc-seeded")
		if len(i.VSwitchIDs) == 0 {
			i.VSwitchIDs = []string{"vsw-seeded"}
		}
		if len(i.ZoneIDs) == 0 {
			i.ZoneIDs = someZones(i.Region)
		}
	}
	if i.Status == StatusConnected {
		i.CACertificateChainPEM = cmp.Or(i.CACertificateChainPEM, c.ca)
	}
	kept := i.copy()
	c.instances[i.ID] = &kept
	return i, nil
}

func (c *cloud) checkSeed(i Instance) error {
	switch _, exists := c.instances[i.ID]; {
	case exists:
		return fmt.Errorf("there is already an instance %s", i.ID)
	case !slices.Contains(c.opts.Regions, i.Region):
		return fmt.Errorf("region %s is not emulated; there are %s", i.Region, strings.Join(c.opts.Regions, ", "))
	case i.PaymentType != Subscription && i.PaymentType != PayAsYouGo:
		return fmt.Errorf("payment type %q is unknown; give %s or %s", i.PaymentType, Subscription, PayAsYouGo)
	}
	if i.Renewal.Status != "" {
		if err := i.Renewal.check(); err != nil {
			return err
		}
	}
	return checkStatus(i.Status)
}

// endOfPayAsYouGo is the EndDate of an instance that has none: far away.
var endOfPayAsYouGo = time.Date(2099, 12, 31, 16, 0, 0, 0, time.UTC)

func someZones(region string) []string {
	dash := ""
	if strings.HasPrefix(region, "cn-") {
		dash = "-"
	}
	return []string{region + dash + "j", region + dash + "k"}
}

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
