package cloud

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// productCode is BSS's name of KMS.
const productCode = "kms"

// The orders.
const (
	actionCreate = "CreateInstance"
	actionModify = "ModifyInstance"
	actionRefund = "RefundInstance"
)

// Purchase is the order of an instance. Empty fields are not sent.
type Purchase struct {
	// ClientToken goes with every try: BSS answers a repeated order with the result of the first.
	ClientToken string
	// Unanswered says that an earlier call with this token got no answer: then a refusal does not settle the order.
	Unanswered    bool
	PaymentType   PaymentType
	Sizes         map[string]string // by order code, such as "KeyNum": "2000"
	Period        int               // months; Subscription only
	RenewalStatus string            // AutoRenewal or ManualRenewal; Subscription only
	RenewMonths   int               // with AutoRenewal only
}

// SizeOrder is the order of other sizes for an instance: only the codes that change, with their new values.
type SizeOrder struct {
	ClientToken string
	InstanceID  string
	PaymentType PaymentType
	Sizes       map[string]string
}

// OrderResult is the answer to an order. InstanceID is empty for an order of sizes. OrderID can be empty for a purchase.
type OrderResult struct {
	InstanceID string
	OrderID    string
}

// NewClientToken makes a token for one order.
func NewClientToken() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: the runtime aborts the process instead
	return hex.EncodeToString(b[:])
}

// instanceID is the form of an instance's id.
var instanceID = regexp.MustCompile(`^kst-[0-9A-Za-z_-]+$`)

// IsInstanceID tells an instance's id (kst-...) from any other text.
func IsInstanceID(id string) bool { return instanceID.MatchString(id) }

// CreateInstance buys an instance in the client's region and pays for it. The end of ctx does not interrupt a try that is under
// way, and its answer counts; between tries ctx is honoured. An unanswered order is repeated with its token for
// orderPatience. Of a failure, IsUnanswered tells whether an instance may have been bought nevertheless.
func (c *Client) CreateInstance(ctx context.Context, p Purchase) (OrderResult, error) {
	parameters := map[string]string{"SubscriptionType": string(p.PaymentType)}
	if p.PaymentType == Subscription {
		parameters["Period"] = strconv.Itoa(max(p.Period, 1))
		if p.RenewalStatus != "" {
			parameters["RenewalStatus"] = p.RenewalStatus
		}
		if p.RenewalStatus == AutoRenewal {
			parameters["RenewPeriod"] = strconv.Itoa(p.RenewMonths)
		}
	}
	codes := maps.Clone(p.Sizes)
	if codes == nil {
		codes = map[string]string{}
	}
	codes["Region"] = c.region
	addCodes(parameters, codes)
	return c.order(ctx, actionCreate, p.ClientToken, p.Unanswered, p.PaymentType, parameters)
}

// ModifyInstance orders other sizes for an instance and pays for them. What CreateInstance says of tokens, cancellation and
// failures holds here too.
func (c *Client) ModifyInstance(ctx context.Context, o SizeOrder) (OrderResult, error) {
	parameters := map[string]string{
		"SubscriptionType": string(o.PaymentType),
		"ModifyType":       "Upgrade", // KMS has no other kind
		"InstanceId":       o.InstanceID,
	}
	addCodes(parameters, o.Sizes)
	return c.order(ctx, actionModify, o.ClientToken, false, o.PaymentType, parameters)
}

// RefundInstance refunds and so releases a Subscription instance. The error matches ErrGone if there is nothing (any more) to
// refund. What CreateInstance says of tokens, cancellation and failures holds here too.
func (c *Client) RefundInstance(ctx context.Context, id, clientToken string) (orderID string, err error) {
	result, err := c.order(ctx, actionRefund, clientToken, false, Subscription, map[string]string{
		"InstanceId":         id,
		"ImmediatelyRelease": "1",
	})
	return result.OrderID, err
}

// order places an order.
func (c *Client) order(
	ctx context.Context, action, token string, unanswered bool, payment PaymentType, parameters map[string]string,
) (OrderResult, error) {
	var result OrderResult
	if token == "" {
		return result, &Error{Action: action, Message: "the order has no client token, so it could be carried out twice", service: bss}
	}
	parameters["ClientToken"] = token
	placing := c.bssCall(action, order, payment, parameters, func(a answer) (err error) {
		result, err = decodeOrder(action, a)
		return err
	})
	placing.unanswered = unanswered
	return result, c.do(ctx, placing)
}

// decodeOrder reads the answer to an order. Its error says that the answer does not settle the order.
func decodeOrder(action string, a answer) (OrderResult, error) {
	var body struct {
		Data struct {
			InstanceID text `json:"InstanceId"`
			OrderID    text `json:"OrderId"` // RefundInstance sends a number
		}
	}
	if err := a.into(&body); err != nil {
		return OrderResult{}, err
	}
	result := OrderResult{InstanceID: string(body.Data.InstanceID), OrderID: strings.TrimSpace(string(body.Data.OrderID))}
	switch {
	case action == actionCreate && !IsInstanceID(result.InstanceID):
		return result, fmt.Errorf("it names no KMS instance%s", result.named())
	case action == actionModify && result.OrderID == "":
		return result, errors.New("it names no order")
	}
	return result, nil
}

// named says which ids an answer holds that nevertheless does not settle the order.
func (r OrderResult) named() string {
	var named []string
	if id := oneLine(r.InstanceID); id != "" {
		named = append(named, "instance id "+strconv.Quote(id))
	}
	if id := oneLine(r.OrderID); id != "" {
		named = append(named, "order "+id)
	}
	if len(named) == 0 {
		return ""
	}
	return " (" + strings.Join(named, ", ") + ")"
}

// addCodes adds Parameter.N.Code and Parameter.N.Value in alphabetical order: a repeated order must be the same.
func addCodes(parameters, codes map[string]string) {
	for i, code := range slices.Sorted(maps.Keys(codes)) {
		prefix := "Parameter." + strconv.Itoa(i+1)
		parameters[prefix+".Code"] = code
		parameters[prefix+".Value"] = codes[code]
	}
}

// productType is BSS's product type of a KMS instance.
func productType(p PaymentType, s Site) string {
	if p == PayAsYouGo {
		return "kms_ppi_public" + s.suffix()
	}
	return "kms_ddi_public" + s.suffix()
}
