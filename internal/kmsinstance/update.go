package kmsinstance

import (
	"context"
	"errors"
	"fmt"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/guard"
)

// Update takes the instance to its new inputs, or goes on where an earlier operation stopped. It never buys an instance; it
// may repeat a recorded order that got no answer.
func (r *Resource) Update(ctx context.Context, req infer.UpdateRequest[Args, State]) (_ infer.UpdateResponse[State], err error) {
	request := guard.FromContext(ctx)
	defer func() { r.purchases.ended(request.URN, req.ID, err) }()
	g := newProgress(ctx, req.ID)
	warnUpdate(g, req.ID, request.State, request.OldInputs, request.Inputs)
	req.State.keepEmpty(request.State)
	if state, done := recordOnly(req, request); done {
		return infer.UpdateResponse[State]{Output: state}, nil
	}
	client, err := r.connection.Client(ctx)
	if err != nil {
		return infer.UpdateResponse[State]{}, err
	}
	if err := r.checkPlace(ctx, client, req.ID, req.State); err != nil {
		return infer.UpdateResponse[State]{}, err
	}
	if isProvisional(req.ID) {
		return r.resolve(ctx, client, g, req, request)
	}
	op := r.operation(ctx, client, g, req.ID, req.Inputs, request)
	op.state = req.State
	op.invisible = req.State.boughtRecently()
	if err := op.converge(ctx); err != nil {
		return op.updateFailed(ctx, err)
	}
	r.purchases.forget(request.URN)
	return infer.UpdateResponse[State]{Output: op.state}, nil
}

func (o *operation) updateFailed(ctx context.Context, err error) (infer.UpdateResponse[State], error) {
	if errors.Is(err, errGone) {
		return infer.UpdateResponse[State]{}, fmt.Errorf("KMS instance %s no longer exists in %s: run `pulumi refresh`, which takes it out of "+
			"the stack; the next `pulumi up` then buys a new one", o.id, o.client.Region())
	}
	if !o.applied && !o.state.boughtRecently() && o.state.PendingOrder == nil {
		return infer.UpdateResponse[State]{}, fmt.Errorf("KMS instance %s was not changed: %w", o.id, o.progress.stopped(ctx, err))
	}
	o.readBack(ctx)
	return infer.UpdateResponse[State]{Output: o.state}, initFailed(o.unfinishedUpdate(ctx, err))
}

func (o *operation) unfinishedUpdate(ctx context.Context, err error) string {
	if o.state.unconnectedPurchase() {
		return o.unfinished(ctx, err)
	}
	return fmt.Sprintf("KMS instance %s (status: %s) is changed in part: %v. What was changed is recorded; `pulumi up` goes on with the rest.",
		o.id, text(o.state.Status), o.progress.stopped(ctx, err))
}

// keepEmpty keeps a list or a map that is recorded as empty: infer decodes it as if it were absent.
func (s *State) keepEmpty(recorded property.Map) {
	if recorded.Get("bindVpcs").IsArray() && s.BindVpcs == nil {
		s.BindVpcs = []BindVpc{}
	}
	if recorded.Get("tags").IsMap() && s.Tags == nil {
		s.Tags = map[string]string{}
	}
}

// recordOnly tells whether nothing but recorded values differs and nothing else is left to do: then no API is called.
func recordOnly(req infer.UpdateRequest[Args, State], request guard.Request) (State, bool) {
	d := diffInputs(request.State, request.OldInputs, request.Inputs, req.State.region())
	if len(d.detailed) == 0 || !req.State.connected() || req.State.PendingOrder != nil {
		return State{}, false
	}
	for name := range d.detailed {
		if prop, ok := propertyByName[name]; !ok || prop.Change != Record {
			return State{}, false
		}
	}
	if len(Plan(desire(req.Inputs, request.Inputs, request.OldInputs, req.State.region()), req.State.observed())) > 0 {
		return State{}, false
	}
	state := req.State
	state.record(req.Inputs)
	return state, true
}

