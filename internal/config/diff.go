package config

import (
	"context"
	"fmt"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/guard"
)

// identity holds the keys that say which instances a provider manages, and what they name. The same instance ids mean nothing in
// another region or account, so a change of one of them replaces what the provider manages; no other change does.
var identity = map[string]string{"region": "region", "accountId": "account"}

// Diff compares two configurations in canonical form. It plans a replacement only if both record a region, or an account,
// and they differ. Everything else, the plugin's version and credentials included, is an update in place that touches no
// resource.
func (*Holder) Diff(ctx context.Context, req p.DiffRequest) (p.DiffResponse, error) {
	old := req.OldInputs
	if old.Len() == 0 {
		old = req.State // older engines send no old inputs
	}
	before, after := canonical(old), canonical(req.Inputs)
	changes := map[string]p.PropertyDiff{}
	for name := range before.All {
		if _, still := after.GetOk(name); !still {
			changes[name] = p.PropertyDiff{Kind: p.Delete, InputDiff: true}
		}
	}
	for name, b := range after.AllStable {
		a, hadOne := before.GetOk(name)
		what, identifies := identity[name]
		switch {
		case !hadOne:
			changes[name] = p.PropertyDiff{Kind: p.Add, InputDiff: true}
		case guard.Plain(a).Equals(guard.Plain(b)):
		case identifies && a.IsString() && b.IsString():
			changes[name] = p.PropertyDiff{Kind: p.UpdateReplace, InputDiff: true}
			p.GetLogger(ctx).Warning(replaceWarning(name, what, a, b))
		default:
			changes[name] = p.PropertyDiff{Kind: p.Update, InputDiff: true}
		}
	}
	return p.DiffResponse{HasChanges: len(changes) > 0, DetailedDiff: changes}, nil
}

func replaceWarning(name, what string, before, after property.Value) string {
	change := ""
	if !before.Secret() && !after.Secret() {
		change = fmt.Sprintf(" from %q to %q", before.AsString(), after.AsString())
	}
	return fmt.Sprintf("The provider's %s changes%s. An instance cannot move to another %s, so every instance of this provider will be replaced: "+
		"new instances are bought, and the old ones destroyed together with all keys and secrets in them. "+
		"To keep them, set %s back, and declare a second provider for what belongs elsewhere.", name, change, what, name)
}
