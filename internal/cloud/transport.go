package cloud

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"time"
)

// maxAnswer bounds what is read of one answer; real ones have a few kilobytes.
const maxAnswer = 8 << 20

// newTransport honours the proxy environment variables like the official SDKs do.
func newTransport(connectTimeout time.Duration) *http.Transport {
	dialer := &net.Dialer{Timeout: connectTimeout, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         dialer.DialContext,
		TLSHandshakeTimeout: connectTimeout,
		MaxIdleConnsPerHost: 8,
		// A connection that the server closes at the moment it is used again leaves open whether a call took effect, so
		// connections are let go well before servers do.
		IdleConnTimeout: 15 * time.Second,
	}
}

// carrier takes a signed request from the SDK and carries it itself, so that neither the SDK's connection pool (which
// is not safe for concurrent use) nor its time-outs nor its lossy decoding come into play. It keeps what came back for
// the caller and leaves an empty success to the SDK. One carrier carries one request.
type carrier struct {
	client *http.Client

	called bool
	sent   atomic.Bool // a connection was there, so the request may have reached the server
	status int
	header http.Header
	body   []byte
	err    error
}

// Call is called by the SDK.
func (c *carrier) Call(request *http.Request, _ *http.Transport) (*http.Response, error) {
	c.called = true
	c.err = c.carry(request)
	if c.err != nil {
		return nil, c.err
	}
	return &http.Response{
		Status:     "200 OK",
		StatusCode: http.StatusOK,
		Header:     http.Header{},
		Body:       io.NopCloser(strings.NewReader("{}")),
		Request:    request,
	}, nil
}

func (c *carrier) carry(request *http.Request) error {
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { c.sent.Store(true) }}
	if _, reports := c.client.Transport.(*http.Transport); !reports {
		c.sent.Store(true) // another round tripper does not say whether it had a connection
	}
	response, err := c.client.Do(request.WithContext(httptrace.WithClientTrace(request.Context(), trace)))
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	c.sent.Store(true)
	c.status, c.header = response.StatusCode, response.Header
	c.body, err = io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err == nil && len(c.body) > maxAnswer {
		err = fmt.Errorf("the answer is larger than %d MB", maxAnswer>>20)
	}
	return err
}

// timedOut reports whether a transport error is a time-out, be it the try's own or one of the connection.
func timedOut(err error) bool {
	var n net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &n) && n.Timeout()
}
