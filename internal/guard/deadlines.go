package guard

import (
	"context"
	"math"
	"time"
)

// Default deadlines. The resource option `customTimeouts` overrides the first three.
const (
	CreateTimeout = 60 * time.Minute
	UpdateTimeout = 60 * time.Minute
	DeleteTimeout = 10 * time.Minute
	ReadTimeout   = 5 * time.Minute
)

// deadline puts the operation's deadline into the context, to the fraction of a second, and moves infer's own, which knows
// whole seconds only, out of its way.
func deadline(ctx context.Context, seconds *float64, otherwise time.Duration) (context.Context, context.CancelFunc) {
	limit := otherwise
	if *seconds > 0 {
		limit = time.Duration(*seconds * float64(time.Second))
	}
	*seconds = math.Ceil(limit.Seconds()) + 1
	return context.WithTimeout(ctx, limit)
}
