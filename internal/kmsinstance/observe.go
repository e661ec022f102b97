package kmsinstance

import (
	"cmp"
	"context"
	"sync"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

// reading names what is read beside GetKmsInstance.
type reading struct{ renewal, tags bool }

// observe reads that, and returns all that is known of the instance.
func (o *operation) observe(ctx context.Context, instance cloud.Instance, what reading) (Observed, error) {
	s, err := readSettings(ctx, o.client, instance, what, o.progress)
	if err != nil {
		return Observed{}, err
	}
	renewal := o.state.renewal()
	if what.renewal {
		renewal = cmp.Or(s.renewal, o.ordered, renewal)
		o.state.seeRenewal(renewal, o.args)
	}
	o.state.seeTags(s.tags)
	now := o.state.observed()
	now.Renewal = renewal
	return now, nil
}

// settings are what GetKmsInstance does not tell. What is refused or empty is nil.
type settings struct {
	renewal *cloud.Renewal
	tags    map[string]string
}

// readSettings reads the renewal setting of a Subscription and the tags of a connected instance side by side. One that is refused or
// empty is nil, with a warning that names the permission; anything else that fails is an error.
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

// findArn makes the ARN of an instance that the credentials have bought or seen. It is "" if the account cannot be found out soon.
func findArn(ctx context.Context, client *cloud.Client, id string) string {
	account, err := client.Account(ctx, cloud.AccountTimeout)
	if err != nil {
		return ""
	}
	return arn(client.Region(), account, id)
}
