// Package clients_test runs the life of an instance against the emulator with Alibaba Cloud's own Go clients: the SDKs of
// KMS and VPC, and the generic client for the rest. The clients of the other languages are in run.sh.
package clients_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	openapiutil "github.com/alibabacloud-go/darabonba-openapi/v2/utils"
	kms "github.com/alibabacloud-go/kms-20160120/v3/client"
	"github.com/alibabacloud-go/tea/dara"
	"github.com/alibabacloud-go/tea/tea"
	vpc "github.com/alibabacloud-go/vpc-20160428/v6/client"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

// sdk is a set of clients for one emulator and one form of signature.
type sdk struct {
	t       *testing.T
	kms     *kms.Client
	vpc     *vpc.Client
	generic *openapi.Client
}

func connect(t *testing.T, s *e2e.Cloud, algorithm, key, secret, token string) sdk {
	t.Helper()
	config := func() *openapiutil.Config {
		c := &openapiutil.Config{
			AccessKeyId: &key, AccessKeySecret: &secret, RegionId: region,
			Endpoint: dara.String(strings.TrimPrefix(s.URL(""), "http://")), Protocol: dara.String("HTTP"),
			ReadTimeout: dara.Int(20000), ConnectTimeout: dara.Int(20000),
		}
		if token != "" {
			c.SecurityToken = &token
			c.Type = dara.String("sts")
		}
		if algorithm != "" {
			c.SignatureAlgorithm = &algorithm
		}
		return c
	}
	typed, errKMS := kms.NewClient(config())
	networks, errVPC := vpc.NewClient(config())
	generic, errGeneric := openapi.NewClient(config())
	c := sdk{t: t, kms: typed, vpc: networks, generic: generic}
	c.fine(errors.Join(errKMS, errVPC, errGeneric))
	return c
}

func (c sdk) fine(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

var region = dara.String(emulator.DefaultRegion)

const (
	versionKMS = "2016-01-20"
	versionBSS = "2017-12-14"
	versionSTS = "2015-04-01"
)

// call makes a call of the generic client: its parameters in the query, or in a form as Terraform sends them.
func (c sdk) call(version, action string, parameters map[string]string) map[string]any {
	c.t.Helper()
	body, err := c.try(version, action, "POST", parameters, false)
	if err != nil {
		c.t.Fatalf("%s: %v", action, err)
	}
	if success, is := body["Success"].(bool); is && !success {
		c.t.Fatalf("%s: %v", action, body)
	}
	return body
}

func (c sdk) try(version, action, method string, parameters map[string]string, asForm bool) (map[string]any, error) {
	request := &openapiutil.OpenApiRequest{}
	if asForm {
		form := map[string]any{}
		for name, value := range parameters {
			form[name] = value
		}
		request.Body = form
	} else {
		request.Query = map[string]*string{}
		for name, value := range parameters {
			request.Query[name] = &value
		}
	}
	result, err := c.generic.CallApi(&openapiutil.Params{
		Action: &action, Version: &version, Protocol: dara.String("HTTP"), Pathname: dara.String("/"), Method: &method,
		AuthType: dara.String("AK"), Style: dara.String("RPC"), ReqBodyType: dara.String("formData"), BodyType: dara.String("json"),
	}, request, &dara.RuntimeOptions{})
	if err != nil {
		return nil, err
	}
	body, ok := result["body"].(map[string]any)
	if !ok {
		return nil, fmt.Errorf("the body is %T", result["body"])
	}
	return body, nil
}

// at walks down the maps and lists of an answer.
func at(v any, path ...any) any {
	for _, step := range path {
		switch key := step.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[key]
		case int:
			l, _ := v.([]any)
			if key >= len(l) {
				return nil
			}
			v = l[key]
		}
	}
	return v
}

func purchase(productType, payment, token string) map[string]string {
	return map[string]string{
		"ProductCode": "kms", "ProductType": productType, "SubscriptionType": payment, "Period": "1", "ClientToken": token,
		"Parameter.1.Code": "Region", "Parameter.1.Value": emulator.DefaultRegion,
		"Parameter.2.Code": "ProductVersion", "Parameter.2.Value": "3",
		"Parameter.3.Code": "SecretNum", "Parameter.3.Value": "10",
		"Parameter.4.Code": "VpcNum", "Parameter.4.Value": "2",
	}
}

