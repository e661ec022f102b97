package cloud

import (
	"strings"
	"testing"
)

// What users read.
// Promise (Changes): An error names action, code, message, request id and what to do.
func TestErrorText(t *testing.T) {
	for _, test := range []struct {
		name string
		call string
		r    reply
		want string
	}{
		{
			"unknown code", "read", apiError(400, "InvalidParameter"),
			"ListTagResources failed on kms.cn-hangzhou.aliyuncs.com: InvalidParameter: it does not work (HTTP 400, request id req-bad)",
		},
		{
			"long message of many lines", "read", reply{status: 400, body: `{"Code":"X","Message":"one\n\ttwo   three` + strings.Repeat("€", 600) + `"}`},
			"X: one two three" + strings.Repeat("€", maxMessage-len("one two three")) + "… (HTTP 400)",
		},
		{"permission", "set", apiError(403, "Forbidden.NoPermission"), ". Allow the RAM user or role the action kms:UpdateKmsInstance"},
		{"permission to connect", "connect", apiError(403, "Forbidden.RAM"), "kms:ConnectKmsInstance (and ram:CreateServiceLinkedRole"},
		{"permission to order", "order", declined("NoPermission"), "bss:CreateInstance (or bssapi:CreateInstance)"},
		{"permission to refund", "refund", apiError(403, "NoPermission"), "bss:RefundBatchRemainRefund (or bssapi:RefundInstance)"},
		{
			"permission as RAM names it", "read",
			reply{status: 403, body: `{"Code":"Forbidden.RAM","AccessDeniedDetail":{"AuthAction":"kms:ListTagResourcesSpecial"}}`}, "the action kms:ListTagResourcesSpecial",
		},
		{"balance", "order", declined("PAY.INSUFFICIENT_BALANCE"), "Top up"},
		{"refund refused", "refund", declined("SomethingElse"), "set renewStatus to NotRenewal"},
		{"refund refused, for a reseller", "refund", declined("PAY.REFUND_FAILED"), "Customers of a reseller cannot refund"},
		{"refund of a protected instance", "refund", declined("DELETION_PROTECTION_ON"), "Set deletionProtection to false"},
		{"release of a protected instance", "release", reply{status: 400, body: `{"Code":"Rejected","Message":"Deletion protection is on."}`}, "Set deletionProtection to false"},
		{"release without a backup", "release", reply{status: 400, body: `{"Code":"Rejected","Message":"The instance has no backup."}`}, "forceDeleteWithoutBackup"},
		{"downgrade", "modify", declined("DowngradeNotAllowed"), "no downgrades"},
		{"in front of the API", "read", reply{status: 404, body: "<html>"}, "no proxy answers in its place"},
		{"gone", "read", apiError(403, codeInstanceNotFound), "Forbidden.DKMSInstanceNotFound: it does not work (HTTP 403, request id req-bad)"},
	} {
		bubble(t, test.name, func(t *testing.T) {
			f := serve(t, replies(test.r))
			c := f.client(func(o *Options) { o.Site = Domestic })
			call := sampleCalls[test.call]
			if test.call == "modify" {
				call = modifySample
			}
			err := call(t.Context(), c)
			if err == nil {
				t.Fatal("no error")
			}
			text := err.Error()
			if !strings.Contains(text, test.want) {
				t.Errorf("the error is %q, want %q in it", text, test.want)
			}
			for _, bad := range []string{"SDKError", "\n", "cloud.", "json:", "*", "StatusCode", ".."} {
				if strings.Contains(text, bad) {
					t.Errorf("the error is %q, it must not contain %q", text, bad)
				}
			}
			if hint := in(err).hint(); hint != "" && !strings.HasSuffix(text, ". "+hint) {
				t.Errorf("the hint %q is not at the end of %q", hint, text)
			}
		})
	}
}
