package cloud

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// Answers of GetKmsInstance, in the forms that KMS and its documentation know.
func TestGetInstance(t *testing.T) {
	on, off := true, false
	for _, test := range []struct {
		name string
		body string
		want Instance
	}{
		{
			name: "connected subscription",
			body: `{"KmsInstance":{"InstanceId":"kst-1","InstanceName":"prod","Status":"Connected","ChargeType":"PREPAY",
				"ProductVersion":"3","ProductType":"kms_ddi_public_cn","SaleStatus":"Normal","Spec":1000,"KeyNum":2000,"SecretNum":"10",
				"VpcNum":7,"Log":1,"LogStorage":1000,"VpcId":"vpc-1","VswitchIds":["vsw-1"],"ZoneIds":["cn-hangzhou-k","cn-hangzhou-j"],
				"BindVpcs":{"BindVpc":[{"VpcId":"vpc-2","VSwitchId":"vsw-2","RegionId":"cn-hangzhou","VpcOwnerId":"9007199254740993"}]},
				"DeletionProtection":true,"DeletionProtectionDescription":"x","CreateTime":"2023-09-05T12:44:20Z",
				"StartDate":"2023-09-05T12:44:20Z","EndDate":"2024-09-05T16:00:00Z","CaCertificateChainPem":"-----BEGIN CERTIFICATE-----\r\nx"},
				"RequestId":"r"}`,
			want: Instance{
				ID: "kst-1", Name: "prod", Status: StatusConnected, PaymentType: Subscription,
				ProductType: "kms_ddi_public_cn", SaleStatus: "Normal", Sizes: map[string]string{
					"ProductVersion": "3", "Spec": "1000", "KeyNum": "2000", "SecretNum": "10", "VpcNum": "7", "Log": "1", "LogStorage": "1000",
				},
				VpcID: "vpc-1", VswitchIDs: []string{"vsw-1"}, ZoneIDs: []string{"cn-hangzhou-k", "cn-hangzhou-j"},
				BindVpcs:           []BindVpc{{VpcID: "vpc-2", VswitchID: "vsw-2", RegionID: "cn-hangzhou", VpcOwnerID: "9007199254740993"}},
				DeletionProtection: &on, CreateTime: "2023-09-05T12:44:20Z", StartDate: "2023-09-05T12:44:20Z", EndDate: "2024-09-05T16:00:00Z",
				CACertificateChainPEM: "-----BEGIN CERTIFICATE-----\r\nx",
			},
		},
		{
			name: "older form: lists as strings, numbers as strings",
			body: `{"KmsInstance":{"InstanceId":"kst-1","Status":"Connected","ChargeType":"POSTPAY","ProductVersion":3,"Spec":"1000","KeyNum":"",
				"SecretNum":"010","VpcNum":null,"Log":"0","LogStorage":"1000.0","VswitchIds":"vsw-1",
				"ZoneIds":"\"cn-hangzhou-k\",  \"cn-hangzhou-j\"","BindVpcs":{"BindVpc":[]},"DeletionProtection":"false"}}`,
			want: Instance{
				ID: "kst-1", Status: StatusConnected, PaymentType: PayAsYouGo,
				Sizes:      map[string]string{"ProductVersion": "3", "Spec": "1000", "SecretNum": "10", "Log": "0", "LogStorage": "1000"},
				VswitchIDs: []string{"vsw-1"}, ZoneIDs: []string{"cn-hangzhou-k", "cn-hangzhou-j"}, DeletionProtection: &off,
			},
		},
		{
			name: "not connected yet: empty strings for lists",
			body: `{"KmsInstance":{"InstanceId":"kst-1","Status":"Uninitialized","ChargeType":"PREPAY","VpcId":"","VswitchIds":"","ZoneIds":"","BindVpcs":"","Log":false}}`,
			want: Instance{ID: "kst-1", Status: StatusUninitialized, PaymentType: Subscription, Sizes: map[string]string{"Log": "0"}},
		},
		{
			name: "bare list of VPCs, owner as a number",
			body: `{"KmsInstance":{"InstanceId":"kst-1","BindVpcs":[{"VpcId":"vpc-2","VSwitchId":"vsw-2","VpcOwnerId":9007199254740993}],"Log":true}}`,
			want: Instance{ID: "kst-1", Sizes: map[string]string{"Log": "1"}, BindVpcs: []BindVpc{{VpcID: "vpc-2", VswitchID: "vsw-2", VpcOwnerID: "9007199254740993"}}},
		},
		{
			name: "null for everything",
			body: `{"KmsInstance":{"InstanceId":"kst-1","Status":null,"Spec":null,"SecretNum":null,"Log":null,"VswitchIds":null,"ZoneIds":null,"BindVpcs":null,"DeletionProtection":null}}`,
			want: Instance{ID: "kst-1", Sizes: map[string]string{}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := serve(t, replies(reply{body: test.body}))
			c := f.client()
			got, err := c.GetInstance(t.Context(), "kst-1")
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(*got, test.want) {
				t.Errorf("got  %+v\nwant %+v", *got, test.want)
			}
		})
	}
}

