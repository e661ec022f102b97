// Package quickstart lets the plugin start without collecting garbage; it is imported for its effect. The libraries fill
// tables of 8 MB before main runs; going through them twice on the way takes a quarter of the processor time of a start and
// frees next to nothing.
package quickstart

import (
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"time"
)

// For startTime the heap may grow to 16 MB, which is startPercent of the runtime's usual least size, before it is collected. The first
// collection ends that, too: after it, startPercent would count from the tables, and let the heap grow to 45 MB.
const (
	startPercent = 400
	startTime    = 2 * time.Second
)

// The few imports of this package let it be initialized before the large ones.
func init() {
	resume := sync.OnceFunc(postpone(os.Getenv("GOGC")))
	time.AfterFunc(startTime, resume)
	afterCollection(resume)
}

// afterCollection calls a function when the heap has been collected once.
func afterCollection(f func()) {
	garbage := &struct{ self *int }{} // with a pointer, so that it shares its memory with nothing
	runtime.AddCleanup(garbage, func(struct{}) { f() }, struct{}{})
}

// postpone puts collections off until the function that it returns is called. A user's own setting stands.
func postpone(setting string) (resume func()) {
	if setting != "" {
		return func() {}
	}
	usual := debug.SetGCPercent(startPercent)
	return func() { debug.SetGCPercent(usual) }
}
