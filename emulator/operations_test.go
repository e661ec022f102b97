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
	instance Instance // kst-1, which the call is about
	params   params
	// fields are the fields of the answer, in alphabetical order, without the request id; those of Data for BSS.
	fields string
	effect string
}

var operationCases = map[string]map[string]operationCase{
	serviceKMS: {
		"ConnectKmsInstance": {Instance{Status: StatusUninitialized}, connection("kst-1", nil), "", "connecting"},
		"GetKmsInstance": {Instance{}, params{"KmsInstanceId": "kst-1"}, "KmsInstance:{BindVpcs:{BindVpc:[{RegionId:text VSwitchId:text VpcId:text VpcOwnerId:text}]} CaCertificateChainPem:text " +
			"ChargeType:text CreateTime:text DeletionProtection:bool EndDate:text InstanceId:text InstanceName:text KeyNum:number " +
			"Log:number LogStorage:number ProductType:text ProductVersion:text SaleStatus:text SecretNum:text Spec:number " +
			"StartDate:text Status:text VpcId:text VpcNum:number VswitchIds:[text] ZoneIds:[text]}", ""},
		"ListKmsInstances": {Instance{}, params{"PageNumber": "1", "PageSize": "10"}, "KmsInstances:{KmsInstance:[{KmsInstanceArn:text KmsInstanceId:text}]} PageNumber:number PageSize:number " +
			"TotalCount:number", ""},
		"UpdateKmsInstanceBindVpc": {
			Instance{}, params{"KmsInstanceId": "kst-1", "BindVpcs": `[{"VpcId":"vpc-2","VSwitchId":"vsw-2","RegionId":"cn-hangzhou","VpcOwnerId":1}]`},
			"", "bound",
		},
		"UpdateKmsInstance":     {Instance{}, params{"KmsInstanceId": "kst-1", "InstanceName": "a name & ~*+/'()!中"}, "", "renamed"},
		"ReleaseKmsInstance":    {Instance{PaymentType: PayAsYouGo}, params{"KmsInstanceId": "kst-1", "ForceDeleteWithoutBackup": "true"}, "", "released"},
		"SetDeletionProtection": {Instance{}, params{"KmsInstanceId": "kst-1", "EnableDeletionProtection": "true"}, "", "protected"},
		"TagResources":          {Instance{}, with(tagScope("kst-1"), params{"Tag.1.Key": "a", "Tag.1.Value": "v+/中="}), "", "tagged"},
		"UntagResources":        {Instance{Tags: map[string]string{"a": "b"}}, with(tagScope("kst-1"), params{"TagKey.1": "a"}), "", "untagged"},
		"ListTagResources":      {Instance{}, tagScope("kst-1"), "NextToken:text TagResources:{TagResource:[{ResourceId:text ResourceType:text TagKey:text TagValue:text}]}", ""},
		"GetKmsInstanceQuotaInfos": {
			Instance{}, params{"KmsInstanceId": "kst-1", "ResourceType": "vpc"}, "KmsInstanceId:text KmsInstanceQuotaInfos:[{ResourceQuota:number ResourceType:text UsedQuantity:number}]", "",
		},
		"GetDefaultKmsInstance":    {Instance{}, nil, "DefaultKmsInstanceId:text", ""},
		"DescribeRegions":          {Instance{}, nil, "Regions:{Region:[{RegionId:text}]}", ""},
		"DescribeAccountKmsStatus": {Instance{}, nil, "AccountStatus:text", ""},
	},
	serviceBSS: {
		"CreateInstance": {Instance{}, order(params{"ClientToken": "t", "RenewalStatus": "ManualRenewal"}), "InstanceId:text OrderId:text", EffectOrdered},
		"ModifyInstance": {Instance{}, modification("kst-1", map[string]string{"KeyNum": "2000"}, params{"ClientToken": "t"}), "HostId:text OrderId:text", "modified"},
		"RefundInstance": {
			Instance{}, params{
				"InstanceId": "kst-1", "ProductCode": "kms", "ProductType": "kms_ddi_public_cn", "ImmediatelyRelease": "1", "ClientToken": "t",
			}, "HostId:text OrderId:number", "refunded",
		},
		"RenewInstance": {
			Instance{}, params{"InstanceId": "kst-1", "ProductCode": "kms", "ProductType": "kms_ddi_public_cn", "RenewPeriod": "1", "ClientToken": "t"},
			"OrderId:text", "renewed",
		},
		"SetRenewal": {
			Instance{}, params{
				"InstanceIDs": "kst-1", "ProductCode": "kms", "ProductType": "kms_ddi_public_cn", "SubscriptionType": "Subscription",
				"RenewalStatus": "AutoRenewal", "RenewalPeriod": "1", "RenewalPeriodUnit": "Y",
			}, "", "renewalSet",
		},
		"QueryAvailableInstances": {
			Instance{}, params{"InstanceIDs": "kst-1", "ProductCode": "kms", "ProductType": "kms_ddi_public_cn", "SubscriptionType": "Subscription"},
			"InstanceList:[{CreateTime:text EndTime:text ExpectedReleaseTime:text InstanceID:text ProductCode:text ProductType:text " +
				"Region:text RenewStatus:text RenewalDuration:number RenewalDurationUnit:text Seller:text Status:text " +
				"SubscriptionType:text}] PageNum:number PageSize:number TotalCount:number", "",
		},
		"GetOrderDetail": {Instance{}, params{"OrderId": "210000000000001"}, "HostName:text OrderList:{Order:[{AfterTaxAmount:text CommodityCode:text Config:text CreateTime:text Currency:text " +
			"InstanceIDs:text OrderId:text OrderType:text PaymentCurrency:text PaymentStatus:text PaymentTime:text " +
			"PretaxAmount:text PretaxGrossAmount:text ProductCode:text ProductType:text Quantity:text Region:text " +
			"RelatedOrderId:text SubOrderId:text SubscriptionType:text Tax:text}]} PageNum:number PageSize:number TotalCount:number", ""},
	},
	serviceSTS: {
		"GetCallerIdentity": {Instance{}, nil, "AccountId:text Arn:text IdentityType:text PrincipalId:text UserId:text", ""},
		"AssumeRole": {
			Instance{}, params{"RoleArn": roleARN, "RoleSessionName": "ci", "DurationSeconds": "900", "Policy": "{}", "ExternalId": "x"},
			"AssumedRoleUser:{Arn:text AssumedRoleId:text} Credentials:{AccessKeyId:text AccessKeySecret:text Expiration:text " +
				"SecurityToken:text}", "issued",
		},
		"AssumeRoleWithOIDC": {
			Instance{}, params{
				"OIDCProviderArn": "acs:ram::" + DefaultAccountID + ":oidc-provider/ci", "RoleArn": roleARN, "RoleSessionName": "ci",
				"OIDCToken": oidcToken(`{"sub":"job"}`),
			}, "AssumedRoleUser:{Arn:text AssumedRoleId:text} Credentials:{AccessKeyId:text AccessKeySecret:text Expiration:text " +
				"SecurityToken:text} OIDCTokenInfo:{ClientIds:text Issuer:text Subject:text}", "issued",
		},
	},
	serviceVPC: {
		"CreateVpc": {
			Instance{}, params{"RegionId": "cn-hangzhou", "VpcName": "a", "CidrBlock": "10.0.0.0/8"}, "ResourceGroupId:text RouteTableId:text VRouterId:text VpcId:text", "created",
		},
		"DescribeVpcs": {Instance{}, params{"RegionId": "cn-hangzhou", "PageSize": "50"}, "PageNumber:number PageSize:number TotalCount:number Vpcs:{Vpc:[{CidrBlock:text CreationTime:text Description:text " +
			"IsDefault:bool OwnerId:number RegionId:text ResourceGroupId:text Status:text Tags:{Tag:[]} VRouterId:text " +
			"VSwitchIds:{VSwitchId:[text]} VpcId:text VpcName:text}]}", ""},
		"DescribeVpcAttribute": {
			Instance{}, params{"RegionId": "cn-hangzhou", "VpcId": "vpc-bp1example"},
			"CidrBlock:text CreationTime:text Description:text IsDefault:bool OwnerId:number RegionId:text ResourceGroupId:text " +
				"Status:text Tags:{Tag:[]} VRouterId:text VSwitchIds:{VSwitchId:[text]} VpcId:text VpcName:text", "",
		},
		"DeleteVpc": {Instance{}, params{"VpcId": "vpc-empty"}, "", "deleted"},
		"CreateVSwitch": {
			Instance{}, params{"VpcId": "vpc-empty", "ZoneId": "cn-hangzhou-k", "CidrBlock": "192.168.9.0/24"}, "VSwitchId:text", "created",
		},
		"DescribeVSwitches": {Instance{}, params{"VpcId": "vpc-bp1example"}, "PageNumber:number PageSize:number TotalCount:number VSwitches:{VSwitch:[{AvailableIpAddressCount:number CidrBlock:text " +
			"CreationTime:text Description:text IsDefault:bool OwnerId:number ResourceGroupId:text ShareType:text Status:text " +
			"Tags:{Tag:[]} VSwitchId:text VSwitchName:text VpcId:text ZoneId:text}]}", ""},
		"DescribeVSwitchAttributes": {
			Instance{}, params{"VSwitchId": "vsw-bp1example"},
			"AvailableIpAddressCount:number CidrBlock:text CreationTime:text Description:text IsDefault:bool OwnerId:number " +
				"ResourceGroupId:text ShareType:text Status:text Tags:{Tag:[]} VSwitchId:text VSwitchName:text VpcId:text ZoneId:text", "",
		},
		"DeleteVSwitch": {Instance{}, params{"VSwitchId": "vsw-bp1example"}, "", "deleted"},
		"TagResources": {
			Instance{}, params{"RegionId": "cn-hangzhou", "ResourceType": "VPC", "ResourceId.1": "vpc-empty", "Tag.1.Key": "a"}, "", "tagged",
		},
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
	e.instance.ID = "kst-1"
	if e.instance.Sizes == (Sizes{}) {
		e.instance.Sizes = Sizes{ProductVersion: "3", Spec: 1000, KeyNum: 1000, VpcNum: 2}
	}
	e.instance.Tags, e.instance.BindVpcs = map[string]string{"a": "b"}, []BindVpc{{VpcID: "vpc-bound"}}
	e.instance.Renewal = Renewal{Status: AutoRenewal, Period: 1, Unit: "M"}
	seed(t, s, e.instance)
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