// Nothing but KMS's own word for it means that an instance is gone. Other answers are in test/wire.
func TestGone(t *testing.T) {
	for name, c := range map[string]struct {
		answer reply
		gone   bool
	}{
		"empty id":                   {reply{body: `{"KmsInstance":{"InstanceId":""},"RequestId":"r"}`}, true},
		"the code":                   {apiError(403, "Forbidden.DKMSInstanceNotFound"), true},
		"no id":                      {reply{body: `{"KmsInstance":{},"RequestId":"r"}`}, false},
		"an id of another form":      {reply{body: `{"KmsInstance":{"InstanceId":[]},"RequestId":"r"}`}, false},
		"instance of another form":   {reply{body: `{"KmsInstance":"","RequestId":"r"}`}, false},
		"empty body":                 {reply{body: ``}, false},
		"cut body":                   {reply{body: `{"KmsInstance":{"InstanceId":"","RequestId":"r"}}`, cut: true}, false},
		"wrong host":                 {apiError(404, "InvalidApi.NotFound"), false},
		"some other thing not found": {apiError(404, "Forbidden.KeyNotFound"), false},
		"an empty id in a failure":   {reply{status: 404, body: `{"Code":"X","KmsInstance":{"InstanceId":""}}`}, false},
		"an empty id in a refusal":   {reply{body: `{"Success":false,"KmsInstance":{"InstanceId":""}}`}, false},
		"an empty id with a code":    {reply{body: `{"Code":"Forbidden","KmsInstance":{"InstanceId":""}}`}, false},
	} {
		bubble(t, name, func(t *testing.T) {
			f := serve(t, replies(c.answer))
			instance, err := f.client().GetInstance(t.Context(), "kst-1")
			if instance != nil || err == nil || errors.Is(err, ErrGone) != c.gone || c.gone && f.count() != 1 {
				t.Errorf("got %+v, %v after %d tries", instance, err, f.count())
			}
		})
	}
	f := serve(t, replies(reply{body: `{"KmsInstance":{"InstanceId":""}}`}))
	if _, err := f.client().GetInstance(t.Context(), ""); err == nil || errors.Is(err, ErrGone) || f.count() != 0 {
		t.Errorf("the instance without an id: error %v, %d requests; want a refusal before any", err, f.count())
	}
}

