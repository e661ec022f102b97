package emulator

import (
	"fmt"
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
		"GetKmsInstance":     {Instance{}, params{"KmsInstanceId": "kst-1"}, "KmsInstance", ""},
		"ListKmsInstances":   {Instance{}, params{"PageNumber": "1", "PageSize": "10"}, "KmsInstances PageNumber PageSize TotalCount", ""},
		"UpdateKmsInstanceBindVpc": {
			Instance{}, params{"KmsInstanceId": "kst-1", "BindVpcs": `[{"VpcId":"vpc-2","VSwitchId":"vsw-2","RegionId":"cn-hangzhou","VpcOwnerId":1}]`},
			"", "bound",
		},
		"UpdateKmsInstance":     {Instance{}, params{"KmsInstanceId": "kst-1", "InstanceName": "a name & ~*+/'()!中"}, "", "renamed"},
		"ReleaseKmsInstance":    {Instance{PaymentType: PayAsYouGo}, params{"KmsInstanceId": "kst-1", "ForceDeleteWithoutBackup": "true"}, "", "released"},
		"SetDeletionProtection": {Instance{}, params{"KmsInstanceId": "kst-1", "EnableDeletionProtection": "true"}, "", "protected"},
		"TagResources":          {Instance{}, with(tagScope("kst-1"), params{"Tag.1.Key": "a", "Tag.1.Value": "v+/中="}), "", "tagged"},
		"UntagResources":        {Instance{Tags: map[string]string{"a": "b"}}, with(tagScope("kst-1"), params{"TagKey.1": "a"}), "", "untagged"},
		"ListTagResources":      {Instance{}, tagScope("kst-1"), "NextToken TagResources", ""},
		"GetKmsInstanceQuotaInfos": {
			Instance{}, params{"KmsInstanceId": "kst-1", "ResourceType": "vpc"}, "KmsInstanceId KmsInstanceQuotaInfos", "",
		},
		"GetDefaultKmsInstance":    {Instance{}, nil, "DefaultKmsInstanceId", ""},
		"DescribeRegions":          {Instance{}, nil, "Regions", ""},
		"DescribeAccountKmsStatus": {Instance{}, nil, "AccountStatus", ""},
	},
	serviceBSS: {
		"CreateInstance": {Instance{}, order(params{"ClientToken": "t", "RenewalStatus": "ManualRenewal"}), "InstanceId OrderId", EffectOrdered},
		"ModifyInstance": {Instance{}, modification("kst-1", map[string]string{"KeyNum": "2000"}, params{"ClientToken": "t"}), "HostId OrderId", "modified"},
		"RefundInstance": {
			Instance{}, params{
				"InstanceId": "kst-1", "ProductCode": "kms", "ProductType": "kms_ddi_public_cn", "ImmediatelyRelease": "1", "ClientToken": "t",
			}, "HostId OrderId", "refunded",
		},
		"RenewInstance": {
			Instance{}, params{"InstanceId": "kst-1", "ProductCode": "kms", "ProductType": "kms_ddi_public_cn", "RenewPeriod": "1", "ClientToken": "t"},
			"OrderId", "renewed",
		},
		"SetRenewal": {
			Instance{}, params{
				"InstanceIDs": "kst-1", "ProductCode": "kms", "ProductType": "kms_ddi_public_cn", "SubscriptionType": "Subscription",
				"RenewalStatus": "AutoRenewal", "RenewalPeriod": "1", "RenewalPeriodUnit": "Y",
			}, "", "renewalSet",
		},
		"QueryAvailableInstances": {
			Instance{}, params{"InstanceIDs": "kst-1", "ProductCode": "kms", "ProductType": "kms_ddi_public_cn", "SubscriptionType": "Subscription"},
			"InstanceList PageNum PageSize TotalCount", "",
		},
		"GetOrderDetail": {Instance{}, params{"OrderId": "1"}, "HostName OrderList PageNum PageSize TotalCount", ""},
	},
	serviceSTS: {
		"GetCallerIdentity": {Instance{}, nil, "AccountId Arn IdentityType PrincipalId UserId", ""},
		"AssumeRole": {
			Instance{}, params{"RoleArn": roleARN, "RoleSessionName": "ci", "DurationSeconds": "900", "Policy": "{}", "ExternalId": "x"},
			"AssumedRoleUser Credentials", "issued",
		},
		"AssumeRoleWithOIDC": {
			Instance{}, params{
				"OIDCProviderArn": "acs:ram::" + DefaultAccountID + ":oidc-provider/ci", "RoleArn": roleARN, "RoleSessionName": "ci",
				"OIDCToken": oidcToken(`{"sub":"job"}`),
			}, "AssumedRoleUser Credentials OIDCTokenInfo", "issued",
		},
	},
	serviceVPC: {
		"CreateVpc": {
			Instance{}, params{"RegionId": "cn-hangzhou", "VpcName": "a", "CidrBlock": "10.0.0.0/8"}, "ResourceGroupId RouteTableId VRouterId VpcId", "created",
		},
		"DescribeVpcs": {Instance{}, params{"RegionId": "cn-hangzhou", "PageSize": "50"}, "PageNumber PageSize TotalCount Vpcs", ""},
		"DescribeVpcAttribute": {
			Instance{}, params{"RegionId": "cn-hangzhou", "VpcId": "vpc-bp1example"},
			"CidrBlock CreationTime Description IsDefault OwnerId RegionId ResourceGroupId Status Tags VRouterId VSwitchIds VpcId VpcName", "",
		},
		"DeleteVpc": {Instance{}, params{"VpcId": "vpc-empty"}, "", "deleted"},
		"CreateVSwitch": {
			Instance{}, params{"VpcId": "vpc-empty", "ZoneId": "cn-hangzhou-k", "CidrBlock": "192.168.9.0/24"}, "VSwitchId", "created",
		},
		"DescribeVSwitches": {Instance{}, params{"VpcId": "vpc-bp1example"}, "PageNumber PageSize TotalCount VSwitches", ""},
		"DescribeVSwitchAttributes": {
			Instance{}, params{"VSwitchId": "vsw-bp1example"},
			"AvailableIpAddressCount CidrBlock CreationTime Description IsDefault OwnerId ResourceGroupId ShareType Status Tags VSwitchId VSwitchName VpcId ZoneId", "",
		},
		"DeleteVSwitch": {Instance{}, params{"VSwitchId": "vsw-bp1example"}, "", "deleted"},
		"TagResources": {
			Instance{}, params{"RegionId": "cn-hangzhou", "ResourceType": "VPC", "ResourceId.1": "vpc-empty", "Tag.1.Key": "a"}, "", "tagged",
		},
	},
}

