package cloud

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"github.com/aliyun/credentials-go/credentials"
)

// Credentials sign a request. They print without their secrets.
type Credentials struct {
	AccessKeyID     string `must:"AccessKeyId"`
	AccessKeySecret string `must:"AccessKeySecret"`
	SecurityToken   string `must:"SecurityToken"` // "" if they are not temporary, as those of STS are
	Provider        string // where they come from, in the words of the SDKs, e.g. "ram_role_arn"
}

// Format keeps the secrets out of every verb of fmt.
func (Credentials) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("[secret]")) }

// CredentialsProvider gives the credentials of the moment. It must be safe for concurrent use.
type CredentialsProvider interface {
	// Credentials returns credentials that are valid for a while. It returns when ctx ends.
	Credentials(ctx context.Context) (Credentials, error)
	// Discard forgets the credentials of an access key, which a service takes for ended: the clock of this machine may be late, or a
	// session ended early. It reports whether others can take their place.
	Discard(ctx context.Context, accessKeyID string) bool
}

// credentials returns the credentials for a call: none for one that is not signed.
func (c *Client) credentials(ctx context.Context, cl call) (Credentials, error) {
	switch {
	case cl.authType == unsigned:
		return Credentials{}, nil
	case c.options.Credentials == nil:
		return Credentials{}, errors.New("no credentials are configured")
	}
	timeout := c.options.ReadTimeout
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("the provider of the credentials did not answer within %s", timeout))
	defer cancel()
	given, err := c.options.Credentials.Credentials(ctx)
	if err == nil {
		err = given.check()
	}
	if err != nil {
		return Credentials{}, errors.New(oneLine(err.Error()))
	}
	c.hadCredentials.Store(true)
	return given, nil
}

// check refuses what cannot be signed with, or stand in a header: such a request would never be sent.
func (c Credentials) check() error {
	for _, part := range [][2]string{{"access key id", c.AccessKeyID}, {"access key secret", c.AccessKeySecret}, {"security token", c.SecurityToken}} {
		switch name, text := part[0], part[1]; {
		case text == "" && name != "security token":
			return fmt.Errorf("the %s is empty", name)
		case strings.ContainsFunc(text, unicode.IsControl):
			return fmt.Errorf("the %s has control characters, such as line breaks, in it", name)
		}
	}
	return nil
}

// signer hands the SDK the credentials of one request, in the one way in which it asks for them.
type signer struct {
	credentials.Credential

	Credentials
}

func (s *signer) GetCredential() (*credentials.CredentialModel, error) {
	return &credentials.CredentialModel{
		AccessKeyId: &s.AccessKeyID, AccessKeySecret: &s.AccessKeySecret, SecurityToken: &s.SecurityToken, ProviderName: &s.Provider,
	}, nil
}

// shortestKeyID is how long an access key id is at least. Real ones have 16 characters or more; a made-up one that is a word
// or a letter must not make a message unreadable.
const shortestKeyID = 12

// redact removes the credentials of the request from a text that the server sent back: the answer to a wrong signature
// quotes the headers that were signed.
func redact(text string, c Credentials) string {
	if len(c.AccessKeyID) >= shortestKeyID {
		text = withoutSecret(text, c.AccessKeyID)
	}
	return withoutSecret(withoutSecret(text, c.AccessKeySecret), c.SecurityToken)
}

// withoutSecret removes a secret from a text, as it is or as it stands in a query.
func withoutSecret(text, secret string) string {
	if secret == "" {
		return text
	}
	text = strings.ReplaceAll(text, secret, "[secret]")
	return strings.ReplaceAll(text, url.QueryEscape(secret), "[secret]")
}

// maxMessage bounds messages of servers in an error's text, in runes.
const maxMessage = 500

// userInfo is the user and password of a URL, such as that of a proxy.
var userInfo = regexp.MustCompile(`//[^/@\s"]*@`)

// oneLine makes a text fit into a sentence: white space, control characters and terminal codes become single blanks, what is too
// long is cut, passwords in URLs are removed.
func oneLine(text string) string {
	text = userInfo.ReplaceAllString(text, "//")
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || !unicode.IsPrint(r) }), " ")
	if runes := []rune(text); len(runes) > maxMessage {
		text = string(runes[:maxMessage]) + "…"
	}
	return text
}
