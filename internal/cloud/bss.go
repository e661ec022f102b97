package cloud

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// PaymentType says how an instance is paid, in the words of BSS (`SubscriptionType`).
type PaymentType string

// The two payment types of a KMS instance.
const (
	Subscription PaymentType = "Subscription"
	PayAsYouGo   PaymentType = "PayAsYouGo"
)

// Purchase is the order of an instance, or of other sizes for one. Empty fields are not sent.
type Purchase struct {
	// ClientToken goes with every try: BSS answers a repeated order with the result of the first.
	ClientToken string
	// Unanswered says that an earlier purchase with this token got no answer: then a refusal does not settle it.
	Unanswered    bool
	InstanceID    string // of an instance that exists
	PaymentType   PaymentType
	Sizes         map[string]string // by order code, such as "KeyNum": "2000"; of an instance that exists only those that change
	Period        int               // months; Subscription only
	RenewalStatus string            // AutoRenewal or ManualRenewal; Subscription only
	RenewMonths   int               // with AutoRenewal only
}

// OrderResult is the answer to an order. InstanceID is empty for an order of sizes. OrderID can be empty for a purchase.
type OrderResult struct {
	InstanceID string
	OrderID    string
}

// NewClientToken makes a token for one order.
func NewClientToken() string { return rand.Text() }

// instanceID is the form of an instance's id.
var instanceID = regexp.MustCompile(`^kst-[0-9A-Za-z_-]+$`)

// IsInstanceID tells an instance's id (kst-...) from any other text.
func IsInstanceID(id string) bool { return instanceID.MatchString(id) }

// CreateInstance buys an instance in the client's region and pays for it. The end of ctx does not interrupt a try that is under
// way, and its answer counts; between tries ctx is honoured. An unanswered order is repeated with its token for
// orderLimit. Of a failure, MayHaveTakenEffect tells whether an instance may have been bought nevertheless.
func (c *Client) CreateInstance(ctx context.Context, p Purchase) (OrderResult, error) {
	sizes := map[string]string{"Region": c.options.Region}
	maps.Copy(sizes, p.Sizes)
	parameters := map[string]any{"SubscriptionType": p.PaymentType, "Parameter": pairs("Code", sizes)}
	if p.PaymentType == Subscription {
		parameters["Period"] = max(p.Period, 1)
		if p.RenewalStatus != "" {
			parameters["RenewalStatus"] = p.RenewalStatus
		}
		if p.RenewalStatus == AutoRenewal {
			parameters["RenewPeriod"] = p.RenewMonths
		}
	}
	return c.order(ctx, call{action: "CreateInstance", payment: p.PaymentType, unanswered: p.Unanswered}, p.ClientToken, parameters)
}

// ModifyInstance orders other sizes for an instance and pays for them. What CreateInstance says of tokens, cancellation and
// failures holds here too.
func (c *Client) ModifyInstance(ctx context.Context, p Purchase) (OrderResult, error) {
	return c.order(ctx, call{action: "ModifyInstance", payment: p.PaymentType}, p.ClientToken, map[string]any{
		"SubscriptionType": p.PaymentType,
		"ModifyType":       "Upgrade", // KMS has no other kind
		"InstanceId":       p.InstanceID,
		"Parameter":        pairs("Code", p.Sizes),
	})
}

// RefundInstance refunds and so releases a Subscription instance. The error matches ErrGone if there is nothing (any more) to
// refund. What CreateInstance says of tokens, cancellation and failures holds here too.
func (c *Client) RefundInstance(ctx context.Context, id, clientToken string) (orderID string, err error) {
	result, err := c.order(ctx, call{action: "RefundInstance", payment: Subscription}, clientToken,
		map[string]any{"InstanceId": id, "ImmediatelyRelease": "1"})
	return result.OrderID, err
}

// order places an order.
func (c *Client) order(ctx context.Context, cl call, token string, parameters map[string]any) (OrderResult, error) {
	if token == "" {
		return OrderResult{}, &Error{Action: cl.action, Message: "the order has no client token, so it could be carried out twice"}
	}
	parameters["ClientToken"] = token
	var body orderAnswer
	cl.parameters, cl.result, cl.check = parameters, &body, func() error { return body.settles(cl.action) }
	if err := c.do(ctx, cl); err != nil {
		return OrderResult{}, err
	}
	return body.Data, nil
}

type orderAnswer struct {
	Data    OrderResult
	Success bool
}

// settles returns an error if the answer does not settle the order.
func (a *orderAnswer) settles(action string) error {
	a.Data.OrderID = strings.TrimSpace(a.Data.OrderID)
	switch noOrder := a.Data.OrderID == ""; {
	case action == "CreateInstance" && !IsInstanceID(a.Data.InstanceID):
		return fmt.Errorf("it names no KMS instance%s", a.Data.named())
	case action == "ModifyInstance" && noOrder:
		return errors.New("it names no order")
	case action == "RefundInstance" && !a.Success && noOrder:
		return errors.New("it neither names an order nor says that the refund succeeded")
	}
	return nil
}

