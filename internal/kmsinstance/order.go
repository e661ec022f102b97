package kmsinstance

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

// An order of an instance or of sizes is in one of two situations: accepted, and the instance does not show its sizes yet
// (PendingOrder), or settled (nil). An order without an answer is never recorded: the client token of a purchase is used by one
// process only, and that of an order of sizes follows from what is recorded anyway (sizeToken).

// accepted is the record of an order that was accepted just now.
func accepted(orderID string, sizes map[string]string) *PendingOrder {
	p := &PendingOrder{Sizes: sizes}
	setText(&p.OrderID, orderID)
	p.countFrom(time.Now())
	return p
}

func (p *PendingOrder) countFrom(t time.Time) {
	at := stamp(t)
	p.AcceptedAt = &at
}

// counts tells whether the accepted sizes still count as there: for an hour, and until the instance is connected.
func (p *PendingOrder) counts(connected bool) bool {
	return p != nil && (!connected || time.Now().Before(p.until()))
}

// until is when the cloud's own answer counts again.
func (p *PendingOrder) until() time.Time { return parseTime(text(p.AcceptedAt)).Add(countsAsShown) }

// seeSizes takes over the sizes that an instance reports, and puts accepted ones over them. A size that is not reported stays as
// it is recorded. wasConnected says whether the instance had been seen connected before.
func (s *State) seeSizes(reported map[string]string, wasConnected bool) {
	p := s.PendingOrder
	if s.connected() && !wasConnected && p != nil {
		p.countFrom(time.Now())
	}
	s.set(reported)
	switch {
	case p == nil:
	case s.connected() && shows(reported, p.Sizes), !p.counts(s.connected()):
		s.PendingOrder = nil
	default:
		s.set(p.Sizes)
	}
}

// shows tells whether an instance reports sizes. One that it does not report cannot be waited for.
func shows(reported, sizes map[string]string) bool {
	for code, value := range sizes {
		if current, ok := reported[code]; ok && current != value {
			return false
		}
	}
	return true
}

// mayAppear tells whether the instance was ordered less than an hour ago and KMS has never shown it.
func (s *State) mayAppear() bool { return s.Status == nil && s.PendingOrder.counts(true) }

// sizeToken is the client token of an order of sizes. A run after a kill or a lost answer finds its own order again with it.
func sizeToken(id, lastOrder string, codes map[string]string) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%s\n", id, lastOrder)
	for _, code := range slices.Sorted(maps.Keys(codes)) {
		fmt.Fprintf(h, "%s=%s\n", code, codes[code])
	}
	return "pulumi-" + hex.EncodeToString(h.Sum(nil)[:16])
}

// orderSizes orders sizes, and waits until the instance shows them.
func (o *operation) orderSizes(ctx context.Context, codes map[string]string) error {
	order := cloud.Purchase{InstanceID: o.id, PaymentType: cloud.PaymentType(o.payment), Sizes: codes}
	order.ClientToken = sizeToken(o.id, text(o.state.LastOrderID), codes)
	o.progress.info("%s: ordering %s (client token %s)", o.id, o.describe(codes), order.ClientToken)
	done := o.progress.ordering(ctx, order.ClientToken)
	result, err := o.client.ModifyInstance(ctx, order)
	done()
	switch {
	case cloud.MayHaveTakenEffect(err):
		o.applied = true
		return fmt.Errorf("the order of %s got no answer and may have been placed: %w. The next `pulumi up` sends it again with the same "+
			"client token, so it is paid at most once", o.describe(codes), err)
	case err != nil:
		return fmt.Errorf("the order of %s was refused: %w", o.describe(codes), err)
	}
	o.applied = true
	o.progress.info("%s: order %s for %s is placed", o.id, result.OrderID, o.describe(codes))
	o.state.LastOrderID = &result.OrderID
	sizes := maps.Clone(codes)
	if p := o.state.PendingOrder; p.counts(true) {
		sizes = maps.Clone(p.Sizes)
		maps.Copy(sizes, codes)
	}
	o.state.PendingOrder = accepted(result.OrderID, sizes)
	o.state.set(codes)
	o.tellPaid(ctx, result.OrderID)
	return o.awaitSizes(ctx)
}

// awaitSizes waits until the instance shows the ordered sizes. If it does not in time, that is a warning: the order was accepted.
func (o *operation) awaitSizes(ctx context.Context) error {
	o.progress.enter("waiting for the ordered sizes")
	start := time.Now()
	return poll(ctx, o.progress, func() (bool, error) {
		if _, err := o.read(ctx); err != nil {
			return false, err
		}
		p := o.state.PendingOrder
		if p == nil {
			return true, nil
		}
		if time.Since(start) < sizesShown {
			return false, nil
		}
		o.progress.warning("%s: order %s (%s) was accepted, but the instance does not show it yet. Look at the order in the billing console. "+
			"After %s run `pulumi up --refresh`: it shows what the instance then has", o.id, text(p.OrderID), o.describe(p.Sizes),
			stamp(p.until()))
		return true, nil
	})
}

// tellPaid says what an order has cost. That it cannot be found out soon is no failure.
func (o *operation) tellPaid(ctx context.Context, orderID string) {
	ctx, cancel := context.WithTimeout(ctx, previewLook)
	defer cancel()
	if orderID == "" {
		return
	}
	amount, err := o.client.PaidFor(ctx, orderID)
	if err == nil && amount != "" {
		o.progress.info("%s: paid %s (order %s)", o.id, amount, orderID)
	}
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// parseTime reads a time of the cloud or of the record, the zero time if it is none.
func parseTime(text string) time.Time {
	t, _ := time.Parse(time.RFC3339, text)
	return t
}
