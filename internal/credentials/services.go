package credentials

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

// maxBody bounds what is read of an answer; real ones have a few kilobytes.
const maxBody = 1 << 20

var (
	errNoMetadata = errors.New("the ECS metadata service does not answer, so this seems not to be an ECS instance")
	errNoRole     = errors.New("the ECS instance has no RAM role of that name")
	roleName      = regexp.MustCompile(`^[a-zA-Z0-9._-]+$`)
)

// ecsRole is the source of the credentials of a RAM role of the ECS instance that the plugin runs on; "" asks which one it has.
// They come from the instance's metadata service, in its hardened mode (with a token) first.
func (o Options) ecsRole(name string) source {
	const path, header = "/latest/meta-data/ram/security-credentials/", "X-aliyun-ecs-metadata-token"
	address := strings.TrimRight(o.Machine.MetadataURL, "/")
	client := o.httpClient(address)
	client.Timeout = time.Second // because the address leads nowhere outside an ECS instance
	ask := func(ctx context.Context, method, path, header, value string) (string, error) {
		body, err := ask(ctx, client, method, address+path, header, value)
		switch {
		case method == http.MethodGet && errors.Is(err, statusError(http.StatusNotFound)):
			err = errNoRole
		case err != nil && ctx.Err() == nil && !errors.As(err, new(statusError)):
			err = errNoMetadata
		}
		return strings.TrimSpace(string(body)), err
	}
	return func(ctx context.Context) (cloud.Session, error) {
		token, err := ask(ctx, http.MethodPut, "/latest/api/token", header+"-ttl-seconds", "21600")
		switch {
		case err != nil && !errors.As(err, new(statusError)):
			return cloud.Session{}, err
		case err != nil && o.Machine.isTrue("ALIBABA_CLOUD_IMDSV1_DISABLED"):
			return cloud.Session{}, fmt.Errorf("the ECS metadata service gave no token, and ALIBABA_CLOUD_IMDSV1_DISABLED forbids to go without: %w", err)
		}
		role := name
		if role == "" {
			if role, err = ask(ctx, http.MethodGet, path, header, token); err != nil {
				return cloud.Session{}, err
			}
			if !roleName.MatchString(role) {
				return cloud.Session{}, errNoRole
			}
		}
		var s cloud.Session
		body, err := ask(ctx, http.MethodGet, path+url.PathEscape(role), header, token)
		if err == nil {
			s, err = sessionFromJSON([]byte(body), "ecs_ram_role")
		}
		if err != nil {
			err = fmt.Errorf("cannot get the credentials of the RAM role %s from the metadata service of the ECS instance: %w", role, err)
		}
		return s, err
	}
}

// uri is the source of credentials that a service hands out at a URL.
func (o Options) uri(address string) source {
	client := o.httpClient(address)
	parsed, _ := url.Parse(address) // which URIRule has accepted
	return func(ctx context.Context) (cloud.Session, error) {
		var s cloud.Session
		body, err := ask(ctx, client, http.MethodGet, address, "", "")
		if err == nil {
			s, err = sessionFromJSON(body, "credential_uri")
		}
		if err != nil {
			err = fmt.Errorf("cannot get credentials from the service at %s (credentialsUri): %w", parsed.Host, err)
		}
		return s, err
	}
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

// httpClient returns a client for a service that hands out credentials. It follows no redirects, and uses no proxy over plain
// HTTP: the answer must not leave this machine or its link.
func (o Options) httpClient(address string) *http.Client {
	transport, connect := o.Machine.Transport, o.Client.ConnectTimeout
	if transport == nil {
		own := &http.Transport{DialContext: (&net.Dialer{Timeout: connect}).DialContext, TLSHandshakeTimeout: connect, IdleConnTimeout: time.Minute}
		if strings.HasPrefix(strings.ToLower(address), "https:") {
			own.Proxy = http.ProxyFromEnvironment
		}
		transport = own
	}
	return &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// statusError is the status of an answer other than 200.
type statusError int

func (s statusError) Error() string { return fmt.Sprintf("it answered HTTP %d", int(s)) }

// ask returns the body of an answer. Its errors do not repeat the URL, whose query may hold a secret.
func ask(ctx context.Context, client *http.Client, method, address, header, value string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, address, http.NoBody)
	if err != nil {
		return nil, errors.New("the URL cannot be used")
	}
	if value != "" {
		request.Header.Set(header, value)
	}
	response, err := client.Do(request)
	var u *url.Error
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case errors.As(err, &u):
		return nil, fmt.Errorf("the connection failed: %w", u.Err)
	case err != nil:
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return nil, statusError(response.StatusCode)
	}
	return io.ReadAll(io.LimitReader(response.Body, maxBody))
}

// sessionFromJSON reads the answer of the metadata service or of a credentials service. Its errors repeat nothing of it.
func sessionFromJSON(body []byte, provider string) (cloud.Session, error) {
	var answer struct{ Code, AccessKeyId, AccessKeySecret, SecurityToken, Expiration string }
	if json.Unmarshal(body, &answer) != nil {
		return cloud.Session{}, errors.New("the answer is no JSON object")
	}
	if answer.Code != "" && answer.Code != "Success" {
		return cloud.Session{}, errors.New("the answer does not have the code Success")
	}
	if answer.AccessKeyId == "" || answer.AccessKeySecret == "" || answer.SecurityToken == "" {
		return cloud.Session{}, errors.New("the answer lacks AccessKeyId, AccessKeySecret or SecurityToken")
	}
	expires, err := time.Parse(time.RFC3339, answer.Expiration)
	if err != nil {
		return cloud.Session{}, errors.New("the answer does not say when the credentials expire")
	}
	return cloud.Session{Expires: expires, Credentials: cloud.Credentials{
		AccessKeyID: answer.AccessKeyId, AccessKeySecret: answer.AccessKeySecret, SecurityToken: answer.SecurityToken, Provider: provider,
	}}, nil
}
