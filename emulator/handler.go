package emulator

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// handler serves one region: the APIs at "/", the status page for browsers, and the admin API under "/_admin/".
type handler struct {
	server *Server
	region string
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path == "/_admin" || strings.HasPrefix(r.URL.Path, "/_admin/"):
		h.server.serveAdmin(w, r)
	case isStatusPage(r):
		h.server.serveStatus(w, r)
	default:
		h.server.serveCall(w, r, h.region)
	}
}

// serveCall answers one call to an API: authentication, then faults, then the action itself.
func (s *Server) serveCall(w http.ResponseWriter, r *http.Request, region string) {
	req, refused := parse(r, region, s.clock.now())
	call := s.journal.begin(req, req.now)
	defer s.journal.end(call)

	var op operation
	if refused == nil {
		op, refused = lookUp(req)
	}
	var fault *Fault
	if refused == nil {
		fault, refused = s.admit(req, op)
	}
	if refused != nil {
		s.answer(w, req, call, nil, refused)
		return
	}
	for _, f := range req.outcomes {
		s.journal.update(call, func(c *Call) { c.Fault = string(f.Kind) })
	}
	after := false
	if fault != nil {
		s.journal.update(call, func(c *Call) { c.Fault = string(fault.Kind) })
		_, after = fault.split()
		if !after && s.disturb(w, req, call, *fault, nil, nil) {
			return
		}
	}
	result, refused := s.execute(req, op)
	s.journal.update(call, func(c *Call) {
		c.Effect, c.OrderID, c.Amount = req.effect.kind, req.effect.orderID, req.effect.amount
		c.InstanceID = cmp.Or(req.effect.instanceID, c.InstanceID)
	})
	if after && s.disturb(w, req, call, *fault, result, refused) {
		return
	}
	s.answer(w, req, call, result, refused)
}

