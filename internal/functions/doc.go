// Package functions holds the functions of the provider, which read and change nothing.
package functions

import (
	"context"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

// Connection gives the functions the client that the provider's configuration describes.
type Connection interface {
	Client(ctx context.Context) (*cloud.Client, error)
}
