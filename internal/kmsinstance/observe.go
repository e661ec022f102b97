package kmsinstance

import (
	"context"
	"sync"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

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
	case SetRenewal:
		r.renewal = true
	case RemoveTags, AddTags:
		r.tags = true
	default:
		r.instance = true
	}
}

// observe brings what is known of the instance up to date. instance is what has just been read of it, nil if nothing has.
func (o *operation) observe(ctx context.Context, instance *cloud.Instance, what reading, have Observed) (Observed, error) {
	if instance == nil {
		instance = &cloud.Instance{ID: o.id, Status: text(o.state.Status), PaymentType: cloud.PaymentType(o.payment)}
	}
	s, err := readSettings(ctx, o.client, *instance, what, o.progress)
	if err != nil {
		return have, err
	}
	now := o.state.observed()
	now.Renewal, now.Tags = have.Renewal, have.Tags
	if what.renewal {
		now.Renewal = firstRenewal(s.renewal, o.ordered, o.state.renewal())
		o.state.seeRenewal(now.Renewal, o.args)
	}
	if what.tags {
		now.Tags = s.tags
		if s.tags == nil && instance.Status == cloud.StatusDisconnected {
			now.Tags = o.state.Tags // the cloud tells the tags of connected instances only
		}
		o.state.seeTags(s.tags)
	}
	return now, nil
}

func firstRenewal(candidates ...*cloud.Renewal) *cloud.Renewal {
	for _, r := range candidates {
		if r != nil {
			return r
		}
	}
	return nil
}

// settings are what GetKmsInstance does not tell. What is refused or empty is nil.
type settings struct {
	renewal *cloud.Renewal
	tags    map[string]string
}

// readSettings reads the renewal setting and the tags of an instance side by side, as far as they are asked for. One that is
// refused or empty is nil, with a warning that names the permission; anything else that fails is an error.
func readSettings(ctx context.Context, client *cloud.Client, i cloud.Instance, what reading, g *progress) (settings, error) {
	var (
		s                   settings
		renewalErr, tagsErr error
		group               sync.WaitGroup
	)
	askRenewal := what.renewal && i.PaymentType == cloud.Subscription
	if askRenewal {
		group.Go(func() {
			defer caught(&renewalErr)
			s.renewal, renewalErr = client.GetRenewal(ctx, i.ID)
		})
	}
	if what.tags && i.Status == cloud.StatusConnected {
		group.Go(func() {
			defer caught(&tagsErr)
			s.tags, tagsErr = client.ListTags(ctx, i.ID)
		})
	}
	group.Wait()
	switch {
	case renewalErr != nil && (cloud.IsPermissionDenied(renewalErr) || cloud.HasCode(renewalErr, cloud.CodeNotApplicable)):
		g.warning("%s: the renewal setting could not be read, so the recorded one stays: %v. The permission is bss:QueryAvailableInstances",
			i.ID, renewalErr)
		s.renewal = nil
	case renewalErr != nil:
		return settings{}, renewalErr
	case askRenewal && s.renewal == nil:
		g.warning("%s: Alibaba Cloud's billing lists no such subscription, so the recorded renewal setting stays. If it persists, "+
			"check that the permission bss:QueryAvailableInstances is given and that accountType is right", i.ID)
	}
	switch {
	case tagsErr != nil && cloud.IsPermissionDenied(tagsErr):
		g.warning("%s: the tags could not be read, so the recorded ones stay: %v. The permission is kms:ListTagResources", i.ID, tagsErr)
		s.tags = nil
	case cloud.HasCode(tagsErr, cloud.CodeUninitialized):
		s.tags = nil
	case tagsErr != nil:
		return settings{}, tagsErr
	}
	return s, nil
}

// findArn makes the ARN of an instance that has none recorded. It asks for the account while other calls are under way; if
// that is refused, the ARN is "". The channel gives it once, and "" after that.
func findArn(ctx context.Context, client *cloud.Client, id string, recorded *string, patience time.Duration) <-chan string {
	found := make(chan string, 1)
	if recorded != nil {
		found <- *recorded
		close(found)
		return found
	}
	go func() {
		var made string
		defer func() {
			found <- made
			close(found)
		}()
		var err error
		defer caught(&err)
		var owner string
		if owner, err = client.Account(ctx, patience); err == nil && owner != "" {
			made = arn(client.Region(), owner, id)
		}
	}()
	return found
}
