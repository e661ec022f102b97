package emulator

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
)

// 50 clients take 300 instances through their lives at the same time.
func TestManyInstancesAndClients(t *testing.T) {
	const clients, instances = 50, 300
	s, c := start(t, Options{})
	transport := &http.Transport{MaxIdleConnsPerHost: clients}
	defer transport.CloseIdleConnections()
	c.http = &http.Client{Transport: transport}

	work := make(chan int, instances)
	for n := range instances {
		work <- n
	}
	close(work)
	var wg sync.WaitGroup
	for worker := range clients {
		c := c
		if worker%2 == 1 {
			c.form = formV1
		}
		wg.Go(func() {
			for n := range work {
				c.live(t, n)
			}
		})
	}
	wg.Wait()

	totals := s.Totals()
	if totals.Orders != instances || totals.Modifications != instances || totals.Replays != instances || totals.Refunds != instances {
		t.Errorf("totals %+v", totals)
	}
	if totals.Paid != totals.Refunded {
		t.Errorf("paid %d, paid back %d", totals.Paid, totals.Refunded)
	}
	calls := s.Journal()
	if len(calls) != totals.Calls {
		t.Errorf("%d calls in the journal, %d counted", len(calls), totals.Calls)
	}
	for n, call := range calls {
		if call.Seq != n+1 || !call.Done || call.Status != 200 || call.Code != "Success" {
			t.Fatalf("call %d: %+v", n, call)
		}
	}
}

// live takes one instance from its order to its refund. It runs beside others, so it only reports.
func (c client) live(t *testing.T, n int) {
	step := func(service, action string, p params) reply {
		r, err := c.try(service, action, p)
		if err != nil || r.status != 200 || r.body["Success"] == false {
			t.Errorf("%s: %v %d %s", action, err, r.status, r.raw)
		}
		return r
	}
	bought := order(params{"ClientToken": fmt.Sprintf("t-%d", n)})
	id := step(serviceBSS, "CreateInstance", bought).text("Data", "InstanceId")
	if again := step(serviceBSS, "CreateInstance", bought).text("Data", "InstanceId"); again != id {
		t.Errorf("the token gave %s, then %s", id, again)
	}
	step(serviceKMS, "ConnectKmsInstance", connection(id, nil))
	step(serviceBSS, "ModifyInstance", modification(id, map[string]string{"KeyNum": "2000"}, nil))
	step(serviceKMS, "UpdateKmsInstanceBindVpc", params{"KmsInstanceId": id, "BindVpcs": `[{"VpcId":"vpc-2","VSwitchId":"vsw-2"}]`})
	step(serviceKMS, "TagResources", with(tagScope(id), params{"Tag.1.Key": "n", "Tag.1.Value": fmt.Sprint(n)}))
	tags := step(serviceKMS, "ListTagResources", tagScope(id))
	if got := tags.text("TagResources", "TagResource", 0, "TagValue"); got != fmt.Sprint(n) {
		t.Errorf("tag %q of instance %d", got, n)
	}
	step(serviceKMS, "ListKmsInstances", params{"PageSize": "100"})
	if got := step(serviceKMS, "GetKmsInstance", params{"KmsInstanceId": id}).text("KmsInstance", "Status"); got != StatusConnected {
		t.Errorf("status %q", got)
	}
	step(serviceBSS, "QueryAvailableInstances", params{"ProductCode": "kms", "InstanceIDs": id})
	step(serviceBSS, "RefundInstance", params{"InstanceId": id, "ProductCode": "kms"})
}
