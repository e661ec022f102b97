// Package quiet keeps the SDK of Alibaba Cloud from printing requests, access keys and tokens to standard output when
// the environment variable DEBUG names one of its parts, as it may for other programs' sake.
//
// The SDK reads the variable while its packages are initialized. This package has to come first, and does: Go
// initializes packages that are ready in the order of their paths, this one needs only os and strings, and those of
// the SDK wait for net/http, whose path comes later than this one's.
package quiet

import (
	"os"
	"slices"
	"strings"
)

// parts are the names under which packages of the SDK and of credentials-go print.
var parts = []string{"credential", "dara", "tea"}

func init() {
	value, ok := os.LookupEnv("DEBUG")
	if !ok {
		return
	}
	kept := slices.DeleteFunc(strings.Split(value, ","), func(part string) bool { return slices.Contains(parts, part) })
	if cleaned := strings.Join(kept, ","); cleaned != value {
		_ = os.Setenv("DEBUG", cleaned) // it fails for malformed names only
	}
}
