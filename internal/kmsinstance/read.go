package kmsinstance

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/guard"
)

// Read tells how the instance is: for a refresh with the inputs that it has drifted to, for an import or a `.get` with the
// inputs that describe it. A response without id means that the instance is gone; an import of one is an error.
func (r *Resource) Read(ctx context.Context, req infer.ReadRequest[Args, State]) (resp infer.ReadResponse[Args, State], err error) {
	request := guard.FromContext(ctx)
	fresh := request.State.Len() == 0
	if err := CheckID(req.ID); err != nil {
		return resp, err
	}
	r.memory.named(req.ID, request.State)
	client, err := r.connection.Client(ctx)
	if err != nil {
		return resp, err
	}
	g := newProgress(ctx, req.ID)
	instance, s, err := r.readAll(g.watch(ctx), client, g, req.ID, &req.State, fresh)
	switch {
	case errors.Is(err, errGone):
		r.memory.gone(request.URN, req.ID)
		return resp, nil
	case errors.As(err, &notFoundError{}):
		return resp, err
	case err != nil:
		return resp, fmt.Errorf("reading KMS instance %s: %w", req.ID, err)
	case instance == nil:
		return infer.ReadResponse[Args, State](req), initFailed(fmt.Sprintf("KMS instance %s was ordered at %s and is not visible yet. "+
			"`pulumi up` goes on with it without buying again.", req.ID, text(req.State.PendingOrder.AcceptedAt)))
	}
	state := req.State
	state.keepEmpty(request.State)
	state.see(*instance, req.Inputs)
	state.seeRenewal(s.renewal, req.Inputs)
	state.seeTags(s.tags)
	if state.Arn == nil {
		setText(&state.Arn, findArn(ctx, client, req.ID))
	}
	r.memory.stands(request.URN, standing{req.ID, placeOf(&state), isOn(state.DeletionProtection)})
	resp = infer.ReadResponse[Args, State]{ID: req.ID, State: state}
	if fresh {
		resp.Inputs = importedInputs(&state, s.renewal)
		resp.State.seeRenewal(s.renewal, resp.Inputs)
		if reason := health(*instance); reason != "" {
			g.warning("%s", reason)
		}
		return resp, nil
	}
	if s.tags != nil {
		resp.State.dropCleared(declaredIn(request.Inputs))
	}
	if s.renewal == nil { // what could not be read is as it is recorded, which after a failure is not as declared
		s.renewal = req.State.renewal()
	}
	resp.Inputs = driftedInputs(req.Inputs, request, &state, s.renewal, client.Region())
	warnNetworkDrift(g, req.ID, request, req.Inputs, *instance)
	warnOfEnd(g, req.ID, *instance, s.renewal)
	if reason := health(*instance); reason != "" {
		return resp, initFailed(reason)
	}
	return resp, nil
}

// readAll reads the instance with its settings. The instance is nil if KMS has never shown it and it may still appear.
func (r *Resource) readAll(
	ctx context.Context, client *cloud.Client, g *progress, id string, state *State, fresh bool,
) (instance *cloud.Instance, s settings, err error) {
	instance, err = client.GetInstance(ctx, id)
	if err == nil {
		s, err = readSettings(ctx, client, *instance, reading{renewal: true, tags: true}, g)
	}
	switch {
	case !cloud.IsGone(err):
		return instance, s, err
	case fresh:
		return nil, s, notFoundError{id, client.Region()}
	case state.mayAppear():
		return nil, s, placeOf(state).compare(ctx, client, id, false)
	}
	if instance, err = r.confirmGone(ctx, client, id, state, false); err == nil {
		s, err = readSettings(ctx, client, *instance, reading{renewal: true, tags: true}, g)
	}
	return instance, s, err
}

// health says what keeps an instance from being usable, or "".
func health(i cloud.Instance) string {
	switch i.Status {
	case cloud.StatusConnected:
		return ""
	case cloud.StatusUninitialized:
		return fmt.Sprintf("KMS instance %s is bought but not connected to a VPC yet; `pulumi up` with vpcId, zoneIds and vswitchIds in the "+
			"program connects it without buying again.", i.ID)
	case cloud.StatusConnecting:
		return fmt.Sprintf("KMS instance %s is being connected; `pulumi up` waits for it.", i.ID)
	case cloud.StatusError:
		return fmt.Sprintf("KMS instance %s has status Error: look at it in the KMS console or ask Alibaba Cloud's support.", i.ID)
	default:
		return fmt.Sprintf("KMS instance %s has status %s.", i.ID, i.Status)
	}
}

// driftedInputs are the recorded inputs, with what the instance really has in every input that the program manages. The
// network cannot change after the connection, so that a difference is one of representation and must never plan a
// destruction; period and forceDeleteWithoutBackup are known to the program alone.
func driftedInputs(
	args Args, request guard.Request, state *State, renewal *cloud.Renewal, region string,
) Args {
	given, actual := args.codes(), state.codes()
	args.set(withoutKeys(actual, func(code string) bool { return given[code] == "" }))
	drift(&args.InstanceName, state.InstanceName)
	drift(&args.DeletionProtection, state.DeletionProtection)
	if renewal != nil {
		drift(&args.RenewStatus, state.RenewStatus)
		if renewal.Status == cloud.AutoRenewal && args.RenewPeriod != nil {
			args.RenewPeriod, args.RenewalPeriodUnit = state.RenewPeriod, state.RenewalPeriodUnit
		}
	}
	if isGiven(request.Inputs, "bindVpcs") {
		args.BindVpcs = driftedBindings(args.BindVpcs, state.BindVpcs, region)
	}
	if isGiven(request.Inputs, "tags") && text(state.Status) == cloud.StatusConnected { // no other one tells its tags
		args.Tags = withoutKeys(state.Tags, isReservedTag)
	}
	return args
}

