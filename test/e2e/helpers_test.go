package e2e_test

import "strings"

// cutBoth returns what stands between a prefix and a suffix.
func cutBoth(s, prefix, suffix string) (string, bool) {
	s, ok1 := strings.CutPrefix(s, prefix)
	s, ok2 := strings.CutSuffix(s, suffix)
	return s, ok1 && ok2
}

func ptr[T any](v T) *T { return &v }
