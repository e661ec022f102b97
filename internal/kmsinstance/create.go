package kmsinstance

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/guard"
)

// Create buys an instance, connects it and makes its settings. From the order's answer on, every return path includes the id.
func (r *Resource) Create(ctx context.Context, req infer.CreateRequest[Args]) (resp infer.CreateResponse[State], err error) {
	client, err := r.connection.Client(ctx)
	if err != nil {
		return resp, err
	}
	request := guard.FromContext(ctx)
	g := newProgress(ctx, "")
	defer func() {
		// Not even a bug of ours may lose the id of an instance that is paid for.
		if cause := recover(); cause != nil {
			if err = guard.Bug(cause); resp.ID != "" {
				err = initFailed(err.Error())
			}
		}
		r.memory.ended(request.URN, resp.ID, err)
	}()
	bought, err := r.buy(ctx, client, g, request.URN, req.Inputs)
	if err != nil {
		return resp, err
	}
	resp.ID, resp.Output = bought.id, bought.state(req.Inputs, declaredIn(request.Inputs))
	o := r.operation(client, g, resp.ID, req.Inputs, request)
	o.state, o.ordered = resp.Output, req.Inputs.orderedRenewal()
	o.takeArn(ctx)
	resp.Output = o.state
	o.tellPaid(ctx, bought.orderID)
	if err = o.converge(ctx); err != nil {
		o.readBack(ctx)
		err = initFailed(o.unfinished(ctx, err))
	}
	resp.Output = o.state
	return resp, err
}

// purchase is the order of an instance in the life of this process. An error hook makes the engine call Create again for the
// same resource, which goes on with it instead of ordering again.
type purchase struct {
	mutex      sync.Mutex
	token      string // of the order
	sent       time.Time
	unanswered bool
	id         string
	orderID    string
	sizes      map[string]string
}

// state is what is recorded of an instance that was bought.
func (p *purchase) state(args Args, declared []string) State {
	s := State{
		InstanceID: &p.id, PendingOrder: accepted(p.orderID, p.sizes), Declared: declared, ZoneIDs: []string{}, VswitchIDs: []string{},
	}
	setText(&s.LastOrderID, p.orderID)
	s.set(p.sizes)
	s.record(args)
	return s
}

// buy orders the instance, or goes on with an order of an earlier try. The client token is shown before the order is sent, and
// the id as soon as it is known: they are the way back if this process or the engine is killed.
func (r *Resource) buy(ctx context.Context, client *cloud.Client, g *progress, urn resource.URN, args Args) (*purchase, error) {
	stored, _ := r.memory.purchases.LoadOrStore(urn, &purchase{})
	p, _ := stored.(*purchase)
	p.mutex.Lock()
	defer p.mutex.Unlock()
	switch {
	case p.id != "":
		g.info("%s was bought by an earlier try of this update; going on with it, nothing is bought again", p.id)
		return p, nil
	case p.token == "" || time.Since(p.sent) > tokenLives:
		if err := r.checkReplaced(ctx, client, urn); err != nil {
			return nil, notBought(ctx, err)
		}
		if err := r.lookForLost(ctx, client, g, urn, args); err != nil {
			return nil, notBought(ctx, err)
		}
		_, _ = client.Account(ctx, cloud.AccountTimeout) // for the ARN: after the order there may be no time for it
		if ctx.Err() != nil {
			return nil, notBought(ctx, errStopped)
		}
		p.token, p.sent, p.unanswered = cloud.NewClientToken(), time.Now(), false
	}
	order := args.purchase(p.token)
	order.Unanswered = p.unanswered
	if p.unanswered {
		g.info("repeating the order with client token %s, which is paid at most once", p.token)
	} else {
		g.info("ordering a %s KMS instance in %s (client token %s)", args.payment(), client.Region(), p.token)
	}
	g.enter("ordering")
	var result cloud.OrderResult
	answered := g.ordering(ctx, p.token)
	r.memory.ordering.Add(1)
	defer func() {
		answered()
		r.memory.known.Store(result.InstanceID, true)
		r.memory.ordering.Add(-1)
	}()
	p.unanswered = true // until an answer says otherwise, also after a panic
	result, err := client.CreateInstance(g.watch(ctx), order)
	switch {
	case cloud.MayHaveTakenEffect(err):
		return nil, p.noAnswer(ctx, g, err)
	case err != nil:
		p.token = ""
		return nil, notBought(ctx, err)
	}
	p.id, p.orderID, p.sizes = result.InstanceID, result.OrderID, order.Sizes
	g.id = p.id
	g.info("%s is bought (order %s)", p.id, cmp.Or(p.orderID, "without an id"))
	return p, nil
}

// checkReplaced refuses to buy the successor of an instance that is protected, or that may be in another account: the next run
// would destroy it.
func (r *Resource) checkReplaced(ctx context.Context, client *cloud.Client, urn resource.URN) error {
	old, ok := r.memory.standing(urn)
	switch {
	case !ok:
		return nil
	case old.protected:
		return fmt.Errorf("KMS instance %s, which this one is to replace, has its deletion protection on. Set deletionProtection to false and "+
			"run `pulumi up` first, or undo the change that asks for the replacement", old.id)
	}
	return old.place.compare(ctx, client, old.id, true)
}

func notBought(ctx context.Context, err error) error {
	if errors.Is(err, errStopped) || ctx.Err() != nil {
		return fmt.Errorf("%w; nothing was bought", errStopped)
	}
	return fmt.Errorf("nothing was bought: %w", err)
}

// noAnswer says of an order without an answer what may have happened and what to do.
func (p *purchase) noAnswer(ctx context.Context, g *progress, err error) error {
	at, likely := stamp(p.sent), ""
	if cloud.GotSameAnswer(err) {
		likely = "; most likely it was not, since every try got the same answer"
	}
	return fmt.Errorf("the order with client token %s of %s may have been placed%s: %w. Wait some minutes, then run `pulumi up`: it looks for "+
		"the instance of this order before it orders again. If you do not run `pulumi up` again, look in the KMS console for an instance "+
		"of %s, and refund or release it there", p.token, at, likely, g.stopped(ctx, err), at)
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
