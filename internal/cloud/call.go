package cloud

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	openapiutil "github.com/alibabacloud-go/darabonba-openapi/v2/utils"
	"github.com/alibabacloud-go/tea/dara"

	_ "github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud/quiet" // before the SDK reads DEBUG
)

// effect says how often a call may safely reach the server.
type effect int

const (
	readOnly effect = iota
	// idempotent calls set something to a value, so that doing it twice is doing it once.
	idempotent
	// notRepeatable calls may fail differently when they are repeated after they took effect; the caller looks before it tries again.
	notRepeatable
	// order calls carry a client token that makes a repeated request an inquiry for the first one's result.
	order
)

// operations are all that the client calls. docs/ram-policy.json allows them.
var operations = map[string]struct {
	service service
	effect  effect
}{
	"GetKmsInstance":           {kms, readOnly},
	"ListKmsInstances":         {kms, readOnly},
	"GetKmsInstanceQuotaInfos": {kms, readOnly},
	"ListTagResources":         {kms, readOnly},
	"ConnectKmsInstance":       {kms, notRepeatable},
	"ReleaseKmsInstance":       {kms, notRepeatable},
	"UpdateKmsInstanceBindVpc": {kms, idempotent},
	"UpdateKmsInstance":        {kms, idempotent},
	"SetDeletionProtection":    {kms, idempotent},
	"TagResources":             {kms, idempotent},
	"UntagResources":           {kms, idempotent},
	"CreateInstance":           {bss, order},
	"ModifyInstance":           {bss, order},
	"RefundInstance":           {bss, order},
	"SetRenewal":               {bss, idempotent},
	"QueryAvailableInstances":  {bss, readOnly},
	"GetOrderDetail":           {bss, readOnly},
	"DescribeVSwitches":        {vpc, readOnly},
	"GetCallerIdentity":        {sts, readOnly},
	"AssumeRole":               {sts, readOnly},
	"AssumeRoleWithOIDC":       {sts, readOnly},
}

// call is one API call, before it is known how many tries it takes.
type call struct {
	action     string
	parameters any         // a map by name; lists in it are numbered
	payment    PaymentType // of the instances that BSS is asked about; "" = none
	form       any         // parameters that travel in the body, so that no log of URLs holds a token
	authType   string      // unsigned, or ""
	unanswered bool        // an earlier call of this order got no answer
	// result is the struct that a successful answer is decoded into; nil = none. The error of check means that the answer lacks something.
	result any
	check  func() error
}

func (cl call) service() service { return operations[cl.action].service }
func (cl call) effect() effect   { return operations[cl.action].effect }

// unsigned is the SDK's word for a call without credentials.
const unsigned = "Anonymous"

// orderTryTimeout is the limit for a try of an order, which cannot be cancelled.
const orderTryTimeout = 30 * time.Second

// try makes the call once. Its nil means success, decoding included.
func (c *Client) try(ctx context.Context, cl call, site Site) *Error {
	target := c.endpoint(cl.service(), site)
	e := &Error{Action: cl.action, Endpoint: target.Host}
	signedWith, err := c.credentials(ctx, cl)
	var wrongAccount error
	if err == nil && cl.effect() != readOnly {
		wrongAccount = c.verifyAccount(ctx)
	}
	switch {
	case ctx.Err() != nil:
		e.end(ctx)
		return e
	case err != nil:
		e.Code, e.Message = CodeInvalidCredentials, "no usable credentials: "+err.Error()
		e.permanent = !c.hadCredentials.Load() // others could be refreshed later
		return e
	case wrongAccount != nil:
		e.Code, e.Message, e.Endpoint, e.permanent = CodeWrongAccount, wrongAccount.Error(), "", true
		return e
	}
	timeout := c.options.ReadTimeout
	if cl.effect() == order {
		timeout, ctx = min(timeout, orderTryTimeout), context.WithoutCancel(ctx)
	}
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if request, err := c.sign(limited, cl, site, target, signedWith); err != nil {
		e.Code, e.Message, e.permanent = CodeConnectionFailed, oneLine(err.Error()), true
	} else if body, err := e.exchange(c.http, request); err != nil {
		e.noAnswer(ctx, err, timeout)
	} else {
		succeeded := e.readAnswer(cl, body)
		if !e.unusable {
			c.answered.Store(target.Host, true)
		}
		if succeeded {
			return nil
		}
	}
	e.Message, e.accessKeyID = redact(e.Message, signedWith), signedWith.AccessKeyID
	return e
}

// recorder takes the place of the SDK's HTTP client and keeps the request, so that neither the SDK's connection pool (which is not safe for
// concurrent use) nor its time-outs nor its lossy decoding matter.
type recorder struct{ request *http.Request }

// Call is called by the SDK.
func (r *recorder) Call(request *http.Request, _ *http.Transport) (*http.Response, error) {
	r.request = request
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}")), Request: request}, nil
}

// sign lets the SDK build and sign the request.
func (c *Client) sign(ctx context.Context, cl call, site Site, target *url.URL, signedWith Credentials) (*http.Request, error) {
	query := openapiutil.Query(cl.parameters)
	if cl.payment != "" {
		query["ProductCode"], query["ProductType"] = dara.String("kms"), dara.String(products[cl.payment]+siteSuffixes[site])
	}
	for name, value := range map[string]*string{"SourceIp": &c.options.SourceIP, "SecureTransport": &c.options.SecureTransport} {
		if *value != "" {
			query[name] = value
		}
	}
	request := &openapiutil.OpenApiRequest{Query: query}
	if cl.form != nil {
		request.Body = openapiutil.Query(cl.form)
	}
	signed := &recorder{}
	sdk, err := openapi.NewClient(&openapiutil.Config{
		Credential: &signer{Credentials: signedWith}, Endpoint: &target.Host, Protocol: &target.Scheme, UserAgent: &c.options.UserAgent, HttpClient: signed,
	})
	if err != nil {
		return nil, err
	}
	_, err = sdk.CallApiWithCtx(ctx, &openapiutil.Params{
		Action:      &cl.action,
		Version:     dara.String(versions[cl.service()]),
		Protocol:    &target.Scheme,
		Pathname:    dara.String("/"),
		Method:      dara.String(http.MethodPost),
		AuthType:    &cl.authType,
		Style:       dara.String("RPC"),
		ReqBodyType: dara.String("formData"),
		BodyType:    dara.String("json"),
	}, request, &dara.RuntimeOptions{})
	return signed.request, err
}

