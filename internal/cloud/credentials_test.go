package cloud

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

func key(id, secret, token string) Credentials {
	return Credentials{AccessKeyID: id, AccessKeySecret: secret, SecurityToken: token, Provider: "test"}
}

func TestCredentialFailures(t *testing.T) {
	fails := func(text string) provider {
		return func(context.Context) (Credentials, error) { return Credentials{}, errors.New(text) }
	}
	for _, test := range []struct {
		name       string
		credential CredentialsProvider
		want       string
		not        string
	}{
		{"none", nil, "no credentials are configured", ""},
		{"no key", gives(key("", "s", "")), "access key id is empty", ""},
		{"no secret", gives(key("k", "", "")), "access key secret is empty", ""},
		{"a key of two lines", gives(key("k\nhidden", "s", "")), "access key id has control characters", "hidden"},
		{"a secret with a code", gives(key("k", "\x1bhidden", "")), "access key secret has control characters", "hidden"},
		{"a token with a NUL", gives(key("k", "s", "hidden\x00")), "security token has control characters", "hidden"},
		{"a reason", fails("the service is\n\x1b[31mdown\u202e"), "no usable credentials: the service is [31mdown", "\x1b"},
		{"a password in a URL", fails(`get credentials from http://me:hidden@10.0.0.1/ failed`), "http://10.0.0.1/", "hidden"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := serve(t, replies(success))
			c := f.client(func(o *Options) { o.Credentials = test.credential })
			for _, call := range []string{"read", "order"} {
				err := sampleCalls[call](t.Context(), c)
				if e := in(err); e.Code != CodeInvalidCredentials || e.Attempts != 1 || e.mayHaveTakenEffect {
					t.Errorf("code %s after %d tries, may have taken effect: %t", e.Code, e.Attempts, e.mayHaveTakenEffect)
				}
				if strings.Contains(err.Error(), "failed on") || !strings.Contains(err.Error(), test.want) || test.not != "" && strings.Contains(err.Error(), test.not) {
					t.Errorf("the error is %q; want %q in it and not %q", err, test.want, test.not)
				}
			}
			if f.count() != 0 {
				t.Errorf("%d requests were sent", f.count())
			}
		})
	}
}

// A refresh that fails in the middle of an operation is tried again, for a while.
func TestCredentialRefreshIsRetried(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		asked, works := 0, 1
		c := serve(t, replies(success)).client(func(o *Options) {
			o.Credentials = provider(func(context.Context) (Credentials, error) {
				if asked++; asked == 1 || asked >= works {
					return key(testKey, testSecret, ""), nil
				}
				return Credentials{}, errors.New("metadata service is down")
			})
		})
		for _, works = range []int{1, 5} {
			if err := sampleCalls["read"](t.Context(), c); err != nil || asked != works {
				t.Errorf("asked %d times, error %v", asked, err)
			}
		}
		works = 1000
		start := time.Now()
		err := sampleCalls["read"](t.Context(), c)
		if took := time.Since(start); took > refreshLimit || took < refreshLimit-backoffCap || !strings.Contains(err.Error(), "metadata service is down") {
			t.Errorf("given up after %s: %v", took, err)
		}
	})
}

// A provider that takes its time does not keep a call from ending, and a call does not wait for it for ever.
func TestHangingProvider(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		c := serve(t, replies(success)).client(func(o *Options) {
			o.Credentials = provider(func(ctx context.Context) (Credentials, error) {
				<-ctx.Done()
				return Credentials{}, context.Cause(ctx)
			})
		})
		ctx, cancel := context.WithCancel(t.Context())
		start := time.Now()
		time.AfterFunc(3*time.Second, cancel)
		err := sampleCalls["order"](ctx, c)
		if took := time.Since(start); took != 3*time.Second || !errors.Is(err, context.Canceled) || MayHaveTakenEffect(err) {
			t.Errorf("ended after %s with %v", took, err)
		}
		start = time.Now()
		err = sampleCalls["order"](t.Context(), c)
		if took := time.Since(start); took != defaultTimeout || !HasCode(err, CodeInvalidCredentials) || !strings.Contains(err.Error(), "did not answer within 1m0s") {
			t.Errorf("ended after %s with %v", took, err)
		}
	})
}

