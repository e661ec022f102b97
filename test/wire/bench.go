// Package wire calls single verbs of the provider's gRPC server, with an emulated cloud behind it, all in one process
// and without a socket, so that it also works in a bubble of testing/synctest, where waiting takes no time.
package wire

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/config"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/guard"
	"github.com/pulumiverse/pulumi-alicloud-kms/provider"
)

// Options describes a bench. The zero value is an emulator without delays and a provider with the emulator's credentials.
type Options struct {
	Emulator emulator.Options
	// Config is set on top of region, accessKey and secretKey; a null takes one of them out.
	Config map[string]any
	// Wrap, if set, stands between the provider and the emulator.
	Wrap func(http.Handler) http.Handler
}

// Bench is a configured provider with a cloud of its own.
type Bench struct {
	// Cloud is the emulator.
	Cloud *emulator.Server
	// Server is the provider's gRPC server.
	Server pulumirpc.ResourceProviderServer
	// URN is that of the resource that the verbs are about; no other bench has it.
	URN resource.URN

	t   testing.TB
	log *record
}

var benches atomic.Int64

// New makes a bench with a cloud of its own; it ends with the test.
func New(t testing.TB, o Options) *Bench {
	t.Helper()
	cloud, err := emulator.New(o.Emulator)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cloud.Close(); err != nil {
			t.Errorf("closing the emulator: %v", err)
		}
	})
	return Attach(t, cloud, o)
}

