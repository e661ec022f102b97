package emulator

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func seed(t testing.TB, s *Server, i Instance) Instance {
	t.Helper()
	kept, err := s.Seed(i)
	if err != nil {
		t.Fatal(err)
	}
	return kept
}

func TestConnectChecks(t *testing.T) {
	_, c := start(t, Options{Connect: time.Hour})
	id := c.buy(order(nil))
	refusals := []struct {
		name   string
		more   params
		status int
		code   string
	}{
		{"no VPC", params{"VpcId": ""}, 400, "MissingVpcId"},
		{"no zones", params{"ZoneIds": ""}, 400, "MissingZoneIds"},
		{"no vSwitch", params{"VSwitchIds": ""}, 400, "MissingVSwitchIds"},
		{"no provider", params{"KMProvider": ""}, 400, "MissingKMProvider"},
		{"another provider", params{"KMProvider": "Other"}, 400, "InvalidParameter"},
		{"unknown instance", params{"KmsInstanceId": "kst-0"}, 403, "Forbidden.DKMSInstanceNotFound"},
		{"zone of another region", params{"ZoneIds": "cn-beijing-c"}, 400, "InvalidParameter"},
		{"zone without its dash", params{"ZoneIds": "cn-hangzhouk"}, 400, "InvalidParameter"},
		{"four zones", params{"ZoneIds": "cn-hangzhou-k,cn-hangzhou-j,cn-hangzhou-i,cn-hangzhou-h"}, 400, "InvalidParameter"},
		{"a zone twice", params{"ZoneIds": "cn-hangzhou-k,cn-hangzhou-k"}, 400, "InvalidParameter"},
		{"only commas", params{"ZoneIds": ","}, 400, "InvalidParameter"},
		{"a VPC that is none", params{"VpcId": "vsw-1"}, 400, "InvalidParameter"},
		{"a vSwitch that is none", params{"VSwitchIds": "vpc-1"}, 400, "InvalidParameter"},
		{"VPC that does not exist", params{"VpcId": "vpc-missing-1"}, 404, "InvalidVpcId.NotFound"},
		{"vSwitch that does not exist", params{"VSwitchIds": "vsw-missing-1"}, 404, "InvalidVSwitchId.NotFound"},
	}
	for _, r := range refusals {
		t.Run(r.name, func(t *testing.T) {
			c := c
			c.t = t
			c.refused(serviceKMS, "ConnectKmsInstance", connection(id, r.more), r.status, r.code)
		})
	}
	if got := c.status(id); got != StatusUninitialized {
		t.Fatalf("a refused connect left status %s", got)
	}
	c.connect(id)
	c.refused(serviceKMS, "ConnectKmsInstance", connection(id, nil), 400, "UnsupportedOperation")
}

func TestHardwareInstanceIsNotConnectedHere(t *testing.T) {
	s, c := start(t, Options{})
	i := seed(t, s, Instance{Status: StatusUninitialized, Sizes: Sizes{ProductVersion: "1"}})
	c.refused(serviceKMS, "ConnectKmsInstance", connection(i.ID, nil), 400, "UnsupportedOperation")
}

// An instance that has just become Connected may refuse changes for a short time.
func TestChangesRightAfterTheConnection(t *testing.T) {
	s, c := start(t, Options{VirtualClock: true, Connect: time.Minute, StateInvalid: 30 * time.Second})
	id := c.buy(order(nil))
	c.connect(id)
	s.Advance(time.Minute + 29*time.Second)
	if got := c.status(id); got != StatusConnected {
		t.Fatalf("status %s", got)
	}
	changes := map[string]params{
		"UpdateKmsInstanceBindVpc": {"KmsInstanceId": id, "BindVpcs": "[]"},
		"UpdateKmsInstance":        {"KmsInstanceId": id, "InstanceName": "x"},
		"SetDeletionProtection":    {"KmsInstanceId": id, "EnableDeletionProtection": "false"},
		"TagResources":             with(tagScope(id), params{"Tag.1.Key": "a"}),
		"UntagResources":           with(tagScope(id), params{"TagKey.1": "a"}),
	}
	for action, p := range changes {
		c.refused(serviceKMS, action, p, 403, "Forbidden.DKMSInstanceStateInvalid")
	}
	c.ok(serviceKMS, "ListTagResources", tagScope(id))
	s.Advance(time.Second)
	for action, p := range changes {
		c.ok(serviceKMS, action, p)
	}
}

