package wire_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/wire"
)

// lostPurchase is a cloud with an instance that a create has bought without ever getting an answer.
func lostPurchase(t *testing.T, o emulator.Options, program property.Map) *wire.Bench {
	t.Helper()
	b := wire.New(t, wire.Options{Emulator: o})
	inject(t, b, emulator.Fault{Action: "CreateInstance", Kind: emulator.FaultResetAfter, Count: -1})
	out := b.Create(b.Checked(program), 0)
	wantFailed(t, out, b.Calls("CreateInstance")[0].Parameters["ClientToken"], "may have been placed", "run `pulumi up`", "look in the KMS console",
		"refund or release it")
	b.Cloud.ClearFaults()
	wantOwned(t, b)
	return b
}

// wantFound requires that a create has bought nothing, and names what was lost and every way on.
func wantFound(t *testing.T, b *wire.Bench, out wire.Outcome, id string) {
	t.Helper()
	wantFailed(t, out, "nothing was bought", id, "--refresh", "--target", "`pulumi refresh --run-program`", "ignoreInstances",
		"`import: "+id+"`", "`pulumi refresh --clear-pending-creates`", "--import-pending-creates")
	wantOwned(t, b)
}

// A later run finds what a lost order has bought, also if the program was edited, and an import finishes it.
func TestLostPurchaseIsFound(t *testing.T) {
	type edit struct {
		program func(map[string]any) property.Map
		change  map[string]any
	}
	each(t, map[string]edit{
		"unchanged":       {wire.Subscription, nil},
		"other sizes":     {wire.Subscription, map[string]any{"keyNum": 5000, "spec": 2000}},
		"sizes omitted":   {wire.Subscription, map[string]any{"keyNum": nil, "spec": nil, "secretNum": nil, "vpcNum": nil}},
		"another network": {wire.PayAsYouGo, map[string]any{"vpcId": "vpc-b", "vswitchIds": []string{"vsw-b"}}},
	}, func(t *testing.T, c edit) {
		b := lostPurchase(t, emulator.Options{}, c.program(nil))
		id := b.Cloud.Instances()[0].ID
		next := wire.Attach(t, b.Cloud, wire.Options{})
		inputs := next.Checked(c.program(c.change))
		next.PreviewCreate(inputs)
		wantSaid(t, "the preview", next.Said(), "An earlier run may have bought this instance already", id)
		start := time.Now()
		wantFound(t, b, next.Create(inputs, 0), id)
		if took := time.Since(start); took < time.Minute || took > 70*time.Second {
			t.Errorf("the create fails after %s, want about a minute", took)
		}
		third := wire.Attach(t, b.Cloud, wire.Options{})
		third.Updated(third.Import(id).Resource, inputs)
		if i := b.Cloud.Instances()[0]; i.Status != emulator.StatusConnected {
			t.Errorf("the instance is %s", i.Status)
		}
		wantOwned(t, b)
	})
}

