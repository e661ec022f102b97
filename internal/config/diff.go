package config

import (
	"context"
	"fmt"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/guard"
)

// identity holds the keys that say which instances a provider manages. The same instance ids mean nothing in another region
// or account, so a change of one of them replaces what the provider manages; no other change does.
var identity = map[string]string{
	"region":    "An instance cannot move to another region",
	"accountId": "An instance cannot move to another account",
}

// Diff compares two configurations in canonical form. It plans a replacement only if both record a region, or an account,
// and they differ. Everything else, the plugin's version and credentials included, is an update in place that touches no
// resource.
func (*Holder) Diff(ctx context.Context, req p.DiffRequest) (p.DiffResponse, error) {
	old := req.OldInputs
	if old.Len() == 0 {
		old = req.State // older engines send no old inputs
	}
	resp, warnings := diff(old, req.Inputs)
	for _, warning := range warnings {
		p.GetLogger(ctx).Warning(warning)
	}
	return resp, nil
}

// diff is the pure part of Diff. It also returns the warnings that are due.
func diff(oldArgs, newArgs property.Map) (p.DiffResponse, []string) {
	before, after := canonical(oldArgs), canonical(newArgs)
	changes := map[string]p.PropertyDiff{}
	var warnings []string
	for name := range before.All {
		if _, still := after.GetOk(name); !still {
			changes[name] = p.PropertyDiff{Kind: p.Delete, InputDiff: true}
		}
	}
	for name, b := range after.AllStable {
		a, hadOne := before.GetOk(name)
		switch {
		case !hadOne:
			changes[name] = p.PropertyDiff{Kind: p.Add, InputDiff: true}
		case !guard.Plain(a).Equals(guard.Plain(b)):
			change := p.PropertyDiff{Kind: p.Update, InputDiff: true}
			if reason, identifies := identity[name]; identifies && a.IsString() && b.IsString() {
				change.Kind = p.UpdateReplace
				warnings = append(warnings, replaceWarning(name, reason, a, b))
			}
			changes[name] = change
		}
	}
	return p.DiffResponse{HasChanges: len(changes) > 0, DetailedDiff: changes}, warnings
}

func replaceWarning(name, reason string, before, after property.Value) string {
	change := ""
	if !before.Secret() && !after.Secret() {
		change = fmt.Sprintf(" from %q to %q", before.AsString(), after.AsString())
	}
	return fmt.Sprintf("The provider's %s changes%s. %s, so every instance of this provider will be replaced: "+
		"new instances are bought, and the old ones destroyed together with all keys and secrets in them. "+
		"To keep them, set %s back, and declare a second provider for what belongs elsewhere.", name, change, reason, name)
}
