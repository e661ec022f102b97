package wire

import (
	"context"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"
)

// Failure is a complaint of Check.
type Failure struct{ Path, Reason string }

// Resource is what the engine keeps of a resource: its id, inputs and outputs.
type Resource struct {
	ID      string
	Inputs  property.Map
	Outputs property.Map
}

// Outcome is the answer to a verb that reads or changes.
type Outcome struct {
	Resource
	// Reasons are those of a failed initialization: the resource is kept, and the reasons are shown.
	Reasons []string
	// Err is any other failure: nothing is kept.
	Err error
}

// Plan is the answer to Diff.
type Plan struct {
	Changes bool
	// Kinds are the changes by property path: ADD, DELETE, UPDATE, each also with _REPLACE.
	Kinds map[string]string
	// Replaces are the properties that replace, DeleteFirst whether the old resource goes first.
	Replaces    []string
	DeleteFirst bool
}

var wire = plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true, KeepResources: true, KeepOutputValues: true, KeepByteString: true}

func (b *Bench) pack(m property.Map) *structpb.Struct {
	b.t.Helper()
	s, err := plugin.MarshalProperties(resource.ToResourcePropertyMap(m), wire)
	if err != nil {
		b.t.Fatalf("marshalling properties: %v", err)
	}
	// As over the wire: nothing is shared.
	copied, _ := proto.Clone(s).(*structpb.Struct)
	return copied
}

func (b *Bench) unpack(s *structpb.Struct) property.Map {
	b.t.Helper()
	m, err := plugin.UnmarshalProperties(s, wire)
	if err != nil {
		b.t.Fatalf("unmarshalling properties: %v", err)
	}
	return resource.FromResourcePropertyMap(m)
}

const providerURN = "urn:pulumi:test::wire::pulumi:providers:alicloud-kms::explicit"

// CheckConfig checks a configuration.
func (b *Bench) CheckConfig(olds, news property.Map) (property.Map, []Failure, error) {
	resp, err := b.Server.CheckConfig(b.t.Context(), &pulumirpc.CheckRequest{Urn: providerURN, Olds: b.pack(olds), News: b.pack(news)})
	if err != nil {
		return property.Map{}, nil, err
	}
	return b.unpack(resp.GetInputs()), failures(resp.GetFailures()), nil
}

// DiffConfig compares two configurations.
func (b *Bench) DiffConfig(olds, news property.Map) (Plan, error) {
	resp, err := b.Server.DiffConfig(b.t.Context(), &pulumirpc.DiffRequest{
		Urn: providerURN, Id: "explicit", Olds: b.pack(olds), OldInputs: b.pack(olds), News: b.pack(news),
	})
	return plan(resp), err
}

// Check checks inputs; recorded ones are empty.
func (b *Bench) Check(inputs property.Map) (property.Map, []Failure) {
	b.t.Helper()
	return b.CheckUpdate(property.Map{}, inputs)
}

// CheckUpdate checks inputs against those that are recorded.
func (b *Bench) CheckUpdate(olds, news property.Map) (property.Map, []Failure) {
	b.t.Helper()
	checked, found, err := b.check(olds, news)
	if err != nil {
		b.t.Fatalf("Check: %v", err)
	}
	return checked, found
}

// TryCheck checks inputs and returns the error of the call itself, too.
func (b *Bench) TryCheck(inputs property.Map) (property.Map, []Failure, error) {
	return b.check(property.Map{}, inputs)
}

func (b *Bench) check(olds, news property.Map) (property.Map, []Failure, error) {
	request := &pulumirpc.CheckRequest{Urn: string(b.URN), News: b.pack(news)}
	if olds.Len() > 0 {
		request.Olds = b.pack(olds)
	}
	resp, err := b.Server.Check(b.t.Context(), request)
	if err != nil {
		return property.Map{}, nil, err
	}
	return b.unpack(resp.GetInputs()), failures(resp.GetFailures()), nil
}

// Checked returns valid inputs as Check returns them.
func (b *Bench) Checked(inputs property.Map) property.Map {
	b.t.Helper()
	checked, found := b.Check(inputs)
	if len(found) > 0 {
		b.t.Fatalf("Check refuses %v: %v", Go(inputs), found)
	}
	return checked
}

func failures(list []*pulumirpc.CheckFailure) []Failure {
	var found []Failure
	for _, f := range list {
		found = append(found, Failure{f.GetProperty(), f.GetReason()})
	}
	return found
}

// Diff compares new inputs, already checked, with a recorded resource.
func (b *Bench) Diff(old Resource, news property.Map) (Plan, error) {
	resp, err := b.Server.Diff(b.t.Context(), &pulumirpc.DiffRequest{
		Urn: string(b.URN), Id: old.ID, Olds: b.pack(old.Outputs), OldInputs: b.pack(old.Inputs), News: b.pack(news),
	})
	return plan(resp), err
}

// RefreshDiff compares as the engine does after a refresh: with the sides swapped.
func (b *Bench) RefreshDiff(before, after Resource) (Plan, error) {
	return b.Diff(Resource{ID: after.ID, Inputs: after.Inputs, Outputs: after.Outputs}, before.Inputs)
}

func plan(resp *pulumirpc.DiffResponse) Plan {
	p := Plan{
		Changes: resp.GetChanges() == pulumirpc.DiffResponse_DIFF_SOME, Kinds: map[string]string{},
		Replaces: resp.GetReplaces(), DeleteFirst: resp.GetDeleteBeforeReplace(),
	}
	for path, d := range resp.GetDetailedDiff() {
		p.Kinds[path] = d.GetKind().String()
	}
	return p
}

