package emulator

import (
	"slices"
	"time"
)

const (
	maxInstanceIDs   = 100
	maxQueryPageSize = 100
)

// setRenewal changes what happens at the end of subscriptions.
func setRenewal(s *Server, r *request) (map[string]any, *apiError) {
	ids := r.split("InstanceIDs")
	if len(ids) == 0 || len(ids) > maxInstanceIDs {
		return nil, invalidOrder("InstanceIDs must be one to %d ids.", maxInstanceIDs)
	}
	renewal := Renewal{Status: r.get("RenewalStatus")}
	switch renewal.Status {
	case ManualRenewal, NotRenewal:
	case AutoRenewal:
		var refused *apiError
		switch renewal.Unit = r.get("RenewalPeriodUnit"); renewal.Unit {
		case "M":
			renewal.Period, refused = orderNumber(r, "RenewalPeriod", []int{1, 2, 3, 6, 12})
		case "Y":
			renewal.Period, refused = orderNumber(r, "RenewalPeriod", []int{1, 2, 3})
		default:
			refused = invalidOrder("RenewalPeriodUnit must be M or Y with %s.", AutoRenewal)
		}
		if refused != nil {
			return nil, refused
		}
	default:
		return nil, invalidOrder("RenewalStatus must be %s, %s or %s.", AutoRenewal, ManualRenewal, NotRenewal)
	}
	if payment := r.get("SubscriptionType"); payment != "" && payment != Subscription {
		return nil, invalidOrder("Only a %s can be renewed.", Subscription)
	}
	var instances []*Instance
	for _, id := range ids {
		i, refused := s.orderable(r, id)
		if refused != nil {
			return nil, refused
		}
		if refused := s.checkProduct(r, i.PaymentType, false); refused != nil {
			return nil, refused
		}
		if i.PaymentType != Subscription {
			return nil, productCheck("The instance %s is pay-as-you-go.", id)
		}
		instances = append(instances, i)
	}
	for _, i := range instances {
		i.Renewal = renewal
	}
	r.effect.kind = EffectRenewalSet
	if len(ids) == 1 {
		r.effect.instanceID = ids[0]
	}
	return nil, nil
}

// queryAvailableInstances lists what the account has bought, with its renewal settings.
func queryAvailableInstances(s *Server, r *request) (map[string]any, *apiError) {
	page, size, refused := r.page("PageNum", 20, 1<<30)
	if refused != nil {
		return nil, refused
	}
	size = min(size, maxQueryPageSize) // the cloud caps it without a word
	ids := r.split("InstanceIDs")
	if len(ids) > maxInstanceIDs {
		return nil, invalidOrder("InstanceIDs must be at most %d ids.", maxInstanceIDs)
	}
	if r.get("Region") != "" && r.get("ProductCode") == "" {
		return nil, missing("ProductCode")
	}
	matches, refused := s.queryFilter(r, ids)
	if refused != nil {
		return nil, refused
	}

	found := slices.DeleteFunc(s.account.sorted(), func(i *Instance) bool {
		return s.account.listed(i.ID, r.caller.accountID, r.now) == nil || !matches(i)
	})
	rows := make([]map[string]any, 0, size)
	for _, i := range pageOf(found, page, size) {
		rows = append(rows, i.bssView(r.now))
	}
	return map[string]any{"InstanceList": rows, "PageNum": page, "PageSize": size, "TotalCount": len(found)}, nil
}

func (s *Server) queryFilter(r *request, ids []string) (func(*Instance) bool, *apiError) {
	between := map[string]time.Time{}
	for _, name := range []string{"CreateTimeStart", "CreateTimeEnd", "EndTimeStart", "EndTimeEnd"} {
		if text := r.get(name); text != "" {
			t, ok := parseTimestamp(text)
			if !ok {
				return nil, invalidOrder("%s must be a time such as 2026-01-02T03:04:05Z.", name)
			}
			between[name] = t
		}
	}
	outside := func(t time.Time, name string) bool {
		from, hasFrom := between[name+"Start"]
		to, hasTo := between[name+"End"]
		return hasFrom && t.Before(from) || hasTo && t.After(to)
	}
	return func(i *Instance) bool {
		switch {
		case len(ids) > 0 && !slices.Contains(ids, i.ID),
			!r.wants("ProductCode", productKMS),
			!r.wants("ProductType", i.ProductType),
			!r.wants("SubscriptionType", i.PaymentType),
			!r.wants("Region", i.Region),
			!r.wants("RenewStatus", i.Renewal.Status),
			outside(i.CreateTime, "CreateTime"), outside(i.EndDate, "EndTime"):
			return false
		}
		return true
	}, nil
}

// bssView is a row of QueryAvailableInstances.
func (i *Instance) bssView(now time.Time) map[string]any {
	v := map[string]any{
		"InstanceID":       i.ID,
		"Status":           "Normal",
		"SubscriptionType": i.PaymentType,
		"ProductCode":      productKMS,
		"ProductType":      i.ProductType,
		"Region":           i.Region,
		"CreateTime":       stamp(i.CreateTime),
		"Seller":           "26842",
	}
	switch {
	case now.Before(i.VisibleAt):
		v["Status"] = "Creating"
	case i.expired(now):
		v["Status"] = "Expired"
	}
	if i.PaymentType == Subscription {
		v["EndTime"] = stamp(i.EndDate)
		v["ExpectedReleaseTime"] = stamp(i.EndDate.Add(releasedAfterExpiry))
		v["RenewStatus"] = i.Renewal.Status
		if i.Renewal.Status == AutoRenewal {
			v["RenewalDuration"] = i.Renewal.Period
			v["RenewalDurationUnit"] = i.Renewal.Unit
		}
	}
	return v
}
