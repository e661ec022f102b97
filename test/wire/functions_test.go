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

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/wire"
)

func seed(t *testing.T, b *wire.Bench, i emulator.Instance) string {
	t.Helper()
	kept, err := b.Cloud.Seed(i)
	if err != nil {
		t.Fatal(err)
	}
	return kept.ID
}

// call calls a function that must work.
func call(t *testing.T, b *wire.Bench, name string, args map[string]any) property.Map {
	t.Helper()
	out, refused, err := b.Invoke(name, wire.Props(args))
	if err != nil || len(refused) > 0 {
		t.Fatalf("%s(%v) gives %v %v", name, args, refused, err)
	}
	return out
}

var full = emulator.Instance{
	Name: "full", VpcID: "vpc-full", VSwitchIDs: []string{"vsw-full"}, ZoneIDs: []string{"cn-hangzhou-k", "cn-hangzhou-j"},
	Sizes:    emulator.Sizes{ProductVersion: "3", Spec: 2000, KeyNum: 3000, SecretNum: 0, VpcNum: 5, Log: 1, LogStorage: 2000},
	BindVpcs: []emulator.BindVpc{{VpcID: "vpc-b", VSwitchID: "vsw-b", RegionID: "cn-hangzhou", VpcOwnerID: "9876543210987654"}},
	Renewal:  emulator.Renewal{Status: "AutoRenewal", Period: 1, Unit: "Y"}, DeletionProtection: true,
	Tags: map[string]string{"team": "orders", "acs:rm:rgId": "rg-1"},
}

// TestGetKmsInstance: the function returns every output that the resource has of the same instance.
// Promise (Functions): `getKmsInstance` gives every output, and the quotas.
func TestGetKmsInstance(t *testing.T) {
	t.Parallel()
	for name, instance := range map[string]emulator.Instance{
		"subscription": full,
		"postpaid":     {PaymentType: emulator.PayAsYouGo},
		"hardware":     {Sizes: emulator.Sizes{ProductVersion: "1", Spec: 7, KeyNum: 20}},
		"unfinished":   {Status: emulator.StatusUninitialized},
		"error":        {Status: emulator.StatusError},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := wire.New(t, wire.Options{})
			id := seed(t, b, instance)
			got := wire.Go(call(t, b, "getKmsInstance", map[string]any{"id": id}))
			imported := b.Import(id)
			b.MustHaveWorked(imported)
			want := wire.Go(imported.Outputs)
			for _, list := range []string{"zoneIds", "vswitchIds", "bindVpcs"} {
				if want[list] == nil {
					want[list] = []any{} // a function always has the lists, so that programs can index them
				}
			}
			if want["tags"] == nil {
				want["tags"] = map[string]any{}
			}
			delete(got, "quotas") // no output of the resource
			if !reflect.DeepEqual(got, want) {
				t.Errorf("the function gives\n%v, the resource\n%v", got, want)
			}
			if calls := b.Mutations(); len(calls) > 0 {
				t.Errorf("reading led to %v", calls)
			}
		})
	}
}

