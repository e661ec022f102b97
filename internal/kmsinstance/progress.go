package kmsinstance

import (
	"context"
	"fmt"
	"time"

	p "github.com/pulumi/pulumi-go-provider"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

// progress talks to the user: status lines show in the row of `pulumi up` while it runs, the others stay in its output.
type progress struct {
	log     p.Logger
	started time.Time
	id      string
	phase   string
	status  string
}

// newProgress keeps the logger apart from the context's cancellation: what happened to an order must be said even then.
func newProgress(ctx context.Context, id string) *progress {
	return &progress{log: p.GetLogger(context.WithoutCancel(ctx)), started: time.Now(), id: id}
}

func (g *progress) enter(phase string) {
	g.phase = phase
	g.show("")
}

func (g *progress) show(note string) {
	line := g.phase
	if g.id != "" {
		line = g.id + ": " + line
	}
	if g.status != "" {
		line += ", status " + g.status
	}
	line += fmt.Sprintf(", %s elapsed", time.Since(g.started).Round(time.Second))
	if note != "" {
		line += " (" + note + ")"
	}
	g.log.InfoStatus(line)
}

func (g *progress) info(format string, args ...any)    { g.log.Infof(format, args...) }
func (g *progress) warning(format string, args ...any) { g.log.Warningf(format, args...) }

// watch returns a context whose calls say why they wait.
func (g *progress) watch(ctx context.Context) context.Context {
	return cloud.WithRetryNotice(ctx, func(r cloud.Retry) {
		g.show(fmt.Sprintf("%s is tried again in %s: %s", r.Action, r.Wait.Round(100*time.Millisecond), brief(r.Err)))
	})
}

// brief is the code of a failed call where it has one: a status line is short.
func brief(err error) string {
	if e, ok := asCloudError(err); ok && e.Code != "" {
		return e.Code
	}
	return "no usable answer"
}
