package recording

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	openapiutil "github.com/alibabacloud-go/darabonba-openapi/v2/utils"
	"github.com/alibabacloud-go/tea/dara"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
)

// The API versions of the services.
const (
	KMS = "2016-01-20"
	BSS = "2017-12-14"
	STS = "2015-04-01"
	VPC = "2016-04-28"
)

// The hosts of billing, one for each site.
const (
	DomesticBilling      = "business.aliyuncs.com"
	InternationalBilling = "business.ap-southeast-1.aliyuncs.com"
)

// Credential is an AccessKey pair, with the STS token of a temporary one.
type Credential struct{ ID, Secret, Token string }

// Default is the credential that an emulator accepts by default.
var Default = Credential{ID: emulator.DefaultAccessKeyID, Secret: emulator.DefaultAccessKeySecret}

// Client calls the APIs through Alibaba Cloud's generic client, independently of the provider.
type Client struct {
	Credential Credential
	Transport  http.RoundTripper
}

// Answer is what a service said, be it a result or a refusal.
type Answer struct {
	Status int
	Code   string // "" for a success of a service that gives none
	Body   map[string]any
}

// Accepted reports whether the call did what it should.
func (a Answer) Accepted() bool {
	success, said := a.Body["Success"].(bool)
	return a.Status < 300 && (!said || success)
}

// Refused is why the call did not do what it should; nil if it did.
func (a Answer) Refused() error {
	if a.Accepted() {
		return nil
	}
	return fmt.Errorf("%s: %v (HTTP %d)", a.Code, a.Body["Message"], a.Status)
}

// Call makes one call, without retries; its parameters are pairs of a name and a value. An error means that no answer came, or none in JSON.
func (c *Client) Call(ctx context.Context, host, version, action string, parameters ...string) (Answer, error) {
	config := &openapiutil.Config{
		AccessKeyId: &c.Credential.ID, AccessKeySecret: &c.Credential.Secret, Endpoint: &host, Protocol: dara.String("HTTPS"),
	}
	if c.Credential.Token != "" {
		config.SecurityToken, config.Type = &c.Credential.Token, dara.String("sts")
	}
	carried := &carrier{ctx: ctx, transport: c.Transport}
	config.HttpClient = carried
	client, err := openapi.NewClient(config)
	if err != nil {
		return Answer{}, err
	}
	request := &openapiutil.OpenApiRequest{Query: map[string]*string{}}
	for pair := range slices.Chunk(parameters, 2) {
		request.Query[pair[0]] = &pair[1]
	}
	_, err = client.CallApi(&openapiutil.Params{
		Action: &action, Version: &version, Protocol: dara.String("HTTPS"), Pathname: dara.String("/"), Method: dara.String("POST"),
		AuthType: dara.String("AK"), Style: dara.String("RPC"), ReqBodyType: dara.String("formData"), BodyType: dara.String("json"),
	}, request, &dara.RuntimeOptions{})
	if err != nil {
		return Answer{}, fmt.Errorf("%s on %s got no answer: %w", action, host, err)
	}
	answer := Answer{Status: carried.status}
	if answer.Body, err = Decode(carried.body); err != nil {
		return answer, fmt.Errorf("%s on %s: %w", action, host, err)
	}
	answer.Code, _ = answer.Body["Code"].(string)
	return answer, nil
}

// Decode reads a JSON object, and keeps its numbers as they are written.
func Decode(text []byte) (map[string]any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var body map[string]any
	if err := decoder.Decode(&body); err != nil {
		return nil, fmt.Errorf("the answer is no JSON object: %w", err)
	}
	return body, nil
}

// At walks down the fields of an answer; nil if there is nothing.
func At(v any, path ...string) any {
	for _, field := range path {
		object, _ := v.(map[string]any)
		v = object[field]
	}
	return v
}

// Text is At for a text, and for a number as it is written.
func Text(v any, path ...string) string {
	if v = At(v, path...); v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

// Objects is At for a list of objects.
func Objects(v any, path ...string) []map[string]any {
	list, _ := At(v, path...).([]any)
	var objects []map[string]any
	for _, element := range list {
		if object, ok := element.(map[string]any); ok {
			objects = append(objects, object)
		}
	}
	return objects
}

// carrier sends a signed request, and keeps the answer from the SDK, which would lose the status of an error.
type carrier struct {
	ctx       context.Context // of the call
	transport http.RoundTripper
	status    int
	body      []byte
}

// Call is called by the SDK.
func (c *carrier) Call(request *http.Request, _ *http.Transport) (*http.Response, error) {
	headers := http.Header{} // the SDK writes their names in small letters, which Go's own readers do not look for
	for name, values := range request.Header {
		headers[http.CanonicalHeaderKey(name)] = values
	}
	request.Header = headers
	response, err := c.transport.RoundTrip(request.WithContext(c.ctx))
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	c.status = response.StatusCode
	if c.body, err = io.ReadAll(response.Body); err != nil {
		return nil, err
	}
	return &http.Response{Status: "200 OK", StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}"))}, nil
}
