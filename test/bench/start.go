//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// idleAfter is how long a plugin is left alone before its memory counts as idle.
const idleAfter = 300 * time.Millisecond

// startup is what starting one provider again and again has shown, in milliseconds and megabytes.
type startup struct {
	size                         float64
	warm, cold, preview          sample
	stillCached                  sample // in percent
	idle, proportional, private  sample
	afterPreview                 sample
	firstSchema, schema, schemaK sample
}

const (
	megabyte = 1e6
	kilobyte = 1e3
)

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func measureStart(ctx context.Context, b *bench) (string, error) {
	e, err := newEngine()
	if err != nil {
		return "", err
	}
	defer e.close()
	ours, empty := b.subjects()
	results := map[string]*startup{}
	for _, s := range []subject{ours, empty} {
		info, err := os.Stat(s.path)
		if err != nil {
			return "", err
		}
		results[s.name] = &startup{size: float64(info.Size()) / megabyte}
	}
	// Taking turns, what else goes on in the machine falls on both alike.
	for range b.starts {
		for _, s := range []subject{ours, empty} {
			if err := results[s.name].once(ctx, e, s); err != nil {
				return "", fmt.Errorf("%s: %w", s.name, err)
			}
		}
	}
	for range b.coldStart {
		for _, s := range []subject{ours, empty} {
			if err := results[s.name].coldOnce(ctx, e, s, b.folder); err != nil {
				return "", fmt.Errorf("%s: %w", s.name, err)
			}
		}
	}
	return startTable(results[ours.name], results[empty.name], b), nil
}

// once starts the provider from a warm cache: once to preview at once, once to be left alone.
func (r *startup) once(ctx context.Context, e *engine, s subject) error {
	p, err := e.start(ctx, s.path)
	if err != nil {
		return err
	}
	if err := errors.Join(s.configure(ctx, p), s.preview(ctx, p)); err != nil {
		return errors.Join(err, p.stop())
	}
	r.warm.add(milliseconds(p.port))
	r.preview.add(milliseconds(time.Since(p.started)))
	m, err := p.memory()
	if err != nil {
		return errors.Join(err, p.stop())
	}
	r.afterPreview.add(m.resident / megabyte)
	for i := range 3 {
		start := time.Now()
		resp, err := p.GetSchema(ctx, &pulumirpc.GetSchemaRequest{})
		if err != nil {
			return errors.Join(err, p.stop())
		}
		if i == 0 {
			r.firstSchema.add(milliseconds(time.Since(start)))
			r.schemaK.add(float64(len(resp.GetSchema())) / kilobyte)
		} else {
			r.schema.add(milliseconds(time.Since(start)))
		}
	}
	if err := p.stop(); err != nil {
		return err
	}

	p, err = e.start(ctx, s.path)
	if err != nil {
		return err
	}
	r.warm.add(milliseconds(p.port))
	select {
	case <-time.After(idleAfter):
	case <-ctx.Done():
	}
	m, err = p.memory()
	r.idle.add(m.resident / megabyte)
	r.proportional.add(m.proportional / megabyte)
	r.private.add(m.private / megabyte)
	return errors.Join(err, p.stop())
}

// coldOnce starts a copy of the provider that is not in the system's cache.
func (r *startup) coldOnce(ctx context.Context, e *engine, s subject, folder string) error {
	copied := filepath.Join(folder, "cold-"+s.name)
	if err := copyFile(s.path, copied); err != nil {
		return err
	}
	left, err := evict(copied)
	if err != nil {
		return err
	}
	p, err := e.start(ctx, copied)
	if err != nil {
		return err
	}
	r.stillCached.add(100 * left)
	r.cold.add(milliseconds(p.port))
	return errors.Join(p.stop(), os.Remove(copied))
}

func copyFile(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = source.Close() }()
	target, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	return errors.Join(err, target.Sync(), target.Close())
}

func startTable(ours, empty *startup, b *bench) string {
	t := newTable("", "plugin:", "min–max:", "empty provider:", "ratio:", "goal:")
	row := func(what, unit, goal string, o, e sample) {
		t.row(what, fmt.Sprintf("%.1f %s", o.median(), unit), fmt.Sprintf("%.1f–%.1f", o.min(), o.max()),
			fmt.Sprintf("%.1f %s", e.median(), unit), ratio(o, e), goal)
	}
	row("binary, stripped", "MB", "≤ 42", sample{ours.size}, sample{empty.size})
	row("start to port, warm", "ms", "≤ 40", ours.warm, empty.warm)
	row("start to port, cold", "ms", "", ours.cold, empty.cold)
	row("start to first preview answer", "ms", "≤ 80", ours.preview, empty.preview)
	row("memory idle, RSS", "MB", "≤ 40", ours.idle, empty.idle)
	row("memory idle, PSS", "MB", "", ours.proportional, empty.proportional)
	row("memory idle, private (anonymous)", "MB", "", ours.private, empty.private)
	row("memory after a preview, RSS", "MB", "", ours.afterPreview, empty.afterPreview)
	row("GetSchema, first", "ms", "", ours.firstSchema, empty.firstSchema)
	row("GetSchema, again", "ms", "", ours.schema, empty.schema)
	row("schema", "kB", "≤ 100", ours.schemaK, empty.schemaK)
	return t.String() + fmt.Sprintf("\nMedians of %d starts (cold: %d, with %.0f %% of the file's pages still in the cache).\n",
		len(ours.warm), b.coldStart, ours.stillCached.median())
}