// Bound VPCs and accounts that the instance is shared with count together; its own VPC does not.
func TestVpcNumCountsSharedAccounts(t *testing.T) {
	s, c := start(t, Options{})
	i := seed(t, s, Instance{Sizes: Sizes{ProductVersion: "3", VpcNum: 3}, SharedWith: 1})
	bind := func(n int) params {
		var list []string
		for n := range n {
			list = append(list, fmt.Sprintf(`{"VpcId":"vpc-%d","VSwitchId":"vsw-%d"}`, n, n))
		}
		return params{"KmsInstanceId": i.ID, "BindVpcs": "[" + strings.Join(list, ",") + "]"}
	}
	c.ok(serviceKMS, "UpdateKmsInstanceBindVpc", bind(2))
	c.refused(serviceKMS, "UpdateKmsInstanceBindVpc", bind(3), 400, "Rejected.ShareQuotaExceedLimit")
	quota := c.ok(serviceKMS, "GetKmsInstanceQuotaInfos", params{"KmsInstanceId": i.ID, "ResourceType": "vpc"})
	if used := number(t, quota.at("KmsInstanceQuotaInfos", 0, "UsedQuantity")); used != 3 {
		t.Errorf("used quota %d", used)
	}
	if _, err := s.Change(i.ID, Patch{SharedWith: ptr(0)}); err != nil {
		t.Fatal(err)
	}
	c.ok(serviceKMS, "UpdateKmsInstanceBindVpc", bind(3))
}

// The quotas come from the sizes; VPCs are counted, keys and secrets are told.
func TestQuotas(t *testing.T) {
	s, c := start(t, Options{VirtualClock: true, Connect: time.Minute, StateInvalid: time.Minute, UsedKeys: 7})
	id := c.buy(order(nil))
	ask := params{"KmsInstanceId": id}
	for range 3 {
		c.refused(serviceKMS, "GetKmsInstanceQuotaInfos", ask, 403, "Forbidden.DKMSInstanceStateInvalid")
		if c.status(id) == StatusUninitialized {
			c.connect(id)
		} else {
			s.Advance(time.Minute)
		}
	}
	c.ok(serviceKMS, "UpdateKmsInstanceBindVpc", params{"KmsInstanceId": id, "BindVpcs": `[{"VpcId":"vpc-2","VSwitchId":"vsw-2"}]`})
	if _, err := s.Change(id, Patch{UsedSecrets: ptr(3)}); err != nil {
		t.Fatal(err)
	}
	want := map[string][2]int64{"key": {1000, 7}, "secret": {10, 3}, "qps": {1000, 0}, "vpc": {2, 1}}
	r := c.ok(serviceKMS, "GetKmsInstanceQuotaInfos", ask)
	if got := r.len("KmsInstanceQuotaInfos"); got != len(want) {
		t.Errorf("%d quotas: %s", got, r.raw)
	}
	for n := range r.len("KmsInstanceQuotaInfos") {
		kind := r.text("KmsInstanceQuotaInfos", n, "ResourceType")
		if got := [2]int64{number(t, r.at("KmsInstanceQuotaInfos", n, "ResourceQuota")), number(t, r.at("KmsInstanceQuotaInfos", n, "UsedQuantity"))}; got != want[kind] {
			t.Errorf("%s: %v, want %v", kind, got, want[kind])
		}
		if one := c.ok(serviceKMS, "GetKmsInstanceQuotaInfos", with(ask, params{"ResourceType": kind})); one.len("KmsInstanceQuotaInfos") != 1 {
			t.Errorf("only %s: %s", kind, one.raw)
		}
	}
	c.refused(serviceKMS, "GetKmsInstanceQuotaInfos", with(ask, params{"ResourceType": "alias"}), 400, "InvalidParameter")
}

