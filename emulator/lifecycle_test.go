package emulator

import (
	"testing"
	"time"
)

// eachForm runs a test with both signatures.
func eachForm(t *testing.T, c client, test func(t *testing.T, c client)) {
	for _, form := range []string{formACS3, formV1} {
		t.Run(form, func(t *testing.T) {
			c.t, c.form = t, form
			test(t, c)
		})
	}
}

func TestLifeOfASubscriptionInstance(t *testing.T) {
	s, c := start(t, Options{
		VirtualClock: true, OrderVisible: 10 * time.Second, Connect: time.Minute, Upgrade: time.Minute, Refund: 30 * time.Second,
	})
	eachForm(t, c, func(t *testing.T, c client) {
		id := c.buy(order(params{"ClientToken": "life-" + c.form}))
		if got := c.get(id).text("KmsInstance", "InstanceId"); got != "" {
			t.Fatalf("visible at once: %q", got)
		}
		s.Advance(10 * time.Second)
		if got := c.status(id); got != StatusUninitialized {
			t.Fatalf("status %q after the order", got)
		}
		tags := params{"RegionId": "cn-hangzhou", "ResourceType": "instance", "ResourceId.1": id}
		c.refused(serviceKMS, "ListTagResources", tags, 400, "Rejected.Uninitialized")
		c.connect(id)
		s.Advance(59 * time.Second)
		if got := c.status(id); got != StatusConnecting {
			t.Fatalf("status %q while connecting", got)
		}
		s.Advance(time.Second)
		if got := c.status(id); got != StatusConnected {
			t.Fatalf("status %q when connected", got)
		}

		change := params{
			"ProductCode": "kms", "ProductType": "kms_ddi_public_cn", "SubscriptionType": "Subscription",
			"ModifyType": "Upgrade", "InstanceId": id, "Parameter.1.Code": "KeyNum", "Parameter.1.Value": "2000",
		}
		c.ok(serviceBSS, "ModifyInstance", change)
		bind := params{"KmsInstanceId": id, "BindVpcs": `[{"VpcId":"vpc-2","VSwitchId":"vsw-2","VpcOwnerId":1234567890123456789}]`}
		c.refused(serviceKMS, "UpdateKmsInstanceBindVpc", bind, 403, "Forbidden.KMSInstanceInUpgrade")
		if got := number(t, c.get(id).at("KmsInstance", "KeyNum")); got != 1000 {
			t.Fatalf("KeyNum %d during the upgrade", got)
		}
		s.Advance(time.Minute)
		if got := number(t, c.get(id).at("KmsInstance", "KeyNum")); got != 2000 {
			t.Fatalf("KeyNum %d after the upgrade", got)
		}
		get := c
		get.method = "GET"
		get.ok(serviceKMS, "UpdateKmsInstanceBindVpc", bind)
		if got := c.get(id).text("KmsInstance", "BindVpcs", "BindVpc", 0, "VpcOwnerId"); got != "1234567890123456789" {
			t.Fatalf("VpcOwnerId %q", got)
		}
		c.ok(serviceKMS, "UpdateKmsInstance", params{"KmsInstanceId": id, "InstanceName": "a name"})
		c.ok(serviceKMS, "SetDeletionProtection", params{"KmsInstanceId": id, "EnableDeletionProtection": "true"})
		refund := params{"InstanceId": id, "ProductCode": "kms", "ProductType": "kms_ddi_public_cn"}
		c.refused(serviceBSS, "RefundInstance", refund, 200, codeProtected)
		c.ok(serviceKMS, "SetDeletionProtection", params{"KmsInstanceId": id, "EnableDeletionProtection": "false"})
		c.ok(serviceBSS, "RefundInstance", refund)
		if got := c.status(id); got != StatusConnected {
			t.Fatalf("status %q right after the refund", got)
		}
		c.refused(serviceBSS, "RefundInstance", refund, 200, "ResourceNotExists")
		s.Advance(30 * time.Second)
		if got, ok := c.get(id).at("KmsInstance", "InstanceId").(string); !ok || got != "" {
			t.Fatalf("InstanceId %q after the refund", got)
		}
	})
	if got := s.Totals(); got.Orders != 2 || got.Modifications != 2 || got.Refunds != 2 {
		t.Fatalf("totals %+v", got)
	}
}
