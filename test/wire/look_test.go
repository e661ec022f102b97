package wire_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/wire"
)

// lostPurchase is a cloud with an instance that a create has bought without ever getting an answer.
func lostPurchase(t *testing.T, o wire.Options, program property.Map) *wire.Bench {
	t.Helper()
	b := wire.New(t, o)
	inject(t, b, emulator.Fault{Action: "CreateInstance", Kind: emulator.FaultResetAfter, Count: -1})
	out := b.Create(b.Checked(program), 0)
	if out.Err == nil || out.ID != "" {
		t.Fatalf("the create ends with %q, %v", out.ID, out.Reasons)
	}
	order := b.Calls("CreateInstance")[0]
	wantSaid(t, "the error", out.Err.Error(), order.Parameters["ClientToken"], "may have been placed", "run `pulumi up`", "look in the KMS console",
		"refund or release it")
	b.Cloud.ClearFaults()
	if got := b.Cloud.Totals(); got.Orders != 1 {
		t.Fatalf("totals are %+v", got)
	}
	return b
}

// wantFound demands that the create has bought nothing, and names what was lost and every way on.
func wantFound(t *testing.T, b *wire.Bench, out wire.Outcome, id string) {
	t.Helper()
	if out.Err == nil || out.ID != "" {
		t.Fatalf("the create ends with %q, %v", out.ID, out.Reasons)
	}
	wantSaid(t, "the error", out.Err.Error(), "nothing was bought", id, "--refresh", "--target", "`pulumi refresh --run-program`", "ignoreInstances",
		"`import: "+id+"`", "`pulumi refresh --clear-pending-creates`", "--import-pending-creates")
	wantOwned(t, b)
}

// A later run finds what an earlier one may have bought, and the way that its message shows leads to a finished instance.
func TestLostPurchaseIsFound(t *testing.T) {
	t.Parallel()
	edited := map[string]map[string]any{
		"unchanged": nil, "other sizes": {"keyNum": 5000, "spec": 2000}, "another network": {"vpcId": "vpc-b", "vswitchIds": []string{"vsw-b"}},
		"sizes omitted": {"keyNum": nil, "spec": nil, "secretNum": nil, "vpcNum": nil},
	}
	for name, change := range edited {
		for payment, program := range map[string]func(map[string]any) property.Map{"Subscription": wire.Subscription, "PayAsYouGo": wire.PayAsYouGo} {
			if payment == "PayAsYouGo" && strings.Contains(name, "sizes") {
				continue
			}
			t.Run(payment+"/"+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					b := lostPurchase(t, wire.Options{}, program(nil))
					id := b.Cloud.Instances()[0].ID
					next := wire.Attach(t, b.Cloud, wire.Options{})
					inputs := next.Checked(program(change))
					next.PreviewCreate(inputs)
					wantSaid(t, "the preview", next.Said(), "An earlier run may have bought this instance already", id)
					start := time.Now()
					wantFound(t, b, next.Create(inputs, 0), id)
					if took := time.Since(start); took < time.Minute || took > 70*time.Second {
						t.Errorf("the create fails after %s, want about a minute", took)
					}
					third := wire.Attach(t, b.Cloud, wire.Options{})
					imported := third.Import(id)
					third.Updated(imported.Resource, inputs)
					if i := b.Cloud.Instances()[0]; i.Status != emulator.StatusConnected {
						t.Errorf("the instance is %s", i.Status)
					}
					if got := b.Cloud.Totals(); got.Orders != 1 {
						t.Errorf("totals are %+v", got)
					}
				})
			})
		}
	}
}

// standing seeds an instance that another run may have bought.
func standing(t *testing.T, b *wire.Bench, change func(*emulator.Instance)) string {
	t.Helper()
	i := emulator.Instance{
		PaymentType: emulator.Subscription, Status: emulator.StatusConnected, VpcID: "vpc-a", VSwitchIDs: []string{"vsw-a"},
		ZoneIDs: []string{"cn-hangzhou-k", "cn-hangzhou-j"}, CreateTime: time.Now().Add(-time.Hour),
		Sizes: emulator.Sizes{ProductVersion: "3", Spec: 1000, KeyNum: 1000, SecretNum: 100, VpcNum: 3},
	}
	change(&i)
	return seeded(t, b, i)
}

func uninitialized(i *emulator.Instance) {
	i.Status, i.VpcID, i.VSwitchIDs, i.ZoneIDs = emulator.StatusUninitialized, "", nil, nil
}