// Attach makes a bench with an emulator that is there already, as a new process has it.
func Attach(t testing.TB, cloud *emulator.Server, o Options) *Bench {
	t.Helper()
	handler := cloud.Handler("")
	if o.Wrap != nil {
		handler = o.Wrap(handler)
	}
	pipe := emulator.PipeTransport(handler)
	t.Cleanup(pipe.Close)
	kms, err := provider.NewOn(config.Env{
		Getenv: func(string) string { return "" }, HomeDir: func() (string, error) { return "", os.ErrNotExist },
		ReadFile: func(string) ([]byte, error) { return nil, os.ErrNotExist }, Transport: pipe,
	})
	if err != nil {
		t.Fatal(err)
	}
	server, err := guard.Server(provider.Name, provider.Version, kms)(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := (&Bench{Cloud: cloud, Server: server, t: t}).Another()
	settings := Props(map[string]any{
		"region": cloud.Regions()[0], "accessKey": emulator.DefaultAccessKeyID, "secretKey": emulator.DefaultAccessKeySecret,
	})
	if _, err := server.Configure(t.Context(), &pulumirpc.ConfigureRequest{
		Args: b.pack(Change(settings, o.Config)), AcceptSecrets: true, AcceptResources: true, SendsOldInputs: true, SendsOldInputsToDelete: true,
	}); err != nil {
		t.Fatal(err)
	}
	return b
}

// Another returns a bench of the same provider for another resource.
func (b *Bench) Another() *Bench {
	urn := fmt.Sprintf("urn:pulumi:test::wire::%s::kms%d", provider.InstanceToken, benches.Add(1))
	return (&Bench{Cloud: b.Cloud, Server: b.Server, t: b.t}).about(resource.URN(urn))
}

// Serve makes a bench of any provider, without a cloud.
func Serve(t testing.TB, name string, served p.Provider, urn resource.URN) *Bench {
	t.Helper()
	server, err := p.RawServer(name, "1.0.0", served)(nil)
	if err != nil {
		t.Fatal(err)
	}
	return (&Bench{Server: server, t: t}).about(urn)
}

func (b *Bench) about(urn resource.URN) *Bench {
	b.URN, b.log = urn, &record{}
	registry.Store(string(urn), b.log)
	takeOver()
	b.t.Cleanup(func() { registry.Delete(string(urn)) })
	return b
}

// Messages returns what the provider has said about the resource.
func (b *Bench) Messages() []Message { return b.log.all() }

// Said returns everything that the provider has said about the resource, a line each, without status lines.
func (b *Bench) Said() string { return b.text(false) }

// StatusLines returns the lines that the row of the resource has shown.
func (b *Bench) StatusLines() string { return b.text(true) }

func (b *Bench) text(status bool) string {
	var lines []string
	for _, m := range b.Messages() {
		if m.Status == status {
			lines = append(lines, m.Severity+": "+m.Text)
		}
	}
	return strings.Join(lines, "\n")
}

// Hush forgets what has been said so far.
func (b *Bench) Hush() { b.log.clear() }

// reading are the calls that change nothing and cost nothing.
var reading = []string{
	"GetKmsInstance", "ListKmsInstances", "ListTagResources", "QueryAvailableInstances", "GetCallerIdentity", "AssumeRole",
	"AssumeRoleWithOIDC", "DescribeVSwitches", "DescribeVpcs", "GetOrderDetail", "GetKmsInstanceQuotaInfos",
}

// Mutations returns the actions of the calls that could change something, in their order, also refused ones.
func (b *Bench) Mutations() []string {
	var actions []string
	for _, call := range b.Cloud.Journal() {
		if !slices.Contains(reading, call.Action) {
			actions = append(actions, call.Action)
		}
	}
	return actions
}

// Calls returns the calls of an action, in their order.
func (b *Bench) Calls(action string) []emulator.Call {
	return slices.DeleteFunc(b.Cloud.Journal(), func(c emulator.Call) bool { return c.Action != action })
}

// Props makes a property map of Go values: see Value.
func Props(m map[string]any) property.Map {
	return Value(m).AsMap()
}

// Value makes a property value of a Go value: nil, a bool, a number, a string, a list or a map of such, or a property
// value.
func Value(v any) property.Value {
	return resource.FromResourcePropertyValue(resource.NewPropertyValueRepl(v, nil, func(v any) (resource.PropertyValue, bool) {
		ready, is := v.(property.Value)
		return resource.ToResourcePropertyValue(ready), is
	}))
}

// Unknown is a value that is not known before an update has run.
var Unknown = property.New(property.Computed)

// Secret makes a value secret.
func Secret(v any) property.Value { return Value(v).WithSecret(true) }

// Subscription returns valid inputs of a Subscription instance, changed by more: nil takes a property out.
func Subscription(more map[string]any) property.Map {
	return Change(Props(map[string]any{
		"vpcId": "vpc-a", "zoneIds": []string{"cn-hangzhou-k", "cn-hangzhou-j"}, "vswitchIds": []string{"vsw-a"},
		"productVersion": "3", "spec": 1000, "keyNum": 1000, "secretNum": 100, "vpcNum": 3,
	}), more)
}

// PayAsYouGo returns valid inputs of a PayAsYouGo instance, changed by more: nil takes a property out.
func PayAsYouGo(more map[string]any) property.Map {
	return Change(Props(map[string]any{
		"vpcId": "vpc-a", "zoneIds": []string{"cn-hangzhou-k", "cn-hangzhou-j"}, "vswitchIds": []string{"vsw-a"},
		"paymentType": "PayAsYouGo", "productVersion": "3",
	}), more)
}

// Change returns a property map with some properties changed: nil takes one out.
func Change(m property.Map, more map[string]any) property.Map {
	for name, v := range more {
		if v == nil {
			m = m.Delete(name)
			continue
		}
		m = m.Set(name, Value(v))
	}
	return m
}

// Go turns a property map into plain Go values: unknowns are the text "<unknown>", secrets are "<secret>" in front of
// their value.
func Go(m property.Map) map[string]any { return resource.ToResourcePropertyMap(m).MapRepl(nil, toGo) }

func toGo(v resource.PropertyValue) (any, bool) {
	switch {
	case v.IsOutput():
		return resource.ToResourcePropertyValue(resource.FromResourcePropertyValue(v).WithDependencies(nil)).MapRepl(nil, toGo), true
	case v.IsComputed():
		return "<unknown>", true
	case v.IsSecret():
		return fmt.Sprintf("<secret>%v", v.SecretValue().Element.MapRepl(nil, toGo)), true
	}
	return nil, false
}

// UnknownOf returns the names of the properties that have something unknown, sorted.
func UnknownOf(m property.Map) []string {
	var names []string
	for name, v := range m.All {
		if v.HasComputed() {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
