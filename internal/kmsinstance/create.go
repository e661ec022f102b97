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

// Create buys an instance, connects it and makes its settings. From the order's answer on, every way out returns the id.
func (r *Resource) Create(ctx context.Context, req infer.CreateRequest[Args]) (resp infer.CreateResponse[State], err error) {
	client, err := r.connection.Client(ctx)
	if err != nil {
		return infer.CreateResponse[State]{}, err
	}
	request := guard.FromContext(ctx)
	defer func() { r.purchases.ended(request.URN, resp.ID, err) }()
	g := newProgress(ctx, "")
	pu := r.purchases.of(request.URN)
	pu.mutex.Lock()
	defer pu.mutex.Unlock()
	if err := pu.buy(ctx, client, req.Inputs, g); err != nil {
		if !pu.open {
			r.purchases.forget(request.URN)
			return infer.CreateResponse[State]{}, notBought(ctx, err)
		}
		state := State{PendingOrder: pu.pending}
		state.record(req.Inputs)
		return infer.CreateResponse[State]{ID: provisionalID(pu.pending.ClientToken), Output: state},
			initFailed(unanswered(*pu.pending, err))
	}
	resp.ID, resp.Output = pu.id, State{InstanceID: &pu.id, LastOrderID: pu.pending.OrderID, PendingOrder: pu.pending}
	defer func() {
		// The instance is paid for: not even a bug of ours may lose its id.
		if cause := recover(); cause != nil {
			err = initFailed(guard.Bug(cause).Error())
		}
	}()
	op := r.operation(ctx, client, g, pu.id, req.Inputs, request)
	op.state = resp.Output
	op.invisible = true
	op.ordered = orderedRenewal(req.Inputs)
	if err := op.converge(ctx); err != nil {
		op.readBack(ctx)
		return infer.CreateResponse[State]{ID: pu.id, Output: op.state}, initFailed(op.unfinished(ctx, err))
	}
	r.purchases.forget(request.URN)
	return infer.CreateResponse[State]{ID: pu.id, Output: op.state}, nil
}

// ownAccount returns the account of the credentials, nil if it cannot be found out soon. An order without an answer may have
// been placed there and must not be repeated elsewhere; when its answer is lost, this one would be, too.
func ownAccount(ctx context.Context, client *cloud.Client) *string {
	account, err := client.Account(ctx, cloud.AccountTimeout)
	if err != nil || account == "" {
		return nil
	}
	return &account
}

// lastLook bounds the calls that are made after an operation has been stopped.
const lastLook = 1500 * time.Millisecond

func notBought(ctx context.Context, err error) error {
	switch {
	case errors.Is(err, errStopped):
		return errors.New("stopped before the order was placed; nothing was bought")
	case ctx.Err() != nil:
		return fmt.Errorf("stopped before the order was placed; nothing was bought: %w", err)
	}
	return fmt.Errorf("nothing was bought: %w", err)
}

// orderedRenewal is the renewal setting that a new instance has, should billing not list it yet.
func orderedRenewal(args Args) *cloud.Renewal {
	if args.payment() != Subscription {
		return nil
	}
	if r := args.renewal(); r != nil && r.Status == cloud.AutoRenewal {
		return r
	}
	return &cloud.Renewal{Status: cloud.ManualRenewal}
}

func (r *Resource) operation(
	_ context.Context, client *cloud.Client, g *progress, id string, args Args, request guard.Request,
) *operation {
	g.id = id
	return &operation{
		client: client, progress: g, looks: &r.looks, id: id, args: args, news: request.Inputs, olds: request.OldInputs,
	}
}

// initFailed makes the engine keep the resource with its outputs and show the reason.
func initFailed(reason string) error {
	return infer.ResourceInitFailedError{Reasons: []string{reason}}
}

// unfinished says of an instance what stopped the work on it and how to go on.
func (o *operation) unfinished(ctx context.Context, err error) string {
	status := text(o.state.Status)
	if status == "" {
		status = "not visible yet"
	}
	return fmt.Sprintf("KMS instance %s (status: %s) is bought but not finished: %v. It is recorded in the stack, and `pulumi up` goes on "+
		"with it without buying again.", o.id, status, o.progress.stopped(ctx, err))
}

// readBack fills the state with the instance as it is when the work on it stops, even if it was cancelled.
func (o *operation) readBack(ctx context.Context) {
	var err error
	defer caught(&err) // what is known already is recorded all the same
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastLook)
	defer cancel()
	if instance, err := o.client.GetInstance(ctx, o.id); err == nil {
		o.see(*instance)
	}
}