// The types and spellings are those of the cloud: SecretNum is a string, lists of ids are arrays, VswitchIds has a
// small s, the further VPCs are in BindVpcs.BindVpc.
func TestInstanceAsTheCloudShowsIt(t *testing.T) {
	s, c := start(t, Options{VirtualClock: true})
	created := s.Now().Truncate(time.Second)
	id := c.buy(order(params{"Period": "12"}))
	before := c.get(id)
	if list, ok := before.at("KmsInstance", "VswitchIds").([]any); !ok || len(list) != 0 {
		t.Errorf("VswitchIds before the connection: %v", before.at("KmsInstance", "VswitchIds"))
	}
	if before.text("KmsInstance", "CaCertificateChainPem") != "" {
		t.Error("there is a certificate before the connection")
	}
	c.connect(id)
	c.ok(serviceKMS, "UpdateKmsInstanceBindVpc", params{
		"KmsInstanceId": id,
		"BindVpcs":      `[{"VpcId":"vpc-2","VSwitchId":"vsw-2","RegionId":"cn-hangzhou","VpcOwnerId":9007199254740993},{"VpcId":"vpc-3","VSwitchId":"vsw-3"}]`,
	})
	r := c.get(id)
	for name, want := range map[string]any{
		"InstanceId": id, "InstanceName": id, "Status": "Connected", "ChargeType": "PREPAY", "ProductVersion": "3",
		"ProductType": "kms_ddi_public_cn", "SaleStatus": "Normal", "SecretNum": "10", "VpcId": "vpc-1",
		"StartDate": stamp(created), "CreateTime": stamp(created), "EndDate": stamp(endOfTerm(created, 12)),
		"DeletionProtection": false,
	} {
		if got := r.at("KmsInstance", name); got != want {
			t.Errorf("%s is %#v, want %#v", name, got, want)
		}
	}
	for name, want := range map[string]int64{"Spec": 1000, "KeyNum": 1000, "VpcNum": 2, "Log": 0, "LogStorage": 0} {
		if got := number(t, r.at("KmsInstance", name)); got != want {
			t.Errorf("%s is %d, want %d", name, got, want)
		}
	}
	for path, want := range map[string]string{"VswitchIds": "vsw-1", "ZoneIds": "cn-hangzhou-k"} {
		if got := r.text("KmsInstance", path, 0); got != want {
			t.Errorf("%s[0] is %q, want %q", path, got, want)
		}
	}
	if got := r.text("KmsInstance", "BindVpcs", "BindVpc", 0, "VpcOwnerId"); got != "9007199254740993" {
		t.Errorf("VpcOwnerId %q", got)
	}
	if got := r.text("KmsInstance", "BindVpcs", "BindVpc", 1, "VpcOwnerId"); got != DefaultAccountID {
		t.Errorf("the owner of a VPC without one is %q", got)
	}
	block, _ := pem.Decode([]byte(r.text("KmsInstance", "CaCertificateChainPem")))
	if block == nil {
		t.Fatal("the certificate is not PEM")
	}
	if _, err := x509.ParseCertificate(block.Bytes); err != nil {
		t.Fatal(err)
	}
}

func TestUnknownInstance(t *testing.T) {
	_, c := start(t, Options{})
	r := c.get("kst-unknown")
	if got, ok := r.at("KmsInstance", "InstanceId").(string); !ok || got != "" {
		t.Fatalf("an unknown id is answered by %s", r.raw)
	}
	_, c = start(t, Options{NotFoundAsError: true})
	c.refused(serviceKMS, "GetKmsInstance", params{"KmsInstanceId": "kst-unknown"}, 403, "Forbidden.DKMSInstanceNotFound")
}

func TestEveryChangeOfAnUnknownInstanceIsRefused(t *testing.T) {
	_, c := start(t, Options{})
	const id = "kst-unknown"
	for action, p := range map[string]params{
		"UpdateKmsInstanceBindVpc": {"KmsInstanceId": id, "BindVpcs": "[]"},
		"UpdateKmsInstance":        {"KmsInstanceId": id, "InstanceName": "x"},
		"ReleaseKmsInstance":       {"KmsInstanceId": id},
		"SetDeletionProtection":    {"KmsInstanceId": id, "EnableDeletionProtection": "true"},
		"GetKmsInstanceQuotaInfos": {"KmsInstanceId": id},
		"TagResources":             {"RegionId": "cn-hangzhou", "ResourceType": "instance", "ResourceId.1": id, "Tag.1.Key": "a"},
		"UntagResources":           {"RegionId": "cn-hangzhou", "ResourceType": "instance", "ResourceId.1": id, "TagKey.1": "a"},
		"ListTagResources":         {"RegionId": "cn-hangzhou", "ResourceType": "instance", "ResourceId.1": id},
	} {
		c.refused(serviceKMS, action, p, 403, "Forbidden.DKMSInstanceNotFound")
	}
}

