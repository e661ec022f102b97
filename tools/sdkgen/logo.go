package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
)

// logoOnly is an HTTP transport that answers for the address of the logo with the file in the tree, and has no network behind it. The
// .NET generator fetches the logo in any case, stores whatever it gets as logo.png, and takes an error page for one.
type logoOnly struct{ url, root string }

// RoundTrip answers a request for the logo and refuses every other.
func (l logoOnly) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.URL.String() != l.url {
		return nil, fmt.Errorf("a generator asked for %s, but generation works without a network", request.URL)
	}
	logo, err := os.ReadFile(filepath.Join(l.root, "docs", "logo.png"))
	if err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{},
		Body: io.NopCloser(bytes.NewReader(logo)), ContentLength: int64(len(logo)), Request: request,
	}, nil
}
