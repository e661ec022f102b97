package kmsinstance

import (
	"context"
	"errors"
	"fmt"

	"github.com/pulumi/pulumi-go-provider/infer"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/guard"
)

// errGone says that the instance does not exist, as place.go makes sure.
var errGone = errors.New("the instance does not exist")

// initFailed makes the engine keep the resource with its outputs and show the reason.
func initFailed(reason string) error {
	return infer.ResourceInitFailedError{Reasons: []string{reason}}
}

// caught, deferred, turns a panic into an error: an operation that has paid goes on, or records what it knows.
func caught(err *error) {
	if cause := recover(); cause != nil {
		*err = guard.Bug(cause)
	}
}

// stopped says when it was not the cloud that ended an operation, but its deadline or the user.
func (g *progress) stopped(ctx context.Context, err error) error {
	after := g.elapsed()
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Errorf("the time for this operation ran out after %s while %s (the resource option customTimeouts gives it more)", after, g.phase)
	case ctx.Err() != nil:
		return fmt.Errorf("cancelled after %s while %s", after, g.phase)
	}
	return err
}

// notFoundError is cloud.ErrGone for users.
type notFoundError struct{ id, region string }

func (e notFoundError) Error() string {
	return fmt.Sprintf("KMS instance %s does not exist in %s: check the id, the region and the account of the credentials", e.id, e.region)
}

func (e notFoundError) Is(target error) bool { return target == cloud.ErrGone }
