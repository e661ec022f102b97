package kmsinstance

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	p "github.com/pulumi/pulumi-go-provider"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

// progress talks to the user: status lines show in the row of `pulumi up` while it runs, the others stay in its output.
type progress struct {
	log     p.Logger
	started time.Time
	id      string

	mutex  sync.Mutex // calls made side by side tell of their retries
	phase  string
	status string
	last   string    // what the last line said, but for the elapsed time
	lastAt time.Time // when it was shown

	given map[string]bool // warnings, each of which is given once
	many  bool            // a warning that was given of one instance is not given of the others
}

// newProgress keeps the logger apart from the context's cancellation: what happened to an order must be said even then.
func newProgress(ctx context.Context, id string) *progress {
	return &progress{log: p.GetLogger(context.WithoutCancel(ctx)), started: time.Now(), id: id, given: map[string]bool{}}
}

func (g *progress) enter(phase string) {
	g.mutex.Lock()
	g.phase = phase
	g.mutex.Unlock()
	g.show("")
}

func (g *progress) saw(status string) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.status = status
}

func (g *progress) show(note string) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	line := g.phase
	if g.id != "" {
		line = g.id + ": " + line
	}
	if g.status != "" {
		line += ", status " + g.status
	}
	if note != "" {
		note = " (" + note + ")"
	}
	if line+note == g.last && time.Since(g.lastAt) < sameLine {
		return
	}
	g.last, g.lastAt = line+note, time.Now()
	g.log.InfoStatus(fmt.Sprintf("%s, %s elapsed%s", line, g.elapsed(), note))
}

func (g *progress) info(format string, args ...any) { g.log.Infof(format, args...) }

func (g *progress) warning(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	key := text
	if g.many {
		key = format
	}
	g.mutex.Lock()
	given := g.given[key]
	g.given[key] = true
	g.mutex.Unlock()
	if !given {
		g.log.Warning(text)
	}
}

func (g *progress) elapsed() time.Duration { return time.Since(g.started).Round(time.Second) }

// ordering says, until the returned function is called, why an operation goes on after its end: the call of an order outlasts
// it, so that its answer is not lost.
func (g *progress) ordering(ctx context.Context, token string) (done func() bool) {
	return context.AfterFunc(ctx, func() {
		why := "cancelled"
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			why = "the time for this operation ran out"
		}
		g.info("%s while the order is on its way (client token %s): waiting for its answer, at most 30 s. A second Ctrl-C would lose it", why, token)
	})
}

// watch returns a context whose calls say why they wait.
func (g *progress) watch(ctx context.Context) context.Context {
	return cloud.WithRetryNotice(ctx, func(failed *cloud.Error, wait time.Duration) {
		g.show(fmt.Sprintf("%s is tried again in %s: %s", failed.Action, wait.Round(100*time.Millisecond), brief(failed)))
	})
}

// brief is the code of a failed call where it has one: a status line is short.
func brief(err error) string {
	if e, ok := errors.AsType[*cloud.Error](err); ok && e.Code != "" {
		return e.Code
	}
	return "no usable answer"
}
