package emulator

import (
	"sync"
	"time"
)

// clock is the emulator's time. It follows the wall plus an offset, or stands still until it is advanced. Everything
// that takes time is worked out from it when somebody looks, so that no timer has to run.
type clock struct {
	mu      sync.Mutex
	virtual bool
	offset  time.Duration
	frozen  time.Time
}

func newClock(virtual bool) *clock {
	return &clock{virtual: virtual, frozen: time.Now().UTC()}
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.virtual {
		return c.frozen
	}
	return time.Now().UTC().Add(c.offset)
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset += d
	c.frozen = c.frozen.Add(d)
}

// set takes up the time at which a state was saved, so that time never runs backwards over a restart.
func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.virtual {
		c.frozen = t.UTC()
		return
	}
	if ahead := time.Until(t); ahead > 0 {
		c.offset = ahead
	}
}
