package kmsinstance

import (
	"context"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/guard"
)

var _ guard.RawResource = (*Resource)(nil)

// Diff plans the change from the recorded to the new inputs. In a refresh, which asks for the difference that drift makes,
// it neither warns nor fails.
func (r *Resource) Diff(ctx context.Context, req p.DiffRequest, refresh bool) (p.DiffResponse, error) {
	region, err := r.connection.Region(ctx)
	if err != nil {
		return p.DiffResponse{}, err
	}
	d := diffInputs(req.State, req.OldInputs, req.Inputs, region)
	if isProvisional(req.ID) {
		d.inPlace() // first it must be known what the open order has bought
	}
	if status := req.State.Get("status"); !refresh && (isUnfinished(status) || status.IsNull() && !req.State.Get("pendingOrder").IsNull()) {
		r.purchases.begun(req.Urn, req.ID) // an update follows, unless something that it depends on fails
	}
	if len(d.replaces) > 0 && !refresh {
		if d.known && isProtected(req.State, req.OldInputs) {
			return p.DiffResponse{}, d.protectedError(req.ID)
		}
		p.GetLogger(ctx).Warning(d.replaceWarning(req.ID))
	}
	if status := req.State.Get("status"); len(d.detailed) == 0 && !refresh && isUnfinished(status) {
		// It was imported like that: the update connects it or waits for it.
		d.detailed["status"] = p.PropertyDiff{Kind: p.Update}
	}
	return p.DiffResponse{HasChanges: len(d.detailed) > 0, DetailedDiff: d.detailed}, nil
}

// isProtected tells whether the instance has its deletion protection on; if the cloud does not report it, as the program has it.
func isProtected(state, olds property.Map) bool {
	protection := state.Get("deletionProtection")
	if protection.IsNull() {
		protection = olds.Get("deletionProtection")
	}
	return isTrue(protection)
}

// isUnfinished tells the status of an instance that is on its way to be connected.
func isUnfinished(status property.Value) bool {
	return isString(status, cloud.StatusUninitialized) || isString(status, cloud.StatusConnecting)
}

// PreviewCreate predicts the outputs of a purchase and warns of what may surprise.
func (r *Resource) PreviewCreate(ctx context.Context, req p.CreateRequest) (p.CreateResponse, error) {
	region, err := r.connection.Region(ctx)
	if err != nil {
		return p.CreateResponse{}, err
	}
	g := newProgress(ctx, "")
	if err := r.connection.MissingRegion(ctx); err != nil {
		g.warning("%v. `pulumi up` fails without it, and zones cannot be checked", err)
	}
	warnPurchase(g, req.Properties, region)
	return p.CreateResponse{Properties: previewCreate(req.Properties)}, nil
}

// PreviewUpdate predicts the outputs of an update and warns of what may be refused.
func (r *Resource) PreviewUpdate(ctx context.Context, req p.UpdateRequest) (p.UpdateResponse, error) {
	region, err := r.connection.Region(ctx)
	if err != nil {
		return p.UpdateResponse{}, err
	}
	warnUpdate(newProgress(ctx, req.ID), req.ID, req.State, req.OldInputs, req.Inputs)
	return p.UpdateResponse{Properties: previewUpdate(req.ID, req.State, req.OldInputs, req.Inputs, region)}, nil
}
