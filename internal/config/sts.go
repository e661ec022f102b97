package config

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/utils"
	"github.com/alibabacloud-go/tea/dara"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

const (
	stsVersion   = "2015-04-01"
	stsAlgorithm = "ACS3-HMAC-SHA256"

	// stsTries is how often a call is tried that fails for a passing reason.
	stsTries = 4
)

// stsCaller calls Security Token Service. The providers of credentials-go cannot: they always use HTTPS, and HTTP clients
// of their own.
type stsCaller struct {
	endpoint  cloud.Endpoint
	http      *http.Client
	tryFor    time.Duration // time of one try
	userAgent string
	extra     map[string]string // parameters of every call
}

// stsError is a refusal of STS.
type stsError struct {
	status    int
	code      string
	message   string
	requestID string
}

// Error names code, message, HTTP status and request id.
func (e *stsError) Error() string {
	var details []string
	if e.status != 0 {
		details = append(details, fmt.Sprintf("HTTP %d", e.status))
	}
	if e.requestID != "" {
		details = append(details, "request id "+e.requestID)
	}
	text := strings.TrimRight(e.message, ". ")
	if e.code != "" {
		text = e.code + ": " + text
	}
	return fmt.Sprintf("%s (%s)", text, strings.Join(details, ", "))
}

func (e *stsError) passing() bool {
	return e.status >= http.StatusInternalServerError || e.status == http.StatusTooManyRequests ||
		strings.HasPrefix(e.code, "Throttling") || e.code == "ServiceUnavailable" || e.code == "InternalError" ||
		e.code == "SignatureNonceUsed"
}

// call carries out an action that answers with temporary credentials. Without signer the call is anonymous.
// A failure that may pass is tried again, with growing random pauses, as long as ctx allows.
func (c *stsCaller) call(ctx context.Context, action string, parameters map[string]string, signer *session) (session, error) {
	for try := 1; ; try++ {
		s, err := c.try(ctx, action, parameters, signer)
		if err == nil {
			return s, nil
		}
		var refusal *stsError
		if ctx.Err() != nil || try == stsTries || errors.As(err, &refusal) && !refusal.passing() {
			return session{}, err
		}
		pause := time.Duration(rand.Int64N(int64(200*time.Millisecond) << try)) //nolint:gosec // jitter, not a secret
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return session{}, err
		}
	}
}

func (c *stsCaller) try(ctx context.Context, action string, parameters map[string]string, signer *session) (session, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, c.tryFor, fmt.Errorf("no answer within %s", c.tryFor))
	defer cancel()
	request, err := c.request(ctx, action, parameters, signer)
	if err != nil {
		return session{}, err
	}
	status, body, err := do(c.http, request)
	if err != nil {
		return session{}, err
	}
	var answer struct {
		RequestID   string `json:"RequestId"`
		Code        string
		Message     string
		Credentials struct{ AccessKeyId, AccessKeySecret, SecurityToken, Expiration string }
	}
	malformed := json.Unmarshal(body, &answer) != nil
	got := answer.Credentials
	switch {
	case status != http.StatusOK:
		e := &stsError{status: status, code: answer.Code, message: answer.Message, requestID: answer.RequestID}
		if malformed || e.code == "" {
			e.message = "the answer gives no reason"
		}
		e.message = withoutSecrets(e.code, e.message, parameters, signer)
		return session{}, e
	case malformed || got.AccessKeyId == "" || got.AccessKeySecret == "" || got.SecurityToken == "":
		return session{}, fmt.Errorf("the answer (request id %s) holds no credentials", orNone(answer.RequestID))
	}
	expires, err := time.Parse(time.RFC3339, got.Expiration)
	if err != nil {
		return session{}, fmt.Errorf("the answer (request id %s) does not say when the credentials expire", orNone(answer.RequestID))
	}
	return session{
		accessKeyID:     got.AccessKeyId,
		accessKeySecret: got.AccessKeySecret,
		securityToken:   got.SecurityToken,
		expires:         expires,
	}, nil
}

func orNone(requestID string) string {
	if requestID == "" {
		return "none"
	}
	return requestID
}