// A create buys nothing while an instance stands that a lost run may have bought for it, and names other unfinished ones.
func TestSuspects(t *testing.T) {
	const week = 7 * 24 * time.Hour
	type suspect struct {
		change func(*emulator.Instance)
		stops  bool
	}
	unfinished := func(i *emulator.Instance) {
		i.Status, i.VpcID, i.VSwitchIDs, i.ZoneIDs = emulator.StatusUninitialized, "", nil, nil
	}
	old := func(i *emulator.Instance) { i.CreateTime = time.Now().Add(-2 * week) }
	larger := func(i *emulator.Instance) { i.KeyNum = 5000 }
	all := func(changes ...func(*emulator.Instance)) func(*emulator.Instance) {
		return func(i *emulator.Instance) {
			for _, change := range changes {
				change(i)
			}
		}
	}
	each(t, map[string]suspect{
		"not connected":                           {unfinished, true},
		"not connected, of other sizes":           {all(unfinished, larger), true},
		"not connected, old":                      {all(unfinished, old), true},
		"not connected, old, of other sizes":      {all(unfinished, old, larger), false},
		"not connected, hardware":                 {all(unfinished, func(i *emulator.Instance) { i.ProductVersion = "1" }), false},
		"not connected, of another payment type":  {all(unfinished, func(i *emulator.Instance) { i.PaymentType = emulator.PayAsYouGo }), false},
		"connected":                               {all(), true},
		"connected, old":                          {old, false},
		"connected, of other sizes":               {larger, false},
		"connected elsewhere":                     {func(i *emulator.Instance) { i.VpcID = "vpc-z" }, false},
		"connected with another vSwitch":          {func(i *emulator.Instance) { i.VSwitchIDs = []string{"vsw-z"} }, false},
		"connected, named otherwise":              {func(i *emulator.Instance) { i.Name = "somebody else's" }, false},
		"connecting":                              {func(i *emulator.Instance) { i.Status = emulator.StatusConnecting }, true},
		"connecting elsewhere":                    {func(i *emulator.Instance) { i.Status, i.VpcID = emulator.StatusConnecting, "vpc-z" }, false},
		"connected, with the name of the program": {func(i *emulator.Instance) { i.Name = "mine" }, true},
	}, func(t *testing.T, c suspect) {
		b := wire.New(t, wire.Options{})
		i := emulator.Instance{
			PaymentType: emulator.Subscription, Status: emulator.StatusConnected, VpcID: "vpc-a", VSwitchIDs: []string{"vsw-a"},
			ZoneIDs: []string{"cn-hangzhou-k", "cn-hangzhou-j"}, CreateTime: time.Now().Add(-time.Hour),
			Sizes: emulator.Sizes{ProductVersion: "3", Spec: 1000, KeyNum: 1000, SecretNum: 100, VpcNum: 3},
		}
		c.change(&i)
		id := seeded(t, b, i)
		out := b.Create(b.Checked(wire.Subscription(map[string]any{"instanceName": "mine"})), 0)
		stopped := out.Err != nil && strings.Contains(out.Err.Error(), id)
		if bought := b.Cloud.Totals().Orders == 1; stopped != c.stops || bought == c.stops {
			t.Errorf("stopped: %t, bought: %t: %v", stopped, bought, out.Err)
		}
		warned := i.Status != emulator.StatusConnected && time.Since(i.CreateTime) < week
		if !c.stops && strings.Contains(b.Said(), id+" (") != warned {
			t.Errorf("an unfinished instance is not named, or a finished one is: %s", b.Said())
		}
	})
}

// An instance that this process was asked about is in a stack, and does not stop a purchase.
// Promise (Purchase): An instance that Pulumi has named to the provider in this command stops no purchase.
func TestKnownInstancesAreNoSuspects(t *testing.T) {
	each(t, map[string]func(*wire.Bench, wire.Resource){
		"read":    func(b *wire.Bench, r wire.Resource) { b.Refresh(r) },
		"diff":    func(b *wire.Bench, r wire.Resource) { _, _ = b.Diff(r, r.Inputs) },
		"preview": func(b *wire.Bench, r wire.Resource) { b.PreviewUpdate(r, r.Inputs) },
		"update":  func(b *wire.Bench, r wire.Resource) { b.Updated(r, r.Inputs) },
	}, func(t *testing.T, ask func(*wire.Bench, wire.Resource)) {
		b := wire.New(t, wire.Options{})
		made := b.Created(wire.Subscription(nil))
		next := wire.Attach(t, b.Cloud, wire.Options{})
		time.AfterFunc(20*time.Second, func() { ask(next.Another(), made) }) // the engine may ask a moment later
		next.Created(wire.Subscription(nil))
		if got := b.Cloud.Totals(); got.Orders != 2 {
			t.Errorf("totals are %+v", got)
		}
	})
}