// HTTP 200 is not success.
func TestFailuresWithHTTP200(t *testing.T) {
	for _, body := range []string{
		`{"Code":"Bad.Thing","Message":"no","RequestId":"req-bad"}`,
		`{"code":"Bad.Thing","message":"no","requestId":"req-bad"}`,
		`{"Success":false,"Code":"Bad.Thing","Message":"no","RequestId":"req-bad"}`,
		`{"Success":"false","Code":"Bad.Thing","Message":"no","RequestId":"req-bad"}`,
		`{"Success":true,"Code":"Bad.Thing","Message":"no","RequestId":"req-bad"}`,
	} {
		f := serve(t, replies(reply{body: body}))
		e := in(f.client().RenameInstance(t.Context(), "kst-1", "n"))
		if e.Code != "Bad.Thing" || e.Message != "no" || e.RequestID != "req-bad" || e.HTTPStatus != 200 || f.count() != 1 {
			t.Errorf("%s became %+v after %d tries", body, e, f.count())
		}
	}
	f := serve(t, replies(reply{body: `{"Success":false,"RequestId":"req-bad"}`}))
	if err := f.client().RenameInstance(t.Context(), "kst-1", "n"); err == nil || !strings.Contains(err.Error(), "no reason given") {
		t.Errorf("the error is %v", err)
	}
}

// All pages, each instance once, also if the server gives smaller pages than asked for or the list changes meanwhile.
func TestListInstancesPages(t *testing.T) {
	page := func(ids ...string) reply {
		var rows []string
		for _, id := range ids {
			rows = append(rows, fmt.Sprintf(`{"KmsInstanceId":%q,"KmsInstanceArn":"arn of %s"}`, id, id))
		}
		return reply{body: fmt.Sprintf(`{"KmsInstances":{"KmsInstance":[%s]},"TotalCount":"5"}`, strings.Join(rows, ","))}
	}
	f := serve(t, replies(page("kst-1", "kst-2"), page("kst-2", "kst-3"), page("kst-4"), page()))
	refs, err := f.client().ListInstances(t.Context())
	want := []InstanceRef{{"kst-1", "arn of kst-1"}, {"kst-2", "arn of kst-2"}, {"kst-3", "arn of kst-3"}, {"kst-4", "arn of kst-4"}}
	if err != nil || !slices.Equal(refs, want) || f.count() != 3 || f.seen(3).param("PageNumber") != "3" {
		t.Errorf("%v in %d pages, error %v", refs, f.count(), err)
	}
	for _, empty := range []reply{{body: `{"TotalCount":0}`}, page()} { // the latter shrank while it was read
		f := serve(t, replies(empty))
		if refs, err := f.client().ListInstances(t.Context()); err != nil || len(refs) != 0 {
			t.Errorf("got %v, %v", refs, err)
		}
	}
}

