package emulator

import (
	"bytes"
	"encoding/json"
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

	calls := s.Journal()
	if len(calls) != 3 {
		t.Fatalf("%d calls", len(calls))
	}
	bought, connected, refused := calls[0], calls[1], calls[2]
	if bought.Seq != 1 || !bought.Time.Equal(at) || bought.Service != serviceBSS || bought.Action != "CreateInstance" ||
		bought.Version != "2017-12-14" || bought.Region != "cn-hangzhou" || bought.Method != "POST" || bought.SignatureForm != formACS3 ||
		bought.AccessKeyID != DefaultAccessKeyID || !bought.Done || bought.Status != 200 || bought.Code != "Success" ||
		bought.Effect != EffectOrdered || bought.InstanceID != id || bought.Amount != 741 || bought.RequestID == "" {
		t.Errorf("the purchase: %+v", bought)
	}
	if got := bought.Parameters; got["ClientToken"] != "t" || got["Parameter.4.Code"] != "KeyNum" || got["Period"] != "1" {
		t.Errorf("its parameters: %v", got)
	}
	orders := s.Orders()
	if len(orders) != 1 || orders[0].ID != bought.OrderID || orders[0].Amount != 741 || orders[0].InstanceID != id || orders[0].Token != "t" {
		t.Errorf("the orders: %+v", orders)
	}
	if connected.SignatureForm != formV1 || connected.Effect != "connecting" || connected.InstanceID != id {
		t.Errorf("the connect: %+v", connected)
	}
	for _, name := range []string{"Signature", "AccessKeyId", "Timestamp", "SignatureNonce", "Action"} {
		if _, there := connected.Parameters[name]; there {
			t.Errorf("%s is among the parameters", name)
		}
	}
	if refused.Seq != 3 || refused.AccessKeyID != "nobody" || refused.Status != 404 || refused.Code != "InvalidAccessKeyId.NotFound" || refused.Effect != "" {
		t.Errorf("the refusal: %+v", refused)
	}
	calls[0].Parameters["ClientToken"] = "changed"
	if got := s.Journal()[0].Parameters["ClientToken"]; got != "t" {
		t.Error("the journal can be changed from outside")
	}

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

func TestJournalKeepsSecretsOut(t *testing.T) {
	s, c := start(t, Options{})
	session := c.with(c.ok(serviceSTS, "AssumeRole", params{"RoleArn": roleARN, "RoleSessionName": "ci"}))
	for _, form := range []string{formACS3, formV1} {
		session.form = form
		session.ok(serviceKMS, "ListKmsInstances", nil)
	}
	text, err := json.Marshal(s.Journal())
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{session.secret, session.token} {
		if strings.Contains(string(text), secret) {
			t.Error("the journal has a secret")
		}
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

func TestReset(t *testing.T) {
	s, c := start(t, Options{})
	session := c.with(c.ok(serviceSTS, "AssumeRole", params{"RoleArn": roleARN, "RoleSessionName": "ci"}))
	first := c.buy(order(params{"ClientToken": "t"}))
	inject(t, s, Fault{Kind: FaultRefuse})
	if err := s.Reset(); err != nil {
		t.Fatal(err)
	}
	if len(s.Instances()) != 0 || len(s.Journal()) != 0 || len(s.Faults()) != 0 || len(s.Orders()) != 0 || s.Totals() != (Totals{}) {
		t.Fatal("something was left")
	}
	if again := c.buy(order(params{"ClientToken": "t"})); again == first {
		t.Error("the client token was left")
	}
	session.refused(serviceKMS, "ListKmsInstances", nil, 404, "InvalidAccessKeyId.NotFound")
}
