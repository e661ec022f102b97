package kmsinstance

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/guard"
)

// operation takes one instance to what its inputs say. It plans from the inputs, the record of what was declared and the observed
// instance alone, so it may be run after any interruption and any number of times.
type operation struct {
	resource *Resource
	client   *cloud.Client
	progress *progress
	id       string
	args     Args
	news     property.Map   // the inputs as the program gave them
	olds     property.Map   // the inputs recorded before
	ignored  ignoring       // ignoreChanges; of an instance that was never connected nothing is ignored
	state    State          // the best that is known; goes to the checkpoint whatever happens
	payment  PaymentType    // as KMS says
	ordered  *cloud.Renewal // renewal setting that the purchase asked for
	applied  bool           // a call has changed something
	accepted bool           // a refund or release
}

func (r *Resource) operation(client *cloud.Client, g *progress, id string, args Args, request guard.Request) *operation {
	g.id = id
	o := &operation{
		resource: r, client: client, progress: g, id: id, args: args, news: request.Inputs, olds: request.OldInputs, payment: args.payment(),
	}
	if wasConnected(request.State) {
		o.ignored = ignoringOf(request.IgnoreChanges)
	}
	return o
}

// converge connects the instance if it is not, waits for it, and makes the settings that differ.
func (o *operation) converge(ctx context.Context) (err error) {
	defer caught(&err) // the instance is paid for: not even a bug of ours may lose its id
	ctx = o.progress.watch(ctx)
	o.state.record(o.args)
	instance, err := o.usable(ctx)
	if err != nil {
		return err
	}
	o.takeArn(ctx)
	if err := o.checkNetwork(*instance); err != nil {
		return err
	}
	want := desire(o.args, o.news, o.state.Declared, o.ignored, o.client.Region())
	have, err := o.observe(ctx, *instance, reading{renewal: true, tags: true})
	if err != nil {
		return err
	}
	o.warnUnknownSizes(want.Sizes, have.Sizes)
	if err := o.checkQuota(ctx, want, have); err != nil {
		return err
	}
	steps := Plan(want, have)
	for _, step := range steps {
		if err := o.run(ctx, step); err != nil {
			return err
		}
	}
	if err := o.settle(ctx, want, steps); err != nil {
		return err
	}
	o.progress.enter("ready")
	return nil
}

// read reads the instance. It is nil while KMS has never shown the instance and it may still appear.
func (o *operation) read(ctx context.Context) (*cloud.Instance, error) {
	instance, err := o.client.GetInstance(ctx, o.id)
	if cloud.IsGone(err) {
		if o.state.mayAppear() && !o.accepted {
			return nil, nil //nolint:nilnil // neither an instance nor an error
		}
		instance, err = o.resource.confirmGone(ctx, o.client, o.id, &o.state, o.accepted)
	}
	if err != nil {
		return nil, err
	}
	o.see(*instance)
	return instance, nil
}

func (o *operation) see(i cloud.Instance) {
	o.state.see(i, o.args)
	if i.PaymentType != "" {
		o.payment = PaymentType(i.PaymentType)
	}
	o.progress.saw(i.Status)
}

// readBack fills the state with the instance as it is when the work on it stops, even if it was cancelled.
func (o *operation) readBack(ctx context.Context) {
	var err error
	defer caught(&err) // what is known already is recorded all the same
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastLook)
	defer cancel()
	if instance, err := o.client.GetInstance(ctx, o.id); err == nil {
		o.see(*instance)
		o.takeArn(ctx)
	}
}

// takeArn records the ARN of an instance that these credentials have bought or seen, if it is missing.
func (o *operation) takeArn(ctx context.Context) {
	if o.state.Arn == nil {
		setText(&o.state.Arn, findArn(ctx, o.client, o.id))
	}
}

