package kmsinstance

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// byCode gives access to each size by its order code. It is the one list of sizes in Go's types.
func (s *Sizes) byCode() map[string]any {
	return map[string]any{
		"ProductVersion": &s.ProductVersion, "Spec": &s.Spec, "KeyNum": &s.KeyNum, "SecretNum": &s.SecretNum, "VpcNum": &s.VpcNum,
		"Log": &s.Log, "LogStorage": &s.LogStorage,
	}
}

// codes are the given sizes by order code; an explicit zero is a size.
func (s *Sizes) codes() map[string]string {
	codes := map[string]string{}
	for code, field := range s.byCode() {
		if size := reflect.ValueOf(field).Elem(); !size.IsNil() {
			codes[code] = fmt.Sprint(size.Elem())
		}
	}
	return codes
}

// set takes over sizes by order code. Others stay.
func (s *Sizes) set(codes map[string]string) {
	fields := s.byCode()
	for code, value := range codes {
		switch field := fields[code].(type) {
		case **int:
			if n, err := strconv.Atoi(value); err == nil {
				*field = &n
			}
		case **ProductVersion:
			*field = (*ProductVersion)(&value)
		case **LogSwitch:
			*field = (*LogSwitch)(&value)
		}
	}
}

// unreportedSizes are what an instance has of the sizes that it does not report, as far as that is known.
var unreportedSizes = map[string]string{"SecretNum": "0", "VpcNum": "0", "Log": string(LogOff), "LogStorage": "0"}

// sizeChanges are the wanted sizes that an instance does not have. A size of which nobody knows what it is stays as it is.
func sizeChanges(want, have map[string]string) map[string]string {
	changes := map[string]string{}
	for code, value := range want {
		if current, known := knownSize(have, code); known && current != value {
			changes[code] = value
		}
	}
	return changes
}

func knownSize(have map[string]string, code string) (string, bool) {
	value, known := have[code]
	if !known {
		value, known = unreportedSizes[code]
	}
	return value, known
}

// describe names sizes for a message; the value of a secret one is not shown.
func (o *operation) describe(codes map[string]string) string {
	var words []string
	for _, prop := range Properties {
		if value, ok := codes[prop.Code]; ok && prop.Code != "" {
			words = append(words, prop.Code+" "+o.hidden(prop.Name, value))
		}
	}
	return strings.Join(words, ", ")
}
