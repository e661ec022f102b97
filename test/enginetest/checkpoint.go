package enginetest

import (
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
)

// Registration is a resource as a program registers it.
type Registration struct {
	Type   tokens.Type
	Name   string
	Inputs resource.PropertyMap

	// Resource options.
	Import         resource.ID
	Protect        bool
	RetainOnDelete bool
	IgnoreChanges  []string
	Timeouts       resource.CustomTimeouts // seconds
	// OnError is an error hook: it is given the failures of an operation so far and says whether to try again.
	OnError func(failures []string) bool
	// Dependent, if set, is the name of a resource of some other provider whose only input is the id of this one.
	Dependent string
}

// Dependent is such a resource in a checkpoint.
type Dependent struct {
	Of    resource.URN
	Input resource.ID
}

// Program is what a program registers, in its order.
type Program []Registration

// Resource is a resource in a checkpoint.
type Resource struct {
	URN        resource.URN
	ID         resource.ID
	Inputs     resource.PropertyMap
	Outputs    resource.PropertyMap
	InitErrors []string
	// Delete marks a resource that was replaced and is still to be deleted.
	Delete bool

	Import         resource.ID
	Protect        bool
	RetainOnDelete bool
	IgnoreChanges  []string
	Timeouts       resource.CustomTimeouts
}

func (r *Resource) copy() *Resource {
	c := *r
	c.Inputs, c.Outputs = r.Inputs.Copy(), r.Outputs.Copy()
	c.InitErrors, c.IgnoreChanges = slices.Clone(r.InitErrors), slices.Clone(r.IgnoreChanges)
	return &c
}

// Checkpoint is what the engine remembers between operations.
type Checkpoint struct {
	// Provider holds the inputs of the provider; nil before the first operation.
	Provider  resource.PropertyMap
	Resources []*Resource
	// Dependents are the resources of other providers, by name.
	Dependents map[string]Dependent
}

// Copy returns a checkpoint that shares nothing with this one.
func (c Checkpoint) Copy() Checkpoint {
	out := Checkpoint{Provider: c.Provider.Copy(), Dependents: maps.Clone(c.Dependents)}
	if c.Provider == nil {
		out.Provider = nil
	}
	for _, r := range c.Resources {
		out.Resources = append(out.Resources, r.copy())
	}
	return out
}

// Find returns the resource with a name that is not marked for deletion; nil if there is none.
func (c Checkpoint) Find(name string) *Resource {
	for _, r := range c.Resources {
		if r.URN.Name() == name && !r.Delete {
			return r
		}
	}
	return nil
}

// replace puts a new state in the place of an old one; nil adds or removes.
func (c *Checkpoint) replace(old, now *Resource) {
	i := slices.Index(c.Resources, old)
	switch {
	case i < 0 && now != nil:
		c.Resources = append(c.Resources, now)
	case i >= 0 && now != nil:
		c.Resources[i] = now
	case i >= 0:
		c.Resources = slices.Delete(c.Resources, i, i+1)
	}
}
