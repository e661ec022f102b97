package emulator

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// operationCase is a call that succeeds, and what its answer holds.
type operationCase struct {
	params params
	// fields are the fields of the answer, in alphabetical order, without the request id; those of Data for BSS.
	fields string
	effect string
}

const (
	pageFields    = "PageNumber:number PageSize:number TotalCount:number"
	sessionFields = "AssumedRoleUser:{Arn:text AssumedRoleId:text} Credentials:{AccessKeyId:text AccessKeySecret:text Expiration:text SecurityToken:text}"
	vpcFields     = "CidrBlock:text CreationTime:text Description:text IsDefault:bool OwnerId:number RegionId:text ResourceGroupId:text " +
		"Status:text Tags:{Tag:[]} VRouterId:text VSwitchIds:{VSwitchId:[text]} VpcId:text VpcName:text"
	vSwitchFields = "AvailableIpAddressCount:number CidrBlock:text CreationTime:text Description:text IsDefault:bool OwnerId:number " +
		"ResourceGroupId:text ShareType:text Status:text Tags:{Tag:[]} VSwitchId:text VSwitchName:text VpcId:text ZoneId:text"
)

var operationCases = map[string]map[string]operationCase{
	serviceKMS: {
		"ConnectKmsInstance": {connection("kst-1", nil), "", "connecting"},
		"GetKmsInstance": {params{"KmsInstanceId": "kst-1"}, "KmsInstance:{BindVpcs:{BindVpc:[{RegionId:text VSwitchId:text VpcId:text VpcOwnerId:text}]} CaCertificateChainPem:text " +
			"ChargeType:text CreateTime:text DeletionProtection:bool EndDate:text InstanceId:text InstanceName:text KeyNum:number " +
			"Log:number LogStorage:number ProductType:text ProductVersion:text SaleStatus:text SecretNum:text Spec:number " +
			"StartDate:text Status:text VpcId:text VpcNum:number VswitchIds:[text] ZoneIds:[text]}", ""},
		"ListKmsInstances": {params{"PageNumber": "1", "PageSize": "10"}, "KmsInstances:{KmsInstance:[{KmsInstanceArn:text KmsInstanceId:text}]} " + pageFields, ""},
		"UpdateKmsInstanceBindVpc": {
			params{"KmsInstanceId": "kst-1", "BindVpcs": `[{"VpcId":"vpc-2","VSwitchId":"vsw-2","RegionId":"cn-hangzhou","VpcOwnerId":1}]`},
			"", "bound",
		},
		"UpdateKmsInstance":     {params{"KmsInstanceId": "kst-1", "InstanceName": "a name & ~*+/'()!中"}, "", "renamed"},
		"ReleaseKmsInstance":    {params{"KmsInstanceId": "kst-1", "ForceDeleteWithoutBackup": "true"}, "", "released"},
		"SetDeletionProtection": {params{"KmsInstanceId": "kst-1", "EnableDeletionProtection": "true"}, "", "protected"},
		"TagResources":          {with(tagScope("kst-1"), params{"Tag.1.Key": "a", "Tag.1.Value": "v+/中="}), "", "tagged"},
		"UntagResources":        {with(tagScope("kst-1"), params{"TagKey.1": "a"}), "", "untagged"},
		"ListTagResources":      {tagScope("kst-1"), "NextToken:text TagResources:{TagResource:[{ResourceId:text ResourceType:text TagKey:text TagValue:text}]}", ""},
		"GetKmsInstanceQuotaInfos": {
			params{"KmsInstanceId": "kst-1", "ResourceType": "vpc"}, "KmsInstanceId:text KmsInstanceQuotaInfos:[{ResourceQuota:number ResourceType:text UsedQuantity:number}]", "",
		},
		"GetDefaultKmsInstance":    {nil, "DefaultKmsInstanceId:text", ""},
		"DescribeRegions":          {nil, "Regions:{Region:[{RegionId:text}]}", ""},
		"DescribeAccountKmsStatus": {nil, "AccountStatus:text", ""},
	},
	serviceBSS: {
		"CreateInstance": {order(params{"ClientToken": "t", "RenewalStatus": "ManualRenewal"}), "InstanceId:text OrderId:text", EffectOrdered},
		"ModifyInstance": {modification("kst-1", map[string]string{"KeyNum": "2000"}, params{"ClientToken": "t"}), "HostId:text OrderId:text", "modified"},
		"RefundInstance": {with(refund("kst-1"), params{"ImmediatelyRelease": "1", "ClientToken": "t"}), "HostId:text OrderId:number", "refunded"},
		"RenewInstance":  {with(refund("kst-1"), params{"RenewPeriod": "1", "ClientToken": "t"}), "OrderId:text", "renewed"},
		"SetRenewal":     {params{"InstanceIDs": "kst-1", "ProductCode": "kms", "RenewalStatus": "NotRenewal"}, "", "renewalSet"},
		"QueryAvailableInstances": {
			params{"InstanceIDs": "kst-1", "ProductCode": "kms", "ProductType": "kms_ddi_public_cn", "SubscriptionType": "Subscription"},
			"InstanceList:[{CreateTime:text EndTime:text ExpectedReleaseTime:text InstanceID:text ProductCode:text ProductType:text " +
				"Region:text RenewStatus:text RenewalDuration:number RenewalDurationUnit:text Seller:text Status:text " +
				"SubscriptionType:text}] PageNum:number PageSize:number TotalCount:number", "",
		},
		"GetOrderDetail": {params{"OrderId": "210000000000001"}, "HostName:text OrderList:{Order:[{AfterTaxAmount:text CommodityCode:text Config:text CreateTime:text Currency:text " +
			"InstanceIDs:text OrderId:text OrderType:text PaymentCurrency:text PaymentStatus:text PaymentTime:text " +
			"PretaxAmount:text PretaxGrossAmount:text ProductCode:text ProductType:text Quantity:text Region:text " +
			"RelatedOrderId:text SubOrderId:text SubscriptionType:text Tax:text}]} PageNum:number PageSize:number TotalCount:number", ""},
	},
	serviceSTS: {
		"GetCallerIdentity": {nil, "AccountId:text Arn:text IdentityType:text PrincipalId:text UserId:text", ""},
		"AssumeRole": {
			params{"RoleArn": roleARN, "RoleSessionName": "ci", "DurationSeconds": "900", "Policy": "{}", "ExternalId": "x"}, sessionFields, "issued",
		},
		"AssumeRoleWithOIDC": {
			params{
				"OIDCProviderArn": "acs:ram::" + DefaultAccountID + ":oidc-provider/ci", "RoleArn": roleARN, "RoleSessionName": "ci",
				"OIDCToken": oidcToken(`{"sub":"job"}`),
			}, sessionFields + " OIDCTokenInfo:{ClientIds:text Issuer:text Subject:text}", "issued",
		},
	},
	serviceVPC: {
		"CreateVpc": {
			params{"RegionId": "cn-hangzhou", "VpcName": "a", "CidrBlock": "10.0.0.0/8"}, "ResourceGroupId:text RouteTableId:text VRouterId:text VpcId:text", "created",
		},
		"DescribeVpcs":              {params{"RegionId": "cn-hangzhou", "PageSize": "50"}, pageFields + " Vpcs:{Vpc:[{" + vpcFields + "}]}", ""},
		"DescribeVpcAttribute":      {params{"RegionId": "cn-hangzhou", "VpcId": "vpc-bp1example"}, vpcFields, ""},
		"DeleteVpc":                 {params{"VpcId": "vpc-empty"}, "", "deleted"},
		"CreateVSwitch":             {params{"VpcId": "vpc-empty", "ZoneId": "cn-hangzhou-k", "CidrBlock": "192.168.9.0/24"}, "VSwitchId:text", "created"},
		"DescribeVSwitches":         {params{"VpcId": "vpc-bp1example"}, pageFields + " VSwitches:{VSwitch:[{" + vSwitchFields + "}]}", ""},
		"DescribeVSwitchAttributes": {params{"VSwitchId": "vsw-bp1example"}, vSwitchFields, ""},
		"DeleteVSwitch":             {params{"VSwitchId": "vsw-bp1example"}, "", "deleted"},
		"TagResources":              {params{"RegionId": "cn-hangzhou", "ResourceType": "VPC", "ResourceId.1": "vpc-empty", "Tag.1.Key": "a"}, "", "tagged"},
	},
}

