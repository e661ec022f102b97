package cloud

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// ErrGone matches (errors.Is) the error of a call whose instance does not exist, or no longer.
var ErrGone = errors.New("the instance does not exist")

// Codes of the client itself, for failures that have no code of the API.
const (
	CodeInvalidCredentials = "InvalidCredentials" // none could be obtained, so nothing was sent
	CodeWrongAccount       = "WrongAccount"       // the credentials are not those of the configured account, so nothing was sent
	CodeMalformedAnswer    = "MalformedAnswer"    // the answer was no JSON object, was cut short, or lacks a field that must be there
	CodeConnectionFailed   = "ConnectionFailed"   // no connection could be made, or it broke before the answer was complete
	CodeTimeout            = "Timeout"            // of a try
	CodeCanceled           = "Canceled"           // the context ended before the call did
)

var ownCodes = []string{CodeInvalidCredentials, CodeWrongAccount, CodeMalformedAnswer, CodeConnectionFailed, CodeTimeout, CodeCanceled}

// Codes of the APIs that are told apart.
const (
	CodeUninitialized = "Rejected.Uninitialized" // KMS: not connected yet
	CodeNotApplicable = "NotApplicable"          // BSS: the account belongs to the other site
	CodeTokenExpired  = "InvalidSecurityToken.Expired"

	codeInstanceNotFound    = "Forbidden.DKMSInstanceNotFound"     // KMS: no such instance
	codeInstanceInUpgrade   = "Forbidden.KMSInstanceInUpgrade"     // KMS: a size order is being carried out
	codeStateInvalid        = "Forbidden.DKMSInstanceStateInvalid" // KMS: the instance does not take this yet
	codeRoleNotFound        = "Forbidden.RamRoleNotFound"          // KMS: the service-linked role is not there yet
	codeResourceNotExists   = "ResourceNotExists"                  // BSS: nothing (any more) to refund
	codeConcurrentOperation = "SYSTEM.CONCURRENT_OPERATE"          // BSS: another order of the account is in work
	codeCheckOrder          = "CSS_CHECK_ORDER_ERROR"              // BSS
	codeInternalError       = "InternalError"
	codeSignatureNonceUsed  = "SignatureNonceUsed"
)

// deniedCodes are RAM's words for a missing permission.
var deniedCodes = []string{
	"Forbidden", "Forbidden.NoPermission", "Forbidden.RAM", "NoPermission", "Forbidden.AccessDenied", "NotAuthorized", "AccessDenied",
	"UnauthorizedOperation",
}

// Error is the failure of one call, after all its tries. Its text is for the user.
type Error struct {
	Action     string // such as "GetKmsInstance"
	Endpoint   string // the host (and port) that was called; "" if nothing was
	Code       string // of the API, or one of the client's own
	Message    string // of the API, or the client's description
	RequestID  string // for support tickets; "" if there was no answer
	HTTPStatus int    // 0 if there was no answer
	Attempts   int
	Elapsed    time.Duration

	// Of the last try.
	sent         bool   // the request may have reached the server
	unusable     bool   // there was no complete answer, or it cannot be used
	permanent    bool   // trying again cannot help
	gone         bool   // the answer means that the instance does not exist
	namesResult  bool   // the answer declines an order, and names an instance or an order all the same
	deniedAction string // the RAM action that was denied, if RAM named it
	accessKeyID  string // of the credentials
	retryAfter   time.Duration
	// Of all tries.
	mayHaveTakenEffect bool
	sameAnswer         bool
	ended              error // the end of the context, if it kept the call from being tried again
	siteHint           string
}

// Error is one sentence that says what failed, where and why, and one more that says what to do if the code is a known
// one. It holds no secrets.
func (e *Error) Error() string {
	if hint := e.hint(); hint != "" {
		return e.reason() + ". " + hint
	}
	return e.reason()
}

// Reason is the text of an error without what to do about it, for callers that know better.
func Reason(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.reason()
	}
	return err.Error()
}

func (e *Error) reason() string {
	if e.Code == CodeInvalidCredentials {
		return e.Message // nothing was called
	}
	text := e.Action + " failed"
	if e.Endpoint != "" {
		text += " on " + e.Endpoint
	}
	cause := strings.TrimRight(e.Message, ". ")
	switch {
	case cause == "":
		cause = cmp.Or(e.Code, "no reason given")
	case e.Code != "" && !slices.Contains(ownCodes, e.Code): // which a user cannot look up
		cause = e.Code + ": " + cause
	}
	text += ": " + cause
	var details []string
	if e.HTTPStatus != 0 {
		details = append(details, fmt.Sprintf("HTTP %d", e.HTTPStatus))
	}
	if e.RequestID != "" {
		details = append(details, "request id "+e.RequestID)
	}
	if e.Attempts > 1 {
		details = append(details, fmt.Sprintf("tried %d times in %s", e.Attempts, max(e.Elapsed.Round(time.Second), time.Second)))
	}
	if details != nil {
		text += " (" + strings.Join(details, ", ") + ")"
	}
	if e.ended != nil && e.Code != CodeCanceled {
		text += "; not tried again because " + whyEnded(e.ended)
	}
	return text
}

// whyEnded is the end of a context in words.
func whyEnded(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "the operation's time-out passed"
	}
	return "the operation was cancelled"
}

// Unwrap returns the end of the context, if that ended the call.
func (e *Error) Unwrap() error { return e.ended }

// Is makes errors.Is(err, ErrGone) true if the answer means that the instance does not exist.
func (e *Error) Is(target error) bool { return target == ErrGone && e.gone }

// in returns the *Error that err holds; one that says nothing if it holds none.
func in(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{}
}

// MayHaveTakenEffect reports whether the call may have been carried out although it failed: a request was sent, and no
// usable answer came.
func MayHaveTakenEffect(err error) bool { return in(err).mayHaveTakenEffect }

// GotSameAnswer reports whether the API answered each try of the call, and always the same.
func GotSameAnswer(err error) bool { return in(err).sameAnswer }

// HasCode reports whether err is an API error with the code.
func HasCode(err error, code string) bool { return in(err).Code == code }

// IsGone reports whether err says that the instance does not exist.
func IsGone(err error) bool { return errors.Is(err, ErrGone) }

// IsPermissionDenied reports whether err is RAM's refusal of the action.
func IsPermissionDenied(err error) bool { return in(err).permissionDenied() }

func (e *Error) permissionDenied() bool {
	return e.deniedAction != "" || slices.Contains(deniedCodes, e.Code)
}

func (e *Error) throttled() bool {
	return e.HTTPStatus == http.StatusTooManyRequests || e.Code == "Rejected.Throttling" || matches(e.Code, "Throttling*")
}