// get reads an instance with the typed client, which drops what it does not know and fails on what it cannot decode.
func (c sdk) get(id string) *kms.GetKmsInstanceResponseBodyKmsInstance {
	c.t.Helper()
	r, err := c.kms.GetKmsInstance(&kms.GetKmsInstanceRequest{KmsInstanceId: &id})
	c.fine(err)
	return r.Body.KmsInstance
}

// Promise (Emulator): The official clients of Alibaba Cloud work against it.
func TestLifeWithTheGoSDK(t *testing.T) {
	for name, algorithm := range map[string]string{"ACS3": "", "V1": "v2"} { // V1 goes by "v2" in the SDK
		t.Run(name, func(t *testing.T) {
			s := e2e.NewCloud(t, emulator.Options{})
			c := connect(t, s, algorithm, emulator.DefaultAccessKeyID, emulator.DefaultAccessKeySecret, "")

			if got := at(c.call(versionSTS, "GetCallerIdentity", nil), "AccountId"); got != emulator.DefaultAccountID {
				t.Errorf("account %v", got)
			}
			session := c.call(versionSTS, "AssumeRole", map[string]string{
				"RoleArn": "acs:ram::" + emulator.DefaultAccountID + ":role/ci", "RoleSessionName": "ci",
			})
			credential := func(name string) string { return fmt.Sprint(at(session, "Credentials", name)) }
			c = connect(t, s, algorithm, credential("AccessKeyId"), credential("AccessKeySecret"), credential("SecurityToken"))

			vpcID, vSwitchID := c.network()
			c.subscription(vpcID, vSwitchID)
			c.payAsYouGo()
			c.removeNetwork(vpcID, vSwitchID)
			c.refusals()

			form := map[string]string{"": "ACS3", "v2": "V1"}[algorithm]
			for _, call := range s.Journal() {
				if call.SignatureForm != form {
					t.Errorf("%s was signed by %s", call.Action, call.SignatureForm)
				}
			}
			s.WantBill(e2e.Bill{Orders: 2, Modifications: 1, Renewals: 1, Refunds: 1, Releases: 1, Replays: 1})
			if got := s.Totals(); got.Paid != got.Refunded {
				t.Errorf("paid %d, refunded %d", got.Paid, got.Refunded)
			}
		})
	}
}

// network creates a VPC with a vSwitch, and looks at them in every way.
func (c sdk) network() (vpcID, vSwitchID string) {
	t := c.t
	t.Helper()
	made, err := c.vpc.CreateVpc(&vpc.CreateVpcRequest{
		RegionId: region, CidrBlock: dara.String("10.0.0.0/8"), VpcName: dara.String("clients"),
	})
	c.fine(err)
	vpcID = *made.Body.VpcId
	part, err := c.vpc.CreateVSwitch(&vpc.CreateVSwitchRequest{
		RegionId: region, VpcId: &vpcID, ZoneId: dara.String("cn-hangzhou-k"), CidrBlock: dara.String("10.1.0.0/24"),
	})
	c.fine(err)
	vSwitchID = *part.Body.VSwitchId
	_, err = c.vpc.TagResources(&vpc.TagResourcesRequest{
		RegionId: region, ResourceType: dara.String("VPC"), ResourceId: []*string{&vpcID},
		Tag: []*vpc.TagResourcesRequestTag{{Key: dara.String("run"), Value: dara.String("go")}},
	})
	c.fine(err)
	vpcs, err := c.vpc.DescribeVpcs(&vpc.DescribeVpcsRequest{
		RegionId: region, PageSize: dara.Int32(50), Tag: []*vpc.DescribeVpcsRequestTag{{Key: dara.String("run"), Value: dara.String("go")}},
	})
	if err != nil || *vpcs.Body.TotalCount != 1 || *vpcs.Body.Vpcs.Vpc[0].VpcId != vpcID || *vpcs.Body.Vpcs.Vpc[0].VSwitchIds.VSwitchId[0] != vSwitchID {
		t.Errorf("VPCs: %v %v", vpcs, err)
	}
	list, err := c.vpc.DescribeVSwitches(&vpc.DescribeVSwitchesRequest{VpcId: &vpcID, PageSize: dara.Int32(50)})
	c.fine(err)
	row := list.Body.VSwitches.VSwitch[0]
	if *row.VSwitchId != vSwitchID || *row.Status != "Available" || *row.AvailableIpAddressCount != 252 || *row.ZoneId != "cn-hangzhou-k" ||
		fmt.Sprint(*row.OwnerId) != emulator.DefaultAccountID {
		t.Errorf("vSwitch: %s", row)
	}
	one, err := c.vpc.DescribeVSwitchAttributes(&vpc.DescribeVSwitchAttributesRequest{RegionId: region, VSwitchId: &vSwitchID})
	if err != nil || *one.Body.VpcId != vpcID {
		t.Errorf("vSwitch by id: %v %v", one, err)
	}
	return vpcID, vSwitchID
}

