package cloud

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
)

const (
	kmsHost = "kms.cn-hangzhou.aliyuncs.com"
	stsHost = "sts.cn-hangzhou.aliyuncs.com"

	bssDomesticHost      = "business.aliyuncs.com"
	bssInternationalHost = "business.ap-southeast-1.aliyuncs.com"
)

// Every call, as it goes over the wire.
func TestWireFormat(t *testing.T) {
	t.Parallel()
	const instance = `{"RequestId":"r","KmsInstance":{"InstanceId":"kst-1","Status":"Connected"}}`
	for _, test := range []struct {
		name    string
		call    func(context.Context, *Client) error
		answer  string
		host    string
		action  string
		version string
		query   map[string]string
	}{
		{
			name:   "get",
			call:   func(ctx context.Context, c *Client) error { _, err := c.GetInstance(ctx, "kst-1"); return err },
			answer: instance, host: kmsHost, action: "GetKmsInstance", version: "2016-01-20",
			query: map[string]string{"KmsInstanceId": "kst-1"},
		},
		{
			name:   "list",
			call:   func(ctx context.Context, c *Client) error { _, err := c.ListInstances(ctx); return err },
			answer: `{"KmsInstances":{"KmsInstance":[]},"TotalCount":0,"PageNumber":1,"PageSize":100}`,
			host:   kmsHost, action: "ListKmsInstances", version: "2016-01-20",
			query: map[string]string{"PageNumber": "1", "PageSize": "100"},
		},
		{
			name: "connect",
			call: func(ctx context.Context, c *Client) error {
				return c.ConnectInstance(ctx, ConnectRequest{
					InstanceID: "kst-1", VpcID: "vpc-1",
					ZoneIDs: []string{"cn-hangzhou-k", "cn-hangzhou-j"}, VswitchIDs: []string{"vsw-1"},
				})
			},
			answer: okKMS, host: kmsHost, action: "ConnectKmsInstance", version: "2016-01-20",
			query: map[string]string{
				"KmsInstanceId": "kst-1", "VpcId": "vpc-1", "ZoneIds": "cn-hangzhou-k,cn-hangzhou-j", "VSwitchIds": "vsw-1", "KMProvider": "Aliyun",
			},
		},
		{
			name: "bind VPCs",
			call: func(ctx context.Context, c *Client) error {
				return c.SetBindVpcs(ctx, "kst-1", []BindVpc{
					{VpcID: "vpc-2", VswitchID: "vsw-2", RegionID: "cn-hangzhou", VpcOwnerID: "9007199254740993"},
					{VpcID: "vpc-3", VswitchID: "vsw-3", RegionID: "cn-hangzhou"},
				})
			},
			answer: okKMS, host: kmsHost, action: "UpdateKmsInstanceBindVpc", version: "2016-01-20",
			query: map[string]string{
				"KmsInstanceId": "kst-1",
				"BindVpcs": `[{"VpcId":"vpc-2","VSwitchId":"vsw-2","RegionId":"cn-hangzhou","VpcOwnerId":9007199254740993},` +
					`{"VpcId":"vpc-3","VSwitchId":"vsw-3","RegionId":"cn-hangzhou"}]`,
			},
		},
		{
			name:   "unbind VPCs",
			call:   func(ctx context.Context, c *Client) error { return c.SetBindVpcs(ctx, "kst-1", nil) },
			answer: okKMS, host: kmsHost, action: "UpdateKmsInstanceBindVpc", version: "2016-01-20",
			query: map[string]string{"KmsInstanceId": "kst-1", "BindVpcs": "[]"},
		},
		{
			name:   "rename",
			call:   func(ctx context.Context, c *Client) error { return c.RenameInstance(ctx, "kst-1", "ein Näme & mehr") },
			answer: okKMS, host: kmsHost, action: "UpdateKmsInstance", version: "2016-01-20",
			query: map[string]string{"KmsInstanceId": "kst-1", "InstanceName": "ein Näme & mehr"},
		},
		{
			name:   "protect",
			call:   func(ctx context.Context, c *Client) error { return c.SetDeletionProtection(ctx, "kst-1", true) },
			answer: okKMS, host: kmsHost, action: "SetDeletionProtection", version: "2016-01-20",
			query: map[string]string{"KmsInstanceId": "kst-1", "EnableDeletionProtection": "true"},
		},
		{
			name:   "unprotect",
			call:   func(ctx context.Context, c *Client) error { return c.SetDeletionProtection(ctx, "kst-1", false) },
			answer: okKMS, host: kmsHost, action: "SetDeletionProtection", version: "2016-01-20",
			query: map[string]string{"KmsInstanceId": "kst-1", "EnableDeletionProtection": "false"},
		},
		{
			name:   "release",
			call:   func(ctx context.Context, c *Client) error { return c.ReleaseInstance(ctx, "kst-1", true) },
			answer: okKMS, host: kmsHost, action: "ReleaseKmsInstance", version: "2016-01-20",
			query: map[string]string{"KmsInstanceId": "kst-1", "ForceDeleteWithoutBackup": "true"},
		},
		{
			name:   "list tags",
			call:   func(ctx context.Context, c *Client) error { _, err := c.ListTags(ctx, "kst-1"); return err },
			answer: `{"TagResources":{"TagResource":[]},"NextToken":""}`,
			host:   kmsHost, action: "ListTagResources", version: "2016-01-20",
			query: map[string]string{"RegionId": "cn-hangzhou", "ResourceType": "instance", "ResourceId.1": "kst-1"},
		},
		{
			name: "tag",
			call: func(ctx context.Context, c *Client) error {
				return c.TagInstance(ctx, "kst-1", map[string]string{"b": "", "a": "<1>"})
			},
			answer: okKMS, host: kmsHost, action: "TagResources", version: "2016-01-20",
			query: map[string]string{
				"RegionId": "cn-hangzhou", "ResourceType": "instance", "ResourceId.1": "kst-1",
				"Tag.1.Key": "a", "Tag.1.Value": "<1>", "Tag.2.Key": "b", "Tag.2.Value": "",
			},
		},
		{
			name:   "untag",
			call:   func(ctx context.Context, c *Client) error { return c.UntagInstance(ctx, "kst-1", []string{"b", "a"}) },
			answer: okKMS, host: kmsHost, action: "UntagResources", version: "2016-01-20",
			query: map[string]string{
				"RegionId": "cn-hangzhou", "ResourceType": "instance", "ResourceId.1": "kst-1", "TagKey.1": "a", "TagKey.2": "b",
			},
		},
		{
			name:   "identity",
			call:   func(ctx context.Context, c *Client) error { _, err := c.GetCallerIdentity(ctx); return err },
			answer: `{"AccountId":"1234567890123456","RequestId":"r"}`, host: stsHost, action: "GetCallerIdentity", version: "2015-04-01",
			query: map[string]string{},
		},
		{
			name: "buy a subscription",
			call: func(ctx context.Context, c *Client) error {
				_, err := c.CreateInstance(ctx, Purchase{
					ClientToken: "token-1", PaymentType: Subscription, Period: 12, RenewalStatus: AutoRenewal, RenewMonths: 6,
					Sizes: map[string]string{
						"ProductVersion": "3", "Spec": "1000", "KeyNum": "1000", "SecretNum": "0", "VpcNum": "1", "Log": "0", "LogStorage": "0",
					},
				})
				return err
			},
			answer: okBSS, host: bssDomesticHost, action: "CreateInstance", version: "2017-12-14",
			query: map[string]string{
				"ProductCode": "kms", "ProductType": "kms_ddi_public_cn", "SubscriptionType": "Subscription", "ClientToken": "token-1",
				"Period": "12", "RenewalStatus": "AutoRenewal", "RenewPeriod": "6",
				"Parameter.1.Code": "KeyNum", "Parameter.1.Value": "1000",
				"Parameter.2.Code": "Log", "Parameter.2.Value": "0",
				"Parameter.3.Code": "LogStorage", "Parameter.3.Value": "0",
				"Parameter.4.Code": "ProductVersion", "Parameter.4.Value": "3",
				"Parameter.5.Code": "Region", "Parameter.5.Value": "cn-hangzhou",
				"Parameter.6.Code": "SecretNum", "Parameter.6.Value": "0",
				"Parameter.7.Code": "Spec", "Parameter.7.Value": "1000",
				"Parameter.8.Code": "VpcNum", "Parameter.8.Value": "1",
			},
		},
		{
			name: "buy pay-as-you-go",
			call: func(ctx context.Context, c *Client) error {
				c.learnSiteFrom("kms_ppi_public_intl")
				_, err := c.CreateInstance(ctx, Purchase{
					ClientToken: "token-2", PaymentType: PayAsYouGo, Sizes: map[string]string{"ProductVersion": "5", "Log": "1"},
					Period: 1, RenewalStatus: ManualRenewal, RenewMonths: 1,
				})
				return err
			},
			answer: okBSS, host: bssInternationalHost, action: "CreateInstance", version: "2017-12-14",
			query: map[string]string{
				"ProductCode": "kms", "ProductType": "kms_ppi_public_intl", "SubscriptionType": "PayAsYouGo", "ClientToken": "token-2",
				"Parameter.1.Code": "Log", "Parameter.1.Value": "1",
				"Parameter.2.Code": "ProductVersion", "Parameter.2.Value": "5",
				"Parameter.3.Code": "Region", "Parameter.3.Value": "cn-hangzhou",
			},
		},
		{
			name: "change sizes",
			call: func(ctx context.Context, c *Client) error {
				_, err := c.ModifyInstance(ctx, SizeOrder{
					ClientToken: "token-3", InstanceID: "kst-1", PaymentType: Subscription,
					Sizes: map[string]string{"VpcNum": "0", "KeyNum": "2000"},
				})
				return err
			},
			answer: okBSS, host: bssDomesticHost, action: "ModifyInstance", version: "2017-12-14",
			query: map[string]string{
				"ProductCode": "kms", "ProductType": "kms_ddi_public_cn", "SubscriptionType": "Subscription", "ClientToken": "token-3",
				"ModifyType": "Upgrade", "InstanceId": "kst-1",
				"Parameter.1.Code": "KeyNum", "Parameter.1.Value": "2000",
				"Parameter.2.Code": "VpcNum", "Parameter.2.Value": "0",
			},
		},
		{
			name: "refund",
			call: func(ctx context.Context, c *Client) error {
				c.learnSiteFrom("kms_ddi_public_intl")
				_, err := c.RefundInstance(ctx, "kst-1", "token-4")
				return err
			},
			answer: `{"Code":"Success","Success":true,"Data":{"OrderId":2003,"HostId":"cn"}}`,
			host:   bssInternationalHost, action: "RefundInstance", version: "2017-12-14",
			query: map[string]string{
				"InstanceId": "kst-1", "ProductCode": "kms", "ProductType": "kms_ddi_public_intl", "ImmediatelyRelease": "1", "ClientToken": "token-4",
			},
		},
		{
			name: "set automatic renewal",
			call: func(ctx context.Context, c *Client) error {
				return c.SetRenewal(ctx, "kst-1", Renewal{Status: AutoRenewal, Period: 1, Unit: "Y"})
			},
			answer: `{"Code":"Success","Success":true}`, host: bssDomesticHost, action: "SetRenewal", version: "2017-12-14",
			query: map[string]string{
				"InstanceIDs": "kst-1", "ProductCode": "kms", "ProductType": "kms_ddi_public_cn", "SubscriptionType": "Subscription",
				"RenewalStatus": "AutoRenewal", "RenewalPeriod": "1", "RenewalPeriodUnit": "Y",
			},
		},
		{
			name: "set no renewal",
			call: func(ctx context.Context, c *Client) error {
				return c.SetRenewal(ctx, "kst-1", Renewal{Status: NotRenewal, Period: 1, Unit: "M"})
			},
			answer: `{"Code":"Success","Success":true}`, host: bssDomesticHost, action: "SetRenewal", version: "2017-12-14",
			query: map[string]string{
				"InstanceIDs": "kst-1", "ProductCode": "kms", "ProductType": "kms_ddi_public_cn", "SubscriptionType": "Subscription",
				"RenewalStatus": "NotRenewal",
			},
		},
		{
			name:   "get renewal",
			call:   func(ctx context.Context, c *Client) error { _, err := c.GetRenewal(ctx, "kst-1"); return err },
			answer: `{"Code":"Success","Success":true,"Data":{"InstanceList":[],"TotalCount":0}}`,
			host:   bssDomesticHost, action: "QueryAvailableInstances", version: "2017-12-14",
			query: map[string]string{
				"InstanceIDs": "kst-1", "ProductCode": "kms", "ProductType": "kms_ddi_public_cn", "SubscriptionType": "Subscription",
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := serve(t, replies(reply{body: test.answer}))
			if err := test.call(t.Context(), f.client()); err != nil {
				t.Fatal(err)
			}
			r := f.seen(1)
			if f.count() != 1 || r.Method != "POST" || r.Path != "/" || r.Length != 0 {
				t.Errorf("%d requests, %s %s with %d bytes; want one POST / without a body", f.count(), r.Method, r.Path, r.Length)
			}
			if r.Host != test.host || r.Action != test.action || r.Version != test.version {
				t.Errorf("%s %s went to %s; want %s %s to %s", r.Action, r.Version, r.Host, test.action, test.version, test.host)
			}
			want := url.Values{}
			for k, v := range test.query {
				want.Set(k, v)
			}
			for _, k := range slices.Sorted(maps.Keys(want)) {
				if r.param(k) != want.Get(k) {
					t.Errorf("%s is %q, want %q", k, r.param(k), want.Get(k))
				}
			}
			for _, k := range slices.Sorted(maps.Keys(r.Query)) {
				if !want.Has(k) {
					t.Errorf("%s=%q is sent, want it left out", k, r.param(k))
				}
			}
		})
	}
}

