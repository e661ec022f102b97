package kmsinstance

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

// place is where an instance is: its region and its account, as far as they are recorded.
type place struct{ region, account string }

// placeOf reads the place in the recorded ARN, without one the region in the zones.
func placeOf(state *State) place {
	if parts := strings.Split(text(state.Arn), ":"); len(parts) == 5 {
		return place{parts[2], parts[3]}
	}
	for _, zone := range state.ZoneIDs {
		if region := regionOfZone(zone); region != "" {
			return place{region: region}
		}
	}
	return place{}
}

func arn(region, account, id string) string {
	return fmt.Sprintf("acs:kms:%s:%s:keystore/%s", region, account, id)
}

// compare fails if the provider is configured for another region or account than the recorded ones. mustKnow says that accounts
// that cannot be compared are a failure, too.
func (p place) compare(ctx context.Context, client *cloud.Client, id string, mustKnow bool) error {
	if p.region != "" && p.region != client.Region() {
		return fmt.Errorf("KMS instance %s is in region %s, but the provider is configured for %s: set alicloud-kms:region (or the "+
			"provider's region) to %s", id, p.region, client.Region(), p.region)
	}
	configured := client.ConfiguredAccount()
	recorded, current := cmp.Or(p.account, configured), ""
	if recorded != "" {
		account, err := client.Account(ctx, identityTimeout)
		if ctx.Err() != nil {
			return err
		}
		if current = account; err != nil {
			current = configured
		}
	}
	switch {
	case recorded != "" && current != "" && recorded != current:
		return fmt.Errorf("KMS instance %s belongs to account %s, but the credentials are those of account %s: use credentials of %s",
			id, recorded, current, recorded)
	case mustKnow && (recorded == "" || current == ""):
		return fmt.Errorf("whether KMS instance %s belongs to the account of the credentials is not known, because sts:GetCallerIdentity "+
			"was not allowed or not reachable. Set accountId in the provider configuration (or the environment "+
			"variable ALICLOUD_ACCOUNT_ID) to the account in which %s was bought", id, id)
	}
	return nil
}

// confirmGone makes sure that an instance of which KMS has said that it does not exist is gone: with errGone. It returns the
// instance if it is there after all. Nothing counts as gone in a place that may be a wrong one, unless a refund or release has
// been accepted.
func (r *Resource) confirmGone(ctx context.Context, client *cloud.Client, id string, state *State, accepted bool) (*cloud.Instance, error) {
	if !accepted {
		if err := placeOf(state).compare(ctx, client, id, true); err != nil {
			return nil, err
		}
		if !client.KMSEndpointServes(client.Region()) {
			return nil, fmt.Errorf("KMS instance %s does not exist on the configured endpoint, whose name does not say that it is one of "+
				"region %s. Leave out endpoints.kms, or set it to kms.%s.aliyuncs.com. If the instance is gone, take "+
				"it out of the stack with `pulumi state delete`", id, client.Region(), client.Region())
		}
	}
	if err := pause(ctx, goneAgain); err != nil {
		return nil, err
	}
	instance, err := client.GetInstance(ctx, id)
	if !cloud.IsGone(err) {
		return instance, err
	}
	refs, err := client.ListInstances(ctx)
	switch {
	case cloud.IsPermissionDenied(err):
		return nil, errGone
	case err != nil:
		return nil, err
	case slices.ContainsFunc(refs, func(ref cloud.InstanceRef) bool { return ref.ID == id }):
		return nil, fmt.Errorf("GetKmsInstance says that KMS instance %s does not exist, but ListKmsInstances lists it: run the "+
			"command again later", id)
	}
	return nil, errGone
}
