package config

import (
	"context"
	"errors"
	"fmt"
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

	current atomic.Pointer[configured]
}

// configured is one configuration, of which each part is worked out when it is first asked for.
type configured struct {
	settings func() (*Settings, error)
	client   func() (*cloud.Client, error)
}

// Format keeps the secrets out of every verb of fmt.
func (*Holder) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("[provider configuration]")) }

// Configure replaces the configuration wholly: nothing of an earlier one remains. It reads and contacts nothing, so that
// a new stack can be previewed offline; what is missing is an error of the call that needs it.
func (h *Holder) Configure(_ context.Context, req p.ConfigureRequest) error {
	settings := sync.OnceValues(func() (*Settings, error) { return Resolve(req.Args, h.Env) })
	h.current.Store(&configured{settings: settings, client: sync.OnceValues(func() (*cloud.Client, error) {
		s, err := settings()
		if err != nil {
			return nil, err
		}
		return s.NewClient(h.UserAgent)
	})})
	return nil
}

var errNotConfigured = errors.New("the provider has not been configured yet")

func (h *Holder) settings() (*Settings, error) {
	if c := h.current.Load(); c != nil {
		return c.settings()
	}
	return nil, errNotConfigured
}

// Client returns the client of the configuration. A missing region is an error here; missing credentials are one of the client's
// first call.
func (h *Holder) Client(context.Context) (*cloud.Client, error) {
	if c := h.current.Load(); c != nil {
		return c.client()
	}
	return nil, errNotConfigured
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
