package emulator

import (
	"regexp"
	"strings"
)

var (
	regionPattern = regexp.MustCompile(`^[a-z]{2}-[a-z]+(-[a-z0-9]+)*$`)
	digitsPattern = regexp.MustCompile(`^[0-9]{1,19}$`)
)

// regionsWithKMS are the regions for which Alibaba Cloud publishes a KMS endpoint.
var regionsWithKMS = []string{
	"cn-qingdao", "cn-beijing", "cn-zhangjiakou", "cn-huhehaote", "cn-wulanchabu", "cn-hangzhou", "cn-shanghai",
	"cn-shenzhen", "cn-heyuan", "cn-guangzhou", "cn-chengdu", "cn-hongkong", "cn-fuzhou", "cn-wuhan-lr",
	"cn-zhengzhou-jva", "ap-northeast-1", "ap-northeast-2", "ap-southeast-1", "ap-southeast-3", "ap-southeast-5",
	"ap-southeast-6", "ap-southeast-7", "ap-south-1", "eu-central-1", "eu-west-1", "us-east-1", "us-west-1",
	"me-east-1", "me-central-1", "cn-beijing-finance-1", "cn-hangzhou-finance", "cn-shanghai-finance-1",
	"cn-shenzhen-finance-1",
}

// zonesWithKMS are the zones for software instances, by region, where the list is published in full.
var zonesWithKMS = map[string]string{
	"cn-hangzhou":    "efghijk",
	"cn-shanghai":    "abcdefglmn",
	"cn-shenzhen":    "bcdef",
	"cn-heyuan":      "ab",
	"cn-guangzhou":   "ab",
	"cn-beijing":     "cdefghijkl",
	"cn-hongkong":    "bcd",
	"cn-qingdao":     "bc",
	"cn-zhangjiakou": "abc",
	"cn-huhehaote":   "ab",
	"cn-wulanchabu":  "abc",
	"cn-chengdu":     "ab",
	"ap-southeast-1": "abc",
	"ap-southeast-3": "ab",
	"me-central-1":   "ab",
}

// zoneInRegion says whether a zone id belongs to a region: "<region>-<letter>" in China, "<region><letter>" elsewhere.
// With strict it must also be one of the published zones, if those are known.
func zoneInRegion(zone, region string, strict bool) bool {
	rest, ok := strings.CutPrefix(zone, region)
	if !ok {
		return false
	}
	if strings.HasPrefix(region, "cn-") {
		if rest, ok = strings.CutPrefix(rest, "-"); !ok {
			return false
		}
	}
	if len(rest) != 1 || rest[0] < 'a' || rest[0] > 'z' {
		return false
	}
	if letters, known := zonesWithKMS[region]; strict && known {
		return strings.Contains(letters, rest)
	}
	return true
}
