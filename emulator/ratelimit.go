package emulator

import (
	"cmp"
	"time"
)

// ratesPerSecond are the documented limits of KMS, by action, for an account in a region.
var ratesPerSecond = map[string]int{
	"GetKmsInstance": 50, "ListKmsInstances": 50, "ListTagResources": 50, "GetKmsInstanceQuotaInfos": 50,
	"GetDefaultKmsInstance": 50, "DescribeRegions": 50,
	"UpdateKmsInstance": 50, "SetDeletionProtection": 50, "ReleaseKmsInstance": 50,
	"TagResources": 30, "UntagResources": 30,
	"ConnectKmsInstance": 10, "UpdateKmsInstanceBindVpc": 10,
	"OpenKmsService": 1, "DescribeAccountKmsStatus": 1,
}

// sharedRates are the actions that count together with another one.
var sharedRates = map[string]string{"UpdateKmsInstanceBindVpc": "ConnectKmsInstance"}

// rateLimiter counts calls in windows of one second. It is guarded by Server.mu.
type rateLimiter struct {
	windows map[string]rateWindow
}

type rateWindow struct {
	second int64
	calls  int
}

func newRateLimiter() *rateLimiter { return &rateLimiter{windows: map[string]rateWindow{}} }

// allows counts a call and says whether it is within the rate.
func (l *rateLimiter) allows(action, account, region string, now time.Time) bool {
	limit, limited := ratesPerSecond[action]
	if !limited {
		return true
	}
	key := account + "\n" + region + "\n" + cmp.Or(sharedRates[action], action)
	w := l.windows[key]
	if w.second != now.Unix() {
		w = rateWindow{second: now.Unix()}
	}
	w.calls++
	l.windows[key] = w
	return w.calls <= limit
}