// An answer that lacks what it must have is none. Neither is a list whose pages repeat: it has no end, and nobody can say what
// else is in it.
func TestIncompleteAnswers(t *testing.T) {
	instances := func(ctx context.Context, c *Client) error { _, err := c.ListInstances(ctx); return err }
	vSwitches := func(ctx context.Context, c *Client) error { _, err := c.ListVSwitches(ctx, "vpc-1"); return err }
	for body, call := range map[string]func(context.Context, *Client) error{
		`{"KmsInstances":{"KmsInstance":[]}}`:                                         instances,
		`{"TotalCount":1}`:                                                            instances,
		`{"TotalCount":1,"KmsInstances":{"KmsInstance":[{}]}}`:                        instances,
		`{"TotalCount":5,"KmsInstances":{"KmsInstance":[{"KmsInstanceId":"kst-1"}]}}`: instances,
		`{"VSwitches":{"VSwitch":[]}}`:                                                vSwitches,
		`{"VSwitches":{"VSwitch":[{}]},"TotalCount":1}`:                               vSwitches,
		`{"RequestId":"r"}`:                                                           sampleCalls["read"],
		`{"TagResources":{"TagResource":[]},"NextToken":"n"}`:                         sampleCalls["read"],
		`{"IdentityType":"RAMUser"}`:                                                  func(ctx context.Context, c *Client) error { _, err := c.GetCallerIdentity(ctx); return err },
		`{"Success":true}`:                                                            func(ctx context.Context, c *Client) error { _, err := c.GetRenewal(ctx, "kst-1"); return err },
		`{"KmsInstanceQuotaInfos":[{"ResourceType":"key","ResourceQuota":1000}]}`:     func(ctx context.Context, c *Client) error { _, err := c.GetQuotas(ctx, "kst-1"); return err },
	} {
		bubble(t, body, func(t *testing.T) {
			if err := call(t.Context(), serve(t, replies(reply{body: body})).client()); !HasCode(err, CodeMalformedAnswer) {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

func TestListBilled(t *testing.T) {
	f := serve(t, func(_ int, r request) reply {
		if r.param("Region") != "<absent>" || r.param("ProductType") != "kms_ppi_public_cn" {
			t.Errorf("asked with %v", r.Query)
		}
		if r.param("PageNum") == "1" {
			return reply{body: `{"Success":true,"Data":{"TotalCount":4,"InstanceList":[
				{"InstanceID":"kst-1","Status":"Creating","Region":"cn-hangzhou","CreateTime":"2026-01-02T03:04:05Z"},
				{"InstanceID":"kst-2","Status":"Normal","Region":"cn-shanghai"}]}}`}
		}
		return reply{body: `{"Success":true,"Data":{"TotalCount":"4","InstanceList":[{"InstanceID":"dkr-3"},{"InstanceID":"kst-4","Status":"Normal"}]}}`}
	})
	rows, err := f.client().ListBilled(t.Context(), PayAsYouGo)
	want := []Billed{{ID: "kst-1", Status: BilledCreating, CreateTime: "2026-01-02T03:04:05Z", Region: "cn-hangzhou"}, {ID: "kst-4", Status: BilledNormal}}
	if err != nil || !slices.Equal(rows, want) {
		t.Errorf("%+v, %v", rows, err)
	}
}

func TestPaidFor(t *testing.T) {
	for rows, want := range map[string]string{
		`{"PretaxAmount":"4213.0","Currency":"CNY"}`:                                                            "4213.00 CNY",
		`{"AfterTaxAmount":"10.1","PretaxAmount":"9","Currency":"USD"},{"AfterTaxAmount":0.2,"Currency":"USD"}`: "10.30 USD",
		``:                         "",
		`{"PretaxAmount":"a lot"}`: "",
	} {
		f := serve(t, replies(reply{body: `{"Success":true,"Data":{"OrderList":{"Order":[` + rows + `]}}}`}))
		if paid, err := f.client().PaidFor(t.Context(), "1"); err != nil || paid != want {
			t.Errorf("%q, %v; want %q", paid, err, want)
		}
	}
}

func TestGetQuotas(t *testing.T) {
	f := serve(t, replies(reply{body: `{"KmsInstanceQuotaInfos":[{"ResourceType":"key","ResourceQuota":1000,"UsedQuantity":"12"}]}`}))
	if quotas, err := f.client().GetQuotas(t.Context(), "kst-1"); err != nil || !slices.Equal(quotas, []Quota{{"key", 1000, 12}}) {
		t.Errorf("%v, %v", quotas, err)
	}
}

func TestListTagsPages(t *testing.T) {
	f := serve(t, func(_ int, r request) reply {
		switch r.param("NextToken") {
		case "<absent>":
			return reply{body: `{"TagResources":{"TagResource":[{"ResourceId":"kst-1","ResourceType":"instance","TagKey":"a","TagValue":"1"},
				{"ResourceId":"kst-2","TagKey":"other","TagValue":"x"}]},"NextToken":"n1"}`}
		case "n1":
			return reply{body: `{"TagResources":{"TagResource":[{"ResourceId":"kst-1","TagKey":"acs:rm","TagValue":""}]},"NextToken":""}`}
		}
		return apiError(400, "InvalidParameter")
	})
	tags, err := f.client().ListTags(t.Context(), "kst-1")
	if want := map[string]string{"a": "1", "acs:rm": ""}; err != nil || !maps.Equal(tags, want) {
		t.Errorf("got %v, %v; want %v", tags, err, want)
	}
}
