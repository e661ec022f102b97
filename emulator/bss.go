package emulator

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

const productKMS = "kms"

var bssOperations = map[string]operation{
	"CreateInstance": {required: []string{"ProductCode", "SubscriptionType"}, order: true, run: createInstance},
	"ModifyInstance": {
		required: []string{"ProductCode", "SubscriptionType", "ModifyType", "InstanceId"}, order: true, run: modifyInstance,
	},
	"RefundInstance":          {order: true, run: refundInstance},
	"RenewInstance":           {required: []string{"InstanceId", "ProductCode", "RenewPeriod"}, order: true, run: renewInstance},
	"SetRenewal":              {required: []string{"InstanceIDs", "RenewalStatus", "ProductCode"}, run: setRenewal},
	"QueryAvailableInstances": {run: queryAvailableInstances},
	"GetOrderDetail":          {required: []string{"OrderId"}, run: getOrderDetail},
}

// invalidOrder is BSS's refusal of a parameter.
func invalidOrder(format string, args ...any) *apiError {
	return businessFailure("InvalidParameter", format, args...)
}

// checkProduct checks the product that a call names: KMS, of this account's site, and of the payment type if that is
// known.
func (s *Server) checkProduct(r *request, paymentType string, typeRequired bool) *apiError {
	if code := r.get("ProductCode"); code != productKMS {
		return productCheck("The product %q is not modelled by the emulator; there is %s.", code, productKMS)
	}
	given := r.get("ProductType")
	if given == "" {
		if typeRequired {
			return productCheck("ProductType is missing; for this account it is %s.", productType(paymentType, s.opts.Site))
		}
		return nil
	}
	if given != productType(paymentType, s.opts.Site) {
		return productCheck("ProductType %s does not fit %s; it would be %s.", given, paymentType, productType(paymentType, s.opts.Site))
	}
	return nil
}

// otherSite says whether a product type belongs to the site that the account is not of.
func (s *Server) otherSite(given string) bool {
	if s.opts.Site == SiteInternational {
		return strings.HasSuffix(given, "_cn") || given == domesticProbe
	}
	return strings.HasSuffix(given, "_intl")
}

// domesticProbe is a product of the China site only; clients query it to learn which site their account is of.
const domesticProbe = "vipcloudfw"

// maxTokenLength is a guess; clients cut their tokens to this length.
const maxTokenLength = 64

// replay answers an order from its client token if that was used before. done is true if there is an answer, which
// may be a refusal.
func (s *Server) replay(r *request) (data map[string]any, refused *apiError, done bool) {
	token := r.get("ClientToken")
	if token == "" {
		return nil, nil, false
	}
	if len(token) > maxTokenLength {
		return nil, invalidOrder("ClientToken must be at most %d characters long.", maxTokenLength), true
	}
	first, ok := s.account.tokens[s.tokenKey(r)]
	if !ok {
		return nil, nil, false
	}
	if code := s.opts.TokenMismatch; code != "" && first.Parameters != orderText(r) {
		return nil, businessFailure(code, "The client token %s was used for an order with other parameters.", token), true
	}
	s.account.totals.Replays++
	r.effect = effect{kind: EffectReplayed, instanceID: first.InstanceID, orderID: strconv.FormatInt(first.OrderID, 10)}
	return first.data(r.action), nil, true
}

func (s *Server) tokenKey(r *request) string {
	return r.caller.accountID + "\n" + r.action + "\n" + r.get("ClientToken")
}

// orderText is what makes an order the same order: its parameters without the token.
func orderText(r *request) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(r.params)) {
		if name != "ClientToken" {
			b.WriteString(strconv.Quote(name) + "=" + strconv.Quote(r.params[name]) + "\n")
		}
	}
	return b.String()
}

// place books an order that is accepted, remembers it under its token, and returns its answer.
func (s *Server) place(r *request, i *Instance, effectKind string, amount int) map[string]any {
	id := s.account.order(Order{
		Kind: r.action, InstanceID: i.ID, AccountID: i.AccountID, Time: r.now, Amount: amount,
		Token: r.get("ClientToken"), Parameters: maps.Clone(r.params),
	})
	r.effect = effect{kind: effectKind, instanceID: i.ID, orderID: strconv.FormatInt(id, 10), amount: amount}
	result := tokenResult{Parameters: orderText(r), InstanceID: i.ID, OrderID: id, Time: r.now}
	if r.get("ClientToken") != "" {
		s.account.tokens[s.tokenKey(r)] = result
	}
	return result.data(r.action)
}