// contradiction notes ids in an answer that declines an order.
func (e *Error) contradiction(answer object) {
	var body orderAnswer
	unreadable := answer.decode(&body) != nil
	data, _ := answer["Data"].(map[string]any)
	e.namesResult = body.Data != (OrderResult{}) || unreadable && len(data) > 0
	e.Message = strings.TrimSpace(e.Message + body.Data.named())
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

// pairs is a map as a call has it, in alphabetical order: a repeated order must be the same.
func pairs(key string, values map[string]string) (list []map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		list = append(list, map[string]string{key: name, "Value": values[name]})
	}
	return list
}

// Renewal settings of a Subscription instance, in the words of BSS.
const (
	AutoRenewal   = "AutoRenewal"
	ManualRenewal = "ManualRenewal"
	NotRenewal    = "NotRenewal"
)

// Renewal is the renewal setting that QueryAvailableInstances reports. Period and Unit are zero unless Status is
// AutoRenewal.
type Renewal struct {
	Status string `mapstructure:"RenewStatus"`
	Period int    `mapstructure:"RenewalDuration"`
	Unit   string `mapstructure:"RenewalDurationUnit"` // "M" or "Y"
}

// SetRenewal sets how a Subscription instance is renewed. Period and Unit go along with AutoRenewal only, and then
// always both: BSS takes neither from the setting before.
func (c *Client) SetRenewal(ctx context.Context, id string, r Renewal) error {
	parameters := map[string]string{"InstanceIDs": id, "SubscriptionType": string(Subscription), "RenewalStatus": r.Status}
	if r.Status == AutoRenewal {
		parameters["RenewalPeriod"], parameters["RenewalPeriodUnit"] = strconv.Itoa(r.Period), r.Unit
	}
	return c.do(ctx, call{action: "SetRenewal", payment: Subscription, parameters: parameters})
}

// Billed is an instance as billing lists it.
type Billed struct {
	ID         string `mapstructure:"InstanceID"`
	Region     string
	Status     string // BilledCreating, BilledNormal, ...
	CreateTime string
	Renewal    Renewal `mapstructure:",squash"` // Subscription only
}

// Statuses of an instance in billing's list.
const (
	BilledCreating = "Creating"
	BilledNormal   = "Normal"
)

// GetRenewal returns how a Subscription instance is renewed; nil if billing lists no such instance, which happens for some
// time after a purchase.
func (c *Client) GetRenewal(ctx context.Context, id string) (*Renewal, error) {
	rows, _, err := c.billed(ctx, Subscription, map[string]string{"InstanceIDs": id})
	for _, row := range rows {
		if row.ID == id && row.Renewal.Status == AutoRenewal {
			return &row.Renewal, nil
		}
		if row.ID == id {
			return &Renewal{Status: row.Renewal.Status}, nil
		}
	}
	return nil, err
}

// ListBilled returns the KMS instances of a payment type that billing lists in the client's region. It shows a purchase before
// KMS does.
func (c *Client) ListBilled(ctx context.Context, payment PaymentType) ([]Billed, error) {
	list, err := pages("QueryAvailableInstances", func(page int) ([]Billed, int, error) {
		return c.billed(ctx, payment, map[string]string{"PageNum": strconv.Itoa(page), "PageSize": strconv.Itoa(listPageSize)})
	}, func(row Billed) string { return row.ID })
	return slices.DeleteFunc(list, func(row Billed) bool {
		return !IsInstanceID(row.ID) || row.Region != "" && row.Region != c.options.Region
	}), err
}

// billed calls QueryAvailableInstances. The filter Region is left out: BSS resolves it against the account's site and answers
// with an empty list where they do not fit.
func (c *Client) billed(ctx context.Context, payment PaymentType, parameters map[string]string) (rows []Billed, total int, err error) {
	parameters["SubscriptionType"] = string(payment)
	var body struct {
		Data *struct {
			TotalCount   *int
			InstanceList []Billed
		} `must:"Data"`
	}
	if err = c.do(ctx, call{action: "QueryAvailableInstances", payment: payment, parameters: parameters, result: &body}); err != nil {
		return nil, 0, err
	}
	rows = body.Data.InstanceList
	return rows, *cmp.Or(body.Data.TotalCount, new(len(rows))), nil
}

// PaidFor returns what an order has cost, such as "4213.00 CNY", and "" if the answer does not say.
func (c *Client) PaidFor(ctx context.Context, orderID string) (string, error) {
	var body struct {
		Data struct {
			OrderList struct {
				Order []struct{ PretaxAmount, AfterTaxAmount, Currency string }
			}
		}
	}
	if err := c.do(ctx, call{action: "GetOrderDetail", parameters: map[string]string{"OrderId": orderID}, result: &body}); err != nil {
		return "", err
	}
	sum, paid := new(big.Rat), ""
	for _, order := range body.Data.OrderList.Order { // one for each part of the order
		amount, ok := new(big.Rat).SetString(strings.TrimSpace(cmp.Or(order.AfterTaxAmount, order.PretaxAmount)))
		if !ok {
			return "", nil
		}
		paid = strings.TrimSpace(sum.Add(sum, amount).FloatString(2) + " " + oneLine(order.Currency))
	}
	return paid, nil
}