// maxAnswer is the limit for the size of an answer; real ones have a few kilobytes.
const maxAnswer = 8 << 20

// exchange sends a request and reads its answer. With a connection the request may have reached the server.
func (e *Error) exchange(client *http.Client, request *http.Request) ([]byte, error) {
	var connected atomic.Bool
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }}
	response, err := client.Do(request.WithContext(httptrace.WithClientTrace(request.Context(), trace)))
	e.sent = connected.Load() || err == nil
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	e.HTTPStatus, e.RequestID = response.StatusCode, response.Header.Get("x-acs-request-id")
	seconds, _ := strconv.Atoi(response.Header.Get("Retry-After")) // 0 if there is none
	e.retryAfter = time.Duration(min(seconds, int(longestRetryAfter.Seconds()))) * time.Second
	return io.ReadAll(io.LimitReader(response.Body, maxAnswer))
}

// end describes a try that the end of the context cut short.
func (e *Error) end(ctx context.Context) {
	e.Code, e.ended, e.Message = CodeCanceled, ctx.Err(), whyEnded(ctx.Err())
}

// noAnswer describes a try without a complete answer.
func (e *Error) noAnswer(ctx context.Context, cause error, timeout time.Duration) {
	e.unusable = true
	if ctx.Err() != nil {
		e.end(ctx)
		return
	}
	if wrapped, ok := errors.AsType[*url.Error](cause); ok {
		cause = wrapped.Err // url.Error quotes the whole URL
	}
	e.Code = CodeConnectionFailed
	network, isNetwork := errors.AsType[net.Error](cause)
	_, unresolved := errors.AsType[*net.DNSError](cause)
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](cause)
	_, unencrypted := errors.AsType[tls.RecordHeaderError](cause)
	switch {
	case isNetwork && network.Timeout(): // context.DeadlineExceeded is one, too
		e.Code, e.Message = CodeTimeout, "no connection in time"
		if e.sent {
			e.Message = fmt.Sprintf("no complete answer within %s", timeout)
		}
	case unresolved:
		e.Message = fmt.Sprintf("the host name %s cannot be resolved", (&url.URL{Host: e.Endpoint}).Hostname())
	case e.sent: // whatever broke: behind a proxy even the encryption may break while the request is being worked on
		e.Message = "the connection broke before the answer was complete: " + oneLine(cause.Error())
	case untrusted, unencrypted, errors.Is(cause, http.ErrSchemeMismatch):
		e.Message, e.permanent = "no secure connection: "+oneLine(cause.Error()), true
	default:
		e.Message = "no connection: " + oneLine(cause.Error())
	}
}

// readAnswer reads an answer and reports whether it is a success.
func (e *Error) readAnswer(cl call, body []byte) bool {
	if e.HTTPStatus >= 300 && e.HTTPStatus < 400 {
		e.Code, e.Message, e.permanent = CodeMalformedAnswer, "the endpoint answered with a redirection instead of a result", true
		return false
	}
	answer := parse(body)
	var head struct { // what answers of all APIs have in common
		Code, Message, RequestID string
		Success                  *bool
		AccessDeniedDetail       any
	}
	if answer == nil || answer.decode(&head) != nil {
		e.Code, e.Message, e.unusable = CodeMalformedAnswer, "the answer is no complete JSON object", true
		return false
	}
	e.RequestID = cmp.Or(oneLine(head.RequestID), e.RequestID)
	e.Code, e.Message = oneLine(head.Code), oneLine(signedText.ReplaceAllString(head.Message, ""))
	declined := head.Success != nil && !*head.Success
	if cl.effect() != order { // what becomes of an order is told by the ids, whatever the code says
		declined = declined || head.Code != "" && !strings.EqualFold(head.Code, "Success")
	}
	if e.HTTPStatus < 300 && !declined {
		err := answer.decode(cl.result)
		if err == nil && cl.check != nil {
			err = cl.check()
		}
		declined = cl.effect() == order && head.Success == nil && isRefusal(e.Code) // though nothing but the code says so
		switch {
		case err == nil:
			return true
		case errors.Is(err, ErrGone):
			e.gone, e.permanent, e.Message = true, true, err.Error()
			return false
		case !declined:
			e.Code, e.Message, e.unusable = CodeMalformedAnswer, "the answer cannot be used: "+err.Error(), true
			return false
		}
	}
	if cl.effect() == order {
		e.contradiction(answer)
	}
	detail, _ := head.AccessDeniedDetail.(map[string]any)
	action, _ := detail["AuthAction"].(string)
	e.deniedAction = oneLine(action)
	e.gone = cl.service() == kms && e.Code == codeInstanceNotFound || cl.action == "RefundInstance" && e.Code == codeResourceNotExists
	return false
}

// signedText is what the server says of the text that it signed itself: it is of no use to a user, and it holds request headers.
var signedText = regexp.MustCompile(`(?is)(server (string ?to ?sign|canonicalrequest)|canonicalrequest is).*`)
