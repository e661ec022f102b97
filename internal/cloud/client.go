package cloud

import (
	"cmp"
	"context"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"
)

// Options configures a Client. The zero value of every field but Region and Credentials is usable.
type Options struct {
	Region string // of the KMS instances, e.g. "cn-hangzhou"
	// Credentials is asked anew for every request, so that temporary credentials are refreshed in the middle of a long operation.
	Credentials CredentialsProvider
	AccountID   string // that the credentials are meant to belong to; "" = any
	// Warn tells the user of something that is no error; nil = nobody is told.
	Warn func(ctx context.Context, text string)
	Site Site // that the account belongs to, if the user said so; "" = find out
	// These replace the built-in endpoints: a host, "host:port" or a URL without a path.
	KMSEndpoint string // of the region
	BSSEndpoint string
	STSEndpoint string
	VPCEndpoint string // of the region
	Protocol    string // "HTTPS" (the default) or "HTTP", which is accepted for a loopback host only
	// The limits for making one connection and for one try as a whole, 60 s if zero. A try of an order takes 30 s at most in any case.
	ConnectTimeout time.Duration
	ReadTimeout    time.Duration
	// MaxRetryTimeout is the limit for all tries of one call together; of an order, for 10 minutes at most. Zero means the limits in retry.go.
	MaxRetryTimeout time.Duration
	// SourceIP and SecureTransport are sent as the query parameters SourceIp and SecureTransport if set: a proxy that
	// KMS and RAM policies trust uses them to pass the origin of a call on.
	SourceIP        string
	SecureTransport string
	UserAgent       string // is appended to the SDK's own
	// Transport carries the requests; nil = a transport of the client's own that honours the proxy environment variables. It must tell
	// net/http/httptrace of its connections: an order that got none was never sent.
	Transport http.RoundTripper
}

const defaultTimeout = 60 * time.Second

// callsPerSecond is how many calls to KMS a client makes at most. KMS allows an account 50 a second in a region, which others use too.
const callsPerSecond = 30

// Client calls KMS and VPC in one region, and BSS and STS for the same account. It is safe for concurrent use.
type Client struct {
	options   Options
	endpoints map[service]*url.URL // only those given by the user
	http      *http.Client
	calls     *rate.Limiter
	account   account

	hadCredentials atomic.Bool
	answered       sync.Map     // hosts that have answered in this client's life
	site           atomic.Value // the Site that was learnt from a product type or an answer of BSS
}

// New returns a client. It contacts nothing. The options are those of a configuration that was checked; what only a profile says is
// checked here.
func New(o Options) (*Client, error) {
	endpoints, err := o.configuredEndpoints()
	if err != nil {
		return nil, err
	}
	o.ReadTimeout = cmp.Or(o.ReadTimeout, defaultTimeout)
	if o.Transport == nil {
		o.Transport = newTransport(cmp.Or(o.ConnectTimeout, defaultTimeout))
	}
	return &Client{
		options:   o,
		endpoints: endpoints,
		http: &http.Client{
			Transport: o.Transport,
			// A redirected order would be sent twice, and its signature names the first host.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		calls:   rate.NewLimiter(callsPerSecond, callsPerSecond),
		account: account{turn: semaphore.NewWeighted(1)},
	}, nil
}

// newTransport honours the proxy environment variables like the official SDKs do.
func newTransport(connectTimeout time.Duration) *http.Transport {
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: connectTimeout}).DialContext,
		TLSHandshakeTimeout: connectTimeout,
		MaxIdleConnsPerHost: 8,
		// A connection that the server closes at the moment it is used again leaves open whether a call took effect, so
		// connections are closed well before servers do it.
		IdleConnTimeout: 15 * time.Second,
	}
}

// Region is the region that the client was made for.
func (c *Client) Region() string { return c.options.Region }

// Site says to which site of Alibaba Cloud an account belongs, in the words of the `alicloud` provider's `accountType`. BSS answers
// `NotApplicable` on the wrong one. The zero value means "not known yet".
type Site string

// The two sites.
const (
	Domestic      Site = "Domestic"
	International Site = "International"
)

func (s Site) other() Site {
	if s == International {
		return Domestic
	}
	return International
}

// BSS's product type of a KMS instance tells its payment type and the account's site, e.g. "kms_ddi_public_intl".
var (
	products     = map[PaymentType]string{Subscription: "kms_ddi_public", PayAsYouGo: "kms_ppi_public"}
	siteSuffixes = map[Site]string{Domestic: "_cn", International: "_intl"}
)

// knownSite is the site that is configured or was learnt; "" before.
func (c *Client) knownSite() Site {
	learnt, _ := c.site.Load().(Site)
	return cmp.Or(c.options.Site, learnt)
}

// learnSiteFrom learns the site from a product type that GetKmsInstance reported.
func (c *Client) learnSiteFrom(productType string) {
	for site, suffix := range siteSuffixes {
		if strings.HasSuffix(productType, suffix) {
			c.site.Store(site)
		}
	}
}
