package cloud

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// service is one of the APIs that the client calls, by its name in hosts.
type service string

const (
	kms service = "kms"
	bss service = "business"
	sts service = "sts"
	vpc service = "vpc"
)

// versions are the API versions that go into x-acs-version.
var versions = map[service]string{kms: "2016-01-20", bss: "2017-12-14", sts: "2015-04-01", vpc: "2016-04-28"}

// endpoint returns where calls of a service go. The site matters for BSS only.
func (c *Client) endpoint(s service, site Site) *url.URL {
	if e, ok := c.endpoints[s]; ok {
		return e
	}
	host := string(s) + "." + c.options.Region + ".aliyuncs.com"
	switch {
	case s == bss && site == International:
		host = "business.ap-southeast-1.aliyuncs.com"
	case s == bss:
		host = "business.aliyuncs.com"
	}
	return &url.URL{Scheme: "https", Host: host}
}

// configuredEndpoints reads the endpoints of the options.
func (o Options) configuredEndpoints() (map[service]*url.URL, error) {
	endpoints := map[service]*url.URL{}
	for service, value := range map[service]string{kms: o.KMSEndpoint, bss: o.BSSEndpoint, sts: o.STSEndpoint, vpc: o.VPCEndpoint} {
		if value == "" {
			continue
		}
		parsed, err := ParseEndpoint(value, cmp.Or(o.Protocol, "https"))
		if err != nil {
			return nil, fmt.Errorf("the endpoint %q must be %w", service, err)
		}
		endpoints[service] = parsed
	}
	if e := endpoints[kms]; e != nil {
		if other := OtherRegion(e.Hostname(), o.Region); other != "" {
			return nil, fmt.Errorf("the region is %s, but the endpoint \"kms\" is %s, which is that of %s and does not know the instances of %s: "+
				"correct one of them, or leave the endpoint out", o.Region, e.Hostname(), other, o.Region)
		}
	}
	return endpoints, nil
}

// kmsHostName is the name of a public or internal KMS endpoint, such as kms.cn-hangzhou.aliyuncs.com or kms-vpc.….
var kmsHostName = regexp.MustCompile(`^kms(?:-[a-z]+)*\.([a-z]{2}(?:-[a-z0-9]+)+)\.aliyuncs\.com\.?$`)

// OtherRegion is the region in the name of a KMS host, if it is another one than the given; else "". Such a host answers that an instance
// does not exist, so that a refresh would take it out of the stack.
func OtherRegion(host, region string) string {
	m := kmsHostName.FindStringSubmatch(strings.ToLower(host))
	// Alibaba Cloud's own list of endpoints has the latter for the former.
	if m == nil || region == "" || m[1] == region || region == "ap-southeast-5" && m[1] == "ap-southeast-1" {
		return ""
	}
	return m[1]
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
func ParseEndpoint(value, protocol string) (*url.URL, error) {
	scheme, rest, isURL := strings.Cut(strings.TrimSpace(value), "://")
	if !isURL {
		scheme, rest = protocol, scheme
	}
	scheme = strings.ToLower(scheme)
	u, err := url.Parse(scheme + "://" + rest)
	switch {
	case scheme != "http" && scheme != "https", err != nil, u.Hostname() == "", u.User != nil, strings.Trim(u.Path, "/") != "",
		strings.ContainsAny(rest, " \t\r\n?#"), !validPort(u):
		return nil, errors.New("a host, host:port or URL without a path, such as kms.cn-hangzhou.aliyuncs.com")
	case scheme == "http" && !IsLoopback(u.Hostname()):
		return nil, errors.New("an address with HTTPS, because calls carry credentials: plain HTTP is accepted for addresses of " +
			"this machine only (127.0.0.1, localhost)")
	}
	return &url.URL{Scheme: scheme, Host: u.Host}, nil
}

// validPort reports whether a URL has no port or one that exists.
func validPort(u *url.URL) bool {
	port, err := strconv.ParseUint(cmp.Or(u.Port(), "1"), 10, 16)
	return err == nil && port > 0 && !strings.HasSuffix(u.Host, ":")
}

// IsLoopback reports whether a host is this machine.
func IsLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && addr.Unmap().IsLoopback()
}
