package emulator

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

// Signed parameters of any content are answered in the cloud's shape, and never spoil the state.
func FuzzParameters(f *testing.F) {
	f.Add(0, "KmsInstanceId", "kst-1", "BindVpcs", `[{"VpcId":"vpc-2","VSwitchId":"vsw-2","VpcOwnerId":1}]`)
	f.Add(1, "Tag.1.Key", "a", "Tag.999999999999999999999.Key", "b")
	f.Add(2, "Filters", `[{"Key":"InstanceName","Values":null}]`, "PageNumber", "9223372036854775807")
	f.Add(3, "Parameter.1.Code", "KeyNum", "Parameter.1.Value", "-1")
	f.Add(4, "RenewalPeriod", "\x00", "InstanceIDs", ",,,")
	f.Add(5, "DurationSeconds", "1e3", "RoleArn", "acs:ram::")
	f.Add(6, "NextToken", "dGFnczotMQ==", "ResourceId.1", "kst-1")
	f.Add(27, "CidrBlock", "10.0.0.0/33", "ZoneId", "cn-hangzhou-k")
	f.Add(7, "EnableDeletionProtection", "true", "KmsInstanceId", "kst-1")
	var all []operationName
	for _, service := range []string{serviceKMS, serviceBSS, serviceSTS, serviceVPC} {
		for _, action := range sortedActions(service) {
			all = append(all, operationName{service, action})
		}
	}
	base := params{
		"RegionId": "cn-hangzhou", "ResourceType": "instance", "ProductCode": "kms", "ProductType": "kms_ddi_public_cn",
		"SubscriptionType": "Subscription", "Period": "1", "ModifyType": "Upgrade", "InstanceId": "kst-1", "InstanceIDs": "kst-1",
		"RenewalStatus": "AutoRenewal", "RoleSessionName": "ci", "RoleArn": roleARN, "RenewPeriod": "1", "VpcId": "vpc-bp1example", "ZoneId": "cn-hangzhou-k", "CidrBlock": "192.168.1.0/24",
		"VSwitchId": "vsw-bp1example",
	}
	f.Fuzz(func(t *testing.T, which int, name1, value1, name2, value2 string) {
		op := all[uint(which)%uint(len(all))]
		s, err := New(Options{})
		if err != nil {
			t.Fatal(err)
		}
		seed(t, s, Instance{ID: "kst-1", Tags: map[string]string{"a": "b"}})
		p := with(base, params{name1: value1, name2: value2})
		c := client{t: t, base: "http://127.0.0.1", form: formV1, key: DefaultAccessKeyID, secret: DefaultAccessKeySecret, at: time.Now()}
		for name := range p {
			if commonParameters[name] {
				return // it would replace a parameter of the protocol
			}
		}
		w := httptest.NewRecorder()
		s.Handler("").ServeHTTP(w, c.request(op.service, op.action, p))
		if w.Code == http.StatusInternalServerError || w.Code < 200 || w.Code > 599 {
			t.Fatalf("%s: HTTP %d %s", op.action, w.Code, w.Body)
		}
		if strings.Contains(w.Body.String(), "SignatureDoesNotMatch") {
			t.Fatalf("%s: %s", op.action, w.Body)
		}
		for _, i := range s.Instances() {
			if i.KeyNum < 0 || i.VpcNum < 0 || len(i.BindVpcs) > max(i.VpcNum, 1) || len(i.Tags) > maxTagsPerInstance {
				t.Fatalf("%s spoilt %+v", op.action, i)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

type operationName struct{ service, action string }

func sortedActions(service string) []string {
	return slices.Sorted(maps.Keys(operations[service]))
}
