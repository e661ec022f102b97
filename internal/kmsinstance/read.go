package kmsinstance

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/guard"
)

// Read tells how the instance is: for a refresh with the inputs that it has drifted to, for an import or a `.get` with the
// inputs that describe it. A response without id means that the instance is gone; an import of one is an error.
func (r *Resource) Read(ctx context.Context, req infer.ReadRequest[Args, State]) (infer.ReadResponse[Args, State], error) {
	request := guard.FromContext(ctx)
	fresh := request.State.Len() == 0
	if fresh {
		if err := CheckID(req.ID); err != nil {
			return infer.ReadResponse[Args, State]{}, err
		}
	}
	id := req.ID
	if isProvisional(id) {
		if id = text(req.State.InstanceID); id == "" {
			return infer.ReadResponse[Args, State](req), initFailed(r.stillOpen(ctx, req.State))
		}
	}
	client, err := r.connection.Client(ctx)
	if err != nil {
		return infer.ReadResponse[Args, State]{}, err
	}
	g := newProgress(ctx, id)
	instance, err := client.GetInstance(g.watch(ctx), id)
	if cloud.IsGone(err) {
		return r.gone(ctx, client, id, fresh, req)
	}
	if err != nil {
		return infer.ReadResponse[Args, State]{}, fmt.Errorf("reading KMS instance %s: %w", id, err)
	}
	client.ObserveProductType(instance.ProductType)
	arn := findArn(ctx, client, id, req.State.Arn, identityTimeout)
	renewal, tags, err := readSettings(g.watch(ctx), client, *instance, reading{renewal: true, tags: true}, g)
	if cloud.IsGone(err) {
		// It may have gone between two calls, which the first of them then confirms.
		if _, again := client.GetInstance(ctx, id); cloud.IsGone(again) {
			return r.gone(ctx, client, id, fresh, req)
		}
	}
	if err != nil {
		return infer.ReadResponse[Args, State]{}, fmt.Errorf("reading KMS instance %s: %w", id, err)
	}
	state := req.State
	state.see(*instance, req.Inputs)
	state.seeRenewal(renewal, req.Inputs)
	state.seeTags(tags)
	state.settlePending(*instance)
	state.setArn(<-arn)
	resp := infer.ReadResponse[Args, State]{ID: id, State: state}
	if fresh {
		resp.Inputs = importedInputs(state, renewal)
		r.unmanaged.found(g, request.URN, resp.Inputs.leaveOutRefused(client.Region(), id))
		resp.State.seeRenewal(renewal, resp.Inputs)
		if reason := health(*instance); reason != "" {
			g.warning("%s", reason)
		}
		return resp, nil
	}
	if renewal == nil { // what could not be read is as it is recorded, which after a failure is not as declared
		renewal = req.State.renewal()
	}
	resp.Inputs = driftedInputs(req.Inputs, request, state, renewal, client.Region())
	warnNetworkDrift(g, id, req.Inputs, *instance)
	if reason := health(*instance); reason != "" {
		return resp, initFailed(reason)
	}
	return resp, nil
}

// gone answers for an instance that GetKmsInstance does not know.
func (r *Resource) gone(
	ctx context.Context, client *cloud.Client, id string, fresh bool, req infer.ReadRequest[Args, State],
) (infer.ReadResponse[Args, State], error) {
	if fresh {
		return infer.ReadResponse[Args, State]{}, notFoundError{id, client.Region()}
	}
	if err := r.comparePlace(ctx, client, id, req.State); err != nil {
		return infer.ReadResponse[Args, State]{}, err
	}
	if req.State.boughtRecently() {
		return infer.ReadResponse[Args, State]{ID: id, Inputs: req.Inputs, State: req.State}, initFailed(fmt.Sprintf(
			"KMS instance %s was ordered at %s and is not visible yet. `pulumi up` goes on with it without buying again.",
			id, req.State.PendingOrder.RequestedAt))
	}
	if err := r.checkGonePlace(ctx, client, id, req.State); err != nil {
		return infer.ReadResponse[Args, State]{}, err
	}
	urn := guard.FromContext(ctx).URN
	r.purchases.forget(urn)
	r.purchases.ended(urn, id, nil)
	return infer.ReadResponse[Args, State]{}, nil
}

// stillOpen says of an order without an answer how to get on with it. Within the hour a repetition finds out what became of
// it; after that the instances that it may have bought are named.
func (r *Resource) stillOpen(ctx context.Context, state State) string {
	pending := state.PendingOrder
	if pending == nil {
		return "The order of the instance got no answer, and the stack has lost its record."
	}
	if pending.age() <= replayWindow {
		return unanswered(*pending, fmt.Errorf("the outcome is still open, and a refresh places no order"))
	}
	client, err := r.connection.Client(ctx)
	if err != nil {
		return fmt.Sprintf("The order with client token %s got no answer at %s, which is too long ago to repeat it safely, and looking for the "+
			"instance it may have bought failed: %v.", pending.ClientToken, pending.RequestedAt, err)
	}
	return sentence(r.tooOld(ctx, client, *pending))
}