// TestBadArguments: each says what is wrong with which argument, before anything is called.
func TestBadArguments(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{})
	for name, c := range map[string]struct {
		function string
		args     map[string]any
		says     string
	}{
		"no id":             {"getKmsInstance", nil, "id: id is required: the id of the instance"},
		"id a number":       {"getKmsInstance", map[string]any{"id": 5}, "id: id must be the id of a KMS instance, which starts with \"kst-\", but 5 was given"},
		"id of a VPC":       {"getKmsInstance", map[string]any{"id": "vpc-1"}, `id must be the id of a KMS instance, which starts with "kst-", but "vpc-1" was given`},
		"id empty":          {"getKmsInstance", map[string]any{"id": ""}, "id: id must not be empty"},
		"infer's name":      {"getKmsInstance", map[string]any{"instanceId": "kst-1", "id": "kst-1"}, `getKmsInstance has no argument "instanceId"; it has id`},
		"id unknown":        {"getKmsInstance", map[string]any{"id": wire.Unknown}, "id: id is not known yet"},
		"an id unknown":     {"getKmsInstances", map[string]any{"ids": []any{"kst-1", wire.Unknown}}, "ids: ids is not known yet"},
		"a secret status":   {"getKmsInstances", map[string]any{"status": wire.Secret("hidden")}, "but a secret value was given"},
		"misspelt":          {"getKmsInstances", map[string]any{"nameRegexp": "a"}, `nameRegexp: getKmsInstances has no argument "nameRegexp"; did you mean "nameRegex"?`},
		"no regex":          {"getKmsInstances", map[string]any{"nameRegex": "("}, "nameRegex must be a regular expression (RE2 finds: missing closing )), but \"(\" was given"},
		"a secret regex":    {"getKmsInstances", map[string]any{"nameRegex": wire.Secret("hidden(")}, "nameRegex must be a regular expression (RE2 finds: missing closing )), but a secret value was given"},
		"regex a list":      {"getKmsInstances", map[string]any{"nameRegex": []string{"a"}}, "nameRegex: nameRegex must be a string"},
		"null id":           {"getKmsInstances", map[string]any{"ids": []any{"kst-1", nil}}, "ids[1]: "},
		"ids a string":      {"getKmsInstances", map[string]any{"ids": "kst-1"}, "ids: ids must be a list of strings"},
		"ids of numbers":    {"getKmsInstances", map[string]any{"ids": []any{1}}, "ids[0]: ids[0] must be the id of a KMS instance"},
		"ids of a VPC":      {"getKmsInstances", map[string]any{"ids": []any{"vpc-1"}}, `ids[0]: ids[0] must be the id of a KMS instance`},
		"status misspelt":   {"getKmsInstances", map[string]any{"status": "connected"}, `status must be one of "Uninitialized", "Connecting", "Connected", "Disconnected", "Error", but "connected" was given`},
		"identity with any": {"getCallerIdentity", map[string]any{"id": "x"}, `getCallerIdentity has no argument "id"`},
		"another function":  {"getKey", nil, `the package alicloud-kms has no function "alicloud-kms:index:getKey"; it has`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, refused, err := b.Invoke(c.function, wire.Props(c.args))
			var said []string
			for _, f := range refused {
				said = append(said, f.Path+": "+f.Reason)
			}
			if err != nil {
				said = append(said, err.Error())
			}
			if len(said) != 1 || !strings.Contains(said[0], c.says) {
				t.Errorf("got %q, want %q", said, c.says)
			}
			if strings.Contains(strings.Join(said, ""), "hidden") {
				t.Errorf("%q shows a secret", said)
			}
			if strings.Contains(strings.Join(said, ""), "functions.") || strings.Contains(strings.Join(said, ""), "property.") {
				t.Errorf("%q shows Go types", said)
			}
		})
	}
	t.Cleanup(func() {
		if calls := b.Cloud.Journal(); len(calls) > 0 {
			t.Errorf("bad arguments led to %d calls", len(calls))
		}
	})
}

