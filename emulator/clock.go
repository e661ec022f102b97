package emulator

import (
	"sync"
	"time"
)

// clock is the emulator's time. It follows the wall plus an offset, or stands still until it is advanced. Everything
// that takes time is worked out from it when somebody looks, so that no timer has to run.
type clock struct {
	mu     sync.Mutex
	frozen time.Time // zero: it follows the wall
	offset time.Duration
}

func newClock(virtual bool) *clock {
	if virtual {
		return &clock{frozen: time.Now().UTC()}
	}
	return &clock{}
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.frozen.IsZero() {
		return time.Now().UTC().Add(c.offset)
	}
	return c.frozen.Add(c.offset)
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset += d
}

// set takes up the time at which a state was saved, so that time never runs backwards over a restart.
func (c *clock) set(saved time.Time) {
	if ahead := saved.Sub(c.now()); ahead > 0 || !c.frozen.IsZero() {
		c.advance(ahead)
	}
}
