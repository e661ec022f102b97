package wire

import (
	"context"
	"log/slog"
	"slices"
	"sync"
)

// Message is something that the provider said to the user.
type Message struct {
	Severity string // debug, info, warning or error
	Text     string
	Status   bool // shown in the row of the resource only while it is the latest
}

type record struct {
	mutex    sync.Mutex
	messages []Message
}

func (r *record) add(m Message) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.messages = append(r.messages, m)
}

func (r *record) all() []Message {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return slices.Clone(r.messages)
}

func (r *record) clear() {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.messages = nil
}

// unaddressed holds what was said outside of any bench's resource: by functions, and of panics.
var unaddressed record

// Unaddressed returns the messages without a resource, of all benches of the process.
func Unaddressed() []Message { return unaddressed.all() }

// registry tells the benches' records apart by URN: without an engine the framework logs to slog, for all providers of the process.
var registry sync.Map

var takeOver = sync.OnceFunc(func() { slog.SetDefault(slog.New(router{})) })

var severities = map[slog.Level]string{slog.LevelDebug: "debug", slog.LevelInfo: "info", slog.LevelWarn: "warning", slog.LevelError: "error"}

// router hands each message to the bench whose resource it is about.
type router struct{ status bool }

func (router) Enabled(context.Context, slog.Level) bool { return true }

func (r router) WithGroup(string) slog.Handler { return r }

func (r router) WithAttrs(attrs []slog.Attr) slog.Handler {
	for _, a := range attrs {
		r.status = r.status || a.Key == "kind" && a.Value.String() == "status"
	}
	return r
}

func (r router) Handle(_ context.Context, line slog.Record) error {
	m := Message{Text: line.Message, Status: r.status, Severity: severities[line.Level]}
	to := &unaddressed
	line.Attrs(func(a slog.Attr) bool {
		if a.Key != "urn" {
			m.Text += " " + a.String()
		} else if found, ok := registry.Load(a.Value.String()); ok {
			to, _ = found.(*record)
		}
		return true
	})
	to.add(m)
	return nil
}
