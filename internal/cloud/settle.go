package cloud

import (
	"net/http"
	"slices"
	"strings"
)

// refusals are all codes that decline an order; a trailing * stands for any rest. Any other code leaves the order unanswered.
var refusals = []struct{ code, source string }{
	{"NotApplicable", "BSS: the account belongs to the other site"},
	{"InvalidParameter*", "error table of BSS and of the gateway"},
	{"Missing*", "error table of the gateway: a parameter is missing"},
	{"ProductCheckError", "Terraform's error list for BSS orders"},
	{"PAY.*", "error table of Alibaba Cloud's orders: payment failed"},
	{"InsufficientBalance", "general error table of Alibaba Cloud"},
	{"ACCOUNT_BALANCE_EXCEEDED", "error table of Alibaba Cloud's orders"},
	{"RealNameAuthenticationError", "general error table of Alibaba Cloud"},
	{"ResourceNotExists", "RefundInstance: nothing to refund"},
	{"Forbidden*", "general error table: RAM, risk control"},
	{"NoPermission", "general error table: RAM"},
	{"InvalidAccessKeyId*", "error table of the gateway"},
	{"SignatureDoesNotMatch", "error table of the gateway"},
	{"SignatureNonceUsed", "error table of the gateway"},
	{"IncompleteSignature", "error table of the gateway"},
	{"InvalidSignatureMethod", "error table of the gateway"},
	{"InvalidSecurityToken*", "error table of the gateway: temporary credentials"},
	{"InvalidTimeStamp*", "error table of the gateway: the clock is off"},
	{"IllegalTimestamp", "error table of KMS: the clock is off"},
	{"InvalidApi.NotFound", "error table of the gateway: no such API"},
	{"InvalidProduct.NotFound", "error table of the gateway: wrong host"},
	{"InvalidProtocol.NeedSsl", "error table of the gateway: HTTPS is needed"},
	{"UnsupportedHTTPMethod", "error table of the gateway"},
	{"Throttling*", "error table of the gateway: too many calls"},
}

// isRefusal tells whether a code declines an order.
func isRefusal(code string) bool {
	return slices.ContainsFunc(refusals, func(r struct{ code, source string }) bool { return matches(code, r.code) })
}

// matches compares a code with a pattern, in which a trailing * stands for any rest.
func matches(code, pattern string) bool {
	prefix, family := strings.CutSuffix(pattern, "*")
	return code == pattern || family && strings.HasPrefix(code, prefix)
}

// unanswered tells whether a failed try leaves open what became of the call: the request was sent, and Alibaba Cloud has not declined it.
func (e *Error) unanswered() bool {
	switch {
	case !e.sent:
		return false
	case operations[e.Action].effect != order:
		return !e.throttled() && !e.permanent && (e.unusable || e.HTTPStatus >= 500 || slices.Contains(temporaryCodes, e.Code))
	case e.unusable, e.namesResult:
		return true
	case e.HTTPStatus >= 300 && e.HTTPStatus < 400, e.HTTPStatus >= 500:
		return true
	case e.HTTPStatus == http.StatusRequestTimeout, e.HTTPStatus == http.StatusConflict:
		return true
	}
	return !isRefusal(e.Code)
}
