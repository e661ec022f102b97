package faults

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"runtime"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/engine"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/wire"
)

// many is how many instances a large stack has.
const many = 50

// TestManyCreatesAtOnce: instances that are created side by side in a cloud that keeps to the documented request rates all
// come up, and being throttled leads to few calls more than each alone would make. The clock is virtual.
func TestManyCreatesAtOnce(t *testing.T) {
	t.Parallel()
	type counts struct{ all, looks, throttled int } // looks while something is waited for
	calls := func(n int) (made counts) {
		synctest.Test(t, func(t *testing.T) {
			b := wire.New(t, wire.Options{
				Emulator: emulator.Options{RateLimits: true, OrderVisible: 3 * time.Second, Connect: 2 * time.Minute, Upgrade: 5 * time.Second},
			})
			ended := make(chan wire.Outcome)
			for i := range n {
				one := b.Another()
				go func() {
					ended <- one.Create(one.Checked(wire.Subscription(map[string]any{
						"instanceName": fmt.Sprintf("kms-%d", i), "tags": map[string]any{"n": fmt.Sprint(i)}, "deletionProtection": true,
						"bindVpcs": []any{map[string]any{"vpcId": "vpc-b", "vswitchId": "vsw-b"}},
					})), 0)
				}()
			}
			for range n {
				if out := <-ended; out.Err != nil || len(out.Reasons) > 0 {
					t.Errorf("failed: %v %v", out.Err, out.Reasons)
				}
			}
			for _, i := range b.Cloud.Instances() {
				if i.Status != emulator.StatusConnected || !i.DeletionProtection || len(i.BindVpcs) != 1 || i.Tags["n"] == "" {
					t.Errorf("an instance is %+v", i)
				}
			}
			if orders := b.Cloud.Totals().Orders; orders != n {
				t.Errorf("%d instances bought, want %d", orders, n)
			}
			for _, call := range b.Cloud.Journal() {
				made.all++
				if call.Action == "GetKmsInstance" {
					made.looks++
				}
				if call.Status == http.StatusTooManyRequests {
					made.throttled++
				}
			}
		})
		return made
	}
	const samples = 5
	var alone counts
	for range samples {
		made := calls(1)
		if made.throttled > 0 {
			t.Errorf("a single create is throttled %d times", made.throttled)
		}
		alone.all, alone.looks = alone.all+made.all, alone.looks+made.looks
	}
	least := func(n int) float64 { return float64(n) / samples * many }
	made := calls(many)
	if made.throttled == 0 {
		t.Error("none was throttled: the test does not show what it is for")
	}
	t.Logf("%d creates at once: %d calls, %d of them looks, %d throttled; each alone would make %.0f in all, %.0f of them looks",
		many, made.all, made.looks, made.throttled, least(alone.all), least(alone.looks))
	if limit := 1.5 * least(alone.all); float64(made.all) > limit {
		t.Errorf("%d creates at once make %d calls, want at most %.0f", many, made.all, limit)
	}
	if changing, limit := made.all-made.looks, 1.5*least(alone.all-alone.looks); float64(changing) > limit {
		t.Errorf("%d creates at once make %d calls other than looks, want at most %.0f", many, changing, limit)
	}
}

// TestMemory: the plugin needs little more memory for a large stack than for a small one, through its whole life.
func TestMemory(t *testing.T) {
	t.Parallel()
	peak := func(n int) (most int64) {
		dir := t.TempDir()
		w, err := newWorld("", func(o *emulator.Options) { o.RateLimits = true })
		if err != nil {
			t.Fatal(err)
		}
		stack := &engine.Stack{
			Config: w.config(timeouts{}),
			Providers: map[tokens.Package]engine.Provider{packageName: engine.Binary{
				Path: plugin, Env: environment(dir), Dir: dir, Ending: func(pid int) { most = max(most, peakResident(pid)) },
			}},
		}
		var program engine.Program
		in := subscription.with(inputs{"deletionProtection": false})
		for i := range n {
			program = append(program, in.instance(fmt.Sprintf("kms-%d", i)))
		}
		atOnce := engine.Options{Parallel: many}
		for _, act := range []func() *engine.Result{
			func() *engine.Result { return stack.Up(t.Context(), program, atOnce) },
			func() *engine.Result { return stack.Refresh(t.Context(), nil, atOnce) },
			func() *engine.Result { return stack.Destroy(t.Context(), atOnce) },
		} {
			if result := act(); result.Err != nil {
				t.Fatalf("%d instances: %s", n, result.Text(false))
			}
		}
		if used := w.cloud().Totals(); used.Orders != n || used.Refunds != n {
			t.Errorf("%d instances: %+v", n, used)
		}
		if err := w.close(); err != nil {
			t.Error(err)
		}
		return most
	}
	one, all := peak(1), peak(many)
	t.Logf("%.1f MiB for one instance, %.1f MiB for %d", float64(one)/(1<<20), float64(all)/(1<<20), many)
	if one == 0 || all == 0 {
		if runtime.GOOS == "linux" {
			t.Error("the memory of the plugin is not known")
		}
		t.Skip("this system does not tell how much memory a process had") //nolint:forbidigo // other systems have no such figure
	}
	if more := all - one; more > 24<<20 {
		t.Errorf("%d instances need %.1f MiB more than one", many, float64(more)/(1<<20))
	}
}

var highWater = regexp.MustCompile(`(?m)^VmHWM:\s*(\d+) kB$`)

// peakResident is the most memory that a running process has had resident, in bytes; 0 on systems that do not tell it as Linux does. What
// the system says of a process that has ended would be of no use: it counts the memory of the test that started it, too.
func peakResident(pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	found := highWater.FindSubmatch(status)
	if found == nil {
		return 0
	}
	kilobytes, err := strconv.ParseInt(string(found[1]), 10, 64)
	if err != nil {
		return 0
	}
	return kilobytes << 10
}