// PreviewCreate returns the outputs that a create is predicted to have.
func (b *Bench) PreviewCreate(inputs property.Map) property.Map {
	b.t.Helper()
	resp, err := b.Server.Create(b.t.Context(), &pulumirpc.CreateRequest{Urn: string(b.URN), Properties: b.pack(inputs), Preview: true})
	if err != nil {
		b.t.Fatalf("previewing a create: %v", err)
	}
	return b.unpack(resp.GetProperties())
}

// Create buys an instance. A time-out of 0 is the default one.
func (b *Bench) Create(inputs property.Map, seconds float64) Outcome {
	resp, err := b.Server.Create(b.t.Context(), &pulumirpc.CreateRequest{Urn: string(b.URN), Properties: b.pack(inputs), Timeout: seconds})
	return b.outcome(Resource{ID: resp.GetId(), Inputs: inputs, Outputs: b.unpack(resp.GetProperties())}, err)
}

// Created returns an instance that was bought without trouble.
func (b *Bench) Created(inputs property.Map) Resource {
	b.t.Helper()
	out := b.Create(b.Checked(inputs), 0)
	b.MustHaveWorked(out)
	return out.Resource
}

// MustHaveWorked ends the test if the outcome is a failure.
func (b *Bench) MustHaveWorked(o Outcome) {
	b.t.Helper()
	if o.Err != nil || len(o.Reasons) > 0 {
		b.t.Fatalf("failed: %v %v\n%s", o.Err, o.Reasons, b.Said())
	}
}

// PreviewUpdate returns the outputs that an update is predicted to have.
func (b *Bench) PreviewUpdate(old Resource, news property.Map) property.Map {
	b.t.Helper()
	resp, err := b.Server.Update(b.t.Context(), b.updateRequest(old, news, true, 0))
	if err != nil {
		b.t.Fatalf("previewing an update: %v", err)
	}
	return b.unpack(resp.GetProperties())
}

// Update changes an instance. As in the engine, a failed update keeps the old inputs.
func (b *Bench) Update(old Resource, news property.Map, seconds float64) Outcome {
	resp, err := b.Server.Update(b.t.Context(), b.updateRequest(old, news, false, seconds))
	out := b.outcome(Resource{ID: old.ID, Inputs: news, Outputs: b.unpack(resp.GetProperties())}, err)
	if len(out.Reasons) > 0 {
		out.Inputs = old.Inputs
	}
	return out
}

// Updated returns an instance that was changed without trouble.
func (b *Bench) Updated(old Resource, news property.Map) Resource {
	b.t.Helper()
	out := b.Update(old, b.Checked(news), 0)
	b.MustHaveWorked(out)
	return out.Resource
}

func (b *Bench) updateRequest(old Resource, news property.Map, preview bool, seconds float64) *pulumirpc.UpdateRequest {
	return &pulumirpc.UpdateRequest{
		Urn: string(b.URN), Id: old.ID, Olds: b.pack(old.Outputs), OldInputs: b.pack(old.Inputs), News: b.pack(news),
		Preview: preview, Timeout: seconds,
	}
}

// Refresh reads a recorded resource.
func (b *Bench) Refresh(old Resource) Outcome {
	resp, err := b.Server.Read(b.t.Context(), &pulumirpc.ReadRequest{
		Urn: string(b.URN), Id: old.ID, Properties: b.pack(old.Outputs), Inputs: b.pack(old.Inputs),
	})
	return b.outcome(Resource{ID: resp.GetId(), Inputs: b.unpack(resp.GetInputs()), Outputs: b.unpack(resp.GetProperties())}, err)
}

// Import reads an instance of which nothing is recorded.
func (b *Bench) Import(id string) Outcome { return b.Refresh(Resource{ID: id}) }

// Delete deletes a recorded resource.
func (b *Bench) Delete(old Resource, seconds float64) error {
	_, err := b.Server.Delete(b.t.Context(), &pulumirpc.DeleteRequest{
		Urn: string(b.URN), Id: old.ID, Properties: b.pack(old.Outputs), OldInputs: b.pack(old.Inputs), Timeout: seconds,
	})
	return err
}

// Invoke calls a function, by its name without package and module.
func (b *Bench) Invoke(name string, args property.Map) (property.Map, []Failure, error) {
	resp, err := b.Server.Invoke(b.t.Context(), &pulumirpc.InvokeRequest{Tok: "alicloud-kms:index:" + name, Args: b.pack(args)})
	if err != nil {
		return property.Map{}, nil, err
	}
	return b.unpack(resp.GetReturn()), failures(resp.GetFailures()), nil
}

// Cancel tells the provider to stop what it is doing.
func (b *Bench) Cancel() {
	if _, err := b.Server.Cancel(context.WithoutCancel(b.t.Context()), &emptypb.Empty{}); err != nil {
		b.t.Errorf("Cancel: %v", err)
	}
}

// outcome takes the details of a failed initialization out of an error.
func (b *Bench) outcome(r Resource, err error) Outcome {
	if err == nil {
		return Outcome{Resource: r}
	}
	if s, ok := status.FromError(err); ok {
		for _, detail := range s.Details() {
			init, ok := detail.(*pulumirpc.ErrorResourceInitFailed)
			if !ok {
				continue
			}
			kept := Resource{ID: init.GetId(), Inputs: r.Inputs, Outputs: b.unpack(init.GetProperties())}
			if init.GetInputs() != nil {
				kept.Inputs = b.unpack(init.GetInputs())
			}
			return Outcome{Resource: kept, Reasons: init.GetReasons()}
		}
	}
	return Outcome{Resource: Resource{Inputs: r.Inputs}, Err: err}
}
