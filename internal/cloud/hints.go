package cloud

import (
	"fmt"
	"strings"
)

// Hint says what the user can do about an error whose code is known; it is "" for others. It is part of Error's text.
func (e *Error) Hint() string {
	code, text := strings.ToUpper(e.Code), strings.ToLower(e.Code+" "+e.Message)
	switch {
	case e.gone, e.Code == CodeInvalidCredentials: // whose message says what to do
		return ""
	case e.Code == CodeWrongAccount:
		return "Use credentials of that account, or correct accountId in the provider configuration (or the environment variable ALICLOUD_ACCOUNT_ID)"
	case e.Code == CodeNotApplicable:
		return e.siteHint()
	case e.permissionDenied():
		return e.permissionHint()
	case e.refusedCredentials():
		return e.credentialHint()
	case strings.HasPrefix(e.Code, "EntityNotExist.Role"):
		return "Check that the ARN names a role that exists"
	case e.Code == CodeRoleNotFound:
		return "The service-linked role AliyunServiceRoleForKMSKeyStore does not exist (yet): allow the caller " +
			"ram:CreateServiceLinkedRole, or let an administrator create the role, and run `pulumi up` again"
	case e.Code == CodeUninitialized:
		return "The instance is not connected to its VPC yet; run `pulumi up` to finish that"
	case e.Code == CodeStateInvalid:
		return "The instance does not take this change yet; run `pulumi up` again in a few minutes"
	case e.Code == CodeInstanceInUpgrade:
		return "A change of the instance's size is still being carried out; run `pulumi up` again when it is done"
	case e.Code == "RealNameAuthenticationError" || e.Code == "Forbidden.NoRealNameAuthentication":
		return "Complete the real-name verification of the account in the Alibaba Cloud console first"
	case e.Code == "Forbidden.RiskControl":
		return "Alibaba Cloud's risk control holds the account; open a ticket"
	case code == "PAY.REFUND_FAILED":
		return refundHint
	case strings.Contains(code, "BALANCE"):
		return "Top up the account: orders are paid at once from its balance. Then run `pulumi up` again"
	case strings.HasPrefix(code, "PAY."):
		return "Check the payment method and the balance of the account: orders are paid at once. Then run `pulumi up` again"
	case e.Code == CodeConcurrentOperation || e.Code == CodeCheckOrder || e.Code == "ORDER.OPEND" || e.Code == "INSTANCE_HAS_INACTIVE_CHANGE":
		return "Another order is still open; wait until it is done (see Orders in the Expenses console) and run `pulumi up` again"
	case e.tokenUsed() && e.service == bss:
		return "An earlier request of this order may have been carried out: look for its instance in the KMS console or with getKmsInstances before ordering again"
	case e.throttled():
		return "The account makes more calls than Alibaba Cloud allows; run the command again later, or with a smaller --parallel"
	case e.Code == "Rejected.ShareQuotaExceedLimit":
		return "Each VPC in bindVpcs takes one unit of vpcNum: raise vpcNum, or take a VPC out"
	case strings.HasPrefix(e.Code, "InvalidApi.") || strings.HasPrefix(e.Code, "InvalidProduct.") || strings.HasPrefix(e.Code, "InvalidProtocol."):
		return "Check the region and the endpoints of the provider configuration"
	case e.HTTPStatus == 0 && (e.Code == CodeConnectionFailed || e.Code == CodeTimeout):
		return "Check the network, the proxy settings, and the region and the endpoints of the provider configuration"
	case e.Code == CodeMalformedAnswer && e.HTTPStatus < 500:
		return "Check that the endpoint is Alibaba Cloud's and that no proxy answers in its place"
	case e.removes() && strings.Contains(text, "protection"):
		return "Set deletionProtection to false, run `pulumi up`, and delete then"
	case e.Action == actionRelease && strings.Contains(text, "backup"):
		return "Back the instance up in the console, or set forceDeleteWithoutBackup to true, run `pulumi up`, and delete then"
	case e.Action == actionRefund && e.refusal():
		return refundHint
	case e.Action == actionModify && e.refusal():
		return "KMS documents no downgrades: a lower spec, keyNum, secretNum, vpcNum or logStorage, or the productVersion of a smaller edition, is refused"
	}
	return ""
}

// refundHint is for refunds that BSS does not grant, for whatever reason.
const refundHint = "If the instance cannot be refunded: set renewStatus to NotRenewal, run `pulumi up` and let the instance expire, then remove it " +
	"with the option retainOnDelete or with `pulumi state delete`. Customers of a reseller cannot refund at all"

func (e *Error) removes() bool { return e.Action == actionRelease || e.Action == actionRefund }

// refusal reports whether the API answered and will answer the same again.
func (e *Error) refusal() bool {
	if e.HTTPStatus == 0 || e.HTTPStatus >= 500 || e.ownCode() {
		return false
	}
	for _, code := range temporaryCodes {
		if e.Code == code {
			return false
		}
	}
	return true
}

func (e *Error) siteHint() string {
	switch {
	case e.site != "":
		return fmt.Sprintf("The account seems to belong to the other site: accountType is %s; set it to %s or leave it out", e.site, e.site.other())
	case e.bothSites:
		return "Both sites of Alibaba Cloud refused the account: set accountType to Domestic or International, as the account was registered, and " +
			"check that the account may place orders through the API"
	}
	return "Set accountType to Domestic or International, as the account was registered"
}

// permissionHint names the RAM action. BSS documents two prefixes and does not say which one counts; with the older one a
// refund is not called like the operation.
func (e *Error) permissionHint() string {
	action := e.deniedAction
	switch {
	case action != "":
	case e.Action == actionRefund:
		action = "bss:RefundBatchRemainRefund (or bssapi:RefundInstance)"
	case e.service == bss:
		action = fmt.Sprintf("bss:%s (or bssapi:%s)", e.Action, e.Action)
	default:
		action = strings.ToLower(string(e.service)) + ":" + e.Action
	}
	hint := fmt.Sprintf("Allow the RAM user or role the action %s", action)
	if e.Action == actionAssumeRole {
		hint += " for the role, and let the role's trust policy name the caller"
	}
	if e.Action == actionConnect {
		hint += " (and ram:CreateServiceLinkedRole, for the first instance of the account)"
	}
	return hint
}

func (e *Error) credentialHint() string {
	hint := "The secret does not belong to the access key: check the provider's secretKey, profile or environment variables"
	switch {
	case strings.HasPrefix(e.Code, "InvalidTimeStamp") || e.Code == "IllegalTimestamp":
		return "The clock of this computer is more than 15 minutes off: set it and run the command again"
	case strings.HasPrefix(e.Code, "InvalidAccessKeyId"):
		hint = "The access key does not exist or is disabled: check the provider's accessKey, profile or environment variables"
	case strings.HasPrefix(e.Code, "InvalidSecurityToken"):
		hint = "The temporary credentials are no longer valid: get new ones and run the command again"
	case strings.HasPrefix(e.Code, "MissingSecurityToken"):
		hint = "The credentials are temporary and lack their token: set the provider's securityToken, too"
	}
	return hint + ". " + RecordedHint
}

// RecordedHint is about the engine: a command that does not run the program takes a provider's configuration from the stack.
const RecordedHint = "If you have corrected this already: refresh, destroy, import and `preview --refresh` still use the configuration that the " +
	"last `pulumi up` recorded. Run `pulumi up` (without `--refresh`) first, or add `--run-program` to refresh or destroy"
