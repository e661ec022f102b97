package guard

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"

	p "github.com/pulumi/pulumi-go-provider"
)

// errBug is what a user sees of a panic. The stack goes to the plugin's log only.
var errBug = errors.New("the provider ran into a bug of its own; please report it. Run `pulumi refresh` before anything else: " +
	"it records what was done in the cloud")

// withoutPanics turns a panic in any method into an error, so that other operations under way in the plugin go on.
func withoutPanics(provider p.Provider) p.Provider {
	provider.CheckConfig = guarded(provider.CheckConfig)
	provider.DiffConfig = guarded(provider.DiffConfig)
	provider.Configure = guardedPlain(provider.Configure)
	provider.Invoke = guarded(provider.Invoke)
	provider.Check = guarded(provider.Check)
	provider.Diff = guarded(provider.Diff)
	provider.Create = guarded(provider.Create)
	provider.Read = guarded(provider.Read)
	provider.Update = guarded(provider.Update)
	provider.Delete = guardedPlain(provider.Delete)
	return provider
}

func guarded[Req, Resp any](f func(context.Context, Req) (Resp, error)) func(context.Context, Req) (Resp, error) {
	return func(ctx context.Context, req Req) (resp Resp, err error) {
		defer recovered(&err)
		return f(ctx, req)
	}
}

func guardedPlain[Req any](f func(context.Context, Req) error) func(context.Context, Req) error {
	return func(ctx context.Context, req Req) (err error) {
		defer recovered(&err)
		return f(ctx, req)
	}
}

func recovered(err *error) {
	if cause := recover(); cause != nil {
		*err = Bug(cause)
	}
}

// Bug logs what a panic left behind and returns the error that a user sees.
func Bug(cause any) error {
	slog.Error("panic", "cause", cause, "stack", string(debug.Stack()))
	return errBug
}