// usable waits until the instance can take settings, connecting it on the way.
func (o *operation) usable(ctx context.Context) (instance *cloud.Instance, err error) {
	var c connecting
	o.progress.enter("looking at the instance")
	err = poll(ctx, o.progress, func() (bool, error) {
		if instance, err = o.read(ctx); err != nil {
			return false, err
		}
		switch {
		case instance == nil:
			o.progress.enter("waiting for the instance to appear")
			return false, nil
		case instance.Status == cloud.StatusConnected:
			return true, nil
		case instance.Status == cloud.StatusDisconnected:
			return !c.accepted && instance.VpcID != "", nil
		case instance.Status == cloud.StatusError:
			return false, o.statusError()
		case instance.Status == cloud.StatusUninitialized:
			return false, o.connect(ctx, &c)
		case instance.Status == cloud.StatusConnecting:
			o.progress.enter(connectingPhase)
			return false, nil
		default:
			return false, c.unknown(instance.Status)
		}
	})
	return instance, err
}

const connectingPhase = "connecting (takes about 30 minutes)"

// connecting is how far the connection of an instance has got.
type connecting struct {
	accepted bool // the status follows
	tries    int
	doubtful bool // the last try got no answer
	since    time.Time
}

// unknown fails if the instance has had a status that nobody knows for a while.
func (c *connecting) unknown(status string) error {
	if c.since.IsZero() {
		c.since = time.Now()
	}
	if time.Since(c.since) < unknownStatus {
		return nil
	}
	return fmt.Errorf("the instance has status %q, which this provider does not know. It is kept as it is. Look at it in the KMS console, and "+
		"run `pulumi up` again when its status is Connected", status)
}

// connect calls ConnectKmsInstance once, and again if that got no answer and the instance is still not connecting.
func (o *operation) connect(ctx context.Context, c *connecting) error {
	const most = 5
	if c.accepted {
		return nil
	}
	if len(o.args.VswitchIDs) > 1 {
		o.progress.warning("vswitchIds has %d elements and is sent as given, but Alibaba Cloud documents one vSwitch per instance",
			len(o.args.VswitchIDs))
	}
	o.progress.enter(connectingPhase)
	o.applied = true
	c.tries++
	err := o.client.ConnectInstance(ctx, o.id, o.args.VpcID, o.args.ZoneIDs, o.args.VswitchIDs)
	lost := cloud.MayHaveTakenEffect(err)
	switch {
	case err == nil:
		c.accepted = true
	case lost && c.tries < most:
		c.doubtful = true
	case !lost && c.doubtful: // the connection may be under way already, which refuses another one
		c.doubtful = false
	default:
		return err
	}
	return nil
}

func (o *operation) statusError() error {
	return fmt.Errorf("the instance has status Error. It is kept as it is, with everything in it. Look at it in the KMS console or ask "+
		"Alibaba Cloud's support; run `pulumi refresh` when it is repaired. To abandon it and buy another one, run `pulumi up --refresh --replace` "+
		"with its URN: that destroys %s and all keys and secrets in it", o.id)
}

// checkNetwork fails if the program has changed to a network that a connected instance cannot have.
func (o *operation) checkNetwork(i cloud.Instance) error {
	if i.VpcID != "" && i.VpcID != o.args.VpcID && !o.ignored.covers("vpcId") {
		have := o.hidden("vpcId", i.VpcID)
		return fmt.Errorf("the instance is connected to %s, and a connected instance cannot move to %s; run `pulumi refresh`, then "+
			"`pulumi preview` shows what the change means, or set vpcId back to %s", have, o.hidden("vpcId", o.args.VpcID), have)
	}
	network := []struct {
		name       string
		want, have []string
	}{{"zoneIds", o.args.ZoneIDs, i.ZoneIDs}, {"vswitchIds", o.args.VswitchIDs, i.VswitchIDs}}
	for _, n := range network {
		if len(n.have) == 0 || sameSet(n.want, n.have) || o.ignored.covers(n.name) {
			continue
		}
		have, want := o.hidden(n.name, strings.Join(n.have, ", ")), o.hidden(n.name, strings.Join(n.want, ", "))
		if o.networkChanged(n.name) {
			return fmt.Errorf("the instance is connected with %s %s, and a connected instance cannot change to %s; run `pulumi refresh`, "+
				"then `pulumi preview` shows what the change means, or set %s back", n.name, have, want, n.name)
		}
		o.progress.warning("%s: Alibaba Cloud reports %s %s where the program says %s; the instance is left as it is", o.id, n.name, have, want)
	}
	return nil
}

