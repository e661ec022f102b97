package wire_test

import (
	"fmt"
	"net/http"
	"reflect"
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

// call calls a function that must work.
func call(t *testing.T, b *wire.Bench, name string, args map[string]any) property.Map {
	t.Helper()
	out, refused, err := b.Invoke(name, wire.Props(args))
	if err != nil || len(refused) > 0 {
		t.Fatalf("%s(%v) gives %v %v", name, args, refused, err)
	}
	return out
}

// idsFound are the ids that getKmsInstances finds.
func idsFound(t *testing.T, b *wire.Bench, args map[string]any) string {
	t.Helper()
	var found []string
	for _, id := range call(t, b, "getKmsInstances", args).Get("ids").AsArray().All {
		found = append(found, id.AsString())
	}
	return strings.Join(found, " ")
}

// logged is how often the functions have warned in a line that has all of the texts.
func logged(parts ...string) int {
	n := 0
	for _, m := range wire.Unaddressed() {
		if m.Severity == "warning" && !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(m.Text, part) }) {
			n++
		}
	}
	return n
}

var full = emulator.Instance{
	Name: "full", VpcID: "vpc-full", VSwitchIDs: []string{"vsw-full"}, ZoneIDs: []string{"cn-hangzhou-k", "cn-hangzhou-j"},
	Sizes:    emulator.Sizes{ProductVersion: "3", Spec: 2000, KeyNum: 3000, SecretNum: 0, VpcNum: 5, Log: 1, LogStorage: 2000},
	BindVpcs: []emulator.BindVpc{{VpcID: "vpc-b", VSwitchID: "vsw-b", RegionID: "cn-hangzhou", VpcOwnerID: "9876543210987654"}},
	Renewal:  emulator.Renewal{Status: "AutoRenewal", Period: 1, Unit: "Y"}, DeletionProtection: true,
	Tags: map[string]string{"team": "orders", "acs:rm:rgId": "rg-1"}, UsedKeys: 7, UsedSecrets: 2,
}

// getKmsInstance returns every output that the resource has of the same instance, and empty lists where it has none.
// Promise (Functions): `getKmsInstance` gives every output, and the quotas.
func TestGetKmsInstance(t *testing.T) {
	t.Parallel()
	for name, instance := range map[string]emulator.Instance{
		"subscription": full,
		"postpaid":     {PaymentType: emulator.PayAsYouGo},
		"unfinished":   {Status: emulator.StatusUninitialized},
	} {
		b := wire.New(t, wire.Options{})
		id := seeded(t, b, instance)
		got, want := wire.Go(call(t, b, "getKmsInstance", map[string]any{"id": id})), wire.Go(b.Import(id).Outputs)
		for list, none := range map[string]any{"zoneIds": []any{}, "vswitchIds": []any{}, "bindVpcs": []any{}, "tags": map[string]any{}} {
			if want[list] == nil {
				want[list] = none // so that programs can index it
			}
		}
		if name == "subscription" {
			wantSaid(t, "the list of quotas", fmt.Sprint(got["quotas"]), "[quota:3000 resourceType:key used:7]", "[quota:0 resourceType:secret used:2]", "resourceType:vpc")
		}
		delete(got, "quotas") // no output of the resource
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: the function gives\n%v, the resource\n%v", name, got, want)
		}
		if calls := b.Mutations(); len(calls) > 0 {
			t.Errorf("%s: reading led to %v", name, calls)
		}
	}
}

