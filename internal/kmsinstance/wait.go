package kmsinstance

import (
	"context"
	"math/rand/v2"
	"time"
)

// How often the cloud is asked while something is waited for: often at first, since small things are done soon, and less
// often the longer it takes. Full jitter keeps many instances from asking at the same moment.
const (
	firstPoll = time.Second
	lastPoll  = 8 * time.Second
)

// pause waits until it is time for the next look, or returns the context's error.
func pause(ctx context.Context, waited time.Duration) error {
	longest := min(max(waited/10, firstPoll), lastPoll)
	timer := time.NewTimer(longest/10 + rand.N(longest*9/10)) //nolint:gosec // jitter is no secret
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