// TestOddCalls: what no SDK sends is answered in a sentence, and the provider lives on.
func TestOddCalls(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{})
	seed(t, b, emulator.Instance{ID: "kst-1"})
	args := marshalled(t, wire.Props(map[string]any{"id": "kst-1"}))
	for _, token := range []string{"alicloud-kms:getKmsInstance", "alicloud-kms:index/getKmsInstance:getKmsInstance"} {
		resp, err := b.Server.Invoke(t.Context(), &pulumirpc.InvokeRequest{Tok: token, Args: args})
		if err != nil || len(resp.GetFailures()) > 0 || resp.GetReturn().GetFields()["instanceId"].GetStringValue() != "kst-1" {
			t.Errorf("%s gives %v, %v", token, resp, err)
		}
	}
	says := func(what string, err error, phrases ...string) {
		t.Helper()
		if err == nil {
			t.Errorf("%s works", what)
			return
		}
		for _, phrase := range phrases {
			if !strings.Contains(err.Error(), phrase) || strings.Contains(err.Error(), "a bug") || goNames.MatchString(err.Error()) {
				t.Errorf("%s says %q, want %q", what, err, phrase)
			}
		}
	}
	for _, token := range []string{"", "getKmsInstance", ":", "::", "alicloud-kms:index:", "other:index:getKmsInstance", "alicloud-kms:a:b:c", "alicloud-kms:index:getKey\x1b[31m"} {
		_, err := b.Server.Invoke(t.Context(), &pulumirpc.InvokeRequest{Tok: token})
		says("the function "+token, err, "the package alicloud-kms has no function", "it has getCallerIdentity, getKmsInstance and getKmsInstances")
	}
	for _, urn := range []string{"", "kms", "urn:pulumi:dev", "urn:pulumi:dev::p::x::n", "urn:pulumi:dev::p::alicloud-kms:KmsInstance::n", "urn:pulumi:dev::p::::n"} {
		ctx := t.Context()
		_, err := b.Server.Check(ctx, &pulumirpc.CheckRequest{Urn: urn})
		says("Check of "+urn, err, "is not the URN of a resource")
		_, err = b.Server.Diff(ctx, &pulumirpc.DiffRequest{Urn: urn, Id: "kst-1"})
		says("Diff of "+urn, err, "is not the URN of a resource")
		for _, preview := range []bool{true, false} {
			_, err = b.Server.Create(ctx, &pulumirpc.CreateRequest{Urn: urn, Preview: preview})
			says("Create of "+urn, err, "is not the URN of a resource")
			_, err = b.Server.Update(ctx, &pulumirpc.UpdateRequest{Urn: urn, Id: "kst-1", Preview: preview})
			says("Update of "+urn, err, "is not the URN of a resource")
		}
		_, err = b.Server.Read(ctx, &pulumirpc.ReadRequest{Urn: urn, Id: "kst-1"})
		says("Read of "+urn, err, "is not the URN of a resource")
		_, err = b.Server.Delete(ctx, &pulumirpc.DeleteRequest{Urn: urn, Id: "kst-1"})
		says("Delete of "+urn, err, "is not the URN of a resource")
	}
	for _, accepts := range []bool{true, false} {
		_, err := b.Server.Construct(t.Context(), &pulumirpc.ConstructRequest{Type: "alicloud-kms:index:Vault", AcceptsOutputValues: accepts})
		says("Construct", err, `the package alicloud-kms has no component resource "alicloud-kms:index:Vault"`)
		_, err = b.Server.Call(t.Context(), &pulumirpc.CallRequest{Tok: "alicloud-kms:index:KmsInstance/open", AcceptsOutputValues: accepts})
		says("Call", err, `the package alicloud-kms has no method "alicloud-kms:index:KmsInstance/open"`)
	}
}

func marshalled(t *testing.T, m property.Map) *structpb.Struct {
	t.Helper()
	s, err := plugin.MarshalProperties(resource.ToResourcePropertyMap(m), plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestNotFound: one instance that is not there is an error that names id and region; of several it is left out.
func TestNotFound(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{})
	_, _, err := b.Invoke("getKmsInstance", wire.Props(map[string]any{"id": "kst-hzz000000000"}))
	if err == nil || !strings.Contains(err.Error(), "KMS instance kst-hzz000000000 does not exist in cn-hangzhou: check the id, the region and the account") {
		t.Errorf("got %v", err)
	}
	for _, args := range []map[string]any{nil, {"ids": []string{"kst-hzz000000000"}}, {"nameRegex": "none"}} {
		out := wire.Go(call(t, b, "getKmsInstances", args))
		if want := map[string]any{"ids": []any{}, "instances": []any{}}; !reflect.DeepEqual(out, want) {
			t.Errorf("%v gives %v", args, out)
		}
	}
}

// TestFilters: all filters that are given must fit; the result is in the order of the ids.
func TestFilters(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{})
	seed(t, b, emulator.Instance{ID: "kst-3", Name: "prod-eu"})
	seed(t, b, emulator.Instance{ID: "kst-1", Name: "prod-us", Status: emulator.StatusUninitialized})
	seed(t, b, emulator.Instance{ID: "kst-2", Name: "prod", PaymentType: emulator.PayAsYouGo})
	for name, c := range map[string]struct {
		args map[string]any
		want []any
	}{
		"all":          {nil, []any{"kst-1", "kst-2", "kst-3"}},
		"regex":        {map[string]any{"nameRegex": "^prod-"}, []any{"kst-1", "kst-3"}},
		"name":         {map[string]any{"instanceName": "prod"}, []any{"kst-2"}},
		"status":       {map[string]any{"status": "Uninitialized"}, []any{"kst-1"}},
		"ids":          {map[string]any{"ids": []string{"kst-3", "kst-1", "kst-3", "kst-9"}}, []any{"kst-1", "kst-3"}},
		"no ids":       {map[string]any{"ids": []string{}}, []any{}},
		"two":          {map[string]any{"nameRegex": "prod", "status": "Connected"}, []any{"kst-2", "kst-3"}},
		"all of them":  {map[string]any{"ids": []string{"kst-1", "kst-2"}, "nameRegex": "us$", "instanceName": "prod-us", "status": "Uninitialized"}, []any{"kst-1"}},
		"none fits":    {map[string]any{"instanceName": "prod", "nameRegex": "eu"}, []any{}},
		"secret regex": {map[string]any{"nameRegex": wire.Secret("eu$")}, []any{"kst-3"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := call(t, b, "getKmsInstances", c.args)
			if got := wire.Go(property.NewMap(map[string]property.Value{"ids": out.Get("ids").WithSecret(false)}))["ids"]; !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
			for n, i := range out.Get("instances").AsArray().All {
				id := out.Get("ids").AsArray().Get(n).AsString()
				if !i.AsMap().Equals(call(t, b, "getKmsInstance", map[string]any{"id": id}).Delete("quotas")) {
					t.Errorf("instance %d is not what getKmsInstance gives of %s", n, id)
				}
			}
		})
	}
}