// What goes with every request.
func TestOriginAndUserAgent(t *testing.T) {
	t.Parallel()
	f := serve(t, replies(reply{body: `{"AccountId":"1"}`}))
	c := f.client(func(o *Options) {
		o.SourceIP, o.SecureTransport, o.UserAgent = "192.0.2.1", "true", "pulumi-alicloud-kms/1.2.3"
	})
	if _, err := c.GetCallerIdentity(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := f.seen(1)
	if r.param("SourceIp") != "192.0.2.1" || r.param("SecureTransport") != "true" {
		t.Errorf("the origin is %q, %q", r.param("SourceIp"), r.param("SecureTransport"))
	}
	if ua := r.Header.Get("User-Agent"); !strings.HasPrefix(ua, "AlibabaCloud") || !strings.HasSuffix(ua, " pulumi-alicloud-kms/1.2.3") {
		t.Errorf("the user agent is %q", ua)
	}
	if got := r.Header.Get("x-acs-credentials-provider"); got != "static_ak" {
		t.Errorf("the provider of the credentials is %q, want static_ak", got)
	}
	if len(r.Header.Get("x-acs-signature-nonce")) != 32 {
		t.Errorf("the nonce is %q, want 32 characters", r.Header.Get("x-acs-signature-nonce"))
	}
}

// Tags go in portions that the API takes, and nothing is called for none.
func TestTagPortions(t *testing.T) {
	t.Parallel()
	f := serve(t, replies(reply{body: okKMS}))
	c := f.client()
	tags := map[string]string{}
	for i := range 45 {
		tags["k"+string(rune('A'+i))] = "v"
	}
	keys := slices.Collect(maps.Keys(tags))
	for _, call := range []func() error{
		func() error { return c.TagInstance(t.Context(), "kst-1", tags) },
		func() error { return c.UntagInstance(t.Context(), "kst-1", keys) },
		func() error { return c.TagInstance(t.Context(), "kst-1", nil) },
		func() error { return c.UntagInstance(t.Context(), "kst-1", nil) },
	} {
		if err := call(); err != nil {
			t.Fatal(err)
		}
	}
	if f.count() != 6 {
		t.Fatalf("%d requests, want 3 to tag and 3 to untag", f.count())
	}
	sent := map[string]int{}
	for n := range 6 {
		for name, values := range f.seen(n + 1).Query {
			if strings.HasPrefix(name, "Tag.") && strings.HasSuffix(name, ".Key") || strings.HasPrefix(name, "TagKey.") {
				sent[values[0]]++
			}
		}
	}
	for key := range tags {
		if sent[key] != 2 {
			t.Errorf("%s was sent %d times, want once to tag and once to untag", key, sent[key])
		}
	}
}
