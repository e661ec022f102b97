package emulator

import (
	"regexp"
	"strings"
)

var (
	regionPattern = regexp.MustCompile(`^[a-z]{2}-[a-z]+(-[a-z0-9]+)*$`)
	digitsPattern = regexp.MustCompile(`^[0-9]{1,19}$`)
)

// zoneInRegion says whether a zone id belongs to a region: "<region>-<letter>" in China, "<region><letter>" elsewhere.
func zoneInRegion(zone, region string) bool {
	rest, ok := strings.CutPrefix(zone, region)
	if !ok {
		return false
	}
	if strings.HasPrefix(region, "cn-") {
		if rest, ok = strings.CutPrefix(rest, "-"); !ok {
			return false
		}
	}
	return len(rest) == 1 && rest[0] >= 'a' && rest[0] <= 'z'
}
