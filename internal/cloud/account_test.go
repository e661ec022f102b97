package cloud

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"
)

// asAccount answers STS with an account, but first as told, and everything else with success.
func asAccount(id string, first ...reply) func(int, request) reply {
	asked := make(chan reply, len(first))
	for _, answer := range first {
		asked <- answer
	}
	return func(_ int, r request) reply {
		switch r.Action {
		case "ListKmsInstances":
			return reply{body: `{"TotalCount":0,"RequestId":"r"}`}
		case "GetCallerIdentity":
			select {
			case answer := <-asked:
				return answer
			default:
				return reply{body: `{"AccountId":"` + id + `","RequestId":"r"}`}
			}
		}
		return success
	}
}

var changes = []string{"set", "connect", "release", "order", "refund", "renewal"}

// A wrong account refuses every change, and no read.
func TestWrongAccount(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		f := serve(t, asAccount("222"))
		c := f.client(func(o *Options) { o.AccountID = "111" })
		if err := sampleCalls["read"](t.Context(), c); err != nil || f.count("GetCallerIdentity") != 0 {
			t.Errorf("a read compares accounts: %v", err)
		}
		for _, call := range changes {
			e := in(sampleCalls[call](t.Context(), c))
			want := e.Action + " failed: accountId is 111, but the credentials are those of account 222, so nothing was sent. Use credentials of that account"
			if e.Code != CodeWrongAccount || e.Attempts != 1 || e.mayHaveTakenEffect || !strings.HasPrefix(e.Error(), want) {
				t.Errorf("%s: code %s after %d tries, may have taken effect: %t: %v", call, e.Code, e.Attempts, e.mayHaveTakenEffect, e)
			}
		}
		if f.count() != 2 {
			t.Errorf("%d requests arrived, want the read and the one to STS", f.count())
		}
	})
}

// STS is asked once, however many calls want to know.
func TestRightAccount(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		f := serve(t, asAccount("111"))
		client := f.client(func(o *Options) { o.AccountID = "111" })
		var all sync.WaitGroup
		for range 5 {
			for _, call := range changes {
				all.Go(func() {
					if err := sampleCalls[call](t.Context(), client); err != nil {
						t.Error(err)
					}
				})
			}
		}
		all.Wait()
		if got := f.count("GetCallerIdentity"); got != 1 {
			t.Errorf("STS was asked %d times, want once", got)
		}
	})
}

// Where STS gives no answer, nothing is known to be wrong: one warning, one short wait, and the next question a minute later.
func TestAccountThatCannotBeCompared(t *testing.T) {
	for says, c := range map[string]struct {
		sts  reply
		most time.Duration
	}{
		"NoPermission": {apiError(403, "NoPermission"), 0},
		"sts.cn-hangzhou.aliyuncs.com gave no answer within 5s": {reply{hang: true}, AccountTimeout},
	} {
		bubble(t, says, func(t *testing.T) {
			f := serve(t, asAccount("222", c.sts))
			warnings := ""
			client := f.client(func(o *Options) {
				o.AccountID = "111"
				o.Warn = func(_ context.Context, text string) { warnings += text + "\n" }
			})
			start := time.Now()
			for range 3 {
				if err := sampleCalls["order"](t.Context(), client); err != nil {
					t.Error(err)
				}
			}
			if took := time.Since(start); took > c.most {
				t.Errorf("the calls took %s, want at most %s", took, c.most)
			}
			if strings.Count(warnings, "\n") != 1 || !strings.Contains(warnings, "accountId is 111, but") || !strings.Contains(warnings, says) {
				t.Errorf("warned %q, want one with %q", warnings, says)
			}
			time.Sleep(accountPause)
			if err := sampleCalls["order"](t.Context(), client); !HasCode(err, CodeWrongAccount) {
				t.Errorf("the error is %v, want it to be the account", err)
			}
		})
	}
	bubble(t, "cancelled", func(t *testing.T) {
		f := serve(t, asAccount("111", reply{hang: true}))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		start := time.Now()
		err := sampleCalls["order"](ctx, f.client(func(o *Options) { o.AccountID = "111" }))
		if took := time.Since(start); !errors.Is(err, context.Canceled) || MayHaveTakenEffect(err) || took > time.Second || f.count("CreateInstance") != 0 {
			t.Errorf("%v after %s", err, took)
		}
	})
}

// Where STS is not allowed, or not reachable, the ARN of any instance tells the account.
func TestAccountOfTheList(t *testing.T) {
	for name, sts := range map[string]reply{"refused": apiError(403, "NoPermission"), "no reply": {hang: true}} {
		bubble(t, name, func(t *testing.T) {
			list := `{"TotalCount":1,"KmsInstances":{"KmsInstance":[{"KmsInstanceId":"kst-1","KmsInstanceArn":"acs:kms:cn-hangzhou:333:keystore/kst-1"}]}}`
			f := serve(t, replies(sts, reply{body: list}))
			c := f.client()
			for range 2 {
				if account, err := c.Account(t.Context(), AccountTimeout); err != nil || account != "333" || f.count() != 2 {
					t.Errorf("the account is %q after %d requests, %v", account, f.count(), err)
				}
			}
		})
	}
}

// A short patience does not keep a longer one from asking.
func TestPatienceForTheAccount(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		f := serve(t, asAccount("111", reply{hang: true}))
		c := f.client()
		for range 2 {
			if _, err := c.Account(t.Context(), AccountTimeout); err == nil || f.count("GetCallerIdentity") != 1 {
				t.Errorf("STS was asked %d times", f.count("GetCallerIdentity"))
			}
		}
		if account, err := c.Account(t.Context(), 2*AccountTimeout); err != nil || account != "111" {
			t.Errorf("the account is %q, %v", account, err)
		}
	})
}
