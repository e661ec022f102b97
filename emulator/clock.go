package emulator

import (
	"sync/atomic"
	"time"
)

// clock is the emulator's time. It follows the wall plus an offset, or stands still until it is advanced. Everything
// that takes time is worked out from it when somebody looks, so that no timer has to run.
type clock struct {
	frozen time.Time    // zero: it follows the wall
	offset atomic.Int64 // nanoseconds
}

func newClock(virtual bool) *clock {
	c := &clock{}
	if virtual {
		c.frozen = time.Now().UTC()
	}
	return c
}

func (c *clock) now() time.Time {
	base := c.frozen
	if base.IsZero() {
		base = time.Now().UTC()
	}
	return base.Add(time.Duration(c.offset.Load()))
}

func (c *clock) advance(d time.Duration) { c.offset.Add(int64(d)) }

// set takes up the time at which a state was saved, so that time never runs backwards over a restart.
func (c *clock) set(saved time.Time) {
	if ahead := saved.Sub(c.now()); ahead > 0 || !c.frozen.IsZero() {
		c.advance(ahead)
	}
}
