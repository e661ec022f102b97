package cloud

import (
	"context"
	"maps"
)

// siteFor is the site to address first: the one that is known, else the one that a product type names, else Domestic.
func (c *Client) siteFor(productType string) Site {
	if site := c.Site(); site != "" {
		return site
	}
	if site := siteOf(productType); site != "" {
		return site
	}
	return Domestic
}

// onSite gives a product type the suffix of the site. Types without a suffix stay as they are.
func onSite(productType string, site Site) string {
	known := siteOf(productType)
	if known == "" {
		return productType
	}
	return productType[:len(productType)-len(known.suffix())] + site.suffix()
}

// bss calls BSS with parameters whose ProductType is changed in place if the account belongs to the other site.
func (c *Client) bss(ctx context.Context, action string, kind kind, parameters map[string]string, extra map[string]string, decode func(answer) error) error {
	return c.do(ctx, call{
		service: bss,
		action:  action,
		kind:    kind,
		site:    c.siteFor(parameters["ProductType"]),
		query: func(site Site) map[string]*string {
			if known, ok := parameters["ProductType"]; ok {
				parameters["ProductType"] = onSite(known, site)
			}
			query := pointers(parameters)
			maps.Copy(query, pointers(extra))
			return query
		},
		decode: decode,
	})
}

func pointers(m map[string]string) map[string]*string {
	p := make(map[string]*string, len(m))
	for k, v := range m {
		p[k] = &v
	}
	return p
}

// nothing is the decode of calls whose success says it all.
func nothing(answer) error { return nil }
