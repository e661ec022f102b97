package credentials

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

// ecsRole is the source of the credentials of the RAM role of the ECS instance that the plugin runs on. They come from the
// instance's metadata service, in its hardened mode (with a token) first.
type ecsRole struct {
	name         string // "" = ask which role the instance has
	address      string
	http         *http.Client
	hardenedOnly bool // ALIBABA_CLOUD_IMDSV1_DISABLED
}

// roleName is the form of the names of roles.
var roleName = regexp.MustCompile(`^[a-zA-Z0-9._-]+$`)

func (b *builder) ecsRole(name string) source {
	return &ecsRole{
		name:         name,
		address:      b.Machine.MetadataURL,
		http:         newHTTPClient(b.Machine.Transport, metadataTimeout, false),
		hardenedOnly: b.Machine.isTrue("ALIBABA_CLOUD_IMDSV1_DISABLED"),
	}
}

// errNoMetadata means that nothing answers at the address of the metadata service: this is no ECS instance.
var errNoMetadata = errors.New("the ECS metadata service does not answer, so this seems not to be an ECS instance")

// errNoRole means that this is an ECS instance without a RAM role.
var errNoRole = errors.New("the ECS instance has no RAM role of that name")

func (e *ecsRole) obtain(ctx context.Context) (cloud.Session, error) {
	const path = "/latest/meta-data/ram/security-credentials/"
	token, err := e.token(ctx)
	if err != nil {
		return cloud.Session{}, err
	}
	name := e.name
	if name == "" {
		body, err := e.get(ctx, path, token)
		if err != nil {
			return cloud.Session{}, err
		}
		if name = strings.TrimSpace(string(body)); name == "" || !roleName.MatchString(name) {
			return cloud.Session{}, errNoRole
		}
	}
	body, err := e.get(ctx, path+url.PathEscape(name), token)
	if err != nil {
		return cloud.Session{}, fmt.Errorf("cannot get the credentials of the ECS instance's RAM role %s: %w", name, err)
	}
	s, err := sessionFromJSON(body, true)
	if err != nil {
		return cloud.Session{}, fmt.Errorf("cannot get the credentials of the ECS instance's RAM role %s: %w", name, err)
	}
	s.Provider = "ecs_ram_role"
	return s, nil
}

// token asks for the token of the hardened mode; "" if the service has only the plain mode.
func (e *ecsRole) token(ctx context.Context) (string, error) {
	request, err := e.request(ctx, http.MethodPut, "/latest/api/token")
	if err != nil {
		return "", err
	}
	request.Header.Set("X-aliyun-ecs-metadata-token-ttl-seconds", "21600")
	status, body, err := e.do(request)
	switch {
	case err != nil:
		return "", err
	case status == http.StatusOK:
		return strings.TrimSpace(string(body)), nil
	case e.hardenedOnly:
		return "", fmt.Errorf("the ECS metadata service gave no token (HTTP %d), and ALIBABA_CLOUD_IMDSV1_DISABLED forbids to go without", status)
	default:
		return "", nil
	}
}

func (e *ecsRole) get(ctx context.Context, path, token string) ([]byte, error) {
	request, err := e.request(ctx, http.MethodGet, path)
	if err != nil {
		return nil, err
	}
	if token != "" {
		request.Header.Set("X-aliyun-ecs-metadata-token", token)
	}
	status, body, err := e.do(request)
	switch {
	case err != nil:
		return nil, err
	case status == http.StatusNotFound:
		return nil, errNoRole
	case status != http.StatusOK:
		return nil, fmt.Errorf("the ECS metadata service answered HTTP %d", status)
	}
	return body, nil
}

func (e *ecsRole) request(ctx context.Context, method, path string) (*http.Request, error) {
	return http.NewRequestWithContext(ctx, method, strings.TrimRight(e.address, "/")+path, http.NoBody)
}

func (e *ecsRole) do(request *http.Request) (int, []byte, error) {
	ctx, cancel := context.WithTimeout(request.Context(), metadataTimeout)
	defer cancel()
	status, body, err := do(e.http, request.WithContext(ctx))
	if err != nil && request.Context().Err() == nil {
		err = errNoMetadata
	}
	return status, body, err
}
