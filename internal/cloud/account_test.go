package cloud

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"
)

// asAccount answers STS with an account, or as told, and everything else with success.
func asAccount(id string, sts ...reply) func(int, request) reply {
	var mu sync.Mutex
	asked := 0
	return func(_ int, r request) reply {
		switch r.Action {
		case "GetCallerIdentity":
		case "ListKmsInstances":
			return reply{body: `{"TotalCount":0,"RequestId":"r"}`}
		default:
			return success
		}
		mu.Lock()
		defer mu.Unlock()
		if asked++; asked <= len(sts) {
			return sts[asked-1]
		}
		return reply{body: `{"AccountId":"` + id + `","RequestId":"r"}`}
	}
}

var changes = []string{"set", "connect", "release", "order", "refund", "renewal"}

func TestWrongAccount(t *testing.T) {
	t.Parallel()
	bubble(t, "", func(t *testing.T) {
		f := serve(t, asAccount("222"))
		c := f.client(func(o *Options) { o.AccountID = "111" })
		if err := sampleCalls["read"](t.Context(), c); err != nil || f.count("GetCallerIdentity") != 0 {
			t.Errorf("a read compares accounts: %v", err)
		}
		for _, call := range changes {
			err := sampleCalls[call](t.Context(), c)
			e := in(err)
			if e.Code != CodeWrongAccount || e.Attempts != 1 || e.mayHaveTakenEffect {
				t.Errorf("%s: code %s after %d tries, may have taken effect: %t", call, e.Code, e.Attempts, e.mayHaveTakenEffect)
			}
			want := e.Action + " failed: accountId is 111, but the credentials are those of account 222, so nothing was sent. Use credentials of that account"
			if !strings.HasPrefix(err.Error(), want) {
				t.Errorf("%s: the error is %q, want %q", call, err, want)
			}
		}
		if f.count() != 2 {
			t.Errorf("%d requests arrived, want the read and the one to STS", f.count())
		}
	})
}

// STS is asked once, however many calls want to know.
func TestRightAccount(t *testing.T) {
	t.Parallel()
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
	t.Parallel()
	for name, c := range map[string]struct {
		sts  reply
		most time.Duration
		says string
	}{
		"refused":  {apiError(403, "NoPermission"), 0, "NoPermission"},
		"no reply": {reply{hang: true}, AccountTimeout, "sts.cn-hangzhou.aliyuncs.com gave no answer within 5s"},
	} {
		bubble(t, name, func(t *testing.T) {
			f := serve(t, asAccount("222", c.sts))
			var warnings []string
			client := f.client(func(o *Options) {
				o.AccountID = "111"
				o.Warn = func(_ context.Context, text string) { warnings = append(warnings, text) }
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
			if len(warnings) != 1 || !strings.Contains(warnings[0], "accountId is 111, but") || !strings.Contains(warnings[0], c.says) {
				t.Errorf("warned %q, want one with %q", warnings, c.says)
			}
			time.Sleep(accountPause)
			if err := sampleCalls["order"](t.Context(), client); !HasCode(err, CodeWrongAccount) {
				t.Errorf("the error is %v, want it to be the account", err)
			}
		})
	}
	bubble(t, "cancelled", func(t *testing.T) {
		f := serve(t, asAccount("111", reply{hang: true}))
		client := f.client(func(o *Options) { o.AccountID = "111" })
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		start := time.Now()
		err := sampleCalls["order"](ctx, client)
		if took := time.Since(start); !errors.Is(err, context.Canceled) || MayHaveTakenEffect(err) || took > time.Second {
			t.Errorf("%v after %s", err, took)
		}
		if f.count("CreateInstance") != 0 {
			t.Error("the order was sent")
		}
	})
}

// Where STS is not allowed, or not reachable, the ARN of any instance tells the account.
func TestAccountOfTheList(t *testing.T) {
	t.Parallel()
	for name, sts := range map[string]reply{"refused": apiError(403, "NoPermission"), "no reply": {hang: true}} {
		bubble(t, name, func(t *testing.T) {
			f := serve(t, func(_ int, r request) reply {
				if r.Action == "GetCallerIdentity" {
					return sts
				}
				return reply{body: `{"TotalCount":1,"KmsInstances":{"KmsInstance":[{"KmsInstanceId":"kst-1",` +
					`"KmsInstanceArn":"acs:kms:cn-hangzhou:333:keystore/kst-1"}]},"RequestId":"r"}`}
			})
			c := f.client()
			for range 2 {
				if account, err := c.Account(t.Context(), AccountTimeout); err != nil || account != "333" {
					t.Errorf("the account is %q, %v", account, err)
				}
			}
			if n := f.count("ListKmsInstances"); n != 1 {
				t.Errorf("the list was read %d times", n)
			}
		})
	}
}

// A short patience does not keep a longer one from asking.
func TestPatienceForTheAccount(t *testing.T) {
	t.Parallel()
	bubble(t, "", func(t *testing.T) {
		f := serve(t, asAccount("111", reply{hang: true}))
		c := f.client()
		if _, err := c.Account(t.Context(), AccountTimeout); err == nil {
			t.Fatal("the account is known")
		}
		if _, err := c.Account(t.Context(), AccountTimeout); err == nil || f.count("GetCallerIdentity") != 1 {
			t.Errorf("STS was asked %d times", f.count("GetCallerIdentity"))
		}
		if account, err := c.Account(t.Context(), 2*AccountTimeout); err != nil || account != "111" {
			t.Errorf("the account is %q, %v", account, err)
		}
	})
}