// Accounts and regions do not see each other's instances; BSS sees all regions of its account.
func TestIDsOfOthers(t *testing.T) {
	s, c := start(t, Options{
		Regions: []string{"cn-hangzhou", "cn-beijing"},
		Credentials: []Credential{
			{AccessKeyID: "mine", Secret: "s"},
			{AccessKeyID: "theirs", Secret: "s", AccountID: "1111"},
		},
	})
	id := c.buy(order(params{"Parameter.1.Value": "cn-beijing"}))
	if got := c.get(id).text("KmsInstance", "InstanceId"); got != "" {
		t.Fatal("an instance is seen in another region")
	}
	beijing := c
	beijing.base = s.URL("cn-beijing")
	if got := beijing.status(id); got != StatusUninitialized {
		t.Fatalf("status %q in its own region", got)
	}
	theirs := beijing
	theirs.key = "theirs"
	if got := theirs.get(id).text("KmsInstance", "InstanceId"); got != "" {
		t.Fatal("an instance is seen by another account")
	}
	theirs.refused(serviceBSS, "RefundInstance", params{"InstanceId": id, "ProductCode": "kms"}, 200, "ResourceNotExists")
	if got := number(t, theirs.ok(serviceKMS, "ListKmsInstances", nil).at("TotalCount")); got != 0 {
		t.Fatalf("another account lists %d instances", got)
	}
	if got := number(t, c.ok(serviceBSS, "QueryAvailableInstances", params{"ProductCode": "kms"}).at("Data", "TotalCount")); got != 1 {
		t.Fatalf("BSS lists %d instances", got)
	}
	arn := beijing.ok(serviceKMS, "ListKmsInstances", nil).text("KmsInstances", "KmsInstance", 0, "KmsInstanceArn")
	if want := "acs:kms:cn-beijing:" + DefaultAccountID + ":keystore/" + id; arn != want {
		t.Fatalf("ARN %q, want %q", arn, want)
	}
}

func TestListInPages(t *testing.T) {
	s, c := start(t, Options{})
	want := []string{}
	begin := s.Now()
	for n := range 45 {
		i := seed(t, s, Instance{ID: fmt.Sprintf("kst-%02d", n), Name: fmt.Sprintf("name-%d", n%3), CreateTime: begin.Add(time.Duration(n-45) * time.Second)})
		want = append(want, i.ID)
	}
	ids := func(p params) []string {
		var got []string
		r := c.ok(serviceKMS, "ListKmsInstances", p)
		for n := range r.len("KmsInstances", "KmsInstance") {
			got = append(got, r.text("KmsInstances", "KmsInstance", n, "KmsInstanceId"))
		}
		return got
	}
	var all []string
	for page := 1; ; page++ {
		got := ids(params{"PageNumber": fmt.Sprint(page)})
		if len(got) == 0 {
			break
		}
		all = append(all, got...)
	}
	if !slices.Equal(all, want) {
		t.Fatalf("pages of the default size give %v", all)
	}
	if got := ids(params{"PageSize": "100"}); !slices.Equal(got, want) {
		t.Fatalf("one page gives %v", got)
	}
	if got := ids(params{"Filters": `[{"Key":"InstanceName","Values":["name-0","name-1"]}]`, "PageSize": "100"}); len(got) != 30 {
		t.Fatalf("the filter gives %d", len(got))
	}
	for _, p := range []params{
		{"PageSize": "101"}, {"PageSize": "0"}, {"PageNumber": "0"}, {"PageNumber": "x"}, {"Filters": "x"},
		{"Filters": `[{"Key":"Nothing","Values":[]}]`}, {"Filters": `[{"key":"InstanceName","values":["x"]}]`},
		{"Filters": `[{"Key":"InstanceName","Values":"x"}]`}, {"Filters": "null"},
	} {
		c.refused(serviceKMS, "ListKmsInstances", p, 400, "InvalidParameter")
	}
	if got := ids(params{"PageNumber": "1073741824", "PageSize": "100"}); len(got) != 0 {
		t.Fatalf("a page far away has %d", len(got))
	}
}