// Which instances stop a purchase, and which do not.
func TestSuspects(t *testing.T) {
	t.Parallel()
	const week = 7 * 24 * time.Hour
	for name, c := range map[string]struct {
		change func(*emulator.Instance)
		stops  bool
	}{
		"not connected":                 {uninitialized, true},
		"not connected, of other sizes": {func(i *emulator.Instance) { uninitialized(i); i.KeyNum = 5000 }, true},
		"not connected, old":            {func(i *emulator.Instance) { uninitialized(i); i.CreateTime = time.Now().Add(-2 * week) }, true},
		"not connected, old, of other sizes": {func(i *emulator.Instance) {
			uninitialized(i)
			i.CreateTime = time.Now().Add(-2 * week)
			i.KeyNum = 5000
		}, false},
		"not connected, another edition, young":   {func(i *emulator.Instance) { uninitialized(i); i.ProductVersion = "5" }, true},
		"not connected, hardware":                 {func(i *emulator.Instance) { uninitialized(i); i.ProductVersion = "1" }, false},
		"not connected, of another payment type":  {func(i *emulator.Instance) { uninitialized(i); i.PaymentType = emulator.PayAsYouGo }, false},
		"connected":                               {func(*emulator.Instance) {}, true},
		"connecting":                              {func(i *emulator.Instance) { i.Status = emulator.StatusConnecting }, true},
		"in Error":                                {func(i *emulator.Instance) { i.Status = emulator.StatusError }, true},
		"connected, old":                          {func(i *emulator.Instance) { i.CreateTime = time.Now().Add(-2 * week) }, false},
		"connected, of other sizes":               {func(i *emulator.Instance) { i.KeyNum = 5000 }, false},
		"connected, of another edition":           {func(i *emulator.Instance) { i.ProductVersion = "5" }, false},
		"connected elsewhere":                     {func(i *emulator.Instance) { i.VpcID = "vpc-z" }, false},
		"connected with another vSwitch":          {func(i *emulator.Instance) { i.VSwitchIDs = []string{"vsw-z"} }, false},
		"connected, named otherwise":              {func(i *emulator.Instance) { i.Name = "somebody else's" }, false},
		"connected, with the name of the program": {func(i *emulator.Instance) { i.Name = "mine" }, true},
		"connected, of another payment type":      {func(i *emulator.Instance) { i.PaymentType = emulator.PayAsYouGo }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := wire.New(t, wire.Options{})
				id := standing(t, b, c.change)
				out := b.Create(b.Checked(wire.Subscription(map[string]any{"instanceName": "mine"})), 0)
				stopped := out.Err != nil && strings.Contains(out.Err.Error(), id)
				if orders := b.Cloud.Totals().Orders; stopped != c.stops || orders != map[bool]int{true: 0, false: 1}[c.stops] {
					t.Errorf("stopped: %t, %d orders: %v", stopped, orders, out.Err)
				}
				i, _ := b.Cloud.Instance(id)
				young := time.Since(i.CreateTime) < week
				unfinished := i.Status != emulator.StatusConnected && young
				if !c.stops && strings.Contains(b.Said(), id+" (") != unfinished {
					t.Errorf("an unfinished instance is not named, or a finished one is: %s", b.Said())
				}
			})
		})
	}
}

// A status that nobody knows does not make an instance less of a suspect.
func TestSuspectInAnUnknownStatus(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := wire.New(t, wire.Options{})
		id := standing(t, b, func(*emulator.Instance) {})
		inject(t, b, emulator.Fault{
			Action: "GetKmsInstance", InstanceID: id, Kind: emulator.FaultAnswer.After(), Count: -1,
			Merge: map[string]any{"KmsInstance": map[string]any{"Status": "Frozen"}},
		})
		out := b.Create(b.Checked(wire.Subscription(nil)), 0)
		if out.Err == nil || !strings.Contains(out.Err.Error(), id+" (Frozen") {
			t.Errorf("the create ends with %q, %v", out.ID, out.Err)
		}
	})
}

// An instance that this process was asked about is in a stack.
// Promise (Purchase): An instance that Pulumi has named to the provider in this command stops no purchase.
func TestKnownInstancesAreNoSuspects(t *testing.T) {
	t.Parallel()
	for name, ask := range map[string]func(*wire.Bench, wire.Resource){
		"read":    func(b *wire.Bench, r wire.Resource) { b.Refresh(r) },
		"diff":    func(b *wire.Bench, r wire.Resource) { _, _ = b.Diff(r, r.Inputs) },
		"preview": func(b *wire.Bench, r wire.Resource) { b.PreviewUpdate(r, r.Inputs) },
		"update":  func(b *wire.Bench, r wire.Resource) { b.Updated(r, r.Inputs) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := wire.New(t, wire.Options{})
				made := b.Created(b.Checked(wire.Subscription(nil)))
				next := wire.Attach(t, b.Cloud, wire.Options{})
				// The engine may ask a moment later.
				time.AfterFunc(20*time.Second, func() { ask(next.Another(), made) })
				next.Created(next.Checked(wire.Subscription(nil)))
				if got := b.Cloud.Totals(); got.Orders != 2 {
					t.Errorf("totals are %+v", got)
				}
			})
		})
	}
}