// Wrong arguments of a function are refused before anything is called, in a message that names the argument and hides secrets.
func TestBadArguments(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{})
	for _, c := range []struct {
		function string
		args     map[string]any
		says     string
	}{
		{"getKmsInstance", nil, "id: id is required: the id of the instance"},
		{"getKmsInstance", map[string]any{"id": 5}, "id: id must be the id of a KMS instance, which starts with \"kst-\", but 5 was given"},
		{"getKmsInstance", map[string]any{"id": ""}, "id: id must not be empty"},
		{"getKmsInstance", map[string]any{"instanceId": "kst-1", "id": "kst-1"}, `getKmsInstance has no argument "instanceId"; it has id`},
		{"getKmsInstance", map[string]any{"id": wire.Unknown}, "id: id is not known yet"},
		{"getKmsInstances", map[string]any{"status": wire.Secret("hidden")}, "but a secret value was given"},
		{"getKmsInstances", map[string]any{"status": "connected"}, `status must be one of "Uninitialized", "Connecting", "Connected", "Disconnected", "Error", but "connected" was given`},
		{"getKmsInstances", map[string]any{"nameRegexp": "a"}, `nameRegexp: getKmsInstances has no argument "nameRegexp"; did you mean "nameRegex"?`},
		{"getKmsInstances", map[string]any{"nameRegex": "("}, "nameRegex must be a regular expression (RE2 finds: missing closing )), but \"(\" was given"},
		{"getKmsInstances", map[string]any{"nameRegex": wire.Secret("hidden(")}, "nameRegex must be a regular expression (RE2 finds: missing closing )), but a secret value was given"},
		{"getKmsInstances", map[string]any{"ids": []any{"kst-1", nil}}, "ids[1]: "},
		{"getKmsInstances", map[string]any{"ids": []any{"vpc-1"}}, `ids[0]: ids[0] must be the id of a KMS instance`},
		{"getCallerIdentity", map[string]any{"id": "x"}, `getCallerIdentity has no argument "id"`},
		{"getKey", nil, `the package alicloud-kms has no function "alicloud-kms:index:getKey"; it has getCallerIdentity, getKmsInstance and getKmsInstances`},
		{"getKey\x1b[31m", nil, "the package alicloud-kms has no function"},
	} {
		_, refused, err := b.Invoke(c.function, wire.Props(c.args))
		said := ""
		for _, f := range refused {
			said += f.Path + ": " + f.Reason + "\n"
		}
		if err != nil {
			said += err.Error()
		}
		if !strings.Contains(said, c.says) || strings.Count(said, "\n") > 1 || strings.Contains(said, "hidden") || goNames.MatchString(said) {
			t.Errorf("%s(%v) says %q, want %q", c.function, c.args, said, c.says)
		}
	}
	if calls := b.Cloud.Journal(); len(calls) > 0 {
		t.Errorf("bad arguments led to %d calls", len(calls))
	}
}

// getKmsInstances finds what fits all filters, in the order of the ids, each as getKmsInstance gives it.
func TestFilters(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{})
	seeded(t, b, emulator.Instance{ID: "kst-3", Name: "prod-eu"})
	seeded(t, b, emulator.Instance{ID: "kst-1", Name: "prod-us", Status: emulator.StatusUninitialized})
	seeded(t, b, emulator.Instance{ID: "kst-2", Name: "prod", PaymentType: emulator.PayAsYouGo})
	for _, c := range []struct {
		args map[string]any
		want string
	}{
		{nil, "kst-1 kst-2 kst-3"},
		{map[string]any{"nameRegex": wire.Secret("^prod-")}, "kst-1 kst-3"},
		{map[string]any{"instanceName": "prod"}, "kst-2"},
		{map[string]any{"ids": []string{"kst-3", "kst-1", "kst-3", "kst-9"}}, "kst-1 kst-3"},
		{map[string]any{"ids": []string{}}, ""},
		{map[string]any{"ids": []string{"kst-1", "kst-2"}, "nameRegex": "us$", "instanceName": "prod-us", "status": "Uninitialized"}, "kst-1"},
		{map[string]any{"instanceName": "prod", "nameRegex": "eu"}, ""},
	} {
		if got := idsFound(t, b, c.args); got != c.want {
			t.Errorf("%v gives %s, want %s", c.args, got, c.want)
		}
	}
	out := call(t, b, "getKmsInstances", nil)
	for n, i := range out.Get("instances").AsArray().All {
		id := out.Get("ids").AsArray().Get(n).AsString()
		if !i.AsMap().Equals(call(t, b, "getKmsInstance", map[string]any{"id": id}).Delete("quotas")) {
			t.Errorf("instance %d is not what getKmsInstance gives of %s", n, id)
		}
	}
	// What the filters exclude is read no further, and its failures are none of the call.
	inject(t, b, emulator.Fault{Action: "ListTagResources", Kind: emulator.FaultBusiness, Code: "InvalidParameter", Count: -1})
	if got := idsFound(t, b, map[string]any{"status": "Uninitialized"}); got != "kst-1" {
		t.Errorf("beside instances that cannot be read there is %s", got)
	}
}

