package kmsinstance

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// How often the cloud is asked while something is waited for. The longest pause grows with the time that has been waited:
// what is done soon is noticed at once, and a long wait lasts little longer than it must. Full jitter keeps many instances
// from asking at the same moment.
const (
	firstPoll = 400 * time.Millisecond
	lastPoll  = 1800 * time.Millisecond
	pollShare = 20 // the longest pause is this part of the time waited
)

// looksPerSecond bounds the looks of all operations of this process together. KMS allows an account 50 reads a second in a
// region, which others use too.
const looksPerSecond = 30

// looks spaces the looks of operations that wait at the same time. Its zero value is ready.
type looks struct {
	mutex sync.Mutex
	next  time.Time
}

// pause waits until it is time for the next look, or returns the context's error.
func (l *looks) pause(ctx context.Context, waited time.Duration) error {
	longest := min(max(waited/pollShare, firstPoll), lastPoll)
	if err := wait(ctx, longest/10+rand.N(longest*9/10)); err != nil { //nolint:gosec // jitter is no secret
		return err
	}
	if d := l.turn(time.Now()); d > 0 {
		return wait(ctx, d)
	}
	return nil
}

// turn returns how long it is until the next turn that nobody has taken, and takes it.
func (l *looks) turn(now time.Time) time.Duration {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	at := now
	if l.next.After(now) {
		at = l.next
	}
	l.next = at.Add(time.Second / looksPerSecond)
	return at.Sub(now)
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
