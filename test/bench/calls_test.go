package main

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/wire"
)

// roundTrip is what each call takes on the virtual clock. An operation that takes n times as long is n calls deep.
const roundTrip = 50 * time.Millisecond

func slowly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(roundTrip)
		next.ServeHTTP(w, r)
	})
}

// full are inputs with every setting that costs a call of its own.
func full(payment string) property.Map {
	more := map[string]any{
		"instanceName": "bench", "deletionProtection": true, "tags": map[string]string{"environment": "bench"},
		"bindVpcs": []map[string]any{{"vpcId": "vpc-b", "vswitchId": "vsw-b"}},
	}
	if payment == emulator.PayAsYouGo {
		more["forceDeleteWithoutBackup"] = true
		return wire.PayAsYouGo(more)
	}
	more["renewStatus"] = emulator.NotRenewal
	return wire.Subscription(more)
}

func simple(payment string) property.Map {
	if payment == emulator.PayAsYouGo {
		return wire.PayAsYouGo(map[string]any{"forceDeleteWithoutBackup": true})
	}
	return wire.Subscription(nil)
}

// TestCalls counts the API calls of each operation against a cloud without delays, and how many of them wait for one
// another. Waiting adds one GetKmsInstance for each look.
func TestCalls(t *testing.T) {
	type counts = map[string]int
	identity := func(m counts) counts { m["GetCallerIdentity"] = 1; return m } // the first time in a process
	renewal := func(payment string, n int, m counts) counts {
		if payment == emulator.Subscription {
			m["QueryAvailableInstances"] = n
		}
		return m
	}
	for _, payment := range []string{emulator.Subscription, emulator.PayAsYouGo} {
		gone := map[string]string{emulator.Subscription: "RefundInstance", emulator.PayAsYouGo: "ReleaseKmsInstance"}[payment]
		t.Run(payment, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := wire.New(t, wire.Options{Wrap: slowly})
				measure := func(operation string, deep int, want counts, run func()) {
					t.Helper()
					before, start := len(b.Cloud.Journal()), time.Now()
					run()
					got := calls{Operation: payment + ", " + operation, Counts: counts{}, Deep: int(time.Since(start) / roundTrip)}
					for _, call := range b.Cloud.Journal()[before:] {
						got.Counts[call.Action]++
					}
					report(t, "calls", got)
					if !maps.Equal(got.Counts, want) {
						t.Errorf("%s makes the calls %v, want %v", operation, got.Counts, want)
					}
					if got.Deep != deep {
						t.Errorf("%s is %d calls deep, want %d", operation, got.Deep, deep)
					}
				}
				if n := len(b.Cloud.Journal()); n != 0 {
					t.Errorf("configuring makes %d calls", n)
				}

				var plain, r wire.Resource
				another := b.Another()
				measure("create", 6, identity(renewal(payment, 1, counts{
					"CreateInstance": 1, "GetKmsInstance": 2, "ConnectKmsInstance": 1, "ListTagResources": 1,
				})), func() { plain = another.Created(simple(payment)) })
				measure("create with every setting", map[string]int{emulator.Subscription: 12, emulator.PayAsYouGo: 11}[payment],
					renewal(payment, 2, settings(payment, counts{
						"CreateInstance": 1, "GetKmsInstance": 3, "ConnectKmsInstance": 1, "ListTagResources": 2,
						"UpdateKmsInstanceBindVpc": 1, "UpdateKmsInstance": 1, "TagResources": 1, "SetDeletionProtection": 1,
					})), func() { r = b.Created(full(payment)) })

				change := func(more map[string]any) func() {
					return func() { r = b.Updated(r, wire.Change(r.Inputs, more)) }
				}
				measure("preview of an update", 0, counts{}, func() {
					news := b.Checked(wire.Change(r.Inputs, map[string]any{"instanceName": "other"}))
					if _, err := b.Diff(r, news); err != nil {
						t.Error(err)
					}
					b.PreviewUpdate(r, news)
				})
				measure("update of the name", 4, renewal(payment, 1, counts{
					"GetKmsInstance": 2, "ListTagResources": 1, "UpdateKmsInstance": 1,
				}), change(map[string]any{"instanceName": "other"}))
				measure("update of the tags", 4, renewal(payment, 1, counts{
					"GetKmsInstance": 1, "ListTagResources": 2, "TagResources": 1,
				}), change(map[string]any{"tags": map[string]string{"environment": "other"}}))
				measure("update of bindVpcs", 4, renewal(payment, 1, counts{
					"GetKmsInstance": 2, "ListTagResources": 1, "UpdateKmsInstanceBindVpc": 1,
				}), change(map[string]any{"bindVpcs": []map[string]any{}}))
				measure("update of the log storage", 4, renewal(payment, 1, counts{
					"GetKmsInstance": 2, "ListTagResources": 1, "ModifyInstance": 1,
				}), change(map[string]any{"logStorage": 1000}))
				if payment == emulator.Subscription {
					measure("update of the renewal", 4, counts{
						"GetKmsInstance": 1, "ListTagResources": 1, "QueryAvailableInstances": 2, "SetRenewal": 1,
					}, change(map[string]any{"renewStatus": emulator.ManualRenewal}))
				}
				measure("update of what is only recorded", 0, counts{}, change(map[string]any{"forceDeleteWithoutBackup": payment == emulator.Subscription}))

				refresh := renewal(payment, 1, counts{"GetKmsInstance": 1, "ListTagResources": 1})
				measure("refresh", 2, refresh, func() { b.MustHaveWorked(b.Refresh(r)) })
				fresh := func() *wire.Bench { return wire.Attach(t, b.Cloud, wire.Options{Wrap: slowly}) }
				measure("import, first call of the process", 2, identity(maps.Clone(refresh)), func() {
					other := fresh()
					other.MustHaveWorked(other.Import(r.ID))
				})
				measure("update of the name, first call of the process", 5, identity(renewal(payment, 1, counts{
					"GetKmsInstance": 2, "ListTagResources": 1, "UpdateKmsInstance": 1,
				})), func() {
					other := fresh()
					r = other.Updated(r, wire.Change(r.Inputs, map[string]any{"instanceName": "third"}))
				})
				measure("delete", 3, counts{"GetKmsInstance": 2, gone: 1}, func() {
					if err := another.Delete(plain, 0); err != nil {
						t.Error(err)
					}
				})
				measure("refresh of what is gone", 1, counts{"GetKmsInstance": 1}, func() { another.Refresh(plain) })
			})
		})
	}
}

