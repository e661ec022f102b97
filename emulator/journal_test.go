package emulator

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// Promise (Emulator): The journal lists every call and what it cost.
func TestJournal(t *testing.T) {
	var log bytes.Buffer
	s, c := start(t, Options{RequestLog: &log, VirtualClock: true})
	at := s.Now()
	id := c.buy(order(params{"ClientToken": "t"}))
	c.form = formV1
	c.connect(id)
	c.key = "nobody"
	c.refused(serviceKMS, "GetKmsInstance", params{"KmsInstanceId": id}, 404, "InvalidAccessKeyId.NotFound")

	calls, orders := s.Journal(), s.Orders()
	if len(calls) != 3 || len(orders) != 1 {
		t.Fatalf("%d calls, %d orders", len(calls), len(orders))
	}
	bought, connected, refused := calls[0], calls[1], calls[2]
	equal(t, bought, Call{
		Seq: 1, Time: at, Service: serviceBSS, Action: "CreateInstance", Version: "2017-12-14", Region: "cn-hangzhou", Method: "POST",
		Parameters: order(params{"ClientToken": "t"}), SignatureForm: formACS3, AccessKeyID: DefaultAccessKeyID, RequestID: bought.RequestID,
		Done: true, Status: 200, Code: "Success", Effect: EffectOrdered, InstanceID: id, OrderID: orders[0].ID, Amount: 741,
	})
	equal(t, orders[0], Order{
		ID: bought.OrderID, Kind: "CreateInstance", InstanceID: id, AccountID: DefaultAccountID, Time: at, Amount: 741, Token: "t",
		Parameters: bought.Parameters,
	})
	if connected.SignatureForm != formV1 || connected.Effect != "connecting" || connected.InstanceID != id {
		t.Errorf("the connect: %+v", connected)
	}
	equal(t, connected.Parameters, map[string]string(connection(id, nil)))
	if refused.Seq != 3 || refused.AccessKeyID != "nobody" || refused.Status != 404 || refused.Code != "InvalidAccessKeyId.NotFound" || refused.Effect != "" {
		t.Errorf("the refusal: %+v", refused)
	}
	calls[0].Parameters["ClientToken"] = "changed" // the journal stays as it is
	equal(t, s.Journal()[0].Parameters["ClientToken"], "t")

	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	if len(lines) != 3 {
		t.Fatalf("%d log lines: %s", len(lines), log.String())
	}
	for n, want := range []string{
		" #1 BSS cn-hangzhou CreateInstance " + id + " -> 200 Success, ordered, order " + bought.OrderID + ", amount 741",
		" #2 KMS cn-hangzhou ConnectKmsInstance " + id + " -> 200 Success, connecting",
		" #3 KMS cn-hangzhou GetKmsInstance " + id + " -> 404 InvalidAccessKeyId.NotFound (Specified access key is not found.)",
	} {
		if !strings.HasSuffix(lines[n], want) {
			t.Errorf("line %d is %q, want …%q", n, lines[n], want)
		}
	}
	if strings.Contains(log.String(), DefaultAccessKeySecret) {
		t.Error("the log has the secret")
	}
}

// A hostile action name must not draw pictures in the log of a terminal.
func TestLogLinesStayLines(t *testing.T) {
	call := Call{
		Seq: 1, Time: time.Unix(0, 0).UTC(), Action: "a\nb\x1b[31m", InstanceID: "kst\n1", Done: true, Status: 400, Code: "X",
		Message: "a\x1b[31m\nb" + strings.Repeat("ä", 1000),
	}
	if line := call.line(); strings.ContainsAny(line, "\n\x1b") || len([]rune(line)) > 250 {
		t.Errorf("the line is %q", line)
	}
}
