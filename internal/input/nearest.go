package input

import "strings"

// Nearest returns the candidate that a mistyped name, or one in Terraform's spelling, most likely stands for, or "".
func Nearest(name string, candidates []string) string {
	name = strings.ToLower(strings.ReplaceAll(name, "_", ""))
	best, limit := "", len(name)/3+2
	for _, candidate := range candidates {
		if d := distance(name, strings.ToLower(candidate), limit); d < limit {
			best, limit = candidate, d
		}
	}
	return best
}

// distance is how many letters must be taken out of a and b until they are the same, or limit if it is not less.
func distance(a, b string, limit int) int {
	if max(len(a), len(b))-min(len(a), len(b)) >= limit {
		return limit
	}
	common := make([]int, len(b)+1) // the letters in common of a, as far as it is read, and each beginning of b
	for i := range len(a) {
		before := 0
		for j := range len(b) {
			above := common[j+1]
			if a[i] == b[j] {
				common[j+1] = before + 1
			} else {
				common[j+1] = max(above, common[j])
			}
			before = above
		}
	}
	return len(a) + len(b) - 2*common[len(b)]
}
