package main

import (
	"flag"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/wire"
)

// The program measures more than a test of the bounds needs.
var (
	runs   = flag.Int("runs", 2, "how often an operation is measured on the virtual clock; the jitter differs each time")
	atOnce = flag.Int("at-once", 40, "how many instances are created side by side at most")
)

// bounds of what an operation may take longer than the cloud if calls take no time.
type bounds struct{ create, afterConnected, update, delete time.Duration }

// TestOverhead measures how long operations take beyond what the cloud takes for them: to show the instance that was
// bought (a tenth of the delay), to connect it, to carry out an order of sizes, to take it back. Neither the machine nor its
// load has a part in it: the clock is virtual.
func TestOverhead(t *testing.T) {
	cases := []struct {
		delay time.Duration
		call  time.Duration
		bounds
	}{
		{0, 0, bounds{0, 0, 0, 0}},
		{5 * time.Second, 0, bounds{time.Second, time.Second, time.Second, time.Second}},
		{9 * time.Second, 0, bounds{time.Second, time.Second, time.Second, time.Second}},
		{time.Minute, 0, bounds{3 * time.Second, 3 * time.Second, 3 * time.Second, 2 * time.Second}},
		{30 * time.Minute, 0, bounds{4 * time.Second, 3 * time.Second, 3 * time.Second, 2 * time.Second}},
		// With calls that take time there is no bound that would not repeat how many calls there are.
		{5 * time.Second, roundTrip, bounds{time.Minute, time.Minute, time.Minute, time.Minute}},
		{time.Minute, roundTrip, bounds{time.Minute, time.Minute, time.Minute, time.Minute}},
	}
	for _, c := range cases {
		t.Run(fmt.Sprintf("%s-%s", c.delay, c.call), func(t *testing.T) {
			result := map[string]*overhead{}
			note := func(operation string, took, limit time.Duration, looks int) {
				if result[operation] == nil {
					result[operation] = &overhead{Operation: operation, Cloud: c.delay.String(), Call: c.call.String()}
				}
				o := result[operation]
				o.Seconds, o.Looks = append(o.Seconds, took.Seconds()), append(o.Looks, float64(looks))
				if took > limit {
					t.Errorf("%s takes %s longer than the cloud, want at most %s", operation, took, limit)
				}
			}
			n := *runs
			if c.delay > time.Minute {
				n = max(1, n/10) // thousands of calls each
			}
			for range n {
				synctest.Test(t, func(t *testing.T) { oneLife(t, c.delay, c.call, c.bounds, note) })
			}
			for _, operation := range []string{"create", "create, from Connected on", "update of sizes", "delete"} {
				report(t, "overhead", result[operation])
			}
		})
	}
}

// oneLife creates, changes and deletes an instance in a cloud of its own.
func oneLife(t *testing.T, delay, call time.Duration, limits bounds, note func(string, time.Duration, time.Duration, int)) {
	visible := delay / 10
	short := min(delay, 9*time.Minute) // what takes longer is not waited for
	b := wire.New(t, wire.Options{
		Emulator: emulator.Options{OrderVisible: visible, Connect: delay, Upgrade: short, Refund: short},
		Wrap: func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				time.Sleep(call)
				next.ServeHTTP(w, r)
			})
		},
	})
	seen := 0
	looks := func() int {
		all := len(b.Calls("GetKmsInstance"))
		defer func() { seen = all }()
		return all - seen
	}
	since := func(action string, delay time.Duration) time.Duration {
		calls := b.Calls(action)
		return time.Since(calls[len(calls)-1].Time.Add(delay))
	}
	start := time.Now()
	r := b.Created(wire.Subscription(nil))
	n := looks()
	note("create", time.Since(start)-visible-delay, limits.create, n)
	note("create, from Connected on", since("ConnectKmsInstance", delay), limits.afterConnected, n)
	r = b.Updated(r, wire.Subscription(map[string]any{"keyNum": 2000}))
	note("update of sizes", since("ModifyInstance", short), limits.update, looks())
	if err := b.Delete(r, 0); err != nil {
		t.Fatal(err)
	}
	note("delete", since("RefundInstance", short), limits.delete, looks())
}

// TestManyAtOnce creates many instances side by side in a cloud that keeps to the request rates of KMS and connects each in
// two minutes.
func TestManyAtOnce(t *testing.T) {
	const connect = 2 * time.Minute
	for _, n := range []int{1, 10, 40, 100, 300} {
		if n > *atOnce {
			break
		}
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := wire.New(t, wire.Options{
					Emulator: emulator.Options{RateLimits: true, OrderVisible: 3 * time.Second, Connect: connect},
				})
				result := many{Instances: n}
				type end struct {
					id string
					at time.Time
				}
				ends := make(chan end)
				start := time.Now()
				for range n {
					another := b.Another()
					go func() {
						out := another.Create(another.Checked(wire.Subscription(nil)), 0)
						if out.Err != nil || len(out.Reasons) > 0 {
							t.Errorf("failed: %v %v", out.Err, out.Reasons)
						}
						ends <- end{out.ID, time.Now()}
					}()
				}
				done := map[string]time.Time{}
				for range n {
					e := <-ends
					done[e.id] = e.at
				}
				if len(done) != n || b.Cloud.Totals().Orders != n {
					t.Errorf("%d instances, %d orders, want %d of each", len(done), b.Cloud.Totals().Orders, n)
				}
				bySecond := map[int]int{}
				for _, call := range b.Cloud.Journal() {
					result.Calls++
					since := call.Time.Sub(start)
					switch {
					case call.Status == http.StatusTooManyRequests:
						result.Throttled++
					case call.Action == "GetKmsInstance" && since > time.Minute && since < connect:
						bySecond[int(since.Seconds())]++
					case call.Action == "ConnectKmsInstance":
						result.Seconds = append(result.Seconds, done[call.InstanceID].Sub(call.Time.Add(connect)).Seconds())
					}
				}
				for _, count := range bySecond {
					result.Busiest = max(result.Busiest, count)
				}
				if result.Throttled > 2*n {
					t.Errorf("%d creates are throttled %d times, want at most twice each", n, result.Throttled)
				}
				if result.Busiest > 31 {
					t.Errorf("%d instances ask %d times in a second, want at most 31", n, result.Busiest)
				}
				if longest := slices.Max(result.Seconds); longest > 15 {
					t.Errorf("a create takes %.1f s from Connected on, want at most 15", longest)
				}
				report(t, "many", result)
			})
		})
	}
}
