package config

import (
	"slices"
	"strings"
	"testing"

	p "github.com/pulumi/pulumi-go-provider"
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