// removeNetwork deletes what network created; no instance is connected to it any more.
func (c sdk) removeNetwork(vpcID, vSwitchID string) {
	t := c.t
	t.Helper()
	_, err := c.vpc.DeleteVpc(&vpc.DeleteVpcRequest{RegionId: region, VpcId: &vpcID})
	wantError(t, err, 400, "DependencyViolation.VSwitch")
	_, err = c.vpc.DeleteVSwitch(&vpc.DeleteVSwitchRequest{RegionId: region, VSwitchId: &vSwitchID})
	c.fine(err)
	_, err = c.vpc.DeleteVpc(&vpc.DeleteVpcRequest{RegionId: region, VpcId: &vpcID})
	c.fine(err)
	gone, err := c.vpc.DescribeVpcAttribute(&vpc.DescribeVpcAttributeRequest{RegionId: region, VpcId: &vpcID})
	if err != nil || *gone.Body.VpcId != "" {
		t.Errorf("the VPC is still there: %v %v", gone, err)
	}
}

// billed checks what billing says of an instance and of the order that bought it.
func (c sdk) billed(id, orderID, productType, paid string) {
	t := c.t
	t.Helper()
	rows := c.call(versionBSS, "QueryAvailableInstances", map[string]string{"ProductCode": "kms", "ProductType": productType, "PageSize": "100"})
	if at(rows, "Data", "InstanceList", 0, "InstanceID") != id || at(rows, "Data", "InstanceList", 0, "Status") != "Normal" {
		t.Errorf("billing lists %v", rows)
	}
	detail := at(c.call(versionBSS, "GetOrderDetail", map[string]string{"OrderId": orderID}), "Data", "OrderList", "Order", 0)
	if at(detail, "InstanceIDs") != `["`+id+`"]` || at(detail, "PretaxAmount") != paid || at(detail, "OrderType") != "New" {
		t.Errorf("the order is %v", detail)
	}
}

