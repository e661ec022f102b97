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

// maxBody bounds what is read of an answer; real ones have a few kilobytes.
const maxBody = 1 << 20

// newHTTPClient returns a client that follows no redirects: a redirected request would carry its credentials elsewhere.
// Without a transport of the machine's it honours the proxy environment variables if proxy is true.
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

// fetch returns the status and the body of an answer. Its errors do not repeat the URL, whose query may hold a secret.
func fetch(ctx context.Context, client *http.Client, method, address string, header map[string]string) (status int, body []byte, err error) {
	defer func() {
		var u *url.Error
		switch {
		case err == nil:
		case ctx.Err() != nil:
			err = context.Cause(ctx)
		case errors.As(err, &u):
			err = fmt.Errorf("the connection failed: %w", u.Err)
		}
	}()
	request, err := http.NewRequestWithContext(ctx, method, address, http.NoBody)
	if err != nil {
		return 0, nil, err
	}
	for name, value := range header {
		request.Header.Set(name, value)
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err = io.ReadAll(io.LimitReader(response.Body, maxBody))
	return response.StatusCode, body, err
}
