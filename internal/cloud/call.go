package cloud

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	openapiutil "github.com/alibabacloud-go/darabonba-openapi/v2/utils"
	"github.com/alibabacloud-go/tea/dara"

	_ "github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud/quiet" // before the SDK reads DEBUG
)

// kind says how often a call may safely reach the server.
type kind int

const (
	// read changes nothing.
	read kind = iota
	// level sets something to a value, so that doing it twice is doing it once.
	level
	// once may fail differently when it is repeated after it took effect; the caller looks before it tries again.
	once
	// order carries a client token that makes a repeated request an inquiry for the first one's result.
	order
)

// call is one API call, before it is known how many tries it takes.
type call struct {
	service service
	action  string
	kind    kind
	// unanswered says that an earlier call of this order got no answer.
	unanswered bool
	// site is where a BSS call goes first.
	site Site
	// query holds the parameters. BSS calls name the site in their product type.
	query func(Site) map[string]*string
	// form holds the parameters that travel in the body; anonymous says that the call is not signed. Both are STS's.
	form      map[string]any
	anonymous bool
	// decode takes the answer's result; an error of it means that the answer lacks something.
	decode func(answer) error
}

// answer is a successful answer.
type answer struct {
	requestID string
	body      []byte
}

// into decodes the answer's body. Its error is for the user, unlike that of encoding/json.
func (a answer) into(v any) error {
	if json.Unmarshal(a.body, v) != nil {
		return errors.New("a field of it has another form than documented")
	}
	return nil
}

// orderTryTimeout bounds a try of an order, which cannot be cancelled.
const orderTryTimeout = 30 * time.Second

// orderCredentialsTimeout bounds how long a try of an order waits for credentials, during which its client token ages.
const orderCredentialsTimeout = time.Minute

// try sends the call once. Its nil means success, decoding included.
func (c *Client) try(ctx context.Context, cl call, site Site) *failure {
	e := c.endpoint(cl.service, site)
	f := &failure{Error: &Error{Action: cl.action, Endpoint: e.host, service: cl.service}}
	patience := c.readTimeout
	if cl.kind == order {
		patience = min(patience, orderCredentialsTimeout)
	}
	model, err := c.credentials.get(ctx, cl, patience)
	if err != nil {
		f.credentials(ctx, err)
		f.refresh = c.credentials.worked.Load()
		return f
	}
	if cl.kind != read {
		if err := c.VerifyAccount(ctx); err != nil {
			f.wrongAccount(ctx, err)
			return f
		}
	}
	timeout := c.readTimeout
	if cl.kind == order {
		timeout = min(timeout, orderTryTimeout)
		ctx = context.WithoutCancel(ctx)
	}
	tryCtx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	carried := &carrier{client: c.http}
	sdk, err := openapi.NewClient(&openapiutil.Config{
		Credential: &fixedCredential{model},
		Endpoint:   &e.host,
		Protocol:   &e.scheme,
		UserAgent:  &c.userAgent,
		HttpClient: carried,
	})
	if err == nil {
		_, err = sdk.CallApiWithCtx(tryCtx, &openapiutil.Params{
			Action:      &cl.action,
			Version:     dara.String(cl.service.version()),
			Protocol:    &e.scheme,
			Pathname:    dara.String("/"),
			Method:      dara.String(http.MethodPost),
			AuthType:    cl.authType(),
			Style:       dara.String("RPC"),
			ReqBodyType: dara.String("formData"),
			BodyType:    dara.String("json"),
		}, cl.request(c.withOrigin(cl.query(site))), &dara.RuntimeOptions{})
	}
	switch {
	case carried.err != nil:
		f.transport(ctx, carried, timeout)
	case err != nil && !carried.called:
		f.Code, f.Message = CodeConnectionFailed, redact(oneLine(err.Error()), model)
		f.permanent = true
	default:
		if !f.answer(carried, cl) {
			c.noteAnswered(e.host)
			return nil
		}
	}
	f.keyID = model.AccessKeyID
	f.Message = redact(f.Message, model)
	f.sent = carried.sent.Load()
	if f.HTTPStatus != 0 && !f.malformed {
		c.noteAnswered(e.host)
	}
	return f
}

// withOrigin adds the parameters that go with every call.
func (c *Client) withOrigin(query map[string]*string) map[string]*string {
	if c.sourceIP != "" {
		query["SourceIp"] = &c.sourceIP
	}
	if c.secureTransport != "" {
		query["SecureTransport"] = &c.secureTransport
	}
	return query
}

// failure is the outcome of one failed try, with what decides about the next.
type failure struct {
	*Error
	sent        bool   // the request may have reached the server
	malformed   bool   // there was an answer, but it cannot be used
	namesResult bool   // the answer declines an order, and names an instance or an order all the same
	business    bool   // BSS itself refused (HTTP 200), as opposed to the gateway in front of it
	permanent   bool   // trying again cannot help
	interrupted bool   // the context ended
	refresh     bool   // credentials that worked before could not be refreshed
	keyID       string // the access key that the try was signed with
	retryAfter  time.Duration
}

// credentials describes a try that failed before there was anything to send.
func (f *failure) credentials(ctx context.Context, err error) {
	if ctx.Err() != nil {
		f.end(ctx)
		return
	}
	f.Code, f.Message, f.Err = CodeInvalidCredentials, "no usable credentials: "+err.Error(), err
}

// end describes a try that the end of the context cut short.
func (f *failure) end(ctx context.Context) {
	f.interrupted = true
	f.Code, f.Err = CodeCanceled, ctx.Err()
	f.Message = "the operation was cancelled"
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		f.Message = "the operation's time-out passed"
	}
}

