package guard

import (
	"strings"

	"github.com/texttheater/golang-levenshtein/levenshtein"
)

// Nearest returns the candidate that a mistyped name most likely stands for, or "" if none is near.
func Nearest(name string, candidates []string) string {
	best, distance := "", len(name)/3+2
	for _, candidate := range candidates {
		d := levenshtein.DistanceForStrings(
			[]rune(strings.ToLower(name)), []rune(strings.ToLower(candidate)), levenshtein.DefaultOptions)
		if d < distance {
			best, distance = candidate, d
		}
	}
	return best
}
