package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/pkg/v3/engine/lifecycletest/framework"
	"github.com/pulumi/pulumi/pkg/v3/resource/deploy/deploytest"
	"github.com/pulumi/pulumi/pkg/v3/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
)

// operation is one run of the engine.
type operation struct {
	stack   *Stack
	program Program
	cancel  func()
	told    chan struct{} // closed when the providers have been told to cancel
	ended   chan struct{} // closed when the operation has ended

	registered map[string]*Registered

	mutex   sync.Mutex
	plugins []*running
	closing func() error
}

// host makes the host of plugins for the operation.
func (o *operation) host(ctx context.Context, sink, status diag.Sink, _ plugin.DebugContext) (plugin.Host, error) {
	var loaders []*deploytest.ProviderLoader
	for pkg, provider := range o.stack.Providers {
		loaders = append(loaders, deploytest.NewProviderLoaderWithHost(pkg, semver.MustParse("1.0.0"), func(h plugin.Host) (plugin.Provider, error) {
			return o.launch(ctx, provider, h.ServerAddr())
		}))
	}
	h := &telling{Host: deploytest.NewPluginHost(sink, status, deploytest.NewLanguageRuntime(o.execute), loaders...), told: o.told}
	o.closing = h.Close
	return h, nil
}

func (o *operation) launch(ctx context.Context, provider Provider, engine string) (plugin.Provider, error) {
	r, err := launch(ctx, provider, engine)
	if err != nil {
		return nil, err
	}
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.plugins = append(o.plugins, r)
	return r, nil
}

func (o *operation) launched() []*running {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return slices.Clone(o.plugins)
}

// end ends the plugins and the host, also after a cancellation.
func (o *operation) end(ctx context.Context) error {
	var errs []error
	for _, p := range o.launched() {
		errs = append(errs, p.close(context.WithoutCancel(ctx)))
	}
	if o.closing != nil {
		errs = append(errs, o.closing())
	}
	return errors.Join(errs...)
}

func (o *operation) stderr() string {
	text := ""
	for _, p := range o.launched() {
		text += p.stderr()
	}
	return text
}

// telling is a host that says when it has told the providers to cancel.
type telling struct {
	plugin.Host

	told chan struct{}
	once sync.Once
}

func (h *telling) SignalCancellation() error {
	defer h.once.Do(func() { close(h.told) })
	return h.Host.SignalCancellation()
}

// quiet takes the place of a test in the framework, which fails it only if the framework itself is broken.
type quiet struct{ framework.TB }

func (quiet) Helper()                   {}
func (quiet) Log(...any)                {}
func (quiet) Logf(string, ...any)       {}
func (quiet) Errorf(f string, a ...any) { panic(fmt.Sprintf(f, a...)) }
func (quiet) FailNow()                  { panic("the framework failed") }
