package config

import (
	"encoding/json"
	"errors"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
)

// A rule looks at a string that is not empty and says what is wrong with it, ready to follow "<key> is <value>: ", or
// returns "". A rule never repeats the value: the caller knows whether it is a secret.

var (
	regionPattern      = regexp.MustCompile(`^[a-z]{2,}(-[a-z0-9]+)+$`)
	zonePattern        = regexp.MustCompile(`(-|[0-9])[a-z]$`) // cn-hangzhou-k, ap-southeast-1a
	rolePattern        = regexp.MustCompile(`^acs:ram::[0-9]+:role/[^\s]+$`)
	oidcPattern        = regexp.MustCompile(`^acs:ram::[0-9]+:oidc-provider/[^\s]+$`)
	sessionNamePattern = regexp.MustCompile(`^[a-zA-Z0-9.@_-]{2,64}$`)
	accountPattern     = regexp.MustCompile(`^[0-9]+$`)
	roleNamePattern    = regexp.MustCompile(`^[a-zA-Z0-9._-]+$`)
)

func regionRule(text string) string {
	if !regionPattern.MatchString(text) {
		return "it must be the id of a region, such as cn-hangzhou or ap-southeast-1"
	}
	if zonePattern.MatchString(text) {
		return "that is a zone; it must be the id of a region, such as cn-hangzhou or ap-southeast-1"
	}
	return ""
}

func roleArnRule(text string) string {
	if !rolePattern.MatchString(text) {
		return "it must be the ARN of a RAM role, such as acs:ram::1234567890123456:role/deployer"
	}
	return ""
}

func oidcProviderArnRule(text string) string {
	if !oidcPattern.MatchString(text) {
		return "it must be the ARN of an OIDC identity provider, such as acs:ram::1234567890123456:oidc-provider/my-cluster"
	}
	return ""
}

func sessionNameRule(text string) string {
	if !sessionNamePattern.MatchString(text) {
		return "it must be 2 to 64 letters, digits and .@-_"
	}
	return ""
}

func accountRule(text string) string {
	if !accountPattern.MatchString(text) {
		return "it must be the number of an account, such as 1234567890123456"
	}
	return ""
}

func roleNameRule(text string) string {
	if !roleNamePattern.MatchString(text) {
		return "it must be the name of a RAM role (letters, digits and .-_), not its ARN"
	}
	return ""
}

func ipRule(text string) string {
	if _, err := netip.ParseAddr(text); err != nil {
		return "it must be an IP address, such as 203.0.113.7"
	}
	return ""
}

func policyRule(text string) string {
	if !strings.HasPrefix(text, "{") || !json.Valid([]byte(text)) {
		return "it must be the JSON text of a RAM policy"
	}
	return ""
}

func endpointRule(text string) string {
	if _, err := parseEndpoint(text, "https"); err != nil {
		return err.Error()
	}
	return ""
}

func credentialsURIRule(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "it must be a URL, such as http://127.0.0.1:8080/credentials"
	}
	if u.Scheme == "http" && !isOwnMachine(u.Hostname()) {
		return "plain HTTP is accepted from this machine only, because the answer holds credentials; use HTTPS"
	}
	return ""
}

// endpoint is where a service is called.
type endpoint struct {
	host   string // with the port, if one is given
	scheme string // "http" or "https"
}

func (e endpoint) url() string { return e.scheme + "://" + e.host + "/" }

func (e endpoint) hostname() string {
	u := url.URL{Host: e.host}
	return u.Hostname()
}

// parseEndpoint accepts a host, host:port or a URL without user, path and query. The scheme holds for the first two.
// Plain HTTP is accepted for loopback hosts only.
func parseEndpoint(text, scheme string) (endpoint, error) {
	if given, rest, isURL := strings.Cut(text, "://"); isURL {
		scheme, text = strings.ToLower(given), rest
	}
	u, err := url.Parse(scheme + "://" + text)
	switch {
	case scheme != "http" && scheme != "https",
		err != nil, u.Hostname() == "", u.User != nil, strings.Trim(u.Path, "/") != "", u.RawQuery != "", u.Fragment != "",
		strings.ContainsAny(text, " \t\r\n?#"):
		return endpoint{}, errors.New("it must be a host, host:port or URL without a path, such as kms.cn-hangzhou.aliyuncs.com")
	case scheme == "http" && !isLoopback(u.Hostname()):
		return endpoint{}, errors.New("plain HTTP is accepted for addresses of this machine only (127.0.0.1, localhost), " +
			"because calls carry credentials; use HTTPS")
	}
	return endpoint{host: u.Host, scheme: scheme}, nil
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

// isOwnMachine also knows the link-local addresses of the metadata services of clouds and containers, which no other
// machine can answer for.
func isOwnMachine(host string) bool {
	addr, err := netip.ParseAddr(host)
	return isLoopback(host) || err == nil && (addr.Unmap().IsLinkLocalUnicast() || host == metadataHost)
}