func TestBindVpcRules(t *testing.T) {
	s, c := start(t, Options{})
	i := seed(t, s, Instance{VpcID: "vpc-own", Sizes: Sizes{ProductVersion: "3", VpcNum: 2}})
	bind := func(list string) params { return params{"KmsInstanceId": i.ID, "BindVpcs": list} }
	entry := func(n int) string { return fmt.Sprintf(`{"VpcId":"vpc-%d","VSwitchId":"vsw-%d"}`, n, n) }
	for name, list := range map[string]string{
		"not JSON": "x", "an object": "{}", "null": "null", "rest": "[] []", "no vSwitch": `[{"VpcId":"vpc-1"}]`,
		"own VPC":        `[{"VpcId":"vpc-own","VSwitchId":"vsw-1"}]`,
		"twice":          "[" + entry(1) + "," + entry(1) + "]",
		"another region": `[{"VpcId":"vpc-1","VSwitchId":"vsw-1","RegionId":"cn-beijing"}]`,
		"owner a string": `[{"VpcId":"vpc-1","VSwitchId":"vsw-1","VpcOwnerId":"1"}]`,
		"wrong spelling": `[{"vpcId":"vpc-1","vSwitchId":"vsw-1"}]`,
		"unknown field":  `[{"VpcId":"vpc-1","VSwitchId":"vsw-1","RegionID":"cn-hangzhou"}]`,
		"a number":       `[{"VpcId":1,"VSwitchId":"vsw-1"}]`,
		"a null":         `[null]`,
		"owner a float":  `[{"VpcId":"vpc-1","VSwitchId":"vsw-1","VpcOwnerId":1.5e15}]`,
	} {
		t.Run(name, func(t *testing.T) {
			c := c
			c.t = t
			c.refused(serviceKMS, "UpdateKmsInstanceBindVpc", bind(list), 400, "InvalidParameter")
		})
	}
	c.ok(serviceKMS, "UpdateKmsInstanceBindVpc", bind("["+entry(1)+","+entry(2)+"]"))
	c.refused(serviceKMS, "UpdateKmsInstanceBindVpc", bind("["+entry(1)+","+entry(2)+","+entry(3)+"]"), 400, "Rejected.ShareQuotaExceedLimit")
	c.refused(serviceKMS, "UpdateKmsInstanceBindVpc", bind(`[{"VpcId":"vpc-missing","VSwitchId":"vsw-1"}]`), 404, "InvalidVpcId.NotFound")
	quota := c.ok(serviceKMS, "GetKmsInstanceQuotaInfos", params{"KmsInstanceId": i.ID, "ResourceType": "vpc"})
	if used := number(t, quota.at("KmsInstanceQuotaInfos", 0, "UsedQuantity")); used != 2 {
		t.Errorf("used quota %d", used)
	}
	c.ok(serviceKMS, "UpdateKmsInstanceBindVpc", bind("[]"))
	if list, ok := c.get(i.ID).at("KmsInstance", "BindVpcs", "BindVpc").([]any); !ok || len(list) != 0 {
		t.Error("[] did not clear the list")
	}
	if _, err := s.Change(i.ID, Patch{Status: ptr(StatusError)}); err != nil {
		t.Fatal(err)
	}
	c.refused(serviceKMS, "UpdateKmsInstanceBindVpc", bind("[]"), 403, "Forbidden.DKMSInstanceStateInvalid")

	byUse := seed(t, s, Instance{PaymentType: PayAsYouGo})
	c.ok(serviceKMS, "UpdateKmsInstanceBindVpc", params{"KmsInstanceId": byUse.ID, "BindVpcs": "[" + entry(1) + "," + entry(2) + "," + entry(3) + "]"})
}

func ptr[T any](v T) *T { return &v }