// Two orders of one process do not stop each other, even if KMS shows what one of them bought before its answer is there.
func TestOrdersInFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := wire.New(t, wire.Options{})
		inject(t, b, emulator.Fault{Action: "CreateInstance", Kind: emulator.FaultHang.After(), Seconds: 29, Count: 4})
		inputs := b.Checked(wire.Subscription(nil))
		other := b.Another()
		var group sync.WaitGroup
		group.Go(func() { b.Created(inputs) })
		group.Go(func() {
			time.Sleep(15 * time.Second)
			other.Created(inputs)
		})
		group.Wait()
		if got := b.Cloud.Totals(); got.Orders != 2 {
			t.Errorf("totals are %+v", got)
		}
	})
}

// What only billing shows is waited for until KMS does.
func TestPurchaseThatOnlyBillingShows(t *testing.T) {
	t.Parallel()
	t.Run("for some minutes", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			b := lostPurchase(t, wire.Options{Emulator: emulator.Options{OrderVisible: 16 * time.Minute}}, wire.PayAsYouGo(nil))
			next := wire.Attach(t, b.Cloud, wire.Options{})
			start := time.Now()
			wantFound(t, b, next.Create(next.Checked(wire.PayAsYouGo(nil)), 0), b.Cloud.Instances()[0].ID)
			if took := time.Since(start); took < 5*time.Minute || took > 8*time.Minute {
				t.Errorf("the create fails after %s", took)
			}
		})
	})
	t.Run("for long", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			b := lostPurchase(t, wire.Options{Emulator: emulator.Options{OrderVisible: 2 * time.Hour}}, wire.Subscription(nil))
			next := wire.Attach(t, b.Cloud, wire.Options{})
			out := next.Create(next.Checked(wire.Subscription(nil)), 0)
			if out.Err == nil {
				t.Fatalf("the create ends with %q", out.ID)
			}
			wantSaid(t, "the error", out.Err.Error(), "not shown by KMS yet", "Run `pulumi up` again", "ignoreInstances")
			if strings.Contains(out.Err.Error(), "import:") {
				t.Errorf("the error recommends an import that cannot work yet: %v", out.Err)
			}
			wantOwned(t, b)
		})
	})
	t.Run("and takes back", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			b := wire.New(t, wire.Options{Emulator: emulator.Options{OrderVisible: 2 * time.Hour}})
			inject(t, b, emulator.Fault{Action: "CreateInstance", Kind: emulator.FaultAutoRefund, Seconds: 800},
				emulator.Fault{Action: "CreateInstance", Kind: emulator.FaultResetAfter, Count: -1})
			b.Create(b.Checked(wire.Subscription(nil)), 0)
			b.Cloud.ClearFaults()
			next := wire.Attach(t, b.Cloud, wire.Options{})
			out := next.Create(next.Checked(wire.Subscription(nil)), 1200)
			if !strings.HasPrefix(out.ID, "kst-") || b.Cloud.Totals().Orders != 2 {
				t.Errorf("the create ends with %q, %v, %v; totals %+v", out.ID, out.Reasons, out.Err, b.Cloud.Totals())
			}
		})
	})
}