// transport describes a try without a complete answer.
func (f *failure) transport(ctx context.Context, c *carrier, timeout time.Duration) {
	f.HTTPStatus = c.status
	f.RequestID = c.header.Get("x-acs-request-id")
	if ctx.Err() != nil {
		f.end(ctx)
		return
	}
	cause := c.err
	var wrapped *url.Error
	if errors.As(cause, &wrapped) {
		cause = wrapped.Err // url.Error quotes the whole URL
	}
	var (
		dns         *net.DNSError
		certificate *tls.CertificateVerificationError
		authority   x509.UnknownAuthorityError
		record      tls.RecordHeaderError
	)
	switch {
	case timedOut(cause) && c.sent.Load():
		f.Code, f.Message = CodeTimeout, fmt.Sprintf("no complete answer within %s", timeout)
		f.Err = errTimeout
	case timedOut(cause):
		f.Code, f.Message = CodeTimeout, "no connection in time"
		f.Err = errTimeout
	case errors.As(cause, &dns):
		f.Code, f.Message, f.Err = CodeConnectionFailed, fmt.Sprintf("the host name %s cannot be resolved", hostname(f.Endpoint)), cause
	case c.sent.Load(): // whatever broke: behind a proxy even the encryption may break while the request is being worked on
		f.Code, f.Message, f.Err = CodeConnectionFailed, "the connection broke before the answer was complete: "+oneLine(cause.Error()), cause
	case errors.As(cause, &certificate), errors.As(cause, &authority), errors.As(cause, &record), strings.Contains(cause.Error(), "server gave HTTP response to HTTPS client"):
		f.Code, f.Message, f.Err = CodeConnectionFailed, "no secure connection: "+oneLine(cause.Error()), cause
		f.permanent = true
	default:
		f.Code, f.Message, f.Err = CodeConnectionFailed, "no connection: "+oneLine(cause.Error()), cause
	}
}

// errTimeout stands for a try's own time-out. It deliberately does not match context.DeadlineExceeded, which callers
// take for the end of the operation.
var errTimeout = errors.New("time-out")

// answer reads an answer and reports whether it is a failure.
func (f *failure) answer(c *carrier, cl call) bool {
	f.HTTPStatus = c.status
	f.RequestID = c.header.Get("x-acs-request-id")
	f.retryAfter = retryAfter(c.header)
	if c.status >= 300 && c.status < 400 {
		f.Code, f.permanent = CodeMalformedAnswer, true
		f.Message = "the endpoint answered with a redirection instead of a result"
		return true
	}
	var head envelope
	if json.Unmarshal(c.body, &head) != nil || !isObject(c.body) {
		f.malformed = true
		f.Code, f.Message = CodeMalformedAnswer, "the answer is no complete JSON object"
		return true
	}
	if head.RequestID != "" {
		f.RequestID = string(head.RequestID)
	}
	f.Code, f.Message = string(head.Code), oneLine(withoutSignedText(string(head.Message)))
	a := answer{requestID: f.RequestID, body: c.body}
	if c.status < 300 && !head.failed(cl.kind) {
		err := cl.decode(a)
		refusedWithout := cl.kind == order && head.Success == nil && isRefusal(f.Code)
		if err != nil && !refusedWithout {
			f.decoding(err)
		}
		return err != nil
	}
	f.business = c.status < 300
	if cl.kind == order {
		f.contradiction(cl.action, a)
	}
	f.deniedAction = head.deniedAction()
	f.gone = cl.service == kms && f.Code == CodeInstanceNotFound || cl.action == actionRefund && f.Code == CodeResourceNotExists
	return true
}

// failed tells whether an answer says that the call failed. What an order has come to is told by the ids, whatever the code says.
func (e envelope) failed(kind kind) bool {
	if e.Success != nil && !bool(*e.Success) {
		return true
	}
	return kind != order && e.Code != "" && !strings.EqualFold(string(e.Code), "Success")
}

// contradiction notes ids in an answer that declines an order.
func (f *failure) contradiction(action string, a answer) {
	if result, _ := decodeOrder(action, a); result != (OrderResult{}) {
		f.namesResult = true
		f.Message = strings.TrimSpace(f.Message + result.named())
	}
}

// decoding describes a successful answer that cannot be used, or that says that the instance does not exist.
func (f *failure) decoding(err error) {
	if errors.Is(err, ErrGone) {
		f.gone, f.permanent = true, true
		f.Message = err.Error()
		return
	}
	f.malformed = true
	f.Code, f.Message = CodeMalformedAnswer, "the answer cannot be used: "+err.Error()
}

// envelope is what answers of the three APIs have in common. Gateways write some names in lower case, which
// encoding/json accepts.
type envelope struct {
	Code               text            `json:"Code"`
	Message            text            `json:"Message"`
	RequestID          text            `json:"RequestId"`
	Success            *boolean        `json:"Success"`
	AccessDeniedDetail json.RawMessage `json:"AccessDeniedDetail"`
}

// deniedAction is the RAM action that the caller lacks, where RAM names it.
func (e envelope) deniedAction() string {
	var detail struct{ AuthAction text }
	if !isObject(e.AccessDeniedDetail) || json.Unmarshal(e.AccessDeniedDetail, &detail) != nil {
		return ""
	}
	return oneLine(string(detail.AuthAction))
}

// withoutSignedText cuts what the server says of the text that it signed itself: it is of no use to a user, and it
// holds request headers.
func withoutSignedText(message string) string {
	lower := strings.ToLower(message)
	for _, mark := range []string{"server string to sign", "server stringtosign", "server canonicalrequest", "canonicalrequest is"} {
		if i := strings.Index(lower, mark); i >= 0 {
			message, lower = message[:i], lower[:i]
		}
	}
	return message
}

func (c *Client) noteAnswered(host string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answered[host] = true
}

func (c *Client) hasAnswered(host string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.answered[host]
}
