package wire_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/wire"
)

const never = 10000 * time.Hour

// stuck are operations that the cloud never ends, with their default time.
var stuck = map[string]struct {
	options emulator.Options
	run     func(t *testing.T, b *wire.Bench, seconds float64) (id, says string)
	limit   time.Duration
}{
	"create": {emulator.Options{Connect: never}, func(_ *testing.T, b *wire.Bench, seconds float64) (string, string) {
		out := b.Create(b.Checked(wire.Subscription(nil)), seconds)
		return out.ID, reasons(out)
	}, time.Hour},
	"update": {emulator.Options{}, func(_ *testing.T, b *wire.Bench, seconds float64) (string, string) {
		r := b.Import(seededOn(b, emulator.Instance{Status: emulator.StatusConnecting, VpcID: "vpc-a"})).Resource
		out := b.Update(r, b.Checked(wire.Change(r.Inputs, map[string]any{"instanceName": "other"})), seconds)
		return r.ID, reasons(out)
	}, time.Hour},
	"delete": {emulator.Options{Release: never}, func(_ *testing.T, b *wire.Bench, seconds float64) (string, string) {
		id := seededOn(b, emulator.Instance{PaymentType: emulator.PayAsYouGo, HasBackup: true})
		err := b.Delete(b.Import(id).Resource, seconds)
		return id, fmt.Sprint(err)
	}, 10 * time.Minute},
}

func seededOn(b *wire.Bench, i emulator.Instance) string {
	kept, err := b.Cloud.Seed(i)
	if err != nil {
		panic(err)
	}
	return kept.ID
}

func reasons(out wire.Outcome) string {
	if out.Err != nil {
		return out.Err.Error()
	}
	return strings.Join(out.Reasons, "\n")
}

// TestDeadlines: an operation ends after the time that customTimeouts gives it, to the fraction of a second, or after its
// default; the message says what it was doing and which option gives it more.
// Promise (Changes): `customTimeouts` overrides the deadlines of create, update and delete.
func TestDeadlines(t *testing.T) {
	t.Parallel()
	for name, c := range stuck {
		for seconds, want := range map[float64]time.Duration{
			0: c.limit, 0.75: 750 * time.Millisecond, 90.5: 90500 * time.Millisecond, 1200: 20 * time.Minute,
		} {
			t.Run(fmt.Sprintf("%s/%v", name, seconds), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					b := wire.New(t, wire.Options{Emulator: c.options})
					start := time.Now()
					id, says := c.run(t, b, seconds)
					if took := time.Since(start); took < want || took > want+time.Second {
						t.Errorf("it took %s, want %s", took, want)
					}
					wantSaid(t, "the message", says, id, "the time for this operation ran out after "+want.Round(time.Second).String()+" while ", "customTimeouts")
					if !strings.HasPrefix(id, "kst-") {
						t.Errorf("the id is %q", id)
					}
				})
			})
		}
	}
}

// TestReadEnds: a read has no option of its own and ends by itself.
func TestReadEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := wire.New(t, wire.Options{})
		r := b.Created(wire.Subscription(nil))
		inject(t, b, emulator.Fault{Action: "GetKmsInstance", Kind: emulator.FaultThrottle, Count: -1})
		start := time.Now()
		out := b.Refresh(r)
		if took := time.Since(start); took > 5*time.Minute+time.Second || out.Err == nil {
			t.Errorf("the refresh gives %v after %s", out.Err, took)
		}
	})
}

// TestCancel: Ctrl-C ends every operation within two seconds, whatever it waits for, and keeps what it has.
// Promise (Changes): Cancel returns within two seconds, or after the answer of an order in flight.
func TestCancel(t *testing.T) {
	t.Parallel()
	for name, c := range stuck {
		for kind, hangs := range map[string]bool{"waiting": false, "in a call": true} {
			t.Run(name+"/"+kind, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					var hanging atomic.Bool
					hang := func(next http.Handler) http.Handler {
						return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
							if hanging.Load() {
								<-r.Context().Done()
								return
							}
							next.ServeHTTP(w, r)
						})
					}
					b := wire.New(t, wire.Options{Emulator: c.options, Wrap: hang})
					var cancelled time.Time
					go func() {
						time.Sleep(100 * time.Second)
						hanging.Store(hangs)
						time.Sleep(10 * time.Second)
						cancelled = time.Now()
						b.Cancel()
					}()
					id, says := c.run(t, b, 0)
					if took := time.Since(cancelled); cancelled.IsZero() || took > 2*time.Second {
						t.Errorf("it ended %s after the cancellation", took)
					}
					wantSaid(t, "the message", says, id, "cancelled after 1m5", "while ")
				})
			})
		}
	}
}

