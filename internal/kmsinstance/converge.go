package kmsinstance

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

// How long converge waits for sizes that were ordered, and for settings that were accepted, to be shown.
const (
	sizesShownWithin    = 10 * time.Minute
	settingsShownWithin = 10 * time.Second
	// purchaseShownWithin is how long a new instance may take to show the sizes that it was bought with.
	purchaseShownWithin = time.Minute
)

// identityTimeout bounds the question for the account: the ARN is not worth a longer wait.
const identityTimeout = 30 * time.Second

// operation takes one instance to what its inputs say. It plans from the inputs and the observed instance alone, so it may
// be run after any interruption and any number of times.
type operation struct {
	client    *cloud.Client
	progress  *progress
	looks     *looks
	id        string
	args      Args
	news      property.Map   // the inputs as the program gave them
	olds      property.Map   // the inputs recorded before
	state     State          // the best that is known; goes to the checkpoint whatever happens
	invisible bool           // the instance was bought just now and may not be visible yet
	ordered   *cloud.Renewal // renewal setting that the purchase asked for
	applied   bool           // a call has changed something
}

// errGone says that the instance does not exist.
var errGone = errors.New("the instance does not exist")

// converge connects the instance if it is not, waits for it, and makes the settings that differ.
func (o *operation) converge(ctx context.Context) (err error) {
	defer caught(&err) // the instance is paid for: not even a bug of ours may lose its id
	ctx = o.progress.watch(ctx)
	wasConnected := o.state.connected()
	arn := findArn(ctx, o.client, o.id, o.state.Arn, identityTimeout)
	defer func() { o.state.setArn(<-arn) }()
	o.state.record(o.args)
	instance, err := o.usable(ctx)
	if err != nil {
		return err
	}
	if err := o.checkNetwork(instance); err != nil {
		return err
	}
	want := desire(o.args, o.news, o.olds, o.client.Region())
	want.dropRecorded(o.state.Tags)
	have, err := o.observe(ctx, Observed{Instance: instance}, reading{renewal: true, tags: true})
	if err != nil {
		return err
	}
	if have, err = o.finishPending(ctx, want, have, !wasConnected); err != nil {
		return err
	}
	o.warnUnknownSizes(want, o.asOrdered(have).Instance)
	var stale reading
	for _, step := range Plan(want, o.asOrdered(have)) {
		if err := o.run(ctx, step, &have); err != nil {
			return err
		}
		stale.add(step.Action)
	}
	if want.TagsExact && (have.Tags == nil || have.Instance.Status != cloud.StatusConnected) {
		o.state.seeTags(want.Tags) // they were set without being read
	}
	if err := o.settle(ctx, want, have, stale); err != nil {
		return err
	}
	o.progress.enter("ready")
	return nil
}

// dropRecorded has the recorded tags that the program no longer wants removed even if the cloud does not tell which there are.
func (w *Desired) dropRecorded(recorded map[string]string) {
	if !w.TagsExact {
		return
	}
	for key := range recorded {
		if _, wanted := w.Tags[key]; !wanted && !slices.Contains(w.DropTags, key) {
			w.DropTags = append(w.DropTags, key)
		}
	}
}

// usable waits until the instance can take settings, connecting it on the way.
func (o *operation) usable(ctx context.Context) (cloud.Instance, error) {
	start := time.Now()
	const tries = 5
	connected, doubtful, attempts := false, false, 0
	o.progress.enter("looking at the instance")
	for {
		instance, err := o.client.GetInstance(ctx, o.id)
		switch {
		case errors.Is(err, cloud.ErrGone) && o.invisible:
			o.progress.enter("waiting for the instance to appear")
		case errors.Is(err, cloud.ErrGone):
			return cloud.Instance{}, errGone
		case err != nil:
			return cloud.Instance{}, err
		default:
			o.see(*instance)
			switch instance.Status {
			case cloud.StatusConnected:
				return *instance, nil
			case cloud.StatusDisconnected:
				if !connected && instance.VpcID != "" {
					return *instance, nil
				}
			case cloud.StatusError:
				return cloud.Instance{}, o.statusError()
			case cloud.StatusUninitialized:
				if connected {
					break // accepted; the status follows
				}
				attempts++
				err := o.connect(ctx)
				start = time.Now()
				o.progress.enter("connecting")
				switch lost := mayHaveTakenEffect(err); {
				case err == nil:
					connected = true
					continue
				case lost && attempts < tries:
					doubtful = true
					continue
				case !lost && doubtful: // the connection may be under way already, which refuses another one
					doubtful = false
				default:
					return cloud.Instance{}, err
				}
			default:
				o.progress.enter("connecting")
			}
		}
		o.progress.show("")
		if err := o.looks.pause(ctx, time.Since(start)); err != nil {
			return cloud.Instance{}, err
		}
	}
}

