package cloud

import (
	"net/http"
	"slices"
	"strings"
)

// outcome is what one try says about an order.
type outcome int

const (
	// neverSent: the request did not leave this machine.
	neverSent outcome = iota
	// refused: Alibaba Cloud has read the order and declined it.
	refused
	// unanswered: nothing is known. The order may have been placed.
	unanswered
)

// refusal is a code with which Alibaba Cloud declines an order.
type refusal struct {
	code   string // a trailing * stands for any rest
	source string
}

// refusals are all codes that decline an order. Any other code leaves the order unanswered.
var refusals = []refusal{
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
	return slices.ContainsFunc(refusals, func(r refusal) bool {
		prefix, family := strings.CutSuffix(r.code, "*")
		return code == r.code || family && strings.HasPrefix(code, prefix)
	})
}

// outcome judges a failed try of an order. A try that did not fail has settled it.
func (f *failure) outcome() outcome {
	switch {
	case !f.sent:
		return neverSent
	case f.malformed, f.namesResult, f.HTTPStatus == 0:
		return unanswered
	case f.HTTPStatus >= 300 && f.HTTPStatus < 400, f.HTTPStatus >= 500:
		return unanswered
	case f.HTTPStatus == http.StatusRequestTimeout, f.HTTPStatus == http.StatusConflict:
		return unanswered
	case isRefusal(f.Code):
		return refused
	}
	return unanswered
}
