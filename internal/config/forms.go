package config

import (
	"encoding/json"
	"errors"
	"io"
	"math"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/sig"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"google.golang.org/protobuf/types/known/structpb"
)

// fromText returns the value that a text stands for. A stack's configuration gives every value as text. SDKs send JSON text of
// all that is no plain string, and those of C# and Java leave Pulumi's markers for secret and unknown values in it. A text that
// is no JSON stays as it is; it is marked secret if there is such a marker in it.
func fromText(key *Key, v property.Value) property.Value {
	text := strings.TrimSpace(v.AsString())
	isText := key.Fields == nil && key.Type != TypeInteger && key.Type != TypeBoolean
	marked := strings.Contains(text, sig.Key)
	if isText && !marked && !strings.HasPrefix(text, `"`) {
		return v // such as a RAM policy, which is JSON text itself
	}
	decoded, err := decodeJSON(text)
	switch {
	case err != nil:
		return v.WithSecret(v.Secret() || marked)
	case decoded.IsString() && decoded.AsString() != text:
		decoded = fromText(key, decoded)
	case isText && !decoded.IsComputed():
		return v.WithSecret(v.Secret() || marked)
	}
	return decoded.WithSecret(decoded.Secret() || v.Secret())
}

// decodeJSON reads JSON text with Pulumi's markers in it. The id of a resource stands for the resource. Whole numbers too great
// for a float keep their digits as a string.
func decodeJSON(text string) (property.Value, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var parsed any
	if err := d.Decode(&parsed); err != nil {
		return property.Value{}, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return property.Value{}, errors.New("more than one JSON value")
	}
	packed, err := structpb.NewValue(withDigits(parsed))
	if err != nil {
		return property.Value{}, err
	}
	v, err := plugin.UnmarshalPropertyValue("", packed, plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true, RejectAssets: true})
	if err != nil {
		return property.Value{}, err
	}
	return resource.FromResourcePropertyValue(*v), nil
}

func withDigits(parsed any) any {
	switch parsed := parsed.(type) {
	case json.Number:
		if n, err := parsed.Float64(); err == nil && (math.Abs(n) <= 1<<53 || n != math.Trunc(n)) {
			return n
		}
		return parsed.String()
	case []any:
		for i := range parsed {
			parsed[i] = withDigits(parsed[i])
		}
	case map[string]any:
		for name := range parsed {
			parsed[name] = withDigits(parsed[name])
		}
	}
	return parsed
}