// Two orders of one process do not stop each other, even if KMS shows what one of them bought before its answer is there.
func TestOrdersInFlight(t *testing.T) {
	onClock(t, wire.Options{}, func(t *testing.T, b *wire.Bench) {
		inject(t, b, emulator.Fault{Action: "CreateInstance", Kind: emulator.FaultHang.After(), Seconds: 29, Count: 4})
		other := b.Another()
		var group sync.WaitGroup
		group.Go(func() { b.Created(wire.Subscription(nil)) })
		group.Go(func() {
			time.Sleep(15 * time.Second)
			other.Created(wire.Subscription(nil))
		})
		group.Wait()
		if got := b.Cloud.Totals(); got.Orders != 2 {
			t.Errorf("totals are %+v", got)
		}
	})
}

// What only billing shows is waited for until KMS shows it; if that takes long, the message recommends no import yet.
func TestPurchaseThatOnlyBillingShows(t *testing.T) {
	const long = 2 * time.Hour
	each(t, map[string]time.Duration{"for some minutes": 16 * time.Minute, "for long": long}, func(t *testing.T, visible time.Duration) {
		b := lostPurchase(t, emulator.Options{OrderVisible: visible}, wire.PayAsYouGo(nil))
		next := wire.Attach(t, b.Cloud, wire.Options{})
		inputs, start := next.Checked(wire.PayAsYouGo(nil)), time.Now()
		out := next.Create(inputs, 0)
		if visible != long {
			wantFound(t, b, out, b.Cloud.Instances()[0].ID)
			if took := time.Since(start); took < 5*time.Minute || took > 8*time.Minute {
				t.Errorf("the create fails after %s", took)
			}
			return
		}
		wantFailed(t, out, "not shown by KMS yet", "Run `pulumi up` again", "ignoreInstances")
		if strings.Contains(out.Err.Error(), "import:") {
			t.Errorf("the error recommends an import that cannot work yet: %v", out.Err)
		}
		wantOwned(t, b)
	})
}