// TestCancelOfAnOrder: the order is not torn. Its answer is waited for as long as one try takes, and kept.
func TestCancelOfAnOrder(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault    emulator.Fault
		answered bool
		within   time.Duration
	}{
		"answered":   {emulator.Fault{Action: "CreateInstance", Kind: emulator.FaultSlow, Seconds: 20}, true, 20 * time.Second},
		"unanswered": {emulator.Fault{Action: "CreateInstance", Kind: emulator.FaultHang.After(), Count: -1}, false, 31 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := wire.New(t, wire.Options{})
				inject(t, b, c.fault)
				var cancelled time.Time
				go func() {
					time.Sleep(time.Second)
					cancelled = time.Now()
					b.Cancel()
				}()
				out := b.Create(b.Checked(wire.Subscription(nil)), 0)
				if took := time.Since(cancelled); took > c.within {
					t.Errorf("it ended %s after the cancellation", took)
				}
				if strings.HasPrefix(out.ID, "kst-") != c.answered || (len(out.Reasons) == 1) != c.answered || (out.Err == nil) != c.answered {
					t.Errorf("got %q, %v, %v", out.ID, out.Reasons, out.Err)
				}
				wantSaid(t, "the output", b.Said(), "cancelled while the order is on its way (client token ", "waiting for its answer, at most 30 s")
				if n := b.Cloud.Totals().Orders; n != 1 {
					t.Errorf("%d instances were bought", n)
				}
			})
		})
	}
}

// TestProgress: the row of `pulumi up` shows id, phase, status and elapsed time all along; the token is said before the order
// goes out and the id as soon as it is known.
// Promise (Changes): The row of the resource shows id, phase, status and elapsed time.
func TestProgress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := wire.New(t, wire.Options{Emulator: emulator.Options{OrderVisible: 30 * time.Second, Connect: 10 * time.Minute}})
		r := b.Created(wire.Subscription(map[string]any{"instanceName": "mine"}))
		line := regexp.MustCompile(`^info: (kst-[a-z0-9]+: )?([a-zA-Z0-9() ]+?)(, status ([A-Za-z]+))?, ([0-9hms]+) elapsed( \(.*\))?$`)
		var last, longest time.Duration
		phases := map[string]string{}
		for _, text := range strings.Split(b.StatusLines(), "\n") {
			m := line.FindStringSubmatch(text)
			if m == nil {
				t.Errorf("a status line is %q", text)
				continue
			}
			elapsed, err := time.ParseDuration(m[5])
			if err != nil || elapsed < last {
				t.Errorf("after %s the line %q follows (%v)", last, text, err)
			}
			longest, last = max(longest, elapsed-last), elapsed
			if m[2] != "ordering" && !strings.HasPrefix(m[2], "looking for an instance") && m[1] != r.ID+": " {
				t.Errorf("the line %q does not start with the id", text)
			}
			phases[m[2]] = m[4]
		}
		if last < 10*time.Minute || longest > 15*time.Second {
			t.Errorf("the last line is of %s, and for %s there was none", last, longest)
		}
		for phase, status := range map[string]string{"ordering": "", "waiting for the instance to appear": "", "connecting (takes about 30 minutes)": "Connecting", "ready": "Connected"} {
			if got, ok := phases[phase]; !ok || got != status {
				t.Errorf("the phase %q has the status %q (%v), want %q", phase, got, ok, status)
			}
		}
		order := b.Calls("CreateInstance")[0]
		wantSaid(t, "the output", b.Said(), "client token "+order.Parameters["ClientToken"], r.ID+" is bought (order "+order.OrderID+")")
		if token, id := strings.Index(b.Said(), "client token"), strings.Index(b.Said(), r.ID); token > id {
			t.Errorf("the token is said after the id: %s", b.Said())
		}
	})
}