func (o *operation) connect(ctx context.Context) error {
	if len(o.args.VswitchIDs) > 1 {
		o.progress.warning("vswitchIds has %d elements and is sent as given, but Alibaba Cloud documents one vSwitch per instance",
			len(o.args.VswitchIDs))
	}
	o.progress.enter("connecting")
	o.applied = true
	return o.client.ConnectInstance(ctx, o.args.network(o.id))
}

func (o *operation) see(i cloud.Instance) {
	o.invisible = false
	o.state.see(i, o.args)
	o.progress.saw(i.Status)
	o.client.ObserveProductType(i.ProductType)
}

func (o *operation) statusError() error {
	return fmt.Errorf("the instance has status Error. It is kept as it is, with everything in it. Look at it in the KMS console or ask "+
		"Alibaba Cloud's support; run `pulumi refresh` when it is mended. To give it up and buy another one, run `pulumi up --replace` "+
		"with its URN: that destroys %s and all keys and secrets in it", o.id)
}

// checkNetwork refuses to pass over a network that the program wants and a connected instance cannot have.
func (o *operation) checkNetwork(i cloud.Instance) error {
	if i.VpcID != "" && i.VpcID != o.args.VpcID {
		return fmt.Errorf("the instance is connected to %s, and a connected instance cannot move to %s; run `pulumi refresh`, then "+
			"`pulumi preview` shows what the change means, or set vpcId back to %s", i.VpcID, o.args.VpcID, i.VpcID)
	}
	network := []struct {
		name       string
		want, have []string
	}{{"zoneIds", o.args.ZoneIDs, i.ZoneIDs}, {"vswitchIds", o.args.VswitchIDs, i.VswitchIDs}}
	for _, n := range network {
		if len(n.have) == 0 || sameSet(n.want, n.have) {
			continue
		}
		if o.networkChanged(n.name) {
			return fmt.Errorf("the instance is connected with %s %s, and a connected instance cannot change to %s; run `pulumi refresh`, "+
				"then `pulumi preview` shows what the change means, or set %s back", n.name, strings.Join(n.have, ", "),
				strings.Join(n.want, ", "), n.name)
		}
		o.progress.warning("%s: Alibaba Cloud reports %s %s where the program says %s; the instance is left as it is",
			o.id, n.name, strings.Join(n.have, ", "), strings.Join(n.want, ", "))
	}
	return nil
}

func (o *operation) networkChanged(name string) bool {
	old, had := o.olds.GetOk(name)
	return had && !sameValue(propertyByName[name], old, o.news.Get(name), o.client.Region())
}

// reading names the calls that tell what an instance is like.
type reading struct {
	instance bool // GetKmsInstance
	renewal  bool // QueryAvailableInstances
	tags     bool // ListTagResources
}

// add notes what an action has changed. An order of sizes has been read to its end.
func (r *reading) add(action Action) {
	switch action {
	case OrderSizes:
		r.instance = false
	case SetRenewal:
		r.renewal = true
	case RemoveTags, AddTags:
		r.tags = true
	default:
		r.instance = true
	}
}

// observe brings what is known of the instance up to date by some calls: GetKmsInstance first, the others side by side.
func (o *operation) observe(ctx context.Context, have Observed, what reading) (Observed, error) {
	if what.instance {
		instance, err := o.client.GetInstance(ctx, o.id)
		if errors.Is(err, cloud.ErrGone) {
			err = errGone
		}
		if err != nil {
			return have, err
		}
		o.see(*instance)
		o.state.countOrderedLogStorage()
		have.Instance = *instance
	}
	renewal, tags, err := readSettings(ctx, o.client, have.Instance, what, o.progress)
	if err != nil {
		return have, err
	}
	if what.renewal {
		if renewal == nil {
			renewal = o.ordered
		}
		if renewal == nil {
			renewal = o.state.renewal()
		}
		have.Renewal = renewal
		o.state.seeRenewal(renewal, o.args)
	}
	if what.tags {
		if tags == nil && have.Instance.Status == cloud.StatusDisconnected {
			tags = o.state.Tags // the cloud tells the tags of connected instances only
		}
		have.Tags = tags
		o.state.seeTags(tags)
	}
	return have, nil
}

