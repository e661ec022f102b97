package recording

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// secrets are the texts that a recording must not show, each with what stands in its place throughout.
type secrets struct {
	mu     sync.Mutex
	places map[string]string
	counts map[string]int
	sorted []string // the longest first; nil after a change
}

func newSecrets(c Credential) *secrets {
	s := &secrets{places: map[string]string{}, counts: map[string]int{}}
	s.add("key", c.ID)
	s.add("secret", c.Secret)
	s.add("token", c.Token)
	return s
}

// What the fields of requests and answers hold, told by their names.
var (
	tokenField       = regexp.MustCompile(`^(ClientToken|SecurityToken|OIDCToken|AccessKey.*|EncodedDiagnosticMessage)$`)
	accountField     = regexp.MustCompile(`(?i)(account|owner|user|principal|seller|buyer|payer)[a-z]*id$|^Operator$|^SellerId$|^Seller$`)
	nameField        = regexp.MustCompile(`[a-z]Name$|Description$|^TagValue$|^Values?$|^Tag\.\d+\.Value$`)
	certificateField = regexp.MustCompile(`Certificate|Pem$`)
	certificate      = regexp.MustCompile(`-----BEGIN [A-Z ]+-----[^-]*-----END [A-Z ]+-----`)
	accountInARN     = regexp.MustCompile(`acs:[a-z]+:[^:]*:(\d+):`)
	personInARN      = regexp.MustCompile(`acs:ram::\d*:[a-z-]+/([^"\s]+)`)
	number           = regexp.MustCompile(`^\d+$`)
	// An instance without a name has its id in the place of it. Ids are no secrets: they are of no use to others.
	resourceID = regexp.MustCompile(`^(kst|vpc|vsw)-[a-z0-9]+$`)
)

// add gives a secret its replacement: for a number one of as many digits. The caller holds the lock, or the only reference.
func (s *secrets) add(kind, secret string) {
	if _, known := s.places[secret]; known || len(secret) < 2 || resourceID.MatchString(secret) {
		return
	}
	s.counts[kind]++
	place := fmt.Sprintf("%s-%d", kind, s.counts[kind])
	if number.MatchString(secret) {
		place = fmt.Sprintf("1%0*d", len(secret)-1, s.counts[kind])
	}
	s.places[secret], s.sorted = place, nil
}

// collect learns the secrets of a call.
func (s *secrets) collect(c Call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	learn := func(field, text string) string {
		s.learn(field, text)
		return text
	}
	for _, name := range slices.Sorted(maps.Keys(c.Parameters)) {
		walk(name, c.Parameters[name], learn)
	}
	walk("", c.Answer.Body, learn)
}

func (s *secrets) learn(field, text string) {
	switch {
	case tokenField.MatchString(field):
		s.add("token", text)
	case accountField.MatchString(field):
		s.add("account", text)
	case certificateField.MatchString(field):
		s.add("certificate", text)
	case nameField.MatchString(field):
		s.add("name", text)
	}
	for _, pem := range certificate.FindAllString(text, -1) {
		s.add("certificate", pem)
	}
	for kind, pattern := range map[string]*regexp.Regexp{"account": accountInARN, "name": personInARN} {
		for _, found := range pattern.FindAllStringSubmatch(text, -1) {
			s.add(kind, found[1])
		}
	}
}

// walk returns a value with all its texts and numbers put through leaf, together with the names of their fields.
func walk(field string, v any, leaf func(field, text string) string) any {
	switch v := v.(type) {
	case map[string]any:
		object := map[string]any{}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			object[name] = walk(name, v[name], leaf)
		}
		return object
	case []any:
		list := make([]any, len(v))
		for n, element := range v {
			list[n] = walk(field, element, leaf)
		}
		return list
	case json.Number:
		return json.Number(leaf(field, v.String()))
	case string:
		if inner, ok := nested(v); ok {
			return encoded(walk(field, inner, leaf))
		}
		return leaf(field, v)
	}
	return v
}

// nested reads a parameter that is JSON itself, such as BindVpcs.
func nested(text string) (v any, ok bool) {
	if !strings.HasPrefix(text, "[") && !strings.HasPrefix(text, "{") {
		return nil, false
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	return v, decoder.Decode(&v) == nil
}

// replaced is a text without secrets. What is too short to be told from other words is replaced in the fields of names only.
func (s *secrets) replaced(field, text string) string {
	if place, known := s.places[text]; known && (nameField.MatchString(field) || tokenField.MatchString(field)) {
		return place
	}
	return s.text(text)
}

// short is the length of a name that may stand in a sentence by chance.
const short = 6

// text replaces the secrets that a text contains.
func (s *secrets) text(text string) string {
	if s.sorted == nil {
		s.sorted = slices.SortedFunc(maps.Keys(s.places), func(a, b string) int {
			return cmp.Or(len(b)-len(a), strings.Compare(a, b))
		})
	}
	for _, secret := range s.sorted {
		if len(secret) >= short {
			text = strings.ReplaceAll(text, secret, s.places[secret])
		}
	}
	return text
}

// body is an answer without secrets.
func (s *secrets) body(text string) string {
	if body, err := Decode([]byte(text)); err == nil {
		return encoded(walk("", body, s.replaced))
	}
	return s.text(text)
}

// in reports whether a text still has a secret in it. A name may be a usual word, and does not count.
func (s *secrets) in(text string) bool {
	for secret, place := range s.places {
		if len(secret) >= short && secret != place && !strings.HasPrefix(place, "name-") && strings.Contains(text, secret) {
			return true
		}
	}
	return false
}

func encoded(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // it was decoded from JSON
	return strings.TrimSpace(b.String())
}
