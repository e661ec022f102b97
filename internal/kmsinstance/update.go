package kmsinstance

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-go-provider/infer"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/guard"
)

// Update takes the instance to its new inputs, or goes on where an earlier operation stopped. It never buys an instance. Unless the
// instance is gone, every failure returns it with its state: after an error hook has had a create tried again, the engine calls
// Update, and records nothing of an instance whose Update fails otherwise.
func (r *Resource) Update(ctx context.Context, req infer.UpdateRequest[Args, State]) (resp infer.UpdateResponse[State], err error) {
	request := guard.FromContext(ctx)
	if err := CheckID(req.ID); err != nil {
		return resp, err
	}
	defer func() { r.memory.ended(request.URN, req.ID, err) }()
	r.memory.named(req.ID, request.State)
	g := newProgress(ctx, req.ID)
	warnUpdate(g, req.ID, request)
	req.State.keepEmpty(request.State)
	if recordOnly(&req.State, req.Inputs, request) {
		return infer.UpdateResponse[State]{Output: req.State}, nil
	}
	o := r.operation(nil, g, req.ID, req.Inputs, request)
	o.state = req.State
	wanted := o.ignored.record(o.news, o.state.Declared)
	o.state.declare(wanted)
	if o.client, err = r.connection.Client(ctx); err == nil {
		err = placeOf(&req.State).compare(ctx, o.client, req.ID, false)
	}
	if err == nil {
		if err = o.converge(ctx); err != nil {
			o.readBack(ctx)
		}
	}
	if errors.Is(err, errGone) {
		return resp, fmt.Errorf("KMS instance %s no longer exists in %s: run `pulumi refresh`, which takes it out of the stack; the next "+
			"`pulumi up` then buys a new one", o.id, o.client.Region())
	}
	if err != nil {
		o.state.dropCleared(wanted)
		return infer.UpdateResponse[State]{Output: o.state}, initFailed(o.failed(ctx, err))
	}
	o.state.Declared = wanted
	return infer.UpdateResponse[State]{Output: o.state}, nil
}

// failed says of a failed update what it has come to.
func (o *operation) failed(ctx context.Context, err error) string {
	switch {
	case !o.state.connected():
		return o.unfinished(ctx, err)
	case !o.applied:
		return fmt.Sprintf("KMS instance %s was not changed: %v.", o.id, o.progress.stopped(ctx, err))
	}
	return fmt.Sprintf("KMS instance %s (status: %s) is changed in part: %v. What was changed is recorded; `pulumi up` goes on with the rest.",
		o.id, text(o.state.Status), o.progress.stopped(ctx, err))
}

// recordOnly tells whether nothing but recorded values differs and nothing else is left to do: then no API is called.
func recordOnly(state *State, args Args, request guard.Request) bool {
	region := placeOf(state).region
	d := diffInputs(request.State, request.OldInputs, request.Inputs, region)
	calls := slices.ContainsFunc(d.changed, func(prop *Property) bool { return prop.Change != Record })
	if len(d.changed) == 0 || calls || !state.connected() || state.PendingOrder != nil {
		return false
	}
	ignored := ignoringOf(request.IgnoreChanges)
	if len(Plan(desire(args, request.Inputs, state.Declared, ignored, region), state.observed())) > 0 {
		return false
	}
	state.record(args)
	state.declare(ignored.record(request.Inputs, state.Declared))
	return true
}
