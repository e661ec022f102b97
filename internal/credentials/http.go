package credentials

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

const (
	// maxBody bounds what is read of an answer; real ones have a few kilobytes.
	maxBody = 1 << 20

	// metadataTimeout is short because the address leads nowhere outside an ECS instance.
	metadataTimeout = time.Second
)

// newHTTPClient returns a client that follows no redirects: a redirected request would carry its credentials elsewhere.
// Without a transport of the environment it honours the proxy environment variables if proxy is true.
func newHTTPClient(transport http.RoundTripper, connect time.Duration, proxy bool) *http.Client {
	if transport == nil {
		own := &http.Transport{
			DialContext:         (&net.Dialer{Timeout: connect}).DialContext,
			TLSHandshakeTimeout: connect,
			ForceAttemptHTTP2:   true,
			IdleConnTimeout:     30 * time.Second,
		}
		if proxy {
			own.Proxy = http.ProxyFromEnvironment
		}
		transport = own
	}
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// do sends a request and returns the status and the body. Its errors do not repeat the URL, whose query may hold a secret.
func do(client *http.Client, request *http.Request) (int, []byte, error) {
	response, err := client.Do(request)
	if err != nil {
		return 0, nil, connectionError(request.Context(), err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody))
	if err != nil {
		return 0, nil, connectionError(request.Context(), err)
	}
	return response.StatusCode, body, nil
}

func connectionError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return fmt.Errorf("the connection failed: %w", err)
}
