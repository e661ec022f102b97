package kmsinstance

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

// provisionalPrefix starts the id of a resource whose order never got an answer; the client token follows.
const provisionalPrefix = "order:"

// replayWindow is how long an unanswered order may be repeated with its token. How long BSS remembers a token is not
// documented; an hour is well within what other products keep.
const replayWindow = time.Hour

func provisionalID(token string) string { return provisionalPrefix + token }

func isProvisional(id string) bool { return strings.HasPrefix(id, provisionalPrefix) }

// isInstanceID tells an instance id (kst-...) from a mistyped one.
func isInstanceID(id string) bool { return isID("kst-", id) }

func newPending(o cloud.Order, now time.Time) *PendingOrder {
	return &PendingOrder{
		ClientToken: o.ClientToken,
		RequestedAt: stamp(now),
		Parameters:  maps.Clone(o.Parameters),
	}
}

// order is the recorded order, to the letter.
func (p PendingOrder) order() cloud.Order {
	return cloud.Order{ClientToken: p.ClientToken, Parameters: maps.Clone(p.Parameters)}
}

// isPurchase tells a purchase from an order of sizes.
func (p PendingOrder) isPurchase() bool {
	_, modifies := p.Parameters["ModifyType"]
	return !modifies
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func (p PendingOrder) requestedAt() time.Time {
	t, err := time.Parse(time.RFC3339, p.RequestedAt)
	if err != nil {
		return time.Time{}
	}
	return t
}

// age is how old the order's client token is.
func (p PendingOrder) age() time.Duration { return time.Since(p.requestedAt()) }

// tried notes that the order is sent once more, or that its last try is over: it may be carried out now and not when it was sent
// first. Seconds do not matter.
func (p *PendingOrder) tried(now time.Time) {
	if now.Sub(p.lastTry()) > triesTogether {
		at := stamp(now)
		p.RepeatedAt = &at
	}
}

// triesTogether is how close tries of an order may be to count as one.
const triesTogether = 10 * time.Second

// within bounds the tries of an order that is sent again by the time for which its token is trusted.
func (p PendingOrder) within(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithDeadline(ctx, p.requestedAt().Add(replayWindow))
}

// lastTry is when the order was sent last.
func (p PendingOrder) lastTry() time.Time {
	if t, err := time.Parse(time.RFC3339, text(p.RepeatedAt)); err == nil {
		return t
	}
	return p.requestedAt()
}

// mayStillAppear tells whether the order was sent so recently that what it bought may be about to appear.
func (p PendingOrder) mayStillAppear() bool { return time.Since(p.lastTry()) < visibleWithin }

// codes are the properties of the instance that the recorded order asks for, by their codes.
func (p PendingOrder) codes() map[string]string {
	m := map[string]string{}
	for key, code := range p.Parameters {
		if n, ok := strings.CutPrefix(key, "Parameter."); ok && strings.HasSuffix(n, ".Code") {
			m[code] = p.Parameters["Parameter."+strings.TrimSuffix(n, ".Code")+".Value"]
		}
	}
	return m
}

// region is the region that the recorded order is for, or "" if it does not say.
func (p PendingOrder) region() string { return p.codes()["Region"] }

// sizes are those of them that an instance shows.
func (p PendingOrder) sizes() map[string]string {
	m := p.codes()
	maps.DeleteFunc(m, func(code, _ string) bool { return !isSize(code) })
	return m
}

func isSize(code string) bool {
	return code != "" && slices.ContainsFunc(Properties, func(prop Property) bool { return prop.Code == code })
}

// expected are the sizes that the instance should show in the end: those of this order and of accepted ones before it.
func (p PendingOrder) expected() map[string]string {
	m := maps.Clone(p.Accepted)
	if m == nil {
		m = map[string]string{}
	}
	maps.Copy(m, p.sizes())
	return m
}

// accepted are those of them that Alibaba Cloud has taken an order for. An instance is there because its own order was taken.
func (p PendingOrder) accepted() map[string]string {
	if p.OrderID == nil && !p.isPurchase() {
		return p.Accepted
	}
	return p.expected()
}

// fulfilled tells whether the instance shows what was ordered. A log storage that was bought with the instance counts as there
// if the cloud does not report any.
func (p PendingOrder) fulfilled(i cloud.Instance) bool {
	expected := p.expected()
	if p.isPurchase() && i.LogStorage == nil {
		delete(expected, "LogStorage")
	}
	return shown(expected, i)
}

// takenBack tells whether the program no longer wants what was ordered long ago and never shown, but what the instance shows.
// Whether a log storage is shown at all is not known.
func (p PendingOrder) takenBack(want map[string]string, i cloud.Instance) bool {
	if p.OrderID == nil || time.Since(p.lastTry()) < sizesShownWithin {
		return false
	}
	current := sizes(i)
	for code := range p.expected() {
		if value, given := want[code]; code == "LogStorage" || given && value != current[code] {
			return false
		}
	}
	return true
}

// before is what stays recorded if the order comes to nothing: the sizes that were accepted before it, by the last order of them.
// It is nil if there are none.
func (p PendingOrder) before(order *string) *PendingOrder {
	if len(p.Accepted) == 0 || order == nil {
		return nil
	}
	accepted := cloud.NewSizeOrder(cloud.SizeOrder{
		InstanceID: p.Parameters["InstanceId"], PaymentType: cloud.PaymentType(p.Parameters["SubscriptionType"]), Codes: p.Accepted,
	}, "")
	accepted.Parameters["ProductType"] = p.Parameters["ProductType"]
	return &PendingOrder{OrderID: order, RequestedAt: p.RequestedAt, Parameters: accepted.Parameters, AccountID: p.AccountID}
}

// sizeToken is the client token of an order of sizes. It follows from the instance, the last order that is known of and the
// sizes, so that a run after a crash between order and checkpoint repeats the order instead of placing a second one.
func sizeToken(id, lastOrder string, codes map[string]string) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%s\n", id, lastOrder)
	for _, code := range slices.Sorted(maps.Keys(codes)) {
		fmt.Fprintf(h, "%s=%s\n", code, codes[code])
	}
	return "pulumi-" + hex.EncodeToString(h.Sum(nil)[:16])
}
