package kmsinstance

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/guard"
)

// Delete refunds a Subscription instance or releases a PayAsYouGo one, whichever the cloud says it is, and waits until it
// is gone. It never switches deletion protection off by itself.
func (r *Resource) Delete(ctx context.Context, req infer.DeleteRequest[State]) (infer.DeleteResponse, error) {
	request := guard.FromContext(ctx)
	if err := CheckID(req.ID); err != nil {
		return infer.DeleteResponse{}, fmt.Errorf("%w. Take it out of the stack with `pulumi state delete`", err)
	}
	r.memory.named(req.ID, request.State)
	client, err := r.connection.Client(ctx)
	if err != nil {
		return infer.DeleteResponse{}, err
	}
	if successor := r.memory.unfinishedSuccessor(request.URN, req.ID); successor != "" {
		return infer.DeleteResponse{}, fmt.Errorf("KMS instance %s is to be replaced by %s, which is not finished, so it stays, with all "+
			"keys and secrets in it: the `pulumi up` that finishes %s deletes it", req.ID, successor, successor)
	}
	if err := placeOf(&req.State).compare(ctx, client, req.ID, false); err != nil {
		return infer.DeleteResponse{}, err
	}
	d := &deletion{resource: r, client: client, progress: newProgress(ctx, req.ID), urn: request.URN, id: req.ID, state: &req.State}
	if err := d.run(d.progress.watch(ctx)); err != nil {
		return infer.DeleteResponse{}, fmt.Errorf("deleting KMS instance %s: %w", req.ID, d.progress.stopped(ctx, err))
	}
	r.memory.gone(request.URN, req.ID)
	return infer.DeleteResponse{}, nil
}

// DeleteTimeout is how long a deletion may take by default: longer if the instance may still be connecting, which a refund has
// to wait for.
func DeleteTimeout(state property.Map) time.Duration {
	if wasConnected(state) {
		return guard.DeleteTimeout
	}
	return guard.UpdateTimeout
}

// deletion gives one instance back.
type deletion struct {
	resource *Resource
	client   *cloud.Client
	progress *progress
	urn      resource.URN
	id       string
	state    *State
	accepted bool // a refund or release
}

func (d *deletion) run(ctx context.Context) error {
	instance, err := d.find(ctx)
	if errors.Is(err, errGone) {
		return nil
	}
	if err != nil {
		return err
	}
	if d.isProtected(instance) {
		return errors.New("its deletion protection is on. Set deletionProtection to false and run `pulumi up`, then delete it")
	}
	d.tellStake(ctx, instance)
	if err := d.giveBack(ctx, instance); err != nil {
		return err
	}
	d.progress.enter("waiting until it is gone")
	return poll(ctx, d.progress, func() (bool, error) {
		instance, err := d.client.GetInstance(ctx, d.id)
		if cloud.IsGone(err) {
			instance, err = d.resource.confirmGone(ctx, d.client, d.id, d.state, d.accepted)
		}
		if errors.Is(err, errGone) {
			return true, nil
		}
		if err == nil {
			d.progress.saw(instance.Status)
		}
		return false, err
	})
}

// find reads the instance, with errGone if it is gone already. One that KMS has never shown is waited for; if it does not appear,
// it is given back as it is recorded.
func (d *deletion) find(ctx context.Context) (instance *cloud.Instance, err error) {
	d.progress.enter("looking at the instance")
	start := time.Now()
	patience := appears
	if deadline, ok := ctx.Deadline(); ok {
		patience = min(patience, time.Until(deadline)/2)
	}
	err = poll(ctx, d.progress, func() (bool, error) {
		instance, err = d.client.GetInstance(ctx, d.id)
		switch {
		case err == nil:
			d.progress.saw(instance.Status)
			return true, nil
		case !cloud.IsGone(err):
			return false, err
		case !d.state.mayAppear():
			instance, err = d.resource.confirmGone(ctx, d.client, d.id, d.state, false)
			return err == nil, err
		}
		if time.Since(start) >= patience {
			instance = &cloud.Instance{ID: d.id}
			return true, nil
		}
		d.progress.enter("waiting for the instance to appear")
		return false, nil
	})
	return instance, err
}

func (d *deletion) isProtected(i *cloud.Instance) bool {
	protection := i.DeletionProtection
	if protection == nil {
		protection = d.state.DeletionProtection
	}
	return protection != nil && *protection
}

// tellStake says what goes with the instance.
func (d *deletion) tellStake(ctx context.Context, i *cloud.Instance) {
	if i.Status != cloud.StatusConnected {
		return
	}
	if stake := stakeOf(ctx, d.client, d.id); stake != "" {
		d.progress.info("%s: giving it back with %s", d.id, stake)
	}
}

