package emulator

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
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
	for name, r := range map[string]struct {
		months   string
		do       func(c client, id string)
		paid     int
		refunded int
	}{
		"refund at once":              {"12", func(client, string) {}, 12 * monthly, 12 * monthly},
		"refund within five days":     {"3", func(client, string) { time.Sleep(5*day - time.Second) }, 3 * monthly, 3 * monthly},
		"refund after five days":      {"3", func(client, string) { time.Sleep(5 * day) }, 3 * monthly, 2 * monthly},
		"refund in the second month":  {"3", func(client, string) { time.Sleep(31*day + time.Second) }, 3 * monthly, monthly},
		"refund in the last month":    {"3", func(client, string) { time.Sleep(62 * day) }, 3 * monthly, 0},
		"upgrade at once":             {"3", grow, 3 * grown, 3 * grown},
		"upgrade in the second month": {"3", func(c client, id string) { time.Sleep(32 * day); grow(c, id) }, monthly + 2*grown, grown},
		"renewal": {"1", func(c client, id string) {
			c.ok(serviceBSS, "RenewInstance", params{"InstanceId": id, "ProductCode": "kms", "RenewPeriod": "2"})
		}, 3 * monthly, 3 * monthly},
		"renewal after the end": {"1", func(c client, id string) {
			time.Sleep(35 * day)
			c.ok(serviceBSS, "RenewInstance", params{"InstanceId": id, "ProductCode": "kms", "RenewPeriod": "2"})
		}, 3 * monthly, monthly},
		"automatic renewals": {"1", func(c client, id string) {
			c.ok(serviceBSS, "SetRenewal", params{
				"InstanceIDs": id, "ProductCode": "kms", "RenewalStatus": "AutoRenewal", "RenewalPeriod": "1", "RenewalPeriodUnit": "M",
			})
			time.Sleep(100 * day) // April 10th: three renewals
		}, 4 * monthly, 0},
		"automatic renewal after an upgrade": {"1", func(c client, id string) {
			grow(c, id)
			c.ok(serviceBSS, "SetRenewal", params{
				"InstanceIDs": id, "ProductCode": "kms", "RenewalStatus": "AutoRenewal", "RenewalPeriod": "1", "RenewalPeriodUnit": "Y",
			})
			time.Sleep(32 * day)
		}, 13 * grown, 11 * grown},
	} {
		t.Run(name, func(t *testing.T) {
			inABubble(t, Options{}, func(t *testing.T, s *Server, c client) {
				id := c.buy(order(params{"Period": r.months}))
				r.do(c, id)
				c.ok(serviceBSS, "RefundInstance", params{"InstanceId": id, "ProductCode": "kms"})
				if got := s.Totals(); got.Paid != r.paid || got.Refunded != r.refunded {
					t.Errorf("paid %d and paid back %d, want %d and %d: %+v", got.Paid, got.Refunded, r.paid, r.refunded, s.Orders())
				}
			})
		})
	}
}

// Renewals that fell due while nobody looked are in the totals and among the orders all the same, each at its time.
func TestRenewalsAreBookedUnseen(t *testing.T) {
	s, c := start(t, Options{VirtualClock: true})
	first := c.buy(order(params{"RenewalStatus": "AutoRenewal", "RenewPeriod": "2"}))
	second := c.buy(order(params{"RenewalStatus": "AutoRenewal", "RenewPeriod": "1"}))
	s.Advance(70 * day)
	if got := s.Totals(); got.Renewals != 3 || got.Paid != 2*741+4*741 {
		t.Errorf("totals %+v", got)
	}
	var sequence []string
	orders := s.Orders()
	for n, o := range orders {
		if n > 0 && o.Time.Before(orders[n-1].Time) {
			t.Errorf("order %d is older than the one before it", n)
		}
		sequence = append(sequence, o.InstanceID)
	}
	if len(sequence) != 5 || sequence[4] != second {
		t.Errorf("the orders are for %v (first %s, second %s)", sequence, first, second)
	}
}