// drift replaces a value that the program gives by the real one.
func drift[T any](input **T, cloud *T) {
	if *input != nil && cloud != nil {
		*input = cloud
	}
}

// driftedBindings omits what the program omits where the binding is the same.
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

// importedInputs describe an instance that no program has described yet. Lists and maps that are empty are left out later.
func importedInputs(state *State, renewal *cloud.Renewal) Args {
	args := Args{
		VpcID: text(state.VpcID), ZoneIDs: state.ZoneIDs, VswitchIDs: state.VswitchIDs, PaymentType: state.PaymentType, Sizes: state.Sizes,
	}
	args.BindVpcs, args.Tags = state.BindVpcs, state.Tags
	if args.payment() == Subscription {
		args.importRenewal(renewal)
	}
	if name := text(state.InstanceName); name != "" && name != text(state.InstanceID) {
		args.InstanceName = &name
	}
	if isOn(state.DeletionProtection) {
		args.DeletionProtection = state.DeletionProtection
	}
	return args
}

// Imported leaves out of the inputs of an import what the cloud has and no program may ask for, such as sizes that are not sold any more,
// or tags that were made under other rules.
func (r *Resource) Imported(ctx context.Context, req p.ReadRequest, inputs property.Map) property.Map {
	region, err := r.connection.Region(ctx)
	if err != nil {
		return inputs // Read has failed
	}
	var left, sizes []string
	for _, prop := range Properties {
		v, given := inputs.GetOk(prop.Name)
		if !given || prop.Change == Replace {
			continue
		}
		reason := refusal(prop.Name, v, stringOf(inputs.Get("vpcId")), region)
		switch {
		case prop.SubscriptionOnly && isString(inputs.Get("paymentType"), string(PayAsYouGo)):
		case reason == "":
			continue
		case prop.Code != "":
			sizes = append(sizes, prop.Name+" "+scalar(v))
		default:
			left = append(left, fmt.Sprintf("%s: %s is left out of the inputs, so that it is not managed: %s", req.ID, prop.Name, reason))
		}
		inputs = inputs.Delete(prop.Name)
	}
	if len(sizes) > 0 {
		left = append(left, fmt.Sprintf("%s: %s is not among the values that a program can ask for, so it is left out of the inputs and stays "+
			"as it is", req.ID, strings.Join(sizes, ", ")))
	}
	r.memory.leftOut(newProgress(ctx, req.ID), req.Urn, left)
	return inputs
}

// importRenewal takes over the renewal setting, unless it is one that a program cannot ask for. Orders take periods such as
// 24 months, which a program gives in years.
func (a *Args) importRenewal(renewal *cloud.Renewal) {
	if renewal == nil {
		return
	}
	status := RenewStatus(renewal.Status)
	if status != AutoRenewal {
		if slices.Contains(propertyByName["renewStatus"].Values, renewal.Status) {
			a.RenewStatus = &status
		}
		return
	}
	period, unit := renewal.Period, Month
	if renewal.Unit == string(Year) {
		unit = Year
	}
	months := inMonths(period, string(unit))
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

// warnNetworkDrift says that the cloud describes the network in other words than the program; nothing follows from it.
func warnNetworkDrift(g *progress, id string, request guard.Request, args Args, i cloud.Instance) {
	for _, n := range []struct {
		name       string
		want, have []string
	}{
		{"vpcId", []string{args.VpcID}, []string{i.VpcID}}, {"zoneIds", args.ZoneIDs, i.ZoneIDs}, {"vswitchIds", args.VswitchIDs, i.VswitchIDs},
		{"paymentType", []string{string(args.payment())}, []string{string(i.PaymentType)}},
	} {
		have, want := strings.Join(n.have, ", "), strings.Join(n.want, ", ")
		if have == "" || want == "" || sameSet(n.want, n.have) {
			continue
		}
		if request.Inputs.Get(n.name).HasSecrets() {
			have, want = "another value", "a secret value"
		}
		g.warning("%s: Alibaba Cloud reports %s %s, the program says %s; the outputs show the former, the inputs are left as they are",
			id, n.name, have, want)
	}
}

// warnOfEnd says that a Subscription ends soon and nothing renews it.
func warnOfEnd(g *progress, id string, i cloud.Instance, renewal *cloud.Renewal) {
	end := parseTime(i.EndDate)
	if i.PaymentType != cloud.Subscription || end.IsZero() || time.Until(end) > endsSoon || renewal == nil || renewal.Status == cloud.AutoRenewal {
		return
	}
	g.warning("%s: its Subscription ends on %s and does not renew by itself. Renew it in the console, or set renewStatus to AutoRenewal. "+
		"Alibaba Cloud releases it with all its keys some time after the end", id, i.EndDate)
}
