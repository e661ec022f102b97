package config

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
)

func configure(t testing.TB, h *Holder, given map[string]any) {
	t.Helper()
	if err := h.Configure(t.Context(), p.ConfigureRequest{Args: args(given)}); err != nil {
		t.Fatal(err)
	}
}

// What the resource asks of the configuration: it has an answer before all values are known, too.
func TestHolderForTheResource(t *testing.T) {
	t.Parallel()
	h := &Holder{Env: machine(t, map[string]string{"ALICLOUD_REGION": ""}, nil)}
	for name, c := range map[string]struct {
		given   map[string]any
		verify  bool
		ignored []string
		region  string // what is said of a missing one
	}{
		"nothing":  {nil, true, nil, "no region is set"},
		"both":     {map[string]any{"verifyNetwork": false, "ignoreInstances": []any{"kst-1", "*"}, "region": "cn-hangzhou"}, false, []string{"kst-1", "*"}, ""},
		"unknown":  {map[string]any{"verifyNetwork": unknown, "ignoreInstances": unknown, "region": unknown}, true, nil, ""},
		"an error": {map[string]any{"protocol": "FTP"}, true, nil, "protocol must be"},
	} {
		configure(t, h, c.given)
		if got := h.VerifyNetwork(t.Context()); got != c.verify {
			t.Errorf("%s: verifyNetwork is %t", name, got)
		}
		if got := h.IgnoredInstances(t.Context()); !slices.Equal(got, c.ignored) {
			t.Errorf("%s: ignored are %v", name, got)
		}
		if err := h.MissingRegion(t.Context()); (err == nil) != (c.region == "") || err != nil && !strings.Contains(err.Error(), c.region) {
			t.Errorf("%s: of the region it is said %v", name, err)
		}
	}
}

func TestHolderWithUnknownValues(t *testing.T) {
	t.Parallel()
	h := &Holder{Env: machine(t, map[string]string{"ALICLOUD_REGION": "cn-beijing"}, nil)}
	configure(t, h, map[string]any{"region": unknown, "accountId": unknown})
	if region, err := h.Region(t.Context()); region != "" || err != nil {
		t.Errorf("got %q, %v; a region that is not known yet is not the environment's", region, err)
	}
	if _, err := h.Client(t.Context()); err == nil || !strings.Contains(err.Error(), "alicloud-kms:region, alicloud-kms:accountId is not known before") {
		t.Errorf("got %v", err)
	}
}

// The holder's machine counts for Check too.
func TestHolderChecksOnItsMachine(t *testing.T) {
	t.Parallel()
	given := p.CheckRequest{Inputs: args(map[string]any{"accessKey": testAccessKey})}
	for secret, want := range map[string]int{"": 1, testSecretKey: 0} {
		h := &Holder{Env: machine(t, map[string]string{"ALICLOUD_SECRET_KEY": secret}, nil)}
		if resp, err := h.Check(t.Context(), given); err != nil || len(resp.Failures) != want {
			t.Errorf("got %v, %v; want %d failures", resp.Failures, err, want)
		}
	}
}

// Calls of several resources and a new Configure go on at the same time.
func TestHolderIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, emulator.Options{})
	h := &Holder{Env: n.machine(t, nil, nil), UserAgent: "test/1.0"}
	given := func(i int) property.Map {
		return args(map[string]any{"region": fmt.Sprintf("cn-region-%d0", i), "accessKey": testAccessKey, "secretKey": testSecretKey,
			"assumeRole": map[string]any{"roleArn": testRole}})
	}
	if err := h.Configure(t.Context(), p.ConfigureRequest{Args: given(0)}); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for range 5 {
				if err := h.Configure(t.Context(), p.ConfigureRequest{Args: given(i)}); err != nil {
					t.Error(err)
				}
			}
		})
		all.Go(func() {
			for range 5 {
				c, err := h.Client(t.Context())
				if err != nil {
					t.Error(err)
					continue
				}
				if _, err := c.GetCallerIdentity(t.Context()); err != nil {
					t.Error(err)
				}
				if region, err := h.Region(t.Context()); !strings.HasPrefix(region, "cn-region-") || err != nil {
					t.Error(region, err)
				}
			}
		})
	}
	all.Wait()
}
