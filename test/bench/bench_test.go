package main

import (
	"flag"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/wire"
)

// The program measures more than a test of the limits needs.
var runs = flag.Int("runs", 2, "how often an operation that waits is measured; its pauses differ each time")

// roundTrip is what each call takes on the virtual clock. Operations that wait for nothing take a multiple of it.
const roundTrip = 50 * time.Millisecond

func slowly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(roundTrip)
		next.ServeHTTP(w, r)
	})
}

// row hands a row of the table to the program, which reads the attributes of its tests.
func row(t *testing.T, cells ...string) {
	t.Helper()
	t.Attr("row", "| "+strings.Join(cells, " | ")+" |")
}

// instance are inputs that cost no call of their own, or with every setting that costs one.
func instance(payment string, every bool) property.Map {
	more := map[string]any{}
	if every {
		more = map[string]any{
			"instanceName": "bench", "deletionProtection": true, "tags": map[string]string{"environment": "bench"},
			"bindVpcs": []map[string]any{{"vpcId": "vpc-b", "vswitchId": "vsw-b"}},
		}
	}
	if payment == emulator.PayAsYouGo {
		more["forceDeleteWithoutBackup"] = true
		return wire.PayAsYouGo(more)
	}
	if every {
		more["renewStatus"] = emulator.NotRenewal
	}
	return wire.Subscription(more)
}

// TestCalls counts the API calls of each operation in a cloud without delays, and how many of them wait for one another.
// Waiting adds one GetKmsInstance for each look.
func TestCalls(t *testing.T) {
	for _, payment := range []string{emulator.Subscription, emulator.PayAsYouGo} {
		t.Run(payment, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { countCalls(t, payment) })
		})
	}
}

func countCalls(t *testing.T, payment string) {
	b := wire.New(t, wire.Options{Wrap: slowly})
	if n := len(b.Cloud.Journal()); n != 0 {
		t.Errorf("configuring makes %d calls", n)
	}
	var plain, r wire.Resource
	another := b.Another()
	fresh := func() *wire.Bench { return wire.Attach(t, b.Cloud, wire.Options{Wrap: slowly}) }
	change := func(name string, value any) func() {
		return func() { r = b.Updated(r, wire.Change(r.Inputs, map[string]any{name: value})) }
	}
	for _, o := range []struct {
		name string
		most int    // what it takes at most, in round trips
		want string // actions
		more string // actions with Subscription only
		run  func()
	}{
		{
			"create", 20, "DescribeVSwitches GetCallerIdentity ListKmsInstances QueryAvailableInstances CreateInstance QueryAvailableInstances " +
				"GetOrderDetail GetKmsInstance ConnectKmsInstance GetKmsInstance ListTagResources",
			"QueryAvailableInstances", func() { plain = another.Created(instance(payment, false)) },
		},
		{
			"create with every setting", 24, "DescribeVSwitches CreateInstance GetOrderDetail GetKmsInstance ConnectKmsInstance GetKmsInstance " +
				"ListTagResources GetKmsInstanceQuotaInfos UpdateKmsInstanceBindVpc UpdateKmsInstance TagResources SetDeletionProtection " +
				"GetKmsInstance ListTagResources",
			"QueryAvailableInstances SetRenewal QueryAvailableInstances", func() { r = b.Created(instance(payment, true)) },
		},
		{"preview of an update", 0, "", "", func() {
			news := b.Checked(wire.Change(r.Inputs, map[string]any{"instanceName": "other"}))
			if _, err := b.Diff(r, news); err != nil {
				t.Error(err)
			}
			b.PreviewUpdate(r, news)
		}},
		{
			"update of the name", 4, "GetKmsInstance UpdateKmsInstance GetKmsInstance ListTagResources", "QueryAvailableInstances",
			change("instanceName", "other"),
		},
		{
			"update of the tags", 5, "GetKmsInstance ListTagResources TagResources GetKmsInstance ListTagResources", "QueryAvailableInstances",
			change("tags", map[string]string{"environment": "other"}),
		},
		{
			"update of bindVpcs", 4, "GetKmsInstance UpdateKmsInstanceBindVpc GetKmsInstance ListTagResources", "QueryAvailableInstances",
			change("bindVpcs", []map[string]any{}),
		},
		{
			"update of the log storage", 5, "GetKmsInstance ModifyInstance GetOrderDetail GetKmsInstance ListTagResources", "QueryAvailableInstances",
			change("logStorage", 1000),
		},
		{"update of what is only recorded", 0, "", "", change("forceDeleteWithoutBackup", payment == emulator.Subscription)},
		{"refresh", 2, "GetKmsInstance ListTagResources", "QueryAvailableInstances", func() { b.MustHaveWorked(b.Refresh(r)) }},
		{"import", 3, "GetCallerIdentity GetKmsInstance ListTagResources", "QueryAvailableInstances", func() {
			other := fresh()
			other.MustHaveWorked(other.Import(r.ID))
		}},
		{"delete", 68, "GetKmsInstanceQuotaInfos GetKmsInstance Give GetKmsInstance ListKmsInstances GetKmsInstance", "", func() {
			if err := another.Delete(plain, 0); err != nil {
				t.Error(err)
			}
		}},
		{"refresh of what is gone", 64, "GetKmsInstance ListKmsInstances GetKmsInstance", "", func() { another.Refresh(plain) }},
	} {
		want := strings.Fields(o.want)
		if payment == emulator.Subscription {
			want = append(want, strings.Fields(o.more)...)
			o.most += strings.Count(o.more, "SetRenewal")
		}
		before, start := len(b.Cloud.Journal()), time.Now()
		o.run()
		took := time.Since(start)
		var got []string
		for _, call := range b.Cloud.Journal()[before:] {
			got = append(got, strings.NewReplacer("RefundInstance", "Give", "ReleaseKmsInstance", "Give").Replace(call.Action))
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) || took > time.Duration(o.most)*roundTrip {
			t.Errorf("%s makes in %s the calls %v, want in at most %s %v", o.name, took, got, time.Duration(o.most)*roundTrip, want)
		}
		if len(got) > 0 {
			row(t, payment+", "+o.name, fmt.Sprintf("%d, %.2f s", len(got), took.Seconds()), "", "")
		}
	}
}

