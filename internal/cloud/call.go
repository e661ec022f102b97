package cloud

import (
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
	// form holds parameters that travel in the body, so that no log of URLs holds a token; anonymous calls are not signed. Both are STS's.
	form      any
	anonymous bool
	// unanswered says that an earlier call of this order got no answer.
	unanswered bool
	// result is the struct that a successful answer is decoded into; nil = none. The error of check means that the answer lacks something.
	result any
	check  func() error
}

func (cl call) service() service { return operations[cl.action].service }
func (cl call) effect() effect   { return operations[cl.action].effect }

// orderTryTimeout is the limit for a try of an order, which cannot be cancelled.
const orderTryTimeout = 30 * time.Second

// try sends the call once. Its nil means success, decoding included.
func (c *Client) try(ctx context.Context, cl call, site Site) *Error {
	target := c.endpoint(cl.service(), site)
	e := &Error{Action: cl.action, Endpoint: target.Host}
	signedWith, err := c.credentials(ctx, cl)
	if err == nil && cl.effect() != readOnly {
		if wrong := c.verifyAccount(ctx); wrong != nil && ctx.Err() == nil {
			e.Code, e.Message, e.Endpoint = CodeWrongAccount, wrong.Error(), ""
			e.permanent = true
			return e
		}
	}
	switch {
	case ctx.Err() != nil:
		return e.end(ctx)
	case err != nil:
		e.Code, e.Message = CodeInvalidCredentials, "no usable credentials: "+err.Error()
		e.permanent = !c.hadCredentials.Load() // others could be refreshed later
		return e
	}
	timeout := c.options.ReadTimeout
	if cl.effect() == order {
		timeout = min(timeout, orderTryTimeout)
		ctx = context.WithoutCancel(ctx)
	}
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	x := &exchange{client: c.http}
	err = c.send(limited, cl, site, target, signedWith, x)
	e.sent, e.accessKeyID = x.sent.Load(), signedWith.AccessKeyID
	succeeded := false
	switch {
	case x.err != nil:
		e.noAnswer(ctx, x, timeout)
	case x.response == nil: // the SDK refused the request
		e.Code, e.Message, e.permanent = CodeConnectionFailed, oneLine(err.Error()), true
	default:
		succeeded = e.readAnswer(x, cl)
	}
	if e.HTTPStatus != 0 && !e.unusable {
		c.answered.Store(target.Host, true)
	}
	if succeeded {
		return nil
	}
	e.Message = redact(e.Message, signedWith)
	return e
}

// send lets the SDK build and sign the request, and x exchange it for an answer.
func (c *Client) send(ctx context.Context, cl call, site Site, target *url.URL, signedWith Credentials, x *exchange) error {
	query := openapiutil.Query(cl.parameters)
	if cl.payment != "" {
		query["ProductCode"], query["ProductType"] = dara.String("kms"), dara.String(productType(cl.payment, site))
	}
	for name, value := range map[string]*string{"SourceIp": &c.options.SourceIP, "SecureTransport": &c.options.SecureTransport} {
		if *value != "" {
			query[name] = value
		}
	}
	signature := "AK"
	if cl.anonymous {
		signature = "Anonymous"
	}
	sdk, err := openapi.NewClient(&openapiutil.Config{
		Credential: &signer{Credentials: signedWith}, Endpoint: &target.Host, Protocol: &target.Scheme, UserAgent: &c.options.UserAgent, HttpClient: x,
	})
	if err != nil {
		return err
	}
	_, err = sdk.CallApiWithCtx(ctx, &openapiutil.Params{
		Action:      &cl.action,
		Version:     dara.String(versions[cl.service()]),
		Protocol:    &target.Scheme,
		Pathname:    dara.String("/"),
		Method:      dara.String(http.MethodPost),
		AuthType:    &signature,
		Style:       dara.String("RPC"),
		ReqBodyType: dara.String("formData"),
		BodyType:    dara.String("json"),
	}, &openapiutil.OpenApiRequest{Query: query, Body: cl.form}, &dara.RuntimeOptions{})
	return err
}

// maxAnswer is the limit for the size of an answer; real ones have a few kilobytes.
const maxAnswer = 8 << 20

