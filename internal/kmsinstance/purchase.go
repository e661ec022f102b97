package kmsinstance

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

// purchase is one order of an instance in the life of this process. A second Create for the same resource, as an on-error
// hook of the engine makes it, goes on with it instead of ordering again.
type purchase struct {
	mutex   sync.Mutex
	pending *PendingOrder
	id      string
	// open is set from when an order got no answer until Alibaba Cloud has said what came of it.
	open bool
}

// errStopped says that an operation ended before its order went out.
var errStopped = errors.New("the operation ended before the order was sent")

// purchases holds the purchases whose Create has not succeeded.
type purchases struct {
	mutex sync.Mutex
	byURN map[resource.URN]*purchase
	// unfinished are the ids of the instances that are not as their programs want them, as far as this process knows.
	unfinished map[resource.URN]string
}

func (ps *purchases) of(urn resource.URN) *purchase {
	ps.mutex.Lock()
	defer ps.mutex.Unlock()
	if ps.byURN == nil {
		ps.byURN = map[resource.URN]*purchase{}
	}
	if ps.byURN[urn] == nil {
		ps.byURN[urn] = &purchase{}
	}
	return ps.byURN[urn]
}

func (ps *purchases) forget(urn resource.URN) {
	ps.mutex.Lock()
	defer ps.mutex.Unlock()
	delete(ps.byURN, urn)
}

// begun notes that an instance is not finished.
func (ps *purchases) begun(urn resource.URN, id string) {
	ps.mutex.Lock()
	defer ps.mutex.Unlock()
	if ps.unfinished == nil {
		ps.unfinished = map[resource.URN]string{}
	}
	ps.unfinished[urn] = id
}

// ended notes how an operation on an instance ended; without an id, there is none.
func (ps *purchases) ended(urn resource.URN, id string, err error) {
	switch {
	case err == nil:
		ps.mutex.Lock()
		defer ps.mutex.Unlock()
		delete(ps.unfinished, urn)
	case id != "":
		ps.begun(urn, id)
	}
}

// unfinishedSuccessor is the instance that is to take the place of another one, and is not finished; "" if there is none. An engine
// that goes on after errors asks for the other one to be deleted all the same.
func (ps *purchases) unfinishedSuccessor(urn resource.URN, id string) string {
	ps.mutex.Lock()
	defer ps.mutex.Unlock()
	if ps.unfinished[urn] == id {
		return ""
	}
	return ps.unfinished[urn]
}

// buy orders the instance, or goes on with an order that is under way. The client token is shown before the order goes
// out and the id the moment it is known: they are the way back if this process or the engine is killed.
func (pu *purchase) buy(ctx context.Context, client *cloud.Client, args Args, g *progress) error {
	if pu.id != "" {
		g.info("%s was bought by an earlier try of this update; going on with it, nothing is bought again", pu.id)
		return nil
	}
	if ctx.Err() != nil {
		return errStopped
	}
	if pu.open && pu.pending.age() > replayWindow {
		return errors.New("its last try is too long ago to repeat it safely")
	}
	if pu.pending == nil {
		account := ownAccount(ctx, client)
		order := cloud.NewInstanceOrder(args.order(client.Region()), client.Site())
		order.ClientToken = cloud.NewClientToken()
		pu.pending = newPending(order, time.Now())
		pu.pending.AccountID = account
	}
	if pu.open {
		pu.pending.tried(time.Now())
	}
	order := pu.pending.order()
	g.info("ordering a %s KMS instance in %s (client token %s)", args.payment(), client.Region(), order.ClientToken)
	g.enter("ordering")
	result, err := place(ctx, client, pu.pending, &order, g)
	pu.pending.Parameters = order.Parameters
	if err != nil {
		pu.open = mayHaveTakenEffect(err) || pu.open && !cloud.IsOrderRefused(err)
		return err
	}
	pu.id, pu.pending.OrderID = result.InstanceID, &result.OrderID
	g.id = pu.id
	g.info("%s is bought (order %s)", pu.id, result.OrderID)
	return nil
}

// place sends the recorded order.
func place(
	ctx context.Context, client *cloud.Client, pending *PendingOrder, order *cloud.Order, g *progress,
) (cloud.OrderResult, error) {
	ctx, cancel := pending.within(ctx)
	defer cancel()
	defer func() { pending.tried(time.Now()) }()
	defer g.ordering(ctx, order.ClientToken)()
	return client.CreateInstance(g.watch(ctx), order)
}

// unanswered is the reason given with the provisional id of an order that got no answer.
func unanswered(pending PendingOrder, err error) string {
	return fmt.Sprintf("The order of the instance got no answer and may have been placed: %v. It is recorded with its client token %s. "+
		"Run `pulumi up` within an hour (before %s): it repeats exactly this order with this token, which finds the instance that "+
		"was bought, or buys the only one.",
		err, pending.ClientToken, pending.requestedAt().Add(replayWindow).Format(time.RFC3339))
}
