package cloud

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"maps"
	"slices"
	"strconv"
)

// productCode is BSS's name of KMS.
const productCode = "kms"

// The orders.
const (
	actionCreate = "CreateInstance"
	actionModify = "ModifyInstance"
	actionRefund = "RefundInstance"
)

// NewClientToken makes a token for one order. The same token must go with every try of the order, so that BSS answers
// a repeated one with the result of the first.
func NewClientToken() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: the runtime aborts the process instead
	return hex.EncodeToString(b[:])
}

// productTypeOf is BSS's product type of a KMS instance.
func productTypeOf(p PaymentType, s Site) string {
	if p == PayAsYouGo {
		return "kms_ppi_public" + s.suffix()
	}
	return "kms_ddi_public" + s.suffix()
}

// NewInstanceOrder builds the order of an instance, without a client token. An unknown site counts as Domestic until
// BSS says otherwise.
func NewInstanceOrder(o InstanceOrder, s Site) Order {
	parameters := map[string]string{
		"ProductCode":      productCode,
		"ProductType":      productTypeOf(o.PaymentType, s),
		"SubscriptionType": string(o.PaymentType),
	}
	if o.PaymentType == Subscription {
		setInt(parameters, "Period", o.Period)
		setString(parameters, "RenewalStatus", o.RenewalStatus)
		if o.RenewalStatus == AutoRenewal {
			setInt(parameters, "RenewPeriod", o.RenewPeriodMonths)
		}
	}
	codes := map[string]string{}
	setString(codes, "Region", o.Region)
	setString(codes, "ProductVersion", o.ProductVersion)
	for code, value := range map[string]*int{
		"Spec": o.Spec, "KeyNum": o.KeyNum, "SecretNum": o.SecretNum, "VpcNum": o.VpcNum, "LogStorage": o.LogStorage,
	} {
		if value != nil {
			codes[code] = strconv.Itoa(*value)
		}
	}
	if o.Log != nil {
		codes["Log"] = *o.Log
	}
	flattenCodes(parameters, codes)
	return Order{Parameters: parameters}
}

// NewSizeOrder builds the order that changes sizes of an instance, without a client token. It is always an "Upgrade":
// KMS has no other kind.
func NewSizeOrder(o SizeOrder, s Site) Order {
	parameters := map[string]string{
		"ProductCode":      productCode,
		"ProductType":      productTypeOf(o.PaymentType, s),
		"SubscriptionType": string(o.PaymentType),
		"ModifyType":       "Upgrade",
		"InstanceId":       o.InstanceID,
	}
	flattenCodes(parameters, o.Codes)
	return Order{Parameters: parameters}
}

// codeOrder is the order in which the codes of an instance are numbered.
var codeOrder = []string{"Region", "ProductVersion", "Spec", "KeyNum", "SecretNum", "VpcNum", "Log", "LogStorage"}

// flattenCodes adds Parameter.N.Code and Parameter.N.Value: the known codes in codeOrder, then others by name.
func flattenCodes(parameters, codes map[string]string) {
	rank := func(code string) int {
		if i := slices.Index(codeOrder, code); i >= 0 {
			return i
		}
		return len(codeOrder)
	}
	names := slices.Sorted(maps.Keys(codes))
	slices.SortStableFunc(names, func(a, b string) int { return rank(a) - rank(b) })
	for i, name := range names {
		prefix := "Parameter." + strconv.Itoa(i+1)
		parameters[prefix+".Code"] = name
		parameters[prefix+".Value"] = codes[name]
	}
}

func setString(m map[string]string, key, value string) {
	if value != "" {
		m[key] = value
	}
}

func setInt(m map[string]string, key string, value int) {
	if value != 0 {
		m[key] = strconv.Itoa(value)
	}
}

// CreateInstance buys an instance and pays for it. The order must have a client token. Once a try is on its way it is
// not torn by the end of ctx, and its answer counts even if it comes after that; between tries ctx is honoured. When
// the account turns out to belong to the other site, the order's ProductType is changed in place.
//
// On failure, (*Error).MayHaveTakenEffect says whether an instance may have been bought nevertheless.
func (c *Client) CreateInstance(ctx context.Context, o *Order) (OrderResult, error) {
	return c.order(ctx, actionCreate, o)
}

// ModifyInstance orders a change of sizes and pays for it. What CreateInstance says of tokens, cancellation, sites and
// failures holds here too.
func (c *Client) ModifyInstance(ctx context.Context, o *Order) (OrderResult, error) {
	return c.order(ctx, actionModify, o)
}

// RefundInstance refunds and so releases a Subscription instance, and returns the number of the refund order. The
// client token makes retries safe. productType is the one that GetKmsInstance reported; "" = that of a Subscription
// on the known site. The error matches ErrGone if there is nothing (any more) to refund. What CreateInstance says of
// cancellation, sites and failures holds here too.
func (c *Client) RefundInstance(ctx context.Context, id, clientToken, productType string) (orderID string, err error) {
	if clientToken == "" {
		return "", errNoToken(actionRefund)
	}
	if productType == "" {
		productType = productTypeOf(Subscription, c.Site())
	}
	parameters := map[string]string{
		"InstanceId":         id,
		"ProductCode":        productCode,
		"ProductType":        productType,
		"ImmediatelyRelease": "1",
	}
	err = c.bss(ctx, actionRefund, order, parameters, map[string]string{"ClientToken": clientToken}, func(a answer) error {
		var body orderAnswer
		if err := a.into(&body); err != nil {
			return err
		}
		orderID = string(body.Data.OrderID)
		return nil
	})
	return orderID, err
}

// errNoToken refuses an order that a retry could carry out twice.
func errNoToken(action string) error {
	return &Error{Action: action, Message: "the order has no client token, so it could be carried out twice", service: bss}
}

// orderAnswer is the answer to an order. RefundInstance sends OrderId as a number, the others as a string.
type orderAnswer struct {
	Data struct {
		InstanceID text `json:"InstanceId"`
		OrderID    text `json:"OrderId"`
	}
}

// order places an order.
func (c *Client) order(ctx context.Context, action string, o *Order) (OrderResult, error) {
	var result OrderResult
	if o.ClientToken == "" {
		return result, errNoToken(action)
	}
	err := c.bss(ctx, action, order, o.Parameters, map[string]string{"ClientToken": o.ClientToken}, func(a answer) error {
		var body orderAnswer
		if err := a.into(&body); err != nil {
			return err
		}
		if action == actionCreate && body.Data.InstanceID == "" {
			return missing("Data.InstanceId")
		}
		result = OrderResult{
			InstanceID: string(body.Data.InstanceID),
			OrderID:    string(body.Data.OrderID),
			RequestID:  a.requestID,
		}
		return nil
	})
	return result, err
}