// exchange sends one signed request for the SDK, so that neither the SDK's connection pool (which is not safe for concurrent use) nor its
// time-outs nor its lossy decoding matter. It keeps the answer and leaves an empty success to the SDK.
type exchange struct {
	client   *http.Client
	sent     atomic.Bool    // there was a connection, so the request may have reached the server
	response *http.Response // nil if there was none
	body     []byte
	err      error // there was no complete answer
}

// Call is called by the SDK.
func (x *exchange) Call(request *http.Request, _ *http.Transport) (*http.Response, error) {
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { x.sent.Store(true) }}
	x.response, x.err = x.client.Do(request.WithContext(httptrace.WithClientTrace(request.Context(), trace)))
	if x.err != nil {
		return nil, x.err
	}
	defer func() { _ = x.response.Body.Close() }()
	x.sent.Store(true)
	if x.body, x.err = io.ReadAll(io.LimitReader(x.response.Body, maxAnswer)); x.err != nil {
		return nil, x.err
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}")), Request: request}, nil
}

// end describes a try that the end of the context cut short.
func (e *Error) end(ctx context.Context) *Error {
	e.Code, e.ended, e.Message = CodeCanceled, ctx.Err(), whyEnded(ctx.Err())
	return e
}

// noAnswer describes a try without a complete answer.
func (e *Error) noAnswer(ctx context.Context, x *exchange, timeout time.Duration) {
	e.unusable = true
	if x.response != nil {
		e.HTTPStatus, e.RequestID = x.response.StatusCode, x.response.Header.Get("x-acs-request-id")
	}
	if ctx.Err() != nil {
		_ = e.end(ctx)
		return
	}
	cause := x.err
	if wrapped, ok := errors.AsType[*url.Error](cause); ok {
		cause = wrapped.Err // url.Error quotes the whole URL
	}
	e.Code = CodeConnectionFailed
	network, isNetwork := errors.AsType[net.Error](cause)
	_, unresolved := errors.AsType[*net.DNSError](cause)
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](cause)
	_, unencrypted := errors.AsType[tls.RecordHeaderError](cause)
	switch {
	case isNetwork && network.Timeout() || errors.Is(cause, context.DeadlineExceeded):
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

// envelope is what answers of all APIs have in common.
type envelope struct {
	Code               string
	Message            string
	RequestID          string
	Success            *bool
	AccessDeniedDetail any
}

// readAnswer reads an answer and reports whether it is a success.
func (e *Error) readAnswer(x *exchange, cl call) bool {
	status, header := x.response.StatusCode, x.response.Header
	e.HTTPStatus, e.RequestID, e.retryAfter = status, header.Get("x-acs-request-id"), retryAfter(header)
	if status >= 300 && status < 400 {
		e.Code, e.Message, e.permanent = CodeMalformedAnswer, "the endpoint answered with a redirection instead of a result", true
		return false
	}
	answer := parse(x.body)
	var head envelope
	if answer == nil || answer.decode(&head) != nil {
		e.Code, e.Message, e.unusable = CodeMalformedAnswer, "the answer is no complete JSON object", true
		return false
	}
	if head.RequestID != "" {
		e.RequestID = oneLine(head.RequestID)
	}
	e.Code, e.Message = oneLine(head.Code), oneLine(signedText.ReplaceAllString(head.Message, ""))
	declined := head.Success != nil && !*head.Success
	if cl.effect() != order { // what becomes of an order is told by the ids, whatever the code says
		declined = declined || head.Code != "" && !strings.EqualFold(head.Code, "Success")
	}
	if status < 300 && !declined {
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
	if detail, ok := head.AccessDeniedDetail.(map[string]any); ok {
		action, _ := detail["AuthAction"].(string)
		e.deniedAction = oneLine(action)
	}
	e.gone = cl.service() == kms && e.Code == codeInstanceNotFound || cl.action == "RefundInstance" && e.Code == codeResourceNotExists
	return false
}

// signedText is what the server says of the text that it signed itself: it is of no use to a user, and it holds request headers.
var signedText = regexp.MustCompile(`(?is)(server (string ?to ?sign|canonicalrequest)|canonicalrequest is).*`)