// TestWhatDoesNotFitIsNotReadFurther: the search for an instance neither asks for the settings of the others nor fails on them.
func TestWhatDoesNotFitIsNotReadFurther(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{})
	for n := range 4 {
		seed(t, b, emulator.Instance{ID: fmt.Sprintf("kst-%d", n), Name: fmt.Sprintf("name-%d", n)})
	}
	seed(t, b, emulator.Instance{ID: "kst-lost", Status: emulator.StatusUninitialized})
	if err := b.Cloud.Inject(emulator.Fault{Action: "ListTagResources", Kind: emulator.FaultBusiness, Code: "InvalidParameter", Count: -1}); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string]map[string]any{
		"status": {"status": "Uninitialized"}, "name": {"instanceName": "kst-lost"}, "regex": {"nameRegex": "lost"},
	} {
		if out := wire.Go(call(t, b, "getKmsInstances", args)); !reflect.DeepEqual(out["ids"], []any{"kst-lost"}) {
			t.Errorf("%s gives %v", name, out["ids"])
		}
	}
	if n := len(b.Calls("ListTagResources")); n != 0 {
		t.Errorf("tags were read %d times", n)
	}
	if n := len(b.Calls("QueryAvailableInstances")); n != 3 {
		t.Errorf("renewal settings were read %d times, want once for each call", n)
	}
}

// TestAccountIsAskedForOnce by all functions together, beside their reads, and not waited for where STS cannot be reached.
func TestAccountIsAskedForOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sts   time.Duration // how long it takes
		first time.Duration // how long the first call may take
		asked int           // how often STS answers
	}{
		"beside the read": {3 * time.Second, 3 * time.Second, 1},
		"out of reach":    {time.Hour, 5 * time.Second, 0}, // the list of instances tells it
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				slow := func(next http.Handler) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						wait := 3 * time.Second
						if r.Header.Get("X-Acs-Action") == "GetCallerIdentity" {
							wait = c.sts
						} else if r.Header.Get("X-Acs-Action") != "GetKmsInstance" {
							wait = 0
						}
						select {
						case <-time.After(wait):
							next.ServeHTTP(w, r)
						case <-r.Context().Done():
						}
					})
				}
				b := wire.New(t, wire.Options{Wrap: slow})
				seed(t, b, emulator.Instance{ID: "kst-1"})
				for n, most := range []time.Duration{c.first, 3 * time.Second, 3 * time.Second} {
					start := time.Now()
					out := call(t, b, "getKmsInstance", map[string]any{"id": "kst-1"})
					if took := time.Since(start); took > most {
						t.Errorf("call %d took %s, want at most %s", n, took, most)
					}
					if _, there := out.GetOk("arn"); !there {
						t.Error("the ARN is missing")
					}
				}
				if n := len(b.Calls("GetCallerIdentity")); n != c.asked {
					t.Errorf("the account was asked for %d times", n)
				}
			})
		})
	}
}

