package faults

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
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
