package emulator

import (
	"cmp"
	"errors"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxBody is how much of a request is read; the cloud's own parameters are far smaller.
const maxBody = 1 << 20

// The services, told apart by their API version.
const (
	serviceKMS = "KMS"
	serviceBSS = "BSS"
	serviceSTS = "STS"
	serviceVPC = "VPC"
)

var versions = map[string]string{
	"2016-01-20": serviceKMS,
	"2017-12-14": serviceBSS,
	"2015-04-01": serviceSTS,
	"2016-04-28": serviceVPC,
}

// commonParameters belong to the protocol, not to the action.
var commonParameters = map[string]bool{
	"Action": true, "Version": true, "Format": true, "Timestamp": true, "SignatureNonce": true,
	"SignatureMethod": true, "SignatureVersion": true, "SignatureType": true, "AccessKeyId": true, "Signature": true,
	"SecurityToken": true, "SourceIp": true, "SecureTransport": true,
}

// request is one call to an API.
type request struct {
	http    *http.Request
	body    []byte
	query   url.Values
	form    url.Values
	service string
	action  string
	version string
	region  string // the region of the endpoint that was called
	params  map[string]string
	caller  identity
	now     time.Time
	// instance is the one that the call is about, if its operation asks for one; see operation.needs.
	instance *Instance
	// outcomes are the faults that decide what becomes of the instance that the call is about.
	outcomes []Fault
	effect   effect
	id       string // request id
}

// effect is what a call did, for the journal.
type effect struct {
	kind       string
	instanceID string
	orderID    string
	amount     int
}

func newRequest(r *http.Request, region string, now time.Time) *request {
	return &request{http: r, region: region, now: now, params: map[string]string{}, id: newRequestID()}
}

// parse takes a call apart. Of a request that it refuses, it reads what is needed to answer and to log it.
func (r *request) parse() {
	const code = "InvalidParameter.Format"
	var err error
	if r.query, err = url.ParseQuery(r.http.URL.RawQuery); err != nil {
		badRequest(code, "The query string cannot be decoded.")
	}
	if r.body, err = io.ReadAll(http.MaxBytesReader(nil, r.http.Body, maxBody)); err != nil {
		if tooLong := (*http.MaxBytesError)(nil); errors.As(err, &tooLong) {
			refuse(fail(http.StatusRequestEntityTooLarge, code, "The request body is too large."))
		}
		badRequest(code, "The request body cannot be read.")
	}
	if kind, _, err := mime.ParseMediaType(r.http.Header.Get("Content-Type")); err == nil && kind == "application/x-www-form-urlencoded" {
		if r.form, err = url.ParseQuery(string(r.body)); err != nil {
			badRequest(code, "The form body cannot be decoded.")
		}
	}
	for _, values := range []url.Values{r.query, r.form} {
		for name, list := range values {
			if !commonParameters[name] && len(list) > 0 {
				r.params[name] = list[0]
			}
		}
	}
	// An ACS3 signature covers the headers, a V1 signature the parameters; what is signed counts.
	header := r.http.Header
	if header.Get("Authorization") != "" {
		r.action = cmp.Or(header.Get("x-acs-action"), r.common("Action"))
		r.version = cmp.Or(header.Get("x-acs-version"), r.common("Version"))
	} else {
		r.action = cmp.Or(r.common("Action"), header.Get("x-acs-action"))
		r.version = cmp.Or(r.common("Version"), header.Get("x-acs-version"))
	}
	r.service = versions[r.version]
}

// common returns a parameter of the protocol, from the query or the form.
func (r *request) common(name string) string {
	return cmp.Or(r.query.Get(name), r.form.Get(name))
}

// get returns a parameter of the action, or "".
func (r *request) get(name string) string { return r.params[name] }

// invalid refuses a parameter, in the way of the service.
func (r *request) invalid(format string, args ...any) {
	if r.service == serviceBSS {
		invalidOrder(format, args...)
	}
	invalidParameter(format, args...)
}

// number returns an integer parameter from 1 on, or fallback if it is absent or empty.
func (r *request) number(name string, fallback, to int) int {
	text := r.get(name)
	if text == "" {
		return fallback
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > to {
		r.invalid("%s must be a whole number from 1 to %d.", name, to)
	}
	return n
}

// boolean returns a parameter that is true or false; absent or empty is false.
func (r *request) boolean(name string) bool {
	text := r.get(name)
	if text != "true" && text != "false" && text != "" {
		r.invalid("%s must be true or false.", name)
	}
	return text == "true"
}

// wants says whether a filter of the call lets a value through; an absent one does.
func (r *request) wants(name, value string) bool {
	filter := r.get(name)
	return filter == "" || filter == value
}

// list returns the values name.1, name.2, … or, with a field, name.1.field, name.2.field, …, by position.
func (r *request) list(name, field string) map[int]string {
	values := map[int]string{}
	if field != "" {
		field = "." + field
	}
	for parameter, value := range r.params {
		rest, isElement := strings.CutPrefix(parameter, name+".")
		rest, hasField := strings.CutSuffix(rest, field)
		if n, err := strconv.Atoi(rest); isElement && hasField && err == nil && n >= 1 && n <= 1000 {
			values[n] = value
		}
	}
	return values
}

// has says whether there is any element of a list.
func (r *request) has(list string) bool {
	for parameter := range r.params {
		if strings.HasPrefix(parameter, list+".") {
			return true
		}
	}
	return false
}

// values returns a list's values in order.
func (r *request) values(name string) []string {
	byPosition := r.list(name, "")
	var values []string
	for _, n := range slices.Sorted(maps.Keys(byPosition)) {
		values = append(values, byPosition[n])
	}
	return values
}

// split returns a comma-separated parameter's parts.
func (r *request) split(name string) []string {
	var parts []string
	for part := range strings.SplitSeq(r.get(name), ",") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

// newRequestID looks like the cloud's: an upper-case UUID.
func newRequestID() string {
	h := strings.ToUpper(randomHex(16))
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