// readSettings reads the renewal setting and the tags of an instance, as far as they are asked for. One that is refused or
// empty is nil, with a warning that names the permission; anything else that fails is an error.
func readSettings(
	ctx context.Context, client *cloud.Client, i cloud.Instance, what reading, g *progress,
) (*cloud.Renewal, map[string]string, error) {
	var (
		renewal             *cloud.Renewal
		tags                map[string]string
		renewalErr, tagsErr error
		group               sync.WaitGroup
	)
	askRenewal := what.renewal && i.PaymentType == cloud.Subscription
	if askRenewal {
		group.Go(func() {
			defer caught(&renewalErr)
			renewal, renewalErr = client.GetRenewal(ctx, i.ID)
		})
	}
	if what.tags && i.Status == cloud.StatusConnected {
		group.Go(func() {
			defer caught(&tagsErr)
			tags, tagsErr = client.ListTags(ctx, i.ID)
		})
	}
	group.Wait()
	switch {
	case renewalErr != nil && (cloud.IsPermissionDenied(renewalErr) || cloud.HasCode(renewalErr, "NotApplicable")):
		g.warning("%s: the renewal setting could not be read, so the recorded one stays: %v. The permission is bss:QueryAvailableInstances",
			i.ID, renewalErr)
		renewal = nil
	case renewalErr != nil:
		return nil, nil, renewalErr
	case askRenewal && renewal == nil:
		g.warning("%s: Alibaba Cloud's billing lists no such subscription, so the recorded renewal setting stays. If it persists, "+
			"check that the permission bss:QueryAvailableInstances is given and that accountType is right", i.ID)
	}
	switch {
	case tagsErr != nil && cloud.IsPermissionDenied(tagsErr):
		g.warning("%s: the tags could not be read, so the recorded ones stay: %v. The permission is kms:ListTagResources", i.ID, tagsErr)
		tags = nil
	case cloud.HasCode(tagsErr, "Rejected.Uninitialized"):
		tags = nil
	case tagsErr != nil:
		return nil, nil, tagsErr
	}
	return renewal, tags, nil
}

// finishPending settles an order whose sizes the instance does not show yet: the purchase itself, or an order of sizes that an
// earlier run has left open. An unanswered one is repeated with its token, an accepted one is waited for. It never places a
// second one.
func (o *operation) finishPending(ctx context.Context, want Desired, have Observed, isNew bool) (Observed, error) {
	pending := o.state.PendingOrder
	if pending == nil {
		return have, nil
	}
	if o.pendingIsSettled(want, have) {
		return have, nil
	}
	if pending.isPurchase() {
		until := time.Now()
		if isNew {
			until = until.Add(purchaseShownWithin)
		}
		instance, err := o.awaitSizes(ctx, have.Instance, until)
		have.Instance = instance
		return have, err
	}
	if pending.OrderID == nil {
		if pending.age() > replayWindow || !stillWanted(pending.codes(), want.Sizes) {
			o.state.PendingOrder = pending.before(o.state.LastOrderID)
			o.pendingIsSettled(want, have)
			return have, nil
		}
		pending.tried(time.Now())
		if err := o.modify(ctx, pending.order(), pending); err != nil {
			return have, err
		}
	}
	instance, err := o.awaitSizes(ctx, have.Instance, pending.lastTry().Add(sizesShownWithin))
	have.Instance = instance
	return have, err
}

// pendingIsSettled forgets a recorded order of which nothing is left to wait for.
func (o *operation) pendingIsSettled(want Desired, have Observed) bool {
	pending := o.state.PendingOrder
	if pending == nil || !pending.fulfilled(have.Instance) && !pending.takenBack(want.Sizes, have.Instance) {
		return false
	}
	o.state.countOrderedLogStorage()
	o.state.PendingOrder = nil
	return true
}

func stillWanted(codes, want map[string]string) bool {
	for code, value := range codes {
		if want[code] != value {
			return false
		}
	}
	return true
}

func shown(codes map[string]string, i cloud.Instance) bool {
	current := sizes(i)
	for code, value := range codes {
		if current[code] != value {
			return false
		}
	}
	return true
}

