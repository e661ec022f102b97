package wire_test

import (
	"cmp"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/wire"
)

const never = 10000 * time.Hour

// operation is one that the cloud never ends, with its default time.
type operation struct {
	options emulator.Options
	run     func(t *testing.T, b *wire.Bench, seconds float64) (id, says string)
	limit   time.Duration
}

var stuck = map[string]operation{
	"create": {emulator.Options{Connect: never}, func(_ *testing.T, b *wire.Bench, seconds float64) (string, string) {
		out := b.Create(b.Checked(wire.Subscription(nil)), seconds)
		return out.ID, reasons(out)
	}, time.Hour},
	"update": {emulator.Options{}, func(t *testing.T, b *wire.Bench, seconds float64) (string, string) {
		t.Helper()
		r := b.Import(seeded(t, b, emulator.Instance{Status: emulator.StatusConnecting, VpcID: "vpc-a"})).Resource
		return r.ID, reasons(b.Update(r, b.Checked(wire.Change(r.Inputs, map[string]any{"instanceName": "other"})), seconds))
	}, time.Hour},
	"delete": {emulator.Options{Release: never}, func(t *testing.T, b *wire.Bench, seconds float64) (string, string) {
		t.Helper()
		id := seeded(t, b, emulator.Instance{PaymentType: emulator.PayAsYouGo, HasBackup: true})
		return id, fmt.Sprint(b.Delete(b.Import(id).Resource, seconds))
	}, 10 * time.Minute},
}

// An operation ends after its default time or after that of customTimeouts, to the fraction of a second, and says what it was doing.
// Promise (Changes): `customTimeouts` overrides the deadlines of create, update and delete.
func TestDeadlines(t *testing.T) {
	type limited struct {
		operation
		given time.Duration
	}
	cases := map[string]limited{}
	for name, o := range stuck {
		for _, given := range []time.Duration{0, 750 * time.Millisecond, 20 * time.Minute} {
			cases[fmt.Sprint(name, " ", given)] = limited{o, given}
		}
	}
	each(t, cases, func(t *testing.T, c limited) {
		want := cmp.Or(c.given, c.limit)
		b := wire.New(t, wire.Options{Emulator: c.options})
		start := time.Now()
		id, says := c.run(t, b, c.given.Seconds())
		if took := time.Since(start); took < want || took > want+time.Second {
			t.Errorf("it took %s, want %s", took, want)
		}
		wantSaid(t, "the message", says, id, "kst-", "the time for this operation ran out after "+want.Round(time.Second).String()+" while ", "customTimeouts")
	})
}

// A read that gets no good answer ends by itself after five minutes.
func TestReadEnds(t *testing.T) {
	onClock(t, wire.Options{}, func(t *testing.T, b *wire.Bench) {
		r := b.Created(wire.Subscription(nil))
		inject(t, b, emulator.Fault{Action: "GetKmsInstance", Kind: emulator.FaultThrottle, Count: -1})
		start := time.Now()
		out := b.Refresh(r)
		if took := time.Since(start); took > 5*time.Minute+time.Second || out.Err == nil {
			t.Errorf("the refresh gives %v after %s", out.Err, took)
		}
	})
}

// slowed gives each call some time, and none but a purchase an answer once it hangs.
func slowed(by time.Duration, hanging *atomic.Bool) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if hanging.Load() && r.Header.Get("X-Acs-Action") != "CreateInstance" {
				<-r.Context().Done()
				return
			}
			time.Sleep(by)
			next.ServeHTTP(w, r)
		})
	}
}

// Ctrl-C ends every operation within two seconds, whatever it waits for, and keeps what it has.
// Promise (Changes): Cancel returns within two seconds, or after the answer of an order in flight.
func TestCancel(t *testing.T) {
	each(t, stuck, func(t *testing.T, c operation) {
		for _, hangs := range []bool{false, true} {
			var hanging atomic.Bool
			b := wire.New(t, wire.Options{Emulator: c.options, Wrap: slowed(0, &hanging)})
			var cancelled time.Time
			time.AfterFunc(100*time.Second, func() {
				hanging.Store(hangs)
				time.Sleep(10 * time.Second)
				cancelled = time.Now()
				b.Cancel()
			})
			id, says := c.run(t, b, 0)
			if took := time.Since(cancelled); cancelled.IsZero() || took > 2*time.Second {
				t.Errorf("it ended %s after the cancellation", took)
			}
			wantSaid(t, "the message", says, id, "cancelled after 1m5", "while ")
		}
	})
}