func (o *operation) networkChanged(name string) bool {
	old, had := o.olds.GetOk(name)
	return had && !sameValue(old, o.news.Get(name), o.client.Region())
}

// hidden is a value of an input for a message; that of a secret one is not shown.
func (o *operation) hidden(name, value string) string {
	if o.news.Get(name).HasSecrets() {
		return "a secret value"
	}
	return value
}

// warnUnknownSizes says which sizes cannot be changed because nobody knows what they are.
func (o *operation) warnUnknownSizes(want, have map[string]string) {
	for _, code := range slices.Sorted(maps.Keys(want)) {
		if _, known := knownSize(have, code); !known {
			o.progress.warning("%s: Alibaba Cloud does not report %s, so it is left as it is: whether the program's value would be a change is "+
				"not known", o.id, code)
		}
	}
}

// run makes one step of the plan.
func (o *operation) run(ctx context.Context, step Step) error {
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
		return o.orderSizes(ctx, step.Codes)
	}
	o.applied = o.applied || err == nil || cloud.MayHaveTakenEffect(err)
	if err != nil {
		return fmt.Errorf("%s failed: %w", step.Action, err)
	}
	o.state.retag(step.Tags, step.TagKeys)
	return nil
}

// settle reads what the steps have changed until it shows. An order of sizes has been waited for already.
func (o *operation) settle(ctx context.Context, want Desired, steps []Step) error {
	made := func(actions ...Action) bool {
		return slices.ContainsFunc(steps, func(s Step) bool { return slices.Contains(actions, s.Action) })
	}
	changed := reading{renewal: made(SetRenewal), tags: made(RemoveTags, AddTags)}
	if len(steps) == 0 || len(steps) == 1 && made(OrderSizes) {
		return nil
	}
	if changed.renewal {
		o.ordered = want.Renewal // SetRenewal has just answered; an empty list must not undo it
	}
	o.progress.enter("reading the instance")
	start := time.Now()
	return poll(ctx, o.progress, func() (bool, error) {
		instance, err := o.read(ctx)
		if err != nil {
			return false, err
		}
		have, err := o.observe(ctx, *instance, changed)
		if err != nil {
			return false, err
		}
		left := Plan(want, have)
		if len(left) > 0 && time.Since(start) < settingsShown {
			return false, nil
		}
		for _, step := range left {
			o.progress.warning("%s: %s was accepted, but the instance does not show it yet; `pulumi refresh` will", o.id, step.Action)
		}
		return true, nil
	})
}

// checkQuota fails before a binding that the instance has no room for, if its quota can be read.
func (o *operation) checkQuota(ctx context.Context, want Desired, have Observed) error {
	if want.BindVpcs == nil || len(*want.BindVpcs) <= len(have.BindVpcs) {
		return nil
	}
	quotas, err := quotasOf(ctx, o.client, o.id)
	if err != nil {
		return ctx.Err()
	}
	added := len(*want.BindVpcs) - len(have.BindVpcs)
	for _, q := range quotas {
		ordered, _ := strconv.Atoi(want.Sizes["VpcNum"])
		if q.ResourceType == "vpc" && q.Quota > 0 && q.Used+added > max(q.Quota, ordered) {
			return fmt.Errorf("bindVpcs has %d elements, but the instance can be reached from %d further VPCs and accounts at most, of which "+
				"%d are taken: raise vpcNum, or take a VPC out", len(*want.BindVpcs), max(q.Quota, ordered), q.Used)
		}
	}
	return nil
}

var errNoQuotas = errors.New("the quotas are not known")

// quotasOf reads the quotas of an instance, if that works soon.
func quotasOf(ctx context.Context, client *cloud.Client, id string) (quotas []cloud.Quota, err error) {
	defer caught(&err)
	ctx, cancel := context.WithTimeout(ctx, previewLook)
	defer cancel()
	quotas, err = client.GetQuotas(ctx, id)
	if err == nil && len(quotas) == 0 {
		err = errNoQuotas
	}
	return quotas, err
}