// An instance that the cloud gives back by itself is paid back when it vanishes, not before, and once.
func TestAutoRefundIsBookedWhenItHappens(t *testing.T) {
	s, c := start(t, Options{VirtualClock: true, StateFile: filepath.Join(t.TempDir(), "state.json")})
	inject(t, s, Fault{Kind: FaultAutoRefund, Seconds: 60})
	c.buy(order(nil))
	if got := s.Totals(); got.Refunded != 0 || got.Refunds != 0 {
		t.Errorf("paid back at once: %+v", got)
	}
	s.Advance(time.Minute)
	again, _ := start(t, s.opts) // a restart in between changes nothing
	again.Advance(time.Minute)
	for range 2 {
		if got := again.Totals(); got.Refunded != 741 || got.Refunds != 1 || got.Paid != 741 {
			t.Errorf("in the end: %+v", got)
		}
	}
}

func TestMonths(t *testing.T) {
	at := func(text string) time.Time {
		v, ok := parseTimestamp(text)
		if !ok {
			t.Fatal(text)
		}
		return v
	}
	for _, m := range []struct {
		from   string
		months int
		want   string
	}{
		{"2026-01-15T01:02:03Z", 1, "2026-02-15T01:02:03Z"},
		{"2026-01-31T01:02:03Z", 1, "2026-02-28T01:02:03Z"},
		{"2027-11-30T00:00:00Z", 3, "2028-02-29T00:00:00Z"},
		{"2026-08-31T00:00:00Z", 1, "2026-09-30T00:00:00Z"},
		{"2028-02-29T00:00:00Z", 12, "2029-02-28T00:00:00Z"},
		{"2026-12-31T23:59:59Z", 36, "2029-12-31T23:59:59Z"},
	} {
		if got := addMonths(at(m.from), m.months); !got.Equal(at(m.want)) {
			t.Errorf("%d months after %s is %s, want %s", m.months, m.from, got, m.want)
		}
	}
}

// A subscription ends at the next midnight in China after its last month.
func TestEndOfATerm(t *testing.T) {
	for _, m := range []struct {
		from   string
		months int
		want   string
	}{
		{"2023-09-05T12:44:20Z", 1, "2023-10-05T16:00:00Z"},
		{"2023-09-05T15:59:59Z", 1, "2023-10-05T16:00:00Z"},
		{"2023-09-05T16:00:00Z", 1, "2023-10-05T16:00:00Z"}, // midnight in China
		{"2023-09-05T16:00:01Z", 1, "2023-10-06T16:00:00Z"},
		{"2026-01-30T18:00:00Z", 1, "2026-02-28T16:00:00Z"}, // January 31st in China
		{"2026-12-31T10:00:00Z", 12, "2027-12-31T16:00:00Z"},
	} {
		from, _ := parseTimestamp(m.from)
		if got := stamp(endOfTerm(from, m.months)); got != m.want {
			t.Errorf("%d months from %s end at %s, want %s", m.months, m.from, got, m.want)
		}
	}
}