// getKmsInstances reads all pages of the list, and at most eight instances at once.
// Promise (Functions): `getKmsInstances` reads all pages, and fails rather than omit an instance that cannot be read.
func TestAllPages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const instances, atOnce = 230, 8
		var mutex sync.Mutex
		now, most := 0, 0
		count := func(n int) { mutex.Lock(); defer mutex.Unlock(); now += n; most = max(most, now) }
		b := wire.New(t, wire.Options{Wrap: func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("X-Acs-Action") == "GetKmsInstance" {
					count(1)
					defer count(-1)
					time.Sleep(100 * time.Millisecond)
				}
				next.ServeHTTP(w, r)
			})
		}})
		for n := range instances {
			seeded(t, b, emulator.Instance{ID: fmt.Sprintf("kst-%03d", n), PaymentType: emulator.PayAsYouGo})
		}
		if got := strings.Fields(idsFound(t, b, nil)); len(got) != instances || !slices.IsSorted(got) {
			t.Errorf("got %v", got)
		}
		for action, want := range map[string]int{"ListKmsInstances": 3, "GetKmsInstance": instances, "GetCallerIdentity": 1} {
			if n := len(b.Calls(action)); n != want {
				t.Errorf("%s was called %d times, want %d", action, n, want)
			}
		}
		if most != atOnce {
			t.Errorf("%d were read at once, want %d", most, atOnce)
		}
	})
}

// An instance that vanishes between the list and its read is left out; any other failed read fails getKmsInstances.
func TestOneInstanceThatCannotBeRead(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{})
	for n := range 4 {
		seeded(t, b, emulator.Instance{ID: fmt.Sprintf("kst-%d", n)})
	}
	gone := map[string]any{"KmsInstance": map[string]any{"InstanceId": ""}}
	inject(t, b, emulator.Fault{Action: "GetKmsInstance", InstanceID: "kst-2", Kind: emulator.FaultAnswer, Merge: gone, Count: -1})
	if got := idsFound(t, b, nil); got != "kst-0 kst-1 kst-3" {
		t.Errorf("without the vanished instance there are %s", got)
	}
	b.Cloud.ClearFaults()
	inject(t, b, emulator.Fault{Action: "GetKmsInstance", InstanceID: "kst-2", Kind: emulator.FaultRefuse})
	_, _, err := b.Invoke("getKmsInstances", property.Map{})
	wantSaid(t, "the error", fmt.Sprint(err), "reading KMS instance kst-2", "kms:GetKmsInstance")
}

// A missing permission leaves out what it is about, and is named once, however many instances there are.
func TestPermissionsThatAreMissing(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{})
	for n := range 5 {
		instance := full
		instance.ID = fmt.Sprintf("kst-denied%d", n)
		seeded(t, b, instance)
	}
	for _, action := range []string{"ListTagResources", "QueryAvailableInstances", "GetCallerIdentity", "GetKmsInstanceQuotaInfos"} {
		inject(t, b, emulator.Fault{Action: action, Kind: emulator.FaultRefuse})
	}
	if got := strings.Fields(idsFound(t, b, nil)); len(got) != 5 {
		t.Errorf("got %v", got)
	}
	for _, permission := range []string{"kms:ListTagResources", "bss:QueryAvailableInstances"} {
		if n := logged("kst-denied", permission); n != 1 {
			t.Errorf("%s was named %d times", permission, n)
		}
	}
	one := wire.Go(call(t, b, "getKmsInstance", map[string]any{"id": "kst-denied0"}))
	_, renews := one["renewStatus"]
	if renews || one["instanceName"] != "full" || !reflect.DeepEqual(one["tags"], map[string]any{}) || !reflect.DeepEqual(one["quotas"], []any{}) {
		t.Errorf("got %v", one)
	}
	if logged("kst-denied0: the quotas could not be read", "kms:GetKmsInstanceQuotaInfos") != 1 {
		t.Error("no warning says that the quotas could not be read")
	}
}

// No function waits for more than five minutes for a cloud that does not answer.
func TestFunctionsEnd(t *testing.T) {
	each(t, map[string]map[string]any{
		"getKmsInstance": {"id": "kst-1"}, "getKmsInstances": {"ids": []string{"kst-1"}}, "getCallerIdentity": {},
	}, func(t *testing.T, args map[string]any) {
		b := wire.New(t, wire.Options{})
		seeded(t, b, emulator.Instance{ID: "kst-1"})
		inject(t, b, emulator.Fault{Kind: emulator.FaultThrottle, Count: -1})
		start := time.Now()
		_, _, err := b.Invoke(t.Name()[strings.LastIndex(t.Name(), "/")+1:], wire.Props(args))
		if took := time.Since(start); err == nil || took > 5*time.Minute {
			t.Errorf("got %v after %s", err, took)
		}
	})
}