// wireForms are the ways in which clients send a call.
var wireForms = map[string]func(c client) client{
	"ACS3, all in the query":                func(c client) client { return c },
	"ACS3 by GET":                           func(c client) client { c.method = http.MethodGet; return c },
	"ACS3, form body":                       func(c client) client { c.formBody = true; return c },
	"V1, form body":                         func(c client) client { c.form = formV1; return c },
	"V1 by GET, all in the query":           func(c client) client { c.form, c.method = formV1, http.MethodGet; return c },
	"V1, action in the header and the form": func(c client) client { c.form, c.headers = formV1, true; return c },
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
	seed(t, s, e.instance)
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
	if got := strings.Join(slices.Sorted(maps.Keys(fields)), " "); got != e.fields {
		t.Errorf("the answer has %s, want %s", got, e.fields)
	}
	calls := s.Journal()
	last := calls[len(calls)-1]
	if last.Effect != e.effect || last.Action != action || last.Service != service || last.SignatureForm != c.form {
		t.Errorf("the journal has %+v", last)
	}
	if service == serviceBSS && last.Effect != "" && last.InstanceID == "" {
		t.Errorf("the journal does not say which instance: %+v", last)
	}
	if len(last.Parameters) != len(e.params) {
		t.Errorf("the parameters are %v, want %v", last.Parameters, e.params)
	}
}

