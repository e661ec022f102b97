//go:build linux

package main

import (
	"context"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

// prepared returns the methods Check and Diff of the gRPC server, with the requests for an unchanged resource.
func prepared(t testing.TB) map[string]func() {
	t.Helper()
	ours, _ := (&bench{}).subjects()
	server, err := serve(t.Context(), ours)
	if err != nil {
		t.Fatal(err)
	}
	check, diff, err := ours.requests(t.Context(),
		func(ctx context.Context, r *pulumirpc.CheckRequest, _ ...grpc.CallOption) (*pulumirpc.CheckResponse, error) {
			return server.Check(ctx, r)
		})
	if err != nil {
		t.Fatal(err)
	}
	return map[string]func(){
		"Check": func() {
			if resp, err := server.Check(t.Context(), check); err != nil || len(resp.GetFailures()) > 0 {
				t.Fatal(err, resp.GetFailures())
			}
		},
		"Diff": func() {
			if resp, err := server.Diff(t.Context(), diff); err != nil || resp.GetChanges() != pulumirpc.DiffResponse_DIFF_NONE {
				t.Fatal(err, resp.GetDetailedDiff())
			}
		},
	}
}

// The framework's share of these is about 700 each: it takes the message apart in three steps.
func TestAllocations(t *testing.T) {
	for name, method := range prepared(t) {
		if n := testing.AllocsPerRun(100, method); n > 1000 {
			t.Errorf("%s allocates %.0f times, want at most 1000", name, n)
		}
	}
}

func BenchmarkAnswers(b *testing.B) {
	for name, method := range prepared(b) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				method()
			}
		})
	}
}
