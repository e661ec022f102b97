package emulator

import (
	"fmt"
	"net/http"
)

// apiError is a refusal in the cloud's words. Business failures of BSS travel with HTTP 200 and Success:false.
type apiError struct {
	status   int
	code     string
	message  string
	business bool
	// denied names the permission that is missing; it becomes the AccessDeniedDetail of a 403.
	denied string
}

// refuse ends a call with a refusal, from however deep inside an action; try turns it into the answer. Everything that
// can refuse a call does so before the call changes anything.
func refuse(e *apiError) { panic(e) }

// try runs a step of a call. It returns the refusal that ended the step, or nil.
func try(step func()) (refused *apiError) {
	defer func() {
		if thrown := recover(); thrown != nil {
			var ok bool
			if refused, ok = thrown.(*apiError); !ok {
				panic(thrown)
			}
		}
	}()
	step()
	return nil
}

func fail(status int, code, format string, args ...any) *apiError {
	return &apiError{status: status, code: code, message: fmt.Sprintf(format, args...)}
}

// badRequest refuses a call with HTTP 400.
func badRequest(code, format string, args ...any) {
	refuse(fail(http.StatusBadRequest, code, format, args...))
}

// forbidden refuses a call with HTTP 403.
func forbidden(code, message string) {
	refuse(fail(http.StatusForbidden, code, "%s", message))
}

// notFound refuses a call with HTTP 404.
func notFound(code, format string, args ...any) {
	refuse(fail(http.StatusNotFound, code, format, args...))
}

func missing(parameter string) {
	badRequest("Missing"+parameter, "%s is mandatory for this action.", parameter)
}

// businessFailure is how BSS says no.
func businessFailure(code, format string, args ...any) *apiError {
	return &apiError{status: http.StatusOK, code: code, message: fmt.Sprintf(format, args...), business: true}
}

// productCheck refuses an order whose contents the product does not offer.
func productCheck(format string, args ...any) {
	refuse(businessFailure("ProductCheckError", format, args...))
}

func invalidParameter(format string, args ...any) {
	badRequest("InvalidParameter", "The specified parameter is not valid. "+format, args...)
}

func unsupportedOperation(format string, args ...any) *apiError {
	return fail(http.StatusBadRequest, "UnsupportedOperation", "This action is not supported. "+format, args...)
}

func instanceNotFound() {
	forbidden("Forbidden.DKMSInstanceNotFound", "The specified DKMS Instance is not found.")
}

func stateInvalid() {
	forbidden("Forbidden.DKMSInstanceStateInvalid", "The DKMS instance state is invalid.")
}

func inUpgrade() { forbidden("Forbidden.KMSInstanceInUpgrade", "The KMS instance is being upgraded.") }

// noPermission is how each service says that the caller may not make a call.
func noPermission(service, action string) *apiError {
	code, message := "NoPermission", "You are not authorized to do this action. You should be authorized by RAM."
	switch service {
	case serviceKMS:
		code, message = "Forbidden.NoPermission", "This operation is forbidden by permission system."
	case serviceVPC:
		code, message = "Forbidden.RAM", "User not authorized to operate on the specified resource, or this API doesn't support RAM."
	case serviceBSS:
		code, message = "NotAuthorized", "This API is not authorized for caller."
	}
	return &apiError{status: http.StatusForbidden, code: code, message: message, denied: action}
}