func TestChangesWaitForTheConnection(t *testing.T) {
	s, c := start(t, Options{Connect: time.Hour})
	id := c.buy(order(nil))
	for range 2 {
		for action, p := range map[string]params{
			"UpdateKmsInstanceBindVpc": {"KmsInstanceId": id, "BindVpcs": "[]"},
			"UpdateKmsInstance":        {"KmsInstanceId": id, "InstanceName": "x"},
			"SetDeletionProtection":    {"KmsInstanceId": id, "EnableDeletionProtection": "true"},
			"TagResources":             {"RegionId": "cn-hangzhou", "ResourceType": "instance", "ResourceId.1": id, "Tag.1.Key": "a"},
			"ListTagResources":         {"RegionId": "cn-hangzhou", "ResourceType": "instance", "ResourceId.1": id},
		} {
			c.refused(serviceKMS, action, p, 400, "Rejected.Uninitialized")
		}
		if c.status(id) == StatusUninitialized {
			c.connect(id)
		}
	}
	s.Advance(time.Hour)
	c.ok(serviceKMS, "UpdateKmsInstance", params{"KmsInstanceId": id, "InstanceName": "x"})
}

// What was refunded still shows for a while, but can no longer be changed.
func TestChangesAfterARefund(t *testing.T) {
	s, c := start(t, Options{VirtualClock: true, Refund: time.Minute})
	i := seed(t, s, Instance{Tags: map[string]string{"a": "b"}})
	c.ok(serviceBSS, "RefundInstance", params{"InstanceId": i.ID, "ProductCode": "kms"})
	if c.status(i.ID) != StatusConnected || len(c.tags(i.ID)) != 1 {
		t.Error("it is gone too early")
	}
	for action, p := range map[string]params{
		"UpdateKmsInstanceBindVpc": {"KmsInstanceId": i.ID, "BindVpcs": "[]"},
		"UpdateKmsInstance":        {"KmsInstanceId": i.ID, "InstanceName": "x"},
		"SetDeletionProtection":    {"KmsInstanceId": i.ID, "EnableDeletionProtection": "true"},
		"TagResources":             with(tagScope(i.ID), params{"Tag.1.Key": "c"}),
	} {
		c.refused(serviceKMS, action, p, 403, "Forbidden.DKMSInstanceNotFound")
	}
	c.refused(serviceBSS, "ModifyInstance", modification(i.ID, map[string]string{"KeyNum": "2000"}, nil), 200, "ResourceNotExists")
}

func TestNameRules(t *testing.T) {
	s, c := start(t, Options{})
	i := seed(t, s, Instance{})
	c.refused(serviceKMS, "UpdateKmsInstance", params{"KmsInstanceId": i.ID, "InstanceName": ""}, 400, "MissingInstanceName")
	c.refused(serviceKMS, "UpdateKmsInstance", params{"KmsInstanceId": i.ID, "InstanceName": strings.Repeat("é", 129)}, 400, "InvalidParameter")
	name := strings.Repeat("é", 128)
	c.ok(serviceKMS, "UpdateKmsInstance", params{"KmsInstanceId": i.ID, "InstanceName": name})
	if got := c.get(i.ID).text("KmsInstance", "InstanceName"); got != name {
		t.Errorf("name %q", got)
	}
}

func TestDeletionProtection(t *testing.T) {
	s, c := start(t, Options{})
	i := seed(t, s, Instance{PaymentType: PayAsYouGo})
	on := params{"KmsInstanceId": i.ID, "EnableDeletionProtection": "true", "DeletionProtectionDescription": "mine"}
	c.ok(serviceKMS, "SetDeletionProtection", on)
	r := c.get(i.ID)
	if r.at("KmsInstance", "DeletionProtection") != true || r.text("KmsInstance", "DeletionProtectionDescription") != "mine" {
		t.Errorf("shown as %s", r.raw)
	}
	c.refused(serviceKMS, "ReleaseKmsInstance", params{"KmsInstanceId": i.ID, "ForceDeleteWithoutBackup": "true"}, 403, codeProtected)
	c.ok(serviceKMS, "SetDeletionProtection", params{"KmsInstanceId": i.ID, "EnableDeletionProtection": "false"})
	c.ok(serviceKMS, "ReleaseKmsInstance", params{"KmsInstanceId": i.ID, "ForceDeleteWithoutBackup": "true"})

	c.refused(serviceKMS, "SetDeletionProtection", params{"KmsInstanceId": i.ID, "EnableDeletionProtection": "yes"}, 400, "InvalidParameter")
	c.refused(serviceKMS, "SetDeletionProtection", params{"EnableDeletionProtection": "true"}, 400, "MissingKmsInstanceId")
	c.refused(serviceKMS, "SetDeletionProtection", params{"EnableDeletionProtection": "true", "KeyId": "key-1"}, 404, "Forbidden.KeyNotFound")
}