// Servers quote what was signed; the error does not.
func TestNoSecretsInErrors(t *testing.T) {
	for _, message := range []string{
		`Specified signature is not matched with our calculation. server string to sign is:POST x-acs-security-token:the-token`,
		`Specified signature does not match our calculation. server StringToSign is [x], server CanonicalRequest is [x-acs-security-token:the-token]`,
		`You sent ` + testSecret + ` and the-token.`,
	} {
		f := serve(t, replies(reply{status: 400, body: `{"Code":"SignatureDoesNotMatch","Message":"` + message + `"}`}))
		c := f.client(func(o *Options) {
			o.Credentials = gives(key(testKey, testSecret, "the-token"))
		})
		err := sampleCalls["read"](t.Context(), c)
		if text := err.Error(); strings.Contains(text, "the-token") || strings.Contains(text, testSecret) || strings.Contains(text, "tring to sign is") {
			t.Errorf("the error is %q", text)
		}
		if !HasCode(err, "SignatureDoesNotMatch") {
			t.Errorf("the error is %v", err)
		}
	}
}

// A server may quote secrets as they are or as they stand in a query.
func TestRedact(t *testing.T) {
	got := redact("some-id-of-a-key/1 some-id-of-a-key%2F1 se/cret= se%2Fcret%3D to+ken to%2Bken", key("some-id-of-a-key/1", "se/cret=", "to+ken"))
	if want := strings.TrimSpace(strings.Repeat("[secret] ", 6)); got != want {
		t.Errorf("got %s", got)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		if text := fmt.Sprintf(verb, key("id", "secret-1", "token-1")) + fmt.Sprintf(verb, Session{Credentials: key("id", "secret-1", "token-1")}); strings.Contains(text, "-1") {
			t.Errorf("%s shows %s", verb, text)
		}
	}
}

// Whatever DEBUG says, neither the SDK nor credentials-go prints what it signs.
func TestSDKDoesNotPrint(t *testing.T) {
	if os.Getenv("CLOUD_TEST_PRINTS") != "" {
		f := serve(t, replies(success))
		if err := sampleCalls["read"](t.Context(), f.client()); err != nil {
			t.Fatal(err)
		}
		t.Logf("DEBUG is %q", os.Getenv("DEBUG"))
		return
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestSDKDoesNotPrint$", "-test.v")
	cmd.Env = append(os.Environ(), "CLOUD_TEST_PRINTS=1", "DEBUG=dara,mine,tea,credential")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if strings.Contains(strings.ToLower(string(out)), "authorization") || strings.Contains(string(out), "x-acs") {
		t.Errorf("the SDK printed:\n%s", out)
	}
	if !strings.Contains(string(out), `DEBUG is "mine"`) {
		t.Errorf("DEBUG lost more than the SDK's names:\n%s", out)
	}
}

// discarding is a provider that gives other credentials once it is told that the last ones have ended.
type discarding struct {
	discarded []string
	others    bool
}

func (d *discarding) Credentials(context.Context) (Credentials, error) {
	return key(fmt.Sprint("STS.", len(d.discarded)), "secret", "token"), nil
}

func (d *discarding) Discard(_ context.Context, id string) bool {
	d.discarded = append(d.discarded, id)
	return d.others
}

// A token that a service takes for expired is replaced once, whatever the clock here says. The service has refused the call
// then, so that every call can be made again.
func TestExpiredTokens(t *testing.T) {
	expired := apiError(400, CodeTokenExpired)
	for name, c := range map[string]struct {
		others  bool
		answers []reply
		tries   int
		works   bool
	}{
		"others":                {true, []reply{expired, success}, 2, true},
		"none":                  {false, []reply{expired, success}, 1, false},
		"others expired too":    {true, []reply{expired, expired, success}, 2, false},
		"after another failure": {true, []reply{apiError(429, "Throttling.User"), expired, success}, 3, true},
	} {
		for call, run := range sampleCalls {
			bubble(t, name+"/"+call, func(t *testing.T) {
				f := serve(t, replies(c.answers...))
				d := &discarding{others: c.others}
				err := run(t.Context(), f.client(func(o *Options) { o.Credentials, o.Site = d, Domestic }))
				if (err == nil) != c.works || f.count() != c.tries || !c.works && !HasCode(err, CodeTokenExpired) {
					t.Errorf("%d tries, error %v; want %d", f.count(), err, c.tries)
				}
				last := f.seen(f.count()).Header.Get("x-acs-accesskey-id")
				if !slices.Equal(d.discarded, []string{"STS.0"}) || c.works && last != "STS.1" {
					t.Errorf("told of %v, want STS.0 once; the last try was made with %s", d.discarded, last)
				}
			})
		}
	}
}
