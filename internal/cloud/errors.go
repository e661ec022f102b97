package cloud

import (
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
	// CodeInvalidCredentials: no credentials could be obtained, so nothing was sent.
	CodeInvalidCredentials = "InvalidCredentials"
	// CodeWrongAccount: the credentials are not those of the configured account, so nothing was sent.
	CodeWrongAccount = "WrongAccount"
	// CodeMalformedAnswer: the answer was no JSON object, was cut short, or lacks a field that must be there.
	CodeMalformedAnswer = "MalformedAnswer"
	// CodeConnectionFailed: no connection could be made, or it broke before the answer was complete.
	CodeConnectionFailed = "ConnectionFailed"
	// CodeTimeout: a try got no answer in time.
	CodeTimeout = "Timeout"
	// CodeCanceled: the context ended before the call did.
	CodeCanceled = "Canceled"
)

// Codes of the APIs that callers tell apart.
const (
	CodeInstanceNotFound    = "Forbidden.DKMSInstanceNotFound"     // KMS: no such instance
	CodeResourceNotExists   = "ResourceNotExists"                  // BSS: nothing (any more) to refund
	CodeUninitialized       = "Rejected.Uninitialized"             // KMS: not connected yet
	CodeInstanceInUpgrade   = "Forbidden.KMSInstanceInUpgrade"     // KMS: a size order is being carried out
	CodeStateInvalid        = "Forbidden.DKMSInstanceStateInvalid" // KMS: the instance does not take this yet
	CodeRoleNotFound        = "Forbidden.RamRoleNotFound"          // KMS: the service-linked role is not there yet
	CodeNotApplicable       = "NotApplicable"                      // BSS: the account belongs to the other site
	CodeInternalError       = "InternalError"
	CodeConcurrentOperation = "SYSTEM.CONCURRENT_OPERATE" // BSS: another order of the account is in work
	CodeCheckOrder          = "CSS_CHECK_ORDER_ERROR"     // BSS
	CodeSignatureNonceUsed  = "SignatureNonceUsed"
	CodeTokenExpired        = "InvalidSecurityToken.Expired"
)

// Error is the failure of one call, after all its tries. Its text is for the user.
type Error struct {
	// Action is the name of the API operation, e.g. "GetKmsInstance".
	Action string
	// Endpoint is the host (and port) that was called.
	Endpoint string
	// Code is the API's error code, or one of the client's own (CodeTimeout, ...).
	Code string
	// Message is the API's message, or the client's description.
	Message string
	// RequestID is Alibaba Cloud's id of the request, for support tickets; empty if there was no answer.
	RequestID string
	// HTTPStatus is zero if there was no answer.
	HTTPStatus int
	// Err is the cause outside the API, such as a connection error or the end of the context; it may be nil.
	Err error
	// Attempts is how often the call was tried, and Elapsed for how long.
	Attempts int
	Elapsed  time.Duration

	service      service
	site         Site   // the configured site, for the hint
	bothSites    bool   // NotApplicable from both sites
	deniedAction string // the RAM action that was denied, if RAM named it
	gone         bool   // the answer means that the instance does not exist
	mayHaveTaken bool
	sameAnswer   bool  // every try got this answer
	endedBy      error // the end of the context between two tries
}

// errRepeats is the error of a list whose pages have no end.
func errRepeats(action string) error {
	return &Error{Action: action, Code: CodeMalformedAnswer, Message: "the pages of the list repeat"}
}

// Error is one sentence that says what failed, where and why, and one more that says what to do if the code is a known
// one. It holds no secrets.
func (e *Error) Error() string {
	if hint := e.Hint(); hint != "" {
		return e.reason() + ". " + hint
	}
	return e.reason()
}

// Reason is the text of an error without what to do about it, for callers that know better.
func Reason(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.reason()
	}
	return err.Error()
}

