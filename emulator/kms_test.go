package emulator

import (
	"crypto/x509"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestConnectChecks(t *testing.T) {
	s, c := start(t, Options{Connect: time.Hour})
	id := c.buy(order(nil))
	c.refusesEach(serviceKMS, "ConnectKmsInstance", connection(id, nil), map[string]refusal{
		"no VPC":                      {params{"VpcId": ""}, 400, "MissingVpcId"},
		"no zones":                    {params{"ZoneIds": ""}, 400, "MissingZoneIds"},
		"no vSwitch":                  {params{"VSwitchIds": ""}, 400, "MissingVSwitchIds"},
		"no provider":                 {params{"KMProvider": ""}, 400, "MissingKMProvider"},
		"another provider":            {params{"KMProvider": "Other"}, 400, "InvalidParameter"},
		"unknown instance":            {params{"KmsInstanceId": "kst-0"}, 403, "Forbidden.DKMSInstanceNotFound"},
		"zone of another region":      {params{"ZoneIds": "cn-beijing-c"}, 400, "InvalidParameter"},
		"zone without its dash":       {params{"ZoneIds": "cn-hangzhouk"}, 400, "InvalidParameter"},
		"four zones":                  {params{"ZoneIds": "cn-hangzhou-k,cn-hangzhou-j,cn-hangzhou-i,cn-hangzhou-h"}, 400, "InvalidParameter"},
		"a zone twice":                {params{"ZoneIds": "cn-hangzhou-k,cn-hangzhou-k"}, 400, "InvalidParameter"},
		"only commas":                 {params{"ZoneIds": ","}, 400, "InvalidParameter"},
		"a VPC that is none":          {params{"VpcId": "vsw-1"}, 400, "InvalidParameter"},
		"a vSwitch that is none":      {params{"VSwitchIds": "vpc-1"}, 400, "InvalidParameter"},
		"VPC that does not exist":     {params{"VpcId": "vpc-missing-1"}, 404, "InvalidVpcId.NotFound"},
		"vSwitch that does not exist": {params{"VSwitchIds": "vsw-missing-1"}, 404, "InvalidVSwitchId.NotFound"},
	})
	c.get(id).is(StatusUninitialized, "KmsInstance", "Status")
	c.connect(id)
	c.refused(serviceKMS, "ConnectKmsInstance", connection(id, nil), 400, "UnsupportedOperation")
	hardware := seed(t, s, Instance{Status: StatusUninitialized, Sizes: Sizes{ProductVersion: "1"}})
	c.refused(serviceKMS, "ConnectKmsInstance", connection(hardware.ID, nil), 400, "UnsupportedOperation")
}

// The quotas come from the sizes; VPCs are counted, keys and secrets are told.
func TestQuotas(t *testing.T) {
	s, c := start(t, Options{VirtualClock: true, Connect: time.Minute, StateInvalid: time.Minute, UsedKeys: 7})
	id := c.buy(order(nil))
	ask := params{"KmsInstanceId": id}
	for range 3 {
		c.refused(serviceKMS, "GetKmsInstanceQuotaInfos", ask, 403, "Forbidden.DKMSInstanceStateInvalid")
		if c.get(id).text("KmsInstance", "Status") == StatusUninitialized {
			c.connect(id)
		} else {
			s.Advance(time.Minute)
		}
	}
	c.ok(serviceKMS, "UpdateKmsInstanceBindVpc", params{"KmsInstanceId": id, "BindVpcs": `[{"VpcId":"vpc-2","VSwitchId":"vsw-2"}]`})
	change(t, s, id, Patch{UsedSecrets: new(3)})
	row := func(kind string, quota, used int) string {
		return fmt.Sprintf("map[ResourceQuota:%d ResourceType:%s UsedQuantity:%d]", quota, kind, used)
	}
	all := []string{row("key", 1000, 7), row("secret", 10, 3), row("qps", 1000, 0), row("vpc", 2, 1)}
	c.ok(serviceKMS, "GetKmsInstanceQuotaInfos", ask).is(all, "KmsInstanceQuotaInfos")
	c.ok(serviceKMS, "GetKmsInstanceQuotaInfos", with(ask, params{"ResourceType": "vpc"})).is(all[3:], "KmsInstanceQuotaInfos")
	c.refused(serviceKMS, "GetKmsInstanceQuotaInfos", with(ask, params{"ResourceType": "alias"}), 400, "InvalidParameter")
}

// Values that clients parse: account ids beyond 2^53, an owner that was left out, the end of a term, a certificate.
func TestInstanceAsTheCloudShowsIt(t *testing.T) {
	s, c := start(t, Options{VirtualClock: true})
	created := s.Now().Truncate(time.Second)
	id := c.buy(order(params{"Period": "12"}))
	if before := c.get(id); before.len("KmsInstance", "VswitchIds") != 0 || before.text("KmsInstance", "CaCertificateChainPem") != "" {
		t.Errorf("before the connection: %s", before.raw)
	}
	c.connect(id)
	c.ok(serviceKMS, "UpdateKmsInstanceBindVpc", params{
		"KmsInstanceId": id,
		"BindVpcs":      `[{"VpcId":"vpc-2","VSwitchId":"vsw-2","RegionId":"cn-hangzhou","VpcOwnerId":9007199254740993},{"VpcId":"vpc-3","VSwitchId":"vsw-3"}]`,
	})
	r := c.get(id)
	for field, want := range map[string]any{
		"InstanceName": id, "Status": "Connected", "ChargeType": "PREPAY", "ProductType": "kms_ddi_public_cn", "SecretNum": "10", "KeyNum": json.Number("1000"),
		"VpcId": "vpc-1", "StartDate": stamp(created), "CreateTime": stamp(created), "EndDate": stamp(endOfTerm(created, 12)),
	} {
		if got := r.at("KmsInstance", field); got != want { // of the same type, too
			t.Errorf("%s is %#v, want %#v", field, got, want)
		}
	}
	for n, want := range []string{"9007199254740993", DefaultAccountID} {
		r.is(want, "KmsInstance", "BindVpcs", "BindVpc", n, "VpcOwnerId")
	}
	if !x509.NewCertPool().AppendCertsFromPEM([]byte(r.text("KmsInstance", "CaCertificateChainPem"))) {
		t.Errorf("no certificate: %s", r.raw)
	}
}

// Accounts and regions do not see each other's instances; BSS sees all regions of its account.
func TestIDsOfOthers(t *testing.T) {
	s, c := start(t, Options{
		Regions:     []string{"cn-hangzhou", "cn-beijing"},
		Credentials: []Credential{{AccessKeyID: "mine", Secret: "s"}, {AccessKeyID: "theirs", Secret: "s", AccountID: "1111"}},
	})
	purchase := order(params{"Parameter.1.Value": "cn-beijing", "ClientToken": "t"})
	id := c.buy(purchase)
	c.get(id).is("", "KmsInstance", "InstanceId")
	beijing := c
	beijing.base = s.URL("cn-beijing")
	beijing.get(id).is(StatusUninitialized, "KmsInstance", "Status")
	theirs := beijing
	theirs.key = "theirs"
	theirs.get(id).is("", "KmsInstance", "InstanceId")
	if again := theirs.buy(with(purchase, params{"Parameter.1.Value": "cn-hangzhou"})); again == id {
		t.Fatal("another account got this account's instance by its client token")
	}
	theirs.refused(serviceBSS, "RefundInstance", refund(id), 200, "ResourceNotExists")
	theirs.ok(serviceKMS, "ListKmsInstances", nil).is(0, "TotalCount")
	c.ok(serviceBSS, "QueryAvailableInstances", params{"ProductCode": "kms"}).is(1, "Data", "TotalCount")
	arn := "acs:kms:cn-beijing:" + DefaultAccountID + ":keystore/" + id
	beijing.ok(serviceKMS, "ListKmsInstances", nil).is(arn, "KmsInstances", "KmsInstance", 0, "KmsInstanceArn")
}

func TestListInPages(t *testing.T) {
	s, c := start(t, Options{})
	var want []string
	for n := range 45 {
		want = append(want, seed(t, s, Instance{Name: fmt.Sprintf("name-%d", n%3), CreateTime: s.Now().Add(time.Duration(n-45) * time.Second)}).ID)
	}
	ids := func(p params) []string {
		return c.ok(serviceKMS, "ListKmsInstances", p).ids("KmsInstances", "KmsInstance", "KmsInstanceId")
	}
	equal(t, slices.Concat(ids(nil), ids(params{"PageNumber": "2"}), ids(params{"PageNumber": "3"})), want) // pages of the default size
	equal(t, ids(params{"PageSize": "100"}), want)
	equal(t, len(ids(params{"Filters": `[{"Key":"InstanceName","Values":["name-0","name-1"]}]`, "PageSize": "100"})), 30)
	equal(t, len(ids(params{"PageNumber": "4"})), 0)
	equal(t, len(ids(params{"PageNumber": "1073741824", "PageSize": "100"})), 0)
	for _, p := range []params{
		{"PageSize": "101"}, {"PageSize": "0"}, {"PageNumber": "0"}, {"PageNumber": "x"}, {"Filters": "x"},
		{"Filters": `[{"Key":"Nothing","Values":[]}]`}, {"Filters": `[{"key":"InstanceName","values":["x"]}]`},
		{"Filters": `[{"Key":"InstanceName","Values":"x"}]`}, {"Filters": "null"},
	} {
		c.refused(serviceKMS, "ListKmsInstances", p, 400, "InvalidParameter")
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
		c.refusesEach(serviceKMS, "UpdateKmsInstanceBindVpc", bind(list), map[string]refusal{name: {nil, 400, "InvalidParameter"}})
	}
	c.ok(serviceKMS, "UpdateKmsInstanceBindVpc", bind("["+entry(1)+","+entry(2)+"]"))
	c.refused(serviceKMS, "UpdateKmsInstanceBindVpc", bind("["+entry(1)+","+entry(2)+","+entry(3)+"]"), 400, "Rejected.ShareQuotaExceedLimit")
	c.refused(serviceKMS, "UpdateKmsInstanceBindVpc", bind(`[{"VpcId":"vpc-missing","VSwitchId":"vsw-1"}]`), 404, "InvalidVpcId.NotFound")
	c.ok(serviceKMS, "UpdateKmsInstanceBindVpc", bind("[]"))
	c.get(i.ID).is("[]", "KmsInstance", "BindVpcs", "BindVpc")
	change(t, s, i.ID, Patch{SharedWith: new(1)}) // which takes one of VpcNum
	c.refused(serviceKMS, "UpdateKmsInstanceBindVpc", bind("["+entry(1)+","+entry(2)+"]"), 400, "Rejected.ShareQuotaExceedLimit")
	change(t, s, i.ID, Patch{Status: new(StatusError)})
	c.refused(serviceKMS, "UpdateKmsInstanceBindVpc", bind("[]"), 403, "Forbidden.DKMSInstanceStateInvalid")

	byUse := seed(t, s, Instance{PaymentType: PayAsYouGo})
	c.ok(serviceKMS, "UpdateKmsInstanceBindVpc", params{"KmsInstanceId": byUse.ID, "BindVpcs": "[" + entry(1) + "," + entry(2) + "," + entry(3) + "]"})
}

// Changes are refused before the connection and right after it, during an upgrade, after a refund, and of unknown ids.
func TestChangesWaitForTheConnection(t *testing.T) {
	s, c := start(t, Options{VirtualClock: true, Connect: time.Minute, StateInvalid: 30 * time.Second, Upgrade: time.Minute, Refund: time.Minute})
	id := c.buy(order(nil))
	changes := map[string]params{
		"UpdateKmsInstanceBindVpc": {"KmsInstanceId": id, "BindVpcs": "[]"},
		"UpdateKmsInstance":        {"KmsInstanceId": id, "InstanceName": strings.Repeat("é", 128)},
		"SetDeletionProtection":    {"KmsInstanceId": id, "EnableDeletionProtection": "false"},
		"TagResources":             with(tagScope(id), params{"Tag.1.Key": "a"}),
		"UntagResources":           with(tagScope(id), params{"TagKey.1": "a"}),
	}
	refused := func(status int, code string, but ...string) {
		t.Helper()
		for action, p := range changes {
			if !slices.Contains(but, action) {
				c.refused(serviceKMS, action, p, status, code)
			}
		}
	}
	refused(400, "Rejected.Uninitialized")
	c.refused(serviceKMS, "ListTagResources", tagScope(id), 400, "Rejected.Uninitialized")
	c.connect(id)
	refused(400, "Rejected.Uninitialized")
	s.Advance(time.Minute + 29*time.Second)
	refused(403, "Forbidden.DKMSInstanceStateInvalid")
	c.ok(serviceKMS, "ListTagResources", tagScope(id))
	s.Advance(time.Second)
	for action, p := range changes {
		c.ok(serviceKMS, action, p)
	}
	c.refused(serviceKMS, "UpdateKmsInstance", params{"KmsInstanceId": id, "InstanceName": strings.Repeat("é", 129)}, 400, "InvalidParameter")
	c.ok(serviceBSS, "ModifyInstance", modification(id, map[string]string{"KeyNum": "2000"}, nil))
	refused(403, "Forbidden.KMSInstanceInUpgrade", "TagResources", "UntagResources")
	s.Advance(time.Minute)
	c.ok(serviceBSS, "RefundInstance", refund(id))
	refused(403, "Forbidden.DKMSInstanceNotFound")
	c.get(id).is(StatusConnected, "KmsInstance", "Status")
	c.refused(serviceBSS, "RefundInstance", refund(id), 200, "ResourceNotExists")
	c.refused(serviceBSS, "ModifyInstance", modification(id, map[string]string{"KeyNum": "3000"}, nil), 200, "ResourceNotExists")
	s.Advance(time.Minute)
	c.get(id).is("", "KmsInstance", "InstanceId")
	refused(403, "Forbidden.DKMSInstanceNotFound")
	for action, p := range map[string]params{
		"ReleaseKmsInstance": {"KmsInstanceId": id}, "GetKmsInstanceQuotaInfos": {"KmsInstanceId": id}, "ListTagResources": tagScope(id),
		"ConnectKmsInstance": connection(id, nil),
	} {
		c.refused(serviceKMS, action, p, 403, "Forbidden.DKMSInstanceNotFound")
	}
}

func TestDeletionProtection(t *testing.T) {
	s, c := start(t, Options{})
	i := seed(t, s, Instance{PaymentType: PayAsYouGo})
	on := params{"KmsInstanceId": i.ID, "EnableDeletionProtection": "true", "DeletionProtectionDescription": "mine"}
	c.ok(serviceKMS, "SetDeletionProtection", on)
	r := c.get(i.ID)
	r.is(true, "KmsInstance", "DeletionProtection")
	r.is("mine", "KmsInstance", "DeletionProtectionDescription")
	c.refused(serviceKMS, "ReleaseKmsInstance", params{"KmsInstanceId": i.ID, "ForceDeleteWithoutBackup": "true"}, 403, codeProtected)
	c.ok(serviceKMS, "SetDeletionProtection", params{"KmsInstanceId": i.ID, "EnableDeletionProtection": "false"})
	c.ok(serviceKMS, "ReleaseKmsInstance", params{"KmsInstanceId": i.ID, "ForceDeleteWithoutBackup": "true"})
	protected := seed(t, s, Instance{DeletionProtection: true})
	c.refused(serviceBSS, "RefundInstance", refund(protected.ID), 200, codeProtected)

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
	c.get(id).is(StatusUninitialized, "KmsInstance", "Status")
	c.refused(serviceKMS, "ReleaseKmsInstance", params{"KmsInstanceId": id, "ForceDeleteWithoutBackup": "true"}, 403, "Forbidden.DKMSInstanceNotFound")
	s.Advance(time.Minute)
	c.get(id).is("", "KmsInstance", "InstanceId")

	backed := seed(t, s, Instance{PaymentType: PayAsYouGo, HasBackup: true})
	c.ok(serviceKMS, "ReleaseKmsInstance", params{"KmsInstanceId": backed.ID})
	equal(t, s.Totals().Releases, 2)
}

// One handler can stand for every endpoint: the host name chooses the region.
func TestHandlerByHostName(t *testing.T) {
	inABubble(t, Options{Regions: []string{"cn-hangzhou", "cn-beijing"}}, func(t *testing.T, s *Server, c client) {
		i := seed(t, s, Instance{Region: "cn-beijing"})
		for host, want := range map[string]string{
			"https://kms.cn-beijing.aliyuncs.com": i.ID, "https://kms-vpc.cn-beijing.aliyuncs.com": i.ID,
			"https://kms.cn-hangzhou.aliyuncs.com": "", "http://elsewhere": "",
		} {
			c.base = host
			c.get(i.ID).is(want, "KmsInstance", "InstanceId")
		}
	})
}
