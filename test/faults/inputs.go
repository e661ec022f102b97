package faults

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/pkg/v3/resource/deploy/deploytest"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/engine"
)

const (
	packageName  = "alicloud-kms"
	instanceType = "alicloud-kms:index:KmsInstance"
	// resourceName is the name of the one instance in a scenario's program.
	resourceName = "main"
	// dependentName is that of a resource which has the instance's id as its input. The engine itself provides it.
	dependentName  = "dependent"
	dependentType  = "pulumi:index:Stash"
	dependentInput = "input"
)

type inputs map[string]any

// object is a value with fields in inputs.
type object = map[string]any

// subscription are inputs that make every setting there is.
var subscription = inputs{
	"vpcId": "vpc-main", "zoneIds": []any{"cn-hangzhou-k", "cn-hangzhou-j"}, "vswitchIds": []any{"vsw-main"},
	"paymentType": "Subscription", "productVersion": "3",
	"spec": 1000, "keyNum": 1000, "secretNum": 100, "vpcNum": 3, "log": "1", "logStorage": 1000,
	"renewStatus": "NotRenewal", "instanceName": "payments",
	"bindVpcs":           []any{object{"vpcId": "vpc-bound", "vswitchId": "vsw-bound"}},
	"tags":               object{"team": "payments", "stage": "test"},
	"deletionProtection": true,
}

// payAsYouGo are the same for an instance that is billed by use.
var payAsYouGo = inputs{
	"vpcId": "vpc-main", "zoneIds": []any{"cn-hangzhou-k"}, "vswitchIds": []any{"vsw-main"},
	"paymentType": "PayAsYouGo", "productVersion": "3", "log": "1", "logStorage": 1000, "instanceName": "payments",
	"tags": object{"team": "payments"}, "forceDeleteWithoutBackup": true,
}

// with returns inputs with some changed; nil takes one out.
func (in inputs) with(changes inputs) inputs {
	out := maps.Clone(in)
	for name, value := range changes {
		if value == nil {
			delete(out, name)
		} else {
			out[name] = value
		}
	}
	return out
}

// program registers one instance, and what depends on it.
func (in inputs) program() engine.Program {
	return engine.Program{in.instance(resourceName), {
		Type: dependentType, Name: dependentName, Refs: map[resource.PropertyKey]engine.Ref{dependentInput: {Resource: resourceName, Output: "id"}},
	}}
}

func (in inputs) instance(name string) engine.Resource {
	return engine.Resource{
		Type: instanceType, Name: name, ResourceOptions: deploytest.ResourceOptions{Inputs: resource.NewPropertyMapFromMap(object(in))},
	}
}

// mismatch tells what about an instance is not as the inputs say; nothing if all is.
func (in inputs) mismatch(i emulator.Instance) []string {
	var wrong []string
	check := func(name string, have any) {
		want, given := in[name]
		if given && fmt.Sprint(want) != fmt.Sprint(have) {
			wrong = append(wrong, fmt.Sprintf("%s is %v instead of %v", name, have, want))
		}
	}
	if i.Status != emulator.StatusConnected {
		wrong = append(wrong, "status is "+i.Status)
	}
	check("vpcId", i.VpcID)
	check("vswitchIds", i.VSwitchIDs)
	check("zoneIds", i.ZoneIDs)
	check("paymentType", i.PaymentType)
	check("productVersion", i.ProductVersion)
	check("spec", i.Spec)
	check("keyNum", i.KeyNum)
	check("secretNum", i.SecretNum)
	check("vpcNum", i.VpcNum)
	check("log", strconv.Itoa(i.Log))
	check("logStorage", i.LogStorage)
	check("renewStatus", i.Renewal.Status)
	check("renewPeriod", i.Renewal.Period)
	check("instanceName", i.Name)
	check("deletionProtection", i.DeletionProtection)
	have := object{}
	for key, value := range i.Tags {
		if !strings.HasPrefix(key, "acs:") { // the cloud's own
			have[key] = value
		}
	}
	check("tags", have)
	if want, ok := in["bindVpcs"].([]any); ok {
		var wanted, bound []string
		for _, b := range want {
			if binding, ok := b.(object); ok {
				wanted = append(wanted, fmt.Sprintf("%v/%v", binding["vpcId"], binding["vswitchId"]))
			}
		}
		for _, b := range i.BindVpcs {
			bound = append(bound, b.VpcID+"/"+b.VSwitchID)
		}
		slices.Sort(wanted)
		slices.Sort(bound)
		if !slices.Equal(wanted, bound) {
			wrong = append(wrong, fmt.Sprintf("bindVpcs are %v instead of %v", bound, wanted))
		}
	}
	return wrong
}
