package emulator

import (
	"io"
	"net/http"
	"testing"
)

func TestClosedPipe(t *testing.T) {
	pipe := PipeTransport(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }))
	get := func() (string, error) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://anywhere/", nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := pipe.RoundTrip(req)
		if err != nil {
			return "", err
		}
		defer func() { _ = res.Body.Close() }()
		text, err := io.ReadAll(res.Body)
		return string(text), err
	}
	for range 3 {
		if text, err := get(); err != nil || text != "hello" {
			t.Fatalf("%q, %v", text, err)
		}
		pipe.CloseIdleConnections()
	}
	pipe.Close()
	if _, err := get(); err == nil {
		t.Fatal("a closed pipe answers")
	}
}
