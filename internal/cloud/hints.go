package cloud

import (
	"slices"
	"strings"
)

const (
	// RecordedHint is about the engine: a command that does not run the program takes a provider's configuration from the stack.
	RecordedHint = "If you have corrected this already: refresh, destroy, import and `preview --refresh` still use the configuration that the " +
		"last `pulumi up` recorded. Run `pulumi up` (without `--refresh`) first, or add `--run-program` to refresh or destroy"
	refundHint = "If the instance cannot be refunded: set renewStatus to NotRenewal, run `pulumi up` and let the instance expire, then remove it " +
		"with the option retainOnDelete or with `pulumi state delete`. Customers of a reseller cannot refund at all"
)

// hints say what the user can do about a code, whatever the call. The first that matches counts. A trailing * stands for any rest.
var hints = []struct{ codes, text string }{
	{CodeWrongAccount, "Use credentials of that account, or correct accountId in the provider configuration (or the environment variable " +
		"ALICLOUD_ACCOUNT_ID)"},
	{CodeNotApplicable, "Set accountType to Domestic or International, as the account was registered"},
	{"InvalidTimeStamp* IllegalTimestamp", "The clock of this computer is more than 15 minutes off: set it and run the command again"},
	{"InvalidAccessKeyId*", "The access key does not exist or is disabled: check the provider's accessKey, profile or environment variables. " +
		RecordedHint},
	{"SignatureDoesNotMatch IncompleteSignature", "The secret does not belong to the access key: check the provider's secretKey, profile or " +
		"environment variables. " + RecordedHint},
	{"InvalidSecurityToken*", "The temporary credentials are no longer valid: get new ones and run the command again. " + RecordedHint},
	{"MissingSecurityToken*", "The credentials are temporary and lack their token: set the provider's securityToken, too. " + RecordedHint},
	{"EntityNotExist.Role*", "Check that the ARN names a role that exists"},
	{codeRoleNotFound, "The service-linked role AliyunServiceRoleForKMSKeyStore does not exist (yet): allow the caller " +
		"ram:CreateServiceLinkedRole, or let an administrator create the role, and run `pulumi up` again"},
	{CodeUninitialized, "The instance is not connected to its VPC yet; run `pulumi up` to finish that"},
	{codeStateInvalid, "The instance does not take this change yet; run `pulumi up` again in a few minutes"},
	{codeInstanceInUpgrade, "A change of the instance's size is still being carried out; run `pulumi up` again when it is done"},
	{"RealNameAuthenticationError Forbidden.NoRealNameAuthentication", "Complete the real-name verification of the account in the Alibaba Cloud " +
		"console first"},
	{"Forbidden.RiskControl", "Alibaba Cloud's risk control holds the account; open a ticket"},
	{"PAY.REFUND_FAILED", refundHint},
	{"PAY.INSUFFICIENT_BALANCE InsufficientBalance ACCOUNT_BALANCE_EXCEEDED", "Top up the account: orders are paid at once from its balance. " +
		"Then run `pulumi up` again"},
	{"PAY.*", "Check the payment method and the balance of the account: orders are paid at once. Then run `pulumi up` again"},
	{codeConcurrentOperation + " " + codeCheckOrder + " ORDER.OPEND INSTANCE_HAS_INACTIVE_CHANGE", "Another order is still open; wait until it " +
		"is done (see Orders in the Expenses console) and run `pulumi up` again"},
	{"Rejected.ShareQuotaExceedLimit", "Each VPC in bindVpcs takes one unit of vpcNum: raise vpcNum, or take a VPC out"},
	{"Rejected.UnsupportedOperation", "Run `pulumi refresh` and try again; if it stays, open a ticket with Alibaba Cloud"},
	{"InvalidApi.* InvalidProduct.* InvalidProtocol.*", "Check the region and the endpoints of the provider configuration"},
}

// hint says what the user can do about an error whose code is known; it is "" for others. It is part of Error's text.
func (e *Error) hint() string {
	switch {
	case e.gone, e.Code == CodeInvalidCredentials: // whose message says what to do
		return ""
	case e.siteHint != "":
		return e.siteHint
	case e.permissionDenied():
		return e.permissionHint()
	case e.throttled():
		return "The account makes more calls than Alibaba Cloud allows; run the command again later, or with a smaller --parallel"
	}
	for _, h := range hints {
		if slices.ContainsFunc(strings.Fields(h.codes), func(pattern string) bool { return matches(e.Code, pattern) }) {
			return h.text
		}
	}
	text, removes := strings.ToLower(e.Code+" "+e.Message), e.Action == "ReleaseKmsInstance" || e.Action == "RefundInstance"
	switch {
	case e.HTTPStatus == 0 && (e.Code == CodeConnectionFailed || e.Code == CodeTimeout):
		return "Check the network, the proxy settings, and the region and the endpoints of the provider configuration"
	case e.Code == CodeMalformedAnswer && e.HTTPStatus < 500:
		return "Check that the endpoint is Alibaba Cloud's and that no proxy answers in its place"
	case removes && strings.Contains(text, "protection"):
		return "Set deletionProtection to false, run `pulumi up`, and delete then"
	case e.Action == "ReleaseKmsInstance" && strings.Contains(text, "backup"):
		return "Back the instance up in the console, or set forceDeleteWithoutBackup to true, run `pulumi up`, and delete then"
	case e.HTTPStatus == 0 || e.HTTPStatus >= 500 || slices.Contains(ownCodes, e.Code) || slices.Contains(temporaryCodes, e.Code):
		return ""
	case e.Action == "RefundInstance":
		return refundHint
	case e.Action == "ModifyInstance":
		return "KMS documents no downgrades: a lower spec, keyNum, secretNum, vpcNum or logStorage, or the productVersion of a smaller edition, is refused"
	}
	return ""
}

// permissionHint names the RAM action. BSS documents two prefixes and does not say which one counts; with the older one a
// refund is not called like the operation.
func (e *Error) permissionHint() string {
	action := string(operations[e.Action].service) + ":" + e.Action
	switch {
	case e.deniedAction != "":
		action = e.deniedAction
	case e.Action == "RefundInstance":
		action = "bss:RefundBatchRemainRefund (or bssapi:RefundInstance)"
	case operations[e.Action].service == bss:
		action = "bss:" + e.Action + " (or bssapi:" + e.Action + ")"
	}
	hint := "Allow the RAM user or role the action " + action
	switch e.Action {
	case "AssumeRole":
		hint += " for the role, and let the role's trust policy name the caller"
	case "ConnectKmsInstance":
		hint += " (and ram:CreateServiceLinkedRole, for the first instance of the account)"
	}
	return hint
}
