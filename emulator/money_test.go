package emulator

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// inABubble runs a test against an emulator whose clock and whose clients' clock both begin at midnight of 2000-01-01
// and move only when the test sleeps.
func inABubble(t *testing.T, opts Options, test func(t *testing.T, s *Server, c client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s, err := New(opts)
		if err != nil {
			t.Fatal(err)
		}
		pipe := PipeTransport(s.Handler(""))
		defer func() {
			pipe.Close()
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}()
		test(t, s, client{
			t: t, http: &http.Client{Transport: pipe}, base: "http://emulator", form: formACS3,
			key: DefaultAccessKeyID, secret: DefaultAccessKeySecret,
		})
	})
}

const day = 24 * time.Hour

// What an order costs and a refund pays back, to the unit.
func TestPrices(t *testing.T) {
	const monthly = 500 + 1000/10 + 1000/10 + 1 + 20*2 // of order(nil)
	grow := func(c client, id string) {
		c.ok(serviceBSS, "ModifyInstance", modification(id, map[string]string{"KeyNum": "2000", "Log": "1", "LogStorage": "1000"}, nil))
	}
	const grown = monthly + 1000/10 + 50 + 1000/10
	renew := func(c client, id string) {
		c.ok(serviceBSS, "RenewInstance", with(refund(id), params{"RenewPeriod": "2"}))
	}
	renewsItself := func(c client, id, unit string) {
		c.ok(serviceBSS, "SetRenewal", params{
			"InstanceIDs": id, "ProductCode": "kms", "RenewalStatus": "AutoRenewal", "RenewalPeriod": "1", "RenewalPeriodUnit": unit,
		})
	}
	for name, r := range map[string]struct {
		months         string
		do             func(c client, id string)
		paid, refunded int
	}{
		"refund at once":                     {"12", func(client, string) {}, 12 * monthly, 12 * monthly},
		"refund within five days":            {"3", func(client, string) { time.Sleep(5*day - time.Second) }, 3 * monthly, 3 * monthly},
		"refund after five days":             {"3", func(client, string) { time.Sleep(5 * day) }, 3 * monthly, 2 * monthly},
		"refund in the second month":         {"3", func(client, string) { time.Sleep(31*day + time.Second) }, 3 * monthly, monthly},
		"upgrade at once":                    {"3", grow, 3 * grown, 3 * grown},
		"upgrade in the second month":        {"3", func(c client, id string) { time.Sleep(32 * day); grow(c, id) }, monthly + 2*grown, grown},
		"renewal":                            {"1", renew, 3 * monthly, 3 * monthly},
		"renewal after the end":              {"1", func(c client, id string) { time.Sleep(35 * day); renew(c, id) }, 3 * monthly, monthly},
		"automatic renewals, till April":     {"1", func(c client, id string) { renewsItself(c, id, "M"); time.Sleep(100 * day) }, 4 * monthly, 0},
		"automatic renewal after an upgrade": {"1", func(c client, id string) { grow(c, id); renewsItself(c, id, "Y"); time.Sleep(32 * day) }, 13 * grown, 11 * grown},
	} {
		t.Run(name, func(t *testing.T) {
			inABubble(t, Options{}, func(t *testing.T, s *Server, c client) {
				id := c.buy(order(params{"Period": r.months}))
				r.do(c, id)
				c.ok(serviceBSS, "RefundInstance", refund(id))
				equal(t, [2]int{s.Totals().Paid, s.Totals().Refunded}, [2]int{r.paid, r.refunded}, s.Orders())
			})
		})
	}
}

// A subscription ends at the next midnight in China after its last month.
func TestEndOfATerm(t *testing.T) {
	for start, end := range map[string]string{
		"2023-09-05T12:44:20Z": "2023-10-05T16:00:00Z",
		"2023-09-05T16:00:00Z": "2023-10-05T16:00:00Z", // midnight in China
		"2023-09-05T16:00:01Z": "2023-10-06T16:00:00Z",
		"2026-01-30T18:00:00Z": "2026-02-28T16:00:00Z", // January 31st in China
	} {
		from, _ := parseTimestamp(start)
		equal(t, stamp(endOfTerm(from, 1)), end)
	}
}