func (c sdk) subscription(vpcID, vSwitchID string) {
	t := c.t
	t.Helper()
	order := purchase("kms_ddi_public_cn", "Subscription", "token")
	bought := c.call(versionBSS, "CreateInstance", order)
	id := fmt.Sprint(at(bought, "Data", "InstanceId"))
	c.billed(id, fmt.Sprint(at(bought, "Data", "OrderId")), "kms_ddi_public_cn", "741")
	if again := at(c.call(versionBSS, "CreateInstance", order), "Data", "InstanceId"); again != id {
		t.Errorf("the token gave %s, then %v", id, again)
	}
	if got := *c.get(id).Status; got != "Uninitialized" {
		t.Fatalf("status %s", got)
	}
	_, err := c.kms.ConnectKmsInstance(&kms.ConnectKmsInstanceRequest{
		KmsInstanceId: &id, VpcId: &vpcID, ZoneIds: dara.String("cn-hangzhou-k,cn-hangzhou-j"),
		VSwitchIds: &vSwitchID, KMProvider: dara.String("Aliyun"),
	})
	c.fine(err)
	bind := map[string]string{"KmsInstanceId": id, "BindVpcs": `[{"VpcId":"vpc-2","VSwitchId":"vsw-2","RegionId":"cn-hangzhou","VpcOwnerId":1234567890123456789}]`}
	_, err = c.try(versionKMS, "UpdateKmsInstanceBindVpc", "GET", bind, false)
	c.fine(err)
	i := c.get(id)
	if *i.Status != "Connected" || *i.SecretNum != "10" || *i.KeyNum != 1000 || *i.ChargeType != "PREPAY" ||
		*i.VswitchIds[0] != vSwitchID || *i.ZoneIds[1] != "cn-hangzhou-j" || *i.BindVpcs.BindVpc[0].VpcOwnerId != "1234567890123456789" {
		t.Errorf("the instance: %s", i)
	}
	_, err = c.kms.UpdateKmsInstanceBindVpc(&kms.UpdateKmsInstanceBindVpcRequest{KmsInstanceId: &id, BindVpcs: dara.String("[]")})
	c.fine(err)
	c.call(versionKMS, "UpdateKmsInstance", map[string]string{"KmsInstanceId": id, "InstanceName": "a name with 中文 & ~*+/"})
	if got := *c.get(id).InstanceName; got != "a name with 中文 & ~*+/" {
		t.Errorf("name %q", got)
	}
	list, err := c.kms.ListKmsInstances(&kms.ListKmsInstancesRequest{
		PageNumber: dara.Int32(1), PageSize: dara.Int32(10), Filters: dara.String(`[{"Key":"InstanceName","Values":["a name with 中文 & ~*+/"]}]`),
	})
	if err != nil || *list.Body.TotalCount != 1 || *list.Body.KmsInstances.KmsInstance[0].KmsInstanceId != id {
		t.Errorf("list: %v %v", list, err)
	}
	quotas, err := c.kms.GetKmsInstanceQuotaInfos(&kms.GetKmsInstanceQuotaInfosRequest{KmsInstanceId: &id, ResourceType: dara.String("vpc")})
	if err != nil || *quotas.Body.KmsInstanceQuotaInfos[0].ResourceQuota != 2 || *quotas.Body.KmsInstanceQuotaInfos[0].UsedQuantity != 0 {
		t.Errorf("quotas: %v %v", quotas, err)
	}
	c.tags(id)

	// The form in which Terraform sends what goes into a body.
	_, err = c.try(versionKMS, "SetDeletionProtection", "POST", map[string]string{"KmsInstanceId": id, "EnableDeletionProtection": "true"}, true)
	c.fine(err)
	if got := at(c.call(versionKMS, "GetKmsInstance", map[string]string{"KmsInstanceId": id}), "KmsInstance", "DeletionProtection"); got != true {
		t.Errorf("DeletionProtection %v", got)
	}
	c.call(versionKMS, "SetDeletionProtection", map[string]string{"KmsInstanceId": id, "EnableDeletionProtection": "false"})

	c.call(versionBSS, "ModifyInstance", map[string]string{
		"ProductCode": "kms", "ProductType": "kms_ddi_public_cn", "SubscriptionType": "Subscription", "ModifyType": "Upgrade",
		"InstanceId": id, "Parameter.1.Code": "KeyNum", "Parameter.1.Value": "2000",
	})
	if got := *c.get(id).KeyNum; got != 2000 {
		t.Errorf("KeyNum %d", got)
	}
	c.call(versionBSS, "SetRenewal", map[string]string{
		"InstanceIDs": id, "ProductCode": "kms", "ProductType": "kms_ddi_public_cn", "SubscriptionType": "Subscription",
		"RenewalStatus": "AutoRenewal", "RenewalPeriod": "1", "RenewalPeriodUnit": "Y",
	})
	row := at(c.call(versionBSS, "QueryAvailableInstances", map[string]string{"InstanceIDs": id, "ProductCode": "kms"}), "Data", "InstanceList", 0)
	if at(row, "RenewStatus") != "AutoRenewal" || at(row, "RenewalDuration") != json.Number("1") || at(row, "RenewalDurationUnit") != "Y" {
		t.Errorf("renewal %v", row)
	}
	renewal := map[string]string{"InstanceId": id, "ProductCode": "kms", "RenewPeriod": "1", "ClientToken": "renew"}
	if got := at(c.call(versionBSS, "RenewInstance", renewal), "Data", "OrderId"); got == nil || got == "" {
		t.Errorf("OrderId of a renewal is %v", got)
	}
	refund := c.call(versionBSS, "RefundInstance", map[string]string{
		"InstanceId": id, "ProductCode": "kms", "ProductType": "kms_ddi_public_cn", "ImmediatelyRelease": "1", "ClientToken": "refund",
	})
	if _, ok := at(refund, "Data", "OrderId").(json.Number); !ok {
		t.Errorf("OrderId of a refund is %T", at(refund, "Data", "OrderId"))
	}
	if got := *c.get(id).InstanceId; got != "" {
		t.Errorf("still there: %q", got)
	}
}

