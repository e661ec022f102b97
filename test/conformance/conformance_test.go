package main

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/test/acceptance/recording"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

// record makes the calls of a short life on an emulator with the usual delays, and returns the recording's file.
func record(t *testing.T) string {
	t.Helper()
	return recording.Tape(t, e2e.NewCloud(t, recording.EmulatorOptions()), recording.Default, live)
}

func live(client recording.Taped) {
	call := func(host, version, action string, pairs ...string) map[string]any {
		return client.Ask(host, version, action, pairs...).Body
	}
	const kms, vpc = "kms.cn-hangzhou.aliyuncs.com", "vpc.cn-hangzhou.aliyuncs.com"
	until := func(id, status string) {
		for recording.Text(call(kms, recording.KMS, "GetKmsInstance", "KmsInstanceId", id), "KmsInstance", "Status") != status {
			<-time.After(200 * time.Millisecond)
		}
	}
	call("sts.cn-hangzhou.aliyuncs.com", recording.STS, "GetCallerIdentity")
	network := recording.Text(call(vpc, recording.VPC, "CreateVpc", "RegionId", "cn-hangzhou", "VpcName", "short-life"), "VpcId")
	call(vpc, recording.VPC, "DescribeVpcs", "RegionId", "cn-hangzhou", "VpcName", "short-life")
	<-time.After(300 * time.Millisecond) // until the VPC is available
	vSwitch := recording.Text(call(vpc, recording.VPC, "CreateVSwitch", "VpcId", network, "ZoneId", "cn-hangzhou-k", "CidrBlock", "172.16.0.0/24"), "VSwitchId")
	call(kms, recording.KMS, "GetKmsInstance", "KmsInstanceId", "kst-not-ours") // left out
	<-time.After(300 * time.Millisecond)
	ordered := call(recording.DomesticBilling, recording.BSS, "CreateInstance", "ProductCode", "kms", "ProductType", "kms_ppi_public_cn",
		"SubscriptionType", "PayAsYouGo", "ClientToken", "short-life", "Parameter.1.Code", "Region", "Parameter.1.Value", "cn-hangzhou")
	id := recording.Text(ordered, "Data", "InstanceId")
	until(id, "Uninitialized")
	call(kms, recording.KMS, "ListTagResources", "RegionId", "cn-hangzhou", "ResourceType", "instance", "ResourceId.1", id) // refused
	call(kms, recording.KMS, "ConnectKmsInstance", "KmsInstanceId", id, "VpcId", network, "VSwitchIds", vSwitch,
		"ZoneIds", "cn-hangzhou-k", "KMProvider", "Aliyun")
	until(id, "Connected")
	call(kms, recording.KMS, "TagResources", "RegionId", "cn-hangzhou", "ResourceType", "instance", "ResourceId.1", id, "Tag.1.Key", "k", "Tag.1.Value", "v")
	call(kms, recording.KMS, "ReleaseKmsInstance", "KmsInstanceId", id, "ForceDeleteWithoutBackup", "true")
	until(id, "")
}