// resolve settles an order that never got an answer by repeating it with its token. It always ends as an init failure: only
// a refresh can give the resource its real id, and no dependent may see the provisional one.
func (r *Resource) resolve(
	ctx context.Context, client *cloud.Client, g *progress, req infer.UpdateRequest[Args, State], request guard.Request,
) (infer.UpdateResponse[State], error) {
	state := req.State
	pending := state.PendingOrder
	if id := text(state.InstanceID); id != "" {
		return infer.UpdateResponse[State]{Output: state}, initFailed(resolved(id))
	}
	if pending == nil {
		return infer.UpdateResponse[State]{}, fmt.Errorf("the stack has lost the order behind %s: take the resource out of the state with "+
			"`pulumi state delete` and bring the instance back with the resource option `import`", req.ID)
	}
	if pending.age() > replayWindow {
		return infer.UpdateResponse[State]{}, r.tooOld(ctx, client, *pending)
	}
	pending.tried(time.Now())
	order := pending.order()
	g.info("repeating the order with client token %s, which is paid at most once", order.ClientToken)
	result, err := place(ctx, client, pending, &order, g)
	if cloud.IsOrderRefused(err) {
		return infer.UpdateResponse[State]{Output: state}, initFailed(fmt.Sprintf("The repeated order (client token %s) was refused, so "+
			"nothing was bought by it: %v. Mend the cause and run `pulumi up` again, or `pulumi destroy` to give the order up.",
			pending.ClientToken, err))
	}
	if err != nil {
		return infer.UpdateResponse[State]{Output: state}, initFailed(unanswered(*pending, err))
	}
	r.purchases.forget(request.URN)
	pending.OrderID = &result.OrderID
	state.InstanceID, state.LastOrderID = &result.InstanceID, &result.OrderID
	g.info("%s is bought (order %s)", result.InstanceID, result.OrderID)
	return infer.UpdateResponse[State]{Output: state}, initFailed(resolved(result.InstanceID))
}

func resolved(id string) string {
	return fmt.Sprintf("The order has its answer: bought %s. Run `pulumi up --refresh`: it gives the resource this id and goes on with it, "+
		"without buying again.", id)
}

// tooOld refuses to repeat an order whose token the cloud may have forgotten, and names what it may have bought.
func (r *Resource) tooOld(ctx context.Context, client *cloud.Client, pending PendingOrder) error {
	found, err := candidates(ctx, client, pending)
	if err != nil {
		return fmt.Errorf("the order with client token %s got no answer at %s, which is too long ago to repeat it safely, and looking for "+
			"the instance it may have bought failed: %w", pending.ClientToken, pending.RequestedAt, err)
	}
	if len(found) == 0 && pending.mayStillAppear() {
		return fmt.Errorf("the order with client token %s got no answer, and what it bought may not be visible yet: run `pulumi up` again "+
			"after %s", pending.ClientToken, stamp(pending.lastTry().Add(visibleWithin)))
	}
	if len(found) == 0 {
		return fmt.Errorf("the order with client token %s got no answer at %s, which is too long ago to repeat it safely. No unconnected "+
			"instance bought since exists in %s, so it most likely bought nothing (see the order list in the billing console). Take the "+
			"resource out with `pulumi destroy --target` or `pulumi state delete`, then run `pulumi up` to buy anew",
			pending.ClientToken, pending.RequestedAt, client.Region())
	}
	return fmt.Errorf("the order with client token %s got no answer at %s, which is too long ago to repeat it safely. Bought since and not "+
		"connected: %s. If one of them is this order's, take the resource out with `pulumi state delete`, give it the resource option "+
		"`import: \"<id>\"` and run `pulumi up`: that goes on with the instance without buying again", pending.ClientToken,
		pending.RequestedAt, listed(found))
}

