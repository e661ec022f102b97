package emulator

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"strings"
	"sync"
	"time"
)

// Call is one line of the journal: a call to an API, with its parameters and outcome.
type Call struct {
	Seq     int       `json:"seq"`
	Time    time.Time `json:"time"`
	Service string    `json:"service"` // KMS, BSS, STS or VPC; empty if the version is unknown
	Action  string    `json:"action"`
	Version string    `json:"version"`
	Region  string    `json:"region"` // of the endpoint that was called
	Method  string    `json:"method"`
	// Parameters are those of the action; secrets among them are shown as "***".
	Parameters    map[string]string `json:"parameters"`
	SignatureForm string            `json:"signatureForm"` // ACS3 or V1; empty if unsigned
	AccessKeyID   string            `json:"accessKeyId"`
	RequestID     string            `json:"requestId"`

	// Done is false while the call has not been answered, for instance because it hangs.
	Done bool `json:"done"`
	// Status is the HTTP status that was sent; 0 if no answer was sent (hang, reset).
	Status int `json:"status"`
	// Code is the error code, or "Success".
	Code    string `json:"code"`
	Message string `json:"message,omitempty"`
	// Fault is the kind of the fault that hit this call.
	Fault string `json:"fault,omitempty"`
	// Effect says what the call did to the cloud, even if its answer was lost; empty if nothing. It is "replayed" for an
	// order that was answered from its client token and bought nothing. The others are ordered, modified, renewed, refunded,
	// renewalSet (BSS), connecting, bound, renamed, protected, released, tagged, untagged (KMS), created, deleted, tagged
	// (VPC) and issued (STS).
	Effect     string `json:"effect,omitempty"`
	InstanceID string `json:"instanceId,omitempty"`
	OrderID    string `json:"orderId,omitempty"`
	Amount     int    `json:"amount,omitempty"` // paid; negative if paid back
}

// EffectOrdered is the effect of CreateInstance: an instance was bought.
const EffectOrdered = "ordered"

// line is a call in one readable line. What clients sent goes through orDash: it must not draw on a terminal.
func (c Call) line() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s #%d %s %s %s", c.Time.Format("15:04:05"), c.Seq, orDash(c.Service), c.Region, orDash(c.Action))
	if c.InstanceID != "" {
		b.WriteString(" " + orDash(c.InstanceID))
	}
	switch {
	case !c.Done:
		b.WriteString(" -> …")
	case c.Status == 0:
		b.WriteString(" -> no answer")
	default:
		fmt.Fprintf(&b, " -> %d %s", c.Status, c.Code)
		if c.Message != "" {
			b.WriteString(" (" + shortened(orDash(c.Message)) + ")")
		}
	}
	if c.Effect != "" {
		b.WriteString(", " + c.Effect)
	}
	if c.OrderID != "" {
		b.WriteString(", order " + c.OrderID)
	}
	if c.Amount != 0 {
		fmt.Fprintf(&b, ", amount %d", c.Amount)
	}
	if c.Fault != "" {
		b.WriteString(" [fault " + c.Fault + "]")
	}
	return b.String()
}

// shortened cuts a message that would not leave its line readable, such as one with the string to sign.
func shortened(message string) string {
	const most = 160
	if runes := []rune(message); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return message
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '?'
		}
		return r
	}, s)
}

// journal keeps the calls. It has a lock of its own, so that reading it never waits for a call.
type journal struct {
	mu   sync.Mutex
	kept []*Call
	seq  int
	log  io.Writer
}

// journalLimit is how many calls the journal keeps; the oldest are dropped first.
const journalLimit = 100000

var secretParameters = map[string]bool{"OIDCToken": true, "SecurityToken": true}

// begin notes a call on its arrival and returns its entry; later changes go through update.
func (j *journal) begin(r *request) *Call {
	parameters := maps.Clone(r.params)
	for name := range parameters {
		if secretParameters[name] {
			parameters[name] = "***"
		}
	}
	signed := claimOf(r)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.seq++
	c := &Call{
		Seq: j.seq, Time: r.now, Service: r.service, Action: r.action, Version: r.version, Region: r.region,
		Method: r.http.Method, Parameters: parameters, RequestID: r.id,
		SignatureForm: signed.form, AccessKeyID: signed.accessKeyID,
		InstanceID: cmp.Or(r.get("KmsInstanceId"), r.get("InstanceId")),
	}
	j.kept = append(j.kept, c)
	j.kept = j.kept[max(0, len(j.kept)-journalLimit):]
	return c
}

func (j *journal) update(c *Call, change func(*Call)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	change(c)
}

// end notes that a call is over and logs it.
func (j *journal) end(c *Call) {
	j.mu.Lock()
	defer j.mu.Unlock()
	c.Done = true
	if j.log != nil {
		_, _ = io.WriteString(j.log, c.line()+"\n") // a log that cannot be written must not stop the call
	}
}

func (j *journal) calls() []Call {
	j.mu.Lock()
	defer j.mu.Unlock()
	calls := make([]Call, len(j.kept))
	for i, c := range j.kept {
		calls[i] = *c
		calls[i].Parameters = maps.Clone(c.Parameters)
	}
	return calls
}

func (j *journal) total() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.seq
}

func (j *journal) reset() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.kept, j.seq = nil, 0
}