// The types of what an answer holds are the cloud's, also where they are odd.
func TestTypesOfAnswers(t *testing.T) {
	s, c := start(t, Options{})
	id := c.buy(order(params{"RenewalStatus": "AutoRenewal", "RenewPeriod": "3", "Parameter.7.Code": "Log", "Parameter.7.Value": "1"}))
	c.connect(id)
	c.ok(serviceKMS, "UpdateKmsInstanceBindVpc", params{"KmsInstanceId": id, "BindVpcs": `[{"VpcId":"vpc-2","VSwitchId":"vsw-2"}]`})
	c.ok(serviceKMS, "TagResources", with(tagScope(id), params{"Tag.1.Key": "a"}))
	seed(t, s, Instance{PaymentType: PayAsYouGo, ID: "kst-by-use"})

	want := map[string]string{
		"GetKmsInstance KmsInstance": "BindVpcs:map CaCertificateChainPem:text ChargeType:text CreateTime:text DeletionProtection:bool EndDate:text " +
			"InstanceId:text InstanceName:text KeyNum:number Log:number LogStorage:number ProductType:text ProductVersion:text SaleStatus:text " +
			"SecretNum:text Spec:number StartDate:text Status:text VpcId:text VpcNum:number VswitchIds:list ZoneIds:list",
		"GetKmsInstance KmsInstance BindVpcs BindVpc 0": "RegionId:text VSwitchId:text VpcId:text VpcOwnerId:text",
		"ListKmsInstances KmsInstances KmsInstance 0":   "KmsInstanceArn:text KmsInstanceId:text",
		"ListKmsInstances": "KmsInstances:map PageNumber:number PageSize:number RequestId:text TotalCount:number",
		"ListTagResources TagResources TagResource 0":           "ResourceId:text ResourceType:text TagKey:text TagValue:text",
		"GetKmsInstanceQuotaInfos KmsInstanceQuotaInfos 0":      "ResourceQuota:number ResourceType:text UsedQuantity:number",
		"QueryAvailableInstances Data":                          "InstanceList:list PageNum:number PageSize:number TotalCount:number",
		"AssumeRole Credentials":                                "AccessKeyId:text AccessKeySecret:text Expiration:text SecurityToken:text",
		"AssumeRole AssumedRoleUser":                            "Arn:text AssumedRoleId:text",
		"CreateInstance Data":                                   "InstanceId:text OrderId:text",
		"ModifyInstance Data":                                   "HostId:text OrderId:text",
		"RenewInstance Data":                                    "OrderId:text",
		"RefundInstance Data":                                   "HostId:text OrderId:number",
		"QueryAvailableInstances(kst-by-use) Data InstanceList": "list",
		"QueryAvailableInstances Data InstanceList 0": "CreateTime:text EndTime:text ExpectedReleaseTime:text InstanceID:text ProductCode:text " +
			"ProductType:text Region:text RenewStatus:text RenewalDuration:number RenewalDurationUnit:text Seller:text Status:text SubscriptionType:text",
		"QueryAvailableInstances(kst-by-use) Data InstanceList 0": "CreateTime:text InstanceID:text ProductCode:text ProductType:text Region:text " +
			"Seller:text Status:text SubscriptionType:text",
		"DescribeVpcs Vpcs Vpc 0": "CidrBlock:text CreationTime:text Description:text IsDefault:bool OwnerId:number RegionId:text " +
			"ResourceGroupId:text Status:text Tags:map VRouterId:text VSwitchIds:map VpcId:text VpcName:text",
		"DescribeVpcs Vpcs Vpc 0 VSwitchIds": "VSwitchId:list",
		"DescribeVSwitches VSwitches VSwitch 0": "AvailableIpAddressCount:number CidrBlock:text CreationTime:text Description:text IsDefault:bool " +
			"OwnerId:number ResourceGroupId:text ShareType:text Status:text Tags:map VSwitchId:text VSwitchName:text VpcId:text ZoneId:text",
		"DescribeVSwitches VSwitches VSwitch 0 Tags": "Tag:list",
		"GetOrderDetail Data OrderList Order 0": "AfterTaxAmount:text CommodityCode:text Config:text CreateTime:text Currency:text InstanceIDs:text " +
			"OrderId:text OrderType:text PaymentCurrency:text PaymentStatus:text PaymentTime:text PretaxAmount:text PretaxGrossAmount:text " +
			"ProductCode:text ProductType:text Quantity:text Region:text RelatedOrderId:text SubOrderId:text SubscriptionType:text Tax:text",
	}
	answers := map[string]reply{
		"GetKmsInstance":                      c.get(id),
		"ListKmsInstances":                    c.ok(serviceKMS, "ListKmsInstances", nil),
		"ListTagResources":                    c.ok(serviceKMS, "ListTagResources", tagScope(id)),
		"GetKmsInstanceQuotaInfos":            c.ok(serviceKMS, "GetKmsInstanceQuotaInfos", params{"KmsInstanceId": id}),
		"QueryAvailableInstances":             c.ok(serviceBSS, "QueryAvailableInstances", params{"InstanceIDs": id}),
		"QueryAvailableInstances(kst-by-use)": c.ok(serviceBSS, "QueryAvailableInstances", params{"InstanceIDs": "kst-by-use"}),
		"AssumeRole":                          c.ok(serviceSTS, "AssumeRole", params{"RoleArn": roleARN, "RoleSessionName": "ci"}),
		"CreateInstance":                      c.ok(serviceBSS, "CreateInstance", order(nil)),
		"DescribeVpcs":                        c.ok(serviceVPC, "DescribeVpcs", params{"RegionId": "cn-hangzhou"}),
		"DescribeVSwitches":                   c.ok(serviceVPC, "DescribeVSwitches", params{"RegionId": "cn-hangzhou"}),
		"GetOrderDetail":                      c.ok(serviceBSS, "GetOrderDetail", params{"OrderId": s.Orders()[0].ID}),
		"ModifyInstance":                      c.ok(serviceBSS, "ModifyInstance", modification(id, map[string]string{"KeyNum": "2000"}, nil)),
		"RenewInstance":                       c.ok(serviceBSS, "RenewInstance", params{"InstanceId": id, "ProductCode": "kms", "RenewPeriod": "1"}),
		"RefundInstance":                      c.ok(serviceBSS, "RefundInstance", params{"InstanceId": id, "ProductCode": "kms"}),
	}
	for place, shape := range want {
		steps := strings.Fields(place)
		var path []any
		for _, step := range steps[1:] {
			if step == "0" {
				path = append(path, 0)
				continue
			}
			path = append(path, step)
		}
		if got := shapeOf(answers[steps[0]].at(path...)); got != shape {
			t.Errorf("%s is\n%s, want\n%s", place, got, shape)
		}
	}
}

// shapeOf names the fields of a map and their types, or the type of anything else.
func shapeOf(v any) string {
	m, ok := v.(map[string]any)
	if !ok {
		return kindOf(v)
	}
	var fields []string
	for _, name := range slices.Sorted(maps.Keys(m)) {
		fields = append(fields, name+":"+kindOf(m[name]))
	}
	return strings.Join(fields, " ")
}

func kindOf(v any) string {
	switch v.(type) {
	case string:
		return "text"
	case bool:
		return "bool"
	case []any:
		return "list"
	case map[string]any:
		return "map"
	case fmt.Stringer: // json.Number
		return "number"
	}
	return "nothing"
}
