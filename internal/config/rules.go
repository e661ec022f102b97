package config

import (
	"encoding/json"
	"net/netip"
	"regexp"
	"strings"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/input"
)

// A rule says what a text must be, or "" if it is that. It never repeats the text: the caller knows whether it is a secret.

const regionWords = "the id of a region, such as cn-hangzhou or ap-southeast-1"

var (
	roleArnRule         = input.Matching(`^acs:ram::[0-9]+:role/[^\s]+$`, "the ARN of a RAM role, such as acs:ram::1234567890123456:role/deployer")
	oidcProviderArnRule = input.Matching(`^acs:ram::[0-9]+:oidc-provider/[^\s]+$`,
		"the ARN of an OIDC identity provider, such as acs:ram::1234567890123456:oidc-provider/my-cluster")
	sessionNameRule = input.Matching(`^[a-zA-Z0-9.@_-]{2,64}$`, "2 to 64 letters, digits and .@-_")
	accountRule     = input.Matching(`^[0-9]+$`, "the number of an account, such as 1234567890123456")
	roleNameRule    = input.Matching(`^[a-zA-Z0-9._-]+$`, "the name of a RAM role (letters, digits and .-_), not its ARN")
	ignoreRule      = input.Matching(`^(\*|kst-[0-9A-Za-z_-]+)$`, `the id of an instance, which starts with "kst-", or "*"`)
	anyRegionRule   = input.Matching(`^[a-z]{2,}(-[a-z0-9]+)+$`, regionWords)
	zonePattern     = regexp.MustCompile(`(-|[0-9])[a-z]$`) // cn-hangzhou-k, ap-southeast-1a
	ipRule          = input.Must("an IP address, such as 203.0.113.7", func(text string) bool {
		_, err := netip.ParseAddr(text)
		return err == nil
	})
	policyRule = input.Must("the JSON text of a RAM policy", func(text string) bool {
		return strings.HasPrefix(text, "{") && json.Valid([]byte(text))
	})
	// credentialRule refuses what cannot stand in a header, where credentials travel: such a request would never be sent.
	credentialRule = input.Must("without control characters, such as line breaks", input.IsPlain)
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