// TestAllPages lists more instances than go on one page, and reads them side by side, but never more than eight at once.
// Promise (Functions): `getKmsInstances` reads all pages, and fails rather than omit an instance that cannot be read.
func TestAllPages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const instances, atOnce = 230, 8
		var (
			mutex         sync.Mutex
			now, most     int
			count         = func(n int) { mutex.Lock(); defer mutex.Unlock(); now += n; most = max(most, now) }
			slowAndCounts = func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.Header.Get("X-Acs-Action") == "GetKmsInstance" {
						count(1)
						defer count(-1)
						time.Sleep(100 * time.Millisecond)
					}
					next.ServeHTTP(w, r)
				})
			}
		)
		b := wire.New(t, wire.Options{Wrap: slowAndCounts})
		var want []any
		for n := range instances {
			want = append(want, seed(t, b, emulator.Instance{ID: fmt.Sprintf("kst-%03d", n), PaymentType: emulator.PayAsYouGo}))
		}
		out := wire.Go(call(t, b, "getKmsInstances", nil))
		if !reflect.DeepEqual(out["ids"], want) {
			t.Errorf("got %v", out["ids"])
		}
		if n := len(b.Calls("ListKmsInstances")); n != 3 {
			t.Errorf("%d pages were listed, want 3", n)
		}
		if n := len(b.Calls("GetKmsInstance")); n != instances {
			t.Errorf("%d instances were read", n)
		}
		if n := len(b.Calls("GetCallerIdentity")); n != 1 {
			t.Errorf("the account was asked for %d times", n)
		}
		if most != atOnce {
			t.Errorf("%d were read at once, want %d", most, atOnce)
		}
	})
}

// TestInstanceThatVanishes between the list and the read is left out.
func TestInstanceThatVanishes(t *testing.T) {
	t.Parallel()
	var b *wire.Bench
	vanish := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r)
			if r.Header.Get("X-Acs-Action") == "ListKmsInstances" {
				if err := b.Cloud.Remove("kst-2"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	b = wire.New(t, wire.Options{Wrap: vanish})
	for n := range 4 {
		seed(t, b, emulator.Instance{ID: fmt.Sprintf("kst-%d", n)})
	}
	out := wire.Go(call(t, b, "getKmsInstances", nil))
	if want := []any{"kst-0", "kst-1", "kst-3"}; !reflect.DeepEqual(out["ids"], want) {
		t.Errorf("got %v, want %v", out["ids"], want)
	}
}

// TestFailureOfOneRead is a failure of all: a list that silently lacks an instance would be worse.
func TestFailureOfOneRead(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{})
	for n := range 4 {
		seed(t, b, emulator.Instance{ID: fmt.Sprintf("kst-%d", n)})
	}
	if err := b.Cloud.Inject(emulator.Fault{Action: "GetKmsInstance", InstanceID: "kst-2", Kind: emulator.FaultRefuse}); err != nil {
		t.Fatal(err)
	}
	_, _, err := b.Invoke("getKmsInstances", property.Map{})
	if err == nil || !strings.Contains(err.Error(), "reading KMS instance kst-2") || !strings.Contains(err.Error(), "kms:GetKmsInstance") {
		t.Errorf("got %v", err)
	}
}

// TestPermissionsThatAreMissing leave out what they are about, and are named once, however many instances there are.
func TestPermissionsThatAreMissing(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{})
	var ids []string
	for n := range 5 {
		instance := full
		instance.ID = fmt.Sprintf("kst-denied%d", n)
		ids = append(ids, seed(t, b, instance))
	}
	for _, action := range []string{"ListTagResources", "QueryAvailableInstances", "GetCallerIdentity"} {
		if err := b.Cloud.Inject(emulator.Fault{Action: action, Kind: emulator.FaultRefuse}); err != nil {
			t.Fatal(err)
		}
	}
	said := func(permission string) int {
		return len(slices.DeleteFunc(wire.Log.Messages(), func(m wire.Message) bool {
			return m.Severity != "warning" || !strings.Contains(m.Text, permission) || !strings.Contains(m.Text, "kst-denied")
		}))
	}
	if out := call(t, b, "getKmsInstances", nil); out.Get("ids").AsArray().Len() != len(ids) {
		t.Errorf("got %v", out.Get("ids"))
	}
	for _, permission := range []string{"kms:ListTagResources", "bss:QueryAvailableInstances"} {
		if n := said(permission); n != 1 {
			t.Errorf("%s was named %d times", permission, n)
		}
	}
	one := wire.Go(call(t, b, "getKmsInstance", map[string]any{"id": ids[0]}))
	for _, absent := range []string{"renewStatus", "renewPeriod"} {
		if v, given := one[absent]; given {
			t.Errorf("%s is %v", absent, v)
		}
	}
	if one["instanceName"] != "full" || !reflect.DeepEqual(one["tags"], map[string]any{}) {
		t.Errorf("got %v", one)
	}
}