// TestOverhead measures how much longer operations take than the cloud does: to show the instance that was bought (a tenth of the
// delay) and connect it, to carry out an order of sizes, to take it back. The machine and its load have no part in it.
func TestOverhead(t *testing.T) {
	operations := []string{"create", "update of sizes", "delete"}
	for _, cloud := range []time.Duration{0, 5 * time.Second, time.Minute, 30 * time.Minute} {
		t.Run(cloud.String(), func(t *testing.T) {
			took := map[string][]time.Duration{}
			short := pauseAfter(min(cloud, notWaited))
			most := []time.Duration{pauseAfter(cloud/10) + pauseAfter(cloud), short, short + goneAgain}
			for range max(1, *runs/max(1, int(cloud/(3*time.Minute)))) { // half an hour has thousands of calls
				synctest.Test(t, func(t *testing.T) {
					for i, over := range oneLife(t, cloud) {
						if over > most[i]+roundTrips {
							t.Errorf("%s takes %s longer than the cloud, want at most %s", operations[i], over, most[i]+roundTrips)
						}
						took[operations[i]] = append(took[operations[i]], over)
					}
				})
			}
			if cloud != time.Minute {
				return
			}
			for i, operation := range operations {
				sorted := slices.Sorted(slices.Values(took[operation]))
				row(t, "**longer than a cloud that takes a minute**, "+operation,
					fmt.Sprintf("%.1f s, at most %.1f s", sorted[len(sorted)/2].Seconds(), sorted[len(sorted)-1].Seconds()), "",
					fmt.Sprintf("%.1f s", (most[i]+roundTrips).Seconds()))
			}
		})
	}
}

// A wait ends at most one pause after the cloud is done. A delete looks once more before it says that the instance is gone.
const (
	goneAgain  = 3 * time.Second
	roundTrips = time.Second
	notWaited  = 9 * time.Minute // an order or a refund that takes longer is not waited for
)

