package emulator

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

const productKMS = "kms"

var bssOperations = map[string]operation{
	"CreateInstance": {required: []string{"ProductCode", "SubscriptionType"}, order: true, effect: EffectOrdered, run: createInstance},
	"ModifyInstance": {
		required: []string{"ProductCode", "SubscriptionType", "ModifyType", "InstanceId"}, order: true, effect: "modified", run: modifyInstance,
	},
	"RefundInstance":          {order: true, effect: "refunded", run: refundInstance},
	"RenewInstance":           {required: []string{"InstanceId", "ProductCode", "RenewPeriod"}, order: true, effect: "renewed", run: renewInstance},
	"SetRenewal":              {required: []string{"InstanceIDs", "RenewalStatus", "ProductCode"}, effect: "renewalSet", run: setRenewal},
	"QueryAvailableInstances": {run: queryAvailableInstances},
	"GetOrderDetail":          {required: []string{"OrderId"}, run: getOrderDetail},
}

// invalidOrder is BSS's refusal of a parameter.
func invalidOrder(format string, args ...any) {
	refuse(businessFailure("InvalidParameter", format, args...))
}

func resourceNotExists(id string) {
	refuse(businessFailure("ResourceNotExists", "The resource %s does not exist.", id))
}

// checkProduct checks the product that a call names: KMS, of this account's site, and of the payment type. All but
// orders of instances and sizes may leave the product type out.
func (s *Server) checkProduct(r *request, paymentType string, typeRequired bool) {
	given, want := r.get("ProductType"), productType(paymentType, s.opts.Site)
	switch {
	case r.get("ProductCode") != productKMS:
		productCheck("The product %q is not modelled by the emulator; there is %s.", r.get("ProductCode"), productKMS)
	case given == "" && typeRequired:
		productCheck("ProductType is missing; for this account it is %s.", want)
	case given != "" && given != want:
		productCheck("ProductType %s does not fit %s; it would be %s.", given, paymentType, want)
	}
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

// replay answers an order from its client token if that was used before; nil means that it was not.
func (s *Server) replay(r *request) result {
	token := r.get("ClientToken")
	if len(token) > maxTokenLength {
		invalidOrder("ClientToken must be at most %d characters long.", maxTokenLength)
	}
	first, ok := s.account.Tokens[r.tokenKey()]
	if token == "" || !ok {
		return nil
	}
	if code := s.opts.TokenMismatch; code != "" && first.Parameters != orderText(r) {
		refuse(businessFailure(code, "The client token %s was used for an order with other parameters.", token))
	}
	s.account.Totals.Replays++
	r.effect = effect{kind: "replayed", instanceID: first.InstanceID, orderID: strconv.FormatInt(first.OrderID, 10)}
	return first.data(r.action)
}

func (r *request) tokenKey() string {
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
func (s *Server) place(r *request, i *Instance, amount int) result {
	id := s.account.order(Order{
		Kind: r.action, InstanceID: i.ID, AccountID: i.AccountID, Time: r.now, Amount: amount,
		Token: r.get("ClientToken"), Parameters: maps.Clone(r.params),
	})
	r.effect = effect{instanceID: i.ID, orderID: strconv.FormatInt(id, 10), amount: amount}
	placed := tokenResult{Parameters: orderText(r), InstanceID: i.ID, OrderID: id, Time: r.now}
	if r.get("ClientToken") != "" {
		s.account.Tokens[r.tokenKey()] = placed
	}
	return placed.data(r.action)
}

// data is the Data of an order's answer, in the shape of its action.
func (t tokenResult) data(action string) result {
	text := strconv.FormatInt(t.OrderID, 10)
	switch action {
	case "CreateInstance":
		return result{"InstanceId": t.InstanceID, "OrderId": text}
	case "ModifyInstance":
		return result{"OrderId": text, "HostId": "cn"}
	case "RefundInstance":
		return result{"OrderId": t.OrderID, "HostId": "cn"}
	}
	return result{"OrderId": text}
}

// orderable returns the instance that an order or a setting is about.
func (s *Server) orderable(r *request, id string, typeRequired bool) *Instance {
	i := s.account.instance(id)
	if i == nil || !s.account.listed(i, r.caller.accountID, r.now) || i.leaving() {
		resourceNotExists(id)
	}
	s.checkProduct(r, i.PaymentType, typeRequired)
	return i
}

// maxCodes is how many codes an order can have.
const maxCodes = 100

// codes reads Parameter.N.Code and Parameter.N.Value.
func codes(r *request) map[string]string {
	names, values := r.list("Parameter", "Code"), r.list("Parameter", "Value")
	for n := range values {
		if _, ok := names[n]; !ok {
			invalidOrder("Parameter.%d has a Value but no Code.", n)
		}
	}
	all := map[string]string{}
	for n, code := range names {
		// The sources disagree about the case of this one code.
		if code == "log" {
			code = "Log"
		}
		value, ok := values[n]
		_, twice := all[code]
		switch {
		case !ok:
			invalidOrder("Parameter.%d has a Code but no Value.", n)
		case n > maxCodes:
			invalidOrder("Parameter.%d is too many; there are at most %d.", n, maxCodes)
		case twice:
			invalidOrder("The code %s is given twice.", code)
		}
		all[code] = value
	}
	return all
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
func applyCodes(sizes Sizes, ordered map[string]string) Sizes {
	for _, name := range slices.Sorted(maps.Keys(ordered)) {
		value := ordered[name]
		switch name {
		case "Region":
			continue
		case "ProductVersion":
			if value != "3" && value != "5" {
				productCheck("ProductVersion %q cannot be ordered here; there are 3 and 5.", value)
			}
			sizes.ProductVersion = value
			continue
		}
		n, err := strconv.Atoi(value)
		code, known := sizeCodes[name]
		switch {
		case err != nil:
			invalidOrder("%s must be a whole number, not %q.", name, value)
		case !known:
			productCheck("The code %q is not known for this product.", name)
		case code.only != nil && !slices.Contains(code.only, n):
			productCheck("%s %d is not offered; there are %v.", name, n, code.only)
		case code.only == nil && (n < code.from || n > code.to):
			productCheck("%s %d is not offered; it goes from %d to %d.", name, n, code.from, code.to)
		}
		*code.field(&sizes) = n
	}
	return sizes
}

// months reads an integer that an order must have.
func (r *request) months(name string, offered ...int) int {
	n, err := strconv.Atoi(r.get(name))
	if err != nil || !slices.Contains(offered, n) {
		invalidOrder("%s must be one of %v, not %q.", name, offered, r.get(name))
	}
	return n
}
