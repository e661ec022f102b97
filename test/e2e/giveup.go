package e2e

import "time"

// GiveUp is another Ctrl-C after one: the CLI ends without waiting for anything. It returns what the command has printed by then.
func (r *Running) GiveUp() string {
	t := r.project.t
	t.Helper()
	defer r.cancel()
	orphans := r.children()
	t.Cleanup(func() {
		for _, orphan := range orphans {
			_ = orphan.Kill() // it may have ended by itself
		}
	})
	<-time.After(time.Second) // the first one must have been heard
	r.Interrupt()
	if err := r.cmd.Wait(); err == nil {
		t.Fatal("the command succeeded although it was given up")
	}
	return r.output.String()
}