// pauseAfter is the longest pause between two looks at something that has been waited for so long.
func pauseAfter(wait time.Duration) time.Duration {
	return min(max(wait/20, 400*time.Millisecond), 5*time.Second)
}

// oneLife creates, changes and deletes an instance, and returns how much longer than the cloud each took.
func oneLife(t *testing.T, cloud time.Duration) (over [3]time.Duration) {
	short := min(cloud, notWaited)
	b := wire.New(t, wire.Options{Emulator: emulator.Options{OrderVisible: cloud / 10, Connect: cloud, Upgrade: short, Refund: short}})
	start := time.Now()
	r := b.Created(wire.Subscription(nil))
	over[0] = time.Since(start) - cloud/10 - cloud
	start = time.Now()
	r = b.Updated(r, wire.Subscription(map[string]any{"keyNum": 2000}))
	over[1] = time.Since(start) - short
	start = time.Now()
	if err := b.Delete(r, 0); err != nil {
		t.Error(err)
	}
	over[2] = time.Since(start) - short
	return over
}

// TestManyAtOnce creates many instances with every setting side by side, in a cloud that keeps to the request rates of KMS and connects
// each in two minutes. All come up, with few calls more than alone.
func TestManyAtOnce(t *testing.T) {
	const n, samples = 40, 5
	var alone crowd
	for range samples {
		one := createAtOnce(t, 1)
		if one.throttled > 0 {
			t.Errorf("a single create is throttled %d times", one.throttled)
		}
		alone.looks, alone.others = alone.looks+one.looks, alone.others+one.others
	}
	made := createAtOnce(t, n)
	if made.throttled == 0 || made.throttled > 2*n {
		t.Errorf("%d creates are throttled %d times, want some, and at most twice as many", n, made.throttled)
	}
	limit := func(alone int) int { return alone * n * 3 / 2 / samples }
	if made.looks+made.others > limit(alone.looks+alone.others) || made.others > limit(alone.others) {
		t.Errorf("%d creates at once make %+v, want at most half more than %d times what %d make one by one: %+v", n, made, n/samples, samples, alone)
	}
	if made.late > 15*time.Second {
		t.Errorf("the last create ends %s after its instance is connected, want at most 15 s", made.late)
	} else {
		row(t, fmt.Sprintf("**longer than that cloud**, %d creates with every setting at once", n), fmt.Sprintf("at most %.1f s", made.late.Seconds()), "", "15 s")
	}
}

// crowd is what creates at once do: calls of GetKmsInstance and other calls, and how many of them are throttled.
type crowd struct {
	looks, others, throttled int
	late                     time.Duration // from when the last instance is connected to the end
}

func createAtOnce(t *testing.T, n int) (made crowd) {
	const connect = 2 * time.Minute
	synctest.Test(t, func(t *testing.T) {
		b := wire.New(t, wire.Options{Emulator: emulator.Options{RateLimits: true, OrderVisible: 3 * time.Second, Connect: connect}})
		start := time.Now()
		var all sync.WaitGroup
		for range n {
			another := b.Another()
			inputs := another.Checked(instance(emulator.Subscription, true))
			all.Go(func() {
				if out := another.Create(inputs, 0); out.Err != nil || len(out.Reasons) > 0 {
					t.Errorf("failed: %v %v", out.Err, out.Reasons)
				}
			})
		}
		all.Wait()
		end, connected := time.Now(), start
		for _, call := range b.Cloud.Journal() {
			switch call.Action {
			case "GetKmsInstance":
				made.looks++
			case "ConnectKmsInstance":
				connected = call.Time.Add(connect)
				fallthrough
			default:
				made.others++
			}
			if call.Status == http.StatusTooManyRequests {
				made.throttled++
			}
		}
		made.late = end.Sub(connected)
		if orders := b.Cloud.Totals().Orders; orders != n {
			t.Errorf("%d orders, want %d", orders, n)
		}
		for _, i := range b.Cloud.Instances() {
			if i.Status != emulator.StatusConnected || !i.DeletionProtection || len(i.BindVpcs) != 1 || len(i.Tags) == 0 {
				t.Errorf("an instance is %+v", i)
			}
		}
	})
	return made
}
