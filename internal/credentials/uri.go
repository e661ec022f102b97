package credentials

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

// uriSource is the source of credentials that a service hands out at a URL.
type uriSource struct {
	url  string
	http *http.Client
}

// uri asks over plain HTTP without a proxy: the answer holds credentials, and must not leave this machine or its link.
func (b *builder) uri(address string) source {
	secure := strings.HasPrefix(strings.ToLower(address), "https:")
	return &uriSource{url: address, http: newHTTPClient(b.Machine.Transport, b.Client.ConnectTimeout, secure)}
}

func (u *uriSource) obtain(ctx context.Context) (cloud.Session, error) {
	var s cloud.Session
	status, body, err := fetch(ctx, u.http, http.MethodGet, u.url, nil)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("it answered HTTP %d", status)
	}
	if err == nil {
		s, err = sessionFromJSON(body, "credential_uri", false)
	}
	if err != nil {
		host := ""
		if parsed, err := url.Parse(u.url); err == nil {
			host = parsed.Host
		}
		err = fmt.Errorf("cannot get credentials from the service at %s (credentialsUri): %w", host, err)
	}
	return s, err
}

// URIRule says what the URL of a credentials service must be, or "" if the text is that.
func URIRule(text string) string {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return "a URL, such as http://127.0.0.1:8080/credentials"
	case u.User != nil:
		return "a URL without user and password"
	case u.Scheme == "http" && !isOwnMachine(u.Hostname()):
		return "a URL with https, because the answer holds credentials: plain HTTP is accepted from this machine only"
	}
	return ""
}

// isOwnMachine also knows link-local addresses, at which containers and clouds have such services: no other network answers there.
func isOwnMachine(host string) bool {
	addr, err := netip.ParseAddr(host)
	return cloud.IsLoopback(host) || err == nil && addr.Unmap().IsLinkLocalUnicast()
}

// sessionFromJSON reads the answer of the metadata service or of a credentials service. Its errors repeat nothing of it.
func sessionFromJSON(body []byte, provider string, mustHaveCode bool) (cloud.Session, error) {
	var answer struct{ Code, AccessKeyId, AccessKeySecret, SecurityToken, Expiration string }
	if json.Unmarshal(body, &answer) != nil {
		return cloud.Session{}, errors.New("the answer is no JSON object")
	}
	if answer.Code != "Success" && (mustHaveCode || answer.Code != "") {
		return cloud.Session{}, errors.New("the answer does not have the code Success")
	}
	if answer.AccessKeyId == "" || answer.AccessKeySecret == "" || answer.SecurityToken == "" {
		return cloud.Session{}, errors.New("the answer lacks AccessKeyId, AccessKeySecret or SecurityToken")
	}
	expires, err := time.Parse(time.RFC3339, answer.Expiration)
	if err != nil {
		return cloud.Session{}, errors.New("the answer does not say when the credentials expire")
	}
	return cloud.Session{
		Credentials: cloud.Credentials{
			AccessKeyID: answer.AccessKeyId, AccessKeySecret: answer.AccessKeySecret, SecurityToken: answer.SecurityToken, Provider: provider,
		},
		Expires: expires,
	}, nil
}