// stakeOf is how many keys and secrets an instance holds, in words; "" if that cannot be found out soon.
func stakeOf(ctx context.Context, client *cloud.Client, id string) string {
	quotas, err := quotasOf(ctx, client, id)
	if err != nil {
		return ""
	}
	var parts []string
	for _, q := range quotas {
		if q.ResourceType == "key" || q.ResourceType == "secret" {
			parts = append(parts, fmt.Sprintf("%d %ss", q.Used, q.ResourceType))
		}
	}
	return strings.Join(parts, " and ")
}

// giveBack refunds or releases the instance. While it is connecting, a refund may be refused; it is tried again at each change of
// status.
func (d *deletion) giveBack(ctx context.Context, i *cloud.Instance) error {
	token := cloud.NewClientToken()
	payment := i.PaymentType
	if payment == "" && d.state.PaymentType != nil {
		payment = cloud.PaymentType(*d.state.PaymentType)
	}
	for {
		err := d.giveBackOnce(ctx, i, payment, token)
		switch {
		case err == nil:
			d.accepted = true
			return nil
		case cloud.IsGone(err) && i.Status == "" && d.state.PendingOrder != nil:
			return fmt.Errorf("it was ordered at %s and is not visible yet, so it can be neither refunded nor released. It stays in the "+
				"stack: run `pulumi destroy` again in a few minutes. If it still does not exist after %s, it counts as gone",
				text(d.state.PendingOrder.AcceptedAt), stamp(d.state.PendingOrder.until()))
		case cloud.IsGone(err):
			return nil // an earlier try may have given it back already
		case i.Status == cloud.StatusError && isRefusal(err):
			return fmt.Errorf("%s, and its status is Error. Open a ticket with Alibaba Cloud. Run `pulumi state delete` only after that: it "+
				"takes the instance out of the stack, and the instance goes on costing money", cloud.Reason(err))
		case i.Status != cloud.StatusConnecting || !isRefusal(err):
			return err
		}
		d.progress.enter("waiting until it can be refunded: " + brief(err))
		if err := d.awaitOtherStatus(ctx, i); err != nil {
			return fmt.Errorf("an instance that is connecting was not taken back (%s), and %w. Run `pulumi destroy` again when it is "+
				"connected", cloud.Reason(err), d.progress.stopped(ctx, err))
		}
		token = cloud.NewClientToken() // BSS may remember the refusal under the old one
	}
}

func (d *deletion) giveBackOnce(ctx context.Context, i *cloud.Instance, payment cloud.PaymentType, token string) error {
	switch payment {
	case cloud.Subscription:
		d.progress.enter("refunding")
		done := d.progress.ordering(ctx, token)
		order, err := d.client.RefundInstance(ctx, i.ID, token)
		done()
		if err == nil {
			d.progress.info("%s is refunded (order %s)", i.ID, order)
		}
		return err
	case cloud.PayAsYouGo:
		d.progress.enter("releasing")
		return d.release(ctx)
	}
	return errors.New("neither the cloud nor the stack says how it is paid, so it can be neither refunded nor released. Run `pulumi refresh`, " +
		"then try again")
}

// release calls ReleaseKmsInstance again if it got no answer and the instance is still there.
func (d *deletion) release(ctx context.Context) error {
	const most = 5
	force := d.state.ForceDeleteWithoutBackup != nil && *d.state.ForceDeleteWithoutBackup
	tries := 0
	var result error
	err := poll(ctx, d.progress, func() (bool, error) {
		if tries > 0 {
			if _, err := d.client.GetInstance(ctx, d.id); err != nil {
				return false, err
			}
		}
		tries++
		result = d.client.ReleaseInstance(ctx, d.id, force)
		return result == nil || !cloud.MayHaveTakenEffect(result) || tries == most, nil
	})
	if err != nil {
		return err
	}
	return result
}

// awaitOtherStatus waits until the instance has another status than the one that was seen last.
func (d *deletion) awaitOtherStatus(ctx context.Context, i *cloud.Instance) error {
	return poll(ctx, d.progress, func() (bool, error) {
		now, err := d.client.GetInstance(ctx, d.id)
		if err != nil {
			return false, err
		}
		d.progress.saw(now.Status)
		changed := now.Status != i.Status
		*i = *now
		return changed, nil
	})
}

// isRefusal tells an answer that declines from none at all.
func isRefusal(err error) bool {
	e, ok := asCloudError(err)
	return ok && e.HTTPStatus > 0 && e.HTTPStatus < 500 && !cloud.MayHaveTakenEffect(err)
}