// warnUpdate says at preview, and again when it happens, what an update cannot do or may not be allowed to.
func warnUpdate(g *progress, id string, state, olds, news property.Map) {
	d := diffInputs(state, olds, news, "")
	if _, ok := d.detailed["period"]; ok && !isProvisional(id) {
		g.warning("%s: period is used at purchase only; the change is recorded and changes nothing in the cloud. To keep the instance for "+
			"longer, renew it or set renewStatus to AutoRenewal", id)
	}
	for _, change := range lowered(state, news) {
		g.warning("%s: %s is a downgrade, and Alibaba Cloud documents none for KMS instances: expect the order to be refused", id, change)
	}
	if d.takesOut("deletionProtection") && isTrue(state.Get("deletionProtection")) {
		g.warning("%s: deletionProtection is no longer in the program, so it is switched off. To leave it as it is, put it back, or into the "+
			"resource option ignoreChanges", id)
	}
	if bound := state.Get("bindVpcs"); d.takesOut("bindVpcs") && bound.IsArray() && bound.AsArray().Len() > 0 {
		g.warning("%s: bindVpcs is no longer in the program, so all %d VPCs are unbound, and nothing in them reaches the instance any more. To "+
			"leave them, put it back, or into the resource option ignoreChanges", id, bound.AsArray().Len())
	}
	warnInputs(g, state, news)
}

// takesOut tells whether an input was declared and no longer is.
func (d difference) takesOut(name string) bool {
	change, ok := d.detailed[name]
	return ok && change.Kind == p.Delete
}

func isTrue(v property.Value) bool { return v.IsBool() && v.AsBool() }

// lowered names the sizes that the new inputs give lower than the recorded outputs.
func lowered(state, news property.Map) []string {
	codes, have := map[string]string{}, map[string]string{}
	for i := range Properties {
		prop := &Properties[i]
		now, before := news.Get(prop.Name), state.Get(prop.Name)
		if prop.Code == "" || now.HasSecrets() || before.HasSecrets() || now.IsNull() || before.IsNull() || now.IsComputed() {
			continue
		}
		codes[prop.Code], have[prop.Code] = scalar(now), scalar(before)
	}
	return downgrades(codes, have)
}

func scalar(v property.Value) string {
	switch {
	case v.IsNumber():
		return formatNumber(v.AsNumber())
	case v.IsString():
		return v.AsString()
	default:
		return ""
	}
}

// checkPlace compares region and account with those that the state records, before anything is changed. Who may not ask for
// their identity is let through: an instance of another account is not found. An order, however, would be placed there.
func (r *Resource) checkPlace(ctx context.Context, client *cloud.Client, id string, state State) error {
	err := r.comparePlace(ctx, client, id, state)
	if cloud.IsPermissionDenied(err) && !isProvisional(id) {
		return nil
	}
	return err
}

// checkGonePlace does the same before an instance counts as gone. Then both accounts must be known.
func (r *Resource) checkGonePlace(ctx context.Context, client *cloud.Client, id string, state State) error {
	if err := r.comparePlace(ctx, client, id, state); err != nil {
		return err
	}
	if state.account() == "" {
		return fmt.Errorf("KMS instance %s is not there, but the stack does not say in which account it was bought (its ARN is missing, "+
			"because sts:GetCallerIdentity was not allowed or not reachable), so it may be in another one, and nothing was done. Check the "+
			"credentials; if it really is gone, take it out of the stack with `pulumi state delete`", id)
	}
	return nil
}

// comparePlace compares region and account with the recorded ones, as far as they are recorded.
func (r *Resource) comparePlace(ctx context.Context, client *cloud.Client, id string, state State) error {
	what := "KMS instance " + id
	if isProvisional(id) {
		what = "the open order " + id
	}
	if region := state.region(); region != "" && region != client.Region() {
		return fmt.Errorf("%s is in region %s, but the provider is configured for %s: set alicloud-kms:region (or the "+
			"provider's region) to %s; nothing was changed", what, region, client.Region(), region)
	}
	recorded := state.account()
	if recorded == "" {
		return nil
	}
	account, err := client.Account(ctx, identityTimeout)
	switch {
	case err != nil:
		return fmt.Errorf("%s: the account behind the credentials could not be compared with the recorded one (%s), so nothing "+
			"was done: %w", what, recorded, err)
	case account != recorded:
		return fmt.Errorf("%s belongs to account %s, but the credentials are those of account %s: use credentials of %s; "+
			"nothing was changed", what, recorded, account, recorded)
	}
	return nil
}