func (c sdk) tags(id string) {
	t := c.t
	t.Helper()
	_, err := c.kms.TagResources(&kms.TagResourcesRequest{
		RegionId: region, ResourceType: dara.String("instance"), ResourceId: []*string{&id},
		Tag: []*kms.TagResourcesRequestTag{
			{Key: dara.String("key:@/中"), Value: dara.String("v+/中=")}, {Key: dara.String("empty"), Value: dara.String("")},
		},
	})
	c.fine(err)
	_, err = c.kms.UntagResources(&kms.UntagResourcesRequest{
		RegionId: region, ResourceType: dara.String("instance"), ResourceId: []*string{&id}, TagKey: []*string{dara.String("empty")},
	})
	c.fine(err)
	tags, err := c.kms.ListTagResources(&kms.ListTagResourcesRequest{
		RegionId: region, ResourceType: dara.String("instance"), ResourceId: []*string{&id},
	})
	c.fine(err)
	rows := tags.Body.TagResources.TagResource
	if len(rows) != 1 || *rows[0].TagKey != "key:@/中" || *rows[0].TagValue != "v+/中=" || *rows[0].ResourceId != id {
		t.Errorf("tags %v", rows)
	}
}

func (c sdk) payAsYouGo() {
	t := c.t
	t.Helper()
	bought := c.call(versionBSS, "CreateInstance", purchase("kms_ppi_public_cn", "PayAsYouGo", "by use"))
	id := fmt.Sprint(at(bought, "Data", "InstanceId"))
	c.billed(id, fmt.Sprint(at(bought, "Data", "OrderId")), "kms_ppi_public_cn", "0")
	if got := *c.get(id).ChargeType; got != "POSTPAY" {
		t.Errorf("ChargeType %s", got)
	}
	_, err := c.kms.ReleaseKmsInstance(&kms.ReleaseKmsInstanceRequest{KmsInstanceId: &id, ForceDeleteWithoutBackup: dara.String("true")})
	c.fine(err)
	regions, err := c.kms.DescribeRegions()
	if err != nil || *regions.Body.Regions.Region[0].RegionId != "cn-hangzhou" {
		t.Errorf("regions: %v %v", regions, err)
	}
	account, err := c.kms.DescribeAccountKmsStatus()
	if err != nil || *account.Body.AccountStatus != "Enabled" {
		t.Errorf("account: %v %v", account, err)
	}
	_, err = c.kms.GetDefaultKmsInstance()
	c.fine(err)
	_, err = c.kms.OpenKmsService()
	wantError(t, err, 400, "Forbidden.Opened")
}

// refusals shows that the client understands the emulator's errors.
func (c sdk) refusals() {
	t := c.t
	t.Helper()
	_, err := c.kms.ReleaseKmsInstance(&kms.ReleaseKmsInstanceRequest{KmsInstanceId: dara.String("kst-unknown")})
	wantError(t, err, 403, "Forbidden.DKMSInstanceNotFound")
	_, err = c.kms.GetKmsInstance(&kms.GetKmsInstanceRequest{})
	wantError(t, err, 400, "MissingKmsInstanceId")
	_, err = c.try(versionKMS, "CreateKmsInstance", "POST", nil, false)
	wantError(t, err, 404, "InvalidApi.NotFound")
	// A business failure is no error for the client.
	body, err := c.try(versionBSS, "RefundInstance", "POST", map[string]string{"InstanceId": "kst-unknown", "ProductCode": "kms"}, false)
	if err != nil || body["Success"] != false || body["Code"] != "ResourceNotExists" {
		t.Errorf("business failure: %v %v", body, err)
	}
}

func wantError(t *testing.T, err error, status int, code string) {
	t.Helper()
	var typed *tea.SDKError
	if errors.As(err, &typed) {
		if *typed.Code != code || *typed.StatusCode != status {
			t.Errorf("error %d %s, want %d %s", *typed.StatusCode, *typed.Code, status, code)
		}
		return
	}
	if err == nil || !strings.Contains(err.Error(), code) || !strings.Contains(err.Error(), fmt.Sprint(status)) {
		t.Errorf("error %v, want %d %s", err, status, code)
	}
}
