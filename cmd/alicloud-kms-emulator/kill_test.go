package main

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // the cloud's V1 signature is HMAC-SHA1
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// buy orders an instance with a V1 signature and returns its id; it fails if no answer comes.
func buy(base, token string) (string, error) {
	query := url.Values{
		"Action": {"CreateInstance"}, "Version": {"2017-12-14"}, "Format": {"json"}, "AccessKeyId": {"emulator-access-key"},
		"Timestamp": {time.Now().UTC().Format("2006-01-02T15:04:05Z")}, "SignatureNonce": {rand.Text()},
		"SignatureMethod": {"HMAC-SHA1"}, "SignatureVersion": {"1.0"},
		"ProductCode": {"kms"}, "ProductType": {"kms_ddi_public_cn"}, "SubscriptionType": {"Subscription"}, "Period": {"1"},
		"Parameter.1.Code": {"Region"}, "Parameter.1.Value": {"cn-hangzhou"}, "ClientToken": {token},
	}
	mac := hmac.New(sha1.New, []byte("emulator-secret-key&"))
	mac.Write([]byte("GET&%2F&" + url.QueryEscape(query.Encode())))
	query.Set("Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	res, err := http.Get(base + "/?" + query.Encode()) //nolint:noctx // it ends with the emulator
	if err != nil {
		return "", err
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return "", err
	}
	var answer struct{ Data struct{ InstanceId string } }
	if err := json.Unmarshal(raw, &answer); err != nil {
		return "", err
	}
	if answer.Data.InstanceId == "" {
		return "", fmt.Errorf("HTTP %d %s", res.StatusCode, raw)
	}
	return answer.Data.InstanceId, nil
}

// A kill while many orders are being written loses none that was answered, and damages nothing. Those whose answer was
// lost are bought once when they are sent again.
func TestKillWhileWriting(t *testing.T) {
	const buyers, rounds, answersBeforeKill = 8, 4, 25
	file := filepath.Join(t.TempDir(), "state.json")
	bought := map[string]string{} // by token; "" if the answer never came
	for round := range rounds {
		p := launch(t, "--state", file, "--quiet")
		for token, id := range bought {
			if id == "" {
				continue
			}
			if _, text := p.request("GET", "/_admin/instances/"+id, ""); !strings.Contains(text, id) {
				t.Fatalf("round %d: %s was answered for %s and is gone: %s", round, id, token, text)
			}
		}
		var mu sync.Mutex
		answers := 0
		enough := make(chan struct{})
		var wg sync.WaitGroup
		for buyer := range buyers {
			wg.Go(func() {
				for n := 0; ; n++ {
					token := fmt.Sprintf("t-%d-%d-%d", round, buyer, n)
					id, err := buy(p.url, token)
					mu.Lock()
					bought[token] = id
					if answers++; answers == answersBeforeKill {
						close(enough)
					}
					mu.Unlock()
					if err != nil {
						return
					}
				}
			})
		}
		ended := make(chan struct{})
		go func() { defer close(ended); wg.Wait() }()
		select {
		case <-enough:
		case <-ended:
			t.Fatalf("round %d: every buyer was refused: %v", round, bought)
		}
		p.kill()
		<-ended
	}

	p := launch(t, "--state", file, "--quiet")
	for token, id := range bought {
		again, err := buy(p.url, token)
		if err != nil || id != "" && again != id {
			t.Errorf("%s bought %q, then %q (%v)", token, id, again, err)
		}
	}
	var totals struct{ Orders, Paid int }
	_, text := p.request("GET", "/_admin/totals", "")
	if err := json.Unmarshal([]byte(text), &totals); err != nil {
		t.Fatal(err)
	}
	if totals.Orders != len(bought) {
		t.Errorf("%d instances were bought with %d tokens", totals.Orders, len(bought))
	}
	left, err := filepath.Glob(file + "*")
	if err != nil || len(left) != 1 {
		t.Errorf("files left: %v", left)
	}
}
