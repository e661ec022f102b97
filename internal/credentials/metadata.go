package credentials

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

// metadataTimeout is short because the address leads nowhere outside an ECS instance.
const metadataTimeout = time.Second

// ecsRole is the source of the credentials of the RAM role of the ECS instance that the plugin runs on. They come from the
// instance's metadata service, in its hardened mode (with a token) first.
type ecsRole struct {
	name         string // "" = ask which role the instance has
	address      string
	http         *http.Client
	hardenedOnly bool // ALIBABA_CLOUD_IMDSV1_DISABLED
}

func (b *builder) ecsRole(name string) source {
	return &ecsRole{
		name:         name,
		address:      strings.TrimRight(b.Machine.MetadataURL, "/"),
		http:         newHTTPClient(b.Machine.Transport, metadataTimeout, false),
		hardenedOnly: b.Machine.isTrue("ALIBABA_CLOUD_IMDSV1_DISABLED"),
	}
}

var (
	// errNoMetadata means that nothing answers at the address of the metadata service: this is no ECS instance.
	errNoMetadata = errors.New("the ECS metadata service does not answer, so this seems not to be an ECS instance")
	// errNoRole means that this is an ECS instance without a RAM role.
	errNoRole = errors.New("the ECS instance has no RAM role of that name")
	// roleName is the form of the names of roles.
	roleName = regexp.MustCompile(`^[a-zA-Z0-9._-]+$`)
)

func (e *ecsRole) obtain(ctx context.Context) (cloud.Session, error) {
	const path = "/latest/meta-data/ram/security-credentials/"
	header, err := e.header(ctx)
	if err != nil {
		return cloud.Session{}, err
	}
	name := e.name
	if name == "" {
		body, err := e.get(ctx, path, header)
		if err != nil {
			return cloud.Session{}, err
		}
		if name = strings.TrimSpace(string(body)); !roleName.MatchString(name) {
			return cloud.Session{}, errNoRole
		}
	}
	var s cloud.Session
	body, err := e.get(ctx, path+url.PathEscape(name), header)
	if err == nil {
		s, err = sessionFromJSON(body, "ecs_ram_role", true)
	}
	if err != nil {
		err = fmt.Errorf("cannot get the credentials of the ECS instance's RAM role %s: %w", name, err)
	}
	return s, err
}

// header has the token of the hardened mode; it is empty if the service has only the plain mode.
func (e *ecsRole) header(ctx context.Context) (map[string]string, error) {
	const prefix = "X-aliyun-ecs-metadata-token"
	status, body, err := e.ask(ctx, http.MethodPut, "/latest/api/token", map[string]string{prefix + "-ttl-seconds": "21600"})
	switch {
	case err != nil:
		return nil, err
	case status == http.StatusOK:
		return map[string]string{prefix: strings.TrimSpace(string(body))}, nil
	case e.hardenedOnly:
		return nil, fmt.Errorf("the ECS metadata service gave no token (HTTP %d), and ALIBABA_CLOUD_IMDSV1_DISABLED forbids to go without", status)
	}
	return nil, nil
}

func (e *ecsRole) get(ctx context.Context, path string, header map[string]string) ([]byte, error) {
	status, body, err := e.ask(ctx, http.MethodGet, path, header)
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

func (e *ecsRole) ask(ctx context.Context, method, path string, header map[string]string) (int, []byte, error) {
	limited, cancel := context.WithTimeout(ctx, metadataTimeout)
	defer cancel()
	status, body, err := fetch(limited, e.http, method, e.address+path, header)
	if err != nil && ctx.Err() == nil {
		err = errNoMetadata
	}
	return status, body, err
}