// wireForms are the ways in which clients send a call. Others are in test/clients: ACS3 with a form, and V1 with the action in the header.
var wireForms = map[string]func(c client) client{
	"ACS3, all in the query":      func(c client) client { return c },
	"ACS3 by GET":                 func(c client) client { c.method = http.MethodGet; return c },
	"V1, form body":               func(c client) client { c.form = formV1; return c },
	"V1 by GET, all in the query": func(c client) client { c.form, c.method = formV1, http.MethodGet; return c },
}

// Every operation is answered in the cloud's shape and takes effect, in whatever form it is sent.
func TestEveryOperationInEveryForm(t *testing.T) {
	for service, actions := range operations {
		for _, name := range slices.Sorted(maps.Keys(actions)) {
			if name == "OpenKmsService" {
				continue // it is always refused
			}
			example, ok := operationCases[service][name]
			if !ok {
				t.Errorf("there is no example of %s", name)
				continue
			}
			for form, as := range wireForms {
				t.Run(name+": "+form, func(t *testing.T) { example.try(t, service, name, as) })
			}
		}
	}
}

func (e operationCase) try(t *testing.T, service, action string, as func(client) client) {
	s, c := start(t, Options{
		Connect: time.Hour, Upgrade: time.Hour, Refund: time.Hour, Release: time.Hour,
		Networks: []Network{{VpcID: "vpc-empty"}},
	})
	about := Instance{
		ID: "kst-1", Sizes: Sizes{ProductVersion: "3", Spec: 1000, KeyNum: 1000, VpcNum: 2}, Tags: map[string]string{"a": "b"},
		BindVpcs: []BindVpc{{VpcID: "vpc-bound"}}, Renewal: Renewal{Status: AutoRenewal, Period: 1, Unit: "M"},
	}
	switch action {
	case "ConnectKmsInstance":
		about.Status = StatusUninitialized
	case "ReleaseKmsInstance":
		about.PaymentType = PayAsYouGo
	}
	seed(t, s, about)
	c.buy(order(nil))
	c = as(c)
	if operations[service][action].postOnly && c.method == http.MethodGet {
		c.refused(service, action, e.params, 400, "UnsupportedHTTPMethod")
		return
	}
	answer := c.ok(service, action, e.params)
	if got := answer.text("RequestId"); len(got) != 36 || got != answer.header.Get("x-acs-request-id") {
		t.Errorf("request id %q", got)
	}
	fields := maps.Clone(answer.body)
	delete(fields, "RequestId")
	if service == serviceBSS {
		if fields["Code"] != "Success" || fields["Success"] != true || fields["Message"] != "Successful!" {
			t.Errorf("the envelope is %s", answer.raw)
		}
		data, there := fields["Data"]
		if there == (e.fields == "") {
			t.Errorf("Data in %s", answer.raw)
		}
		fields, _ = data.(map[string]any)
	}
	equal(t, shapeOf(fields), "{"+e.fields+"}")
	call := last(s)
	if call.Effect != e.effect || call.Action != action || call.Service != service || call.SignatureForm != c.form || len(call.Parameters) != len(e.params) {
		t.Errorf("the journal has %+v", call)
	}
	if service == serviceBSS && call.Effect != "" && call.InstanceID == "" {
		t.Errorf("the journal does not say which instance: %+v", call)
	}
}

// shapeOf names the fields of an answer and their types, all the way down. A list has the shape of its first element.
func shapeOf(v any) string {
	switch v := v.(type) {
	case string:
		return "text"
	case bool:
		return "bool"
	case json.Number:
		return "number"
	case []any:
		if len(v) == 0 {
			return "[]"
		}
		return "[" + shapeOf(v[0]) + "]"
	case map[string]any:
		var fields []string
		for _, name := range slices.Sorted(maps.Keys(v)) {
			fields = append(fields, name+":"+shapeOf(v[name]))
		}
		return "{" + strings.Join(fields, " ") + "}"
	}
	return "nothing"
}
