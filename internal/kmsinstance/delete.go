package kmsinstance

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pulumi/pulumi-go-provider/infer"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/guard"
)

// visibleWithin is how long after an order Delete waits for what it bought to appear, if its deadline leaves the time.
const visibleWithin = 5 * time.Minute

// Delete refunds a Subscription instance or releases a PayAsYouGo one, whichever the cloud says it is, and waits until it
// is gone. It never switches deletion protection off by itself.
func (r *Resource) Delete(ctx context.Context, req infer.DeleteRequest[State]) (infer.DeleteResponse, error) {
	client, err := r.connection.Client(ctx)
	if err != nil {
		return infer.DeleteResponse{}, err
	}
	urn := guard.FromContext(ctx).URN
	id := req.ID
	g := newProgress(ctx, id)
	if successor := r.purchases.unfinishedSuccessor(urn, id); successor != "" {
		return infer.DeleteResponse{}, fmt.Errorf("KMS instance %s is to be replaced by %s, which is not finished, so it stays, with all "+
			"keys and secrets in it: the `pulumi up` that finishes %s deletes it", id, successor, successor)
	}
	if err := r.checkPlace(ctx, client, id, req.State); err != nil {
		return infer.DeleteResponse{}, err
	}
	if isProvisional(id) {
		if id = text(req.State.InstanceID); id == "" {
			err := r.deleteUnresolved(ctx, client, g, req.State)
			if err == nil {
				r.purchases.forget(urn)
				r.purchases.ended(urn, id, nil)
			}
			return infer.DeleteResponse{}, err
		}
		g.id = id
	}
	ctx = g.watch(ctx)
	instance, err := r.findForDelete(ctx, client, g, id, req.State)
	if err != nil {
		return infer.DeleteResponse{}, fmt.Errorf("deleting KMS instance %s: %w", id, g.stopped(ctx, err))
	}
	if instance != nil {
		if err := r.remove(ctx, client, g, *instance, req.State); err != nil {
			return infer.DeleteResponse{}, fmt.Errorf("deleting KMS instance %s: %w", id, g.stopped(ctx, err))
		}
	}
	r.purchases.forget(urn)
	r.purchases.ended(urn, id, nil)
	return infer.DeleteResponse{}, nil
}

// deleteUnresolved gives up an order that got no answer, unless something that it may have bought exists.
func (r *Resource) deleteUnresolved(ctx context.Context, client *cloud.Client, g *progress, state State) error {
	if state.PendingOrder == nil {
		g.warning("the stack has lost the order behind this resource; check the order list in the billing console")
		return nil
	}
	pending := *state.PendingOrder
	found, err := r.awaitCandidates(ctx, client, g, pending)
	if err != nil {
		return fmt.Errorf("the order with client token %s got no answer, and looking for the instance it may have bought failed, so the "+
			"resource stays in the stack: %w", pending.ClientToken, g.stopped(ctx, err))
	}
	if len(found) > 0 {
		return fmt.Errorf("the order with client token %s got no answer, and these unconnected instances were bought since: %s. If one of them "+
			"is this order's, `pulumi up` within an hour of %s finds it and `pulumi up --refresh` takes it up, so that it can then be "+
			"destroyed. If none is, take the resource out with `pulumi state delete`", pending.ClientToken, listed(found), pending.RequestedAt)
	}
	if appears := pending.lastTry().Add(visibleWithin); pending.mayStillAppear() {
		return fmt.Errorf("the order with client token %s got no answer, and what it bought may not be visible yet, so the resource stays in "+
			"the stack: run `pulumi destroy` again after %s. Or run `pulumi up`, which repeats the order and so finds out",
			pending.ClientToken, stamp(appears))
	}
	g.warning("the order with client token %s got no answer, and no unconnected instance bought since exists in %s: taken out of the "+
		"stack. Check the order list in the billing console for an order at %s", pending.ClientToken, client.Region(), pending.RequestedAt)
	return nil
}

// awaitCandidates looks for what an unanswered order may have bought until it would have appeared.
func (r *Resource) awaitCandidates(ctx context.Context, client *cloud.Client, g *progress, pending PendingOrder) ([]cloud.Instance, error) {
	g.enter("looking for the instance that the order may have bought")
	start := time.Now()
	until := appearsBy(ctx, State{PendingOrder: &pending})
	for {
		found, err := candidates(ctx, client, pending)
		if err != nil || len(found) > 0 || !time.Now().Before(until) {
			return found, err
		}
		g.show("")
		if err := r.looks.pause(ctx, time.Since(start)); err != nil {
			return nil, err
		}
	}
}