func (e *Error) reason() string {
	if e.Code == CodeInvalidCredentials {
		return e.Message // nothing was called
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s failed", e.Action)
	if e.Endpoint != "" {
		fmt.Fprintf(&b, " on %s", e.Endpoint)
	}
	b.WriteString(": ")
	b.WriteString(e.cause())
	if details := e.details(); details != "" {
		fmt.Fprintf(&b, " (%s)", details)
	}
	switch {
	case errors.Is(e.endedBy, context.Canceled):
		b.WriteString("; not tried again because the operation was cancelled")
	case e.endedBy != nil:
		b.WriteString("; not tried again because the operation's time-out passed")
	}
	return b.String()
}

func (e *Error) cause() string {
	message := strings.TrimRight(e.Message, ". ")
	switch {
	case e.ownCode() && message != "":
		return message
	case e.Code == "" && message == "":
		return "no reason given"
	case e.Code == "":
		return message
	case message == "":
		return e.Code
	default:
		return e.Code + ": " + message
	}
}

// ownCode tells codes of the client from those of the API, which a user can look up.
func (e *Error) ownCode() bool {
	return slices.Contains([]string{CodeInvalidCredentials, CodeWrongAccount, CodeMalformedAnswer, CodeConnectionFailed, CodeTimeout, CodeCanceled}, e.Code)
}

func (e *Error) details() string {
	var parts []string
	if e.HTTPStatus != 0 {
		parts = append(parts, fmt.Sprintf("HTTP %d", e.HTTPStatus))
	}
	if e.RequestID != "" {
		parts = append(parts, "request id "+e.RequestID)
	}
	if e.Attempts > 1 {
		parts = append(parts, fmt.Sprintf("tried %d times in %s", e.Attempts, shortDuration(e.Elapsed)))
	}
	return strings.Join(parts, ", ")
}

func shortDuration(d time.Duration) string {
	if d < time.Second {
		return d.Round(time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}

// Unwrap returns the cause outside the API, and the end of the context if that kept the call from being tried again.
func (e *Error) Unwrap() []error {
	var causes []error
	for _, err := range []error{e.Err, e.endedBy} {
		if err != nil {
			causes = append(causes, err)
		}
	}
	return causes
}

// Is makes errors.Is(err, ErrGone) true if the answer means that the instance does not exist.
func (e *Error) Is(target error) bool { return target == ErrGone && e.gone }

// MayHaveTakenEffect reports whether the call may have been carried out although it failed: a request was sent, and no
// usable answer came.
func (e *Error) MayHaveTakenEffect() bool { return e.mayHaveTaken }

// MayHaveTakenEffect is the method of that name for any error; it is false if err holds no *Error.
func MayHaveTakenEffect(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.MayHaveTakenEffect()
}

// GotSameAnswer reports whether the API answered each try of the call, and always the same.
func GotSameAnswer(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.sameAnswer
}

// HasCode reports whether err is an API error with one of the codes.
func HasCode(err error, codes ...string) bool {
	var e *Error
	return errors.As(err, &e) && slices.Contains(codes, e.Code)
}

// IsGone reports whether err says that the instance does not exist.
func IsGone(err error) bool { return errors.Is(err, ErrGone) }

// IsThrottled reports whether err is a refusal because of too many calls.
func IsThrottled(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.throttled()
}

func (e *Error) throttled() bool {
	return e.HTTPStatus == http.StatusTooManyRequests || e.Code == "Rejected.Throttling" || strings.HasPrefix(e.Code, "Throttling")
}

// IsPermissionDenied reports whether err is RAM's refusal of the action.
func IsPermissionDenied(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.permissionDenied()
}

func (e *Error) permissionDenied() bool {
	if e.refusedCredentials() {
		return false
	}
	if e.deniedAction != "" {
		return true
	}
	switch e.Code {
	case "Forbidden", "Forbidden.NoPermission", "Forbidden.RAM", "NoPermission", "Forbidden.AccessDenied",
		"NotAuthorized", "AccessDenied", "UnauthorizedOperation":
		return true
	}
	return false
}

// tokenUsed reports whether BSS says that an order with the same client token exists, but does not say its result.
func (e *Error) tokenUsed() bool {
	return strings.Contains(e.Code, "ClientToken") || strings.HasPrefix(e.Code, "Idempotent")
}

// IsUninitialized reports whether the call was refused because the instance is not connected yet.
func IsUninitialized(err error) bool { return HasCode(err, CodeUninitialized) }

// IsCredentialFailure reports whether the call failed because of the credentials: none could be obtained, or the API
// refused them.
func IsCredentialFailure(err error) bool {
	var e *Error
	return errors.As(err, &e) && (e.Code == CodeInvalidCredentials || e.refusedCredentials())
}

func (e *Error) refusedCredentials() bool {
	for _, prefix := range []string{"InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidSecurityToken", "MissingSecurityToken", "IncompleteSignature", "InvalidTimeStamp", "IllegalTimestamp"} {
		if strings.HasPrefix(e.Code, prefix) {
			return true
		}
	}
	return false
}
