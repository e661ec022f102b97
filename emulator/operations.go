package emulator

import "net/http"

// operation is one action of an API.
type operation struct {
	// required are the parameters without which the gateway refuses the call; "Tag.N" is a list of at least one.
	required []string
	// postOnly refuses GET.
	postOnly bool
	// unsigned needs no signature.
	unsigned bool
	// order is answered from its client token if that was used before.
	order bool
	// run does it, with Server.mu held.
	run func(s *Server, r *request) (map[string]any, *apiError)
}

var operations = map[string]map[string]operation{
	serviceKMS: kmsOperations,
	serviceBSS: bssOperations,
	serviceSTS: stsOperations,
	serviceVPC: vpcOperations,
}

// lookUp finds the operation of a call. The gateway does this before it looks at the signature.
func lookUp(r *request) (operation, *apiError) {
	if r.http.Method != http.MethodGet && r.http.Method != http.MethodPost {
		return operation{}, unsupportedMethod(r.http.Method)
	}
	if r.http.URL.Path != "/" && r.http.URL.Path != "" {
		return operation{}, apiNotFound()
	}
	if r.action == "" {
		return operation{}, missing("Action")
	}
	if r.version == "" {
		return operation{}, missing("Version")
	}
	op, ok := operations[r.service][r.action]
	if !ok {
		return operation{}, apiNotFound()
	}
	if op.postOnly && r.http.Method != http.MethodPost {
		return operation{}, unsupportedMethod(r.http.Method)
	}
	return op, nil
}