// A list that cannot be read: KMS's own stops the purchase, an instance that may not be read and billing's list do not.
// Promise (Purchase): Nothing is bought if the look for a lost purchase fails.
func TestLooksThatFail(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault  emulator.Fault
		bought bool
		within time.Duration
		says   []string
	}{
		"KMS's list is denied": {
			emulator.Fault{Action: "ListKmsInstances", Kind: emulator.FaultRefuse}, false, time.Second,
			[]string{"nothing was bought", "kms:ListKmsInstances", `ignoreInstances: ["*"]`},
		},
		"KMS's list is not available": {
			emulator.Fault{Action: "ListKmsInstances", Kind: emulator.FaultHTTP503, Count: -1}, false, 2 * time.Minute, []string{"nothing was bought", "ListKmsInstances"},
		},
		"KMS's list is late": {emulator.Fault{Action: "ListKmsInstances", Kind: emulator.FaultHTTP503, Count: 8}, true, 2 * time.Minute, nil},
		"KMS's list is malformed": {
			emulator.Fault{Action: "ListKmsInstances", Kind: emulator.FaultMalformed, Count: -1}, false, 2 * time.Minute, []string{"nothing was bought", "ListKmsInstances"},
		},
		"KMS's list lacks its total": {
			emulator.Fault{Action: "ListKmsInstances", Kind: emulator.FaultAnswer.After(), Merge: map[string]any{"TotalCount": nil}, Count: -1},
			false, 2 * time.Minute, []string{"nothing was bought", "TotalCount is missing"},
		},
		"KMS's list repeats": {
			emulator.Fault{Action: "ListKmsInstances", Kind: emulator.FaultAnswer.After(), Merge: map[string]any{
				"TotalCount": 1000, "KmsInstances": map[string]any{"KmsInstance": []any{map[string]any{"KmsInstanceId": "kst-foreign"}}},
			}, Count: -1},
			false, time.Second, []string{"nothing was bought", "the pages of the list repeat"},
		},
		"an instance may not be read": {
			emulator.Fault{Action: "GetKmsInstance", Kind: emulator.FaultRefuse, InstanceID: "kst-foreign"}, true, time.Second,
			[]string{"kst-foreign may not be read", "kms:GetKmsInstance"},
		},
		"an instance cannot be read": {
			emulator.Fault{Action: "GetKmsInstance", Kind: emulator.FaultHTTP500, InstanceID: "kst-foreign", Count: -1}, false, 2 * time.Minute, []string{"nothing was bought"},
		},
		"billing's list is denied": {
			emulator.Fault{Action: "QueryAvailableInstances", Kind: emulator.FaultRefuse, Count: 2}, true, time.Second, []string{"Billing's list of instances could not be read"},
		},
		"billing's list hangs": {
			emulator.Fault{Action: "QueryAvailableInstances", Kind: emulator.FaultHang, Count: 1}, true, 31 * time.Second, []string{"Billing's list of instances could not be read"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
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
				said := b.Said()
				if out.Err != nil {
					said += out.Err.Error()
				}
				wantSaid(t, "the output", said, c.says...)
			})
		})
	}
}

// Ten creates together read each foreign instance at most once.
func TestOneLookForManyCreates(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := wire.New(t, wire.Options{})
		const foreign = 150
		for n := range foreign {
			seeded(t, b, emulator.Instance{ID: fmt.Sprintf("kst-foreign%d", n), PaymentType: emulator.PayAsYouGo, Status: emulator.StatusConnected})
		}
		var group sync.WaitGroup
		for n := range 10 {
			create := b.Another()
			group.Go(func() {
				time.Sleep(time.Duration(n) * 500 * time.Millisecond)
				create.Created(create.Checked(wire.Subscription(map[string]any{"instanceName": fmt.Sprint("n", n)})))
			})
		}
		group.Wait()
		if got := b.Cloud.Totals(); got.Orders != 10 {
			t.Errorf("totals are %+v", got)
		}
		reads := map[string]int{}
		for _, call := range b.Calls("GetKmsInstance") {
			if id := call.Parameters["KmsInstanceId"]; strings.HasPrefix(id, "kst-foreign") {
				reads[id]++
			}
		}
		for id, n := range reads {
			if n > 1 {
				t.Errorf("%s was read %d times", id, n)
			}
		}
		if lists := len(b.Calls("ListKmsInstances")); len(reads) != foreign || lists != 2 {
			t.Errorf("%d instances were read, %d pages listed", len(reads), lists)
		}
	})
}

// The successor of an instance that still stands is not imported over it without a word.
func TestLostReplacement(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := wire.New(t, wire.Options{})
		old := b.Created(b.Checked(wire.Subscription(nil)))
		news := b.Checked(wire.Subscription(map[string]any{"vpcId": "vpc-b", "vswitchIds": []string{"vsw-b"}}))
		inject(t, b, emulator.Fault{Action: "CreateInstance", Kind: emulator.FaultResetAfter, Count: -1})
		if out := b.Create(news, 0); out.Err == nil {
			t.Fatalf("the create ends with %q", out.ID)
		}
		b.Cloud.ClearFaults()
		next := wire.Attach(t, b.Cloud, wire.Options{})
		if plan, err := next.Diff(old, news); err != nil || len(plan.Replaces) == 0 {
			t.Fatalf("planned %+v, %v", plan, err)
		}
		out := next.Create(news, 0)
		if out.Err == nil {
			t.Fatalf("the create ends with %q", out.ID)
		}
		wantSaid(t, "the error", out.Err.Error(), "importing here deletes "+old.ID, "To keep "+old.ID, "under another name")
		if got := b.Cloud.Totals(); got.Orders != 2 {
			t.Errorf("totals are %+v", got)
		}
	})
}

