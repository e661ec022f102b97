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
		longest := min(max(time.Since(start)/pollShare, firstPoll), lastPoll)
		jitter := rand.N(longest * 9 / 10) //nolint:gosec // it keeps many instances from asking at the same moment, and is no secret
		if err := pause(ctx, longest/10+jitter); err != nil {
			return err
		}
	}
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
