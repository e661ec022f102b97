package input

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Must is the rule that a text fits what the words say. It never repeats the text: the caller knows whether it is a secret.
func Must(words string, fits func(text string) bool) func(text string) string {
	return func(text string) string {
		if fits(text) {
			return ""
		}
		return words
	}
}

// Matching is the rule that a text matches a pattern, which the words describe.
func Matching(pattern, words string) func(text string) string {
	return Must(words, regexp.MustCompile(pattern).MatchString)
}

// IsPlain tells texts in UTF-8 without control characters.
func IsPlain(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}
