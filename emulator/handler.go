package emulator

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// serve answers in a region: the APIs at "/", the status page for browsers, and the admin API under "/_admin/".
func (s *Server) serve(w http.ResponseWriter, r *http.Request, region string) {
	switch {
	case r.URL.Path == "/_admin" || strings.HasPrefix(r.URL.Path, "/_admin/"):
		s.serveAdmin(w, r)
	case isStatusPage(r):
		s.serveStatus(w, r)
	default:
		s.serveCall(w, r, region)
	}
}

// serveCall answers one call to an API: authentication, then faults, then the action itself.
func (s *Server) serveCall(w http.ResponseWriter, r *http.Request, region string) {
	req := newRequest(r, region, s.clock.now())
	refused := try(req.parse)
	call := s.journal.begin(req)
	defer s.journal.end(call)

	var op operation
	var fault *Fault
	if refused == nil {
		refused = try(func() {
			op = lookUp(req)
			fault = s.admit(req, op)
		})
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
	var answer result
	refused = try(func() {
		answer = s.run(req, op)
		s.saveEffect(req)
	})
	s.journal.update(call, func(c *Call) {
		c.Effect, c.OrderID, c.Amount = req.effect.kind, req.effect.orderID, req.effect.amount
		c.InstanceID = cmp.Or(req.effect.instanceID, c.InstanceID)
	})
	if after && s.disturb(w, req, call, *fault, answer, refused) {
		return
	}
	s.answer(w, req, call, answer, refused)
}

// admit authenticates a call and counts it against the faults. A nonce is used up by every call that arrives; one
// that is reset before it took effect never arrived.
func (s *Server) admit(req *request, op operation) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now() // clients sign with the real time, whatever the emulator's clock says
	signed := claimOf(req)
	if !op.unsigned {
		req.caller = s.auth.check(req, signed, now)
	}
	var fault *Fault
	fault, req.outcomes = s.faults.due(req)
	lost := fault != nil && (fault.Kind == FaultReset || fault.Kind == FaultResetBefore)
	if !op.unsigned && !lost {
		s.auth.useNonce(signed, now)
	}
	return fault
}

// saveEffect saves what a call changed.
func (s *Server) saveEffect(req *request) {
	if req.effect.kind == "" {
		return
	}
	if err := s.save(); err != nil {
		refuse(fail(http.StatusInternalServerError, "InternalError", "The emulator cannot save its state: %v", err))
	}
}

// answer sends a result or a refusal.
func (s *Server) answer(w http.ResponseWriter, req *request, call *Call, answer result, refused *apiError) {
	status, body := envelope(req, answer, refused)
	s.send(w, req, call, status, body, nil)
}

// send notes an answer in the journal and sends it. The headers replace the usual ones.
func (s *Server) send(w http.ResponseWriter, req *request, call *Call, status int, body []byte, headers map[string]string) {
	s.noteAnswer(call, status, body)
	setHeaders(w, req, body)
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
			c.Code = "Success" // only BSS says so
		}
		if text, ok := said.Message.(string); ok && c.Code != "Success" {
			c.Message = text
		}
	})
}

func setHeaders(w http.ResponseWriter, req *request, body []byte) {
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.Header().Set("x-acs-request-id", req.id)
	w.Header().Set("Cache-Control", "no-store")
}

// envelope puts a result or a refusal into the service's shape.
func envelope(req *request, answer result, refused *apiError) (status int, body []byte) {
	full := result{"RequestId": req.id}
	switch {
	case refused != nil:
		full["Code"], full["Message"] = refused.code, refused.message
		if refused.business {
			full["Success"] = false
			break
		}
		full["HostId"] = hostOf(req)
		full["Recommend"] = "https://api.alibabacloud.com/troubleshoot?q=" + refused.code
		if req.service == serviceKMS {
			full["HttpStatus"] = refused.status
		}
		if refused.denied != "" {
			full["AccessDeniedDetail"] = result{"AuthAction": permission(req.service, refused.denied), "NoPermissionType": "ImplicitDeny"}
		}
	case req.service == serviceBSS:
		full["Code"], full["Message"], full["Success"] = "Success", "Successful!", true
		if answer != nil {
			full["Data"] = answer
		}
	default:
		maps.Copy(full, answer)
	}
	if refused != nil {
		return refused.status, encode(full)
	}
	return http.StatusOK, encode(full)
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
func (s *Server) disturb(w http.ResponseWriter, req *request, call *Call, fault Fault, answer result, refused *apiError) (over bool) {
	status, body := envelope(req, answer, refused)
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
		setHeaders(w, req, body)
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
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
