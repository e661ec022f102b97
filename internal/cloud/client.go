package cloud

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"
)

// Options configures a Client. The zero value of every field but Region and Credentials is usable.
type Options struct {
	// Region is the region of the KMS instances, e.g. "cn-hangzhou".
	Region string
	// Credentials is asked anew for every request, so that temporary credentials are refreshed in the middle of a long operation.
	Credentials CredentialsProvider
	// AccountID is the account that the credentials are meant to belong to; "" = any. See VerifyAccount.
	AccountID string
	// Warn tells the user of something that is no error; nil = nobody hears of it.
	Warn func(ctx context.Context, text string)
	// Site is the site the account belongs to, if the user said so; "" = find out.
	Site Site
	// These replace the built-in endpoints: a host, "host:port" or a URL without a path.
	KMSEndpoint string // of the region
	BSSEndpoint string
	STSEndpoint string
	VPCEndpoint string // of the region
	// Protocol is "HTTPS" (the default) or "HTTP". HTTP is accepted for a loopback host only.
	Protocol string
	// ConnectTimeout bounds the making of one connection, 60 s if zero.
	ConnectTimeout time.Duration
	// ReadTimeout bounds one try as a whole, 60 s if zero. A try of an order is bounded by 30 s in any case.
	ReadTimeout time.Duration
	// MaxRetryTimeout bounds all tries of one call together, those of an order by 10 minutes at most. Zero means: 10 minutes for
	// an order; for other calls the deadline of the context, 2 minutes without one; 15 s while a host that never answered
	// cannot be reached.
	MaxRetryTimeout time.Duration
	// SourceIP and SecureTransport are sent as the query parameters SourceIp and SecureTransport if set: a proxy that
	// KMS and RAM policies trust uses them to pass the origin of a call on.
	SourceIP        string
	SecureTransport string
	// UserAgent is appended to the SDK's own user agent.
	UserAgent string
	// Transport carries the requests; nil = a transport of the client's own that honours the proxy environment variables.
	Transport http.RoundTripper
}

const (
	defaultConnectTimeout = 60 * time.Second
	defaultReadTimeout    = 60 * time.Second
)

// validRegion keeps a region, which becomes part of host names, from naming another host.
var validRegion = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// Client calls KMS in one region, and BSS and STS for the same account. It is safe for concurrent use.
type Client struct {
	region          string
	credentials     *credentialSource
	endpoints       map[service]Endpoint // only those given by the user
	protocol        string
	http            *http.Client
	readTimeout     time.Duration
	maxRetryTimeout time.Duration
	sourceIP        string
	secureTransport string
	userAgent       string
	limits          limits
	account         accountGuard

	mu             sync.Mutex
	site           Site
	siteConfigured bool
	answered       map[string]bool // hosts that have answered in this client's life
	accountID      string          // the account of the credentials, once it is known
}

// New checks the options and returns a client. It contacts nothing.
func New(o Options) (*Client, error) {
	if !validRegion.MatchString(o.Region) {
		return nil, fmt.Errorf("the region is %q; a region id such as cn-hangzhou is expected", o.Region)
	}
	c := &Client{
		region:          o.Region,
		credentials:     &credentialSource{provider: o.Credentials},
		readTimeout:     positiveOr(o.ReadTimeout, defaultReadTimeout),
		maxRetryTimeout: max(o.MaxRetryTimeout, 0),
		sourceIP:        o.SourceIP,
		secureTransport: o.SecureTransport,
		userAgent:       o.UserAgent,
		limits:          newLimits(),
		account:         accountGuard{want: o.AccountID, warn: o.Warn, turn: make(chan struct{}, 1)},
		site:            o.Site,
		siteConfigured:  o.Site != "",
		answered:        map[string]bool{},
	}
	if err := c.setEndpoints(o); err != nil {
		return nil, err
	}
	transport := o.Transport
	if transport == nil {
		transport = newTransport(positiveOr(o.ConnectTimeout, defaultConnectTimeout))
	}
	c.http = &http.Client{
		Transport: transport,
		// A redirected order would be sent twice, and its signature names the first host.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c, nil
}

// Region is the region that the client was made for.
func (c *Client) Region() string { return c.region }

// Site is the site of the account as far as it is known: configured, learnt from a product type or from an answer of
// BSS. It is "" before.
func (c *Client) Site() Site {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.site
}

// ObserveProductType learns the site from the suffix of a product type that GetKmsInstance reported, e.g.
// "kms_ddi_public_intl", unless the site is configured.
func (c *Client) ObserveProductType(productType string) {
	if site := siteOf(productType); site != "" {
		c.learnSite(site)
	}
}

func (c *Client) learnSite(site Site) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.siteConfigured {
		c.site = site
	}
}

const (
	suffixDomestic      = "_cn"
	suffixInternational = "_intl"
)

func siteOf(productType string) Site {
	switch {
	case strings.HasSuffix(productType, suffixDomestic):
		return Domestic
	case strings.HasSuffix(productType, suffixInternational):
		return International
	}
	return ""
}

func (s Site) other() Site {
	if s == International {
		return Domestic
	}
	return International
}

func (s Site) suffix() string {
	if s == International {
		return suffixInternational
	}
	return suffixDomestic
}

func positiveOr(d, otherwise time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return otherwise
}
