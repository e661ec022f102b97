package cloud

import (
	"context"
	"strconv"
)

// SetRenewal sets how a Subscription instance is renewed. Period and Unit go along with AutoRenewal only, and then
// always both: BSS takes neither from the setting before.
func (c *Client) SetRenewal(ctx context.Context, id string, r Renewal) error {
	parameters := map[string]string{
		"InstanceIDs":      id,
		"ProductCode":      productCode,
		"ProductType":      productTypeOf(Subscription, c.Site()),
		"SubscriptionType": string(Subscription),
		"RenewalStatus":    r.Status,
	}
	if r.Status == AutoRenewal {
		parameters["RenewalPeriod"] = strconv.Itoa(r.Period)
		parameters["RenewalPeriodUnit"] = r.Unit
	}
	return c.bss(ctx, "SetRenewal", level, parameters, nil, nothing)
}

// GetRenewal returns how a Subscription instance is renewed; nil if BSS lists no such instance, which happens for some
// time after a purchase. The region is left out of the query: BSS resolves it against the account's site and answers
// with an empty list where they do not fit.
func (c *Client) GetRenewal(ctx context.Context, id string) (*Renewal, error) {
	var renewal *Renewal
	err := c.bss(ctx, "QueryAvailableInstances", read, map[string]string{
		"InstanceIDs":      id,
		"ProductCode":      productCode,
		"ProductType":      productTypeOf(Subscription, c.Site()),
		"SubscriptionType": string(Subscription),
	}, nil, func(a answer) error {
		var body struct {
			Data *struct {
				InstanceList []struct {
					InstanceID          text
					RenewStatus         text
					RenewalDuration     integer
					RenewalDurationUnit text
				}
			}
		}
		if err := a.into(&body); err != nil {
			return err
		}
		if body.Data == nil {
			return missing("Data")
		}
		for _, row := range body.Data.InstanceList {
			if string(row.InstanceID) != id {
				continue
			}
			renewal = &Renewal{Status: string(row.RenewStatus)}
			if renewal.Status == AutoRenewal && row.RenewalDuration.value != nil {
				renewal.Period = *row.RenewalDuration.value
				renewal.Unit = string(row.RenewalDurationUnit)
			}
		}
		return nil
	})
	return renewal, err
}