// Whatever is ordered in whatever order, the sums are those of the orders, of the journal and, later, of the state
// file, and nobody gets back more than was paid.
func TestBooksBalance(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "state.json")
			inABubble(t, Options{StateFile: file, Upgrade: time.Minute, Refund: time.Minute, Release: time.Minute}, func(t *testing.T, s *Server, c client) {
				trader{c: c, random: rand.New(rand.NewPCG(seed, 1))}.trade(150)
				balance(t, s)
				again, err := New(s.opts)
				if err != nil {
					t.Fatal(err)
				}
				want := s.Totals()
				want.Calls = 0
				if got := again.Totals(); got != want {
					t.Errorf("the state file has %+v, not %+v", got, want)
				}
				if err := again.Close(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// trader makes orders at random. Many are refused, for instance because another one is under way.
type trader struct {
	c      client
	random *rand.Rand
}

func (d trader) one(of ...string) string { return of[d.random.IntN(len(of))] }

func (d trader) trade(steps int) {
	d.c.t.Helper()
	ids := []string{"kst-unknown"}
	for n := range steps {
		id := d.one(ids[max(0, len(ids)-5):]...)
		action, p := "CreateInstance", order(params{
			"Period": d.one("1", "2", "12", "5"), "RenewalStatus": d.one("", "AutoRenewal", "ManualRenewal"), "RenewPeriod": d.one("1", "3"),
			"Parameter.4.Value": d.one("100", "1000", "5000"),
		})
		switch d.random.IntN(8) {
		case 0:
			p = payAsYouGoOrder(nil)
		case 1, 2:
			action, p = "ModifyInstance", modification(id, map[string]string{
				"KeyNum": d.one("1000", "2000", "9000"), "Log": d.one("0", "1"), "SecretNum": d.one("10", "50"),
			}, nil)
		case 3:
			action, p = "RenewInstance", params{"InstanceId": id, "ProductCode": "kms", "RenewPeriod": d.one("1", "4", "12")}
		case 4:
			action, p = "RefundInstance", params{"InstanceId": id, "ProductCode": "kms"}
		case 5:
			action, p = "SetRenewal", params{
				"InstanceIDs": id, "ProductCode": "kms", "RenewalStatus": d.one("AutoRenewal", "NotRenewal"),
				"RenewalPeriod": d.one("1", "2"), "RenewalPeriodUnit": d.one("M", "Y"),
			}
		case 6:
			d.c.call(serviceKMS, "ReleaseKmsInstance", params{"KmsInstanceId": id, "ForceDeleteWithoutBackup": "true"})
		}
		p["ClientToken"] = fmt.Sprintf("t-%d", n)
		for range 1 + d.random.IntN(2) {
			r := d.c.call(serviceBSS, action, p)
			if bought := r.text("Data", "InstanceId"); bought != "" {
				ids = append(ids, bought)
			}
		}
		time.Sleep(time.Duration(d.random.IntN(3)) * 7 * day / 2)
	}
}

func balance(t *testing.T, s *Server) {
	t.Helper()
	totals := s.Totals()
	sums, counts, left := Totals{}, map[string]int{}, map[string]int{}
	for _, o := range s.Orders() {
		counts[o.Kind]++
		if o.Amount > 0 {
			sums.Paid += o.Amount
		} else {
			sums.Refunded -= o.Amount
		}
		if left[o.InstanceID] += o.Amount; left[o.InstanceID] < 0 {
			t.Errorf("%s was paid back %d more than was paid", o.InstanceID, -left[o.InstanceID])
		}
	}
	if sums.Paid != totals.Paid || sums.Refunded != totals.Refunded {
		t.Errorf("the orders come to %+v, the totals are %+v", sums, totals)
	}
	if counts["CreateInstance"] != totals.Orders || counts["ModifyInstance"] != totals.Modifications ||
		counts["RenewInstance"]+counts["AutoRenewal"] != totals.Renewals || counts["RefundInstance"] != totals.Refunds {
		t.Errorf("there are %v orders, the totals are %+v", counts, totals)
	}
	if totals.Modifications == 0 || totals.Renewals == 0 || totals.Refunds == 0 || totals.Replays == 0 || totals.Releases == 0 {
		t.Errorf("the walk was too short: %+v", totals)
	}
	seen := map[string]bool{}
	effects := Totals{}
	for _, call := range s.Journal() {
		switch call.Effect {
		case "replayed":
			effects.Replays++
			if !seen[call.OrderID] || call.Amount != 0 {
				t.Errorf("call %d is a replay of nothing, or costs something: %+v", call.Seq, call)
			}
			continue
		case "released":
			effects.Releases++
		}
		if call.OrderID != "" && seen[call.OrderID] {
			t.Errorf("order %s is in the journal twice", call.OrderID)
		}
		seen[call.OrderID] = true
	}
	if effects.Replays != totals.Replays || effects.Releases != totals.Releases {
		t.Errorf("the journal has %+v, the totals are %+v", effects, totals)
	}
	for _, o := range s.Orders() {
		if o.Kind != "AutoRenewal" && !seen[o.ID] {
			t.Errorf("order %s is not in the journal", o.ID)
		}
	}
}