// asOrdered counts sizes that were ordered and accepted as there, so that they are not ordered again because the cloud is
// slow to show them (or, as with LogStorage, may never do). What it does not report is as it was recorded.
func (o *operation) asOrdered(have Observed) Observed {
	i := &have.Instance
	i.Spec, i.KeyNum = cmp.Or(i.Spec, o.state.Spec), cmp.Or(i.KeyNum, o.state.KeyNum)
	i.SecretNum, i.VpcNum = cmp.Or(i.SecretNum, o.state.SecretNum), cmp.Or(i.VpcNum, o.state.VpcNum)
	i.LogStorage = cmp.Or(i.LogStorage, o.state.LogStorage)
	if i.ProductVersion == "" && o.state.ProductVersion != nil {
		i.ProductVersion = string(*o.state.ProductVersion)
	}
	if pending := o.state.PendingOrder; pending != nil {
		have.Instance = withSizes(have.Instance, pending.accepted())
	}
	return have
}

// warnUnknownSizes says which sizes cannot be changed because nobody knows what they are.
func (o *operation) warnUnknownSizes(want Desired, i cloud.Instance) {
	known := sizes(i)
	for _, code := range slices.Sorted(maps.Keys(want.Sizes)) {
		if _, ok := known[code]; !ok {
			o.progress.warning("%s: Alibaba Cloud does not report %s, so that it is left as it is: whether %s would be a change is not known",
				o.id, code, want.Sizes[code])
		}
	}
}

// run makes one step of the plan. What it reads on the way goes into have.
func (o *operation) run(ctx context.Context, step Step, have *Observed) error {
	o.progress.enter(string(step.Action))
	var err error
	switch step.Action {
	case SwitchProtectionOff, SwitchProtectionOn:
		err = o.client.SetDeletionProtection(ctx, o.id, step.Action == SwitchProtectionOn)
	case UnbindVpcs, BindVpcs:
		err = o.client.SetBindVpcs(ctx, o.id, step.Vpcs)
	case Rename:
		err = o.client.RenameInstance(ctx, o.id, step.Name)
	case SetRenewal:
		err = o.client.SetRenewal(ctx, o.id, step.Renewal)
	case RemoveTags:
		err = o.client.UntagInstance(ctx, o.id, step.TagKeys)
	case AddTags:
		err = o.client.TagInstance(ctx, o.id, step.Tags)
	case OrderSizes:
		have.Instance, err = o.orderSizes(ctx, step.Codes, have.Instance)
		return err
	}
	o.applied = o.applied || err == nil || mayHaveTakenEffect(err)
	if err != nil {
		return fmt.Errorf("%s failed: %w", step.Action, err)
	}
	return nil
}

// orderSizes places one order with the changed codes and waits until the instance shows them.
func (o *operation) orderSizes(ctx context.Context, codes map[string]string, i cloud.Instance) (cloud.Instance, error) {
	order := cloud.NewSizeOrder(cloud.SizeOrder{
		InstanceID: o.id, PaymentType: i.PaymentType, Codes: codes,
	}, o.client.Site())
	order.ClientToken = sizeToken(o.id, text(o.state.LastOrderID), codes)
	pending := newPending(order, time.Now())
	if before := o.state.PendingOrder; before != nil {
		pending.Accepted = before.accepted()
	}
	if err := o.modify(ctx, order, pending); err != nil {
		return i, err
	}
	return o.awaitSizes(ctx, i, pending.lastTry().Add(sizesShownWithin))
}

// modify sends an order of sizes. The order is recorded from before it goes out until its outcome is certain.
func (o *operation) modify(ctx context.Context, order cloud.Order, pending *PendingOrder) error {
	o.progress.info("%s: ordering %s (client token %s)", o.id, describe(pending.codes()), order.ClientToken)
	before := o.state.PendingOrder
	o.state.PendingOrder = pending
	ctx, cancel := pending.within(ctx)
	defer cancel()
	done := o.progress.ordering(ctx, order.ClientToken)
	result, err := o.client.ModifyInstance(ctx, &order)
	done()
	pending.tried(time.Now())
	pending.Parameters = order.Parameters
	switch {
	case err != nil && mayHaveTakenEffect(err):
		o.applied = true
		return fmt.Errorf("the order of %s got no answer and may have been placed: %w. The next `pulumi up` within an hour repeats "+
			"exactly this order with its client token, so it is paid at most once", describe(pending.codes()), err)
	case err != nil:
		if o.state.PendingOrder = before; before == pending {
			o.state.PendingOrder = pending.before(o.state.LastOrderID)
		}
		return fmt.Errorf("the order of %s was refused: %w", describe(pending.codes()), err)
	}
	o.applied = true
	pending.OrderID, o.state.LastOrderID = &result.OrderID, &result.OrderID
	o.progress.info("%s: order %s for %s is placed", o.id, result.OrderID, describe(pending.codes()))
	return nil
}