// Whenever Ctrl-C comes during a purchase, the create ends within two seconds and keeps the id of what was bought, and whose it is: a
// destroy must not have to ask.
func TestCancelOfAPurchase(t *testing.T) {
	moments := map[string]time.Duration{}
	for n := range 80 { // the order takes a quarter of a second
		moments[fmt.Sprint(n)] = time.Duration(n)*100*time.Millisecond + 10*time.Millisecond
	}
	each(t, moments, func(t *testing.T, moment time.Duration) {
		var hanging atomic.Bool
		b := wire.New(t, wire.Options{Emulator: emulator.Options{OrderVisible: 3 * time.Second, Connect: never}, Wrap: slowed(300*time.Millisecond, &hanging)})
		inputs := b.Checked(wire.Subscription(nil))
		var cancelled time.Time
		time.AfterFunc(moment, func() {
			hanging.Store(moment.Seconds() > 4)
			cancelled = time.Now()
			b.Cancel()
		})
		out := b.Create(inputs, 0)
		if took := time.Since(cancelled); took > 2*time.Second {
			t.Errorf("it ended %s after the cancellation", took)
		}
		if b.Cloud.Totals().Orders == 0 {
			wantFailed(t, out, "nothing was bought")
		} else {
			wantUnfinished(t, out, "cancelled")
			if out.Outputs.Get("arn").IsNull() && !hanging.Load() {
				t.Error("the account is not recorded")
			}
		}
		time.Sleep(5 * time.Minute) // a look for a lost purchase goes on in the background
	})
}

// Ctrl-C does not tear an order: its answer is waited for as long as one try takes, and kept.
func TestCancelOfAnOrder(t *testing.T) {
	type order struct {
		action string
		fault  emulator.Fault
		within time.Duration
		run    func(b *wire.Bench, r wire.Resource) string
		says   string
	}
	create := func(b *wire.Bench, _ wire.Resource) string {
		another := b.Another()
		out := another.Create(b.Checked(wire.Subscription(map[string]any{"vpcId": "vpc-c"})), 0)
		return fmt.Sprint(out.ID, " ", reasons(out), another.Said())
	}
	slow := emulator.Fault{Kind: emulator.FaultSlow, Seconds: 20}
	each(t, map[string]order{
		"a purchase":              {"CreateInstance", slow, 20 * time.Second, create, "kst-"},
		"a purchase not answered": {"CreateInstance", emulator.Fault{Kind: emulator.FaultHang.After(), Count: -1}, 31 * time.Second, create, "may have been placed"},
		"sizes": {"ModifyInstance", slow, 20 * time.Second, func(b *wire.Bench, r wire.Resource) string {
			out := b.Update(r, b.Checked(wire.Subscription(map[string]any{"keyNum": 3000})), 0)
			return fmt.Sprint(wire.Go(out.Outputs), out.Reasons, b.Said())
		}, "pendingOrder"},
		"a refund": {"RefundInstance", slow, 20 * time.Second, func(b *wire.Bench, r wire.Resource) string {
			return fmt.Sprint(b.Delete(r, 0), b.Said())
		}, "cancelled after"},
	}, func(t *testing.T, c order) {
		b := wire.New(t, wire.Options{Emulator: emulator.Options{Upgrade: time.Hour, Refund: time.Hour}})
		r := b.Created(wire.Subscription(nil))
		before := len(b.Cloud.Orders())
		c.fault.Action = c.action
		inject(t, b, c.fault)
		var cancelled time.Time
		time.AfterFunc(2*time.Second, func() {
			cancelled = time.Now()
			b.Cancel()
		})
		said := c.run(b, r)
		if took := time.Since(cancelled); took > c.within {
			t.Errorf("it ended %s after the cancellation", took)
		}
		wantSaid(t, "the output", said, c.says, "while the order is on its way (client token ", "waiting for its answer, at most 30 s")
		if n := len(b.Cloud.Orders()) - before; n != 1 {
			t.Errorf("%d orders were placed", n)
		}
	})
}

// The row of `pulumi up` shows id, phase, status and elapsed time; the client token is printed before the order, the id right after it.
// Promise (Changes): The row of the resource shows id, phase, status and elapsed time.
func TestProgress(t *testing.T) {
	onClock(t, wire.Options{Emulator: emulator.Options{OrderVisible: 30 * time.Second, Connect: 10 * time.Minute}}, func(t *testing.T, b *wire.Bench) {
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