// A replacement that Diff has planned buys nothing in another account, or where the accounts cannot be compared.
func TestReplacementInAnotherAccount(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config map[string]any
		mute   bool
		noArn  bool
		diff   string // the error of Diff
		create string // the error of Create
	}{
		"right account":                {nil, false, false, "", ""},
		"other account":                {map[string]any{"accessKey": theirs.AccessKeyID, "secretKey": theirs.Secret}, false, false, "belongs to account", "belongs to account"},
		"nobody knows":                 {nil, true, false, "", "Set accountId"},
		"no ARN":                       {nil, false, true, "", "Set accountId"},
		"no ARN, but accountId":        {map[string]any{"accountId": emulator.DefaultAccountID}, false, true, "", ""},
		"nobody knows, but accountId":  {map[string]any{"accountId": emulator.DefaultAccountID}, true, false, "", ""},
		"no ARN, another accountId":    {map[string]any{"accountId": theirs.AccountID}, false, true, "belongs to account", "belongs to account"},
		"nobody knows, another's id":   {map[string]any{"accountId": theirs.AccountID}, true, false, "belongs to account", "belongs to account"},
		"other account with accountId": {map[string]any{"accessKey": theirs.AccessKeyID, "secretKey": theirs.Secret, "accountId": emulator.DefaultAccountID}, false, true, "belongs to account", "belongs to account"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := wire.New(t, twoAccounts())
				old := b.Created(b.Checked(wire.Subscription(nil)))
				if c.noArn {
					old = withoutArn(old)
				}
				news := b.Checked(wire.Subscription(map[string]any{"vpcId": "vpc-b", "vswitchIds": []string{"vsw-b"}}))
				next := wire.Attach(t, b.Cloud, wire.Options{Config: c.config})
				if c.mute {
					inject(t, b, emulator.Fault{Action: "GetCallerIdentity", Kind: emulator.FaultRefuse, Count: -1},
						emulator.Fault{Action: "ListKmsInstances", Kind: emulator.FaultAnswer.After(), Merge: map[string]any{
							"KmsInstances": map[string]any{"KmsInstance": []any{}}, "TotalCount": 0,
						}, Count: -1})
				}
				_, err := next.Diff(old, news)
				if (err != nil) != (c.diff != "") || err != nil && !strings.Contains(err.Error(), c.diff) {
					t.Errorf("Diff ends with %v", err)
				}
				out := next.Create(news, 0)
				if (out.Err != nil) != (c.create != "") {
					t.Fatalf("Create ends with %q, %v, %v", out.ID, out.Reasons, out.Err)
				}
				if out.Err != nil {
					wantSaid(t, "the error", out.Err.Error(), c.create, "nothing was bought")
				}
				if orders := b.Cloud.Totals().Orders; orders != map[bool]int{true: 2, false: 1}[c.create == ""] {
					t.Errorf("%d orders", orders)
				}
			})
		})
	}
}

// What a purchase and an order of sizes have cost is said; that it cannot be found out is no failure.
// Promise (Purchase): What was paid is printed after each order.
func TestPriceIsSaid(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault *emulator.Fault
		said  bool
	}{
		"as usual": {nil, true},
		"denied":   {&emulator.Fault{Action: "GetOrderDetail", Kind: emulator.FaultRefuse}, false},
		"late":     {&emulator.Fault{Action: "GetOrderDetail", Kind: emulator.FaultHang, Count: -1}, false},
		"empty":    {&emulator.Fault{Action: "GetOrderDetail", Kind: emulator.FaultAnswer.After(), Merge: map[string]any{"Data": nil}, Count: -1}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := wire.New(t, wire.Options{})
				if c.fault != nil {
					inject(t, b, *c.fault)
				}
				start := time.Now()
				made := b.Created(b.Checked(wire.Subscription(nil)))
				b.Updated(made, b.Checked(wire.Subscription(map[string]any{"keyNum": 2000})))
				if took := time.Since(start); took > 30*time.Second {
					t.Errorf("it takes %s", took)
				}
				for _, order := range b.Cloud.Orders() {
					if strings.Contains(b.Said(), "(order "+order.ID+")") && strings.Contains(b.Said(), "paid ") != c.said {
						t.Errorf("said: %s", b.Said())
					}
				}
			})
		})
	}
}