// request makes the request of one try, with a date and a nonce of its own. The parameters travel in the body, so that no
// log of URLs holds a token.
func (c *stsCaller) request(ctx context.Context, action string, parameters map[string]string, signer *session) (*http.Request, error) {
	form := url.Values{}
	for name, value := range parameters {
		form.Set(name, value)
	}
	query := maps.Clone(c.extra)
	if query == nil {
		query = map[string]string{}
	}
	query["Format"] = "JSON"
	body := form.Encode()
	hash := sha256.Sum256([]byte(body))
	headers := map[string]string{
		"host":                  c.endpoint.Host(),
		"accept":                "application/json",
		"content-type":          "application/x-www-form-urlencoded",
		"user-agent":            c.userAgent,
		"x-acs-action":          action,
		"x-acs-version":         stsVersion,
		"x-acs-date":            time.Now().UTC().Format("2006-01-02T15:04:05Z"),
		"x-acs-signature-nonce": *openapi.GetNonce(),
		"x-acs-content-sha256":  hex.EncodeToString(hash[:]),
	}
	if signer != nil {
		if signer.securityToken != "" {
			headers["x-acs-accesskey-id"] = signer.accessKeyID
			headers["x-acs-security-token"] = signer.securityToken
		}
		headers["authorization"] = *openapi.GetAuthorization(
			&dara.Request{Method: dara.String(http.MethodPost), Pathname: dara.String("/"), Query: pointers(query), Headers: pointers(headers)},
			dara.String(stsAlgorithm), dara.String(headers["x-acs-content-sha256"]), &signer.accessKeyID, &signer.accessKeySecret)
	}
	encoded := url.Values{}
	for name, value := range query {
		encoded.Set(name, value)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.endpoint.URL()+"?"+encoded.Encode(), strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	for name, value := range headers {
		if name != "host" {
			request.Header.Set(name, value)
		}
	}
	return request, nil
}

func pointers(m map[string]string) map[string]*string {
	out := make(map[string]*string, len(m))
	for name, value := range m {
		out[name] = &value
	}
	return out
}

// withoutSecrets removes from a message of STS what the request held of secrets: the answer to a wrong signature quotes
// what was signed.
func withoutSecrets(code, message string, parameters map[string]string, signer *session) string {
	if strings.HasPrefix(code, "SignatureDoesNotMatch") || strings.HasPrefix(code, "IncompleteSignature") {
		return "the secret key does not belong to the access key"
	}
	secrets := []string{parameters["OIDCToken"]}
	if signer != nil {
		secrets = append(secrets, signer.accessKeyID, signer.accessKeySecret, signer.securityToken)
	}
	for _, secret := range secrets {
		if secret != "" {
			message = strings.ReplaceAll(message, secret, "[secret]")
			message = strings.ReplaceAll(message, url.QueryEscape(secret), "[secret]")
		}
	}
	return message
}

// role is a RAM role to assume.
type role struct {
	arn         string
	sessionName string
	seconds     int
	policy      string
	externalID  string
}

func (r role) parameters() map[string]string {
	parameters := map[string]string{
		"RoleArn":         r.arn,
		"RoleSessionName": r.sessionName,
		"DurationSeconds": strconv.Itoa(r.seconds),
	}
	if r.policy != "" {
		parameters["Policy"] = r.policy
	}
	if r.externalID != "" {
		parameters["ExternalId"] = r.externalID
	}
	return parameters
}

// roleSession is the source of the credentials of a role that base may assume.
type roleSession struct {
	sts  *stsCaller
	base *cache
	role role
}

func (r *roleSession) obtain(ctx context.Context) (session, error) {
	base, s, err := r.assume(ctx)
	var refusal *stsError
	if errors.As(err, &refusal) && refusal.code == cloud.CodeTokenExpired && r.base.Discard(ctx, base.accessKeyID) {
		base, s, err = r.assume(ctx)
	}
	if err != nil && base == (session{}) {
		return session{}, err // which says what it is about
	}
	if err != nil {
		return session{}, fmt.Errorf("cannot assume the role %s on %s: %w. %s",
			r.role.arn, r.sts.endpoint.Host(), err, assumeHint(err))
	}
	s.way = "ram_role_arn/" + base.way
	return s, nil
}

// assume also returns the credentials that it called STS with; without such it has not called.
func (r *roleSession) assume(ctx context.Context) (base, s session, err error) {
	if base, err = r.base.get(ctx); err != nil {
		return session{}, session{}, err
	}
	s, err = r.sts.call(ctx, "AssumeRole", r.role.parameters(), &base)
	return base, s, err
}

func assumeHint(err error) string {
	var refusal *stsError
	switch {
	case !errors.As(err, &refusal):
		return "See that the endpoint of STS can be reached"
	case strings.HasPrefix(refusal.code, "NoPermission"), strings.HasPrefix(refusal.code, "Forbidden"):
		return "The caller needs the permission sts:AssumeRole for the role, and the role's trust policy must name the caller"
	case strings.HasPrefix(refusal.code, "EntityNotExist"):
		return "See that the ARN names a role that exists"
	case refusal.passing():
		return "Try again"
	default:
		return "See that the credentials that assume the role are valid, and the role's settings"
	}
}

// oidcSession is the source of the credentials of a role that an OIDC token may assume.
type oidcSession struct {
	sts         *stsCaller
	role        role
	providerArn string
	token       string
	tokenFile   string
	readFile    func(string) ([]byte, error)
}

func (o *oidcSession) obtain(ctx context.Context) (session, error) {
	token, err := o.currentToken()
	if err != nil {
		return session{}, err
	}
	parameters := o.role.parameters()
	parameters["OIDCProviderArn"] = o.providerArn
	parameters["OIDCToken"] = token
	s, err := o.sts.call(ctx, "AssumeRoleWithOIDC", parameters, nil)
	if err != nil {
		return session{}, fmt.Errorf("cannot assume the role %s with the OIDC token on %s: %w. See that the token is current, "+
			"and that the role's trust policy names the identity provider %s", o.role.arn, o.sts.endpoint.Host(), err, o.providerArn)
	}
	s.way = "oidc_role_arn"
	return s, nil
}

// currentToken reads the file anew each time: whoever issues tokens rotates it.
func (o *oidcSession) currentToken() (string, error) {
	if o.token != "" {
		return o.token, nil
	}
	content, err := o.readFile(o.tokenFile)
	if err != nil {
		return "", fmt.Errorf("cannot read the file with the OIDC token: %w", err)
	}
	token := strings.TrimSpace(string(content))
	if token == "" {
		return "", fmt.Errorf("the file with the OIDC token, %s, is empty", o.tokenFile)
	}
	return token, nil
}
