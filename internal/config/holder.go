package config

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	p "github.com/pulumi/pulumi-go-provider"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

// Holder holds the configuration of a running provider and the client that follows from it. It is safe for concurrent use.
type Holder struct {
	// UserAgent is what requests add to the user agent of the SDK, e.g. "pulumi-alicloud-kms/1.0.0".
	UserAgent string
	// Env is the machine; its zero value is the real one.
	Env Env

	current atomic.Pointer[func() (*Settings, error)]
}

// Configure replaces the configuration wholly: nothing of an earlier one remains. It reads and contacts nothing, so that
// a new stack can be previewed offline; what is missing is an error of the call that needs it.
func (h *Holder) Configure(_ context.Context, req p.ConfigureRequest) error {
	resolve := sync.OnceValues(func() (*Settings, error) { return Resolve(req.Args, h.Env, h.UserAgent) })
	h.current.Store(&resolve)
	return nil
}

func (h *Holder) settings() (*Settings, error) {
	if resolve := h.current.Load(); resolve != nil {
		return (*resolve)()
	}
	return nil, errors.New("the provider has not been configured yet")
}

// Client returns the client of the configuration. A missing region is an error here; missing credentials are one of the client's
// first call.
func (h *Holder) Client(context.Context) (*cloud.Client, error) {
	s, err := h.settings()
	if err != nil {
		return nil, err
	}
	return s.Client()
}

// Region returns the provider's region for checks at preview, "" if none is given or it is not known yet. It contacts nothing.
func (h *Holder) Region(context.Context) (string, error) {
	s, err := h.settings()
	if err != nil {
		return "", err
	}
	return s.Region()
}

// MissingRegion says how to give a region, if neither configuration, environment nor profile gives one. It is nil otherwise, also if
// the region is not known yet.
func (h *Holder) MissingRegion(context.Context) error {
	s, err := h.settings()
	if err != nil || len(s.values.unknown()) > 0 {
		return err
	}
	if region, err := s.Region(); region != "" || err != nil {
		return err
	}
	return errNoRegion
}

// VerifyNetwork reports whether vSwitches are to be looked up.
func (h *Holder) VerifyNetwork(context.Context) bool {
	s, err := h.settings()
	return err != nil || s.VerifyNetwork
}

// IgnoredInstances returns the instances that no purchase waits for; "*" stands for all.
func (h *Holder) IgnoredInstances(context.Context) []string {
	s, err := h.settings()
	if err != nil {
		return nil
	}
	return s.IgnoreInstances
}
