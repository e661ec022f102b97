package input

import (
	"strings"

	"github.com/agext/levenshtein"
)

// letters counts the letters that must be taken out of two words until they are the same.
var letters = levenshtein.NewParams().SubCost(2)

// Nearest returns the candidate that a mistyped name, or one in Terraform's spelling, most likely stands for, or "".
func Nearest(name string, candidates []string) string {
	name = strings.ToLower(strings.ReplaceAll(name, "_", ""))
	best, limit := "", len(name)/3+2
	for _, candidate := range candidates {
		longer := max(len(name), len(candidate)) - min(len(name), len(candidate))
		if longer >= limit { // a name may have millions of letters
			continue
		}
		if d := levenshtein.Distance(name, strings.ToLower(candidate), letters); d < limit {
			best, limit = candidate, d
		}
	}
	return best
}
