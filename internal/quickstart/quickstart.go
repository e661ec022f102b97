// Package quickstart lets the plugin start without collecting garbage; it is imported for its effect. The libraries fill
// tables of 8 MB before main runs; going through them twice on the way takes a quarter of the processor time of a start and
// frees next to nothing.
package quickstart

import (
	"os"
	"runtime/debug"
	"time"
)

// For startTime the heap may grow to 16 MB, which is startPercent of the runtime's usual least size, before it is collected.
const (
	startPercent = 400
	startTime    = 2 * time.Second
)

// The few imports of this package let it be initialized before the large ones.
func init() {
	time.AfterFunc(startTime, postpone(os.Getenv("GOGC")))
}

// postpone puts collections off until the function that it returns is called. A user's own setting stands.
func postpone(setting string) (resume func()) {
	if setting != "" {
		return func() {}
	}
	usual := debug.SetGCPercent(startPercent)
	return func() { debug.SetGCPercent(usual) }
}
