package cloud

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aliyun/credentials-go/credentials"
)

// credentialSource asks the provider of credentials, one goroutine at a time: several providers of credentials-go
// refresh their cache without a lock.
type credentialSource struct {
	credential credentials.Credential
	turn       chan struct{}
	worked     atomic.Bool // credentials have been obtained before
}

func newCredentialSource(c credentials.Credential) *credentialSource {
	return &credentialSource{credential: c, turn: make(chan struct{}, 1)}
}

// get returns the credentials of now. A provider that hangs (it may call a metadata service or a command) is left
// behind when ctx ends; the next call waits for it.
func (s *credentialSource) get(ctx context.Context, timeout time.Duration) (*credentials.CredentialModel, error) {
	if s.credential == nil {
		return nil, errors.New("no credentials are configured")
	}
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("the provider of the credentials did not answer within %s", timeout))
	defer cancel()
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	type result struct {
		model *credentials.CredentialModel
		err   error
	}
	done := make(chan result, 1)
	go func() {
		defer func() { <-s.turn }()
		model, err := s.ask()
		done <- result{model, err}
	}()
	select {
	case r := <-done:
		if r.err != nil {
			return nil, errors.New(credentialFailure(r.err))
		}
		if err := checkCredentials(r.model); err != nil {
			return nil, err
		}
		s.worked.Store(true)
		return r.model, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// ask calls the provider. A panic in one of them (some take fields of their answer for granted) must not end the
// process.
func (s *credentialSource) ask() (m *credentials.CredentialModel, err error) {
	defer func() {
		if recover() != nil {
			m, err = nil, errors.New("the provider of the credentials failed")
		}
	}()
	return s.credential.GetCredential()
}

// Discarder is a provider of credentials that can be told that some have ended, although it takes them for valid: the clock
// of this machine may be late, or a session ended early.
type Discarder interface {
	// Discard forgets the credentials with this access key, and reports whether others can take their place.
	Discard(ctx context.Context, accessKeyID string) bool
}

func (s *credentialSource) discard(ctx context.Context, accessKeyID string) bool {
	d, ok := s.credential.(Discarder)
	return ok && d.Discard(ctx, accessKeyID)
}

func checkCredentials(m *credentials.CredentialModel) error {
	switch {
	case m == nil:
		return errors.New("the provider of the credentials returned none")
	case deref(m.BearerToken) != "":
		return nil
	case deref(m.AccessKeyId) == "":
		return errors.New("the access key id is empty")
	case deref(m.AccessKeySecret) == "":
		return errors.New("the access key secret is empty")
	}
	return nil
}

// credentialFailure makes a message of a provider's error. credentials-go puts whole answers and whole configuration
// files into its errors, secrets included; of an answer only code and message are kept, of a file nothing.
func credentialFailure(err error) string {
	text := err.Error()
	if before, _, found := strings.Cut(text, "unmarshal aliyun cli config from "); found {
		return oneLine(before + "the credentials file of the aliyun CLI is no valid JSON")
	}
	brace := strings.IndexByte(text, '{')
	if brace < 0 {
		return oneLine(text)
	}
	var body struct{ Code, Message string }
	prefix := strings.TrimRight(text[:brace], ": ")
	if json.NewDecoder(strings.NewReader(text[brace:])).Decode(&body) != nil || body.Code == "" {
		return oneLine(prefix)
	}
	return oneLine(fmt.Sprintf("%s: %s: %s", prefix, body.Code, body.Message))
}

// fixedCredential hands the SDK the credentials that were fetched for one request.
type fixedCredential struct{ model *credentials.CredentialModel }

func (f *fixedCredential) GetCredential() (*credentials.CredentialModel, error) { return f.model, nil }
func (f *fixedCredential) GetAccessKeyId() (*string, error)                     { return f.model.AccessKeyId, nil }
func (f *fixedCredential) GetAccessKeySecret() (*string, error)                 { return f.model.AccessKeySecret, nil }
func (f *fixedCredential) GetSecurityToken() (*string, error)                   { return f.model.SecurityToken, nil }
func (f *fixedCredential) GetBearerToken() *string                              { return f.model.BearerToken }
func (f *fixedCredential) GetType() *string                                     { return f.model.Type }

// shortestKeyID is how long an access key id is at least. Real ones have 16 characters or more; a made-up one that is a word
// or a letter must not make a message unreadable.
const shortestKeyID = 12

// redact removes the credentials of the request from a text that the server sent back: the answer to a wrong signature
// quotes the headers that were signed.
func redact(text string, m *credentials.CredentialModel) string {
	if id := deref(m.AccessKeyId); len(id) >= shortestKeyID {
		text = strings.ReplaceAll(text, id, "[secret]")
	}
	for _, secret := range []*string{m.AccessKeySecret, m.SecurityToken, m.BearerToken} {
		if s := deref(secret); s != "" {
			text = strings.ReplaceAll(text, s, "[secret]")
		}
	}
	return text
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// maxMessage bounds messages of servers in an error's text, in runes.
const maxMessage = 500

// userInfo is the user and password of a URL, such as that of a proxy.
var userInfo = regexp.MustCompile(`//[^/@\s"]*@`)

// oneLine makes a text fit into a sentence: white space and control characters become single blanks, what is too long
// is cut, passwords in URLs are removed.
func oneLine(text string) string {
	text = userInfo.ReplaceAllString(text, "//")
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r <= ' ' || r == 0x7f }), " ")
	if runes := []rune(text); len(runes) > maxMessage {
		text = string(runes[:maxMessage]) + "…"
	}
	return text
}