func describe(codes map[string]string) string {
	words := make([]string, 0, len(codes))
	for _, code := range slices.Sorted(maps.Keys(codes)) {
		words = append(words, code+" "+codes[code])
	}
	return strings.Join(words, ", ")
}

// awaitSizes waits until the instance shows the ordered sizes. If it does not until then, that is a warning, not a failure:
// the order stays recorded and is not placed again.
func (o *operation) awaitSizes(ctx context.Context, i cloud.Instance, until time.Time) (cloud.Instance, error) {
	pending := o.state.PendingOrder
	o.progress.enter("waiting for the ordered sizes")
	start := time.Now()
	for {
		instance, err := o.client.GetInstance(ctx, o.id)
		if err != nil {
			if errors.Is(err, cloud.ErrGone) {
				err = errGone
			}
			return i, err
		}
		o.see(*instance)
		if pending.fulfilled(*instance) {
			o.state.countOrderedLogStorage()
			o.state.PendingOrder = nil
			return *instance, nil
		}
		if !time.Now().Before(until) {
			o.progress.warning("%s: order %s (%s) was accepted %s ago, but the instance does not show it yet. It is not ordered again. "+
				"See the order in the billing console", o.id, text(pending.OrderID), describe(pending.sizes()),
				pending.age().Round(time.Second))
			o.state.countOrderedLogStorage()
			return *instance, nil
		}
		o.progress.show("")
		if err := o.looks.pause(ctx, time.Since(start)); err != nil {
			return *instance, err
		}
	}
}

// countOrderedLogStorage takes the last ordered log storage for the real one: the cloud may not report it.
func (s *State) countOrderedLogStorage() {
	if s.PendingOrder == nil {
		return
	}
	ordered := withSizes(cloud.Instance{}, map[string]string{"LogStorage": s.PendingOrder.accepted()["LogStorage"]})
	setNumber(&s.LogStorage, ordered.LogStorage)
}

// settle reads what was changed until it shows.
func (o *operation) settle(ctx context.Context, want Desired, have Observed, stale reading) error {
	if want.Renewal != nil && want.Renewal.Status != "" {
		o.ordered = want.Renewal // SetRenewal has just answered; an empty list must not undo it
	}
	start := time.Now()
	for stale != (reading{}) {
		o.progress.enter("reading the instance")
		var err error
		if have, err = o.observe(ctx, have, stale); err != nil {
			return err
		}
		left := Plan(want, o.asOrdered(have))
		if have.Tags == nil {
			// They may be set, but not read.
			left = slices.DeleteFunc(left, func(s Step) bool { return s.Action == RemoveTags || s.Action == AddTags })
		}
		if len(left) == 0 {
			return nil
		}
		if time.Since(start) > settingsShownWithin {
			for _, step := range left {
				o.progress.warning("%s: %s was accepted, but the instance does not show it yet; `pulumi refresh` will", o.id, step.Action)
			}
			return nil
		}
		stale = reading{}
		for _, step := range left {
			stale.add(step.Action)
		}
		if err := o.looks.pause(ctx, time.Since(start)); err != nil {
			return err
		}
	}
	return nil
}

// findArn makes the ARN of an instance that has none recorded. It asks for the account while other calls are under way; if
// that is refused, the ARN is "".
func findArn(ctx context.Context, client *cloud.Client, id string, recorded *string, patience time.Duration) <-chan string {
	found := make(chan string, 1)
	if recorded != nil {
		found <- *recorded
		return found
	}
	go func() {
		var made string
		defer func() { found <- made }()
		var err error
		defer caught(&err)
		var owner string
		if owner, err = client.Account(ctx, patience); err == nil && owner != "" {
			made = arn(client.Region(), owner, id)
		}
	}()
	return found
}

func (s *State) setArn(arn string) { setText(&s.Arn, arn) }
