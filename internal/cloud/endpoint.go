package cloud

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// service is one of the APIs that the client calls.
type service string

const (
	kms service = "KMS"
	bss service = "BSS"
	sts service = "STS"
	vpc service = "VPC"
)

// version is the API version that goes into x-acs-version.
func (s service) version() string {
	switch s {
	case bss:
		return "2017-12-14"
	case sts:
		return "2015-04-01"
	case vpc:
		return "2016-04-28"
	default:
		return "2016-01-20"
	}
}

// Endpoint is where a request goes: a host with an optional port, and "http" or "https".
type Endpoint struct {
	host   string
	scheme string
}

// Hostname is the host without the port.
func (e Endpoint) Hostname() string { return hostname(e.host) }

const (
	bssDomesticHost      = "business.aliyuncs.com"
	bssInternationalHost = "business.ap-southeast-1.aliyuncs.com"
	stsGlobalHost        = "sts.aliyuncs.com"
)

// setEndpoints reads the protocol and the endpoints of the options.
func (c *Client) setEndpoints(o Options) error {
	switch strings.ToUpper(o.Protocol) {
	case "", "HTTPS":
		c.protocol = "https"
	case "HTTP":
		c.protocol = "http"
	default:
		return fmt.Errorf("the protocol is %q; valid values are HTTPS and HTTP", o.Protocol)
	}
	c.endpoints = map[service]Endpoint{}
	for _, e := range []struct {
		service service
		key     string
		value   string
	}{{kms, "kms", o.KMSEndpoint}, {bss, "bssopenapi", o.BSSEndpoint}, {sts, "sts", o.STSEndpoint}, {vpc, "vpc", o.VPCEndpoint}} {
		if strings.TrimSpace(e.value) == "" {
			if c.protocol == "http" && e.service != vpc { // which is called with HTTPS then
				return fmt.Errorf("the protocol HTTP is accepted for loopback endpoints only, and the endpoint %q is not set; "+
					"set it to a loopback address or use HTTPS", e.key)
			}
			continue
		}
		parsed, err := ParseEndpoint(e.value, c.protocol)
		if err != nil {
			return fmt.Errorf("the endpoint %q must be %w", e.key, err)
		}
		c.endpoints[e.service] = parsed
	}
	if host := c.endpoints[kms].Hostname(); OtherRegion(host, c.region) {
		return fmt.Errorf("the region is %s, but the endpoint %q is %s, which is that of %s and does not know the instances of %s: "+
			"correct one of them, or leave the endpoint out", c.region, "kms", host, EndpointRegion(host), c.region)
	}
	return nil
}

// kmsHostName is the name of a public or internal KMS endpoint, such as kms.cn-hangzhou.aliyuncs.com or kms-vpc.….
var kmsHostName = regexp.MustCompile(`^kms(?:-[a-z]+)*\.([a-z]{2}(?:-[a-z0-9]+)+)\.aliyuncs\.com\.?$`)

// EndpointRegion is the region whose instances a KMS host knows; "" if its name does not say.
func EndpointRegion(host string) string {
	if m := kmsHostName.FindStringSubmatch(strings.ToLower(host)); m != nil {
		return m[1]
	}
	return ""
}

// OtherRegion reports whether a KMS host is known to be another region's. Such a host answers that an instance does not
// exist, so that a refresh would take it out of the stack.
func OtherRegion(host, region string) bool {
	of := EndpointRegion(host)
	// Alibaba Cloud's own list of endpoints has the latter for the former.
	exception := region == "ap-southeast-5" && of == "ap-southeast-1"
	return of != "" && region != "" && of != region && !exception
}

// KMSEndpointServes reports whether the KMS endpoint is this machine's or has the region in its name (kms.<region>…, kms-vpc.<region>…).
// What any other host says of an instance proves nothing.
func (c *Client) KMSEndpointServes(region string) bool {
	host := strings.ToLower(c.endpoint(kms, "").Hostname())
	return IsLoopback(host) || region != "" &&
		(strings.HasPrefix(host, "kms."+region+".") || strings.HasPrefix(host, "kms-vpc."+region+"."))
}

// ParseEndpoint accepts "host", "host:port" and a URL without user, path and query. Its error says what the value must be, and does
// not repeat it.
func ParseEndpoint(value, protocol string) (Endpoint, error) {
	value = strings.TrimSpace(value)
	scheme, rest, isURL := strings.Cut(value, "://")
	if !isURL {
		scheme, rest = protocol, value
	}
	scheme = strings.ToLower(scheme)
	u, err := url.Parse(scheme + "://" + rest)
	switch {
	case scheme != "http" && scheme != "https", err != nil, u.Hostname() == "", u.User != nil, strings.Trim(u.Path, "/") != "",
		strings.ContainsAny(rest, " \t\r\n?#"), !validPort(u):
		return Endpoint{}, errors.New("a host, host:port or URL without a path, such as kms.cn-hangzhou.aliyuncs.com")
	case scheme == "http" && !IsLoopback(u.Hostname()):
		return Endpoint{}, errors.New("an address with HTTPS, because calls carry credentials: plain HTTP is accepted for addresses of " +
			"this machine only (127.0.0.1, localhost)")
	}
	return Endpoint{host: u.Host, scheme: scheme}, nil
}

// validPort reports whether a URL has no port or one that there is.
func validPort(u *url.URL) bool {
	if u.Port() == "" {
		return !strings.HasSuffix(u.Host, ":")
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	return err == nil && port > 0
}

// IsLoopback reports whether a host is this machine.
func IsLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

// endpoint returns where calls of a service go. The site matters for BSS only.
func (c *Client) endpoint(s service, site Site) Endpoint {
	if e, ok := c.endpoints[s]; ok {
		return e
	}
	host := ""
	switch s {
	case kms:
		host = "kms." + c.region + ".aliyuncs.com"
	case bss:
		host = bssDomesticHost
		if site == International {
			host = bssInternationalHost
		}
	case sts:
		host = stsGlobalHost
		if c.region != "" {
			host = "sts." + c.region + ".aliyuncs.com"
		}
	case vpc:
		host = "vpc." + c.region + ".aliyuncs.com"
	}
	return Endpoint{host: host, scheme: "https"}
}

// hostname strips the port, for messages about name resolution.
func hostname(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		return h
	}
	return host
}
