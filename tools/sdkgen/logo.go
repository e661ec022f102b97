package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
)

// logoURL is where the .NET generator fetches the icon of the package from. It appears in no generated file.
const logoURL = "https://logo.invalid/logo.png"

// logoOnly is an HTTP transport that knows one address, that of the logo, and has no network behind it. The .NET
// generator fetches a logo in any case and takes an error page for one, so the others must not be answered at all.
type logoOnly struct{}

// RoundTrip answers a request for the logo and refuses every other.
func (logoOnly) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.URL.String() != logoURL {
		return nil, fmt.Errorf("a generator asked for %s, but generation works without a network", request.URL)
	}
	logo, err := assets.ReadFile("assets/logo.png")
	if err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{},
		Body: io.NopCloser(bytes.NewReader(logo)), ContentLength: int64(len(logo)), Request: request,
	}, nil
}
