package cloud

import (
	"cmp"
	"context"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// bss calls BSS about KMS instances of a payment type. The product type follows the site, which a call may turn out to have
// guessed wrong.
func (c *Client) bss(
	ctx context.Context, action string, kind kind, payment PaymentType, parameters map[string]string, decode func(answer) error,
) error {
	return c.do(ctx, c.bssCall(action, kind, payment, parameters, decode))
}

func (c *Client) bssCall(action string, kind kind, payment PaymentType, parameters map[string]string, decode func(answer) error) call {
	return call{
		service: bss,
		action:  action,
		kind:    kind,
		site:    cmp.Or(c.Site(), Domestic),
		query: func(site Site) map[string]*string {
			query := pointers(parameters)
			code, product := productCode, productType(payment, site)
			query["ProductCode"], query["ProductType"] = &code, &product
			return query
		},
		decode: decode,
	}
}

func pointers(m map[string]string) map[string]*string {
	p := make(map[string]*string, len(m))
	for k, v := range m {
		p[k] = &v
	}
	return p
}

// nothing is the decode of calls whose success says it all.
func nothing(answer) error { return nil }

const actionBilled = "QueryAvailableInstances"

// SetRenewal sets how a Subscription instance is renewed. Period and Unit go along with AutoRenewal only, and then
// always both: BSS takes neither from the setting before.
func (c *Client) SetRenewal(ctx context.Context, id string, r Renewal) error {
	parameters := map[string]string{
		"InstanceIDs":      id,
		"SubscriptionType": string(Subscription),
		"RenewalStatus":    r.Status,
	}
	if r.Status == AutoRenewal {
		parameters["RenewalPeriod"] = strconv.Itoa(r.Period)
		parameters["RenewalPeriodUnit"] = r.Unit
	}
	return c.bss(ctx, "SetRenewal", level, Subscription, parameters, nothing)
}

// Billed is an instance as billing lists it.
type Billed struct {
	ID         string
	Status     string // BilledCreating, BilledNormal, ...
	CreateTime string
	Renewal    Renewal // Subscription only

	region string
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
		if row.ID == id {
			return &row.Renewal, err
		}
	}
	return nil, err
}

// ListBilled returns the KMS instances of a payment type that billing lists in the client's region. It shows a purchase before
// KMS does.
func (c *Client) ListBilled(ctx context.Context, payment PaymentType) ([]Billed, error) {
	list, err := pages(actionBilled, func(page int) ([]Billed, int, error) {
		return c.billed(ctx, payment, map[string]string{"PageNum": strconv.Itoa(page), "PageSize": strconv.Itoa(listPageSize)})
	}, func(row Billed) string { return row.ID })
	return slices.DeleteFunc(list, func(row Billed) bool {
		return !IsInstanceID(row.ID) || row.region != "" && row.region != c.region
	}), err
}

// billed calls QueryAvailableInstances. The filter Region is left out: BSS resolves it against the account's site and answers
// with an empty list where they do not fit.
func (c *Client) billed(
	ctx context.Context, payment PaymentType, parameters map[string]string,
) (rows []Billed, total int, err error) {
	parameters["SubscriptionType"] = string(payment)
	err = c.bss(ctx, actionBilled, read, payment, parameters, func(a answer) (err error) {
		rows, total, err = decodeBilled(a)
		return err
	})
	return rows, total, err
}

func decodeBilled(a answer) (rows []Billed, total int, err error) {
	var body struct {
		Data *struct {
			TotalCount   integer
			InstanceList []struct {
				InstanceID          text
				Status              text
				Region              text
				CreateTime          text
				RenewStatus         text
				RenewalDuration     integer
				RenewalDurationUnit text
			}
		}
	}
	if err := a.into(&body); err != nil {
		return nil, 0, err
	}
	if body.Data == nil {
		return nil, 0, missing("Data")
	}
	for _, row := range body.Data.InstanceList {
		b := Billed{
			ID: string(row.InstanceID), Status: string(row.Status), CreateTime: string(row.CreateTime),
			Renewal: Renewal{Status: string(row.RenewStatus)}, region: string(row.Region),
		}
		if b.Renewal.Status == AutoRenewal && row.RenewalDuration.value != nil {
			b.Renewal.Period, b.Renewal.Unit = *row.RenewalDuration.value, string(row.RenewalDurationUnit)
		}
		rows = append(rows, b)
	}
	if body.Data.TotalCount.value == nil {
		return rows, len(rows), nil
	}
	return rows, *body.Data.TotalCount.value, nil
}

// pages reads all pages of a list, counted from 1. A row that shows twice, because the list grew meanwhile, is returned once. A
// page without anything new is an error: such a list has no end.
func pages[T any](action string, page func(int) (rows []T, total int, err error), name func(T) string) ([]T, error) {
	var list []T
	seen := map[string]bool{}
	for n, listed := 1, 0; ; n++ {
		rows, total, err := page(n)
		if err != nil {
			return nil, err
		}
		news := false
		for _, row := range rows {
			if id := name(row); !seen[id] {
				seen[id], news = true, true
				list = append(list, row)
			}
		}
		listed += len(rows)
		switch {
		case len(rows) == 0 || listed >= total:
			return list, nil
		case !news:
			return nil, errRepeats(action)
		}
	}
}

// PaidFor returns what an order has cost, such as "4213.00 CNY", and "" if the answer does not say.
func (c *Client) PaidFor(ctx context.Context, orderID string) (string, error) {
	var paid string
	err := c.do(ctx, call{
		service: bss,
		action:  "GetOrderDetail",
		kind:    read,
		site:    cmp.Or(c.Site(), Domestic),
		query:   func(Site) map[string]*string { return map[string]*string{"OrderId": &orderID} },
		decode: func(a answer) error {
			var body struct {
				Data struct {
					OrderList struct {
						Order []struct{ PretaxAmount, AfterTaxAmount, Currency text }
					}
				}
			}
			if err := a.into(&body); err != nil {
				return err
			}
			sum, currency := new(big.Rat), ""
			for _, order := range body.Data.OrderList.Order { // one for each part of the order
				amount, ok := new(big.Rat).SetString(strings.TrimSpace(string(cmp.Or(order.AfterTaxAmount, order.PretaxAmount))))
				if !ok {
					return nil
				}
				sum.Add(sum, amount)
				currency = string(order.Currency)
			}
			if len(body.Data.OrderList.Order) > 0 {
				paid = strings.TrimSpace(fmt.Sprintf("%s %s", sum.FloatString(2), oneLine(currency)))
			}
			return nil
		},
	})
	return paid, err
}
