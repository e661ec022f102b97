package guard

import (
	"context"
	"fmt"
	"strings"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// withURNs refuses requests whose URN infer would panic on: it takes for granted that a type has three parts.
func withURNs(provider p.Provider) p.Provider {
	provider.Check = onURN(provider.Check, func(r p.CheckRequest) resource.URN { return r.Urn })
	provider.Diff = onURN(provider.Diff, func(r p.DiffRequest) resource.URN { return r.Urn })
	provider.Create = onURN(provider.Create, func(r p.CreateRequest) resource.URN { return r.Urn })
	provider.Read = onURN(provider.Read, func(r p.ReadRequest) resource.URN { return r.Urn })
	provider.Update = onURN(provider.Update, func(r p.UpdateRequest) resource.URN { return r.Urn })
	remove := provider.Delete
	provider.Delete = func(ctx context.Context, req p.DeleteRequest) error {
		if err := checkURN(req.Urn); err != nil {
			return err
		}
		return remove(ctx, req)
	}
	return provider
}

func onURN[Req, Resp any](f func(context.Context, Req) (Resp, error), urn func(Req) resource.URN) func(context.Context, Req) (Resp, error) {
	return func(ctx context.Context, req Req) (resp Resp, err error) {
		if err := checkURN(urn(req)); err != nil {
			return resp, err
		}
		return f(ctx, req)
	}
}

func checkURN(urn resource.URN) error {
	if !urn.IsValid() || strings.Count(string(urn.Type()), ":") != 2 {
		return fmt.Errorf("%q is not the URN of a resource", urn)
	}
	return nil
}
