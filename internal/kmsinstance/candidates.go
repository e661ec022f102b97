package kmsinstance

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

// clockSkew is how far the cloud's clock may be behind ours when times of orders and instances are compared. It refuses requests
// from clocks that are more than 15 minutes off.
const clockSkew = 16 * time.Minute

// candidates are the instances that an unanswered order may have bought: those that are not connected and were made since.
func candidates(ctx context.Context, client *cloud.Client, pending PendingOrder) ([]cloud.Instance, error) {
	if region := pending.region(); region != "" && region != client.Region() {
		return nil, fmt.Errorf("it was ordered in region %s, but the provider is configured for %s: set alicloud-kms:region (or the provider's "+
			"region) to %s", region, client.Region(), region)
	}
	refs, err := client.ListInstances(ctx, nil)
	if err != nil {
		return nil, err
	}
	var found []cloud.Instance
	for _, ref := range refs {
		instance, err := client.GetInstance(ctx, ref.ID)
		if cloud.IsGone(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if instance.Status != cloud.StatusUninitialized {
			continue
		}
		made, err := time.Parse(time.RFC3339, instance.CreateTime)
		if err != nil || made.After(pending.requestedAt().Add(-clockSkew)) {
			found = append(found, *instance)
		}
	}
	return found, nil
}

func listed(instances []cloud.Instance) string {
	words := make([]string, len(instances))
	for i, instance := range instances {
		words[i] = instance.ID + " (" + string(instance.PaymentType) + ", created " + instance.CreateTime + ")"
	}
	return strings.Join(words, ", ")
}
