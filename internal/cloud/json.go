package cloud

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// The API sends some numbers as strings and some strings as numbers, and not the same ones in every version. The types
// of this file take either.

// text is a string that may come as a number or a boolean.
type text string

func (t *text) UnmarshalJSON(data []byte) error {
	data = bytes.TrimSpace(data)
	switch {
	case len(data) == 0 || bytes.Equal(data, []byte("null")):
		return nil
	case data[0] == '"':
		return json.Unmarshal(data, (*string)(t))
	case data[0] == '{' || data[0] == '[':
		return errors.New("a string is expected")
	}
	*t = text(data)
	return nil
}

// integer is a number that may come as a string. Empty strings and null count as absent.
type integer struct{ value *int }

func (i *integer) UnmarshalJSON(data []byte) error {
	var t text
	if err := t.UnmarshalJSON(data); err != nil {
		return err
	}
	s := strings.TrimSpace(string(t))
	if s == "" {
		return nil
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		f, ferr := strconv.ParseFloat(s, 64)
		if ferr != nil || f != float64(int(f)) {
			return fmt.Errorf("%q is no whole number", s)
		}
		n = int(f)
	}
	i.value = &n
	return nil
}

// boolean may come as a string or as 0 and 1. An empty string counts as false.
type boolean bool

func (b *boolean) UnmarshalJSON(data []byte) error {
	var t text
	if err := t.UnmarshalJSON(data); err != nil {
		return err
	}
	if t == "" {
		return nil
	}
	value, err := strconv.ParseBool(strings.ToLower(string(t)))
	if err != nil {
		return fmt.Errorf("%q is no boolean", string(t))
	}
	*b = boolean(value)
	return nil
}

// texts is a list of strings that may come as one string: `a,b` or `"a",  "b"`.
type texts []string

func (l *texts) UnmarshalJSON(data []byte) error {
	data = bytes.TrimSpace(data)
	if len(data) > 0 && data[0] == '[' {
		var list []text
		if err := json.Unmarshal(data, &list); err != nil {
			return err
		}
		for _, t := range list {
			*l = append(*l, string(t))
		}
		return nil
	}
	var t text
	if err := t.UnmarshalJSON(data); err != nil {
		return err
	}
	for part := range strings.SplitSeq(strings.Trim(string(t), "[] "), ",") {
		if part = strings.Trim(part, `" `); part != "" {
			*l = append(*l, part)
		}
	}
	return nil
}

// isObject tells a JSON object from other JSON values, null among them, which decode into a struct without an error.
func isObject(body []byte) bool {
	body = bytes.TrimSpace(body)
	return len(body) > 0 && body[0] == '{'
}

// missing is the error of an answer without a field that must be there.
func missing(field string) error { return fmt.Errorf("%s is missing", field) }