// If KMS's list of instances cannot be read, nothing is bought; one instance that may not be read and billing's list are left out.
// Promise (Purchase): Nothing is bought if the look for a lost purchase fails.
func TestLooksThatFail(t *testing.T) {
	type failure struct {
		fault  emulator.Fault
		bought bool
		within time.Duration
		says   []string
	}
	const list, billed = "ListKmsInstances", "QueryAvailableInstances"
	repeats := map[string]any{"TotalCount": 1000, "KmsInstances": map[string]any{"KmsInstance": []any{map[string]any{"KmsInstanceId": "kst-foreign"}}}}
	pages := map[string]any{"Data": map[string]any{"TotalCount": 1000, "InstanceList": []any{map[string]any{"InstanceID": "kst-foreign", "Status": "Normal", "Region": "cn-hangzhou"}}}}
	each(t, map[string]failure{
		"the list is denied": {emulator.Fault{Action: list, Kind: emulator.FaultRefuse}, false, time.Second, []string{
			"nothing was bought", "kms:ListKmsInstances", `ignoreInstances: ["*"]`,
		}},
		"the list is not available":      {emulator.Fault{Action: list, Kind: emulator.FaultHTTP503, Count: -1}, false, 2 * time.Minute, []string{"nothing was bought", list}},
		"the list is late":               {emulator.Fault{Action: list, Kind: emulator.FaultHTTP503, Count: 8}, true, 2 * time.Minute, nil},
		"the list is malformed":          {emulator.Fault{Action: list, Kind: emulator.FaultMalformed, Count: -1}, false, 2 * time.Minute, []string{"nothing was bought", list}},
		"the list lacks its total":       {emulator.Fault{Action: list, Kind: emulator.FaultAnswer.After(), Merge: map[string]any{"TotalCount": nil}, Count: -1}, false, 2 * time.Minute, []string{"nothing was bought", "TotalCount is missing"}},
		"the pages of the list repeat":   {emulator.Fault{Action: list, Kind: emulator.FaultAnswer.After(), Merge: repeats, Count: -1}, false, time.Second, []string{"nothing was bought", "the pages of the list repeat"}},
		"an instance may not be read":    {emulator.Fault{Action: "GetKmsInstance", Kind: emulator.FaultRefuse, InstanceID: "kst-foreign"}, true, time.Second, []string{"kst-foreign may not be read", "kms:GetKmsInstance"}},
		"an instance cannot be read":     {emulator.Fault{Action: "GetKmsInstance", Kind: emulator.FaultHTTP500, InstanceID: "kst-foreign", Count: -1}, false, 2 * time.Minute, []string{"nothing was bought"}},
		"billing's list may not be read": {emulator.Fault{Action: billed, Kind: emulator.FaultRefuse, Count: 2}, true, time.Second, []string{"Billing's list of instances could not be read"}},
		"billing's list is malformed":    {emulator.Fault{Action: billed, Kind: emulator.FaultMalformed, Count: -1}, true, 31 * time.Second, []string{"Billing's list of instances could not be read"}},
		"billing's list is late":         {emulator.Fault{Action: billed, Kind: emulator.FaultHTTP503, Count: 3}, true, 31 * time.Second, nil},
		"billing's pages repeat":         {emulator.Fault{Action: billed, Kind: emulator.FaultAnswer.After(), Merge: pages, Count: -1}, true, 31 * time.Second, []string{"Billing's list of instances could not be read"}},
		"billing's list hangs":           {emulator.Fault{Action: billed, Kind: emulator.FaultHang, Count: 1}, true, 31 * time.Second, []string{"Billing's list of instances could not be read"}},
	}, func(t *testing.T, c failure) {
		b := wire.New(t, wire.Options{})
		seeded(t, b, emulator.Instance{ID: "kst-foreign", PaymentType: emulator.PayAsYouGo, Status: emulator.StatusConnected})
		inject(t, b, c.fault)
		start := time.Now()
		out := b.Create(b.Checked(wire.Subscription(nil)), 0)
		if took := time.Since(start); took > c.within+5*time.Second {
			t.Errorf("it takes %s", took)
		}
		if bought := b.Cloud.Totals().Orders == 1; bought != c.bought || bought != (out.Err == nil) {
			t.Errorf("bought: %t, %v", bought, out.Err)
		}
		wantSaid(t, "the output", b.Said()+reasons(out), c.says...)
	})
}

// Ten creates together list the instances once, and read each foreign one at most once.
func TestOneLookForManyCreates(t *testing.T) {
	onClock(t, wire.Options{}, func(t *testing.T, b *wire.Bench) {
		const foreign = 150
		for n := range foreign {
			seeded(t, b, emulator.Instance{ID: fmt.Sprintf("kst-foreign%d", n), PaymentType: emulator.PayAsYouGo, Status: emulator.StatusConnected})
		}
		var group sync.WaitGroup
		for n := range 10 {
			create := b.Another()
			group.Go(func() {
				time.Sleep(time.Duration(n) * 500 * time.Millisecond)
				create.Created(wire.Subscription(map[string]any{"instanceName": fmt.Sprint("n", n)}))
			})
		}
		group.Wait()
		reads := map[string]int{}
		for _, call := range b.Calls("GetKmsInstance") {
			if id := call.Parameters["KmsInstanceId"]; strings.HasPrefix(id, "kst-foreign") {
				if reads[id]++; reads[id] > 1 {
					t.Errorf("%s was read %d times", id, reads[id])
				}
			}
		}
		if lists, orders := len(b.Calls("ListKmsInstances")), b.Cloud.Totals().Orders; len(reads) != foreign || lists != 2 || orders != 10 {
			t.Errorf("%d instances were read, %d pages listed, %d instances bought", len(reads), lists, orders)
		}
	})
}

