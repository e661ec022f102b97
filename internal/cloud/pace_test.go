package cloud

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"
)

// limited is a server that lets so many calls through in a second.
func limited(perSecond int) func(int, request) reply {
	var (
		mu     sync.Mutex
		second int64
		count  int
	)
	return func(_ int, r request) reply {
		mu.Lock()
		defer mu.Unlock()
		if now := r.At.Unix(); now != second {
			second, count = now, 0
		}
		if count++; count > perSecond {
			return apiError(429, "Rejected.Throttling")
		}
		return reply{body: okKMS}
	}
}

// Calls that are made side by side come through with few refusals, whatever the limit of the API.
func TestPace(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{2, 10, 30, 50} {
		bubble(t, fmt.Sprint(limit), func(t *testing.T) {
			const n = 200
			f := serve(t, limited(limit))
			c := f.client()
			start := time.Now()
			var group sync.WaitGroup
			for i := range n {
				group.Go(func() {
					ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
					defer cancel()
					if err := c.RenameInstance(ctx, fmt.Sprintf("kst-%d", i), "n"); err != nil {
						t.Error(err)
					}
				})
			}
			group.Wait()
			// The first burst is refused but for what the limit lets through: nobody could know.
			if most := (n - limit) + n*3/2; f.count() > most {
				t.Errorf("%d calls take %d requests, want at most %d", n, f.count(), most)
			}
			if took, most := time.Since(start), 2*n/limit+10; took > time.Duration(most)*time.Second {
				t.Errorf("%d calls take %s at %d a second, want at most %d s", n, took, limit, most)
			}
		})
	}
}

// A call that waits for its turn gives up when its context ends, and lets the next one go.
func TestPaceCancelled(t *testing.T) {
	t.Parallel()
	bubble(t, "cancelled", func(t *testing.T) {
		var p pace
		for range 20 {
			p.learn("A", true)
			time.Sleep(growEvery)
		}
		p.wait(t.Context(), "A")
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		start := time.Now()
		p.wait(ctx, "A")
		if took := time.Since(start); took != 100*time.Millisecond {
			t.Errorf("a cancelled call waits %s, want 100ms", took)
		}
		p.wait(t.Context(), "A")
		p.wait(t.Context(), "B")
		if took := time.Since(start); took > 100*time.Millisecond+longestGap {
			t.Errorf("the next call waits %s, want at most the gap", took)
		}
	})
}

// What is no longer refused is no longer slowed down.
func TestPaceRecovers(t *testing.T) {
	t.Parallel()
	bubble(t, "recovers", func(t *testing.T) {
		var p pace
		p.learn("A", true)
		for range 200 {
			p.learn("A", false)
		}
		start := time.Now()
		for range 100 {
			p.wait(t.Context(), "A")
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("calls wait %s, want not at all", took)
		}
	})
}
