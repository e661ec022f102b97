package quickstart

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

// percent reads the setting, which can only be read by changing it.
func percent() int {
	now := debug.SetGCPercent(100)
	debug.SetGCPercent(now)
	return now
}

func TestPostpone(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(50))
	resume := postpone("")
	if got := percent(); got != startPercent {
		t.Errorf("at the start GOGC is %d, want %d", got, startPercent)
	}
	resume()
	if got := percent(); got != 50 {
		t.Errorf("after the start GOGC is %d, want the 50 of before", got)
	}
}

func TestPostponeKeepsTheUsersSetting(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(70))
	resume := postpone("70")
	if got := percent(); got != 70 {
		t.Errorf("GOGC is %d, want the user's 70", got)
	}
	resume()
	if got := percent(); got != 70 {
		t.Errorf("after the start GOGC is %d, want the user's 70", got)
	}
}

func TestAfterCollection(t *testing.T) {
	done := make(chan struct{})
	afterCollection(func() { close(done) })
	runtime.GC()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Error("a collection goes unnoticed")
	}
}
