package kmsinstance

import (
	"context"
	"math/rand/v2"
	"time"
)

// poll looks until look says that it is done or fails, and shows the progress.
func poll(ctx context.Context, g *progress, look func() (done bool, err error)) error {
	for start := time.Now(); ; {
		if done, err := look(); done || err != nil {
			return err
		}
		g.show("")
		if err := pauseBetweenLooks(ctx, time.Since(start)); err != nil {
			return err
		}
	}
}

// pauseBetweenLooks waits until it is time for the next look. The jitter keeps many instances from asking at the same moment.
func pauseBetweenLooks(ctx context.Context, waited time.Duration) error {
	longest := min(max(waited/pollShare, firstPoll), lastPoll)
	return pause(ctx, longest/10+rand.N(longest*9/10)) //nolint:gosec // jitter is no secret
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
