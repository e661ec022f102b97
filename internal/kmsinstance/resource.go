package kmsinstance

import (
	"context"

	"github.com/pulumi/pulumi-go-provider/infer"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/guard"
)

var (
	_ infer.CustomResource[Args, State] = (*Resource)(nil)
	_ infer.CustomRead[Args, State]     = (*Resource)(nil)
	_ infer.CustomUpdate[Args, State]   = (*Resource)(nil)
	_ infer.CustomDelete[State]         = (*Resource)(nil)
	_ infer.Annotated                   = (*Resource)(nil)
	_ guard.RawResource                 = (*Resource)(nil)
)

// Connection gives the resource what the provider's configuration says.
type Connection interface {
	// Client returns the client for the cloud; missing credentials or region are an error only here.
	Client(ctx context.Context) (*cloud.Client, error)
	// Region returns the region without contacting anything, or "" if it is not known yet.
	Region(ctx context.Context) (string, error)
	// MissingRegion says how to give a region, if nothing gives one; it is nil otherwise.
	MissingRegion(ctx context.Context) error
	// IgnoredInstances are the ids that the look for lost purchases leaves out; "*" switches it off.
	IgnoredInstances(ctx context.Context) []string
	// VerifyNetwork tells whether networks are looked at before anything is bought.
	VerifyNetwork(ctx context.Context) bool
}

// Resource is the controller of KmsInstance.
type Resource struct {
	connection Connection
	memory     *memory
	networks   networks
}

// New returns the controller.
func New(connection Connection) *Resource {
	return &Resource{connection: connection, memory: &memory{}}
}
