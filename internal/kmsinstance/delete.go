package kmsinstance

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pulumi/pulumi-go-provider/infer"
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
	o := r.operation(client, newProgress(ctx, req.ID), req.ID, Args{}, request)
	o.state, o.payment = req.State, PaymentType(text(req.State.PaymentType))
	if err := o.destroy(o.progress.watch(ctx)); err != nil {
		return infer.DeleteResponse{}, fmt.Errorf("deleting KMS instance %s: %w", req.ID, o.progress.stopped(ctx, err))
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

func (o *operation) destroy(ctx context.Context) error {
	err := o.find(ctx)
	switch {
	case errors.Is(err, errGone):
		return nil
	case err != nil:
		return err
	case isOn(o.state.DeletionProtection):
		return errors.New("its deletion protection is on. Set deletionProtection to false and run `pulumi up`, then delete it")
	}
	o.tellStake(ctx)
	if err := o.giveBack(ctx); err != nil {
		return err
	}
	o.progress.enter("waiting until it is gone")
	return poll(ctx, o.progress, func() (bool, error) {
		_, err := o.read(ctx)
		if errors.Is(err, errGone) {
			return true, nil
		}
		return false, err
	})
}

// find reads the instance, with errGone if it is gone already. One that KMS has never shown is waited for; if it does not appear,
// it is given back as it is recorded.
func (o *operation) find(ctx context.Context) error {
	o.progress.enter("looking at the instance")
	start, patience := time.Now(), appears
	if deadline, ok := ctx.Deadline(); ok {
		patience = min(patience, time.Until(deadline)/2)
	}
	return poll(ctx, o.progress, func() (bool, error) {
		instance, err := o.read(ctx)
		if err != nil || instance != nil || time.Since(start) >= patience {
			return true, err
		}
		o.progress.enter("waiting for the instance to appear")
		return false, nil
	})
}

// tellStake says what goes with the instance.
func (o *operation) tellStake(ctx context.Context) {
	if text(o.state.Status) != cloud.StatusConnected {
		return
	}
	if stake := stakeOf(ctx, o.client, o.id); stake != "" {
		o.progress.info("%s: giving it back with %s", o.id, stake)
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
func (o *operation) giveBack(ctx context.Context) error {
	for {
		err := o.giveBackOnce(ctx)
		status := text(o.state.Status)
		switch {
		case err == nil:
			o.accepted = true
			return nil
		case cloud.IsGone(err) && status == "" && o.state.PendingOrder != nil:
			return fmt.Errorf("it was ordered at %s and is not visible yet, so it can be neither refunded nor released. It stays in the "+
				"stack: run `pulumi destroy` again in a few minutes. If it still does not exist after %s, it counts as gone",
				text(o.state.PendingOrder.AcceptedAt), stamp(o.state.PendingOrder.until()))
		case cloud.IsGone(err):
			return nil // an earlier try may have given it back already
		case status == cloud.StatusError && isRefusal(err):
			return fmt.Errorf("%s, and its status is Error. Open a ticket with Alibaba Cloud. Run `pulumi state delete` only after that: it "+
				"takes the instance out of the stack, and the instance goes on costing money", cloud.Reason(err))
		case status != cloud.StatusConnecting || !isRefusal(err):
			return err
		}
		o.progress.enter("waiting until it can be refunded: " + brief(err))
		waiting := poll(ctx, o.progress, func() (bool, error) {
			_, err := o.read(ctx)
			return err != nil || text(o.state.Status) != status, err
		})
		if waiting != nil {
			return fmt.Errorf("an instance that is connecting was not taken back (%s), and %w. Run `pulumi destroy` again when it is "+
				"connected", cloud.Reason(err), o.progress.stopped(ctx, waiting))
		}
	}
}

func (o *operation) giveBackOnce(ctx context.Context) error {
	switch o.payment {
	case Subscription:
		o.progress.enter("refunding")
		token := cloud.NewClientToken() // a new one each time: BSS may remember a refusal under the old one
		done := o.progress.ordering(ctx, token)
		order, err := o.client.RefundInstance(ctx, o.id, token)
		done()
		if err == nil {
			o.progress.info("%s is refunded (order %s)", o.id, order)
		}
		return err
	case PayAsYouGo:
		o.progress.enter("releasing")
		return o.release(ctx)
	}
	return errors.New("neither the cloud nor the stack says how it is paid, so it can be neither refunded nor released. Run `pulumi refresh`, " +
		"then try again")
}

// release calls ReleaseKmsInstance again if it got no answer and the instance is still there.
func (o *operation) release(ctx context.Context) error {
	const most = 5
	tries := 0
	return poll(ctx, o.progress, func() (bool, error) {
		if tries++; tries > 1 {
			if _, err := o.client.GetInstance(ctx, o.id); err != nil {
				return false, err
			}
		}
		err := o.client.ReleaseInstance(ctx, o.id, isOn(o.state.ForceDeleteWithoutBackup))
		if cloud.MayHaveTakenEffect(err) && tries < most {
			return false, nil
		}
		return true, err
	})
}

// isRefusal tells an answer that declines from none at all.
func isRefusal(err error) bool {
	e, ok := errors.AsType[*cloud.Error](err)
	return ok && e.HTTPStatus > 0 && e.HTTPStatus < 500 && !cloud.MayHaveTakenEffect(err)
}
