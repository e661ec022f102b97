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

// must is the rule that a text fits what the words say.
func must(words string, fits func(text string) bool) func(string) string {
	return func(text string) string {
		if fits(text) {
			return ""
		}
		return words
	}
}

func matching(pattern, words string) func(string) string {
	return must(words, regexp.MustCompile(pattern).MatchString)
}

const regionWords = "the id of a region, such as cn-hangzhou or ap-southeast-1"

var (
	roleArnRule         = matching(`^acs:ram::[0-9]+:role/[^\s]+$`, "the ARN of a RAM role, such as acs:ram::1234567890123456:role/deployer")
	oidcProviderArnRule = matching(`^acs:ram::[0-9]+:oidc-provider/[^\s]+$`,
		"the ARN of an OIDC identity provider, such as acs:ram::1234567890123456:oidc-provider/my-cluster")
	sessionNameRule = matching(`^[a-zA-Z0-9.@_-]{2,64}$`, "2 to 64 letters, digits and .@-_")
	accountRule     = matching(`^[0-9]+$`, "the number of an account, such as 1234567890123456")
	roleNameRule    = matching(`^[a-zA-Z0-9._-]+$`, "the name of a RAM role (letters, digits and .-_), not its ARN")
	ignoreRule      = matching(`^(\*|kst-[0-9A-Za-z_-]+)$`, `the id of an instance, which starts with "kst-", or "*"`)
	anyRegionRule   = matching(`^[a-z]{2,}(-[a-z0-9]+)+$`, regionWords)
	zonePattern     = regexp.MustCompile(`(-|[0-9])[a-z]$`) // cn-hangzhou-k, ap-southeast-1a
	ipRule          = must("an IP address, such as 203.0.113.7", func(text string) bool {
		_, err := netip.ParseAddr(text)
		return err == nil
	})
	policyRule = must("the JSON text of a RAM policy", func(text string) bool {
		return strings.HasPrefix(text, "{") && json.Valid([]byte(text))
	})
	// credentialRule refuses what cannot stand in a header, where credentials travel: such a request would never be sent.
	credentialRule = must("without control characters, such as line breaks", func(text string) bool {
		return utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
	})
)

func regionRule(text string) string {
	must := anyRegionRule(text)
	if must == "" && zonePattern.MatchString(text) {
		must = regionWords + ", not that of a zone"
	}
	return must
}

func endpointRule(text string) string {
	if _, err := cloud.ParseEndpoint(text, "https"); err != nil {
		return err.Error()
	}
	return ""
}