// admit authenticates a call and counts it against the faults. A nonce is used up by every call that arrives; one
// that is reset before it took effect never arrived.
func (s *Server) admit(req *request, op operation) (fault *Fault, refused *apiError) {
	var signed claim
	if !op.unsigned {
		if signed, refused = claimOf(req); refused != nil {
			return nil, refused
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now() // clients sign with the real time, whatever the emulator's clock says
	if !op.unsigned {
		if req.caller, refused = s.auth.check(signed, now); refused != nil {
			return nil, refused
		}
	}
	fault, req.outcomes = s.faults.due(req)
	arrived := fault == nil || !fault.prevents() || fault.Kind != FaultReset && fault.Kind != FaultResetBefore
	if !op.unsigned && arrived {
		s.auth.useNonce(signed, now)
	}
	return fault, nil
}

// execute runs an action and saves what it changed.
func (s *Server) execute(req *request, op operation) (map[string]any, *apiError) {
	result, refused := s.run(req, op)
	if req.effect.kind != "" {
		if err := s.save(); err != nil {
			return nil, fail(http.StatusInternalServerError, "InternalError", "The emulator cannot save its state: %v", err)
		}
	}
	return result, refused
}

func (s *Server) run(req *request, op operation) (map[string]any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.opts.RateLimits && req.service == serviceKMS && !s.limits.allows(req.action, req.caller.accountID, req.region, req.now) {
		return nil, throttled(serviceKMS)
	}
	if req.caller.denies(req.action) || req.service == serviceVPC && s.opts.NoVPCPermission {
		return nil, noPermission(req.service, req.action)
	}
	for _, parameter := range op.required {
		if list, ok := strings.CutSuffix(parameter, ".N"); ok && !req.has(list) {
			return nil, missing(list)
		} else if !ok && req.get(parameter) == "" {
			return nil, missing(parameter)
		}
	}
	if op.order {
		if result, refused, done := s.replay(req); done {
			return result, refused
		}
	}
	if req.service == serviceBSS && (s.otherSite(req.get("ProductType")) || s.otherSite(req.get("ProductCode"))) {
		return nil, wrongSite()
	}
	return op.run(s, req)
}

// answer sends a result or a refusal.
func (s *Server) answer(w http.ResponseWriter, req *request, call *Call, result map[string]any, refused *apiError) {
	status, body := envelope(req, result, refused)
	s.send(w, req, call, status, body, nil)
}

// send notes an answer in the journal and sends it. The headers replace the usual ones.
func (s *Server) send(w http.ResponseWriter, req *request, call *Call, status int, body []byte, headers map[string]string) {
	s.noteAnswer(call, status, body)
	setHeaders(w, req)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	if bytes.HasPrefix(body, []byte("<")) {
		w.Header().Set("Content-Type", "text/html")
	}
	for name, value := range headers {
		w.Header().Set(name, value)
	}
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// noteAnswer puts the status and the code of an answer into the journal.
func (s *Server) noteAnswer(call *Call, status int, body []byte) {
	var said struct{ Code, Message any }
	err := json.Unmarshal(body, &said)
	s.journal.update(call, func(c *Call) {
		c.Status = status
		if text, ok := said.Code.(string); ok {
			c.Code = text
		} else if err == nil && status == http.StatusOK {
			c.Code = "Success" // KMS and STS do not say so
		}
		if text, ok := said.Message.(string); ok && c.Code != "Success" {
			c.Message = text
		}
	})
}

func setHeaders(w http.ResponseWriter, req *request) {
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	w.Header().Set("x-acs-request-id", req.id)
	w.Header().Set("Cache-Control", "no-store")
}

// envelope puts a result or a refusal into the service's shape.
func envelope(req *request, result map[string]any, refused *apiError) (status int, body []byte) {
	full := map[string]any{"RequestId": req.id}
	switch {
	case refused != nil && refused.business:
		status = http.StatusOK
		full["Code"], full["Message"], full["Success"] = refused.code, refused.message, false
	case refused != nil:
		status = refused.status
		full["Code"], full["Message"], full["HostId"] = refused.code, refused.message, hostOf(req)
		full["Recommend"] = "https://api.alibabacloud.com/troubleshoot?q=" + refused.code
		if req.service == serviceKMS {
			full["HttpStatus"] = refused.status
		}
		if refused.denied != "" {
			full["AccessDeniedDetail"] = map[string]any{
				"AuthAction":       permission(req.service, refused.denied),
				"NoPermissionType": "ImplicitDeny",
			}
		}
	case req.service == serviceBSS:
		status = http.StatusOK
		full["Code"], full["Message"], full["Success"] = "Success", "Successful!", true
		if result != nil {
			full["Data"] = result
		}
	default:
		status = http.StatusOK
		for name, value := range result {
			full[name] = value
		}
	}
	return status, encode(full)
}

func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		// Only our own maps of strings and numbers come here.
		panic("emulator: an answer cannot be encoded: " + err.Error())
	}
	return bytes.TrimSpace(b.Bytes())
}

func hostOf(req *request) string {
	switch req.service {
	case serviceBSS:
		return "business.aliyuncs.com"
	case serviceSTS:
		return "sts.aliyuncs.com"
	case serviceVPC:
		return "vpc." + req.region + ".aliyuncs.com"
	}
	return "kms." + req.region + ".aliyuncs.com"
}

func permission(service, action string) string {
	if service == serviceBSS && action == "RefundInstance" {
		action = "RefundBatchRemainRefund"
	}
	return strings.ToLower(service) + ":" + action
}

// disturb applies a fault to a call that would be answered with a result or a refusal. It says whether the call is over.
func (s *Server) disturb(w http.ResponseWriter, req *request, call *Call, fault Fault, result map[string]any, refused *apiError) (over bool) {
	status, body := envelope(req, result, refused)
	kind, _ := fault.split()
	switch kind {
	case FaultSlow:
		s.wait(req, fault.seconds())
		return false
	case FaultHang:
		s.wait(req, fault.seconds())
		panic(http.ErrAbortHandler) // closes the connection without an answer
	case FaultReset:
		reset(w)
	case FaultAnswer, FaultMalformed:
		status, body = fault.replace(status, body)
		s.send(w, req, call, status, body, fault.Headers)
	case FaultTruncated:
		s.noteAnswer(call, status, body)
		setHeaders(w, req)
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(status)
		_, _ = w.Write(body[:len(body)/2])
		panic(http.ErrAbortHandler)
	default:
		s.answer(w, req, call, nil, fault.refusal(req))
	}
	return true
}

// wait holds a call for d, or for ever if d is 0, but not longer than the client or the emulator stays. It always
// takes real time: a hanging connection knows nothing of the emulator's clock.
func (s *Server) wait(req *request, d time.Duration) {
	var expired <-chan time.Time
	if d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		expired = timer.C
	}
	select {
	case <-expired:
	case <-req.http.Context().Done():
	case <-s.stop.Done():
	}
}

// reset drops the connection; over TCP the client sees a reset rather than an orderly end.
func reset(w http.ResponseWriter) {
	hijacker, ok := w.(http.Hijacker)
	if !ok {
		panic(http.ErrAbortHandler)
	}
	conn, _, err := hijacker.Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
