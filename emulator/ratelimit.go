package emulator

import "time"

// ratesPerSecond are the documented limits of KMS, by action, for an account in a region.
var ratesPerSecond = map[string]int{
	"GetKmsInstance": 50, "ListKmsInstances": 50, "ListTagResources": 50, "GetKmsInstanceQuotaInfos": 50,
	"GetDefaultKmsInstance": 50, "DescribeRegions": 50,
	"TagResources": 30, "UntagResources": 30, "UpdateKmsInstance": 30, "UpdateKmsInstanceBindVpc": 30,
	"SetDeletionProtection": 30,
	"ConnectKmsInstance":    10, "ReleaseKmsInstance": 10,
	"OpenKmsService": 1, "DescribeAccountKmsStatus": 1,
}

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
	key := account + "\n" + region + "\n" + action
	w := l.windows[key]
	if w.second != now.Unix() {
		w = rateWindow{second: now.Unix()}
	}
	w.calls++
	l.windows[key] = w
	return w.calls <= limit
}