func TestReleaseIsForPayAsYouGoOnly(t *testing.T) {
	s, c := start(t, Options{VirtualClock: true, Release: time.Minute})
	sub := seed(t, s, Instance{})
	c.refused(serviceKMS, "ReleaseKmsInstance", params{"KmsInstanceId": sub.ID, "ForceDeleteWithoutBackup": "true"}, 400, "Rejected.UnsupportedOperation")

	id := c.buy(payAsYouGoOrder(nil))
	c.refused(serviceKMS, "ReleaseKmsInstance", params{"KmsInstanceId": id}, 403, "Forbidden.NoBackup")
	c.refused(serviceKMS, "ReleaseKmsInstance", params{"KmsInstanceId": id, "ForceDeleteWithoutBackup": "1"}, 400, "InvalidParameter")
	c.ok(serviceKMS, "ReleaseKmsInstance", params{"KmsInstanceId": id, "ForceDeleteWithoutBackup": "true"})
	if got := c.status(id); got != StatusUninitialized {
		t.Fatalf("status %q during the release", got)
	}
	c.refused(serviceKMS, "ReleaseKmsInstance", params{"KmsInstanceId": id, "ForceDeleteWithoutBackup": "true"}, 403, "Forbidden.DKMSInstanceNotFound")
	s.Advance(time.Minute)
	if got := c.get(id).text("KmsInstance", "InstanceId"); got != "" {
		t.Fatal("still there after the release")
	}

	backed := seed(t, s, Instance{PaymentType: PayAsYouGo, HasBackup: true})
	c.ok(serviceKMS, "ReleaseKmsInstance", params{"KmsInstanceId": backed.ID})
	if got := s.Totals().Releases; got != 2 {
		t.Fatalf("%d releases", got)
	}
}

func TestAccountOperations(t *testing.T) {
	_, c := start(t, Options{Regions: []string{"cn-hangzhou", "cn-beijing"}})
	if got := c.ok(serviceKMS, "DescribeAccountKmsStatus", nil).text("AccountStatus"); got != "Enabled" {
		t.Errorf("status %q", got)
	}
	c.refused(serviceKMS, "OpenKmsService", nil, 400, "Forbidden.Opened")
	if got := c.ok(serviceKMS, "DescribeRegions", nil).text("Regions", "Region", 1, "RegionId"); got != "cn-beijing" {
		t.Errorf("region %q", got)
	}
	if got := c.ok(serviceKMS, "GetDefaultKmsInstance", nil).at("DefaultKmsInstanceId"); got != "" {
		t.Errorf("default instance %v", got)
	}
}

// One handler can stand for every endpoint: the host name chooses the region.
func TestHandlerByHostName(t *testing.T) {
	s, err := New(Options{Regions: []string{"cn-hangzhou", "cn-beijing"}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	pipe := PipeTransport(s.Handler(""))
	defer pipe.Close()
	i := seed(t, s, Instance{Region: "cn-beijing"})
	c := client{t: t, http: &http.Client{Transport: pipe}, form: formACS3, key: DefaultAccessKeyID, secret: DefaultAccessKeySecret}
	for host, want := range map[string]string{
		"https://kms.cn-beijing.aliyuncs.com": i.ID, "https://kms-vpc.cn-beijing.aliyuncs.com": i.ID,
		"https://kms.cn-hangzhou.aliyuncs.com": "", "http://elsewhere": "",
	} {
		c.base = host
		if got := c.get(i.ID).text("KmsInstance", "InstanceId"); got != want {
			t.Errorf("%s shows %q, want %q", host, got, want)
		}
	}
}