// data is the Data of an order's answer, in the shape of its action.
func (t tokenResult) data(action string) map[string]any {
	text := strconv.FormatInt(t.OrderID, 10)
	switch action {
	case "CreateInstance":
		return map[string]any{"InstanceId": t.InstanceID, "OrderId": text}
	case "ModifyInstance":
		return map[string]any{"OrderId": text, "HostId": "cn"}
	case "RefundInstance":
		return map[string]any{"OrderId": t.OrderID, "HostId": "cn"}
	}
	return map[string]any{"OrderId": text}
}

// orderable returns the instance that an order is about.
func (s *Server) orderable(r *request, id string) (*Instance, *apiError) {
	i := s.account.listed(id, r.caller.accountID, r.now)
	if i == nil || i.leaving() {
		return nil, resourceNotExists(id)
	}
	return i, nil
}

// maxCodes is how many codes an order can have.
const maxCodes = 100

// codes reads Parameter.N.Code and Parameter.N.Value.
func codes(r *request) (map[string]string, *apiError) {
	names, values := r.list("Parameter", "Code"), r.list("Parameter", "Value")
	for n := range values {
		if _, ok := names[n]; !ok {
			return nil, invalidOrder("Parameter.%d has a Value but no Code.", n)
		}
	}
	all := map[string]string{}
	for n, code := range names {
		value, ok := values[n]
		if !ok {
			return nil, invalidOrder("Parameter.%d has a Code but no Value.", n)
		}
		if n > maxCodes {
			return nil, invalidOrder("Parameter.%d is too many; there are at most %d.", n, maxCodes)
		}
		// The sources disagree about the case of this one code.
		if code == "log" {
			code = "Log"
		}
		if _, twice := all[code]; twice {
			return nil, invalidOrder("The code %s is given twice.", code)
		}
		all[code] = value
	}
	return all, nil
}

// sizeCode is an order code whose value is a number: where it is kept, and what is offered.
type sizeCode struct {
	field    func(*Sizes) *int
	from, to int
	only     []int
}

var sizeCodes = map[string]sizeCode{
	"Spec":       {field: func(s *Sizes) *int { return &s.Spec }, only: []int{200, 1000, 2000, 4000, 10000, 20000}},
	"KeyNum":     {field: func(s *Sizes) *int { return &s.KeyNum }, from: 100, to: 100000},
	"SecretNum":  {field: func(s *Sizes) *int { return &s.SecretNum }, to: 100000},
	"VpcNum":     {field: func(s *Sizes) *int { return &s.VpcNum }, to: 10000},
	"Log":        {field: func(s *Sizes) *int { return &s.Log }, to: 1},
	"LogStorage": {field: func(s *Sizes) *int { return &s.LogStorage }, to: 500000},
}

// applyCodes returns sizes with the ordered codes put in.
func applyCodes(sizes Sizes, ordered map[string]string) (Sizes, *apiError) {
	for _, name := range slices.Sorted(maps.Keys(ordered)) {
		value := ordered[name]
		switch name {
		case "Region":
			continue
		case "ProductVersion":
			if value != "3" && value != "5" {
				return sizes, productCheck("ProductVersion %q cannot be ordered here; there are 3 and 5.", value)
			}
			sizes.ProductVersion = value
			continue
		}
		n, err := strconv.Atoi(value)
		code, known := sizeCodes[name]
		switch {
		case err != nil:
			return sizes, invalidOrder("%s must be a whole number, not %q.", name, value)
		case !known:
			return sizes, productCheck("The code %q is not known for this product.", name)
		case code.only != nil && !slices.Contains(code.only, n):
			return sizes, productCheck("%s %d is not offered; there are %v.", name, n, code.only)
		case code.only == nil && (n < code.from || n > code.to):
			return sizes, productCheck("%s %d is not offered; it goes from %d to %d.", name, n, code.from, code.to)
		}
		*code.field(&sizes) = n
	}
	return sizes, nil
}

// orderNumber reads an integer that an order must have.
func orderNumber(r *request, name string, offered []int) (int, *apiError) {
	n, err := strconv.Atoi(r.get(name))
	if err != nil || !slices.Contains(offered, n) {
		return 0, invalidOrder("%s must be one of %v, not %q.", name, offered, r.get(name))
	}
	return n, nil
}

var (
	purchaseMonths     = []int{1, 2, 3, 6, 12, 24, 36}
	autoRenewalMonths  = []int{1, 2, 3, 6, 12, 24, 36}
	renewInstanceTerms = []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 24, 36}
)