// appearsBy is until when Delete waits for an instance that was ordered just now: the refund takes time, too.
func appearsBy(ctx context.Context, state State) time.Time {
	if state.PendingOrder == nil {
		return time.Now()
	}
	until := state.PendingOrder.lastTry().Add(visibleWithin)
	if deadline, ok := ctx.Deadline(); ok {
		if half := time.Now().Add(time.Until(deadline) / 2); half.Before(until) {
			return half
		}
	}
	return until
}

// findForDelete returns the instance, or nil if it is gone already. One that was bought just now is waited for; if it does
// not appear, it is refunded or released as recorded.
func (r *Resource) findForDelete(
	ctx context.Context, client *cloud.Client, g *progress, id string, state State,
) (*cloud.Instance, error) {
	g.enter("looking at the instance")
	start := time.Now()
	until := appearsBy(ctx, state)
	for {
		instance, err := client.GetInstance(ctx, id)
		if err == nil {
			client.ObserveProductType(instance.ProductType)
			g.saw(instance.Status)
			return instance, nil
		}
		if !cloud.IsGone(err) {
			return nil, err
		}
		if err := r.comparePlace(ctx, client, id, state); err != nil {
			return nil, err
		}
		if !state.boughtRecently() {
			return nil, r.checkGonePlace(ctx, client, id, state)
		}
		if !time.Now().Before(until) {
			recorded := &cloud.Instance{ID: id, PaymentType: cloud.Subscription, ProductType: text(state.ProductType)}
			if state.PaymentType != nil {
				recorded.PaymentType = cloud.PaymentType(*state.PaymentType)
			}
			return recorded, nil
		}
		g.enter("waiting for the instance to appear")
		if err := r.looks.pause(ctx, time.Since(start)); err != nil {
			return nil, err
		}
	}
}

// remove refunds or releases the instance and waits until it is gone.
func (r *Resource) remove(ctx context.Context, client *cloud.Client, g *progress, i cloud.Instance, state State) error {
	if i.DeletionProtection != nil && *i.DeletionProtection {
		return errors.New("its deletion protection is on, so nothing was done. To delete it, set deletionProtection to false, run `pulumi up`, " +
			"and delete it then (the resource option `protect` must be off, too)")
	}
	payment := i.PaymentType
	if payment == "" && state.PaymentType != nil {
		payment = cloud.PaymentType(*state.PaymentType)
	}
	var err error
	switch payment {
	case cloud.Subscription:
		g.enter("refunding")
		productType := i.ProductType
		if productType == "" {
			productType = text(state.ProductType)
		}
		var order string
		token := cloud.NewClientToken()
		done := g.ordering(ctx, token)
		order, err = client.RefundInstance(ctx, i.ID, token, productType)
		done()
		if err == nil {
			g.info("%s is refunded (order %s)", i.ID, order)
		}
	case cloud.PayAsYouGo:
		g.enter("releasing")
		force := state.ForceDeleteWithoutBackup != nil && *state.ForceDeleteWithoutBackup
		err = r.release(ctx, client, i.ID, force)
	default:
		return errors.New("neither the cloud nor the stack says how it is paid, so it can be neither refunded nor released. Run `pulumi refresh`, " +
			"then try again")
	}
	if err != nil && !cloud.IsGone(err) {
		return err
	}
	if err != nil && state.neverSeen() && i.Status == "" && (payment != cloud.Subscription || state.PendingOrder.mayStillAppear()) {
		return fmt.Errorf("it was ordered at %s and is not visible yet, so that it can be neither refunded nor released. It stays in the "+
			"stack: run `pulumi destroy` again in a few minutes. If it still does not exist after %s, it counts as gone",
			state.PendingOrder.RequestedAt, stamp(state.PendingOrder.lastTry().Add(notYetVisible)))
	}
	return r.awaitGone(ctx, client, g, i.ID) // what was given back by an earlier try may still be there
}

// release calls ReleaseKmsInstance again if it got no answer and the instance is still there.
func (r *Resource) release(ctx context.Context, client *cloud.Client, id string, force bool) error {
	const tries = 5
	for n := 1; ; n++ {
		err := client.ReleaseInstance(ctx, id, force)
		if err == nil || !mayHaveTakenEffect(err) || n == tries {
			return err
		}
		if _, lookErr := client.GetInstance(ctx, id); lookErr != nil {
			return lookErr
		}
		if err := r.looks.pause(ctx, 0); err != nil {
			return err
		}
	}
}

func (r *Resource) awaitGone(ctx context.Context, client *cloud.Client, g *progress, id string) error {
	g.enter("waiting until it is gone")
	start := time.Now()
	for {
		instance, err := client.GetInstance(ctx, id)
		if cloud.IsGone(err) {
			return nil
		}
		if err != nil {
			return err
		}
		g.saw(instance.Status)
		g.show("")
		if err := r.looks.pause(ctx, time.Since(start)); err != nil {
			return err
		}
	}
}
