package cloud

import (
	"context"
	"sync"
	"time"
)

// Of an action that is refused because of too many calls, the client makes firstGap calls apart from then on, and fewer as
// long as that is still too many. The APIs count by the second, so the gap grows once a second at most; each call that is
// let through shrinks it.
const (
	firstGap    = 50 * time.Millisecond
	longestGap  = 2 * time.Second
	shortestGap = 2 * time.Millisecond
	growEvery   = time.Second
)

// pace keeps operations that run side by side from refusing one another again and again. Its zero value is ready.
type pace struct {
	mu      sync.Mutex
	actions map[string]*lane
}

// lane is where the calls of one action wait for each other. One that has never been refused waits for nothing.
type lane struct {
	head chan struct{} // held by the call that is next
	gap  time.Duration // zero: no waiting
	next time.Time     // when the next call may go
	grew time.Time
}

func (p *pace) lane(action string) *lane {
	if p.actions == nil {
		p.actions = map[string]*lane{}
	}
	if p.actions[action] == nil {
		p.actions[action] = &lane{head: make(chan struct{}, 1)}
	}
	return p.actions[action]
}

// wait returns when a call of the action may be made, or when ctx ends.
func (p *pace) wait(ctx context.Context, action string) {
	p.mu.Lock()
	l := p.lane(action)
	free := l.gap == 0
	p.mu.Unlock()
	if free {
		return
	}
	select {
	case l.head <- struct{}{}:
	case <-ctx.Done():
		return
	}
	defer func() { <-l.head }()
	p.mu.Lock()
	d := time.Until(l.next)
	p.mu.Unlock()
	if d > 0 {
		pause(ctx, d)
	}
	p.mu.Lock()
	l.next = time.Now().Add(l.gap)
	p.mu.Unlock()
}

// learn takes note of whether a call was refused because of too many.
func (p *pace) learn(action string, throttled bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.lane(action)
	now := time.Now()
	switch {
	case !throttled:
		if l.gap = l.gap * 49 / 50; l.gap < shortestGap {
			l.gap = 0
		}
	case now.Sub(l.grew) >= growEvery:
		l.gap = min(max(l.gap*3/2, firstGap), longestGap)
		l.grew = now
	}
}
