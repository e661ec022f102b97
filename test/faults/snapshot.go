package faults

import (
	"maps"
	"strings"
	"time"

	pkgresource "github.com/pulumi/pulumi/pkg/v3/resource"
	"github.com/pulumi/pulumi/pkg/v3/resource/deploy"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// instancesIn are the instances that a snapshot has.
func instancesIn(snapshot *deploy.Snapshot) (found []*pkgresource.State) {
	if snapshot == nil {
		return nil
	}
	for _, res := range snapshot.Resources {
		if res.Type == instanceType {
			found = append(found, res)
		}
	}
	return found
}

// instanceIn is the instance of the program, nil if there is none.
func instanceIn(snapshot *deploy.Snapshot) *pkgresource.State {
	for _, res := range instancesIn(snapshot) {
		if !res.Delete {
			return res
		}
	}
	return nil
}

// dependentIn is the id that the dependent has as its input.
func dependentIn(snapshot *deploy.Snapshot) resource.ID {
	if snapshot == nil {
		return ""
	}
	for _, res := range snapshot.Resources {
		if res.Type == dependentType && !res.Delete {
			return resource.ID(res.Inputs[dependentInput].StringValue())
		}
	}
	return ""
}

// change changes what is recorded about the instances.
func (r *run) change(how func(res *pkgresource.State)) {
	snapshot := r.stack.Snapshot()
	for _, res := range instancesIn(snapshot) {
		how(res)
	}
	r.stack.SetSnapshot(snapshot)
}

// limitDeletes records the time-out of deletions, which the engine takes from the snapshot.
func (r *run) limitDeletes(to time.Duration) {
	r.change(func(res *pkgresource.State) { res.CustomTimeouts.Delete = to.Seconds() })
}

// configure gives the stack its configuration. A refresh and a destroy use what is recorded of it.
func (r *run) configure(t timeouts) {
	r.stack.Config = r.world.config(t)
	snapshot := r.stack.Snapshot()
	if snapshot == nil {
		return
	}
	for _, res := range snapshot.Resources {
		if res.Type != "pulumi:providers:"+packageName {
			continue
		}
		for _, recorded := range []resource.PropertyMap{res.Inputs, res.Outputs} {
			maps.DeleteFunc(recorded, func(key resource.PropertyKey, _ resource.PropertyValue) bool {
				return !strings.HasPrefix(string(key), "__") // Pulumi's own
			})
			for key, value := range r.stack.Config {
				recorded[resource.PropertyKey(strings.TrimPrefix(key, packageName+":"))] = resource.NewProperty(value)
			}
		}
	}
	r.stack.SetSnapshot(snapshot)
}

// age has the orders that are recorded accepted earlier.
func (r *run) age(by time.Duration) {
	const acceptedAt = resource.PropertyKey("acceptedAt")
	r.change(func(res *pkgresource.State) {
		pending := res.Outputs["pendingOrder"]
		if !pending.IsObject() {
			return
		}
		order := pending.ObjectValue().Copy()
		at, err := time.Parse(time.RFC3339, order[acceptedAt].StringValue())
		if err != nil {
			r.violate("%s of an order is no time: %v", acceptedAt, err)
			return
		}
		order[acceptedAt] = resource.NewProperty(at.Add(-by).UTC().Format(time.RFC3339))
		res.Outputs["pendingOrder"] = resource.NewProperty(order)
	})
}
