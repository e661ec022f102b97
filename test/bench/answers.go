//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"testing"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/pulumiverse/pulumi-alicloud-kms/provider"
)

// measureAnswers measures the methods that a preview of an unchanged resource needs: within a process, where allocations can
// be counted, and from another process, as the engine calls them.
func measureAnswers(ctx context.Context, b *bench) (string, error) {
	ours, _ := b.subjects()
	server, err := serve(ctx, ours)
	if err != nil {
		return "", err
	}
	e, err := newEngine()
	if err != nil {
		return "", err
	}
	defer e.close()
	remote, err := e.start(ctx, ours.path)
	if err != nil {
		return "", err
	}
	text, err := answers(ctx, b, ours, server, remote)
	return text, errors.Join(err, remote.stop())
}

func answers(ctx context.Context, b *bench, ours subject, server pulumirpc.ResourceProviderServer, remote *process) (string, error) {
	if err := ours.configure(ctx, remote); err != nil {
		return "", err
	}
	check, diff, err := ours.requests(ctx, remote.Check)
	if err != nil {
		return "", err
	}
	t := newTable("", "in process:", "allocations:", "allocated:", "over gRPC, median:", "p90:")
	var sum time.Duration
	var overWire float64
	for _, m := range []struct {
		name   string
		local  func() error
		remote func() error
	}{
		{
			"Check",
			func() error { _, err := server.Check(ctx, check); return err },
			func() error { _, err := remote.Check(ctx, check); return err },
		},
		{
			"Diff",
			func() error { _, err := server.Diff(ctx, diff); return err },
			func() error { _, err := remote.Diff(ctx, diff); return err },
		},
	} {
		local, err := benchmark(m.local)
		if err != nil {
			return "", err
		}
		var took sample
		for range b.calls {
			start := time.Now()
			if err := m.remote(); err != nil {
				return "", err
			}
			took.add(float64(time.Since(start)) / float64(time.Microsecond))
		}
		sum, overWire = sum+time.Duration(local.NsPerOp()), overWire+took.median()
		t.row(m.name, fmt.Sprintf("%.0f µs", float64(local.NsPerOp())/1e3), fmt.Sprint(local.AllocsPerOp()),
			fmt.Sprintf("%.0f kB", float64(local.AllocedBytesPerOp())/kilobyte), fmt.Sprintf("%.0f µs", took.median()), fmt.Sprintf("%.0f µs", took.at(0.9)))
	}
	t.row("both (goal: ≤ 200 µs)", fmt.Sprintf("%.0f µs", float64(sum)/1e3), "", "", fmt.Sprintf("%.0f µs", overWire), "")
	return t.String() + fmt.Sprintf("\nA Subscription instance with three bound VPCs, unchanged. In process: the gRPC server's methods, called directly. "+
		"Over gRPC: %d calls one after another.\n", b.calls), nil
}

// serve returns the provider's gRPC server, configured, in this process.
func serve(ctx context.Context, ours subject) (pulumirpc.ResourceProviderServer, error) {
	kms, err := provider.New()
	if err != nil {
		return nil, err
	}
	server, err := p.RawServer(provider.Name, provider.Version, kms)(nil)
	if err != nil {
		return nil, err
	}
	config, err := pack(ours.config)
	if err != nil {
		return nil, err
	}
	_, err = server.Configure(ctx, &pulumirpc.ConfigureRequest{Args: config, AcceptSecrets: true})
	return server, err
}

func benchmark(f func() error) (testing.BenchmarkResult, error) {
	var failed error
	result := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := f(); err != nil {
				failed = err
				b.FailNow()
			}
		}
	})
	return result, failed
}

// requests are those that the engine makes for an unchanged resource.
func (s subject) requests(ctx context.Context, check checkMethod) (*pulumirpc.CheckRequest, *pulumirpc.DiffRequest, error) {
	inputs, err := s.check(ctx, check)
	if err != nil {
		return nil, nil, err
	}
	outputs := &structpb.Struct{Fields: maps.Clone(inputs.GetFields())}
	for name, value := range map[string]string{
		"instanceId": "kst-hzz1", "status": "Connected", "createTime": "2026-01-01T00:00:00Z", "startDate": "2026-01-01T00:00:00Z",
		"endDate": "2026-02-01T00:00:00Z", "endpoint": "kst-hzz1.cryptoservice.kms.aliyuncs.com", "productType": "kms_ddi_public_cn",
		"arn": "acs:kms:cn-hangzhou:1234567890123456:keystore/kst-hzz1", "saleStatus": "Normal",
	} {
		outputs.Fields[name] = structpb.NewStringValue(value)
	}
	news, err := pack(s.inputs)
	return &pulumirpc.CheckRequest{Urn: s.urn, Olds: inputs, News: news, RandomSeed: make([]byte, 32)},
		&pulumirpc.DiffRequest{Urn: s.urn, Id: "kst-hzz1", Olds: outputs, OldInputs: inputs, News: inputs}, err
}