// sentence makes one of an error.
func sentence(err error) string {
	text := err.Error()
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// health says what keeps an instance from being usable, or "".
func health(i cloud.Instance) string {
	switch i.Status {
	case cloud.StatusConnected:
		return ""
	case cloud.StatusUninitialized:
		return fmt.Sprintf("KMS instance %s is bought but not connected to a VPC yet; `pulumi up` connects it without buying again.", i.ID)
	case cloud.StatusConnecting:
		return fmt.Sprintf("KMS instance %s is being connected; `pulumi up` waits for it.", i.ID)
	case cloud.StatusError:
		return fmt.Sprintf("KMS instance %s has status Error: look at it in the KMS console or ask Alibaba Cloud's support.", i.ID)
	default:
		return fmt.Sprintf("KMS instance %s has status %s.", i.ID, i.Status)
	}
}

// settlePending forgets a recorded order once the instance shows it.
func (s *State) settlePending(i cloud.Instance) {
	p := s.PendingOrder
	switch {
	case p == nil, s.unconnectedPurchase():
	case p.fulfilled(i):
		s.countOrderedLogStorage()
		s.PendingOrder = nil
	default:
		s.countOrderedLogStorage()
	}
}

// driftedInputs are the recorded inputs, with what the instance really has in every input that the program manages. The
// network cannot change after the connection, so that a difference is one of representation and must never plan a
// destruction; period and forceDeleteWithoutBackup are known to the program alone.
func driftedInputs(
	args Args, request guard.Request, state State, renewal *cloud.Renewal, region string,
) Args {
	if args.PaymentType != nil && state.PaymentType != nil {
		args.PaymentType = state.PaymentType
	}
	drift(&args.ProductVersion, state.ProductVersion)
	drift(&args.Spec, state.Spec)
	drift(&args.KeyNum, state.KeyNum)
	drift(&args.SecretNum, state.SecretNum)
	drift(&args.VpcNum, state.VpcNum)
	drift(&args.Log, state.Log)
	drift(&args.LogStorage, state.LogStorage)
	drift(&args.InstanceName, state.InstanceName)
	drift(&args.DeletionProtection, state.DeletionProtection)
	if renewal != nil {
		drift(&args.RenewStatus, state.RenewStatus)
		if renewal.Status == cloud.AutoRenewal && args.RenewPeriod != nil {
			args.RenewPeriod, args.RenewalPeriodUnit = state.RenewPeriod, state.RenewalPeriodUnit
		}
	}
	if declared(request.Inputs, "bindVpcs") {
		args.BindVpcs = driftedBindings(args.BindVpcs, state.BindVpcs, region)
	}
	if declared(request.Inputs, "tags") && text(state.Status) == cloud.StatusConnected { // no other one tells its tags
		args.Tags = ownTags(state.Tags)
	}
	return args
}

// drift replaces a value that the program gives by the real one.
func drift[T any](input **T, cloud *T) {
	if *input != nil && cloud != nil {
		*input = cloud
	}
}

// driftedBindings keeps what the program leaves open left open where the binding is the same.
func driftedBindings(want, have []BindVpc, region string) []BindVpc {
	out := make([]BindVpc, 0, len(have))
	for _, h := range have {
		i := slices.IndexFunc(want, func(w BindVpc) bool {
			return bindingFits(toCloud([]BindVpc{w})[0], toCloud([]BindVpc{h})[0], region)
		})
		if i >= 0 {
			h = want[i]
		}
		out = append(out, h)
	}
	return out
}

// importedInputs describe an instance that no program has described yet: minimal, and nothing that Check would refuse.
func importedInputs(state State, renewal *cloud.Renewal) Args {
	args := Args{VpcID: text(state.VpcID), ZoneIDs: state.ZoneIDs, VswitchIDs: state.VswitchIDs, PaymentType: state.PaymentType}
	args.ProductVersion = allowedEnum("productVersion", state.ProductVersion)
	args.Log = allowedEnum("log", state.Log)
	args.LogStorage = allowedNumber("logStorage", state.LogStorage)
	if args.payment() == Subscription {
		args.Spec = allowedNumber("spec", state.Spec)
		args.KeyNum = allowedNumber("keyNum", state.KeyNum)
		args.SecretNum = allowedNumber("secretNum", state.SecretNum)
		args.VpcNum = allowedNumber("vpcNum", state.VpcNum)
		args.importRenewal(renewal)
	}
	if len(state.BindVpcs) > 0 {
		args.BindVpcs = state.BindVpcs
	}
	if name := text(state.InstanceName); name != "" && name != text(state.InstanceID) {
		args.InstanceName = &name
	}
	if state.DeletionProtection != nil && *state.DeletionProtection {
		args.DeletionProtection = state.DeletionProtection
	}
	if len(state.Tags) > 0 {
		args.Tags = state.Tags
	}
	return args
}

// leaveOutRefused leaves out what the cloud has, but no program may ask for: tags that were made under other rules, for instance. It
// returns what there is to say of that.
func (a *Args) leaveOutRefused(region, id string) []string {
	var warnings []string
	tags := map[string]property.Value{}
	for key, value := range a.Tags {
		tags[key] = property.New(value)
	}
	bindings := make([]property.Value, len(a.BindVpcs))
	for i, v := range a.BindVpcs {
		fields := map[string]property.Value{"vpcId": property.New(v.VpcID), "vswitchId": property.New(v.VswitchID)}
		if v.RegionID != nil {
			fields["regionId"] = property.New(*v.RegionID)
		}
		if v.VpcOwnerID != nil {
			fields["vpcOwnerId"] = property.New(*v.VpcOwnerID)
		}
		bindings[i] = property.New(fields)
	}
	refused := func(name string, v property.Value) bool {
		reason := refusal(name, v, a.VpcID, region)
		if reason != "" {
			warnings = append(warnings, fmt.Sprintf("%s: its %s are left out of the inputs, so that they are not managed: %s", id, name, reason))
		}
		return reason != ""
	}
	if refused("tags", property.New(tags)) {
		a.Tags = nil
	}
	if refused("bindVpcs", property.New(bindings)) {
		a.BindVpcs = nil
	}
	return warnings
}

// importRenewal takes over the renewal setting, unless it is one that a program cannot ask for. Orders take periods such as
// 24 months, which a program gives in years.
func (a *Args) importRenewal(renewal *cloud.Renewal) {
	if renewal == nil {
		return
	}
	status := RenewStatus(renewal.Status)
	if status != AutoRenewal {
		a.RenewStatus = allowedEnum("renewStatus", &status)
		return
	}
	period, unit := renewal.Period, Month
	if renewal.Unit == string(Year) {
		unit = Year
	}
	months := inMonths(period, unit == Year)
	if !slices.Contains(renewalPeriods(unit), period) && months%12 == 0 {
		period, unit = months/12, Year
	}
	if slices.Contains(renewalPeriods(unit), period) {
		a.RenewStatus, a.RenewPeriod, a.RenewalPeriodUnit = &status, &period, &unit
	}
}

// renewalPeriods are the periods of an automatic renewal that a program can ask for.
func renewalPeriods(unit RenewalPeriodUnit) []int {
	if unit == Year {
		return []int{1, 2, 3}
	}
	return []int{1, 2, 3, 6, 12}
}

func allowedEnum[T ~string](name string, value *T) *T {
	if value == nil || !slices.Contains(propertyByName[name].Values, string(*value)) {
		return nil
	}
	return value
}

func allowedNumber(name string, value *int) *int {
	prop := propertyByName[name]
	if value == nil {
		return nil
	}
	if len(prop.Allowed) > 0 && !slices.Contains(prop.Allowed, *value) {
		return nil
	}
	if len(prop.Allowed) == 0 && (*value < prop.Min || *value > prop.Max) {
		return nil
	}
	return value
}

// warnNetworkDrift says that the cloud describes the network in other words than the program; nothing follows from it.
func warnNetworkDrift(g *progress, id string, args Args, i cloud.Instance) {
	if i.VpcID != "" && args.VpcID != "" && i.VpcID != args.VpcID {
		g.warning("%s: Alibaba Cloud reports vpcId %s, the program says %s; the outputs show the former, the inputs are left as they are",
			id, i.VpcID, args.VpcID)
	}
	if len(i.ZoneIDs) > 0 && len(args.ZoneIDs) > 0 && !sameSet(i.ZoneIDs, args.ZoneIDs) {
		g.warning("%s: Alibaba Cloud reports zoneIds %v, the program says %v; the outputs show the former, the inputs are left as they are",
			id, i.ZoneIDs, args.ZoneIDs)
	}
	if len(i.VswitchIDs) > 0 && len(args.VswitchIDs) > 0 && !sameSet(i.VswitchIDs, args.VswitchIDs) {
		g.warning("%s: Alibaba Cloud reports vswitchIds %v, the program says %v; the outputs show the former, the inputs are left as they are",
			id, i.VswitchIDs, args.VswitchIDs)
	}
}