// planted are changes of a recording, each with the row that must be in the table then.
var planted = []struct {
	name   string
	change func(calls []recording.Call)
	want   difference
}{
	{"missing field", func(calls []recording.Call) {
		instanceOf(calls, "Connected")["HsmCluster"] = json.Number("1")
	}, difference{missing, "GetKmsInstance", "KmsInstance.HsmCluster", "number", "-"}},
	{"additional field", func(calls []recording.Call) {
		delete(instanceOf(calls, "Connected"), "SecretNum")
	}, difference{additional, "GetKmsInstance", "KmsInstance.SecretNum", "-", "text"}},
	{"additional field in a list", func(calls []recording.Call) {
		delete(recording.Objects(answerOf(calls, "DescribeVpcs").Body, "Vpcs", "Vpc")[0], "CidrBlock")
	}, difference{additional, "DescribeVpcs", "Vpcs.Vpc[].CidrBlock", "-", "text"}},
	{"type", func(calls []recording.Call) {
		instanceOf(calls, "Connected")["SecretNum"] = json.Number("0")
	}, difference{ofType, "GetKmsInstance", "KmsInstance.SecretNum", "number", "text"}},
	{"code", func(calls []recording.Call) {
		answerOf(calls, "ListTagResources").Code = "Rejected.NotYet"
	}, difference{code, "ListTagResources", "", "Rejected.NotYet", "Rejected.Uninitialized"}},
	{"HTTP status", func(calls []recording.Call) {
		answerOf(calls, "ListTagResources").Status = 403
	}, difference{status, "ListTagResources", "", "403", "400"}},
	{"order of states", func(calls []recording.Call) {
		connecting, connected := instanceOf(calls, "Connecting"), instanceOf(calls, "Connected")
		connecting["Status"], connected["Status"] = connected["Status"], connecting["Status"]
	}, difference{state, "GetKmsInstance", "", "Connecting", "Connected"}},
	{"slower than the emulator", func(calls []recording.Call) { connectedAfter(calls, time.Hour) },
		difference{timing, "GetKmsInstance", "200  Connecting → 200  Connected", "", "3s"}},
	{"faster than the emulator", func(calls []recording.Call) { connectedAfter(calls, time.Second) },
		difference{timing, "GetKmsInstance", "200  Connecting → 200  Connected", "", "3s"}},
}

func answerOf(calls []recording.Call, action string) *recording.Answer {
	return &calls[slices.IndexFunc(calls, func(c recording.Call) bool { return c.Action == action })].Answer
}

// instanceOf is what the first look showed of the instance in a status.
func instanceOf(calls []recording.Call, status string) map[string]any {
	for _, c := range calls {
		if instance, ok := c.Answer.Body["KmsInstance"].(map[string]any); ok && instance["Status"] == status {
			return instance
		}
	}
	return nil
}

// connectedAfter moves the looks at the connecting instance so that it was connected that long after the call.
func connectedAfter(calls []recording.Call, took time.Duration) {
	from := slices.IndexFunc(calls, func(c recording.Call) bool { return c.Action == "ConnectKmsInstance" })
	to := slices.IndexFunc(calls, func(c recording.Call) bool {
		return recording.Text(c.Answer.Body, "KmsInstance", "Status") == "Connected"
	})
	for n := from + 1; n < len(calls); n++ {
		calls[n].At = calls[from].At.Add(took * time.Duration(n-from) / time.Duration(to-from))
	}
}

// TestConformance: a recording of the emulator replays without a difference, and each kind of difference is found when it is planted.
func TestConformance(t *testing.T) {
	t.Parallel()
	file := record(t)
	var table strings.Builder
	if same, err := run(t.Context(), file, &table); err != nil || !same || !strings.Contains(table.String(), ", 1 left out that are about what the recording has not made: no difference") {
		t.Fatalf("the emulator differs from itself: %v\n%s", err, table.String())
	}
	for _, p := range planted {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			calls, err := recording.Load(file)
			if err != nil {
				t.Fatal(err)
			}
			p.change(calls)
			replayed, err := replay(t.Context(), calls)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(replayed.rows, func(r row) bool {
				if p.want.Kind == timing {
					r.Recorded = "" // depends on when the looks were
				}
				return r.difference == p.want
			}) {
				t.Errorf("the table is %+v, and lacks %+v", replayed.rows, p.want)
			}
		})
	}
}

// TestTable: the program prints a row for each difference, and refuses a damaged recording.
func TestTable(t *testing.T) {
	t.Parallel()
	file := record(t)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(string(text), "ChargeType", "PaymentType")), 0o600); err != nil {
		t.Fatal(err)
	}
	same, err := run(t.Context(), file, &table)
	if err != nil || same || !strings.Contains(table.String(), "missing     GetKmsInstance  KmsInstance.PaymentType  text") {
		t.Errorf("%v\n%s", err, table.String())
	}
	if err := os.WriteFile(file, text[:len(text)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := run(t.Context(), file, &table); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("half a recording: %v", err)
	}
}
