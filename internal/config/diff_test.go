package config

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// captureLog collects what the provider logs when no engine listens.
func captureLog(t *testing.T) *syncBuffer {
	t.Helper()
	b := &syncBuffer{}
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(b, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	return b
}

type syncBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *syncBuffer) Write(text []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(text)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

func TestDiff(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before, after map[string]any
		want          map[string]p.DiffKind
	}{
		"nothing": {map[string]any{"region": "cn-hangzhou"}, map[string]any{"region": "cn-hangzhou"}, nil},
		"forms of the same": {
			map[string]any{"clientReadTimeout": "60000", "endpoints": `[{"kms":"k"},{"sts":"s"}]`, "protocol": "https", "profile": "", "skipRegionValidation": "true"},
			map[string]any{"clientReadTimeout": 60000, "endpoints": map[string]any{"sts": "s", "kms": "k"}, "protocol": "HTTPS", "skipRegionValidation": true},
			nil,
		},
		"secret marks":         {map[string]any{"accessKey": secret(testAccessKey)}, map[string]any{"accessKey": testAccessKey}, nil},
		"a secret mark alone":  {map[string]any{"profile": "x"}, map[string]any{"profile": secret("x")}, nil},
		"framework's own keys": {map[string]any{"__pulumi-go-provider-version": "1"}, map[string]any{"__pulumi-go-provider-version": "2", "__internal": "x"}, nil},
		"region":               {map[string]any{"region": "cn-hangzhou"}, map[string]any{"region": "cn-beijing"}, map[string]p.DiffKind{"region": p.UpdateReplace}},
		"region added":         {map[string]any{}, map[string]any{"region": "cn-beijing"}, map[string]p.DiffKind{"region": p.Add}},
		"region taken out":     {map[string]any{"region": "cn-hangzhou"}, map[string]any{"region": ""}, map[string]p.DiffKind{"region": p.Delete}},
		"region unknown":       {map[string]any{"region": "cn-hangzhou"}, map[string]any{"region": unknown}, map[string]p.DiffKind{"region": p.Update}},
		"region was unknown":   {map[string]any{"region": unknown}, map[string]any{"region": "cn-hangzhou"}, map[string]p.DiffKind{"region": p.Update}},
		"account":              {map[string]any{"accountId": "1"}, map[string]any{"accountId": "2"}, map[string]p.DiffKind{"accountId": p.UpdateReplace}},
		"credentials": {
			map[string]any{"accessKey": "a", "secretKey": "b", "securityToken": "c", "profile": "d"},
			map[string]any{"accessKey": "1", "secretKey": "2", "ecsRoleName": "e", "profile": "4"},
			map[string]p.DiffKind{"accessKey": p.Update, "secretKey": p.Update, "securityToken": p.Delete, "ecsRoleName": p.Add, "profile": p.Update},
		},
		"everything else": {
			map[string]any{"version": "1.0.0", "assumeRole": `{"roleArn":"a"}`, "endpoints": `{"kms":"a"}`, "maxRetryTimeout": 1, "sourceIp": "::1"},
			map[string]any{"version": "1.0.1", "assumeRole": `{"roleArn":"b"}`, "endpoints": `{"kms":"b"}`, "maxRetryTimeout": 2, "sourceIp": "::2"},
			map[string]p.DiffKind{"version": p.Update, "assumeRole": p.Update, "endpoints": p.Update, "maxRetryTimeout": p.Update, "sourceIp": p.Update},
		},
		"a key of another version": {map[string]any{"gone": "x"}, map[string]any{}, map[string]p.DiffKind{"gone": p.Delete}},
		"wrong values":             {map[string]any{"region": []any{"a"}}, map[string]any{"region": []any{"b"}}, map[string]p.DiffKind{"region": p.Update}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resp, warnings := diff(args(c.before), args(c.after))
			if len(resp.DetailedDiff) != len(c.want) || resp.HasChanges != (len(c.want) > 0) || resp.DeleteBeforeReplace {
				t.Errorf("got %+v; want %v", resp, c.want)
			}
			replaces := 0
			for path, kind := range c.want {
				if got := resp.DetailedDiff[path]; got.Kind != kind || !got.InputDiff {
					t.Errorf("%s: got %+v; want %s", path, got, kind)
				}
				if kind == p.UpdateReplace {
					replaces++
				}
			}
			if len(warnings) != replaces {
				t.Errorf("got the warnings %v", warnings)
			}
		})
	}
}

func TestDiffExplainsReplacement(t *testing.T) {
	log := captureLog(t)
	resp, err := (&Holder{}).Diff(t.Context(), p.DiffRequest{
		OldInputs: args(map[string]any{"region": "cn-hangzhou", "accessKey": testAccessKey}),
		State:     args(map[string]any{"region": "cn-hangzhou", "accessKey": testAccessKey}),
		Inputs:    args(map[string]any{"region": "cn-beijing", "accessKey": testSecretKey}),
	})
	if err != nil || resp.DetailedDiff["region"].Kind != p.UpdateReplace {
		t.Fatal(err, resp)
	}
	for _, part := range []string{"cn-hangzhou", "cn-beijing", "every instance of this provider will be replaced", "destroyed", "declare a second provider"} {
		if !strings.Contains(log.String(), part) {
			t.Errorf("the warning does not say %q: %s", part, log)
		}
	}
	assertNoSecrets(t, "the log", log.String())
}

// A secret region is compared, and not repeated.
func TestDiffKeepsSecrets(t *testing.T) {
	t.Parallel()
	_, warnings := diff(
		property.NewMap(map[string]property.Value{"region": secret("cn-hangzhou")}),
		property.NewMap(map[string]property.Value{"region": secret("cn-beijing")}))
	if len(warnings) != 1 || strings.Contains(warnings[0], "cn-beijing") || strings.Contains(warnings[0], "cn-hangzhou") {
		t.Errorf("got %v", warnings)
	}
}
