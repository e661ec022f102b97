package config

import (
	"encoding/json"
	"net/netip"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

// A rule says what a text must be, or "" if it is that. It never repeats the text: the caller knows whether it is a secret.

var (
	regionPattern      = regexp.MustCompile(`^[a-z]{2,}(-[a-z0-9]+)+$`)
	zonePattern        = regexp.MustCompile(`(-|[0-9])[a-z]$`) // cn-hangzhou-k, ap-southeast-1a
	rolePattern        = regexp.MustCompile(`^acs:ram::[0-9]+:role/[^\s]+$`)
	oidcPattern        = regexp.MustCompile(`^acs:ram::[0-9]+:oidc-provider/[^\s]+$`)
	sessionNamePattern = regexp.MustCompile(`^[a-zA-Z0-9.@_-]{2,64}$`)
	accountPattern     = regexp.MustCompile(`^[0-9]+$`)
	roleNamePattern    = regexp.MustCompile(`^[a-zA-Z0-9._-]+$`)
	instancePattern    = regexp.MustCompile(`^kst-[0-9A-Za-z_-]+$`)
)

// matching is the rule that a text matches a pattern, which the words describe.
func matching(pattern *regexp.Regexp, words string) func(string) string {
	return func(text string) string {
		if !pattern.MatchString(text) {
			return words
		}
		return ""
	}
}

var (
	roleArnRule         = matching(rolePattern, "the ARN of a RAM role, such as acs:ram::1234567890123456:role/deployer")
	oidcProviderArnRule = matching(oidcPattern, "the ARN of an OIDC identity provider, such as acs:ram::1234567890123456:oidc-provider/my-cluster")
	sessionNameRule     = matching(sessionNamePattern, "2 to 64 letters, digits and .@-_")
	accountRule         = matching(accountPattern, "the number of an account, such as 1234567890123456")
	roleNameRule        = matching(roleNamePattern, "the name of a RAM role (letters, digits and .-_), not its ARN")
)

// credentialRule refuses what cannot stand in a header, where credentials travel: such a request would never be sent.
func credentialRule(text string) string {
	if !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
		return "without control characters, such as line breaks"
	}
	return ""
}

func ignoreRule(text string) string {
	if text != "*" && !instancePattern.MatchString(text) {
		return `the id of an instance, which starts with "kst-", or "*"`
	}
	return ""
}

func regionRule(text string) string {
	const words = "the id of a region, such as cn-hangzhou or ap-southeast-1"
	switch {
	case !regionPattern.MatchString(text):
		return words
	case zonePattern.MatchString(text):
		return words + ", not that of a zone"
	}
	return ""
}

func ipRule(text string) string {
	if _, err := netip.ParseAddr(text); err != nil {
		return "an IP address, such as 203.0.113.7"
	}
	return ""
}

func policyRule(text string) string {
	if !strings.HasPrefix(text, "{") || !json.Valid([]byte(text)) {
		return "the JSON text of a RAM policy"
	}
	return ""
}

func endpointRule(text string) string {
	if _, err := cloud.ParseEndpoint(text, "https"); err != nil {
		return err.Error()
	}
	return ""
}