// TestFunctionsEnd: no function waits for ever for a cloud that does not answer.
func TestFunctionsEnd(t *testing.T) {
	t.Parallel()
	for name, args := range map[string]map[string]any{
		"getKmsInstance": {"id": "kst-1"}, "getKmsInstances": {"ids": []string{"kst-1"}}, "getCallerIdentity": nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := wire.New(t, wire.Options{})
				seed(t, b, emulator.Instance{ID: "kst-1"})
				if err := b.Cloud.Inject(emulator.Fault{Kind: emulator.FaultThrottle, Count: -1}); err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				_, _, err := b.Invoke(name, wire.Props(args))
				if took := time.Since(start); err == nil || took > 5*time.Minute {
					t.Errorf("got %v after %s", err, took)
				}
			})
		})
	}
}

// TestGetCallerIdentity for each kind of caller.
// Promise (Functions): `getCallerIdentity` works for accounts, users and roles.
func TestGetCallerIdentity(t *testing.T) {
	t.Parallel()
	cloud := wire.New(t, wire.Options{Emulator: emulator.Options{Credentials: []emulator.Credential{
		{AccessKeyID: emulator.DefaultAccessKeyID, Secret: emulator.DefaultAccessKeySecret},
		{AccessKeyID: "account", Secret: "account", UserName: "root", AccountID: "9876543210987654"},
	}}}).Cloud
	for name, c := range map[string]struct {
		config map[string]any
		want   map[string]string
	}{
		"user":    {nil, map[string]string{"accountId": emulator.DefaultAccountID, "identityType": "RAMUser", "arn": "acs:ram::1234567890123456:user/emulator"}},
		"account": {map[string]any{"accessKey": "account", "secretKey": "account"}, map[string]string{"accountId": "9876543210987654", "identityType": "Account", "arn": "acs:ram::9876543210987654:root"}},
		"role": {map[string]any{"assumeRole": map[string]any{"roleArn": "acs:ram::1234567890123456:role/deployer"}},
			map[string]string{"accountId": emulator.DefaultAccountID, "identityType": "AssumedRoleUser", "arn": "acs:ram::1234567890123456:assumed-role/deployer/pulumi"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := wire.Go(call(t, wire.Attach(t, cloud, wire.Options{Config: c.config}), "getCallerIdentity", nil))
			for field, want := range c.want {
				if got[field] != want {
					t.Errorf("%s is %v, want %s", field, got[field], want)
				}
			}
			if id, ok := got["principalId"].(string); !ok || id == "" || len(got) != 4 {
				t.Errorf("got %v", got)
			}
		})
	}
}

// TestQuotas: how full an instance is. Quotas that cannot be read are a warning.
func TestQuotas(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{})
	id := seed(t, b, emulator.Instance{
		Status: emulator.StatusConnected, VpcID: "vpc-a", VSwitchIDs: []string{"vsw-a"}, ZoneIDs: []string{"cn-hangzhou-k"}, UsedKeys: 7, UsedSecrets: 2,
		Sizes: emulator.Sizes{ProductVersion: "3", Spec: 1000, KeyNum: 1000, SecretNum: 100, VpcNum: 3},
	})
	have := map[string]string{}
	for _, q := range call(t, b, "getKmsInstance", map[string]any{"id": id}).Get("quotas").AsArray().All {
		row := q.AsMap()
		have[row.Get("resourceType").AsString()] = fmt.Sprint(row.Get("used").AsNumber(), " of ", row.Get("quota").AsNumber())
	}
	if have["key"] != "7 of 1000" || have["secret"] != "2 of 100" || have["vpc"] == "" {
		t.Errorf("the quotas are %v", have)
	}
	inject(t, b, emulator.Fault{Action: "GetKmsInstanceQuotaInfos", Kind: emulator.FaultRefuse})
	if n := call(t, b, "getKmsInstance", map[string]any{"id": id}).Get("quotas").AsArray().Len(); n > 0 {
		t.Errorf("there are %d quotas", n)
	}
	if !slices.ContainsFunc(wire.Log.Messages(), func(m wire.Message) bool {
		return m.Severity == "warning" && strings.HasPrefix(m.Text, id+": the quotas could not be read") && strings.Contains(m.Text, "kms:GetKmsInstanceQuotaInfos")
	}) {
		t.Error("no warning says that the quotas could not be read")
	}
}
