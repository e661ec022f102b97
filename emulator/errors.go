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

func fail(status int, code, format string, args ...any) *apiError {
	return &apiError{status: status, code: code, message: fmt.Sprintf(format, args...)}
}

// businessFailure is how BSS says no.
func businessFailure(code, format string, args ...any) *apiError {
	return &apiError{status: http.StatusOK, code: code, message: fmt.Sprintf(format, args...), business: true}
}

// Refusals of the gateway in front of every API.

func missing(parameter string) *apiError {
	return fail(http.StatusBadRequest, "Missing"+parameter, "%s is mandatory for this action.", parameter)
}

func apiNotFound() *apiError {
	return fail(http.StatusNotFound, "InvalidApi.NotFound",
		"Specified api is not found, please check your url and method.")
}

func unsupportedMethod(method string) *apiError {
	return fail(http.StatusBadRequest, "UnsupportedHTTPMethod", "This http method %s is not supported.", method)
}

// Refusals of KMS.

func invalidParameter(format string, args ...any) *apiError {
	return fail(http.StatusBadRequest, "InvalidParameter", "The specified parameter is not valid. "+format, args...)
}

func instanceNotFound() *apiError {
	return fail(http.StatusForbidden, "Forbidden.DKMSInstanceNotFound", "The specified DKMS Instance is not found.")
}

func notConnectedYet() *apiError {
	return fail(http.StatusBadRequest, "Rejected.Uninitialized", "The KMS instance is not initialized.")
}

func inUpgrade() *apiError {
	return fail(http.StatusForbidden, "Forbidden.KMSInstanceInUpgrade", "The KMS instance is being upgraded.")
}

func stateInvalid() *apiError {
	return fail(http.StatusForbidden, "Forbidden.DKMSInstanceStateInvalid", "The DKMS instance state is invalid.")
}

func unsupportedOperation(format string, args ...any) *apiError {
	return fail(http.StatusBadRequest, "UnsupportedOperation", "This action is not supported. "+format, args...)
}

func ended(i *Instance) *apiError {
	return unsupportedOperation("The subscription of the instance ended at %s.", stamp(i.EndDate))
}

func noPermission(service, action string) *apiError {
	var e *apiError
	switch service {
	case serviceKMS:
		e = fail(http.StatusForbidden, "Forbidden.NoPermission", "This operation is forbidden by permission system.")
	case serviceVPC:
		e = fail(http.StatusForbidden, "Forbidden.RAM",
			"User not authorized to operate on the specified resource, or this API doesn't support RAM.")
	case serviceBSS:
		e = fail(http.StatusForbidden, "NotAuthorized", "This API is not authorized for caller.")
	default:
		e = fail(http.StatusForbidden, "NoPermission", "You are not authorized to do this action. You should be authorized by RAM.")
	}
	e.denied = action
	return e
}

// Refusals of BSS.

func wrongSite() *apiError {
	return businessFailure("NotApplicable", "This API is not applicable for caller.")
}

func resourceNotExists(id string) *apiError {
	return businessFailure("ResourceNotExists", "The resource %s does not exist.", id)
}

// productCheck is the refusal of an order whose contents the product does not offer.
func productCheck(format string, args ...any) *apiError {
	return businessFailure("ProductCheckError", format, args...)
}

// concurrentOrder refuses an order while another one is being carried out.
func concurrentOrder(i *Instance) *apiError {
	return businessFailure("SYSTEM.CONCURRENT_OPERATE", "Another order for the instance %s is being carried out.", i.ID)
}