func settings(payment string, m map[string]int) map[string]int {
	if payment == emulator.Subscription {
		m["SetRenewal"] = 1
	}
	return m
}

// TestAccountOnce starts operations side by side in a new process: they ask for the account once.
func TestAccountOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := wire.New(t, wire.Options{Wrap: slowly})
		var resources []wire.Resource
		for range 5 {
			resources = append(resources, first.Another().Created(wire.PayAsYouGo(nil)))
		}
		b := wire.Attach(t, first.Cloud, wire.Options{Wrap: slowly})
		before := len(b.Cloud.Journal())
		done := make(chan struct{})
		for _, r := range resources {
			another := b.Another()
			go func() {
				another.Updated(r, wire.Change(r.Inputs, map[string]any{"instanceName": "other"}))
				done <- struct{}{}
			}()
		}
		for range resources {
			<-done
		}
		asked := slices.DeleteFunc(b.Cloud.Journal()[before:], func(c emulator.Call) bool { return c.Action != "GetCallerIdentity" })
		if len(asked) != 1 {
			t.Errorf("%d updates ask %d times for the account, want once", len(resources), len(asked))
		}
	})
}

// report hands a measurement to the program, which reads the attributes of its tests.
func report(t *testing.T, kind string, v any) {
	t.Helper()
	encoded, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	t.Attr(kind, string(encoded))
}