// A replacement that Diff has planned buys nothing in another account, nor where an account is unknown and accountId does not name it.
func TestReplacementInAnotherAccount(t *testing.T) {
	type place struct {
		config map[string]any
		mute   bool   // nobody tells whose credentials they are
		noArn  bool   // the account of the old instance is not recorded
		diff   string // the error of Diff
		create string // the error of Create
	}
	const belongs = "belongs to account"
	ours, others := map[string]any{"accountId": emulator.DefaultAccountID}, map[string]any{"accountId": theirs.AccountID}
	keys := map[string]any{"accessKey": theirs.AccessKeyID, "secretKey": theirs.Secret}
	each(t, map[string]place{
		"right account":               {nil, false, false, "", ""},
		"other account":               {keys, false, false, belongs, belongs},
		"nobody knows":                {nil, true, false, "", "Set accountId"},
		"no ARN":                      {nil, false, true, "", "Set accountId"},
		"no ARN, but accountId":       {ours, false, true, "", ""},
		"nobody knows, but accountId": {ours, true, false, "", ""},
		"no ARN, another accountId":   {others, false, true, belongs, belongs},
		"nobody knows, another's id":  {others, true, false, belongs, belongs},
	}, func(t *testing.T, c place) {
		b := wire.New(t, twoAccounts())
		old := b.Created(wire.Subscription(nil))
		if c.noArn {
			old.Outputs = old.Outputs.Delete("arn")
		}
		news := b.Checked(wire.Subscription(map[string]any{"vpcId": "vpc-b", "vswitchIds": []string{"vsw-b"}}))
		next := wire.Attach(t, b.Cloud, wire.Options{Config: c.config})
		if c.mute {
			none := map[string]any{"KmsInstances": map[string]any{"KmsInstance": []any{}}, "TotalCount": 0}
			inject(t, b, emulator.Fault{Action: "GetCallerIdentity", Kind: emulator.FaultRefuse, Count: -1},
				emulator.Fault{Action: "ListKmsInstances", Kind: emulator.FaultAnswer.After(), Merge: none, Count: -1})
		}
		if _, err := next.Diff(old, news); (err != nil) != (c.diff != "") || err != nil && !strings.Contains(err.Error(), c.diff) {
			t.Errorf("Diff ends with %v", err)
		}
		out := next.Create(news, 0)
		if c.create != "" {
			wantFailed(t, out, c.create, "nothing was bought")
			wantOwned(t, b)
		} else if n := b.Cloud.Totals().Orders; out.Err != nil || n != 2 {
			t.Errorf("Create ends with %v after %d orders", out.Err, n)
		}
	})
}

// What a purchase and an order of sizes have cost is printed; that it cannot be found out is no failure.
// Promise (Purchase): What was paid is printed after each order.
func TestPriceIsSaid(t *testing.T) {
	each(t, map[string]*emulator.Fault{
		"as usual": nil,
		"denied":   {Action: "GetOrderDetail", Kind: emulator.FaultRefuse},
		"late":     {Action: "GetOrderDetail", Kind: emulator.FaultHang, Count: -1},
		"empty":    {Action: "GetOrderDetail", Kind: emulator.FaultAnswer.After(), Merge: map[string]any{"Data": nil}, Count: -1},
	}, func(t *testing.T, fault *emulator.Fault) {
		b := wire.New(t, wire.Options{})
		if fault != nil {
			inject(t, b, *fault)
		}
		start := time.Now()
		b.Updated(b.Created(wire.Subscription(nil)), wire.Subscription(map[string]any{"keyNum": 2000}))
		if took := time.Since(start); took > 30*time.Second {
			t.Errorf("it takes %s", took)
		}
		if n := strings.Count(b.Said(), "paid "); n != map[bool]int{true: 2, false: 0}[fault == nil] {
			t.Errorf("it is said %d times: %s", n, b.Said())
		}
	})
}
