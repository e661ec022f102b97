package cloud

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
)

const (
	kmsHost = "kms.cn-hangzhou.aliyuncs.com"

	bssDomesticHost      = "business.aliyuncs.com"
	bssInternationalHost = "business.ap-southeast-1.aliyuncs.com"
)

// The calls whose parameters take more than copying, as they go over the wire.
func TestWireFormat(t *testing.T) {
	for want, call := range map[string]func(context.Context, *Client) error{
		`UpdateKmsInstanceBindVpc BindVpcs=[{"VpcId":"vpc-2","VSwitchId":"vsw-2","RegionId":"cn-hangzhou","VpcOwnerId":9007199254740993},` +
			`{"VpcId":"vpc-3","VSwitchId":"vsw-3","RegionId":"cn-hangzhou"}] KmsInstanceId=kst-1`: func(ctx context.Context, c *Client) error {
			return c.SetBindVpcs(ctx, "kst-1", []BindVpc{
				{VpcID: "vpc-2", VswitchID: "vsw-2", RegionID: "cn-hangzhou", VpcOwnerID: "9007199254740993"},
				{VpcID: "vpc-3", VswitchID: "vsw-3", RegionID: "cn-hangzhou"},
			})
		},
		"TagResources RegionId=cn-hangzhou ResourceId.1=kst-1 ResourceType=instance Tag.1.Key=a Tag.1.Value=<ä & 1> Tag.2.Key=b Tag.2.Value=": func(ctx context.Context, c *Client) error {
			return c.TagInstance(ctx, "kst-1", map[string]string{"b": "", "a": "<ä & 1>"})
		},
		"CreateInstance ClientToken=token-1 Parameter.1.Code=ProductVersion Parameter.1.Value=3 Parameter.2.Code=Region Parameter.2.Value=cn-hangzhou " +
			"Parameter.3.Code=SecretNum Parameter.3.Value=0 Period=12 ProductCode=kms ProductType=kms_ddi_public_cn RenewPeriod=6 " +
			"RenewalStatus=AutoRenewal SubscriptionType=Subscription": func(ctx context.Context, c *Client) error {
			_, err := c.CreateInstance(ctx, Purchase{
				ClientToken: "token-1", PaymentType: Subscription, Period: 12, RenewalStatus: AutoRenewal, RenewMonths: 6,
				Sizes: map[string]string{"ProductVersion": "3", "SecretNum": "0"},
			})
			return err
		},
		"CreateInstance ClientToken=token-2 Parameter.1.Code=Region Parameter.1.Value=cn-hangzhou ProductCode=kms " +
			"ProductType=kms_ppi_public_intl SubscriptionType=PayAsYouGo": func(ctx context.Context, c *Client) error {
			c.learnSiteFrom("kms_ppi_public_intl")
			_, err := c.CreateInstance(ctx, Purchase{
				ClientToken: "token-2", PaymentType: PayAsYouGo, Period: 1, RenewalStatus: ManualRenewal, RenewMonths: 1,
			})
			return err
		},
		"ModifyInstance ClientToken=token-1 InstanceId=kst-1 ModifyType=Upgrade Parameter.1.Code=KeyNum Parameter.1.Value=100 ProductCode=kms " +
			"ProductType=kms_ddi_public_cn SubscriptionType=Subscription": modifySample,
		"RefundInstance ClientToken=token ImmediatelyRelease=1 InstanceId=kst-1 ProductCode=kms ProductType=kms_ddi_public_cn": sampleCalls["refund"],
		"SetRenewal InstanceIDs=kst-1 ProductCode=kms ProductType=kms_ddi_public_cn RenewalPeriod=1 RenewalPeriodUnit=Y RenewalStatus=AutoRenewal " +
			"SubscriptionType=Subscription": func(ctx context.Context, c *Client) error {
			return c.SetRenewal(ctx, "kst-1", Renewal{Status: AutoRenewal, Period: 1, Unit: "Y"})
		},
		"SetRenewal InstanceIDs=kst-1 ProductCode=kms ProductType=kms_ddi_public_cn RenewalStatus=NotRenewal SubscriptionType=Subscription": func(ctx context.Context, c *Client) error {
			return c.SetRenewal(ctx, "kst-1", Renewal{Status: NotRenewal, Period: 1, Unit: "M"})
		},
	} {
		f := serve(t, replies(success))
		if err := call(t.Context(), f.client()); err != nil {
			t.Fatal(err)
		}
		r := f.seen(1)
		got := r.Action
		for _, name := range slices.Sorted(maps.Keys(r.Query)) {
			got += " " + name + "=" + r.param(name)
		}
		if got != want || f.count() != 1 {
			t.Errorf("%d requests: %s\nwant %s", f.count(), got, want)
		}
	}
}

// What goes with every request.
func TestOriginAndUserAgent(t *testing.T) {
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
