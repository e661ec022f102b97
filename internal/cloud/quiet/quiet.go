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

func init() {
	if value, ok := os.LookupEnv("DEBUG"); ok {
		kept := slices.DeleteFunc(strings.Split(value, ","), func(part string) bool {
			return part == "credential" || part == "dara" || part == "tea" // the names under which the SDK and credentials-go print
		})
		_ = os.Setenv("DEBUG", strings.Join(kept, ",")) // it fails for malformed names only
	}
}
