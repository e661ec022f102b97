package config

import (
	"context"
	"errors"
	"fmt"
	"sync"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

// Holder holds the configuration of a running provider and the client that follows from it. It is safe for concurrent use.
type Holder struct {
	// UserAgent is what requests add to the user agent of the SDK, e.g. "pulumi-alicloud-kms/1.0.0".
	UserAgent string
	// Env is the machine; its zero value is the real one.
	Env Env

	mu         sync.Mutex
	configured bool
	args       property.Map
	settings   *Settings
	client     *cloud.Client
}

// Format keeps the secrets out of every verb of fmt.
func (*Holder) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("[provider configuration]")) }

// Configure replaces the configuration wholly: nothing of an earlier one remains. It reads and contacts nothing, so that
// a new stack can be previewed offline; what is missing is an error of the call that needs it.
func (h *Holder) Configure(_ context.Context, req p.ConfigureRequest) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.configured, h.args, h.settings, h.client = true, req.Args, nil, nil
	return nil
}

// Settings resolves the configuration when it is first asked. A failure is not kept: the next call tries again.
func (h *Holder) Settings(context.Context) (*Settings, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.resolved()
}

func (h *Holder) resolved() (*Settings, error) {
	if !h.configured {
		return nil, errors.New("the provider has not been configured yet")
	}
	if h.settings == nil {
		s, err := Resolve(h.args, h.Env)
		if err != nil {
			return nil, err
		}
		h.settings = s
	}
	return h.settings, nil
}

// Client returns the client of the configuration, made when it is first asked for. A missing region is an error here;
// missing credentials are one of the client's first call.
func (h *Holder) Client(context.Context) (*cloud.Client, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.client != nil {
		return h.client, nil
	}
	s, err := h.resolved()
	if err != nil {
		return nil, err
	}
	h.client, err = s.NewClient(h.UserAgent)
	if err != nil {
		h.settings = nil // what it has read of the profile may be mended in the meantime
		return nil, err
	}
	return h.client, nil
}

// Region returns the provider's region for checks at preview, "" if none is given or it is not known yet. It contacts
// nothing.
func (h *Holder) Region(context.Context) (string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s, err := h.resolved()
	if err != nil {
		return "", err
	}
	region, err := s.Region()
	if err != nil {
		h.settings = nil
	}
	return region, err
}

// MissingRegion says how to give a region, if neither configuration, environment nor profile gives one. It is nil otherwise, also if
// the region is not known yet.
func (h *Holder) MissingRegion(ctx context.Context) error {
	if region, err := h.Region(ctx); region != "" || err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	s, err := h.resolved()
	if err != nil || len(s.unknown) > 0 {
		return err
	}
	return errNoRegion
}

// VerifyNetwork reports whether vSwitches are to be looked up.
func (h *Holder) VerifyNetwork(ctx context.Context) bool {
	s, err := h.Settings(ctx)
	return err != nil || s.VerifyNetwork
}

// IgnoredInstances returns the instances that no purchase waits for; "*" stands for all.
func (h *Holder) IgnoredInstances(ctx context.Context) []string {
	s, err := h.Settings(ctx)
	if err != nil {
		return nil
	}
	return s.IgnoreInstances
}

// AccountID returns the account that the configuration names, "" if it names none or it is not known yet.
func (h *Holder) AccountID(context.Context) (string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s, err := h.resolved()
	if err != nil {
		return "", err
	}
	return s.AccountID, nil
}
